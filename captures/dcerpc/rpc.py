"""DCE/RPC fragments and the answers of Windows services, in NDR and NDR64, for the generated captures."""

import struct
import uuid

NDR = ("8a885d04-1ceb-11c9-9fe8-08002b104860", 2)
NDR64 = ("71710533-beba-4937-8319-b5dbef9ccc36", 1)
FEATURES = ("6cb71c2c-9812-4540-0300-000000000000", 1)  # bind time feature negotiation, [MS-RPCE] 2.2.2.14
EPM = ("e1af8308-5d1f-11c9-91a4-08002b14a0fa", 3)
OXID = ("99fcfec4-5260-101b-bbcb-00aa0021347a", 0)
WKSSVC = ("6bffd098-a112-3610-9833-46c3f87e345a", 1)
SRVSVC = ("4b324fc8-1670-01d3-1278-5a47bf6ee188", 3)
LSARPC = ("12345778-1234-abcd-ef00-0123456789ab", 0)
WINREG = ("338cd001-2244-31f1-aaaa-900038001003", 1)
SPOOLSS = ("12345678-1234-abcd-ef00-0123456789ab", 1)
NETLOGON = ("12345678-1234-abcd-ef00-01234567cffb", 1)
REQUEST, RESPONSE, BIND, BIND_ACK, AUTH3 = 0, 2, 11, 12, 16
NTLM, SCHANNEL, CONNECT = 10, 68, 2


def fragment(kind, body, call=1, flags=3, auth=None):
    token = b""
    if auth:
        mechanism, level, value = auth
        body += b"\0" * (-len(body) % 4)
        token = struct.pack("<BBBBI", mechanism, level, 0, 0, 0) + value
        length = len(value)
    return struct.pack("<BBBBIHHI", 5, 0, kind, flags, 0x10, 16 + len(body) + len(token), length if auth else 0, call) + body + token


def syntax(name):
    return uuid.UUID(name[0]).bytes_le + struct.pack("<I", name[1])


def bind(interface, *syntaxes, call=1, auth=None):
    body = struct.pack("<HHIBBH", 5840, 5840, 0, len(syntaxes), 0, 0)
    for number, transfer in enumerate(syntaxes):
        body += struct.pack("<HBB", number, 1, 0) + syntax(interface) + syntax(transfer)
    return fragment(BIND, body, call, auth=auth)


def bind_ack(address, results, call=1, auth=None):
    """Each result is the syntax accepted, or None for one that is refused."""
    text = address.encode() + b"\0"
    body = struct.pack("<HHIH", 5840, 5840, 0x1C5F, len(text)) + text
    body += b"\0" * (-len(body) % 4) + struct.pack("<BBH", len(results), 0, 0)
    for accepted in results:
        body += struct.pack("<HH", 0, 0) + syntax(accepted) if accepted else struct.pack("<HH", 2, 2) + bytes(20)
    return fragment(BIND_ACK, body, call, auth=auth)


def request(operation, stub, call=2, context=0):
    return fragment(REQUEST, struct.pack("<IHH", len(stub), context, operation) + stub, call)


def response(stub, call=2, context=0, fragment_bytes=5840):
    """One or several fragments."""
    room = fragment_bytes - 24
    parts = [stub[at:at + room] for at in range(0, len(stub), room)]
    out = b""
    for number, part in enumerate(parts):
        flags = (1 if number == 0 else 0) | (2 if number + 1 == len(parts) else 0)
        out += fragment(RESPONSE, struct.pack("<IHBB", len(stub), context, 0, 0) + part, call, flags)
    return out


