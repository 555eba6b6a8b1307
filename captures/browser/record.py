#!/usr/bin/env python3
"""Record browser/: two Samba hosts announce themselves and elect a master browser."""

import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

CASES = {
    "samba.pcap": ("Two hosts announce themselves in both forms; one wins the election and becomes the master browser of its workgroup.",
                   "nmbd 4.17.12, twice; nmblookup 4.17.12 client", ["browser", "nbns"]),
}


def record_samba():
    import lab
    import samba_names

    with lab.Lab("browser/samba.pcap", ["br-samba", "br-samba2"]) as net:
        samba_names.start(net, "br-samba", "GAUGE-SRV", "server string = Gauges of line 2", "os level = 65", "preferred master = yes", "lm announce = yes",
                          "lm interval = 5")
        samba_names.start(net, "br-samba2", "LABELS", "server string = Label printing", "os level = 20", "lm announce = yes", "lm interval = 5")
        time.sleep(75)  # an election, and the registration of what its winner becomes


RECORDINGS = {"samba": record_samba}

if __name__ == "__main__":
    import lab

    lab.main(RECORDINGS)
