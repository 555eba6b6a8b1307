#!/usr/bin/env python3
"""Record mdns/: Avahi announces a gateway's services; another Avahi browses them."""

import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

CASES = {
    "avahi.pcap": ("A gateway probes for its name, announces it with workstation, SSH, web and OPC UA services and HINFO, is browsed, and says goodbye.",
                   "avahi-daemon 0.8, twice; avahi-browse 0.8", ["mdns"]),
}

# Each daemon sees configuration, services and run-time directory of its own.
START = ("mount --bind {home} /etc/avahi && mkdir -p /run/avahi-daemon && mount -t tmpfs none /run/avahi-daemon && exec "
         "env DBUS_SYSTEM_BUS_ADDRESS=unix:path={home}/bus avahi-daemon --no-drop-root --no-chroot --no-rlimits -f {home}/avahi-daemon.conf")

CONFIGURATION = """[server]
host-name={name}
use-ipv4=yes
use-ipv6=no
allow-interfaces=eth0
enable-dbus={bus}
ratelimit-interval-usec=1000000
[publish]
publish-hinfo=yes
publish-workstation=yes
publish-addresses=yes
"""

SERVICES = """<?xml version="1.0" standalone='no'?>
<!DOCTYPE service-group SYSTEM "avahi-service.dtd">
<service-group>
  <name replace-wildcards="yes">Gateway cell 1</name>
  <service><type>_ssh._tcp</type><port>22</port></service>
  <service><type>_http._tcp</type><subtype>_printer._sub._http._tcp</subtype><port>80</port><txt-record>path=/wbm</txt-record><txt-record>vendor=WAGO</txt-record>
    <txt-record>model=750-8212</txt-record><txt-record>fw=03.10.08(22)</txt-record></service>
  <service><type>_opcua-tcp._tcp</type><port>4840</port><txt-record>path=/</txt-record><txt-record>caps=DA,LDS</txt-record></service>
  <service><type>_device-info._tcp</type><port>0</port><txt-record>model=PFC200</txt-record></service>
</service-group>
"""


def start(net, host, name, services=""):
    home = net.home / host
    (home / "services").mkdir(parents=True, exist_ok=True)
    bus = "no" if services else "yes"
    (home / "avahi-daemon.conf").write_text(CONFIGURATION.format(name=name, bus=bus))
    if services:
        (home / "services" / "gateway.service").write_text(services)
    return net.start(host, "unshare", "--mount", "sh", "-c", START.format(home=home))


def record_avahi():
    import lab

    with lab.Lab("mdns/avahi.pcap", ["md-edge", "md-client"]) as net:
        home = net.home / "md-client"
        home.mkdir()
        net.start("md-client", "dbus-daemon", "--config-file=/usr/share/dbus-1/system.conf", "--nofork", "--nopidfile", f"--address=unix:path={home}/bus")
        time.sleep(0.5)
        start(net, "md-client", "eng-linux2")
        edge = start(net, "md-edge", "edge-gw1", SERVICES)
        time.sleep(5)
        bus = f"DBUS_SYSTEM_BUS_ADDRESS=unix:path={home}/bus"
        print(net.run("md-client", "env", bus, "avahi-browse", "--all", "--resolve", "--terminate", "--parsable", check=False))
        net.stop(edge)
        time.sleep(1)


RECORDINGS = {"avahi": record_avahi}

if __name__ == "__main__":
    import lab

    lab.main(RECORDINGS)
