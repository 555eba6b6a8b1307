#!/usr/bin/env python3
"""Generate BACnet of an internetwork: routers, BBMDs, foreign devices, MS/TP behind a router, Ethernet."""

import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import plan  # noqa: E402
from wire import BROADCAST, Wire, ip4  # noqa: E402

CASES = {
    "internetwork.pcap": ("A router to an MS/TP network with three controllers behind it, read through it; a BBMD that passes on what a device of another "
                          "subnet says, its tables, a foreign device; restarts and silencing that are done; BACnet over Ethernet.", "", ["bacnet"]),
}

PORT = 47_808
DEVICE = 8


def npdu(control=0, dnet=None, snet=None):
    """`dnet` and `snet` are a network and an address in it."""
    body = b""
    if dnet:
        control |= 0x20
        body += struct.pack(">HB", dnet[0], len(dnet[1])) + dnet[1]
    if snet:
        control |= 0x08
        body += struct.pack(">HB", snet[0], len(snet[1])) + snet[1]
    return bytes((1, control)) + body + (b"\xff" if dnet else b"")


def bvlc(function, body):
    return struct.pack(">BBH", 0x81, function, 4 + len(body)) + body


def tagged(number, context, data):
    first = number << 4 | (8 if context else 0)
    return bytes((first | len(data),)) + data if len(data) < 5 else bytes((first | 5, len(data))) + data


