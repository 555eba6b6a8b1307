#!/usr/bin/env python3
"""Generate multicast DNS of a printer, a camera, and a host that also answers for another that sleeps."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import plan  # noqa: E402
import say_names as say  # noqa: E402
from wire import Wire, ip4  # noqa: E402

CASES = {
    "devices.pcap": ("A label printer and a camera announce their services with product, firmware and serial number; a host answers for itself and for another "
                     "that sleeps; a service list asked for at a host's own address.", "", ["mdns"]),
}


def main():
    wire = Wire("2026-03-02T11:00:00")
    printer, camera, proxy, asleep, asker = (plan.device(f"md-{name}") for name in ("printer", "camera", "mac", "asleep", "client"))
    host = "ZBR9465281.local"
    say.mdns(wire, printer, say.dns(0, [(say.labels(host), say.ANY)], authority=[say.record(say.labels(host), say.A, ip4(printer.ip))]))
    wire.wait(0.75)
    announce(wire, printer, host, ["ZT411 Hall 3 [9465281]"], "_ipp._tcp.local", 631, "ty=Zebra ZT411", "product=(ZT411)", "usb_MFG=Zebra", "usb_MDL=ZT411",
             "note=Hall 3", "UUID=0f3c", "fv=V92.21.17Z")
    wire.wait(2)
    announce(wire, camera, "axis-00408c200e1f.local", ["AXIS P1468-LE - 00408C200E1F"], "_axis-video._tcp.local", 80, "macaddress=00408C200E1F", "fn=Anna's corner",
             addresses=(camera.ip, "169.254.14.31"))
    wire.wait(2)
    own = [say.record(say.labels("Mac-mini.local"), say.A, ip4(proxy.ip), flush=True),
           say.record(say.labels(["Anna's Mac mini", "_smb", "_tcp", "local"]), say.SRV, say.srv(445, "Mac-mini.local"), flush=True),
           say.record(say.labels(["Anna's Mac mini", "_device-info", "_tcp", "local"]), say.TXT, say.txt("model=Macmini9,1", "osxvers=22"))]
    other = [say.record(say.labels("MacBook-Pro.local"), say.A, ip4(asleep.ip), flush=True),
             say.record(say.labels(["Anna's MacBook Pro", "_ssh", "_tcp", "local"]), say.SRV, say.srv(22, "MacBook-Pro.local"), flush=True),
             say.record(say.labels(["Anna's MacBook Pro", "_ssh", "_tcp", "local"]), say.TXT, say.txt("model=MacBookPro17,1"))]
    say.mdns(wire, proxy, say.dns(0x8400, answers=own))
    wire.wait(1)
    say.mdns(wire, proxy, say.dns(0x8400, answers=other))
    wire.wait(2)
    types = say.labels("_services._dns-sd._udp.local")
    wire.udp(asker, camera, 40_001, 5353, say.dns(0, [(types, say.PTR)], number=7))
    listed = [say.record(b"\xc0\x0c", say.PTR, say.labels(kind), 10) for kind in ("_axis-video._tcp.local", "_rtsp._tcp.local")]
    wire.udp(camera, asker, 5353, 40_001, say.dns(0x8400, [(types, say.PTR)], listed, number=7))
    wire.wait(10)
    say.mdns(wire, printer, say.dns(0x8400, answers=[say.record(say.labels("OLD-NAME.local"), say.A, ip4(printer.ip), ttl=0, flush=True)]))
    wire.save("mdns/devices.pcap")


def announce(wire, device, host, instance, kind, port, *pairs, addresses=()):
    service = say.labels([*instance, *kind.split(".")])
    say.mdns(wire, device, say.dns(0x8400, answers=[
        say.record(say.labels(kind), say.PTR, service, 4500), say.record(service, say.SRV, say.srv(port, host), flush=True),
        say.record(service, say.TXT, say.txt(*pairs), 4500, flush=True)],
        additional=[say.record(say.labels(host), say.A, ip4(address), flush=True) for address in addresses or (device.ip,)]))


if __name__ == "__main__":
    main()
