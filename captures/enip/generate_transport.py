#!/usr/bin/env python3
"""Generate what carries CIP: services and refusals, CIP Security, I/O connections to a group, connections along routes."""

import pathlib
import socket
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import plan  # noqa: E402
import say_cip as say  # noqa: E402
from wire import ACK, BROADCAST, Wire  # noqa: E402

CASES = {
    "services-and-security.pcap": (
        "ListServices and ListInterfaces by broadcast and over TCP; ListIdentity whose second item is CIP Security's and whose "
        "third nobody knows; refusals of a version, of a command, and of a service on this port; NOP, IndicateStatus and Cancel; "
        "two messages in one segment, one message in three, and a keep-alive of one byte.", "", ["enip"]),
    "cip-security.pcap": (
        "CIP Security on port 2221: TLS 1.2 with a cipher suite that encrypts nothing, DTLS 1.2 with cookie exchange, and a "
        "TLS conversation of which only the middle was captured.", "", ["enip"]),
    "io-multicast.pcap": (
        "A controller opens an I/O connection: electronic key with a serial number, production inhibit time, redundant owner. The "
        "adapter produces to a group that its reply names. Then a null Forward_Open, one that is refused because the key does "
        "not match, and a Large_Forward_Open.", "", ["enip"]),
    "connection-routes.pcap": (
        "Connections opened with Forward_Open inside Unconnected Send along routes; an identifier that is given out again after "
        "Forward_Close; two TCP connections between the same nodes; a connection opened before the capture.", "", ["enip"]),
}

LIST_SERVICES, LIST_INTERFACES, INDICATE_STATUS, CANCEL = 0x04, 0x64, 0x72, 0x73
INVALID_COMMAND, UNSUPPORTED_VERSION, NOT_ON_THIS_PORT = 0x01, 0x69, 0x6A
LARGE_FORWARD_OPEN = 0x5B
ORIGINATOR = 0x6020_2C80
WHOLE_IDENTITY = say.request(say.GET_ATTRIBUTES_ALL, say.path(say.IDENTITY, 1))


def items(command, *parts):
    body = struct.pack("<H", len(parts)) + b"".join(struct.pack("<HH", kind, len(data)) + data for kind, data in parts)
    return say.encapsulate(command, body)


def identity_item(device):
    item = struct.pack("<H", 1) + struct.pack(">HH4s8x", socket.AF_INET, 44818, socket.inet_aton(device.ip))
    return 0x0C, item + say.attributes_all(device.says) + bytes([device.says["state"]])


def communications():
    return 0x100, struct.pack("<HH16s", 1, 0x0120, b"Communications")


def refusal(command, status, data=b"", session=0):
    return struct.pack("<HHII8sI", command, len(data), session, status, bytes(8), 0) + data


