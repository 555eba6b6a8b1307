#!/usr/bin/env python3
"""Generate sv/: merging units that publish currents and voltages, as nothing at hand can play them."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import plan  # noqa: E402
import say_mms as say  # noqa: E402
from wire import Wire  # noqa: E402

CASES = {
    "merging-units.pcap": (
        "A merging unit publishes eighty samples in a period, loses its clock and finds a local one; another one publishes two streams in one frame, with "
        "data set, rate and the identity of its clock; a test set plays the first.", "", ["sv"]),
}


def samples(name, counter, synchronization, data_set=None, rate=None, clock=None):
    return say.tlv(0x30, say.name(name, 0x80), say.name(data_set, 0x81) if data_set else b"", say.tlv(0x82, counter.to_bytes(2, "big")),
                   say.tlv(0x83, b"\0\0\0\1"), say.tlv(0x85, bytes([synchronization])), say.tlv(0x86, rate.to_bytes(2, "big")) if rate else b"",
                   say.tlv(0x87, bytes(64)), say.tlv(0x89, bytes.fromhex(clock)) if clock else b"")


def message(application, *asdus, flags=0):
    body = say.tlv(0x60, say.tlv(0x80, bytes([len(asdus)])), say.tlv(0xA2, *asdus))
    return application.to_bytes(2, "big") + (len(body) + 8).to_bytes(2, "big") + flags.to_bytes(2, "big") + bytes(2) + body


def merging_units():
    wire = Wire("2026-03-04T07:00:00")
    first, second, tester = (plan.device(f"sv-{who}").mac for who in ("first", "second", "tester"))
    for counter in range(12):
        synchronization = 2 if counter < 6 else 0 if counter < 8 else 1 if counter < 10 else 7
        wire.ethernet(first, "01:0c:cd:04:00:01", 0x88BA, message(0x4000, samples("MU4001", counter, synchronization)))
    for counter in range(4):
        both = [samples(f"MU42_{which}", counter, 2, f"MU42/LLN0$PhsMeas{which}", 4_800, "0080e1fffe700042") for which in (1, 2)]
        wire.ethernet(second, "01:0c:cd:04:00:02", 0x88BA, message(0x4002, *both))
    wire.ethernet(tester, "01:0c:cd:04:00:01", 0x88BA, message(0x4000, samples("MU4001", 99, 2), flags=0x8000))
    wire.save("sv/merging-units.pcap")


if __name__ == "__main__":
    merging_units()
