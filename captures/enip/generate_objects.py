#!/usr/bin/env python3
"""Generate what objects of CIP devices say, what happens to controllers, slots asked in vain, and PCCC processors."""

import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import plan  # noqa: E402
import say_cip as say  # noqa: E402
from wire import Wire  # noqa: E402

CASES = {
    "objects-identity.pcap": (
        "The Identity object of a controller through every service: all attributes, a list of which one is refused, one by one "
        "inside a packet of services along a route; a second instance that describes its boot code; then "
        "the status word of a controller that goes from program to run mode, faults and is updated.", "", ["enip"]),
    "objects-network.pcap": (
        "Objects that name hosts and networks: TCP/IP Interface with domain, gateway and an address conflict, Ethernet Link "
        "labels, Port, Device Level Ring with all its participants, Base Switch, Time Sync, File, and the objects of CIP "
        "Security; program name and project attributes of a Logix controller.", "", ["enip"]),
    "events-controller.pcap": (
        "What happens to a controller: a stop that is refused and one that is done, start, forces, tags written, clock and "
        "address changed, security begun, a file and firmware brought, reset. Each is asked for by the engineering station; the "
        "project's attributes are others afterwards.", "", ["enip"]),
    "chassis-empty-slots.pcap": (
        "A rack read slot by slot through a bridge: modules, slots of which the bridge says that the link has no such address, "
        "one that does not answer in time, a port that does not exist, and a slot of another rack behind a route.", "", ["enip"]),
    "pccc-processors.pcap": (
        "PLC-5, SLC 500 and MicroLogix by PCCC in CIP: diagnostic status of each layout, one of them with a major fault; data "
        "written; mode changes, a program that comes and goes, edits, memory initialized, ports configured, forces disabled; one "
        "change that is refused.", "", ["enip"]),
}

LINK_ADDRESS_INVALID, TIMED_OUT, PORT_NOT_AVAILABLE = 0x0312, 0x0204, 0x0311
PRIVILEGE_VIOLATION, ATTRIBUTE_LIST_ERROR = 0x0F, 0x0A
WHOLE_IDENTITY = say.request(say.GET_ATTRIBUTES_ALL, say.path(say.IDENTITY, 1))


def read(session, object_class, instance, attribute, value):
    """One attribute, by Get_Attribute_Single."""
    session.exchange(say.request(say.GET_ATTRIBUTE_SINGLE, say.path(object_class, instance, attribute)),
                     say.reply(say.GET_ATTRIBUTE_SINGLE, value))


def read_all(session, object_class, instance, value):
    session.exchange(say.request(say.GET_ATTRIBUTES_ALL, say.path(object_class, instance)), say.reply(say.GET_ATTRIBUTES_ALL, value))


def begin(session, says):
    """Who it is, by three services in turn: whatever is lost at the start, no answer fits another's question."""
    read_all(session, say.IDENTITY, 1, say.attributes_all(says))
    read_list(session, say.IDENTITY, {4: say.attribute(says, 4), 6: say.attribute(says, 6)})
    read(session, say.IDENTITY, 1, 7, say.attribute(says, 7))


def read_list(session, object_class, attributes):
    numbers = struct.pack(f"<H{len(attributes)}H", len(attributes), *attributes)
    status = ATTRIBUTE_LIST_ERROR if None in attributes.values() else 0
    session.exchange(say.request(say.GET_ATTRIBUTE_LIST, say.path(object_class, 1), numbers),
                     say.reply(say.GET_ATTRIBUTE_LIST, say.listed(attributes), status))


