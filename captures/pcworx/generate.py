#!/usr/bin/env python3
"""Generate pcworx/: two controllers of Phoenix Contact are asked what they are, as nmap's pcworx-info and Metasploit's phoenix_command ask."""

import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import plan  # noqa: E402
from wire import Wire  # noqa: E402

CASES = {"ilc.pcap": ("Two controllers ILC are asked what they are.", "", ["pcworx"])}


def answer(command, sequence, data, length=0):
    data = data.ljust(length, b"\0")
    return struct.pack(">BBHHH", 0x81, command, 8 + len(data), sequence, 0) + data


def information(kind, firmware, date, time, number):
    data = bytearray(180)
    for at, text in ((30, kind), (66, firmware), (79, date), (91, time), (152, number)):
        data[at - 8:at - 8 + len(text)] = text.encode()
    return bytes(data)


def ask(wire, device, what):
    with wire.tcp(plan.device("px-station"), plan.device(device), 1962) as talk:
        talk.ask(bytes.fromhex("0101001a0000000078800003000c") + b"IBETH01N0_M\0")
        talk.answer(answer(1, 0, bytes(9) + b"\x3c", 12))
        talk.ask(bytes.fromhex("01050016000100007880003c00000006000402950000"))
        talk.answer(answer(5, 1, b"", 10))
        talk.ask(bytes.fromhex("0106000e000200000000003c0400"))
        talk.answer(answer(6, 2, information(*what)))


def ilc():
    wire = Wire("2026-03-02T14:00:00")
    ask(wire, "px-ilc330", ("ILC 330 ETH", "3.95T", "Mar  2 2012", "09:39:02", "2737193"))
    ask(wire, "px-ilc390", ("ILC 390 PN 2TX-IB", "3.95", "Oct 11 2011", "14:02:51", "2985314"))
    wire.save("pcworx/ilc.pcap")


if __name__ == "__main__":
    ilc()