def services():
    wire = Wire("2026-03-02T11:00:00")
    client, secure, refuses = (plan.device(name) for name in ("en-client", "en-tls", "en-refuses"))
    for command, answers in (
        (LIST_SERVICES, [(secure, items(LIST_SERVICES, communications())), (refuses, items(LIST_SERVICES, communications()))]),
        (LIST_INTERFACES, [(secure, items(LIST_INTERFACES)), (refuses, items(LIST_INTERFACES, (0x0105, struct.pack("<II", 0x0001_0000, 7))))]),
        (say.LIST_IDENTITY, [
            (secure, items(say.LIST_IDENTITY, identity_item(secure), (0x86, struct.pack("<HBBB", 0x000F, 2, 2, 0x1F)), (0x0987, b"\1\2\3\4"))),
            (refuses, items(say.LIST_IDENTITY, identity_item(refuses)))]),
    ):
        wire.udp(client, None, 52_000, 44818, say.encapsulate(command), "10.20.2.255", BROADCAST)
        for device, answer in answers:
            wire.wait(0.05)
            wire.udp(device, client, 44818, 52_000, answer)
        wire.wait(1)
    with wire.tcp(client, refuses, 44818) as conversation:
        conversation.ask(say.encapsulate(say.REGISTER, struct.pack("<HH", 2, 0)))
        conversation.answer(refusal(say.REGISTER, UNSUPPORTED_VERSION, struct.pack("<HH", 1, 0)))
        conversation.ask(say.register())
        conversation.answer(say.register(0x1301_00CA))
        conversation.ask(say.encapsulate(INDICATE_STATUS, session=0x1301_00CA) + say.encapsulate(CANCEL, session=0x1301_00CA))
        conversation.answer(refusal(INDICATE_STATUS, INVALID_COMMAND, b"", 0x1301_00CA))
        conversation.ask(say.unconnected(0x1301_00CA, WHOLE_IDENTITY))
        conversation.answer(refusal(say.SEND_RR, NOT_ON_THIS_PORT, b"", 0x1301_00CA))
    with say.Session(wire, client, secure, 0x1301_00C9) as session:
        conversation = session.conversation
        conversation.ask(say.encapsulate(0x0000, b"keep") + say.encapsulate(LIST_SERVICES))
        conversation.answer(items(LIST_SERVICES, communications()))
        # A keep-alive repeats the last byte that was acknowledged.
        conversation.next["client"] -= 1
        conversation.segment("client", ACK, b"\0")
        conversation.acknowledge("server")
        question = say.unconnected(0x1301_00C9, WHOLE_IDENTITY)
        for part in (question[:1], question[1:30], question[30:]):
            conversation.ask(part)
            conversation.acknowledge("server")
        answer = say.unconnected(0x1301_00C9, say.reply(say.GET_ATTRIBUTES_ALL, say.attributes_all(secure.says)))
        conversation.answer(answer[:20])
        conversation.answer(answer[20:])
    wire.save("enip/services-and-security.pcap")


def handshake(kind, body, sequence=None):
    """A handshake message; of DTLS with its number."""
    head = bytes([kind]) + len(body).to_bytes(3, "big")
    if sequence is not None:
        head += struct.pack(">H", sequence) + bytes(3) + len(body).to_bytes(3, "big")
    return head + body


def record(kind, version, body, number=None):
    middle = b"" if number is None else struct.pack(">Q", number)
    return struct.pack(">BH", kind, version) + middle + struct.pack(">H", len(body)) + body


def client_hello(version, suites, cookie=None):
    body = struct.pack(">H", version) + bytes(range(32)) + b"\0"
    if cookie is not None:
        body += bytes([len(cookie)]) + cookie
    return body + struct.pack(f">H{len(suites)}H", 2 * len(suites), *suites) + b"\x01\x00"


def server_hello(version, suite):
    return struct.pack(">H", version) + bytes(range(32, 64)) + b"\0" + struct.pack(">HB", suite, 0)


def security():
    wire = Wire("2026-03-02T11:30:00")
    client, server = plan.device("en-client"), plan.device("en-tls")
    null_sha, encrypted = 0xC006, 0xC023  # TLS_ECDHE_ECDSA_WITH_NULL_SHA, TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256
    with wire.tcp(client, server, 2221) as conversation:
        conversation.ask(record(22, 0x0301, handshake(1, client_hello(0x0303, [encrypted, null_sha]))))
        conversation.answer(record(22, 0x0303, handshake(2, server_hello(0x0303, null_sha))))
        conversation.answer(record(22, 0x0303, handshake(14, b"")))
    wire.wait(2)
    for number, cookie in enumerate((b"", b"\x5c" * 20)):
        hello = handshake(1, client_hello(0xFEFD, [encrypted], cookie), number)
        wire.udp(client, server, 52_221, 2221, record(22, 0xFEFD, hello, number))
        wire.wait(0.01)
        if not cookie:
            verify = handshake(3, struct.pack(">HB", 0xFEFF, 20) + b"\x5c" * 20, 0)
            wire.udp(server, client, 2221, 52_221, record(22, 0xFEFF, verify, 0))
    wire.udp(server, client, 2221, 52_221, record(22, 0xFEFD, handshake(2, server_hello(0xFEFD, encrypted), 1), 1))
    wire.wait(5)
    conversation = wire.tcp(client, server, 2221, established=True)
    for number in range(3):
        conversation.ask(record(23, 0x0303, bytes([number]) * 64))
        conversation.answer(record(23, 0x0303, bytes([number ^ 0xFF]) * 64))
        wire.wait(1)
    wire.save("enip/cip-security.pcap")


