#!/usr/bin/env python3
"""Generate CDP of a switch, with the TLVs that no program at hand sends."""

import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import plan  # noqa: E402
from wire import Wire, ip4  # noqa: E402

CASES = {
    "stratix.pcap": ("A Stratix switch and a Cisco IE switch announce themselves on two ports: VTP domain, native VLAN, system name and object "
                     "identifier, management address, location, IPv6 address.", "", ["cdp"]),
}

GROUP = "01:00:0c:cc:cc:cc"


def tlv(kind, value):
    return struct.pack(">HH", kind, 4 + len(value)) + value


def addresses(*list_):
    body = struct.pack(">I", len(list_))
    for address in list_:
        if len(address) == 4:
            body += b"\x01\x01\xcc" + struct.pack(">H", 4) + address
        else:
            body += b"\x02\x08\xaa\xaa\x03\x00\x00\x00\x86\xdd" + struct.pack(">H", 16) + address
    return body


def checksum(data):
    # Cisco's way with an odd last byte: it stands in the low half, with its sign.
    even = data if len(data) % 2 == 0 else data[:-1] + (b"\0" + data[-1:] if data[-1] < 0x80 else struct.pack(">h", data[-1] - 0x101))
    total = sum(struct.unpack(f">{len(even) // 2}H", even))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def announce(wire, device, port, tlvs):
    body = b"".join(tlv(kind, value) for kind, value in tlvs)
    packet = b"\x02\xb4\0\0" + body
    packet = packet[:2] + struct.pack(">H", checksum(packet)) + packet[4:]
    wire.llc(device.mac, GROUP, b"\xaa\xaa\x03\x00\x00\x0c\x20\x00" + packet)


def main():
    wire = Wire("2026-03-02T11:00:00")
    stratix, ie = plan.device("cd-stratix"), plan.device("cd-ie2000")
    for port in ("FastEthernet1/1", "FastEthernet1/2"):
        announce(wire, stratix, port, [
            (1, b"STRATIX-MIX-1"), (2, addresses(ip4(stratix.ip))), (3, port.encode()), (4, b"\0\0\0\x28"),
            (5, b"Cisco IOS Software, S5700 Software (S5700-UNIVERSALK9-M), Version 15.2(4)EA3, RELEASE SOFTWARE (fc1)\nTechnical Support"),
            (6, b"cisco 1783-BMS10CGP"), (9, b"PLANT"), (10, b"\0\x1f"), (11, b"\x01"), (0x14, b"STRATIX-MIX-1"),
            (0x15, b"\x06\x0a\x2b\x06\x01\x04\x01\x5f\x01\x02\x85\x1d"), (0x16, addresses(ip4(stratix.ip))), (0x17, b"\0Mixing hall, cabinet 4"),
        ])
        wire.wait(0.5)
    announce(wire, ie, "GigabitEthernet1/1", [
        (1, b"IE2000-PACK.plant.example"), (2, addresses(ip4(ie.ip), bytes.fromhex("fe80000000000000021ef6fffe20120d"))), (3, b"GigabitEthernet1/1"),
        (4, b"\0\0\0\x28"), (5, b"Cisco IOS Software, IE2000 Software (IE2000-UNIVERSALK9-M), Version 15.2(2)E5, RELEASE SOFTWARE (fc1)"),
        (6, b"cisco IE-2000-8TC-G-E"), (9, b""), (10, b"\0\x01"),
    ])
    wire.save("cdp/stratix.pcap")


if __name__ == "__main__":
    main()
