"""ADS in bytes: AMS messages over TCP, and the datagrams by which devices are searched for."""

import struct

RESULT_OK = struct.pack("<I", 0)
DEVICE_INFO, READ, WRITE, STATE, CONTROL, ADD_NOTE, NOTE, READ_WRITE = 1, 2, 3, 4, 5, 6, 8, 9


def net_id(text):
    return bytes(int(part) for part in text.split("."))


def address(text):
    """"5.13.117.96.1.1:800" """
    identifier, port = text.split(":")
    return net_id(identifier) + struct.pack("<H", int(port))


def ams(target, source, command, answer, invoke, data=b"", error=0):
    head = address(target) + address(source) + struct.pack("<HHIII", command, 5 if answer else 4, len(data), error, invoke)
    return struct.pack("<HI", 0, len(head) + len(data)) + head + data


class Route:
    """What one AMS address asks of another over the conversation of wire.py."""

    def __init__(self, talk, own, target):
        self.talk, self.own, self.target, self.invoke = talk, own, target, 0

    def ask(self, command, data=b"", answer=None, error=0):
        self.invoke += 1
        self.talk.ask(ams(self.target, self.own, command, False, self.invoke, data))
        if answer is not None:
            self.talk.answer(ams(self.own, self.target, command, True, self.invoke, answer, error))

    def info(self, version, name):
        major, minor, build = (int(part) for part in version.split("."))
        self.ask(DEVICE_INFO, answer=RESULT_OK + struct.pack("<BBH16s", major, minor, build, name.encode()))

    def nobody(self, error=6):
        self.ask(DEVICE_INFO, answer=b"", error=error)

    def state(self, number):
        self.ask(STATE, answer=RESULT_OK + struct.pack("<HH", number, 0))

    def control(self, number, result=0):
        self.ask(CONTROL, struct.pack("<HHI", number, 0, 0), struct.pack("<I", result))

    def read(self, group, offset, value):
        self.ask(READ, struct.pack("<III", group, offset, len(value)), RESULT_OK + struct.pack("<I", len(value)) + value)

    def write(self, group, offset, value):
        self.ask(WRITE, struct.pack("<III", group, offset, len(value)) + value, RESULT_OK)

    def exchange(self, group, written, read):
        self.ask(READ_WRITE, struct.pack("<IIII", group, 0, len(read), len(written)) + written, RESULT_OK + struct.pack("<I", len(read)) + read)


def datagram(service, identifier, blocks=()):
    body = b"".join(struct.pack("<HH", tag, len(value)) + value for tag, value in blocks)
    return bytes.fromhex("0366147100000000") + struct.pack("<I", service) + net_id(identifier) + struct.pack("<HI", 10_000, len(blocks)) + body


def search(own):
    return datagram(1, own)


def found(own, host, version, system, fingerprint=""):
    """`system` is major, minor, build, platform, service pack."""
    major, minor, build = (int(part) for part in version.split("."))
    *numbers, pack = system
    blocks = [(5, host.encode() + b"\0"), (4, struct.pack("<IIIII", 276, *numbers) + pack.encode("utf-16-le").ljust(256, b"\0")),
              (3, struct.pack("<BBH", major, minor, build))]
    if fingerprint:
        blocks.append((18, fingerprint.encode() + b"\0"))
    return datagram(0x8000_0001, own, blocks)


def add_route(own, name, host, user, password):
    return datagram(6, own, [(12, name.encode() + b"\0"), (7, net_id(own)), (13, user.encode() + b"\0"), (2, password.encode() + b"\0"),
                             (5, host.encode() + b"\0")])


def route_added(own, status=0):
    return datagram(0x8000_0006, own, [(1, struct.pack("<I", status))])
