#!/usr/bin/env python3
"""Generate plant-demo/: one quiet day of a small plant, 2 March 2026, condensed to a few thousand frames.

Three mirror ports, three files. Polls that a plant makes each second are made each quarter of an hour here; each
identity is said once, when an engineering station sweeps its cell.
"""

import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import plan  # noqa: E402
import say_cip as cip  # noqa: E402
import say_link as link  # noqa: E402
import say_modbus as modbus  # noqa: E402
import say_smb as smb  # noqa: E402
from wire import BROADCAST, Wire  # noqa: E402

CASES = {
    "cell1-filling.pcap": (
        "Cell 1, EtherNet/IP: a ControlLogix chassis with its remote I/O and drives, two more controllers, panel and visualisation "
        "that poll them; at 10:12 an engineering station lists identities and walks the chassis; LLDP of the switch; SMB between two "
        "Windows hosts.", "", ["arp", "enip", "lldp", "smb"]),
    "cell2-utilities.pcapng.gz": (
        "Cell 2, Modbus/TCP: seven controllers and meters and a serial gateway with six units, polled by a SCADA server, a few writes; "
        "at 14:30 an engineering station reads device identifications; LLDP; SMB. Compressed pcapng with nanosecond time stamps.",
        "", ["arp", "lldp", "modbus", "smb"]),
    "cell3-plant-it.pcap.zst": (
        "Cell 3, plant IT, every frame tagged with VLAN 103: domain controller, historian, an old XP machine, an office client that leases "
        "its address; LLDP. Compressed with Zstandard.", "", ["arp", "dhcp", "lldp", "smb"]),
}

DAY = "2026-03-02T06:00:00"
QUARTERS = [f"{hour:02}:{minute:02}" for hour in range(6, 22) for minute in (0, 15, 30, 45)]
HOURS = [f"{hour:02}:00" for hour in range(6, 22)]
WHOLE_IDENTITY = cip.request(cip.GET_ATTRIBUTES_ALL, cip.path(cip.IDENTITY, 1))
IO_PORT = 2222


class Day:
    """Things that happen at times of the day; run in order of time, ties in order of entry."""

    def __init__(self, vlan=None):
        self.wire = Wire(DAY, vlan)
        self.plan = []

    def at(self, clock, action, second=0):
        self.plan.append((f"{clock}:{second:02}", len(self.plan), action))

    def run(self, file):
        for clock, _, action in sorted(self.plan, key=lambda entry: entry[:2]):
            self.wire.until(clock)
            action()
        self.wire.save(f"plant-demo/{file}")


# ---- cell 1 ----------------------------------------------------------------------------------------------------


def filling():
    day = Day()
    wire = day.wire
    d = plan.device
    plc, panel, hmi, ews = d("c1-plc"), d("c1-panel"), d("c1-hmi"), d("c1-ews")
    modules = plan.slots("c1-plc")

    announce(day, "c1-switch", "Gi1/1", "STRATIX-FILL", "Cisco IOS Software, S5700 Software (S5700-UNIVERSALK9-M), Version 15.2(7)E3, RELEASE SOFTWARE (fc2)")

    adapters = [d(name) for name in ("c1-rio1", "c1-rio2", "c1-flex", "c1-drive1", "c1-drive2", "c1-drive3")]
    for number, adapter in enumerate(adapters):
        day.at("06:00", lambda adapter=adapter, number=number: open_io(wire, plc, adapter, number, modules[0]), 5 + number)
        for clock in HOURS:
            day.at(clock, lambda adapter=adapter, number=number: cyclic_io(wire, plc, adapter, number), 20 + number)

    poll_panel = cip_poll(wire, panel, plc, 0x0A0A_0001, b"Fill_Level")
    poll_pack = cip_poll(wire, hmi, d("c1-pack"), 0x0A0A_0002, b"Pack_Rate_")
    for clock in QUARTERS:
        day.at(clock, poll_panel, 30)
        day.at(clock, poll_pack, 34)
    for clock in QUARTERS[::2]:
        day.at(clock, lambda: pccc_poll(wire, hmi, d("c1-wash")), 40)

    everyone = [plc, d("c1-pack"), d("c1-wash"), *adapters, d("c1-omron"), panel]
    day.at("10:12", lambda: list_identities(wire, ews, everyone))
    day.at("10:12", lambda: walk_chassis(wire, ews, plc, modules), 20)
    for number, name in enumerate(("c1-pack", "c1-omron", "c1-drive3")):
        day.at("10:13", lambda name=name, number=number: read_identity(wire, ews, d(name), 0x0B0B_0001 + number), 5 * number)
    day.at("10:14", lambda: diagnostic(wire, ews, d("c1-wash")))
    day.at("10:20", lambda: smb.session(wire, ews, hmi, "engineer", ("IPC$", "Displays")))
    day.at("18:40", lambda: smb.session_smb1(wire, hmi, ews, "operator", ("IPC$", "Alarms")))
    day.run("cell1-filling.pcap")


