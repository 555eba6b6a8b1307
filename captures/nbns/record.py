#!/usr/bin/env python3
"""Record nbns/: Samba's nmbd claims its names by broadcast and at a name server, and is asked for its node status."""

import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import plan  # noqa: E402

CASES = {
    "samba.pcap": ("A host registers its names by broadcast, answers a name query and a node status request, and releases its names.",
                   "nmbd 4.17.12; nmblookup 4.17.12 client", ["nbns", "browser"]),
    "samba-wins.pcap": ("A host registers its names at a name server, which acknowledges them; a client asks that server for a host and for a domain.",
                        "nmbd 4.17.12 as name server and as client; nmblookup 4.17.12 client", ["nbns", "browser"]),
    "nbtscan.pcap": ("A scanner asks two hosts for their node status; one of them is there.", "nmbd 4.17.12; nbtscan 1.7.2 client", ["nbns", "browser"]),
}


def record_samba():
    import lab
    import samba_names

    with lab.Lab("nbns/samba.pcap", ["nb-samba", "nb-client"]) as net:
        nmbd = samba_names.start(net, "nb-samba", "HIST-LINUX", "server string = Historian of line 4", "local master = no")
        time.sleep(4)
        lookup(net, "HIST-LINUX#20")
        lookup(net, "-A", plan.device("nb-samba").ip)
        net.stop(nmbd)


def record_samba_wins():
    import lab
    import samba_names

    with lab.Lab("nbns/samba-wins.pcap", ["nb-wins", "nb-samba", "nb-client"]) as net:
        samba_names.start(net, "nb-wins", "WINS1", "wins support = yes", "local master = no")
        time.sleep(2)
        samba_names.start(net, "nb-samba", "HIST-LINUX", f"wins server = {plan.device('nb-wins').ip}", "local master = no")
        time.sleep(5)
        for name in ("HIST-LINUX#00", "PLANT#00"):
            lookup(net, "--recursion", f"--unicast={plan.device('nb-wins').ip}", name)


def record_nbtscan():
    import lab
    import samba_names

    with lab.Lab("nbns/nbtscan.pcap", ["nb-samba", "nb-client"]) as net:
        samba_names.start(net, "nb-samba", "HIST-LINUX", "local master = no")
        time.sleep(1)
        print(net.run("nb-client", "nbtscan", "10.20.11.20-21"))


def lookup(net, *arguments):
    configuration = net.home / "client.conf"
    configuration.write_text("[global]\nworkgroup = PLANT\ninterfaces = eth0\n")
    print(net.run("nb-client", "nmblookup", f"--configfile={configuration}", *arguments, check=False))


RECORDINGS = {"samba": record_samba, "samba-wins": record_samba_wins, "nbtscan": record_nbtscan}

if __name__ == "__main__":
    import lab

    lab.main(RECORDINGS)
