#!/usr/bin/env python3
"""Record ptp/: ptp4l of linuxptp as grandmaster and slave, over UDP, over Ethernet, and as IEEE 802.1AS; pmc asks."""

import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

CASES = {
    "linuxptp-udp.pcap": ("A grandmaster in domain 24 and a slave, over UDP; pmc asks the grandmaster who it is.", "ptp4l and pmc of linuxptp 3.1.1", ["ptp"]),
    "linuxptp-802-1as.pcap": ("A grandmaster and a slave over Ethernet, with the sdo number of IEEE 802.1AS.", "ptp4l of linuxptp 3.1.1", ["ptp"]),
}


def start(net, host, settings):
    path = net.home / f"{host}.conf"
    path.write_text("[global]\ntime_stamping software\nclock_servo nullf\nsummary_interval 8\n"
                    f"uds_address {net.home}/{host}.uds\n" + settings)
    net.start(host, "ptp4l", "-i", "eth0", "-f", path)


def record(file, common):
    import lab

    with lab.Lab(file, ["pt-grandmaster", "pt-slave"]) as net:
        start(net, "pt-grandmaster", common + "clockClass 6\nclockAccuracy 0x21\ntimeSource 0x20\npriority1 100\nproductDescription Plant;TC-7;0042\n"
                                              "revisionData 2;1.4.0;1.4.0\nuserDescription Time of hall 7;Hall 7\nmanufacturerIdentity 02:73:00\n")
        start(net, "pt-slave", common + "slaveOnly 1\npriority1 255\nclockClass 255\n")
        time.sleep(13)
        if "UDPv4" in common:
            net.run("pt-slave", "pmc", "-4", "-b", "1", "-i", "eth0", "-d", "24", "GET CLOCK_DESCRIPTION", check=False)


RECORDINGS = {
    "linuxptp-udp": lambda: record("ptp/linuxptp-udp.pcap", "network_transport UDPv4\ndomainNumber 24\ndelay_mechanism E2E\n"),
    "linuxptp-802-1as": lambda: record("ptp/linuxptp-802-1as.pcap", "network_transport L2\ntransportSpecific 0x1\ndelay_mechanism P2P\nfollow_up_info 1\n"),
}

if __name__ == "__main__":
    import lab

    lab.main(RECORDINGS)