def open_io(wire, plc, adapter, number, controller):
    """The controller behind the bridge opens an I/O connection; the key in it says what the program expects to find."""
    to = cip.electronic_key(dict(adapter.says, minor=1), compatible=True) + b"\x20\x04\x24\x66\x2c\x01\x2c\x02"
    serial = 0x0700 + number
    with cip.Session(wire, plc, adapter, 0x0C0C_0001 + number) as session:
        session.exchange(cip.forward_open(0x3000_0000 + number, serial, controller["serial"], to),
                         cip.forward_open_reply(0x4000_0000 + number, 0x3000_0000 + number, serial, controller["serial"]))


def cyclic_io(wire, plc, adapter, number):
    for count in range(3):
        for source, target, connection, data in ((plc, adapter, 0x4000_0000 + number, b"\x01\x00\x00\x00" + bytes(4)),
                                                 (adapter, plc, 0x3000_0000 + number, bytes(4))):
            sequence = count + 1
            items = struct.pack("<HHHIIHH", 2, 0x8002, 8, connection, sequence, 0xB1, 2 + len(data)) + struct.pack("<H", sequence) + data
            wire.udp(source, target, IO_PORT, IO_PORT, items)
        wire.wait(0.02)


def cip_poll(wire, client, server, handle, tag):
    """A session that stays open all day: opened by the first poll, one tag read in each."""
    state = {}

    def poll():
        if not state:
            state["session"] = session = cip.Session(wire, client, server, handle)
            session.__enter__()
            to = cip.backplane(0) + cip.path(cip.MESSAGE_ROUTER, 1)
            session.exchange(cip.forward_open(handle + 1, 0x0801, 0x00AB_CDEF, to), cip.forward_open_reply(handle + 2, handle + 1, 0x0801, 0x00AB_CDEF))
        question = cip.request(cip.READ_TAG, bytes([0x91, len(tag)]) + tag, struct.pack("<H", 1))
        state["session"].exchange_connected(handle + 2, handle + 1, question, cip.reply(cip.READ_TAG, struct.pack("<Hf", 0xCA, 61.25)))
        state["session"].conversation.acknowledge("client")

    return poll


def pccc_poll(wire, client, server):
    with cip.Session(wire, client, server, 0x0D0D_0001) as session:
        question = cip.request(cip.EXECUTE_PCCC, cip.path(cip.PCCC, 1), cip.pccc(0x0F, 0, 40, b"\xa2\x04\x07\x89\x00\x00"))
        session.exchange(question, cip.reply(cip.EXECUTE_PCCC, cip.pccc(0x4F, 0, 40, b"\x2a\x00\x07\x00")))


