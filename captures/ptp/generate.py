#!/usr/bin/env python3
"""Write ptp/described.pcap: a clock that describes itself to a manager, and version 1 of the protocol."""

import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

from plan import device  # noqa: E402
from wire import Wire, ip4, mac  # noqa: E402

CASES = {
    "described.pcap": ("A manager asks a grandmaster for its description, for its default data set and to take another priority; a Sync of version 1.", "", ["ptp"]),
}

GROUP = ("224.0.1.129", "01:00:5e:00:01:81")


def text(words):
    return bytes([len(words)]) + words.encode()


def management(clock, action, number, data=b"", sequence=1):
    identity = mac(clock.mac)[:3] + b"\xff\xfe" + mac(clock.mac)[3:]
    data += bytes(len(data) % 2)
    body = b"\xff" * 10 + bytes([1, 1, action, 0]) + struct.pack(">HHH", 1, 2 + len(data), number) + data
    return struct.pack(">BBHBBH", 0x0D, 0x02, 34 + len(body), 0, 0, 0) + bytes(12) + identity + struct.pack(">HHBb", 1, sequence, 4, 0x7F) + body


def main():
    wire = Wire("2026-03-02T06:00:00")
    clock, manager = device("pt-clock"), device("pt-manager")

    def say(sender, message, port=320):
        wire.udp(sender, sender, port, port, message, target_ip=GROUP[0], target_mac=GROUP[1])
        wire.wait(0.2)

    description = (struct.pack(">H", 0x8000) + text("IEEE 802.3") + struct.pack(">H", 6) + mac(clock.mac) + struct.pack(">HH", 1, 4) + ip4(clock.ip) + mac(clock.mac)[:3] + b"\0"
                   + text("Plant;TC-7;0042") + text("2;1.4.0;1.4.0") + text("Time of hall 7;Hall 7") + bytes([0, 0x1B, 0x19, 0, 1, 0]))
    say(manager, management(manager, 0, 0x0001))
    say(clock, management(clock, 2, 0x0001, description))
    say(manager, management(manager, 0, 0x2000, sequence=2))
    say(clock, management(clock, 2, 0x2000, bytes(20), sequence=2))
    say(manager, management(manager, 1, 0x2005, bytes([99, 0]), sequence=3))
    say(clock, struct.pack(">HH16sBB6sHHBBHI", 1, 1, b"_DFLT", 1, 1, mac(clock.mac), 1, 7, 0, 0, 0, 0) + bytes(84), port=319)
    wire.save("ptp/described.pcap")


if __name__ == "__main__":
    main()
