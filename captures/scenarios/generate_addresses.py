#!/usr/bin/env python3
"""Generate the scenarios about addresses: routers, leases, VLANs, sites, virtual and translated addresses.

Who is to be told from whom is in tests/suite/scenarios/.
"""

import dataclasses
import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import plan  # noqa: E402
import say_link  # noqa: E402
import say_modbus  # noqa: E402
import say_scene as say  # noqa: E402
import say_smb  # noqa: E402
from wire import Wire, checksum  # noqa: E402

VRRP = 112
NOBODY = "00:00:00:00:00:00"

CASES = {
    "01-routed-24.pcap.gz": (
        "A SCADA server polls all 254 addresses of a network behind one router: every answer bears the router's MAC and one hop less.",
        "", ["modbus"]),
    "02-lease-reuse.pcap": (
        "A laptop has an address by DHCP; eight hours later another laptop gets the same one.", "", ["dhcp", "smb", "ntlmssp"]),
    "02-lease-reuse-relayed.pcap": (
        "The same behind a relay: the frames of the lease and of both laptops bear the router's MAC.", "", ["dhcp", "smb", "ntlmssp"]),
    "03-vlans-one-serial.pcap": (
        "An adapter answers in VLAN 10, later in VLAN 20 through a router: one serial number.", "", ["enip"]),
    "03-vlans-one-address.pcap": (
        "Two cloned cells in VLAN 30 and 31: the same addresses, the same model, other MACs, no serial number.", "", ["modbus"]),
    "03-vlans-one-card.pcap": ("A server with one card in VLAN 40 and 41, with an address in each.", "", ["modbus"]),
    "04-site-a.pcap": ("A scanner and an adapter at site A.", "", ["enip"]),
    "04-site-b.pcap": ("The same addresses at site B: another scanner, another adapter.", "", ["enip"]),
    "05-vrrp-failover.pcap": (
        "Two routers of a VRRP group; the first falls silent and the second is master. Hosts use the virtual address.", "", ["arp", "modbus"]),
    "05-address-moves.pcap": (
        "Two hosts with keepalived and no virtual MAC: the shared address moves from one to the other by gratuitous ARP.", "", ["arp", "modbus"]),
    "07-translated-adapters.pcap": (
        "Two adapters behind address translation that both call themselves 192.168.1.42, and one that has this address, in another "
        "VLAN.", "", ["enip"]),
    "29-duplicate-address.pcap": ("Two adapters use one address at the same time.", "", ["arp", "enip"]),
    "30-proxy-arp.pcap": ("A router answers ARP for three hosts behind it.", "", ["arp", "enip"]),
    "32-wireless-bridge.pcap": (
        "Three devices behind a wireless bridge that puts its own MAC on their frames; no hop is counted.", "", ["enip", "modbus"]),
}


def routed():
    wire = Wire("2026-03-02T06:00:00")
    server, router = say.devices("s01-scada", "s01-router")
    wire.arp(1, server.mac, server.ip, NOBODY, router.ip)
    wire.arp(2, router.mac, router.ip, server.mac, server.ip)
    for last in range(1, 255):
        start = 128 if last % 4 == 0 else 64
        host = plan.Device(f"s01-{last}", f"10.30.1.{last}", router.mac, "", "", "", "", ttl=start - 1, router=router)
        conversation = wire.tcp(server, host, 502, established=True)
        conversation.ask(say_modbus.adu(last, 1, say_modbus.read_holding(100, 2)))
        conversation.answer(say_modbus.adu(last, 1, say_modbus.holding([last, 0])))
        conversation.acknowledge("client")
        wire.wait(0.004)
    wire.save("scenarios/01-routed-24.pcap.gz")


