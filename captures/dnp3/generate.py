#!/usr/bin/env python3
"""Generate DNP3 that no program at hand speaks: device attributes, a line of stations, files, secure authentication, damage."""

import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import plan  # noqa: E402
from wire import Wire  # noqa: E402

CASES = {
    "attributes.pcap": ("A master reads the device attributes of a relay, of three stations behind one gateway, the long list of one of them in two "
                        "segments, and of a data logger over UDP.", "", ["dnp3"]),
    "deeds.pcap": ("What a master does to a relay: writes, operates outputs, one of which is refused; restarts, stops and starts; loads, fetches and deletes "
                   "files, changes the configuration; reports that are silenced; secure authentication; two frames with wrong checksums.", "", ["dnp3"]),
}

PORT = 20_000
MASTER = 1


def crc(data):
    total = 0
    for byte in data:
        total ^= byte
        for _ in range(8):
            total = total >> 1 ^ 0xA6BC if total & 1 else total >> 1
    return struct.pack("<H", ~total & 0xFFFF)


def link(control, to, source, data=b""):
    head = struct.pack("<BBBBHH", 5, 0x64, 5 + len(data), control, to, source)
    return head + crc(head) + b"".join(data[at:at + 16] + crc(data[at:at + 16]) for at in range(0, len(data), 16))


class Session:
    """A master's association with one outstation."""

    def __init__(self, ask, answer, station):
        self.ask_with, self.answer_with, self.station = ask, answer, station
        self.sequence, self.segment = 0, {"master": 0, "station": 0}

    def data(self, side, fragment):
        parts = [fragment[at:at + 249] for at in range(0, len(fragment), 249)]
        out = b""
        for at, part in enumerate(parts):
            header = (0x40 if at == 0 else 0) | (0x80 if at + 1 == len(parts) else 0) | self.segment[side]
            self.segment[side] = (self.segment[side] + 1) & 0x3F
            ends = (0xC4, self.station, MASTER) if side == "master" else (0x44, MASTER, self.station)
            out += link(*ends, bytes((header,)) + part)
        return out

    def ask(self, function, objects=b""):
        self.sequence = (self.sequence + 1) & 0x0F
        self.ask_with(self.data("master", bytes((0xC0 | self.sequence, function)) + objects))

    def answer(self, objects=b"", indications=0, function=0x81):
        self.answer_with(self.data("station", bytes((0xC0 | self.sequence, function)) + struct.pack("<H", indications) + objects))

    def exchange(self, function, objects=b"", answer=b"", indications=0):
        self.ask(function, objects)
        self.answer(answer, indications)


def attribute(variation, value, index=0, kind=None):
    if isinstance(value, int):
        kind, value = kind or 2, value.to_bytes(6 if kind == 7 else 2, "little")
    elif isinstance(value, str):
        kind, value = kind or 1, value.encode()
    return bytes((0, variation, 0, index, index, kind or 5, len(value))) + value


RELAY = [(252, "SEL"), (250, "SEL-351S"), (242, "SEL-351S-6-R516-V0-Z104104-D20200131"), (243, "0351S6XHE4E42X1"), (245, "NORTH SUBSTATION"),
         (246, "FEEDER 14"), (247, "FEEDER 14 52-14"), (248, "0003221456"), (249, "2:2009"), (240, 2048), (241, 2048)]
LINE = {
    101: [(252, "ABB"), (250, "REC615"), (242, "1.1.4"), (248, "1VHR91044217"), (247, "RECLOSER K7")],
    102: [(252, "Schneider Electric"), (250, "SCADAPack 474"), (242, "9.12.3"), (243, "2.0"), (248, "P1934010021"), (244, "Valley Water"), (208, "VALLEY"),
          (202, "b9c1f1f6-0b7e-4ac5-8f6e-4d9f0b8d1234"), (196, "PUMPS-4"), (197, "17"), (198, 1_767_225_600_000), (199, 1_769_904_000_000),
          (200, bytes.fromhex("d7a8fbb307d7809469ca9abcb0082e4f")), (201, "MD5"), (209, 5), (249, "3:2015"), (245, "PUMP STATION 4, VALLEY ROAD")],
    103: [(252, "Eaton"), (250, "EBR-3000"), (242, "3.6.b"), (248, "EBR-1712-0031")],
}