def unsigned(value):
    return value.to_bytes(max(1, (value.bit_length() + 7) // 8), "big")


def text(value, charset=0):
    return tagged(7, False, bytes((charset,)) + value.encode({0: "utf-8", 4: "utf-16-be", 5: "latin-1"}[charset]))


def oid(kind, instance):
    return struct.pack(">I", kind << 22 | instance)


def i_am(instance, vendor, apdu=480, segmentation=3):
    return b"\x10\x00" + tagged(12, False, oid(DEVICE, instance)) + tagged(2, False, unsigned(apdu)) + tagged(9, False, unsigned(segmentation)) \
        + tagged(2, False, unsigned(vendor))


def results(instance, properties):
    body = tagged(0, True, oid(DEVICE, instance)) + b"\x1e"
    for number, value in properties:
        body += tagged(2, True, unsigned(number)) + b"\x4e" + value + b"\x4f"
    return body + b"\x1f"


def request(invoke, service, data):
    return bytes((0x00, 0x05, invoke, service)) + data


def ask_all(invoke, instance, numbers=(8,)):
    return request(invoke, 14, tagged(0, True, oid(DEVICE, instance)) + b"\x1e" + b"".join(tagged(1, True, unsigned(n)) for n in numbers) + b"\x1f")


STATIONS = {  # of MS/TP: instance, vendor, name, maker, model, firmware, application, serial
    4: (3004, 8, "DAC-304", "Delta Controls", "DAC-606", "3.40.580706", "DAC-304 AHU", "1006-04"),
    29: (3029, 35, "RC-29", "Reliable Controls Corporation", "MACH-ProZone", "8.19.6", "8.19.6", "RC-2904411"),
    31: (3031, 2, "UC400-31", "The Trane Company", "UC400", "1.0", "v6.00.014", "E12K03145"),
}


def main():
    wire = Wire("2026-03-02T13:00:00")
    station, router, foreign, far, ethernet = (plan.device(f"ba-{name}") for name in ("station", "router", "foreign", "far", "ethernet"))

    def say(source, function, body, target=None):
        if target is None:
            wire.udp(source, None, PORT, PORT, bvlc(function, body), target_ip="10.20.20.255", target_mac=BROADCAST)
        else:
            wire.udp(source, target, PORT, PORT, bvlc(function, body))
        wire.wait(0.02)

    # Who is there: the router, its network, and those behind it.
    say(station, 0x0B, npdu(0x80) + b"\x00")
    say(router, 0x0B, npdu(0x80) + b"\x01" + struct.pack(">HH", 3, 13))
    say(router, 0x0B, npdu(0x80) + b"\x13" + struct.pack(">HB", 20, 1))
    say(station, 0x0B, npdu(dnet=(0xFFFF, b"")) + b"\x10\x08")
    say(router, 0x0B, npdu() + i_am(3000, 8, 1476, 0))
    for number, (instance, vendor, *_) in STATIONS.items():
        say(router, 0x0B, npdu(snet=(3, bytes((number,)))) + i_am(instance, vendor))
    say(router, 0x0B, npdu(snet=(13, bytes.fromhex("0a14210fbac0"))) + i_am(13001, 24))
    say(router, 0x04, ip4(far.ip) + struct.pack(">H", PORT) + npdu() + i_am(4001, 364, 1476, 0))
    # What they are.
    for invoke, (number, (instance, vendor, name, maker, model, firmware, software, serial)) in enumerate(STATIONS.items(), 1):
        say(station, 0x0A, npdu(0x04, dnet=(3, bytes((number,)))) + ask_all(invoke, instance), router)
        answer = results(instance, [(77, text(name)), (121, text(maker)), (120, tagged(2, False, unsigned(vendor))), (70, text(model)), (44, text(firmware)),
                                    (12, text(software)), (372, text(serial)), (112, tagged(9, False, b"\0")), (98, tagged(2, False, b"\1")),
                                    (139, tagged(2, False, b"\x0e"))])
        back = npdu(snet=(3, bytes((number,))))
        if number == 29:
            parts = [answer[at:at + 50] for at in range(0, len(answer), 50)]
            for at, part in enumerate(parts):
                flags = 0x08 | (0x04 if at + 1 < len(parts) else 0)
                say(router, 0x0A, back + bytes((0x30 | flags, invoke, at, 4, 14)) + part, station)
        else:
            say(router, 0x0A, back + bytes((0x30, invoke, 14)) + answer, station)
    say(station, 0x0A, npdu(0x04) + ask_all(9, 3000), router)
    say(router, 0x0A, npdu() + bytes((0x30, 9, 14)) + results(3000, [
        (77, text("DSM-RTR-3000")), (121, text("Delta Controls")), (70, text("DSM_RTR")), (44, text("3.40.580706")), (28, text("Verteiler Müllraum", 5)),
        (58, text("Keller Ж", 4)), (168, text("8-DSM")), (507, tagged(6, False, bytes.fromhex("6b1e6a5d0c4f4b7d9d0b1f2a3c4d5e6f")))]), station)
    # Tables of the BBMD, and a foreign device.
    say(foreign, 0x05, struct.pack(">H", 60), router)
    say(router, 0x00, b"\0\0", foreign)
    say(station, 0x02, b"", router)
    say(router, 0x03, b"".join(ip4(address) + struct.pack(">H", PORT) + b"\xff" * 4 for address in (router.ip, "10.20.21.1")), station)
    say(station, 0x06, b"", router)
    say(router, 0x07, ip4(foreign.ip) + struct.pack(">HHH", PORT, 60, 55), station)
    say(foreign, 0x09, npdu() + i_am(1102, 36, 1476, 0), router)
    # What is done to the router, and to a controller behind it. Passwords go in the clear.
    password = tagged(1, True, b"\0l3t-me-in")
    say(station, 0x0A, npdu(0x04) + request(20, 20, tagged(0, True, b"\1") + password), router)
    say(router, 0x0A, npdu() + bytes((0x20, 20, 20)), station)
    target = (3, bytes((4,)))
    say(station, 0x0A, npdu(0x04, dnet=target) + request(21, 17, tagged(0, True, b"\x0a") + tagged(1, True, b"\1") + tagged(2, True, b"\0l3t-me-in")), router)
    say(router, 0x0A, npdu(snet=target) + bytes((0x20, 21, 17)), station)
    say(station, 0x0A, npdu(0x04, dnet=target) + request(22, 15, tagged(0, True, oid(2, 1)) + tagged(1, True, b"\x55") + b"\x3e\x44\x41\xa0\0\0\x3f"), router)
    say(router, 0x0A, npdu(snet=target) + bytes((0x20, 22, 15)), station)
    # Over Ethernet.
    def frame(source, target, body):
        wire.llc(source.mac, target, b"\x82\x82\x03" + body)
        wire.wait(0.02)

    frame(station, BROADCAST, npdu() + b"\x10\x08")
    frame(ethernet, BROADCAST, npdu() + i_am(2501, 24, 1476, 0))
    frame(station, ethernet.mac, npdu(0x04) + ask_all(30, 2501))
    frame(ethernet, station.mac, npdu() + bytes((0x30, 30, 14)) + results(2501, [
        (77, text("lgr25")), (121, text("Automated Logic Corporation")), (70, text("LGR25")), (44, text("BOOT(id=2,ver=1.00:001) MAIN(id=3,ver=6.08a:001)")),
        (12, text("LGR6-08"))]))
    wire.save("bacnet/internetwork.pcap")


if __name__ == "__main__":
    main()
