#!/usr/bin/env python3
"""Generate codesys/: controllers that answer to a search and are stopped, loaded and started; no runtime is at hand.

The messages follow public tools (the nmap library codesys3, Microsoft's ics-forensics-tools, a dissector in Lua, Redpoint); names and numbers are of the plan.
"""

import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import plan  # noqa: E402
from wire import Wire  # noqa: E402

CASES = {
    "controllers.pcap": (
        "Three controllers answer to a search: WAGO, Schneider Electric, Festo. An engineering station asks the first what it is, logs in, reads, writes, stops "
        "it, loads a program, makes it the boot project and starts it; to the second it speaks in secured messages.", "", ["codesys"]),
    "version-2.pcap": ("A controller with CODESYS V2 answers the question that tools ask first.", "", ["codesys"]),
}

BROADCAST = ("10.74.255.255", "ff:ff:ff:ff:ff:ff")
PLC = 4096


def routed(service, sender, receiver, data):
    def words(address):
        return b"".join(struct.pack(">H", word) for word in address)

    head = struct.pack(">BBBBBB", 0xC5, 0x0D << 3 | 4, 0x40, service, 0, len(receiver) | len(sender) << 4) + b"\0\1" + words(receiver) + words(sender)
    return head.ljust(-(-len(head) // 4) * 4, b"\0") + data


def wide(text):
    return text.encode("utf-16-le") + b"\0\0"


def identification(request, node, device, vendor, target, version, serial=""):
    a, b, c, d = (int(part) for part in version.split("."))
    data = struct.pack("<HHIHBBHHHH", 0xC280, 0x0400, request, 4, 1, 0, 2, len(node), len(device), len(vendor))
    data += struct.pack("<IIBBBBI", PLC, target, d, c, b, a, 0x40) + struct.pack("<BBB9x", len(serial), 0, 6)
    return data + b"\x00\x07" + wide(node) + wide(device) + wide(vendor) + serial.encode() + b"\0"


def service(group, number, data=b"", tag=0xCD55, session=0x11223344):
    body = struct.pack("<HHHHIIHH", tag, 16, group, number, session, len(data), 0, 0) + data
    return body


class Channel:
    def __init__(self, talk, own, target):
        self.talk, self.own, self.target, self.block = talk, own, target, 0

    def send(self, side, body):
        self.block += 1
        flags = 0x81 if side == "client" else 0x01
        ends = (self.own, self.target) if side == "client" else (self.target, self.own)
        block = struct.pack("<BBHIIII", 1, flags, 1, self.block, self.block - 1, len(body), 0) + body
        message = routed(0x40, *ends, block)
        self.talk.send(side, struct.pack("<II", 0xE8170100, 8 + len(message)) + message)

    def ask(self, group, number, data=b""):
        self.send("client", service(group, number, data))
        self.talk.wire.now += 2300
        self.send("server", service(group | 0x80, number, b"\x01\x02\0\0"))


def controllers():
    wire = Wire("2026-03-02T13:00:00")
    station, wago, m241, cpx = (plan.device(f"cd-{name}") for name in ("station", "wago", "m241", "cpx"))
    search = struct.pack("<HHI", 0xC202, 0x0400, 0x04206969)
    wire.udp(station, None, 1743, 1740, routed(3, (0x000A,), (), search), *BROADCAST)
    answers = [
        (wago, ("PFC200-7", "WAGO 750-8212 PFC200 G2 2ETH RS", "WAGO", 0x1006120D, "5.14.0.0", "")),
        (m241, ("PALLETISER-2", "TM241CE40R", "Schneider Electric", 0x101A0711, "5.1.9.34", "8A1930421170")),
        (cpx, ("CPX-E-4", "CPX-E-CEC-C1-PN", "Festo SE & Co. KG", 0x10050043, "3.5.12.30", "")),
    ]
    for number, (device, who) in enumerate(answers):
        wire.udp(device, station, 1740, 1743, routed(4, (0x14 + number,), (0x000A,), identification(0x04206969, *who)))
    wire.wait(3)
    with wire.tcp(station, wago, 11740) as talk:
        channel = Channel(talk, (0x000A,), (0x0014,))
        channel.ask(1, 0x01)
        channel.ask(1, 0x02, b"\x22\x08operator\x23\x10" + bytes(range(16)))
        channel.ask(2, 0x14)
        channel.ask(0x1B, 0x01, bytes(12))
        channel.ask(0x1B, 0x02, bytes(12))
        wire.wait(5)
        channel.ask(2, 0x11, b"\x11\x04\1\0\0\0")
        channel.ask(2, 0x05, bytes(300))
        channel.ask(2, 0x23)
        channel.ask(2, 0x10)
    with wire.tcp(station, m241, 11740) as talk:
        channel = Channel(talk, (0x000A,), (0x0015,))
        channel.send("client", service(0, 0, bytes(range(64)), tag=0x5775))
        channel.send("server", service(0, 0, bytes(range(64)), tag=0x5775))
    wire.save("codesys/controllers.pcap")


def version_2():
    wire = Wire("2026-03-02T13:30:00")
    station, old = plan.device("cd-station"), plan.device("cd-old")
    answer = b"\xbb\xbb\x9a\0\0\0\x01" + bytes(57) + b"".join(text.ljust(32, b"\0") for text in (b"Nucleus PLUS", b"Nucleus PLUS version unknown", b"WAGO 758-870"))
    with wire.tcp(station, old, 2455) as talk:
        talk.ask(b"\xbb\xbb\x01\0\0\0\x01")
        talk.answer(answer)
    wire.save("codesys/version-2.pcap")


if __name__ == "__main__":
    controllers()
    version_2()
