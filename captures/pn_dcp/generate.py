#!/usr/bin/env python3
"""Generate a PROFINET line: no program at hand plays a device of each of these makers, or gives the clock."""

import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import plan  # noqa: E402
import say_profinet as say  # noqa: E402
from wire import Wire, mac  # noqa: E402

CASES = {
    "line.pcap": ("An engineering station asks who is there, and six stations of three makers answer; one says hello when it is switched on. Every option that "
                  "tells something is in one of the answers.", "", ["pn_dcp"]),
    "commissioning.pcap": ("Stations get names and addresses, blink, are asked for single options, and are reset to the state they were sold in; two orders are "
                           "refused, two addresses collide.", "", ["pn_dcp"]),
    "operation.pcap": ("A controller and its devices exchange data in cycles, isochronous and to several among them; alarms; a connection is given up; the clock "
                       "of the network and the delays of its lines.", "", ["pn_dcp"]),
}

# Vendor and device numbers: those of public device descriptions where they are known, else invented.
STATIONS = {
    "pn-cpu": ("plc-1", "S7-1500", 0x002A, 0x010E, 2),
    "pn-et200sp": ("et200sp-1", "ET200SP", 0x002A, 0x0313, 1),
    "pn-scalance": ("sw-line-1", "SCALANCE X-200", 0x002A, 0x0A01, 1),
    "pn-drive": ("drive-1", "SINAMICS G120D", 0x002A, 0x0507, 1),
    "pn-axl": ("axl-1", "AXL F BK PN", 0x00B0, 0x0142, 1),
    "pn-wago": ("io-750", "WAGO 750-375", 0x011D, 0x02EE, 1),
}
UNNAMED = "pn-unnamed"


def identity(name, *more):
    station, kind, vendor, device, role = STATIONS[name]
    return b"".join([say.told(2, 1, kind.encode()), say.told(2, 2, station.encode()), say.told(2, 3, struct.pack(">HH", vendor, device)),
                     say.told(2, 4, bytes([role, 0])), *more, say.told(1, 2, say.addresses(plan.device(name).ip), 1)])


def line():
    wire = Wire("2026-03-02T15:00:00")
    station = plan.device("pn-station")
    say.send(wire, station, say.IDENTIFY_MULTICAST, say.dcp(say.IDENTIFY_REQUEST, say.IDENTIFY, 0, 0x0101, say.block(0xFF, 0xFF, b""), 0x80))
    options = bytes([1, 1, 1, 2, 2, 1, 2, 2, 2, 3, 2, 4, 2, 5, 2, 6, 2, 7, 5, 1, 5, 2, 5, 3, 5, 4, 5, 6])
    more = {
        "pn-cpu": [say.told(2, 5, options), say.told(2, 7, b"\0\x64")],
        "pn-et200sp": [say.told(2, 6, b"port-002.sw-line-1"), say.told(2, 5, options)],
        "pn-scalance": [say.told(1, 1, mac(plan.device("pn-scalance").mac))],
        "pn-wago": [say.told(2, 8, struct.pack(">HH", 0x011D, 0x0177))],
    }
    for name in STATIONS:
        wire.wait(0.004)
        device = plan.device(name)
        say.send(wire, device, station, say.dcp(say.IDENTIFY_RESPONSE, say.IDENTIFY, 1, 0x0101, identity(name, *more.get(name, []))))
    new = plan.device(UNNAMED)
    wire.wait(0.004)
    blank = say.told(2, 1, b"ET200SP") + say.told(2, 2, b"") + say.told(2, 3, struct.pack(">HH", 0x2A, 0x313)) + say.told(1, 2, bytes(12))
    say.send(wire, new, station, say.dcp(say.IDENTIFY_RESPONSE, say.IDENTIFY, 1, 0x0101, blank))
    # A controller looks for its devices by name, and for a new one by its neighbour.
    cpu = plan.device("pn-cpu")
    for number, name in enumerate(("et200sp-1", "drive-1", "axl-1")):
        wire.wait(0.5)
        say.send(wire, cpu, say.IDENTIFY_MULTICAST, say.dcp(say.IDENTIFY_REQUEST, say.IDENTIFY, 0, 0x0200 + number, say.block(2, 2, name.encode()), 1))
    say.send(wire, cpu, say.IDENTIFY_MULTICAST, say.dcp(say.IDENTIFY_REQUEST, say.IDENTIFY, 0, 0x0210, say.block(2, 6, b"port-003.sw-line-1"), 1))
    wire.wait(2)
    hello = say.told(2, 2, b"drive-1") + say.told(1, 2, say.addresses(plan.device("pn-drive").ip), 1) + say.told(2, 3, struct.pack(">HH", 0x2A, 0x507))
    hello += say.told(6, 1, struct.pack(">H", 1))
    say.send(wire, plan.device("pn-drive"), say.HELLO_MULTICAST, say.dcp(say.HELLO, say.SAY_HELLO, 0, 0x0301, hello))
    wire.save("pn_dcp/line.pcap")


