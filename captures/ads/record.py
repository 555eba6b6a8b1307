#!/usr/bin/env python3
"""Record ads/: the test server of pyads as a runtime; a panel of pyads that asks who it is, reads, writes, stops and starts it."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

CASES = {
    "pyads.pcap": ("A panel asks a runtime on AMS port 851 what it is and how it does, reads and writes values by name, and stops and starts it. "
                   "Client and server are Beckhoff's own library and the test server beside it.", "pyads 3.6.0, with AdsLib", ["ads"]),
}

PLAY = pathlib.Path(__file__).resolve().parent / "play.py"


def record():
    import lab

    with lab.Lab("ads/pyads.pcap", ["ad-panel", "ad-test"]) as net:
        server = lab.plan.device("ad-test").ip
        net.start("ad-test", sys.executable, PLAY, "serve", server)
        net.listens("ad-test", 48898)
        print(net.run("ad-panel", sys.executable, PLAY, "ask", lab.plan.device("ad-panel").ip, server))


RECORDINGS = {"pyads": record}

if __name__ == "__main__":
    import lab

    lab.main(RECORDINGS)
