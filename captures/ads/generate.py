#!/usr/bin/env python3
"""Generate what no program at hand can play: controllers that are searched for, given routes, read out, stopped and started.

The messages follow the captures of a CX in ITI's collection and those in the tests of Apache PLC4X; names, addresses and numbers
are of the plan.
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import plan  # noqa: E402
import say_ads as say  # noqa: E402
from wire import Wire  # noqa: E402

CASES = {
    "commissioning.pcap": (
        "TwinCAT XAE searches for controllers; one with TwinCAT 2 on Windows CE and one with TwinCAT 3 on Windows 10 answer. It adds a route to each, "
        "with a password, which the second refuses. It asks the first behind which AMS ports somebody is, reads and writes, brings a file, "
        "puts it into configuration, stops the runtime and starts it; a NetId behind it answers, too.", "", ["ads"]),
}

OWN, CX, IPC = "192.168.1.199.1.1", "5.13.117.96.1.1", "5.62.18.7.1.1"
BROADCAST = ("10.74.255.255", "ff:ff:ff:ff:ff:ff")
FINGERPRINT = "3c0972a48fdb76f2ba81289a35d4a371e18fc07606828978018bf88d992dc8aa"
RUN, STOP, RESET, CONFIG, RECONFIG = 5, 6, 2, 15, 16


def commissioning():
    wire = Wire("2026-03-02T10:00:00")
    station, cx, ipc = (plan.device(name) for name in ("ad-station", "ad-cx", "ad-ipc"))
    wire.udp(station, None, 48899, 48899, say.search(OWN), *BROADCAST)
    wire.udp(cx, station, 48899, 48899, say.found(CX, "CX-0D7560", "2.11.2228", (6, 0, 0, 3, "")))
    wire.udp(ipc, station, 48899, 48899, say.found(IPC, "PACKER-IPC", "3.1.4024", (10, 0, 17763, 2, "Service Pack 1"), FINGERPRINT))
    wire.wait(4)
    for device, own, status in ((ipc, IPC, 0x704), (cx, CX, 0)):
        wire.udp(station, device, 48899, 48899, say.add_route(OWN, "ENG-7", station.ip, "Administrator", "Hopfen-und-Malz"))
        wire.udp(device, station, 48899, 48899, say.route_added(own, status))
        wire.wait(2)
    with wire.tcp(station, cx, 48898) as talk:
        system, runtime, io, nobody = (say.Route(talk, f"{OWN}:32815", f"{CX}:{port}") for port in (10000, 800, 300, 500))
        system.state(RUN)
        nobody.nobody()
        runtime.info("2.11.2103", "PLC Server")
        io.info("2.11.2100", "I/O Server")
        system.info("2.11.2228", "TwinCAT CE")
        say.Route(talk, f"{OWN}:32815", "5.13.117.96.4.1:27905").info("3.1.11", "EtherCAT Master")
        runtime.exchange(0xF003, b"MAIN.SPEED\0", bytes.fromhex("1200a04f"))
        for _ in range(4):
            runtime.read(0xF005, 0x4FA00012, bytes(4))
            wire.wait(1)
        runtime.write(0xF005, 0x4FA00012, bytes.fromhex("2a000000"))
        system.exchange(120, b"\\Hard Disk\\TwinCAT\\Boot\\CurrentPlc_1.wbp\0", bytes(4))
        system.exchange(123, bytes(200), b"")
        runtime.control(STOP)
        runtime.state(STOP)
        runtime.control(RESET)
        system.control(RECONFIG)
        system.state(CONFIG)
        system.control(RESET, result=0x709)
        runtime.control(RUN)
        runtime.state(RUN)
    wire.save("ads/commissioning.pcap")


if __name__ == "__main__":
    commissioning()
