#!/usr/bin/env python3
"""Generate FINS: no program at hand answers as a controller of Omron does."""

import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import plan  # noqa: E402
from wire import Wire, ip4, mac  # noqa: E402

CASES = {
    "identity.pcap": ("A client asks three controllers what they are, over UDP and over TCP: model, version, mode and errors, units of the rack, the Ethernet "
                      "unit, a controller in another network behind the second, a name.", "", ["fins"]),
    "changes.pcap": ("What an engineering station does to a controller: memory is written, bits are forced, the program is read, cleared and written, protection "
                     "and names are changed, files are moved, the CPU unit is stopped, reset and started; some of it is refused.", "", ["fins"]),
}

PORT = 9_600


class Talk:
    """A client's conversation with one address; `answer` may be refused by an end code."""

    def __init__(self, ask, answer, tcp, client=99, node=1):
        self.ask_with, self.answer_with, self.tcp, self.client, self.node, self.number = ask, answer, tcp, client, node, 0

    def framed(self, body, command=2):
        return b"FINS" + struct.pack(">III", 8 + len(body), command, 0) + body if self.tcp else body

    def meet(self):
        self.ask_with(self.framed(bytes(4), 0))
        self.answer_with(self.framed(struct.pack(">II", self.client, self.node), 1))

    def exchange(self, code, data=b"", answer=b"", end=0, network=0, node=None, unit=0):
        self.number = (self.number + 1) & 0xFF
        there, here = bytes((network, self.node if node is None else node, unit)), bytes((0, self.client, 0))
        self.ask_with(self.framed(b"\x80\x00\x02" + there + here + bytes((self.number,)) + struct.pack(">H", code) + data))
        self.answer_with(self.framed(b"\xc0\x00\x02" + here + there + bytes((self.number,)) + struct.pack(">HH", code, end) + answer))


def udp(wire, client, server, **words):
    def send(source, target):
        def one(data):
            wire.udp(source, target, PORT, PORT, data)
            wire.wait(0.01)
        return one
    return Talk(send(client, server), send(server, client), False, **words)


def text(value, fill=b" "):
    return value.encode().ljust(20, fill)


def controller(model, version, system=b""):
    area = struct.pack(">HBHBBHBB", 60, 23, 32768, 8, 4, 0, 0, 0).ljust(12, b"\0")[:12]
    return text(model) + text(version, b"\0") + system.ljust(40, b"\0") + area


def status(run, mode, fatal=0, warning=0, code=0, message=""):
    return struct.pack(">BBHHHH", run, mode, fatal, warning, 0, code) + message.encode().ljust(16)


def identity(wire):
    client, small, large, old = (plan.device(f"fn-{name}") for name in ("client", "cp1l", "cj2m", "cs1g"))
    with wire.tcp(client, small, PORT) as conversation:
        talk = Talk(conversation.ask, conversation.answer, True, node=20)
        talk.meet()
        talk.exchange(0x0501, b"\0", controller("CP1L-EM40DR-D", "01.10", b"01.06"))
        talk.exchange(0x0601, b"", status(1, 2))
        talk.exchange(0x0620, b"\1", struct.pack(">III", 12, 31, 9))
        talk.exchange(0x0501, b"\1", bytes(67), node=20)
    wire.wait(2)
    talk = udp(wire, client, large, node=21)
    talk.exchange(0x0501, b"\0", controller("CJ2M-CPU31     02.01", "02.01"))
    talk.exchange(0x0502, b"\0\x04", b"\x03" + b"".join(bytes((unit,)) + text(name) for unit, name in
                                                     ((0x10, "CJ1W-ETN21"), (0x11, "CJ1W-SCU41-V1"), (0x21, "CJ1W-MAD42"))))
    talk.exchange(0x0501, b"\0", text("CJ1W-ETN21") + text("V1.50") + ip4(large.ip) + ip4("255.255.255.0") + struct.pack(">HH", PORT, 0) + mac(large.mac), unit=0x10)
    talk.exchange(0x0601, b"", status(0, 0, 0x4000, 0x0010, 0x80F1, "HOIST OVERLOAD"))
    talk.exchange(0x2603, b"", b"PRESS_L2")
    talk.exchange(0x0501, b"\0", controller("CS1G-CPU44H", "V3.00"), network=2, node=5)
    wire.wait(2)
    talk = udp(wire, client, old, node=22)
    talk.exchange(0x0501, b"\0", controller("CS1H-CPU65H     04.0", "04.0") + bytes(67))
    talk.exchange(0x0601, b"", status(1, 4))
    for _ in range(3):
        talk.exchange(0x0101, bytes.fromhex("820064000004"), bytes(8))
    talk.exchange(0x0104, bytes.fromhex("820064008200c800"), bytes(6))


def changes(wire):
    client, target = plan.device("fn-client"), plan.device("fn-target")
    with wire.tcp(client, target, PORT) as conversation:
        talk = Talk(conversation.ask, conversation.answer, True, node=23)
        talk.meet()
        talk.exchange(0x0C01, b"\xff\xff")
        talk.exchange(0x0102, bytes.fromhex("8200640000010001"))
        talk.exchange(0x0301, b"", b"", 0x0401)
        talk.exchange(0x2301, bytes.fromhex("0001000130006400"))
        talk.exchange(0x0402, b"\xff\xff")
        talk.exchange(0x0306, struct.pack(">HIH", 0xFFFF, 0, 16), struct.pack(">HIH", 0xFFFF, 0, 16) + bytes(16))
        talk.exchange(0x0305, struct.pack(">HIIB", 0xFFFF, 0, 0xFFFFFFFF, 0) + b"A1B2C3D4")
        talk.exchange(0x0308, b"\xff\xff\x00")
        talk.exchange(0x0307, struct.pack(">HIH", 0xFFFF, 0, 16) + bytes(16), struct.pack(">HIH", 0xFFFF, 0, 16))
        talk.exchange(0x0202, bytes.fromhex("801000000001") + bytes(2))
        talk.exchange(0x2601, b"PRESS_L3")
        talk.exchange(0x0702, bytes.fromhex("260302143000"))
        talk.exchange(0x220C, bytes.fromhex("0001ffff00000000000000008000") + b"PROGRAM .OBJ")
        talk.exchange(0x0401, bytes.fromhex("ffff04"), end=0x2203)
        talk.exchange(0x0403, b"")
        talk.exchange(0x0401, bytes.fromhex("ffff04"), end=0x0040)
        talk.exchange(0x0402, b"\xff\xff", network=2, node=5, end=0x3001)


def main():
    wire = Wire("2026-03-02T10:00:00")
    identity(wire)
    wire.save("fins/identity.pcap")
    wire = Wire("2026-03-02T10:30:00")
    changes(wire)
    wire.save("fins/changes.pcap")


if __name__ == "__main__":
    main()
