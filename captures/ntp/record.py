#!/usr/bin/env python3
"""Record ntp/: ntpd of NTPsec and chronyd tell the time and take it."""

import os
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import plan  # noqa: E402

CASES = {
    "ntpsec-and-chrony.pcap": ("A server with a local clock, a chronyd that takes its time from it, and a client that asks both.",
                               "ntpd of NTPsec 1.2.2, chronyd 4.3; a script as client", ["ntp"]),
}

ASK = """
import socket, sys
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
    asker.settimeout(3)
    for server in sys.argv[1:]:
        asker.sendto(bytes([0x23]) + bytes(47), (server, 123))
        asker.recv(512)
"""


def record():
    import lab

    # The packages of both servers conflict: chrony's was unpacked by dpkg -x, its directory is told by CHRONY.
    chrony = pathlib.Path(os.environ.get("CHRONY", "/")) / "usr/sbin/chronyd"
    with lab.Lab("ntp/ntpsec-and-chrony.pcap", ["nt-client", "nt-ntpsec", "nt-chrony"]) as net:
        clock, below = plan.device("nt-ntpsec").ip, plan.device("nt-chrony").ip
        # The reference clock of the machine itself, as if it were a receiver at stratum 1.
        (net.home / "ntp.conf").write_text("refclock local stratum 0 refid GPS\ntos orphan 1\nrestrict default\n")
        net.start("nt-ntpsec", "ntpd", "-n", "-N", "-x", "-c", net.home / "ntp.conf", "-p", net.home / "ntpd.pid")
        net.listens("nt-ntpsec", 123, "udp")
        (net.home / "chrony.conf").write_text(f"server {clock} iburst minpoll 2 maxpoll 2\nallow\nport 123\ncmdport 0\nbindcmdaddress /\npidfile {net.home}/chrony.pid\n"
                                              f"driftfile {net.home}/drift\nlocal stratum 10\n")
        time.sleep(8)
        net.start("nt-chrony", chrony, "-n", "-x", "-u", "root", "-f", net.home / "chrony.conf")
        net.listens("nt-chrony", 123, "udp")
        time.sleep(8)
        net.run("nt-client", sys.executable, "-c", ASK, clock, below)


RECORDINGS = {"ntpsec-and-chrony": record}

if __name__ == "__main__":
    import lab

    lab.main(RECORDINGS)
