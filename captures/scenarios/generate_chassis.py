#!/usr/bin/env python3
"""Generate the scenarios about parts and their versions: redundant chassis, gateways, upgrades, replacements, years between.

Who is to be told from whom is in tests/suite/scenarios/.
"""

import dataclasses
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import plan  # noqa: E402
import say_modbus  # noqa: E402
import say_scene as say  # noqa: E402
from wire import Wire  # noqa: E402

CASES = {
    "06-redundant-switchover.pcap": (
        "A redundant pair of ControlLogix chassis: at the switchover the bridges exchange their addresses.", "", ["arp", "enip"]),
    "08-gateway-32-units.pcap": ("A serial gateway with 16 drives of one maker and 16 meters of another.", "", ["modbus"]),
    "09-chassis-13-slots.pcap": ("All 13 slots of a chassis answer; slots 4 and 5 hold one model in two revisions.", "", ["enip"]),
    "10-upgrade.pcap": ("An adapter is given new firmware: the same serial number, a new revision.", "", ["enip"]),
    "10-upgrade-of-a-module.pcap": ("The controller in a chassis is given new firmware; the bridge keeps its own.", "", ["enip"]),
    "11-replaced.pcap": ("An adapter is replaced by its successor: new MAC, new serial number, new model.", "", ["enip"]),
    "11-replaced-alike.pcap": ("An adapter is replaced by a spare of the same product and revision: new MAC, new serial number.", "", ["enip"]),
    "11-replaced-routed.pcap": ("An adapter behind a router is replaced: only what it says of itself is new.", "", ["enip"]),
    "22-five-years.pcap": ("Two adapters, and again five years later: one has new firmware, one is as it was.", "", ["enip"]),
}


def switchover():
    wire = Wire("2026-03-02T06:00:00")
    station, a, b = say.devices("s06-station", "s06-chassis-a", "s06-chassis-b")
    first, second = a.ip, b.ip
    for addresses in ((first, second), (second, first)):
        for chassis, ip in zip((a, b), addresses):
            now = plan.at(chassis, ip)
            for _ in range(2):
                wire.arp(1, now.mac, now.ip, "00:00:00:00:00:00", now.ip)
            say.list_identity(wire, station, now)
            say.read_slots(wire, station, now, plan.slots(chassis.name))
        say.forget(wire)
        wire.wait(1_800)
    wire.save("scenarios/06-redundant-switchover.pcap")


def gateway():
    wire = Wire("2026-03-02T06:00:00")
    client, device = say.devices("s08-client", "s08-gateway")
    with wire.tcp(client, device, 502) as conversation:
        for unit in range(1, 33):
            objects = {0: plan.SE, 1: "ATV320U07M2C", 2: "V1.7IE32"} if unit <= 16 else {0: "SIEMENS AG", 1: "SENTRON PAC3200", 2: "V2.4.2"}
            conversation.ask(say_modbus.adu(unit, unit, say_modbus.read_identification(1)))
            conversation.answer(say_modbus.adu(unit, unit, say_modbus.identification(1, objects)), think=24_000)
            wire.wait(0.25)
    wire.save("scenarios/08-gateway-32-units.pcap")


def full_chassis():
    wire = Wire("2026-03-02T06:00:00")
    station, chassis = say.devices("s09-station", "s09-chassis")
    say.list_identity(wire, station, chassis)
    say.read_slots(wire, station, chassis, plan.slots("s09-chassis"))
    wire.save("scenarios/09-chassis-13-slots.pcap")


def upgrade():
    wire = Wire("2026-03-02T06:00:00")
    station, adapter = say.devices("s10-station", "s10-adapter")
    for says in (adapter.says, say.upgraded(adapter.says, 5, 20)):
        now = dataclasses.replace(adapter, says=says)
        for _ in range(2):
            say.list_identity(wire, station, now)
            wire.wait(60)
        say.forget(wire)
        wire.wait(7_200)
    wire.save("scenarios/10-upgrade.pcap")


def upgrade_of_a_module():
    wire = Wire("2026-03-02T06:00:00")
    station, chassis = say.devices("s10-station", "s10-chassis")
    modules = plan.slots("s10-chassis")
    for controller in (modules[0], say.upgraded(modules[0], 31, 12)):
        say.list_identity(wire, station, chassis)
        say.read_slots(wire, station, chassis, {**modules, 0: controller})
        wire.wait(7_200)
    wire.save("scenarios/10-upgrade-of-a-module.pcap")


def replaced(file, station, before, after):
    """Two questions to each, two hours between."""
    wire = Wire("2026-03-02T09:00:00")
    for device in (before, after):
        for _ in range(2):
            say.list_identity(wire, station, device)
            wire.wait(60)
        say.forget(wire)
        wire.wait(7_200)
    wire.save(f"scenarios/{file}")


def replacements():
    station, adapter, successor, twin, spare = say.devices("s11-station", "s11-adapter", "s11-successor", "s11-twin", "s11-spare")
    replaced("11-replaced.pcap", station, adapter, successor)
    replaced("11-replaced-alike.pcap", station, twin, spare)
    station, router, before, after = say.devices("s11-far-station", "s11-router", "s11-routed", "s11-routed-successor")
    replaced("11-replaced-routed.pcap", station, plan.behind(before, router), plan.behind(after, router))


def five_years():
    wire = Wire("2021-03-02T06:00:00")
    station, adapter, twin = say.devices("s22-station", "s22-adapter", "s22-twin")
    for says in (adapter.says, say.upgraded(adapter.says, 5, 20)):
        say.list_identity(wire, station, dataclasses.replace(adapter, says=says))
        say.list_identity(wire, station, twin)
        say.forget(wire)
        wire.wait(5 * 365 * 86_400)
    wire.save("scenarios/22-five-years.pcap")


if __name__ == "__main__":
    for case in (switchover, gateway, full_chassis, upgrade, upgrade_of_a_module, replacements, five_years):
        case()
