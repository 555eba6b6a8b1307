#!/usr/bin/env python3
"""Generate goose/: relays that tell each other of events, as nothing at hand can play them."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import plan  # noqa: E402
import say_mms as say  # noqa: E402
from wire import Wire  # noqa: E402

CASES = {
    "trips.pcap": (
        "A feeder relay repeats a message and changes it once; a bay controller publishes for two control blocks to one address, one of them in a virtual "
        "LAN; a test set plays a relay, by the flag of the frame and by that of the message; a device that is not commissioned yet.", "", ["goose"]),
}

GROUP = "01:0c:cd:01:00:"


def message(application, block, data_set, name, revision, state, sequence, simulated=0, needs=0, flags=0):
    body = say.tlv(0x61, say.name(block, 0x80), say.tlv(0x81, b"\x07\xd0"), say.name(data_set, 0x82), say.name(name, 0x83), say.tlv(0x84, bytes(8)),
                   say.tlv(0x85, bytes([state])), say.tlv(0x86, bytes([sequence])), say.tlv(0x87, bytes([simulated])), say.tlv(0x88, bytes([revision])),
                   say.tlv(0x89, bytes([needs])), say.tlv(0x8A, b"\x01"), say.tlv(0xAB, say.tlv(0x83, b"\x01")))
    return application.to_bytes(2, "big") + (len(body) + 8).to_bytes(2, "big") + flags.to_bytes(2, "big") + bytes(2) + body


def trips():
    wire = Wire("2026-03-04T06:00:00")
    feeder, bay, tester, fresh = (plan.device(f"go-{who}").mac for who in ("feeder", "bay", "tester", "fresh"))
    for state, count in ((1, 3), (2, 4)):
        for sequence in range(count):
            wire.ethernet(feeder, GROUP + "01", 0x88B8, message(0x3001, "FEEDER4PROT/LLN0$GO$gcbTrip", "FEEDER4PROT/LLN0$dsTrip", "F4_Trip", 3, state, sequence))
            wire.wait(1)
    for sequence in range(2):
        wire.ethernet(bay, GROUP + "02", 0x88B8, message(0x0002, "BAY7CTRL/LLN0$GO$gcbPos", "BAY7CTRL/LLN0$dsPos", "BAY7_Pos", 1, 1, sequence))
        wire.ethernet(bay, GROUP + "02", 0x88B8, message(0x0003, "BAY7CTRL/LLN0$GO$gcbLock", "BAY7CTRL/LLN0$dsLock", "BAY7_Lock", 12, 1, sequence))
        wire.wait(1)
    wire.ethernet(tester, GROUP + "01", 0x88B8, message(0x3001, "FEEDER4PROT/LLN0$GO$gcbTrip", "FEEDER4PROT/LLN0$dsTrip", "F4_Trip", 3, 9, 0, flags=0x8000))
    wire.ethernet(tester, GROUP + "01", 0x88B8, message(0x3001, "FEEDER5PROT/LLN0$GO$gcbTrip", "FEEDER5PROT/LLN0$dsTrip", "F5_Trip", 3, 9, 0, simulated=1))
    wire.ethernet(fresh, GROUP + "03", 0x88B8, message(0x0009, "NEWCTRL/LLN0$GO$gcb01", "NEWCTRL/LLN0$ds", "NEW", 0, 1, 0, needs=1))
    wire.save("goose/trips.pcap")


if __name__ == "__main__":
    trips()
