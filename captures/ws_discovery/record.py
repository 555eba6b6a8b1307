#!/usr/bin/env python3
"""Record ws_discovery/: wsdd announces a computer and answers a search."""

import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

CASES = {
    "wsdd.pcap": ("A computer says hello, answers a search for computers, and says bye.", "wsdd 0.7.0; a script as client", ["ws_discovery"]),
}

SEARCH = """
import socket
message = ('<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="http://www.w3.org/2003/05/soap-envelope" '
           'xmlns:wsa="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:wsd="http://schemas.xmlsoap.org/ws/2005/04/discovery" '
           'xmlns:wsdp="http://schemas.xmlsoap.org/ws/2006/02/devprof"><soap:Header><wsa:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</wsa:To>'
           '<wsa:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</wsa:Action><wsa:MessageID>urn:uuid:73000000-0000-4000-8000-000000000001</wsa:MessageID>'
           '</soap:Header><soap:Body><wsd:Probe><wsd:Types>wsdp:Device</wsd:Types></wsd:Probe></soap:Body></soap:Envelope>')
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
    asker.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 1)
    asker.settimeout(4)
    asker.sendto(message.encode(), ("239.255.255.250", 3702))
    asker.recv(8192)
"""


def record():
    import lab

    with lab.Lab("ws_discovery/wsdd.pcap", ["wd-client", "wd-linux"], hostnames={"wd-linux": "panel-srv8"}) as net:
        for host in ("wd-client", "wd-linux"):
            net.run(host, "ip", "route", "add", "239.0.0.0/8", "dev", "eth0")
        net.start("wd-linux", "wsdd", "-i", "eth0", "-4", "-n", "PANEL-SRV8", "-w", "LINE8", "-U", "73000000-0000-4000-8000-000000000008")
        net.listens("wd-linux", 3702, "udp")
        time.sleep(2)
        net.run("wd-client", sys.executable, "-c", SEARCH)
        time.sleep(1)


RECORDINGS = {"wsdd": record}

if __name__ == "__main__":
    import lab

    lab.main(RECORDINGS)
