"""S7comm and S7comm-plus in bytes: TPKT and COTP around them, jobs, user data, system status lists, objects."""

import struct


def tpkt(cotp):
    return struct.pack(">BBH", 3, 0, 4 + len(cotp)) + cotp


def connect(kind, destination, source, calling, called):
    parameters = b"\xc0\x01\x0a" + bytes([0xC1, len(calling)]) + calling + bytes([0xC2, len(called)]) + called
    return tpkt(bytes([6 + len(parameters), kind]) + struct.pack(">HHB", destination, source, 0) + parameters)


def data(payload, last=True):
    return tpkt(b"\x02\xf0" + (b"\x80" if last else b"\x00") + payload)


class Station:
    """One connection: what is asked and answered goes through the conversation of wire.py."""

    def __init__(self, talk, called=b"\x01\x02", calling=b"\x01\x00", empty_parts=False):
        self.talk = talk
        self.reference = 0x0100
        self.empty_parts = empty_parts  # programming software puts an empty part in front of each message
        talk.ask(connect(0xE0, 0, 0x0011, calling, called))
        talk.answer(connect(0xD0, 0x0011, 0x0001, calling, called))

    def ask(self, payload):
        if self.empty_parts:
            self.talk.ask(data(b"", last=False))
        self.talk.ask(data(payload))

    def answer(self, payload):
        self.talk.answer(data(payload))

    def next(self):
        self.reference += 0x0100
        return self.reference & 0xFFFF

    # ---- jobs

    def job(self, parameters, answer, body=b"", answer_body=b"", error=0, kind=3):
        reference = self.next()
        self.ask(message(1, reference, parameters, body))
        self.answer(message(kind, reference, answer, answer_body, error))

    def asked_back(self, reference, parameters, answer, answer_body=b""):
        """A job that the device asks of the client."""
        self.talk.send("server", data(message(1, reference, parameters)))
        self.talk.send("client", data(message(3, reference, answer, answer_body, 0)))

    def set_up(self, pdu=480, agreed=240, jobs=1):
        self.job(struct.pack(">BBHHH", 0xF0, 0, jobs, jobs, pdu), struct.pack(">BBHHH", 0xF0, 0, jobs, jobs, agreed))

    def read(self, area=0x84, db=1, start=0, size=4):
        item = struct.pack(">BBBBHHB", 0x12, 10, 0x10, 2, size, db, area) + (start * 8).to_bytes(3, "big")
        self.job(b"\x04\x01" + item, b"\x04\x01", answer_body=struct.pack(">BBH", 0xFF, 4, size * 8) + bytes(size))

    def write(self, value, db=1, start=0, code=0xFF):
        item = struct.pack(">BBBBHHB", 0x12, 10, 0x10, 2, len(value), db, 0x84) + (start * 8).to_bytes(3, "big")
        self.job(b"\x05\x01" + item, b"\x05\x01", struct.pack(">BBH", 0, 4, len(value) * 8) + value, bytes([code]))

    def service(self, name, blocks=b"", error=0):
        body = b"\x28\0\0\0\0\0\0\xfd" + struct.pack(">H", len(blocks)) + blocks + bytes([len(name)]) + name
        self.job(body, b"\x28", error=error)

    def stop(self):
        name = b"P_PROGRAM"
        self.job(b"\x29\0\0\0\0\0" + bytes([len(name)]) + name, b"\x29")

    def download(self, name, parts):
        lengths = b"\x0d1" + b"000080" + b"000040"
        self.job(b"\x1a\0\x01\0\0\0\0\0\x09" + name + lengths, b"\x1a")
        for number, part in enumerate(parts):
            more = number + 1 < len(parts)
            self.asked_back(0x4000 + number, b"\x1b\0\0\0\0\0\0\0\x09" + name, b"\x1b" + bytes([more]), struct.pack(">HH", len(part), 0x00FB) + part)
        self.asked_back(0x5000, b"\x1c\0\0\0\0\0\0\0\x09" + name, b"\x1c")

    def upload(self, name, part, refused=False):
        if refused:
            self.job(b"\x1d\0\0\0\0\0\0\0\x09" + name, b"", error=0xD241, kind=2)
            return
        self.job(b"\x1d\0\0\0\0\0\0\0\x09" + name, b"\x1d\0\x01\0\0\0\0\x07\x07" + b"0000080")
        self.job(b"\x1e\0\0\0\0\0\0\x07", b"\x1e\0", answer_body=struct.pack(">HH", len(part), 0x00FB) + part)
        self.job(b"\x1f\0\0\0\0\0\0\x07", b"\x1f")

    # ---- user data

    def user_data(self, group, function, body=b"", answer=b"", error=0, octets=True):
        reference = self.next()
        asked = struct.pack(">BBH", 0xFF, 9, len(body)) + body if body else b"\x0a\0\0\0"
        self.ask(message(7, reference, head(0x11, 4, group, function), asked))
        given = struct.pack(">BBH", 0xFF, 9, len(answer)) + answer if octets and not error else b"\x0a\0\0\0"
        self.answer(message(7, reference, head(0x12, 8, group, function, 1, 0, 0, error), given))

    def list(self, number, index, records, part_bytes=None, unit=5, error=0):
        """Reads a system status list, in parts when it is longer than `part_bytes`."""
        body = struct.pack(">HH", number, index)
        if error:
            self.user_data(4, 1, body, error=error)
            return
        size = len(records[0]) if records else 0
        whole = body + struct.pack(">HH", size, len(records)) + b"".join(records)
        parts = [whole[at:at + part_bytes] for at in range(0, len(whole), part_bytes)] if part_bytes else [whole]
        for at, part in enumerate(parts):
            reference = self.next()
            more = at + 1 < len(parts)
            if at == 0:
                self.ask(message(7, reference, head(0x11, 4, 4, 1), struct.pack(">BBH", 0xFF, 9, 4) + body))
            else:
                self.ask(message(7, reference, head(0x12, 4, 4, 1, at, 0, 0, 0), b"\x0a\0\0\0"))
            unit_here = unit if len(parts) > 1 else 0
            given = struct.pack(">BBH", 0xFF, 9, len(part)) + part
            self.answer(message(7, reference, head(0x12, 8, 4, 1, at + 1, unit_here, int(more), 0), given))

    def tell(self, group, function, body=b""):
        """What a device tells by itself."""
        given = struct.pack(">BBH", 0xFF, 9, len(body)) + body
        self.talk.send("server", data(message(7, 0, head(0x12, 0, group, function, 0, 0, 0, 0), given)))


