#!/usr/bin/env python3
"""Record llmnr/: systemd-resolved verifies its name and answers for it."""

import pathlib
import struct
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import plan  # noqa: E402

CASES = {
    "systemd-resolved.pcap": ("A host verifies that its name is its alone, and answers for its name and its address when another looks them up.",
                              "systemd-resolved 252, twice", ["llmnr"]),
}

START = ("mkdir -p /run/systemd/resolve && mount -t tmpfs -o mode=0755 none /run/systemd/resolve && chown systemd-resolve:systemd-resolve /run/systemd/resolve && "
         "mount --bind {home}/resolved.conf /etc/systemd/resolved.conf && exec /usr/lib/systemd/systemd-resolved")


def start(net, host):
    home = net.home / host
    home.mkdir()
    (home / "resolved.conf").write_text("[Resolve]\nLLMNR=yes\nMulticastDNS=no\nDNS=\nFallbackDNS=\nDNSStubListener=yes\nCache=no\n")
    net.start(host, "unshare", "--mount", "sh", "-c", START.format(home=home))


def record_resolved():
    import lab

    hosts = ["lm-linux", "lm-client"]
    with lab.Lab("llmnr/systemd-resolved.pcap", hosts, hostnames={"lm-linux": "scada-web1", "lm-client": "eng-laptop5"}) as net:
        for host in hosts:
            start(net, host)
            net.listens(host, 5355, "udp")
        time.sleep(3)
        address = ".".join(reversed(plan.device("lm-linux").ip.split("."))) + ".in-addr.arpa"
        for name, kind in (("scada-web1", 1), ("nobody-here", 1), (address, 12)):
            print(net.run("lm-client", sys.executable, __file__, "ask", name, kind, check=False))


def ask(name, kind):
    """Ask resolved's own stub; it asks the link."""
    import socket

    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stub:
        stub.settimeout(4)
        stub.sendto(struct.pack(">HHHHHH", 4711, 0x0100, 1, 0, 0, 0) + labels + struct.pack(">BHH", 0, int(kind), 1), ("127.0.0.53", 53))
        print(stub.recv(512).hex())


RECORDINGS = {"systemd-resolved": record_resolved}

if __name__ == "__main__":
    if sys.argv[1:2] == ["ask"]:
        ask(*sys.argv[2:])
    else:
        import lab

        lab.main(RECORDINGS)