def identity():
    wire = Wire("2026-03-02T11:00:00")
    client, device = plan.device("en-client"), plan.device("en-objects")
    says = device.says
    boot = plan.cip(plan.ROCKWELL, plan.CONTROLLER, 166, 1, 14, says["serial"], "Boot Image")
    with say.Session(wire, client, device, 0x1301_0064) as session:
        begin(session, says)
        read_all(session, say.IDENTITY, 1, say.attributes_all(says) + bytes([says["state"]]) + struct.pack("<H", 0x4711))
        read_list(session, say.IDENTITY, {4: bytes([33, 11]), 99: None, 15: say.international("FILL-PLC7"),
                                          16: say.international("Filler 7, main controller"),
                                          17: say.international("Hall 2, cabinet =A7")})
        read_all(session, say.IDENTITY, 2, say.attributes_all(boot))
        for number, value in ((13, say.international("ControlLogix 5580 Controller")), (19, struct.pack("<H", 0x0009))):
            read(session, say.IDENTITY, 1, number, value)
        numbers = [1, 2, 3, 4, 6, 7]
        questions = [say.request(say.GET_ATTRIBUTE_SINGLE, say.path(say.IDENTITY, 1, n)) for n in numbers]
        answers = [say.reply(say.GET_ATTRIBUTE_SINGLE, say.attribute(says, n)) for n in numbers]
        packet = say.request(say.MULTIPLE, say.path(say.MESSAGE_ROUTER, 1), say.multiple(questions))
        session.exchange(say.unconnected_send(packet, say.backplane(0)), say.reply(say.MULTIPLE, say.multiple(answers)))
        # The status word: faulted I/O, program, remote program, run, remote run, test, fault, update.
        for status in (0x3025, 0x2070, 0x3070, 0x1060, 0x3060, 0xB060, 0x3550, 0x3010):
            wire.wait(0.5)
            read(session, say.IDENTITY, 1, 5, struct.pack("<H", status))
    wire.save("enip/objects-identity.pcap")


