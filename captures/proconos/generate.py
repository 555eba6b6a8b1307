#!/usr/bin/env python3
"""Generate proconos/: runtimes that are asked what they are, stopped and started, as Redpoint's proconos-info and Metasploit's phoenix_command do."""

import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import plan  # noqa: E402
from wire import Wire  # noqa: E402

CASES = {"runtimes.pcap": ("A controller of Advantech says what it is; one of Phoenix Contact says whether it runs, is stopped and started.", "", ["proconos"])}
INFORMATION, STATE, COLD_START, STOP = 0x0B, 0x0F, 0x04, 0x01


def frame(command, data=b""):
    return struct.pack(">HHH", 0xCC01, command, 0x4002) + struct.pack("<H", len(data)) + data + b"\x47\xee"


def information(runtime, kind, project, boot, source):
    fixed = bytes(4) + runtime.encode().ljust(32, b"\0") + kind.encode().ljust(33, b"\0")
    return fixed + b"".join(text.encode() + b"\0" for text in (project, boot, source))


def runtimes():
    wire = Wire("2026-03-02T14:30:00")
    station = plan.device("px-station")
    with wire.tcp(station, plan.device("px-adam"), 20547) as talk:
        talk.ask(frame(INFORMATION))
        talk.answer(frame(INFORMATION, information("ProConOS V3.0.1040 Oct 29 2002", "ADAM5510KW 1.24 Build 005", "510-projec", "510-projec", "Exist")))
    with wire.tcp(station, plan.device("px-ilc390"), 20547) as talk:
        talk.ask(frame(INFORMATION))
        talk.answer(frame(INFORMATION, information("ProConOS V4.1.0230 Feb  2 2010", "ILC 390 PN 2TX-IB", "WASH-7", "WASH-7", "Not exist")))
        for command, state in ((STATE, 2), (STOP, None), (STATE, 4), (COLD_START, None), (STATE, 2)):
            talk.ask(frame(command))
            talk.answer(frame(command, struct.pack("<H", state) if state else b"\0\0"))
    wire.save("proconos/runtimes.pcap")


if __name__ == "__main__":
    runtimes()