def commissioning():
    wire = Wire("2026-03-02T15:10:00")
    station, new, switch, cpu = (plan.device(name) for name in ("pn-station", UNNAMED, "pn-scalance", "pn-cpu"))
    number = 0x0400

    def change(device, orders, results):
        nonlocal number
        number += 1
        say.send(wire, station, device, say.dcp(say.GET_SET, say.SET, 0, number, orders))
        wire.wait(0.002)
        say.send(wire, device, station, say.dcp(say.GET_SET, say.SET, 1, number, results))
        wire.wait(1)

    def ask(device, pairs, blocks):
        nonlocal number
        number += 1
        say.send(wire, station, device, say.dcp(say.GET_SET, say.GET, 0, number, bytes(pairs)))
        wire.wait(0.002)
        say.send(wire, device, station, say.dcp(say.GET_SET, say.GET, 1, number, blocks))
        wire.wait(1)

    change(new, say.ordered(5, 3, b"\x01\x00", 0), say.done(5, 3))
    change(new, say.ordered(2, 2, b"et200sp-2"), say.done(2, 2))
    change(new, say.ordered(1, 2, say.addresses(new.ip)), say.done(1, 2))
    ask(new, [2, 2, 1, 2], say.told(2, 2, b"et200sp-2") + say.told(1, 2, say.addresses(new.ip), 1))
    # A switch with all four addresses of the full suite, which asks a DHCP server by its name.
    full = say.addresses(switch.ip, gateway="10.20.18.1", names=("10.20.18.2", "10.20.18.3", "0.0.0.0", "0.0.0.0"))
    change(switch, say.ordered(1, 3, full), say.done(1, 3))
    ask(switch, [1, 3, 3, 12, 2, 9], say.told(1, 3, full, 2) + say.told(3, 12, b"sw-line-1") + say.done(2, 9, 2))
    # A controller in operation keeps its name.
    change(cpu, say.ordered(2, 2, b"plc-2", 0), say.done(2, 2, 6))
    change(cpu, say.ordered(5, 5, b"", 0), say.done(5, 5, 5))
    change(new, say.ordered(5, 6, b"", 8), say.done(5, 6))
    # Somebody else has the address that the device was given before.
    ask(new, [1, 2], say.told(1, 2, say.addresses(cpu.ip), 0x81))
    wire.save("pn_dcp/commissioning.pcap")


def operation():
    wire = Wire("2026-03-02T15:20:00")
    cpu, io, drive, axl, switch = (plan.device(name) for name in ("pn-cpu", "pn-et200sp", "pn-drive", "pn-axl", "pn-scalance"))
    group = "01:0e:cf:00:02:01"
    for cycle in range(12):
        counter = 0x1000 + 64 * cycle
        say.send(wire, cpu, io, say.cyclic(0x8001, bytes([0x80, cycle, 0x80]), counter))
        say.send(wire, io, cpu, say.cyclic(0x8000, bytes([0x80, 1, cycle]), counter))
        say.send(wire, cpu, axl, say.cyclic(0xC001, bytes([0x80]), counter))
        say.send(wire, axl, cpu, say.cyclic(0xC000, bytes([0x80, cycle]), counter))
        say.send(wire, drive, cpu, say.cyclic(0x0100, bytes(8), counter))
        say.send(wire, cpu, group, say.cyclic(0xBC00, bytes(4), counter))
        wire.wait(0.002)
    say.send(wire, io, cpu, say.alarm(False, 0x01, 2, 1, 0x0000_0C08, 0x0000_0001))
    say.send(wire, cpu, io, say.acknowledged(False))
    wire.wait(1)
    say.send(wire, io, cpu, say.alarm(True, 0x03, 3, 1, 0x0000_0C08, 0x0000_0001))
    say.send(wire, cpu, io, say.acknowledged(True))
    wire.wait(1)
    say.send(wire, axl, cpu, say.aborted(0xCF81FD0F))
    for sequence in range(3):
        where = say.subdomain(cpu.mac, "6d617374-6572-5f73-796e-632d6c696e65")
        when = say.tlv(2, struct.pack(">HII", 0, 1_772_464_800, sequence * 1_000_000))
        say.send(wire, cpu, say.SYNC_MULTICAST, say.clock(0x0080, sequence, where, when))
        say.send(wire, cpu, say.SYNC_MULTICAST, say.clock(0xFF20, sequence, where, when))
        say.send(wire, switch, say.DELAY_MULTICAST, say.clock(0xFF40, sequence, say.tlv(6, mac(switch.mac))))
        wire.wait(0.2)
    wire.save("pn_dcp/operation.pcap")


if __name__ == "__main__":
    line()
    commissioning()
    operation()
