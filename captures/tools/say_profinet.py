"""PROFINET messages for the generated captures: DCP, alarms, clock, cyclic data, MRP, and the calls of PROFINET IO."""

import hashlib
import struct
import uuid

from wire import ip4, mac

ETHERTYPE_PROFINET, ETHERTYPE_MRP = 0x8892, 0x88E3
IDENTIFY_MULTICAST, HELLO_MULTICAST, DELAY_MULTICAST = "01:0e:cf:00:00:00", "01:0e:cf:00:00:01", "01:80:c2:00:00:0e"
SYNC_MULTICAST = "01:0e:cf:00:04:00"
MRP_TEST, MRP_CONTROL = "01:15:4e:00:00:01", "01:15:4e:00:00:02"
HELLO, GET_SET, IDENTIFY_REQUEST, IDENTIFY_RESPONSE = 0xFEFC, 0xFEFD, 0xFEFE, 0xFEFF
GET, SET, IDENTIFY, SAY_HELLO = 3, 4, 5, 6
DEVICE_INTERFACE = "dea00001-6c97-11d1-8271-00a02442df7d"
CONTROLLER_INTERFACE = "dea00002-6c97-11d1-8271-00a02442df7d"
CONNECT, RELEASE, READ, WRITE, CONTROL, READ_IMPLICIT = range(6)
REQUEST, RESPONSE = 0, 2


# ---- DCP -------------------------------------------------------------------------------------------------------


def block(option, suboption, value):
    return struct.pack(">BBH", option, suboption, len(value)) + value + b"\0" * (len(value) & 1)


def told(option, suboption, value, info=0):
    return block(option, suboption, struct.pack(">H", info) + value)


def ordered(option, suboption, value, qualifier=1):
    return block(option, suboption, struct.pack(">H", qualifier) + value)


def addresses(ip, mask="255.255.255.0", gateway="0.0.0.0", names=()):
    return ip4(ip) + ip4(mask) + ip4(gateway) + b"".join(ip4(name) for name in names)


def done(option, suboption, error=0):
    return block(5, 4, bytes([option, suboption, error]))


def dcp(frame, service, kind, number, blocks, delay=0):
    return struct.pack(">HBBIHH", frame, service, kind, number, delay, len(blocks)) + blocks


def send(wire, source, target, payload):
    """`target` is a device or a multicast address."""
    wire.ethernet(source.mac, getattr(target, "mac", target), ETHERTYPE_PROFINET, payload)


# ---- data, alarms, clock, rings --------------------------------------------------------------------------------


def cyclic(frame, data, counter):
    return struct.pack(">H", frame) + data.ljust(40, b"\0") + struct.pack(">HBB", counter, 0x35, 0)


def alarm(high, kind, slot, subslot, module, submodule):
    body = struct.pack(">HIHHIIH", kind, 0, slot, subslot, module, submodule, 0x8800)
    body = struct.pack(">HHBB", 1 if high else 2, 2 + len(body), 1, 0) + body
    return struct.pack(">HHHBBHHH", 0xFC01 if high else 0xFE01, 1, 2, 0x11, 0x11, 0, 0xFFFF, len(body)) + body


def acknowledged(high):
    return struct.pack(">HHHBBHHH", 0xFC01 if high else 0xFE01, 2, 1, 0x13, 0x01, 0xFFFF, 0, 0)


def aborted(status):
    return struct.pack(">HHHBBHHHI", 0xFE01, 1, 2, 0x14, 0x01, 0xFFFF, 0xFFFE, 4, status)


def tlv(kind, value):
    return struct.pack(">H", kind << 9 | len(value)) + value


def clock(frame, sequence, *values):
    return struct.pack(">H12xHHI", frame, sequence, 0, 0) + b"".join(values) + tlv(0, b"")


def subdomain(master, name):
    return tlv(1, mac(master) + uuid.UUID(name).bytes)


def mrp(kind, value, sequence, domain):
    common = struct.pack(">H", sequence) + uuid.UUID(domain).bytes
    return struct.pack(">HBB", 1, kind, len(value)) + value + struct.pack(">BB", 1, len(common)) + common + b"\0\0"


def ring_test(switch, priority, role, closed, transitions, stamp):
    return struct.pack(">H6sHHHI", priority, mac(switch.mac), role, 1 if closed else 0, transitions, stamp)


# ---- PROFINET IO -----------------------------------------------------------------------------------------------