def diagnostic(wire, client, server):
    with cip.Session(wire, client, server, 0x0D0D_0002) as session:
        question = cip.request(cip.EXECUTE_PCCC, cip.path(cip.PCCC, 1), cip.pccc(0x06, 0, 41, b"\x03"))
        session.exchange(question, cip.reply(cip.EXECUTE_PCCC, cip.pccc(0x46, 0, 41, cip.diagnostic_status("1766-LEC", "C", 21))))


def list_identities(wire, client, devices):
    wire.udp(client, None, 50_120, 44818, cip.encapsulate(cip.LIST_IDENTITY), target_ip="10.10.1.255", target_mac=BROADCAST)
    for device in devices:
        wire.wait(0.011)
        wire.udp(device, client, 44818, 50_120, cip.list_identity(device.says, device.ip))


def walk_chassis(wire, client, bridge, modules):
    with cip.Session(wire, client, bridge, 0x0B0B_0000) as session:
        for slot in range(7):
            route = cip.backplane(slot)
            question = cip.unconnected_send(WHOLE_IDENTITY, route)
            if slot in modules:
                session.exchange(question, cip.reply(cip.GET_ATTRIBUTES_ALL, cip.attributes_all(modules[slot])))
            else:
                session.exchange(question, cip.unreachable(route, 0x0204))


def read_identity(wire, client, device, handle):
    with cip.Session(wire, client, device, handle) as session:
        session.exchange(WHOLE_IDENTITY, cip.reply(cip.GET_ATTRIBUTES_ALL, cip.attributes_all(device.says)))


# ---- cell 2 ----------------------------------------------------------------------------------------------------


CONTROLLERS = ["c2-m340", "c2-m580", "c2-m580b", "c2-m221", "c2-wago", "c2-meter1", "c2-meter2", "c2-pac"]
DRIVE = {0: plan.SE, 1: "ATV320U07M2C", 2: "V1.7IE32"}
METER = {0: "SIEMENS AG", 1: "SENTRON PAC3200", 2: "V2.4.2"}
UNITS = {1: DRIVE, 2: DRIVE, 3: DRIVE, 4: DRIVE, 5: METER, 6: METER, 7: None}


def utilities():
    day = Day()
    wire = day.wire
    d = plan.device
    scada, ews, gateway = d("c2-hmi"), d("c2-ews"), d("c2-gateway")
    announce(day, "c2-switch", "3", "EDS-UTIL-1", "Moxa EDS-518A, firmware V3.8 build 18041317")
    for number, name in enumerate(CONTROLLERS):
        poll = modbus_poll(wire, scada, d(name), number)
        for clock in QUARTERS:
            day.at(clock, poll, 2 * number)
        day.at("14:30", lambda name=name: identify(wire, ews, d(name), {1: d(name).says["objects"]}), 3 * number)
    for clock in HOURS:
        day.at(clock, lambda: gateway_round(wire, scada, gateway), 30)
    day.at("09:40", lambda: set_points(wire, scada, d("c2-m340")))
    day.at("14:31", lambda: identify(wire, ews, gateway, UNITS))
    day.at("14:40", lambda: smb.session(wire, ews, scada, "engineer", ("IPC$", "Projects")))
    day.at("14:50", lambda: smb.session_smb1(wire, scada, ews, "scada", ("IPC$",)))
    day.run("cell2-utilities.pcapng.gz")


def modbus_poll(wire, client, server, number):
    """One connection all day, opened by the first poll."""
    state = {"transaction": 0}

    def poll():
        if "conversation" not in state:
            state["conversation"] = wire.tcp(client, server, 502)
            state["conversation"].__enter__()
        state["transaction"] += 1
        conversation, transaction = state["conversation"], state["transaction"]
        conversation.ask(modbus.adu(transaction, 1, modbus.read_holding(100 * number, 8)))
        conversation.answer(modbus.adu(transaction, 1, modbus.holding([(transaction * 7 + n) % 1000 for n in range(8)])))
        conversation.acknowledge("client")

    return poll


