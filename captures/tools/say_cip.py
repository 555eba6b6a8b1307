"""EtherNet/IP and CIP messages for the generated captures."""

import socket
import struct

LIST_IDENTITY, REGISTER, UNREGISTER, SEND_RR, SEND_UNIT = 0x63, 0x65, 0x66, 0x6F, 0x70
GET_ATTRIBUTES_ALL, MULTIPLE, GET_ATTRIBUTE_SINGLE, READ_TAG = 0x01, 0x0A, 0x0E, 0x4C
UNCONNECTED_SEND, FORWARD_OPEN, FORWARD_CLOSE, EXECUTE_PCCC = 0x52, 0x54, 0x4E, 0x4B
IDENTITY, MESSAGE_ROUTER, CONNECTION_MANAGER, PCCC, TCP_IP, ETHERNET_LINK = 0x01, 0x02, 0x06, 0x67, 0xF5, 0xF6


def encapsulate(command, data=b"", session=0, context=bytes(8)):
    return struct.pack("<HHII8sI", command, len(data), session, 0, context, 0) + data


def list_identity(identity, ip, port=44818):
    """The answer's one item; `ip` is what the device believes its address to be."""
    item = struct.pack("<H", 1) + struct.pack(">HH4s8x", socket.AF_INET, port, socket.inet_aton(ip))
    item += attributes_all(identity) + bytes([identity["state"]])
    return encapsulate(LIST_IDENTITY, struct.pack("<HHH", 1, 0x0C, len(item)) + item)


def register(session=0):
    return encapsulate(REGISTER, struct.pack("<HH", 1, 0), session)


def unregister(session):
    return encapsulate(UNREGISTER, b"", session)


def unconnected(session, message, context=bytes(8)):
    """SendRRData: null address item and unconnected data item."""
    items = struct.pack("<IHHHHHH", 0, 10, 2, 0x00, 0, 0xB2, len(message)) + message
    return encapsulate(SEND_RR, items, session, context)


def connected(session, connection, sequence, message):
    """SendUnitData: connected address item and connected data item with its sequence count."""
    data = struct.pack("<H", sequence) + message
    items = struct.pack("<IHHHHIHH", 0, 0, 2, 0xA1, 4, connection, 0xB1, len(data)) + data
    return encapsulate(SEND_UNIT, items, session)


def attributes_all(identity):
    name = identity["name"].encode()
    return struct.pack("<HHHBBHIB", identity["vendor"], identity["type"], identity["code"], identity["major"], identity["minor"],
                       identity["status"], identity["serial"], len(name)) + name


def attribute(identity, number):
    name = identity["name"].encode()
    return {1: struct.pack("<H", identity["vendor"]), 2: struct.pack("<H", identity["type"]), 3: struct.pack("<H", identity["code"]),
            4: bytes([identity["major"], identity["minor"]]), 5: struct.pack("<H", identity["status"]),
            6: struct.pack("<I", identity["serial"]), 7: bytes([len(name)]) + name, 8: bytes([identity["state"]])}[number]


def path(object_class, instance=None, attribute_number=None):
    out = bytes([0x20, object_class])
    if instance is not None:
        out += bytes([0x24, instance])
    if attribute_number is not None:
        out += bytes([0x30, attribute_number])
    return out


