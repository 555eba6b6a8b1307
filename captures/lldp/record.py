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
    "profinet.pcap": ("A PROFINET device tells its neighbour's alias, its ring, its clock, its cables and its own MAC address; a VLAN and its name.",
                      "lldpd 1.0.16 with TLVs given to it", ["lldp"]),
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


# TLVs by organization and subtype. PROFINET: delays, port status, alias, ring, chassis MAC, clock. IEEE 802.1: port VLAN, VLAN name. IEEE 802.3: port.
OTHERS = {("00,80,c2", 1): b"\0\x1f", ("00,80,c2", 3): b"\0\x1f\7control", ("00,12,0f", 1): bytes.fromhex("036c030010")}
PROFINET = {
    1: bytes(16) + (379).to_bytes(4, "big"), 2: bytes(4), 3: b"port-003.sw-cell5-01", 4: b"\xff" * 16 + b"\0\1",
    5: bytes.fromhex("286336200503"), 6: bytes.fromhex("286336200501") + bytes(48),
}
DEVICE = "ll-et200"


def record_profinet():
    import lab

    with lab.Lab("lldp/profinet.pcap", [SWITCH, DEVICE], hostnames={**HOSTNAMES, DEVICE: "et200-line3"}) as net:
        socket = net.home / DEVICE
        net.start(DEVICE, "lldpd", "-d", "-u", socket, "-S", "Siemens, SIMATIC S7, IM155-6PN/3 HF, 6ES7 155-6AU30-0CN0, HW: 1, FW: V4.2.1, S C-K4U12345",
                  "-C", "eth0", "-I", "eth0", "-m", "10.20.5.*", "-M", "4", "-k")
        for _ in range(50):
            if socket.exists():
                break
            time.sleep(0.1)
        tell = lambda *words: net.run(DEVICE, "lldpcli", "-u", socket, *words)  # noqa: E731
        for (oui, subtype), value in {**{("00,0e,cf", number): value for number, value in PROFINET.items()}, **OTHERS}.items():
            tell("configure", "lldp", "custom-tlv", "add", "oui", oui, "subtype", str(subtype), "oui-info", ",".join(f"{byte:02x}" for byte in value))
        tell("configure", "lldp", "tx-interval", "1")
        time.sleep(3)


RECORDINGS = {"lldpd": record, "profinet": record_profinet}

if __name__ == "__main__":
    import lab

    lab.main(RECORDINGS)