def gateway_round(wire, client, gateway):
    with wire.tcp(client, gateway, 502) as conversation:
        for unit, identity in UNITS.items():
            conversation.ask(modbus.adu(unit, unit, modbus.read_holding(0x0C80, 2)))
            if identity is None:
                conversation.answer(modbus.adu(unit, unit, modbus.exception(modbus.READ_HOLDING, modbus.GATEWAY_TARGET_SILENT)), 1_000_000)
            else:
                conversation.answer(modbus.adu(unit, unit, modbus.holding([unit, 500])), 24_000)


def set_points(wire, client, server):
    with wire.tcp(client, server, 502) as conversation:
        write = struct.pack(">BHH", 0x06, 40, 785)
        conversation.ask(modbus.adu(1, 1, write))
        conversation.answer(modbus.adu(1, 1, write))
        conversation.ask(modbus.adu(2, 1, struct.pack(">BHHBHH", 0x10, 41, 2, 4, 60, 75)))
        conversation.answer(modbus.adu(2, 1, struct.pack(">BHH", 0x10, 41, 2)))


def identify(wire, client, server, units):
    """Basic identification of each unit; regular too where the device has it."""
    with wire.tcp(client, server, 502) as conversation:
        transaction = 0
        for unit, objects in units.items():
            for code in (1, 2) if objects and len(objects) > 3 else (1,):
                transaction += 1
                conversation.ask(modbus.adu(transaction, unit, modbus.read_identification(code)))
                if objects is None:
                    answer, think = modbus.exception(modbus.ENCAPSULATED, modbus.GATEWAY_TARGET_SILENT), 1_000_000
                else:
                    answer, think = modbus.identification(code, objects), 4_000
                conversation.answer(modbus.adu(transaction, unit, answer), think)


# ---- cell 3 ----------------------------------------------------------------------------------------------------


def plant_it():
    day = Day(vlan=103)
    wire = day.wire
    d = plan.device
    switch, dc, historian, xp, office = d("c3-switch"), d("c3-dc"), d("c3-hist"), d("c3-xp"), d("c3-office")
    announce(day, "c3-switch", "P0.4", "XM408-IT", "Siemens, SIMATIC NET, SCALANCE XM408-8C, 6GK5 408-8GS00-2AM2, HW: Version 2, FW: Version V06.04.00, SVPN1234567")
    day.at("07:52", lambda: link.lease(wire, switch, office, "SHIFT-LEAD", "MSFT 5.0", 0x51F7_1EAD))
    day.at("07:52", lambda: wire.arp(1, office.mac, office.ip, "00:00:00:00:00:00", office.ip), 3)
    for number, clock in enumerate(("10:52", "13:52", "16:52")):
        day.at(clock, lambda number=number: link.lease(wire, switch, office, "SHIFT-LEAD", "MSFT 5.0", 0x51F7_1EAE + number, renewal=True))
    for clock in ("08:00", "12:00", "17:30"):
        day.at(clock, lambda: smb.session(wire, office, dc, "shiftlead", ("IPC$", "NETLOGON")), 5)
        day.at(clock, lambda: smb.session(wire, office, historian, "shiftlead", encrypted=12), 30)
    for clock in ("06:30", "11:30", "19:30"):
        day.at(clock, lambda: smb.session_smb1(wire, xp, dc, "lab", ("IPC$", "lab")))
    for clock in HOURS[::4]:
        day.at(clock, lambda: smb.session(wire, historian, dc, "PLANT-HIST$", ("IPC$", "SYSVOL"), smb1_first=False), 45)
    day.at("15:10", lambda: smb.session_smb1(wire, dc, xp, "backup", ("IPC$", "results")))
    day.run("cell3-plant-it.pcap.zst")


def announce(day, name, port, system, description):
    switch = plan.device(name)
    for clock in HOURS:
        day.at(clock, lambda: link.lldp(day.wire, switch, port, system, description), 50)


if __name__ == "__main__":
    filling()
    utilities()
    plant_it()
