#!/usr/bin/env python3
"""Record cdp/: two lldpd that speak CDP, one as a Cisco switch, one as a router."""

import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

CASES = {
    "lldpd.pcap": ("A switch and a router announce themselves by CDP version 2: device identifier, addresses, port, capabilities, software of "
                   "several lines, platform.", "lldpd 1.0.16 twice", ["cdp"]),
}

SWITCH, ROUTER = "cd-ie3300", "cd-2901"
HOSTNAMES = {SWITCH: "IE3300-CELL2", ROUTER: "RTR-PLANT"}
SOFTWARE = {
    SWITCH: "Cisco IOS Software [Cupertino], IE3x00 Switch Software (IE3x00-UNIVERSALK9-M), Version 17.9.4, RELEASE SOFTWARE (fc5)\n"
            "Technical Support: http://www.cisco.com/techsupport\nCopyright (c) 1986-2023 by Cisco Systems, Inc.",
    ROUTER: "Cisco IOS Software, C2900 Software (C2900-UNIVERSALK9-M), Version 15.4(3)M2, RELEASE SOFTWARE (fc2)",
}
PLATFORM = {SWITCH: "cisco IE-3300-8T2S", ROUTER: "Cisco CISCO2901/K9"}


def record():
    import lab

    with lab.Lab("cdp/lldpd.pcap", [SWITCH, ROUTER], hostnames=HOSTNAMES) as net:
        for name in (SWITCH, ROUTER):
            socket = net.home / name
            net.start(name, "lldpd", "-d", "-ll", "-u", socket, "-S", SOFTWARE[name], "-P", PLATFORM[name], "-C", "eth0", "-I", "eth0", "-m", "10.20.18.*",
                      "-ccc", "-k")
            for _ in range(50):
                if socket.exists():
                    break
                time.sleep(0.1)
            tell = lambda *words: net.run(name, "lldpcli", "-u", socket, *words)  # noqa: B023, E731
            tell("configure", "lldp", "tx-interval", "1")
        time.sleep(3)


RECORDINGS = {"lldpd": record}

if __name__ == "__main__":
    import lab

    lab.main(RECORDINGS)