def object_of(vendor, device, instance=1):
    return f"dea00000-6c97-11d1-8271-{instance:04x}{device:04x}{vendor:04x}"


class Calls:
    """The calls of one client to one device, over UDP: big-endian as Siemens controllers write, or little-endian."""

    def __init__(self, wire, client, server, ports, identity, interface=DEVICE_INTERFACE, little=True, answer_port=None, object_seen=None):
        self.wire, self.client, self.server = wire, client, server
        self.ports, self.answer_port = ports, answer_port or ports[1]
        self.object = object_seen or object_of(*identity)
        self.interface, self.little, self.sequence = interface, little, 0
        self.activity = hashlib.sha256(f"{client.name} {server.name} {interface}".encode()).digest()[:16]

    def datagrams(self, kind, operation, stub, part_bytes=1392):
        order = "<" if self.little else ">"
        names = [uuid.UUID(name).bytes_le if self.little else uuid.UUID(name).bytes for name in (self.object, self.interface)]
        parts = [stub[at:at + part_bytes] for at in range(0, len(stub), part_bytes)] or [b""]
        for number, part in enumerate(parts):
            flags = 0x20 if kind == REQUEST else 0x0A
            if len(parts) > 1:
                flags = 0x24 if number + 1 < len(parts) else 0x26
            head = struct.pack("BBBBBBBB", 4, kind, flags, 0, 0x10 if self.little else 0, 0, 0, 0) + names[0] + names[1] + self.activity
            head += struct.pack(order + "IIIHHHHH", 0x4E3A1F00, 1, self.sequence, operation, 0xFFFF, 0xFFFF, len(part), number) + b"\0\0"
            yield head + part

    def number(self, value):
        return struct.pack("<I" if self.little else ">I", value)

    def ask(self, operation, blocks, room=4000):
        stub = b"".join(map(self.number, (room, len(blocks), room, 0, len(blocks)))) + blocks
        for data in self.datagrams(REQUEST, operation, stub):
            self.wire.udp(self.client, self.server, *self.ports, data)

    def answer(self, operation, blocks, status=0, room=4000):
        stub = b"".join(map(self.number, (status, len(blocks), room, 0, len(blocks)))) + blocks
        for data in self.datagrams(RESPONSE, operation, stub):
            self.wire.udp(self.server, self.client, self.answer_port, self.ports[0], data)
        self.sequence += 1

    def call(self, operation, request, response, status=0):
        self.ask(operation, request)
        self.wire.wait(0.003)
        self.answer(operation, response, status)
        self.wire.wait(0.02)

    # ---- records

    def read(self, slot, subslot, index, record, implicit=True, status=0):
        ask = header(9, slot, subslot, index, 4000, self.sequence)
        answer = header(0x8009, slot, subslot, index, len(record), self.sequence) + record
        self.call(READ_IMPLICIT if implicit else READ, ask, answer if status == 0 else b"", status)

    def write(self, slot, subslot, index, record, status=0):
        self.call(WRITE, header(8, slot, subslot, index, len(record), self.sequence) + record,
                  header(0x8008, slot, subslot, index, 0, self.sequence, status), 0)

    def write_several(self, records):
        ask = answer = b""
        for slot, subslot, index, record in records:
            part = header(8, slot, subslot, index, len(record), self.sequence) + record
            ask += part + b"\0" * (-len(part) % 4)
            answer += header(0x8008, slot, subslot, index, 0, self.sequence)
        self.call(WRITE, header(8, 0, 0, 0xE040, len(ask), self.sequence) + ask, header(0x8008, 0, 0, 0xE040, len(answer), self.sequence) + answer)


CONNECTION = uuid.UUID("0d2c1f10-6a4b-4c9e-9f30-20122012abcd").bytes


def of(kind, body, low=0):
    return struct.pack(">HHBB", kind, 2 + len(body), 1, low) + body


def header(kind, slot, subslot, index, length, sequence, status=0):
    body = struct.pack(">H16sIHHHHI", sequence, CONNECTION, 0, slot, subslot, 0, index, length)
    if kind == 0x8008:
        return of(kind, body + struct.pack(">HHI16x", 0, 0, status))
    return of(kind, body + bytes(24))


def name(text):
    return struct.pack(">H", len(text)) + text.encode()