def network():
    wire = Wire("2026-03-02T11:30:00")
    client, device = plan.device("en-client"), plan.device("en-objects")
    switch, secure = plan.device("en-ring"), plan.device("en-secure")
    with say.Session(wire, client, device, 0x1301_0065) as session:
        begin(session, device.says)
        link = say.path(say.ETHERNET_LINK, 1)
        configuration = say.interface_configuration(device.ip, "255.255.255.0", "10.20.2.1", "10.20.2.2", "plant.example")
        conflict = b"\x01" + say.mac_address("00:1d:9c:20:02:63") + bytes(28)
        read_all(session, say.TCP_IP, 1, struct.pack("<III", 1, 0x14, 0) + struct.pack("<H", len(link) // 2) + link + configuration
                 + say.string("FILL-PLC7") + bytes(6) + b"\x01" + bytes(8) + b"\x01" + conflict)
        read_all(session, say.ETHERNET_LINK, 1, struct.pack("<II", 1000, 0x0F) + say.mac_address(device.mac) + bytes(44 + 48 + 4)
                 + b"\x02\x01\x01" + say.short_string("Port 1"))
        backplane = struct.pack("<HHH", 1, 1, 2) + say.path(0x66, 1)
        read_all(session, say.PORT, 1, backplane + say.short_string("Backplane") + b"\x10\x00")
        read(session, say.PORT, 1, 8, struct.pack("<HH", 0, 9))
        read_all(session, say.PROGRAM_NAME, 1, say.string("Filler7_V12"))
        read_list(session, say.PROJECT, {1: struct.pack("<H", 5), 2: struct.pack("<H", 1), 3: struct.pack("<I", 0x041F_2995),
                                         4: struct.pack("<I", 0x0420_1177), 10: struct.pack("<I", 0x48DF_2284)})
        clock = bytes.fromhex("f45433fffe200264")
        read(session, say.TIME_SYNC, 1, 8, clock + struct.pack("<HHHHHHHH", 6, 0x21, 0x4E5D, 37, 0x19, 0x20, 128, 128))
        for number, text in ((21, "Rockwell Automation;1756-L83E;60202A00"), (22, "1.1;33.11;33.11"), (23, "FILL-PLC7;Hall 2")):
            read(session, say.TIME_SYNC, 1, number, say.described(text))
        read(session, say.FILE, 0xC8, 4, say.international("EDS.gz"))
    with say.Session(wire, client, switch, 0x1301_0066) as session:
        begin(session, switch.says)
        read_all(session, say.BASE_SWITCH, 1, struct.pack("<II", 86_400, 10) + say.short_string("15.2(7)E3"))
        ring = [(switch.ip, switch.mac), (device.ip, device.mac), (secure.ip, secure.mac)]
        nodes = [say.address(ip) + say.mac_address(mac) for ip, mac in ring]
        read_all(session, say.DEVICE_LEVEL_RING, 1, b"\x01\x00" + nodes[0] + struct.pack("<I", 0x22))
        read(session, say.DEVICE_LEVEL_RING, 1, 10, nodes[0])
        read(session, say.DEVICE_LEVEL_RING, 1, 9, b"".join(nodes))
        wire.wait(0.5)
        read(session, say.DEVICE_LEVEL_RING, 1, 2, b"\x01")
    with say.Session(wire, client, secure, 0x1301_0067) as session:
        begin(session, secure.says)
        read_all(session, say.CIP_SECURITY, 1, struct.pack("<BHH", 2, 0x000E, 0x0004))
        read(session, say.ETHERNET_IP_SECURITY, 1, 1, b"\x02")
        read(session, say.CERTIFICATE_MANAGEMENT, 1, 1, say.short_string("Default Device Certificate"))
    wire.save("enip/objects-network.pcap")


def events():
    wire = Wire("2026-03-02T12:00:00")
    client, device = plan.device("en-client"), plan.device("en-objects")

    def project(session, change, moment):
        read_list(session, say.PROJECT, {3: struct.pack("<I", change), 10: struct.pack("<I", moment)})

    with say.Session(wire, client, device, 0x1301_0068) as session:
        def ask(service, to, data=b"", status=0, answer=b""):
            wire.wait(0.5)
            session.exchange(say.request(service, to, data), say.reply(service, answer, status))

        begin(session, dict(device.says, status=0x3060))
        project(session, 0x041F_2995, 0x48DF_2284)
        ask(say.WRITE_TAG, b"\x91\x05Speed\x00", struct.pack("<HHf", 0xCA, 1, 41.5))
        ask(say.STOP, say.path(say.CONTROLLER, 1), status=PRIVILEGE_VIOLATION)
        ask(say.STOP, say.path(say.CONTROLLER, 1))
        read(session, say.IDENTITY, 1, 5, struct.pack("<H", 0x3070))
        ask(0x4E, say.path(say.FORCING, 0))
        ask(say.INITIATE_DOWNLOAD, say.path(say.FILE, 0xC8), struct.pack("<IHBB", 2048, 1, 1, 0) + say.short_string("EDS.gz"),
            answer=struct.pack("<IB", 0, 200))
        ask(say.SET_ATTRIBUTE_LIST, say.path(say.WALL_CLOCK_TIME, 1), struct.pack("<HHQ", 1, 6, 1_772_452_800_000_000),
            answer=struct.pack("<HHH", 1, 6, 0))
        project(session, 0x0420_77A1, 0x49C0_1122)
        ask(say.START, say.path(say.CONTROLLER, 1))
        read(session, say.IDENTITY, 1, 5, struct.pack("<H", 0x3060))
        configuration = say.interface_configuration(device.ip, "255.255.255.0", "10.20.2.1", "10.20.2.2", "plant.example")
        ask(say.SET_ATTRIBUTE_SINGLE, say.path(say.TCP_IP, 1, 5), configuration)
        ask(0x4B, say.path(say.ETHERNET_IP_SECURITY, 1))
        ask(say.NVS_UPDATE, say.path(say.NONVOLATILE_STORAGE, 1), struct.pack("<II", 4096, 0),
            answer=struct.pack("<HHHHI", 0, 1, 128, 0x0B21, 0))
        for chunk in range(4):
            ask(say.NVS_TRANSFER, say.path(say.NONVOLATILE_STORAGE, 1), struct.pack("<I", chunk) + bytes(128),
                answer=struct.pack("<IH", chunk, 0))
        ask(say.RESET, say.path(say.IDENTITY, 1), b"\x00")
    wire.save("enip/events-controller.pcap")


def rack():
    wire = Wire("2026-03-02T12:30:00")
    client, bridge = plan.device("en-client"), plan.device("en-rack")
    modules = plan.slots("en-rack")
    with say.Session(wire, client, bridge, 0x1301_0069) as session:
        begin(session, bridge.says)
        for slot in range(7):
            route = say.backplane(slot)
            if slot in modules:
                answer = say.reply(say.GET_ATTRIBUTES_ALL, say.attributes_all(modules[slot]))
            else:
                answer = say.unreachable(route, TIMED_OUT if slot == 4 else LINK_ADDRESS_INVALID)
            wire.wait(0.8 if slot == 4 else 0.1)
            session.exchange(say.unconnected_send(WHOLE_IDENTITY, route), answer)
        session.exchange(say.unconnected_send(WHOLE_IDENTITY, b"\x03\x01"), say.unreachable(b"\x03\x01", PORT_NOT_AVAILABLE))
        far = b"\x01\x01" + b"\x12\x0c192.168.7.21" + b"\x01\x08"
        session.exchange(say.unconnected_send(WHOLE_IDENTITY, far), say.unreachable(far[-2:], LINK_ADDRESS_INVALID))
        to = say.backplane(5) + say.path(say.MESSAGE_ROUTER, 1)
        failed = struct.pack("<HHIBB", 0x0501, 0x004D, 0x00C0_FFEE, len(to) // 2, 0)
        session.exchange(say.forward_open(0x2000_0501, 0x0501, 0x00C0_FFEE, to),
                         say.reply(say.FORWARD_OPEN, failed, 0x01, (LINK_ADDRESS_INVALID,)))
    wire.save("enip/chassis-empty-slots.pcap")


def processors():
    wire = Wire("2026-03-02T13:00:00")
    client = plan.device("en-client")

    def status(kind, series_revision, name, error, mode, program):
        """Diagnostic status of SLC 500 and MicroLogix."""
        return (bytes([0x00, 0xEE, 0x34, kind, series_revision]) + name.encode().ljust(11)
                + struct.pack("<HHHBB", error, mode, program, 64, 0xFC))

    plc_5 = bytes.fromhex("06eb4b 00800100 a2 08fd00 c900 3600 10 00 00")
    slc = status(0x78, 0x42, "5/05", 0x0020, 0x203E, 0x11A4)
    micrologix = status(0x9C, 0x2A, "1763-LEC", 0, 0x0026, 0x7143)
    transaction = 0

    def talk(name, handle, commands):
        nonlocal transaction
        with say.Session(wire, client, plan.device(name), handle) as session:
            for command, data, answer, refused in commands:
                transaction += 1
                wire.wait(0.5)
                question = say.request(say.EXECUTE_PCCC, say.path(say.PCCC, 1), say.pccc(command, 0, transaction, data))
                body = say.pccc(command | 0x40, 0xF0 if refused else 0, transaction, answer)
                session.exchange(question, say.reply(say.EXECUTE_PCCC, body))

    diagnostic = (0x06, b"\x03")
    talk("en-plc5", 0x1301_006A, [
        (*diagnostic, plc_5, False),
        (0x0F, b"\x3a\x02", b"\x0b", True),   # set CPU mode: refused, not in remote mode
        (0x0F, b"\x3a\x00", b"", False),
        (0x0F, b"\x53", bytes([0, 0]), False),  # upload all request
        (0x0F, b"\x55", b"", False),
        (0x0F, b"\x50", b"", False),          # download all request
        (0x0F, b"\x52", b"", False),
        (0x0F, b"\x3a\x02", b"", False),
    ])
    talk("en-slc", 0x1301_006B, [
        (*diagnostic, slc, False),
        (0x0F, b"\xa2\x02\x07\x89\x00\x00", b"\x2a\x00", False),      # reads N7:0
        (0x0F, b"\xaa\x02\x07\x89\x00\x00\x2b\x00", b"", False),     # writes N7:0
        (0x0F, b"\x11", b"", False),                                  # get edit resource
        (0x0F, b"\x57", b"", False),                                  # initialize memory
        (0x0F, b"\x8f\x00", b"", False),                              # apply port configuration
        (0x0F, b"\x41", b"", False),                                  # disable forces
        (0x0F, b"\x12", b"", False),                                  # return edit resource
    ])
    talk("en-ml1100", 0x1301_006C, [
        (*diagnostic, micrologix, False),
        (0x0F, b"\xaa\x04\x02\x22\x00\x00\x00\x00\x00\x00", b"", False),  # writes the ladder file
        (0x0F, b"\x80\x06", b"", False),                                  # change mode: remote run
        *[(*diagnostic, micrologix, False)] * 3,
    ])
    wire.save("enip/pccc-processors.pcap")


if __name__ == "__main__":
    identity()
    network()
    events()
    rack()
    processors()
