#!/usr/bin/env python3
"""Generate what no program at hand can play: resets, parameters, files, and a connection that was under way."""

import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import plan  # noqa: E402
from wire import Wire  # noqa: E402

CASES = {
    "files-and-resets.pcap": (
        "A control center, in a connection that was under way, resets the process of a remote station, which tells that it started; sets its clock, "
        "loads a parameter, fetches a file; a type that the station does not know; a type of its maker's.", "", ["iec104"]),
}

REQUEST, ACTIVATE, CONFIRM, INITIALIZED, SPONTANEOUS, END, FILE, UNKNOWN_TYPE = 5, 6, 7, 4, 3, 10, 13, 44
CLOCK = struct.pack("<HBBBBB", 12_345, 30, 9, 2, 3, 26)


class Talk:
    """Frames with their numbers; `center` is who opened the connection."""

    def __init__(self, talk, originator=9):
        self.talk, self.originator, self.sent = talk, originator, {"center": 40, "station": 800}

    def frame(self, side, kind, cause, station, elements, address=0, negative=False):
        other = "station" if side == "center" else "center"
        asdu = struct.pack("<BBBBH", kind, 1, cause | (0x40 if negative else 0), self.originator, station) + address.to_bytes(3, "little") + elements
        control = struct.pack("<HH", self.sent[side] << 1, self.sent[other] << 1)
        self.sent[side] += 1
        (self.talk.ask if side == "center" else self.talk.answer)(b"\x68" + bytes([len(asdu) + 4]) + control + asdu)

    def both(self, kind, station, elements, address=0, negative=False):
        self.frame("center", kind, ACTIVATE, station, elements, address)
        self.frame("station", kind, CONFIRM, station, elements, address, negative)


def files_and_resets():
    wire = Wire("2026-03-02T09:00:00")
    center, rtu = plan.device("ic-center"), plan.device("ic-rtu")
    with wire.tcp(center, rtu, 2404, established=True) as tcp:
        talk = Talk(tcp)
        for number in range(3):
            talk.frame("station", 36, SPONTANEOUS, 3, struct.pack("<fB", 21.5 + number, 0) + CLOCK, 401)
            tcp.ask(struct.pack("<BBHH", 0x68, 4, 1, talk.sent["station"] << 1))
        talk.frame("station", 30, SPONTANEOUS, 4, b"\1" + CLOCK, 17)
        talk.both(105, 3, b"\1")
        wire.wait(20)
        talk.frame("station", 70, INITIALIZED, 3, b"\2")
        talk.both(103, 3, CLOCK)
        talk.both(112, 3, struct.pack("<fB", 80.0, 3), 401)
        talk.both(58, 4, b"\x81" + CLOCK, 30, negative=True)
        name, section = struct.pack("<H", 1), b"\1"
        talk.frame("center", 122, FILE, 3, name + b"\0\1", 900)                                      # select
        talk.frame("station", 120, FILE, 3, name + (300).to_bytes(3, "little") + b"\0", 900)         # file ready
        talk.frame("center", 122, FILE, 3, name + b"\0\2", 900)                                      # request
        talk.frame("station", 121, FILE, 3, name + section + (300).to_bytes(3, "little") + b"\0", 900)
        talk.frame("center", 122, FILE, 3, name + section + b"\6", 900)                              # call section
        for piece in range(2):
            talk.frame("station", 125, FILE, 3, name + section + bytes([150]) + bytes(range(piece, piece + 150)), 900)
        talk.frame("station", 123, FILE, 3, name + section + b"\3\x55", 900)
        talk.frame("center", 124, FILE, 3, name + section + b"\3", 900)
        talk.frame("center", 107, ACTIVATE, 3, struct.pack("<H", 0xAA55) + CLOCK)
        talk.frame("station", 107, UNKNOWN_TYPE, 3, struct.pack("<H", 0xAA55) + CLOCK, negative=True)
        talk.frame("station", 201, SPONTANEOUS, 3, b"\1\2\3\4", 5)
    wire.save("iec104/files-and-resets.pcap")


if __name__ == "__main__":
    files_and_resets()
