#!/usr/bin/env python3
"""Record bacnet/: two devices of bacpypes3 and an operator station that finds, reads, writes and tries to restart them."""

import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

CASES = {
    "bacpypes3.pcap": ("An operator station looks for devices and finds two; reads what they are, property by property and all at once, from one of "
                       "them in segments; writes a set point; tries to restart and to silence them, with a password.", "bacpypes3 0.0.110", ["bacnet"]),
}

PLAY = pathlib.Path(__file__).resolve().parent / "play.py"


def record():
    import lab

    names = ["ba-ahu", "ba-pxc"]
    with lab.Lab("bacnet/bacpypes3.pcap", ["ba-station", *names]) as net:
        addresses = [lab.plan.device(name).ip for name in names]
        for name, address in zip(names, addresses):
            net.start(name, sys.executable, PLAY, "serve", name, address)
            net.listens(name, 47808, "udp")
        time.sleep(1)
        print(net.run("ba-station", sys.executable, PLAY, "ask", lab.plan.device("ba-station").ip, *addresses))


RECORDINGS = {"bacpypes3": record}

if __name__ == "__main__":
    import lab

    lab.main(RECORDINGS)
