#!/usr/bin/env python3
"""Generate S-Bus over UDP: no program at hand answers as a PCD does."""

import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import plan  # noqa: E402
from wire import Wire, mac  # noqa: E402

CASES = {
    "pcd.pcap": ("A client asks a PCD who it is, its modules and its status, polls registers, writes some, sets the clock, writes the program, stops, clears, restarts "
                 "and starts it; one run is refused.", "", ["sbus"]),
}

PORT = 5_050


def crc(data):
    total = 0
    for byte in data:
        total ^= byte << 8
        for _ in range(8):
            total = (total << 1 ^ 0x1021 if total & 0x8000 else total << 1) & 0xFFFF
    return struct.pack(">H", total)


def telegram(attribute, sequence, body):
    data = struct.pack(">IBBHB", 11 + len(body), 1, 0, sequence, attribute) + body
    return data + crc(data)


def main():
    wire = Wire("2026-03-02T13:30:00")
    client, pcd = plan.device("sb-client"), plan.device("sb-pcd")
    number = 0

    def exchange(code, data=b"", answer=None, acknowledge=0):
        nonlocal number
        number += 1
        wire.udp(client, pcd, 2_467, PORT, telegram(0, number, bytes((10, code)) + data))
        body = telegram(2, number, struct.pack(">H", acknowledge)) if answer is None else telegram(1, number, answer)
        wire.udp(pcd, client, PORT, 2_467, body)
        wire.wait(0.05)

    exchange(32, answer=b"D2M48020\0")
    exchange(0xAB, b"\0\4", b"\x1c\0\0\0\0PCD7F655\0\0P\x03$21\0\0" + mac(pcd.mac) + b"\x12\x88")
    exchange(27, answer=b"R")
    for _ in range(3):
        exchange(6, b"\3\0\x64", bytes(16))
        wire.wait(1)
    exchange(14, b"\5\0\x64\0\0\4\xd2")
    exchange(12, bytes.fromhex("0a01260302133000"))
    exchange(67)
    exchange(27, answer=b"S")
    exchange(36, bytes(8))
    exchange(90)
    exchange(106)
    exchange(47, acknowledge=1)
    exchange(47)
    wire.save("sbus/pcd.pcap")


if __name__ == "__main__":
    main()
