#!/usr/bin/env python3
"""Record dnp3/: two outstations of opendnp3 and a master that polls, operates and restarts them."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

CASES = {
    "opendnp3.pcap": ("A master starts up with two outstations, asks for attributes that they do not have, polls for events, tries a cold restart, and operates an "
                      "output.", "opendnp3 2.3 through dnp3-python 0.3.0b1", ["dnp3"]),
}

PLAY = pathlib.Path(__file__).resolve().parent / "play.py"


def record():
    import lab

    stations = {"dn-open-a": 1024, "dn-open-b": 20}
    with lab.Lab("dnp3/opendnp3.pcap", ["dn-master", *stations]) as net:
        for name, station in stations.items():
            address = lab.plan.device(name).ip
            net.start(name, sys.executable, PLAY, "serve", address, station)
            net.listens(name, 20_000)
            print(net.run("dn-master", sys.executable, PLAY, "ask", address, station, check=False))


RECORDINGS = {"opendnp3": record}

if __name__ == "__main__":
    import lab

    lab.main(RECORDINGS)
