#!/usr/bin/env python3
"""Generate what cpppo cannot play: a chassis, PCCC identity, an address behind NAT, Identity over a keyed connection."""

import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import plan  # noqa: E402
import say_cip as say  # noqa: E402
from wire import Wire  # noqa: E402

CASES = {
    "chassis-13-slots.pcap": (
        "A 13-slot ControlLogix chassis read slot by slot with Unconnected Send through a 1756-EN2T/D: ten modules, twin "
        "modules of two firmware revisions, three empty slots that answer with an error; then attributes one by one and in a "
        "Multiple Service Packet, and a way over a second bridge to another chassis's address.", "", ["enip"]),
    "connected-explicit.pcap": (
        "Identity read over a class 3 connection. The Forward_Open carries electronic keys: one exact, one in compatible mode "
        "that names an older revision than the module has.", "", ["enip"]),
    "pccc-micrologix.pcap": (
        "A MicroLogix 1400 that says who it is in PCCC diagnostic status, again and again, and once in ListIdentity.", "", ["enip"]),
    "list-identity-nat.pcap": (
        "ListIdentity through a NAT: the socket address inside the answer is not the address it comes from.", "", ["enip"]),
}

TIMED_OUT, LINK_ADDRESS_INVALID = 0x0204, 0x0312
WHOLE_IDENTITY = say.request(say.GET_ATTRIBUTES_ALL, say.path(say.IDENTITY, 1))


def chassis():
    wire = Wire("2026-03-02T09:00:00")
    client, bridge = plan.device("en-client"), plan.device("en-chassis")
    modules = plan.slots("en-chassis")
    wire.udp(client, bridge, 51_000, 44818, say.encapsulate(say.LIST_IDENTITY))
    wire.udp(bridge, client, 44818, 51_000, say.list_identity(bridge.says, bridge.ip))
    with say.Session(wire, client, bridge, 0x1301_0028) as session:
        for slot in range(13):
            route = say.backplane(slot)
            question = say.unconnected_send(WHOLE_IDENTITY, route)
            if slot in modules:
                session.exchange(question, say.reply(say.GET_ATTRIBUTES_ALL, say.attributes_all(modules[slot])))
            else:
                wire.wait(1)
                session.exchange(question, say.unreachable(route, TIMED_OUT if slot != 11 else LINK_ADDRESS_INVALID))
            wire.wait(0.1)
        for number in range(1, 8):
            question = say.request(say.GET_ATTRIBUTE_SINGLE, say.path(say.IDENTITY, 1, number))
            session.exchange(say.unconnected_send(question, say.backplane(0)),
                             say.reply(say.GET_ATTRIBUTE_SINGLE, say.attribute(modules[0], number)))
        several = [4, 6, 7]
        questions = [say.request(say.GET_ATTRIBUTE_SINGLE, say.path(say.IDENTITY, 1, n)) for n in several]
        answers = [say.reply(say.GET_ATTRIBUTE_SINGLE, say.attribute(modules[2], n)) for n in several]
        session.exchange(say.unconnected_send(say.request(say.MULTIPLE, say.path(say.MESSAGE_ROUTER, 1), say.multiple(questions)), say.backplane(2)),
                         say.reply(say.MULTIPLE, say.multiple(answers)))
        # Slot 12's second port, then an address on that network, then the controller in slot 0 of the chassis there.
        beyond = b"\x01\x0c" + b"\x12\x0c192.168.7.20" + b"\x01\x00"
        far = plan.cip(plan.ROCKWELL, plan.CONTROLLER, 96, 20, 19, 0x6020_2899, "1756-L75/B LOGIX5575", 0x3060)
        session.exchange(say.unconnected_send(WHOLE_IDENTITY, beyond), say.reply(say.GET_ATTRIBUTES_ALL, say.attributes_all(far)))
    wire.save("enip/chassis-13-slots.pcap")


