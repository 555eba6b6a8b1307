#!/usr/bin/env python3
"""Generate HART-IP: no program at hand answers as gateways and transmitters do."""

import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import plan  # noqa: E402
from wire import Wire  # noqa: E402

CASES = {
    "gateway.pcap": ("A host opens a session with a multiplexer over UDP, asks who it is, and for the devices behind it: identity, tags, messages, status; polls one "
                     "of them; a transmitter of its own on the network, over TCP.", "", ["hart_ip"]),
    "changes.pcap": ("What a host does to a positioner behind a gateway: tags are written, the range is changed, the current is fixed, it is locked and reset; one "
                     "change is refused.", "", ["hart_ip"]),
}

PORT = 5_094


def packed(text):
    bits = 0
    for letter in text:
        bits = bits << 6 | ord(letter) & 0x3F
    return bits.to_bytes(len(text) * 6 // 8, "big")


def identity(maker, kind, number, device=2, software=3, hardware=1, changes=17, profile=1, universal=7):
    head = struct.pack(">BHBBBBBB", 254, kind, 5, universal, device, software, hardware << 3 | 1, 1) + number.to_bytes(3, "big")
    return head if universal < 7 else head + struct.pack(">BBHBHHB", 5, 4, changes, 0, maker, maker, profile)


class Host:
    def __init__(self, ask, answer):
        self.ask_with, self.answer_with, self.number = ask, answer, 1

    def message(self, kind, what, body):
        return struct.pack(">BBBBHH", 1, kind, what, 0, self.number, 8 + len(body)) + body

    def exchange(self, what, body, answer):
        self.number += 1
        self.ask_with(self.message(0, what, body))
        self.answer_with(self.message(1, what, answer))

    def open(self, timer=30_000):
        self.exchange(0, struct.pack(">BI", 1, timer), struct.pack(">BI", 1, timer))

    def command(self, address, number, data=b"", answer=b"", code=0, status=0):
        def pdu(kind, flags, body):
            delimiter = kind | (0x80 if len(address) == 5 else 0)
            frame = bytes((delimiter, address[0] | flags)) + address[1:] + bytes((number, len(body))) + body
            total = 0
            for byte in frame:
                total ^= byte
            return frame + bytes((total,))
        self.exchange(3, pdu(2, 0x80, data), pdu(6, 0x80, bytes((code, status)) + answer))


def unique(kind, number):
    return struct.pack(">H", kind & 0x3FFF) + number.to_bytes(3, "big")


def udp(wire, client, server):
    def send(source, target, ports):
        def one(data):
            wire.udp(source, target, *ports, data)
            wire.wait(0.02)
        return one
    return Host(send(client, server, (50_100, PORT)), send(server, client, (PORT, 50_100)))


def gateway(wire):
    client, box, alone = (plan.device(f"ha-{name}") for name in ("host", "gateway", "flow"))
    host = udp(wire, client, box)
    host.open()
    itself = unique(0x264E, 0xD2)
    host.command(b"\0", 0, answer=identity(38, 0x264E, 0xD2, device=4, software=1, profile=132))
    host.command(itself, 20, answer=b"HIM unit 4".ljust(32, b"\0"))
    host.command(itself, 74, answer=bytes((4, 8, 1, 0, 3, 5, 0, 0)))
    behind = [(38, 0x2606, 0x0A0B0C, "PT-4711", "FEED PRESSURE", 1, 0), (17, 0x118A, 0x010203, "LT-203", "SUMP LEVEL", 1, 1), (55, 0x3751, 0x090807, "TT-17", "KILN", 2, 5)]
    for index, (maker, kind, number, tag, words, card, channel) in enumerate(behind, 1):
        host.command(itself, 84, struct.pack(">H", index), struct.pack(">HBBHH", index, card, channel, maker, kind) + number.to_bytes(3, "big") + b"\x07" +
                     tag.encode().ljust(32, b"\0"))
        address = unique(kind, number)
        host.command(address, 0, answer=identity(maker, kind, number, universal=5 if maker == 38 else 7), status=0x20 if index == 3 else 0)
        host.command(address, 13, answer=packed(tag.ljust(8)) + packed(words.ljust(16)) + bytes((2, 3, 126)))
        host.command(address, 12, answer=packed("CALIBRATED 2025".ljust(32)))
        host.command(address, 16, answer=(4711 + index).to_bytes(3, "big"))
        host.command(address, 48, answer=bytes(9), status=0x40)
    for _ in range(3):
        host.command(unique(*behind[0][1:3]), 3, answer=bytes(24))
        wire.wait(2)
    host.exchange(2, b"", b"")
    host.exchange(1, b"", b"")
    wire.wait(5)
    with wire.tcp(client, alone, PORT) as conversation:
        host = Host(conversation.ask, conversation.answer)
        host.open()
        host.command(b"\0", 0, answer=identity(69, 0x45D5, 0x00C0DE, device=1, software=12))
        host.command(unique(0x45D5, 0xC0DE), 20, answer="FT-9 Zulauf Süd".encode("latin-1").ljust(32, b"\0"))
        host.command(unique(0x45D5, 0xC0DE), 21, b"FT-9".ljust(32, b"\0"), identity(69, 0x45D5, 0x00C0DE, device=1, software=12))


def changes(wire):
    client, box = plan.device("ha-host"), plan.device("ha-target")
    host = udp(wire, client, box)
    host.open()
    address = unique(0x13F5, 0x202122)
    host.command(address, 71, b"\1", b"\1")
    host.command(address, 18, packed("PV-12   ") + packed("STEAM VALVE     ") + bytes((2, 3, 126)), packed("PV-12   ") + packed("STEAM VALVE     ") + bytes((2, 3, 126)))
    host.command(address, 35, b"\x39" + struct.pack(">ff", 100, 0), b"\x39" + struct.pack(">ff", 100, 0), status=0x40)
    host.command(address, 40, struct.pack(">f", 4), struct.pack(">f", 4))
    host.command(address, 42)
    host.command(address, 43, code=9)
    host.command(address, 0, answer=identity(19, 0x13F5, 0x202122, device=3, software=7), status=0xA0)


def main():
    wire = Wire("2026-03-02T11:00:00")
    gateway(wire)
    wire.save("hart_ip/gateway.pcap")
    wire = Wire("2026-03-02T11:30:00")
    changes(wire)
    wire.save("hart_ip/changes.pcap")


if __name__ == "__main__":
    main()
