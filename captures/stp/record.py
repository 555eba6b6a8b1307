#!/usr/bin/env python3
"""Record stp/: three bridges of Linux find their root, lose a link, and say so."""

import pathlib
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

CASES = {
    "linux-bridge.pcap": ("Two bridges of Linux on one segment, each with a leg of its own: one is the root of the tree; a leg of the other "
                          "goes up and down, which it notifies, and the root flags.", "Linux 5.10 or later, bridge", ["stp"]),
}

ROOT, BRIDGE = "st-root", "st-bridge"


def record():
    import lab

    with lab.Lab("stp/linux-bridge.pcap", [ROOT, BRIDGE], addressless=[ROOT, BRIDGE]) as net:
        for name, priority in ((ROOT, "4096"), (BRIDGE, "32768")):
            mac = lab.plan.device(name).mac
            tell = lambda *words: net.run(name, "ip", "link", *words)  # noqa: B023, E731
            tell("add", "br1", "address", mac, "type", "bridge", "stp_state", "1", "priority", priority, "forward_delay", "200", "hello_time", "100")
            tell("set", "eth0", "master", "br1")
            tell("add", "leg0", "type", "veth", "peer", "name", "leg1")
            tell("set", "leg0", "master", "br1")
            tell("set", "leg1", "up")
            tell("set", "leg0", "up")
            tell("set", "br1", "up")
        time.sleep(9)
        net.run(BRIDGE, "ip", "link", "set", "leg1", "down")
        time.sleep(3)
        net.run(BRIDGE, "ip", "link", "set", "leg1", "up")
        time.sleep(7)


RECORDINGS = {"linux-bridge": record}

if __name__ == "__main__":
    import lab

    lab.main(RECORDINGS)
