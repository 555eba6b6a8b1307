#!/usr/bin/env python3
"""Generate the spanning trees that no program at hand speaks: RSTP, MSTP and PVST+."""

import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import plan  # noqa: E402
from wire import Wire, mac  # noqa: E402

CASES = {
    "rings.pcap": ("An RSTP root and a bridge below it that flags a change of topology; a bridge of an MSTP region; a Cisco switch with a tree for each of "
                   "two VLANs (PVST+).", "", ["stp"]),
}

GROUP, CISCO_GROUP = "01:80:c2:00:00:00", "01:00:0c:cc:cc:cd"


def identifier(priority, address):
    return struct.pack(">H", priority) + mac(address)


def bpdu(version, flags, root, bridge, port, cost, kind=2):
    times = struct.pack(">HHHH", 0x0100 if cost else 0, 20 * 256, 2 * 256, 15 * 256)
    return struct.pack(">HBBB", 0, version, kind, flags) + root + struct.pack(">I", cost) + bridge + struct.pack(">H", port) + times


def main():
    wire = Wire("2026-03-02T12:00:00")
    root, below, region, cisco = (plan.device(name) for name in ("st-rs30", "st-eds", "st-mstp", "st-cisco"))
    first = identifier(4096, root.mac)
    for flags in (0x3C, 0x3D):
        wire.llc(root.mac, GROUP, b"\x42\x42\x03" + bpdu(2, 0x3C, first, first, 0x8001, 0) + b"\0")
        wire.wait(0.5)
        wire.llc(below.mac, GROUP, b"\x42\x42\x03" + bpdu(2, flags, first, identifier(32768, below.mac), 0x8003, 20000) + b"\0")
        wire.wait(1.5)
    configuration = b"\0" + b"RING-7".ljust(32, b"\0") + struct.pack(">H", 3) + bytes.fromhex("ac36177f50283cd4b83821d8ab26de62")
    tail = struct.pack(">I", 0) + identifier(32768, region.mac) + b"\x14"
    wire.llc(region.mac, GROUP, b"\x42\x42\x03" + bpdu(3, 0x7C, identifier(32768, region.mac), identifier(32768, region.mac), 0x8005, 0)
             + b"\0" + struct.pack(">H", len(configuration + tail)) + configuration + tail)
    wire.wait(1)
    for vlan in (1, 31):
        mine = identifier(24576 + vlan, cisco.mac)
        wire.llc(cisco.mac, CISCO_GROUP, b"\xaa\xaa\x03\x00\x00\x0c\x01\x0b" + bpdu(2, 0x3C, mine, mine, 0x8009, 0) + b"\0" + struct.pack(">HHH", 0, 2, vlan))
        wire.wait(0.1)
    wire.save("stp/rings.pcap")


if __name__ == "__main__":
    main()