def request(service, to, data=b""):
    return bytes([service, len(to) // 2]) + to + data


def reply(service, data=b"", status=0, extended=()):
    return struct.pack("<BBBB", service | 0x80, 0, status, len(extended)) + struct.pack(f"<{len(extended)}H", *extended) + data


def unconnected_send(message, route):
    """A message for another module: class 6, and the way there, for example `backplane(3)`."""
    data = struct.pack("<BBH", 0x05, 0x9D, len(message)) + message + b"\0" * (len(message) % 2)
    return request(UNCONNECTED_SEND, path(CONNECTION_MANAGER, 1), data + bytes([len(route) // 2, 0]) + route)


def unreachable(route, extended):
    """The bridge's answer for a slot where nobody is: path words that remain, and a reserved byte."""
    return reply(UNCONNECTED_SEND, bytes([len(route) // 2, 0]), 0x01, (extended,))


def backplane(slot):
    return bytes([0x01, slot])


def electronic_key(identity, compatible=False):
    major = identity["major"] | (0x80 if compatible else 0)
    return struct.pack("<BBHHHBB", 0x34, 0x04, identity["vendor"], identity["type"], identity["code"], major, identity["minor"])


def multiple(messages):
    head = 2 + 2 * len(messages)
    offsets, at = [], head
    for message in messages:
        offsets.append(at)
        at += len(message)
    return struct.pack(f"<H{len(messages)}H", len(messages), *offsets) + b"".join(messages)


def forward_open(connection, serial, originator_serial, to):
    """A class 3 connection to the object at `to`; the originator is a Rockwell engineering program (vendor 0x004D)."""
    data = struct.pack("<BBIIHHIB3xIHIHBB", 0x05, 0x9D, 0, connection, serial, 0x004D, originator_serial, 1,
                       2_000_000, 0x43F4, 2_000_000, 0x43F4, 0xA3, len(to) // 2) + to
    return request(FORWARD_OPEN, path(CONNECTION_MANAGER, 1), data)


def forward_open_reply(target_connection, connection, serial, originator_serial):
    return reply(FORWARD_OPEN, struct.pack("<IIHHIIIBB", target_connection, connection, serial, 0x004D, originator_serial, 2_000_000, 2_000_000, 0, 0))


def forward_close(serial, originator_serial, to):
    data = struct.pack("<BBHHIBB", 0x05, 0x9D, serial, 0x004D, originator_serial, len(to) // 2, 0) + to
    return request(FORWARD_CLOSE, path(CONNECTION_MANAGER, 1), data)


def forward_close_reply(serial, originator_serial):
    return reply(FORWARD_CLOSE, struct.pack("<HHIBB", serial, 0x004D, originator_serial, 0, 0))


def pccc(command, status, transaction, body=b"", requester=0x12345678):
    """PCCC in CIP: requester id (seven bytes), then command, status and transaction."""
    return struct.pack("<BHI", 7, 0x004D, requester) + struct.pack("<BBH", command, status, transaction) + body


def diagnostic_status(bulletin, series, revision):
    """MicroLogix 1400: type extender 0xEE, interface 0x31, processor 0x9B, then the bulletin name in eleven characters."""
    return (struct.pack("BBBBB", 0x06, 0xEE, 0x31, 0x9B, (ord(series) - ord("A")) << 5 | revision) + bulletin.encode().ljust(11)
            + struct.pack("<HBHBB", 0, 0x21, 0x0000, 0x0A, 0xFC))


class Session:
    """An encapsulation session over TCP: registers on entry, unregisters on exit."""

    def __init__(self, wire, client, server, handle, numbers=False):
        self.conversation = wire.tcp(client, server, 44818)
        self.handle = handle
        self.sequence = self.asked = 0
        # Some clients give each request a sender context of its own, many give all the same.
        self.numbers = numbers

    def __enter__(self):
        self.conversation.__enter__()
        self.conversation.ask(register())
        self.conversation.answer(register(self.handle))
        return self

    def __exit__(self, kind, *rest):
        if kind is None:
            self.conversation.ask(unregister(self.handle))
        self.conversation.__exit__(kind, *rest)

    def exchange(self, question, answer):
        self.asked += 1
        context = struct.pack("<Q", self.asked) if self.numbers else bytes(8)
        self.conversation.ask(unconnected(self.handle, question, context))
        self.conversation.answer(unconnected(self.handle, answer, context))

    def exchange_connected(self, to_target, to_originator, question, answer):
        self.sequence += 1
        self.conversation.ask(connected(self.handle, to_target, self.sequence, question))
        self.conversation.answer(connected(self.handle, to_originator, self.sequence, answer))


# ---- objects, by the words of the specification

RESET, START, STOP, GET_ATTRIBUTE_LIST, SET_ATTRIBUTE_LIST, SET_ATTRIBUTE_SINGLE = 0x05, 0x06, 0x07, 0x03, 0x04, 0x10
WRITE_TAG, NVS_UPDATE, NVS_TRANSFER, INITIATE_DOWNLOAD, DOWNLOAD_TRANSFER = 0x4D, 0x4B, 0x4D, 0x4C, 0x50
FILE, TIME_SYNC, DEVICE_LEVEL_RING, BASE_SWITCH, CIP_SECURITY = 0x37, 0x43, 0x47, 0x51, 0x5D
ETHERNET_IP_SECURITY, CERTIFICATE_MANAGEMENT, PROGRAM_NAME, FORCING = 0x5E, 0x5F, 0x64, 0x69
WALL_CLOCK_TIME, CONTROLLER, NONVOLATILE_STORAGE, PROJECT, PORT = 0x8B, 0x8E, 0xA1, 0xAC, 0xF4


def short_string(text):
    return bytes([len(text)]) + text.encode()


def string(text):
    return struct.pack("<H", len(text)) + text.encode() + b"\0" * (len(text) % 2)


def international(text, language="eng"):
    """A STRINGI of one string: language, SHORT_STRING, ISO 8859-1."""
    return b"\x01" + language.encode() + struct.pack("<BH", 0xDA, 4) + short_string(text)


def described(text):
    return struct.pack("<I", len(text)) + text.encode()


def address(ip):
    """An IP address as a number, as objects hold it."""
    return socket.inet_aton(ip)[::-1]


def mac_address(mac):
    return bytes.fromhex(mac.replace(":", ""))


def listed(attributes):
    """The data of a Get_Attribute_List reply: number to value, or to None when it was refused."""
    out = struct.pack("<H", len(attributes))
    for number, value in attributes.items():
        out += struct.pack("<HH", number, 0x14 if value is None else 0) + (value or b"")
    return out


def interface_configuration(ip, mask, gateway, name_server, domain):
    return address(ip) + address(mask) + address(gateway) + address(name_server) + bytes(4) + string(domain)