def connected():
    wire = Wire("2026-03-02T09:30:00")
    client, server = plan.device("en-client"), plan.device("en-l85")
    older = dict(server.says, major=30, minor=1)
    for serial, key in ((0x0101, say.electronic_key(server.says)), (0x0102, say.electronic_key(older, compatible=True))):
        to = key + say.backplane(0) + say.path(say.MESSAGE_ROUTER, 1)
        with say.Session(wire, client, server, 0x1301_002B + serial) as session:
            target, originator = 0x8001_0000 | serial, 0x2000_0000 | serial
            session.exchange(say.forward_open(originator, serial, 0x00C0_FFEE, to), say.forward_open_reply(target, originator, serial, 0x00C0_FFEE))
            session.exchange_connected(target, originator, WHOLE_IDENTITY, say.reply(say.GET_ATTRIBUTES_ALL, say.attributes_all(server.says)))
            name = say.request(say.GET_ATTRIBUTE_SINGLE, say.path(say.IDENTITY, 1, 7))
            session.exchange_connected(target, originator, name, say.reply(say.GET_ATTRIBUTE_SINGLE, say.attribute(server.says, 7)))
            host = say.request(say.GET_ATTRIBUTE_SINGLE, say.path(say.TCP_IP, 1, 6))
            session.exchange_connected(target, originator, host, say.reply(say.GET_ATTRIBUTE_SINGLE, struct.pack("<H", 8) + b"LINE9PLC"))
            for _ in range(3):
                tag = say.request(say.READ_TAG, b"\x91\x05Speed\x00", struct.pack("<H", 1))
                session.exchange_connected(target, originator, tag, say.reply(say.READ_TAG, struct.pack("<Hf", 0xCA, 41.5)))
                wire.wait(0.5)
            session.exchange(say.forward_close(serial, 0x00C0_FFEE, to), say.forward_close_reply(serial, 0x00C0_FFEE))
        wire.wait(30)
    wire.save("enip/connected-explicit.pcap")


def pccc():
    wire = Wire("2026-03-02T10:00:00")
    client, server = plan.device("en-client"), plan.device("en-micro")
    wire.udp(client, server, 51_001, 44818, say.encapsulate(say.LIST_IDENTITY))
    wire.udp(server, client, 44818, 51_001, say.list_identity(server.says, server.ip))
    with say.Session(wire, client, server, 0x1301_0029) as session:
        for transaction in range(1, 7):
            question = say.request(say.EXECUTE_PCCC, say.path(say.PCCC, 1), say.pccc(0x06, 0, transaction, b"\x03"))
            answer = say.reply(say.EXECUTE_PCCC, say.pccc(0x46, 0, transaction, say.diagnostic_status("1766-LEC", "B", 15)))
            session.exchange(question, answer)
            # A typed read of N7:0, two bytes, as an HMI polls.
            question = say.request(say.EXECUTE_PCCC, say.path(say.PCCC, 1), say.pccc(0x0F, 0, 100 + transaction, b"\xa2\x02\x07\x89\x00\x00"))
            session.exchange(question, say.reply(say.EXECUTE_PCCC, say.pccc(0x4F, 0, 100 + transaction, b"\x2a\x00")))
            wire.wait(2)
    wire.save("enip/pccc-micrologix.pcap")


def nat():
    wire = Wire("2026-03-02T10:30:00")
    client, server = plan.device("en-client"), plan.device("en-nat")
    wire.udp(client, server, 51_002, 44818, say.encapsulate(say.LIST_IDENTITY))
    wire.udp(server, client, 44818, 51_002, say.list_identity(server.says, "192.168.1.42"))
    with wire.tcp(client, server, 44818) as conversation:
        conversation.ask(say.encapsulate(say.LIST_IDENTITY))
        conversation.answer(say.list_identity(server.says, "192.168.1.42"))
    wire.save("enip/list-identity-nat.pcap")


if __name__ == "__main__":
    chassis()
    connected()
    pccc()
    nat()
