#!/usr/bin/env python3
"""Generate LLMNR of Windows hosts, which no program at hand can play."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import plan  # noqa: E402
import say_names as say  # noqa: E402
from wire import Wire, ip4  # noqa: E402

CASES = {
    "windows.pcap": ("A Windows 7 host verifies its name, answers for it with two addresses and for its own address; another host answers to the same name, "
                     "and says so; one answer is tentative.", "", ["llmnr"]),
}


def main():
    wire = Wire("2026-03-02T10:00:00")
    host, twin, asker = (plan.device(name) for name in ("lm-win", "lm-twin", "lm-asker"))
    name = say.labels("ENG-WS7")

    def address(*addresses, flags=0x8000, number=1):
        records = [say.record(b"\xc0\x0c", say.A, ip4(one), 30) for one in addresses]
        return say.dns(flags, [(name, say.A)], records, number=number)

    say.llmnr(wire, host, say.dns(0, [(name, say.ANY)], number=0x1001), 51_001)
    wire.wait(0.1)
    say.llmnr(wire, host, say.dns(0, [(name, say.ANY)], number=0x1001), 51_001)
    wire.wait(5)
    say.llmnr(wire, asker, say.dns(0, [(name, say.A)], number=0x2001), 52_001)
    wire.udp(host, asker, 5355, 52_001, address(host.ip, "192.168.13.30", number=0x2001))
    wire.wait(1)
    reverse = say.labels("30.13.20.10.in-addr.arpa")
    say.llmnr(wire, asker, say.dns(0, [(reverse, say.PTR)], number=0x2002), 52_002)
    wire.udp(host, asker, 5355, 52_002, say.dns(0x8000, [(reverse, say.PTR)], [say.record(b"\xc0\x0c", say.PTR, name, 30)], number=0x2002))
    wire.wait(1)
    say.llmnr(wire, asker, say.dns(0, [(name, say.A)], number=0x2003), 52_003)
    wire.udp(host, asker, 5355, 52_003, address(host.ip, number=0x2003))
    wire.udp(twin, asker, 5355, 52_003, address(twin.ip, flags=0x8400, number=0x2003))
    wire.udp(twin, asker, 5355, 52_003, address(twin.ip, flags=0x8100, number=0x2003))
    wire.save("llmnr/windows.pcap")


if __name__ == "__main__":
    main()
