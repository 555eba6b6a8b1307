#!/usr/bin/env python3
"""Record arp/: announcements, probes, a proxy's answers, and two stations that claim one address."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import plan  # noqa: E402

CASES = {
    "announcements.pcap": ("Gratuitous ARP as request and as reply, a duplicate-address probe, and an ordinary question and answer.",
                           "arping of iputils 20221126, ping", ["arp"]),
    "proxy.pcap": ("A router answers by proxy ARP for four addresses of another network: many addresses, one MAC.",
                   "Linux proxy_arp; arping of iputils 20221126", ["arp"]),
    "address-conflict.pcap": ("Two stations with different MACs answer for 10.20.6.20.", "arping of iputils 20221126", ["arp"]),
}

STATION, PLC, TWIN, ROUTER = "ar-station", "ar-plc", "ar-twin", "ar-router"


def record_announcements():
    import lab

    with lab.Lab("arp/announcements.pcap", [STATION, PLC]) as net:
        address = plan.device(PLC).ip
        net.run(PLC, "arping", "-D", "-c", "2", "-I", "eth0", address, check=False)
        net.run(PLC, "arping", "-U", "-c", "2", "-I", "eth0", "-s", address, address, check=False)
        net.run(PLC, "arping", "-A", "-c", "2", "-I", "eth0", "-s", address, address, check=False)
        net.run(STATION, "ping", "-c", "1", address)


def record_proxy():
    import lab

    with lab.Lab("arp/proxy.pcap", [STATION, ROUTER]) as net:
        net.run(ROUTER, "sh", "-c", "ip link add behind type bridge && ip link set behind up && ip address add 10.20.7.1/24 dev behind"
                " && echo 1 > /proc/sys/net/ipv4/ip_forward && echo 1 > /proc/sys/net/ipv4/conf/eth0/proxy_arp"
                " && echo 0 > /proc/sys/net/ipv4/neigh/eth0/proxy_delay")
        for last in (10, 11, 12, 13):
            net.run(STATION, "arping", "-c", "1", "-I", "eth0", f"10.20.7.{last}", check=False)


def record_conflict():
    import lab

    with lab.Lab("arp/address-conflict.pcap", [STATION, PLC, TWIN]) as net:
        net.run(STATION, "arping", "-c", "3", "-I", "eth0", plan.device(PLC).ip, check=False)


RECORDINGS = {"announcements": record_announcements, "proxy": record_proxy, "address-conflict": record_conflict}

if __name__ == "__main__":
    import lab

    lab.main(RECORDINGS)