def opening(identifier, serial, to, to_target=0x4826, to_originator=0x2826, transport=0x01, large=False, multiplier=2):
    """A Forward_Open of this script's controller; 0x4826 is point-to-point, 0x2826 multicast, 38 bytes, priority scheduled."""
    size = "I" if large else "H"
    data = struct.pack("<BBIIHHIB3x", 0x05, 0x9D, 0, identifier, serial, plan.ROCKWELL, ORIGINATOR, multiplier)
    data += struct.pack(f"<I{size}I{size}BB", 20_000, to_target, 20_000, to_originator, transport, len(to) // 2) + to
    return say.request(LARGE_FORWARD_OPEN if large else say.FORWARD_OPEN, say.path(say.CONNECTION_MANAGER, 1), data)


def opened(target, identifier, serial, service=say.FORWARD_OPEN):
    return say.reply(service, struct.pack("<IIHHIIIBB", target, identifier, serial, plan.ROCKWELL, ORIGINATOR, 20_000, 20_000, 0, 0))


def closing(serial, to):
    data = struct.pack("<BBHHIBB", 0x05, 0x9D, serial, plan.ROCKWELL, ORIGINATOR, len(to) // 2, 0) + to
    return say.request(say.FORWARD_CLOSE, say.path(say.CONNECTION_MANAGER, 1), data)


def closed(serial):
    return say.reply(say.FORWARD_CLOSE, struct.pack("<HHIBB", serial, plan.ROCKWELL, ORIGINATOR, 0, 0))


def key_with_serial(identity):
    key = say.electronic_key(identity)
    return bytes([0x34, 0x05]) + key[2:] + struct.pack("<I", identity["serial"])


def with_addresses(session, message, *addresses):
    """SendRRData whose list ends with socket addresses: type, address."""
    parts = [(0x00, b""), (0xB2, message)]
    parts += [(kind, struct.pack(">HH4s8x", socket.AF_INET, 2222, socket.inet_aton(address))) for kind, address in addresses]
    body = struct.pack("<IHH", 0, 10, len(parts))
    body += b"".join(struct.pack("<HH", kind, len(data)) + data for kind, data in parts)
    return say.encapsulate(say.SEND_RR, body, session)


def implicit(identifier, number, data):
    return struct.pack("<HHHIIHH", 2, 0x8002, 8, identifier, number, 0xB1, len(data)) + data


def io():
    wire = Wire("2026-03-02T12:00:00")
    scanner, adapter = plan.device("en-scanner"), plan.device("en-point")
    group, hardware = "239.192.1.32", "01:00:5e:40:01:20"
    assemblies = b"\x20\x04\x24\x64\x2c\x65\x2c\x66"
    with say.Session(wire, scanner, adapter, 0x1301_00CB) as session:
        to = key_with_serial(adapter.says) + b"\x43\x0a" + assemblies
        ask = opening(0x0020_0001, 0x0301, to, to_target=0xC826)
        session.conversation.ask(with_addresses(session.handle, ask, (0x8001, "0.0.0.0")))
        session.conversation.answer(with_addresses(session.handle, opened(0x8003_0001, 0x0020_0001, 0x0301), (0x8001, group)))
        for number in range(12):
            wire.udp(scanner, adapter, 2222, 2222, implicit(0x8003_0001, number, struct.pack("<HI", number, 1) + bytes(32)))
            wire.udp(adapter, None, 2222, 2222, implicit(0x0020_0001, number, struct.pack("<H", number) + bytes(36)), group, hardware)
            wire.wait(0.02)
        session.exchange(opening(0x0020_0002, 0x0301, assemblies, 0x0000, 0x0000), opened(0x8003_0002, 0x0020_0002, 0x0301))
        other = dict(adapter.says, code=108)
        mismatch = say.reply(say.FORWARD_OPEN, struct.pack("<HHIBB", 0x0303, plan.ROCKWELL, ORIGINATOR, 0, 0), 0x01, (0x0114,))
        session.exchange(opening(0x0020_0003, 0x0303, say.electronic_key(other) + assemblies), mismatch)
        large = opening(0x0020_0004, 0x0304, b"\x51\x02\x88\x13\0\0" + assemblies, 0x4200_0FA0, 0x4200_0FA0, large=True, multiplier=0)
        session.exchange(large, opened(0x8003_0004, 0x0020_0004, 0x0304, LARGE_FORWARD_OPEN))
        session.exchange(closing(0x0301, assemblies), closed(0x0301))
    wire.save("enip/io-multicast.pcap")


def routes():
    wire = Wire("2026-03-02T12:30:00")
    scanner, bridge = plan.device("en-scanner"), plan.device("en-bridge")
    modules = plan.slots("en-bridge")
    router = say.path(say.MESSAGE_ROUTER, 1)
    explicit = {"to_target": 0x43F8, "to_originator": 0x43F8, "transport": 0xA3}
    whole = {slot: say.reply(say.GET_ATTRIBUTES_ALL, say.attributes_all(identity)) for slot, identity in modules.items()}
    unseen = wire.tcp(scanner, bridge, 44818, established=True)
    with say.Session(wire, scanner, bridge, 0x1301_00CC) as first, say.Session(wire, scanner, bridge, 0x1301_00CD) as second:
        # A connection of which the opening is not in the capture: nobody can tell who answers on it.
        unseen.ask(say.connected(0x1301_00CE, 0x8004_0009, 77, WHOLE_IDENTITY))
        unseen.answer(say.connected(0x1301_00CE, 0x0040_0009, 77, whole[0]))
        # Both conversations use the same identifiers, for different slots.
        for session, slot in ((first, 0), (second, 3)):
            session.exchange(opening(0x0040_0001, 0x0400 + slot, say.backplane(slot) + router, **explicit), opened(0x8004_0001, 0x0040_0001, 0x0400 + slot))
        for session, slot in ((first, 0), (second, 3)):
            session.exchange_connected(0x8004_0001, 0x0040_0001, WHOLE_IDENTITY, whole[slot])
        # Given out again: the bridge itself, by no route.
        first.exchange(closing(0x0400, say.backplane(0) + router), closed(0x0400))
        first.exchange(opening(0x0040_0001, 0x0410, router, **explicit), opened(0x8004_0001, 0x0040_0001, 0x0410))
        first.exchange_connected(0x8004_0001, 0x0040_0001, WHOLE_IDENTITY, say.reply(say.GET_ATTRIBUTES_ALL, say.attributes_all(bridge.says)))
        # Through slot 3 to the network behind it, and there to the controller in slot 0.
        beyond = b"\x01\x03" + b"\x12\x0d192.168.90.11\0"
        far = plan.cip(plan.ROCKWELL, plan.CONTROLLER, 54, 16, 4, 0x6020_2CC9, "1756-L61/A LOGIX5561", 0x3060)
        ask = opening(0x0040_0002, 0x0420, say.backplane(0) + router, **explicit)
        first.exchange(say.unconnected_send(ask, beyond), opened(0x8004_0002, 0x0040_0002, 0x0420))
        first.exchange_connected(0x8004_0002, 0x0040_0002, WHOLE_IDENTITY, say.reply(say.GET_ATTRIBUTES_ALL, say.attributes_all(far)))
    wire.save("enip/connection-routes.pcap")


if __name__ == "__main__":
    services()
    security()
    io()
    routes()