def message(kind, reference, parameters, body=b"", error=None):
    out = struct.pack(">BBHHHH", 0x32, kind, 0, reference, len(parameters), len(body))
    if error is not None:
        out += struct.pack(">H", error)
    return out + parameters + body


def head(method, kind, group, function, sequence=0, unit=None, more=0, error=0):
    rest = bytes([method, kind << 4 | group, function, sequence])
    if unit is not None:
        rest += struct.pack(">BBH", unit, more, error)
    return b"\0\x01\x12" + bytes([len(rest)]) + rest


def module(index, order, kind, ausbg, ausbe):
    return struct.pack(">H20sHHH", index, order.encode().ljust(20), kind, ausbg, ausbe)


def firmware(text):
    major, minor, patch = (int(part) for part in text.split("."))
    return 0x5600 | major, minor << 8 | patch


def component(index, text):
    text = text if isinstance(text, bytes) else text.encode("latin-1")
    return struct.pack(">H32s", index, text)


def components(names, serial, kind, card, maker=42, plant="", place="", rights="Original Siemens Equipment", oem=("", 0)):
    system, own = names
    return [
        component(1, system), component(2, own), component(3, plant), component(4, rights), component(5, serial), component(7, kind),
        component(8, card), component(9, struct.pack(">HHH", maker, 0xF600, 1)),
        component(10, struct.pack(">26sHI", oem[0].encode(), oem[1], 0)), component(11, place),
    ]