def connect_request(controller, identity, text, modules, kind=1, input_frame=0x8001):
    head = struct.pack(">H16sH6s16sIHH", kind, CONNECTION, 1, mac(controller.mac), uuid.UUID(object_of(*identity)).bytes, 0x60000011, 600, 0x8892)
    blocks = of(0x0101, head + name(text))
    for which, frame in ((1, input_frame), (2, 0xFFFF)):
        blocks += of(0x0102, struct.pack(">HHHIHHHHHHIHHH6sH", which, which, 0x8892, 2, 40, frame, 32, 32, 1, 0, 0xFFFFFFFF, 3, 3, 0xC000, bytes(6), 1)
                     + struct.pack(">IHH", 0, 0, 0))
    blocks += of(0x0103, struct.pack(">HHIHHHHHH", 1, 0x8892, 0, 1, 3, 1, 200, 0xC000, 0xA000))
    for slot, module, submodules in modules:
        body = struct.pack(">HIHIHH", 1, 0, slot, module, 0, len(submodules))
        for subslot, submodule, kinds in submodules:
            body += struct.pack(">HIH", subslot, submodule, kinds)
            for which in ((1,), (1,), (2,), (1, 2))[kinds]:
                body += struct.pack(">HHBB", which, 1 if kinds else 0, 1, 1)
        blocks += of(0x0104, body)
    return blocks


def connect_response(device, text, differing=()):
    blocks = of(0x8101, struct.pack(">H16sH6sH", 1, CONNECTION, 1, mac(device.mac), 0x8892))
    for which, frame in ((1, 0x8001), (2, 0x8002)):
        blocks += of(0x8102, struct.pack(">HHH", which, which, frame))
    blocks += of(0x8103, struct.pack(">HHH", 1, 1, 200))
    if differing:
        body = struct.pack(">HIH", 1, 0, len(differing))
        for slot, module, state in differing:
            body += struct.pack(">HIHH", slot, module, state, 0)
        blocks += of(0x8104, body)
    body = name(text)
    return blocks + of(0x8106, body + b"\0" * (-(len(body) + 2) % 4))


def control(kind, command):
    return of(kind, struct.pack(">H16sHHHH", 0, CONNECTION, 1, 0, command, 0))


def im0(vendor, order, serial, hardware, software, counter=0, profile=0, profile_type=0):
    prefix, major, minor, patch = software
    return of(0x0020, struct.pack(">H20s16sHcBBBHHHBBH", vendor, order.encode().ljust(20), serial.encode().ljust(16), hardware,
                                  prefix.encode(), major, minor, patch, counter, profile, profile_type, 1, 1, 0x001E))


def im1(function, location):
    return of(0x0021, function.encode().ljust(32) + location.encode().ljust(22))


def im2(date):
    return of(0x0022, date.encode().ljust(16))


def im3(descriptor):
    return of(0x0023, descriptor.encode().ljust(54))


def im4(signature):
    return of(0x0024, signature.ljust(54, b"\0"))


def modules(slots, low=1):
    """RealIdentificationData, with the application process or in the first version without."""
    body = struct.pack(">HI", 1, 0) if low else b""
    body += struct.pack(">H", len(slots))
    for slot, module, submodules in slots:
        body += struct.pack(">HIH", slot, module, len(submodules))
        for subslot, submodule, *_ in submodules:
            body += struct.pack(">HI", subslot, submodule)
    return of(0x0013, body, low)


def filled(body):
    """To a multiple of four, counted from the block."""
    return body + b"\0" * (-(len(body) + 6) % 4)


def real_data(device, text, peers):
    """PDRealData: the interface, then each port with its neighbour."""
    body = filled(bytes([len(text)]) + text.encode())
    body = filled(body + mac(device.mac)) + ip4(device.ip) + ip4("255.255.255.0") + ip4("10.20.18.1")
    record = several(0, 0x8000, of(0x0240, body))
    for number, (port, station, neighbour) in enumerate(peers, 1):
        own = f"port-{number:03}"
        body = filled(struct.pack(">HHHB", 0, 0, 0x8000 + number, len(own)) + own.encode() + b"\1")
        body = filled(body + bytes([len(port)]) + port.encode() + bytes([len(station)]) + station.encode())
        body = filled(body + struct.pack(">I", 0) + mac(neighbour))
        body += struct.pack(">HHIIHHI", 0x10, 0, 0, 0, 1, 0, 0x00010000)
        record += several(0, 0x8000 + number, of(0x020F, body))
    return record


def several(slot, subslot, blocks):
    return of(0x0400, struct.pack(">HIHH", 0, 0, slot, subslot) + blocks)