def attributes(wire):
    master, relay, gateway, logger = (plan.device(f"dn-{name}") for name in ("master", "relay", "gateway", "logger"))
    everything = bytes((0, 254, 0, 0, 0))
    with wire.tcp(master, relay, PORT) as conversation:
        session = Session(conversation.ask, conversation.answer, 10)
        session.exchange(1, everything, b"".join(attribute(*one) for one in RELAY), 0x0090)
        session.exchange(1, bytes((60, 2, 6, 60, 3, 6, 60, 4, 6)), b"", 0)
        session.exchange(1, bytes((0, 255, 0, 0, 0)), bytes((0, 255, 0, 0, 0, 254, 4, 242, 0, 252, 0)), 0)
    wire.wait(5)
    with wire.tcp(master, gateway, PORT) as conversation:
        for station, values in LINE.items():
            session = Session(conversation.ask, conversation.answer, station)
            objects = b"".join(attribute(*one, kind=7) if one[0] in (198, 199) else attribute(*one) for one in values)
            if station == 102:
                objects += attribute(3, "ISaGRAF 5.2", index=1)
            session.exchange(1, everything, objects, 0x0020 if station == 103 else 0)
            wire.wait(1)
    wire.wait(5)

    def send(source, target, ports):
        return lambda data: wire.udp(source, target, *ports, data)

    session = Session(send(master, logger, (PORT, PORT)), send(logger, master, (PORT, PORT)), 4)
    session.exchange(1, everything, b"".join(attribute(*one) for one in [
        (252, "Campbell Scientific"), (250, "CR6"), (242, "CR6.Std.12.02"), (248, "10874"), (247, "WEIR 2")]), 0x0080)
    wire.wait(0.1)


def control(status=0):
    return bytes((12, 1, 0x28, 1, 0, 5, 0, 3, 1)) + struct.pack("<IIB", 100, 100, status)


def file_command(name, mode):
    body = struct.pack("<HH6sHIIHHH", 26, len(name), bytes(6), 0x01FF, 0x5EC12E70, 0, mode, 1024, 7) + name.encode()
    return bytes((70, 3, 0x5B, 1)) + struct.pack("<H", len(body)) + body


def file_status(status=0):
    body = struct.pack("<IIHHB", 0x12345678, 2200, 1024, 7, status)
    return bytes((70, 4, 0x5B, 1)) + struct.pack("<H", len(body)) + body


def deeds(wire):
    master, relay = plan.device("dn-master"), plan.device("dn-target")
    delay = bytes((52, 2, 7, 1, 0x88, 0x13))
    with wire.tcp(master, relay, PORT) as conversation:
        session = Session(conversation.ask, conversation.answer, 12)
        conversation.ask(link(0xC9, 12, MASTER))
        conversation.answer(link(0x0B, MASTER, 12))
        session.exchange(21, bytes((60, 2, 6, 60, 3, 6, 60, 4, 6)))
        session.exchange(2, bytes((80, 1, 0, 7, 7, 0)), indications=0x0010)
        session.exchange(2, bytes((50, 1, 7, 1)) + (1_772_442_000_000).to_bytes(6, "little"))
        session.exchange(20, bytes((60, 2, 6)))
        session.exchange(2, bytes((34, 2, 0x17, 1, 3)) + struct.pack("<I", 50))
        session.exchange(3, control(), control())
        session.exchange(4, control(), control())
        session.exchange(5, control(), control(7), 0x0020)
        session.ask(6, control())
        session.exchange(14, b"", delay)
        session.exchange(13, b"", delay, 0x0080)
        session.exchange(18, bytes((90, 1, 0x5B, 1, 4, 0)) + b"APP1")
        session.exchange(17, bytes((90, 1, 0x5B, 1, 4, 0)) + b"APP1", indications=0x0100)
        session.exchange(25, file_command("SET_ALL.TXT", 2), file_status())
        session.exchange(25, file_command("EVENTS/CHISTORY.TXT", 1), file_status())
        session.exchange(27, file_command("EVENTS/C4_10035.TXT", 0), file_status())
        session.exchange(27, file_command("FIRMWARE.BIN", 0), file_status(1))
        session.exchange(31, bytes((110, 8, 0x5B, 1, 8, 0)) + b"GROUP-02", indications=0x2000)
        session.ask(5, control())
        session.answer(bytes((120, 1, 0x5B, 1, 12, 0)) + bytes(range(12)), function=0x83)
        session.exchange(32, bytes((120, 2, 0x5B, 1, 8, 0)) + bytes(range(8)), control())
        sound = session.data("station", bytes((0xC0, 0x82)) + struct.pack("<H", 0x0008))
        conversation.answer(sound[:-1] + bytes((sound[-1] ^ 0x40,)))
        conversation.answer(sound[:8] + bytes((sound[8] ^ 0x01,)) + sound[9:] + session.data("station", bytes((0xC1, 0x82)) + struct.pack("<H", 0x0800)))
        conversation.ask(Session(None, None, 0xFFFF).data("master", bytes((0xC3, 13))))


def main():
    wire = Wire("2026-03-02T09:00:00")
    attributes(wire)
    wire.save("dnp3/attributes.pcap")
    wire = Wire("2026-03-02T09:30:00")
    deeds(wire)
    wire.save("dnp3/deeds.pcap")


if __name__ == "__main__":
    main()
