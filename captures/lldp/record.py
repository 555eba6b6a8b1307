#!/usr/bin/env python3
"""Record lldp/: two lldpd, one speaking as a managed switch, one as an endpoint with LLDP-MED inventory."""

import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

CASES = {
    "lldpd.pcap": ("A managed switch and an endpoint announce themselves: chassis and port, system name and description, capabilities, management "
                   "address; the endpoint adds the LLDP-MED inventory (hardware, firmware, software, serial, manufacturer, model, asset). "
                   "At the end each says goodbye with a time to live of zero.", "lldpd 1.0.16 twice", ["lldp"]),
}

SWITCH, ENDPOINT = "ll-scalance", "ll-fl2208"
HOSTNAMES = {SWITCH: "SW-CELL5-01", ENDPOINT: "FL-SWITCH-2208-K7"}
DESCRIPTION = {
    SWITCH: "Siemens, SIMATIC NET, SCALANCE XC208, 6GK5 208-0BA00-2AC2, HW: Version 2, FW: Version V04.02.00, SVPM3132015",
    ENDPOINT: "Phoenix Contact FL SWITCH 2208, Art. 2702327, FW 3.10",
}
INVENTORY = {"hardware-revision": "02", "firmware-revision": "3.10", "software-revision": "3.10.2206", "serial-number": "2032456781",
             "manufacturer": "Phoenix Contact", "model": "FL SWITCH 2208", "asset": "K7-0042"}


def record():
    import lab

    with lab.Lab("lldp/lldpd.pcap", [SWITCH, ENDPOINT], hostnames=HOSTNAMES) as net:
        for name in (SWITCH, ENDPOINT):
            socket = net.home / name
            options = ["-M", "1", "-k"] if name == ENDPOINT else ["-i"]
            net.start(name, "lldpd", "-d", "-u", socket, "-S", DESCRIPTION[name], "-C", "eth0", "-I", "eth0", "-m", "10.20.5.*", *options)
            for _ in range(50):
                if socket.exists():
                    break
                time.sleep(0.1)
            tell = lambda *words: net.run(name, "lldpcli", "-u", socket, *words)  # noqa: B023, E731
            tell("configure", "lldp", "tx-interval", "1")
            tell("configure", "ports", "eth0", "lldp", "portidsubtype", "local", "port-003" if name == SWITCH else "X1", "description",
                 "Port 3 to K7" if name == SWITCH else "uplink")
            if name == ENDPOINT:
                for key, value in INVENTORY.items():
                    tell("configure", "inventory", key, value)
        time.sleep(3)


RECORDINGS = {"lldpd": record}

if __name__ == "__main__":
    import lab

    lab.main(RECORDINGS)
