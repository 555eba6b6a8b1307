#!/usr/bin/env python3
"""Record dhcp/: dnsmasq leases addresses to ISC dhclient and BusyBox udhcpc."""

import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import plan  # noqa: E402

CASES = {
    "dhclient.pcap": ("Two clients take a lease, renew it by starting again, and release it: host name, vendor class, client identifier, "
                      "parameter request list, and a fully qualified name (option 81).", "dnsmasq 2.90 server; isc-dhcp-client 4.4.3 clients", ["dhcp"]),
    "udhcpc.pcap": ("A small Linux controller: vendor class of udhcpc, host name; lease and release.",
                    "dnsmasq 2.90 server; BusyBox udhcpc 1.35 client", ["dhcp"]),
}

DHCLIENT = {
    "dh-winhmi": """send host-name "HMI-LINE4";
send vendor-class-identifier "MSFT 5.0";
send fqdn.fqdn "hmi-line4.plant.example";
send fqdn.encoded on;
send fqdn.server-update on;
send dhcp-client-identifier = hardware;
request subnet-mask, routers, domain-name, domain-name-servers, netbios-name-servers, netbios-node-type, static-routes, vendor-encapsulated-options;
""",
    "dh-panel": """send host-name "panel-07";
send vendor-class-identifier "SIMATIC HMI";
send dhcp-client-identifier "panel-07";
request subnet-mask, routers, broadcast-address, host-name, ntp-servers;
""",
}

# Gives the interface its address and does nothing else; the distribution's own script would rewrite resolv.conf.
SCRIPT = """#!/bin/sh
case "$reason$1" in
  BOUND|RENEW|REBIND|REBOOT) ip address replace "$new_ip_address/24" dev eth0 ;;
  bound|renew) ip address replace "$ip/24" dev eth0 ;;
  PREINIT) ip link set eth0 up ;;
esac
exit 0
"""


def serve(net):
    home = net.home
    script = home / "script"
    script.write_text(SCRIPT)
    script.chmod(0o755)
    hosts = [f"--dhcp-host={plan.device(name).mac},{plan.device(name).ip}" for name in ("dh-winhmi", "dh-panel", "dh-udhcpc")]
    net.start("dh-server", "dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--port=0", "--interface=eth0", "--no-ping", "--user=root",
              "--dhcp-range=10.20.4.100,10.20.4.150,2h", "--dhcp-authoritative", "--domain=plant.example", "--dhcp-option=option:router,10.20.4.1",
              "--dhcp-option=option:ntp-server,10.20.4.1", f"--dhcp-leasefile={home}/leases", f"--pid-file={home}/dnsmasq.pid", *hosts)
    net.listens("dh-server", 67, "udp")


def record_dhclient():
    import lab

    with lab.Lab("dhcp/dhclient.pcap", ["dh-server", *DHCLIENT], addressless=tuple(DHCLIENT)) as net:
        serve(net)
        home = net.home
        for name, options in DHCLIENT.items():
            (home / f"{name}.conf").write_text("timeout 10;\ninitial-interval 1;\nbackoff-cutoff 1;\n" + options)
            command = ["dhclient", "-1", "-4", "-cf", home / f"{name}.conf", "-sf", home / "script", "-lf", home / f"{name}.leases", "-pf", home / f"{name}.pid"]
            net.run(name, *command, "eth0")
            net.run(name, *command, "-x", "eth0", check=False)
            net.run(name, *command, "eth0")  # starts in INIT-REBOOT, with the address it had
            net.run(name, *command, "-r", "eth0")


def record_udhcpc():
    import lab

    with lab.Lab("dhcp/udhcpc.pcap", ["dh-server", "dh-udhcpc"], addressless=("dh-udhcpc",)) as net:
        serve(net)
        client = net.start("dh-udhcpc", "udhcpc", "-i", "eth0", "-s", net.home / "script", "-x", "hostname:PFC200-42F1A3", "-V", "udhcp 1.35.0",
                           "-n", "-f", "-R", "-T", "1")
        time.sleep(1.5)
        net.stop(client)  # -R: releases the lease when told to end


RECORDINGS = {"dhclient": record_dhclient, "udhcpc": record_udhcpc}

if __name__ == "__main__":
    import lab

    lab.main(RECORDINGS)