class Stub:
    """Writes parameters; pointers and counts take eight bytes in NDR64."""

    def __init__(self, wide=False):
        self.data, self.wide, self.referent = b"", wide, 0x0002_0000

    def align(self, size):
        self.data += b"\0" * (-len(self.data) % size)
        return self

    def u16(self, *numbers):
        for number in numbers:
            self.align(2).data += struct.pack("<H", number)
        return self

    def u32(self, *numbers):
        for number in numbers:
            self.align(4).data += struct.pack("<I", number)
        return self

    def size(self, *numbers):
        if not self.wide:
            return self.u32(*numbers)
        for number in numbers:
            self.align(8).data += struct.pack("<Q", number)
        return self

    def pointer(self, there=True):
        self.referent += 4
        return self.size(self.referent if there else 0)

    def pointers(self, count):
        for _ in range(count):
            self.pointer()
        return self

    def enumeration(self, number):
        return self.u32(number) if self.wide else self.u16(number)

    def structure(self):
        return self.align(8 if self.wide else 4)

    def raw(self, data):
        self.data += data
        return self

    def string(self, text):
        units = (text + "\0").encode("utf-16-le")
        return self.size(len(units) // 2, 0, len(units) // 2).raw(units)

    def strings(self, *texts):
        for text in texts:
            self.string(text)
        return self

    def counted(self, text, end=False):
        """The fixed part of an RPC_UNICODE_STRING."""
        length = 2 * len(text)
        self.structure().u16(length + 2 * end, length + 2)
        return self.pointer()

    def characters(self, text, end=False):
        """The rest of it."""
        return self.size(len(text) + 1, 0, len(text) + end).raw((text + "\0" * end).encode("utf-16-le"))

    def handle(self, number):
        return self.align(4).raw(struct.pack("<IIHHII", 0, 0x2D1C_0000 + number, 0x4A11, 0x9B02, 0x17C3_5E90, 0x0A44_71D6))

    def sid(self, *parts):
        return self.size(len(parts)).align(4).raw(struct.pack(">BBHI", 1, len(parts), 0, 5)).u32(*parts)

    def guid(self, text):
        return self.align(4).raw(uuid.UUID(text).bytes_le)


def tower(interface, minor, *floors):
    """Floors behind the first two: pairs of bytes, left and right."""
    name, major = interface
    rows = [(b"\x0d" + uuid.UUID(name).bytes_le + struct.pack("<H", major), struct.pack("<H", minor)),
            (b"\x0d" + uuid.UUID(NDR[0]).bytes_le + struct.pack("<H", 2), b"\0\0"), *floors]
    return struct.pack("<H", len(rows)) + b"".join(struct.pack("<H", len(left)) + left + struct.pack("<H", len(right)) + right for left, right in rows)


def over_tcp(interface, port, address):
    return tower(interface, 0, (b"\x0b", b"\0\0"), (b"\x07", struct.pack(">H", port)), (b"\x09", bytes(int(part) for part in address.split("."))))


def over_pipe(interface, pipe, host):
    return tower(interface, 0, (b"\x0b", b"\0\0"), (b"\x0f", pipe.encode() + b"\0"), (b"\x11", host.encode() + b"\0"))


def over_udp(interface, port, address):
    return tower(interface, 0, (b"\x0a", b"\0\0"), (b"\x08", struct.pack(">H", port)), (b"\x09", bytes(int(part) for part in address.split("."))))


def lookup(entries, wide=False):
    """The answer of ept_lookup; entries are annotation and tower."""
    stub = Stub(wide).handle(0x31).u32(len(entries)).size(500 if len(entries) > 1 else 1, 0, len(entries))
    for annotation, _ in entries:
        text = annotation.encode() + b"\0"
        stub.structure().guid("00000000-0000-0000-0000-000000000000").pointer().u32(0, len(text)).raw(text)
    for _, octets in entries:
        stub.size(len(octets)).u32(len(octets)).raw(octets)
    return stub.u32(0).data


def bindings(*addresses):
    """A DUALSTRINGARRAY with these network addresses and one security binding."""
    words = b"".join(struct.pack("<H", 7) + (text + "\0").encode("utf-16-le") for text in addresses) + b"\0\0"
    security = b"".join(struct.pack("<HHH", kind, 0xFFFF, 0) for kind in (10, 9)) + b"\0\0"
    return struct.pack("<HH", (len(words) + len(security)) // 2, len(words) // 2) + words + security


def version_info(major, minor, build, pack=""):
    return struct.pack("<IIIII", 276, major, minor, build, 2) + pack.encode("utf-16-le").ljust(256, b"\0")