def communication(pdu, connections):
    return [struct.pack(">HHHII", 1, pdu, connections, 187_500, 12_000_000).ljust(40, b"\0")]


def protection(key, parameter, level, switch, checksums):
    hardware, program = checksums
    return [struct.pack(">HHHHHHHHII", 4, key, parameter, level, switch, 0, 0, 0x5656, hardware, program).ljust(40, b"\0")]


def mode(now, before=0):
    return [struct.pack(">HBB", 0x5144, 0xFF, before << 4 | now).ljust(12, b"\0") + bytes.fromhex("2603021230000001")]


def rack_module(rack, slot, found, expected=None):
    return struct.pack(">HBBHHHHHH", rack, slot, 0, 0x7FFF, expected or found, found, 0, 0x0200, 0x0011)


# ---- S7comm-plus ---------------------------------------------------------------------------------------------------


def vlq(number):
    out = [number & 0x7F]
    while number := number >> 7:
        out.append(number & 0x7F | 0x80)
    return bytes(reversed(out))


def text(value):
    value = value if isinstance(value, bytes) else value.encode()
    return b"\0\x15" + vlq(len(value)) + value


def udint(number):
    return b"\0\x04" + vlq(number)


def attribute(number, value):
    return b"\xa3" + vlq(number) + value


def structure(number, elements):
    return b"\0\x17" + struct.pack(">I", number) + b"".join(vlq(key) + value for key, value in elements) + b"\0"


def obj(relation, kind, *inside):
    return b"\xa1" + struct.pack(">I", relation) + vlq(kind) + b"\0\0" + b"".join(inside) + b"\xa2"


def plus(version, body, parts=1, digest=False):
    """One message, in several parts if wanted; the mark of the end stands behind the last."""
    size = -(-len(body) // parts)
    out = []
    for at in range(0, len(body), size):
        part = (b"\x20" + bytes(range(32)) if digest else b"") + body[at:at + size]
        end = struct.pack(">BBH", 0x72, version, 0) if at + size >= len(body) else b""
        out.append(struct.pack(">BBH", 0x72, version, len(part)) + part + end)
    return out


def request(function, sequence, session, body, flags=0x34):
    return struct.pack(">BHHHHIB", 0x31, 0, function, 0, sequence, session, flags) + body


def response(function, sequence, body, flags=0x34):
    return struct.pack(">BHHHHB", 0x32, 0, function, 0, sequence, flags) + body


def session_request(client, application, host, comment):
    inner = obj(211, 255, attribute(233, text("SubscriptionContainer")))
    return struct.pack(">I", 285) + udint(0) + bytes(4) + obj(
        211, 287, attribute(233, text("ServerSession_10000000")), attribute(289, text(client)), attribute(296, text("")),
        attribute(297, text(application)), attribute(298, text(host)), attribute(299, udint(2)), attribute(300, b"\0\x12" + bytes(4)),
        attribute(301, text(comment)), inner) + bytes(4)


def session_response(session, version, comment, result=0):
    inside = [attribute(233, text(""))]
    if comment:
        inside.append(attribute(301, text(comment)))
    inside.append(attribute(303, b"\x10\x02\x14" + bytes(range(0x20, 0x34))))
    inside.append(attribute(306, structure(314, [
        (315, udint(0x200)), (316, udint(0x200)), (317, udint(16_449)), (318, udint(16_449)), (319, text(version)), (320, text(version)),
        (321, b"\0\x03\0\x03")])))
    return vlq(result) + b"\x02" + vlq(session) + vlq(session + 1) + obj(0x120, 287, *inside) + bytes(4)


def integrity(counter):
    return struct.pack(">I", 1256) + bytes.fromhex("8969001200000000896a001300896b000400") + bytes(4) + vlq(counter)
