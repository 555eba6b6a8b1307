#!/usr/bin/env python3
"""Generate what no program at hand can play: protection relays of a substation that are asked, polled and operated by MMS.

The layers follow ISO 8327, 8823, 8650 and 9506; names, addresses and numbers are of the plan.
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import plan  # noqa: E402
import say_mms as say  # noqa: E402
from wire import Wire  # noqa: E402

CASES = {
    "substation.pcap": (
        "A station computer associates with a feeder relay and asks what it is, for its logical devices and for the names in one of them, the answer in "
        "three COTP parts; then it polls a position, sets a value, operates the breaker and fetches a disturbance record. A second relay is asked for its name "
        "plates, and a record of it is deleted.",
        "", ["mms"]),
    "selectors-of-s7.pcap": (
        "An association by the selector 0x0102, which S7 has for rack 0 and slot 2: what runs there is told by what is said.", "", ["mms", "s7"]),
    "under-way.pcap": ("An association that was open before the capture: polls, and in the midst of them Identify.", "", ["mms"]),
}

VARIABLES, DOMAINS = 0, 9


def substation():
    wire = Wire("2026-03-03T06:00:00")
    station, feeder, transformer = (plan.device(f"mm-{who}") for who in ("station", "feeder", "transformer"))
    with wire.tcp(station, feeder, 102) as talk:
        association = say.Association(talk, part_bytes=240)
        association.identify("ACME Protection", "FP-200", "3.12")
        association.names(DOMAINS, ["FEEDER4CTRL", "FEEDER4MEAS", "FEEDER4PROT"])
        items = [f"{node}${constraint}${item}" for node in ("LLN0", "XCBR1", "CSWI1") for constraint in ("ST", "CF", "DC") for item in ("Mod", "Beh", "Health", "NamPlt")]
        association.names(VARIABLES, items, "FEEDER4CTRL")
        for _ in range(6):
            association.read("FEEDER4CTRL", "XCBR1$ST$Pos$stVal", say.tlv(0x84, b"\x06\x80"))
            wire.wait(1)
        association.write("FEEDER4PROT", "PTOC1$SP$StrVal$setMag$f", say.tlv(0x87, b"\x08\x3f\x80\x00\x00"))
        association.write("FEEDER4CTRL", "CSWI1$CO$Pos$Oper", say.tlv(0xA2, say.tlv(0x83, b"\x00"), say.tlv(0x86, b"\x01")))
        association.tell(say.tlv(0xA3, say.tlv(0xA0, say.tlv(0xA1, say.name("RPT", 0x80)), say.tlv(0xA0, say.tlv(0x83, b"\x00")))))
        association.ask(say.tlv(b"\xbf\x48", say.tlv(0xA0, say.name("COMTRADE/0001.CFG", 0x19)), say.tlv(0x81, b"\x00")))
        association.answer(say.tlv(b"\xbf\x48", say.tlv(0x80, b"\x01"), say.tlv(0xA1, say.tlv(0x80, b"\x04\x00"))))
        association.ask(say.tlv(b"\x9f\x49", b"\x01"))
        association.answer(say.tlv(b"\xbf\x49", say.tlv(0x80, bytes(120)), say.tlv(0x81, b"\x00")))
    with wire.tcp(station, transformer, 102) as talk:
        association = say.Association(talk)
        association.identify("ACME Protection", "TP-600", "5.01")
        plate = {"PhyNam$vendor": "ACME Protection", "PhyNam$hwRev": "C", "PhyNam$swRev": "5.01.2", "PhyNam$serNum": "TP6-004711", "PhyNam$model": "TP-600",
                 "PhyNam$location": "Bay 2", "NamPlt$vendor": "ACME Protection", "NamPlt$swRev": "5.01", "NamPlt$d": "Transformer 2 protection",
                 "NamPlt$configRev": "2026-01-17 / 4"}
        for item, value in plate.items():
            node = "LPHD1" if item.startswith("PhyNam") else "LLN0"
            association.read("TR2PROT", f"{node}$DC${item}", say.name(value, 0x8A))
        # A plate that is read whole does not tell what its parts are.
        association.read("TR2PROT", "LPHD1$DC$PhyNam", say.tlv(0xA2, say.name("ACME Protection", 0x8A), say.name("C", 0x8A)))
        association.ask(say.tlv(b"\xbf\x4c", say.name("COMTRADE/0001.CFG", 0x19)))
        association.answer(say.tlv(b"\x9f\x4c"))
    wire.save("mms/substation.pcap")


def under_way():
    wire = Wire("2026-03-03T07:00:00")
    station, bay = plan.device("mm-station"), plan.device("mm-bay")
    with wire.tcp(station, bay, 102, established=True) as talk:
        association = say.Association.__new__(say.Association)
        association.talk, association.invoke, association.part_bytes = talk, 40, None
        for turn in range(6):
            association.read("BAY7CTRL", "CSWI1$ST$Pos$stVal", say.tlv(0x84, b"\x06\x40"))
            wire.wait(1)
            if turn == 3:
                association.identify("ACME Protection", "BC-100", "2.4")
    wire.save("mms/under-way.pcap")


def selectors_of_s7():
    wire = Wire("2026-03-03T08:00:00")
    with wire.tcp(plan.device("mm-station"), plan.device("mm-gateway"), 102) as talk:
        association = say.Association(talk, selector=b"\x01\x02")
        association.identify("ACME Protection", "GW-10", "1.8")
        association.read("GWCTRL", "GGIO1$ST$Ind1$stVal", say.tlv(0x83, b"\x01"))
    wire.save("mms/selectors-of-s7.pcap")


if __name__ == "__main__":
    for make in (substation, under_way, selectors_of_s7):
        make()
