#!/usr/bin/env python3
"""Write kerberos/windows-client.pcap: requests in the words of Windows, which gives its NetBIOS name as an address."""

import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

from plan import device  # noqa: E402
from wire import Wire  # noqa: E402

CASES = {
    "windows-client.pcap": ("A computer asks for a ticket with its account and its NetBIOS name, is told to authenticate itself, and asks again over TCP.", "", ["kerberos"]),
}


def tlv(tag, *parts):
    body = b"".join(parts)
    length = bytes([len(body)]) if len(body) < 128 else b"\x82" + struct.pack(">H", len(body))
    return bytes([tag]) + length + body


def integer(number):
    return tlv(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big", signed=True))


def text(words):
    return tlv(0x1B, words.encode())


def name(kind, *parts):
    return tlv(0x30, tlv(0xA0, integer(kind)), tlv(0xA1, tlv(0x30, *(text(part) for part in parts))))


def request(client):
    netbios = tlv(0x30, tlv(0xA0, integer(20)), tlv(0xA1, tlv(0x04, client.rstrip("$").ljust(15).encode() + b" ")))
    body = tlv(0x30, tlv(0xA0, tlv(0x03, bytes([0, 0x40, 0x81, 0, 0x10]))), tlv(0xA1, name(1, client)), tlv(0xA2, text("LINE9.EXAMPLE")),
               tlv(0xA3, name(2, "krbtgt", "LINE9.EXAMPLE")), tlv(0xA5, tlv(0x18, b"20370913024805Z")), tlv(0xA7, integer(4711)),
               tlv(0xA8, tlv(0x30, *(integer(kind) for kind in (18, 17, 23, 24, -135)))), tlv(0xA9, tlv(0x30, netbios)))
    return tlv(0x6A, tlv(0x30, tlv(0xA1, integer(5)), tlv(0xA2, integer(10)), tlv(0xA4, body)))


def error(client):
    return tlv(0x7E, tlv(0x30, tlv(0xA0, integer(5)), tlv(0xA1, integer(30)), tlv(0xA4, tlv(0x18, b"20260302060000Z")), tlv(0xA5, integer(471_100)), tlv(0xA6, integer(25)),
                         tlv(0xA7, text("LINE9.EXAMPLE")), tlv(0xA8, name(1, client)), tlv(0xA9, text("LINE9.EXAMPLE")), tlv(0xAA, name(2, "krbtgt", "LINE9.EXAMPLE"))))


def main():
    wire = Wire("2026-03-02T06:00:00")
    client, centre = device("kb-windows"), device("kb-dc")
    wire.udp(client, centre, 49_900, 88, request("PANEL9$"))
    wire.udp(centre, client, 88, 49_900, error("PANEL9$"))
    wire.wait(0.1)
    with wire.tcp(client, centre, 88) as conversation:
        for message, side in ((request("PANEL9$"), conversation.ask), (error("PANEL9$"), conversation.answer)):
            side(struct.pack(">I", len(message)) + message)
    wire.save("kerberos/windows-client.pcap")


if __name__ == "__main__":
    main()
