#!/usr/bin/env python3
"""Record ssdp/: MiniDLNA announces itself; gssdp-discover looks for devices."""

import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import plan  # noqa: E402

CASES = {
    "minidlna.pcap": ("A media server announces itself, answers a search, and says goodbye.", "minidlnad 1.3.0; gssdp-discover of gupnp-tools", ["ssdp"]),
}


def record():
    import lab

    with lab.Lab("ssdp/minidlna.pcap", ["ss-client", "ss-minidlna"]) as net:
        (net.home / "media").mkdir()
        (net.home / "minidlna.conf").write_text(f"port=8200\nmedia_dir={net.home}/media\ndb_dir={net.home}/db\nlog_dir={net.home}\nfriendly_name=Hall 7 screens\n"
                                                "network_interface=eth0\nserial=4711\nmodel_number=7\nnotify_interval=895\nuuid=4d696e69-444c-164e-9d41-027300000714\n")
        net.start("ss-minidlna", "minidlnad", "-d", "-f", net.home / "minidlna.conf", "-P", net.home / "pid")
        for host in ("ss-minidlna", "ss-client"):
            net.run(host, "ip", "route", "add", "239.0.0.0/8", "dev", "eth0")
        time.sleep(3)
        net.run("ss-client", "timeout", "5", "gssdp-discover", "-i", "eth0", "--timeout=3", check=False)
        time.sleep(1)


RECORDINGS = {"minidlna": record}

if __name__ == "__main__":
    import lab

    lab.main(RECORDINGS)