def lease_reuse():
    wire = Wire("2026-03-02T06:00:00")
    server, files, ada, ben = say.devices("s02-server", "s02-files", "s02-laptop-a", "s02-laptop-b")
    for laptop, transaction in ((ada, 0x3002_000A), (ben, 0x3002_000B)):
        say_link.lease(wire, server, laptop, laptop.says["name"], "MSFT 5.0", transaction)
        wire.wait(0.5)
        for _ in range(2):  # it tells who has the address now
            wire.arp(1, laptop.mac, laptop.ip, NOBODY, laptop.ip)
            wire.wait(1)
        say_smb.session(wire, laptop, files, "operator", seconds=1)
        say.forget(wire)
        wire.wait(8 * 3_600)
    wire.save("scenarios/02-lease-reuse.pcap")


def lease_reuse_relayed():
    wire = Wire("2026-03-02T06:00:00")
    server, router, portal, cleo, dan = say.devices("s02-dhcp", "s02-router", "s02-portal", "s02-laptop-c", "s02-laptop-d")
    for laptop, transaction in ((cleo, 0x3002_000C), (dan, 0x3002_000D)):
        say_link.lease_relayed(wire, router, server, laptop, laptop.says["name"], "MSFT 5.0", transaction, "10.30.2.129")
        wire.wait(2)
        say_smb.session(wire, plan.behind(laptop, router), portal, "operator", seconds=1)
        say.forget(wire)
        wire.wait(8 * 3_600)
    wire.save("scenarios/02-lease-reuse-relayed.pcap")


def one_serial():
    wire = Wire("2026-03-02T06:00:00", vlan=10)
    near, far, router, adapter = say.devices("s03-near", "s03-far", "s03-router", "s03-adapter")
    say.list_identity(wire, near, adapter)
    say.read_identity(wire, near, adapter)
    wire.wait(600)
    wire.vlan = 20
    say.list_identity(wire, far, plan.behind(adapter, router))
    wire.save("scenarios/03-vlans-one-serial.pcap")


def one_address():
    wire = Wire("2026-03-02T06:00:00")
    for vlan, cell in ((30, "a"), (31, "b")):
        wire.vlan = vlan
        poller, meter = say.devices(f"s03-poller-{cell}", f"s03-meter-{cell}")
        say.read_meter(wire, poller, meter)
        say.forget(wire)
    wire.save("scenarios/03-vlans-one-address.pcap")


def one_card():
    wire = Wire("2026-03-02T06:00:00")
    for vlan, host, device in ((40, "s03-host-40", "s03-m340"), (41, "s03-host-41", "s03-m221")):
        wire.vlan = vlan
        say.read_meter(wire, *say.devices(host, device))
    wire.save("scenarios/03-vlans-one-card.pcap")


def sites():
    for site, start in (("a", "2026-03-02T06:00:00"), ("b", "2026-03-03T06:00:00")):
        wire = Wire(start)
        scanner, adapter = say.devices(f"s04-scanner-{site}", f"s04-adapter-{site}")
        say.list_identity(wire, scanner, adapter)
        say.read_identity(wire, scanner, adapter)
        wire.save(f"scenarios/04-site-{site}.pcap")


def advertise(wire, router, priority):
    """VRRP version 2 (RFC 3768): from the virtual MAC, with the router's own address."""
    body = struct.pack(">BBBBBBH", 0x21, 5, priority, 1, 0, 1, 0) + bytes([10, 30, 5, 1]) + bytes(8)
    body = body[:6] + struct.pack(">H", checksum(body)) + body[8:]
    sender = dataclasses.replace(router, mac=plan.device("s05-virtual").mac, ttl=255)
    wire.ipv4(sender, "01:00:5e:00:00:12", "224.0.0.18", VRRP, body)


def vrrp():
    wire = Wire("2026-03-02T06:00:00")
    one, two, virtual, host, far = say.devices("s05-router-1", "s05-router-2", "s05-virtual", "s05-host", "s05-far")
    for router in (one, two):  # management of both, by their own addresses
        wire.resolve(host, router)
        say.poll(wire, host, router, polls=1)
    for master, priority in ((one, 200), (two, 100)):
        wire.arp(1, virtual.mac, virtual.ip, NOBODY, virtual.ip)
        for _ in range(3):
            advertise(wire, master, priority)
            wire.wait(1)
        wire.arp(1, host.mac, host.ip, NOBODY, virtual.ip)
        wire.arp(2, virtual.mac, virtual.ip, host.mac, host.ip)
        # The host sends to the virtual MAC; what comes back bears the MAC of the card that the master sends with.
        beyond = dataclasses.replace(plan.behind(far, virtual), card=master.mac)
        conversation = wire.tcp(host, beyond, 502, established=True)
        for number in range(3):
            conversation.ask(say_modbus.adu(number, 1, say_modbus.read_holding(0, 2)))
            conversation.answer(say_modbus.adu(number, 1, say_modbus.holding([number, 0])))
            wire.wait(1)
        wire.wait(60)
    wire.save("scenarios/05-vrrp-failover.pcap")


def address_moves():
    wire = Wire("2026-03-02T06:00:00")
    one, two, client = say.devices("s05-keeper-1", "s05-keeper-2", "s05-client")
    shared = "10.30.5.131"
    for holder in (one, two):
        for keeper in (one, two):
            say.poll(wire, client, keeper, polls=1)
        for _ in range(3):
            wire.arp(1, holder.mac, shared, NOBODY, shared)
            wire.wait(1)
        wire.known -= {(client.ip, shared), (shared, client.ip)}
        say.poll(wire, client, plan.at(holder, shared))
        wire.wait(3_600)
    for keeper in (one, two):  # both are still there, each with its own address
        say.poll(wire, client, keeper, polls=1)
    wire.save("scenarios/05-address-moves.pcap")


def translated():
    wire = Wire("2026-03-02T06:00:00")
    station, one, two, cell_station, cell_adapter = say.devices(
        "s07-station", "s07-machine-1", "s07-machine-2", "s07-cell-station", "s07-cell-adapter")
    for machine in (one, two):
        say.list_identity(wire, station, machine, inner="192.168.1.42")
        say.read_identity(wire, station, machine)
    wire.vlan = 177
    say.list_identity(wire, cell_station, cell_adapter)
    wire.save("scenarios/07-translated-adapters.pcap")


def duplicate():
    wire = Wire("2026-03-02T06:00:00")
    station, first, second = say.devices("s29-station", "s29-first", "s29-second")
    for _ in range(3):  # each answers, and the station's cache keeps whom it heard last
        for device in (first, second):
            say.forget(wire)
            wire.arp(1, station.mac, station.ip, NOBODY, device.ip)
            wire.arp(2, first.mac, first.ip, station.mac, station.ip)
            wire.arp(2, second.mac, second.ip, station.mac, station.ip)
            wire.known |= {(station.ip, device.ip), (device.ip, station.ip)}
            say.list_identity(wire, station, device)
            wire.wait(20)
    wire.save("scenarios/29-duplicate-address.pcap")


def proxy_arp():
    wire = Wire("2026-03-02T06:00:00")
    station, router, *hosts = say.devices("s30-station", "s30-router", "s30-host-1", "s30-host-2", "s30-host-3")
    wire.arp(1, router.mac, router.ip, NOBODY, router.ip)
    for host in hosts:
        wire.arp(1, station.mac, station.ip, NOBODY, host.ip)
        wire.arp(2, router.mac, host.ip, station.mac, station.ip)
        wire.known |= {(station.ip, router.ip), (router.ip, station.ip)}
        say.list_identity(wire, station, plan.behind(host, router))
    wire.save("scenarios/30-proxy-arp.pcap")


def wireless():
    wire = Wire("2026-03-02T06:00:00")
    station, bridge, one, two, meter = say.devices("s32-station", "s32-bridge", "s32-agv-1", "s32-agv-2", "s32-agv-3")
    one, two, meter = (dataclasses.replace(device, mac=bridge.mac) for device in (one, two, meter))
    for device in (one, two):
        say.list_identity(wire, station, device)
    say.read_meter(wire, station, meter)
    wire.save("scenarios/32-wireless-bridge.pcap")


if __name__ == "__main__":
    for case in (routed, lease_reuse, lease_reuse_relayed, one_serial, one_address, one_card, sites, vrrp, address_moves, translated,
                 duplicate, proxy_arp, wireless):
        case()
