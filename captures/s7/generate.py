#!/usr/bin/env python3
"""Generate what no program at hand can play: modules of several makers, lists in parts, programming, S7comm-plus.

The messages follow captures of Wireshark's and T. Wiens' collections; names, addresses and numbers are of the plan.
"""

import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import plan  # noqa: E402
import say_s7 as say  # noqa: E402
from wire import Wire  # noqa: E402

CASES = {
    "programming.pcap": (
        "An engineering station reads all status lists of a CPU 315-2 PN/DP, two of them in parts, each message behind an empty COTP part; "
        "then it logs in, loads a block, fetches one, deletes one, sets the clock, forces, resets the memory, stops and starts; the CPU tells its change "
        "of mode.", "", ["s7"]),
    "cp-and-rack.pcap": (
        "A CP 443-1 has the address: asked for its own slot 5 it names itself, asked for slot 3 the CPU 414-3 behind it does. The modules of "
        "the rack; an upload that is refused.", "", ["s7"]),
    "panel-polls.pcap": ("An operator panel polls a CPU once a second and writes to it; from the middle of the connection on.", "", ["s7"]),
    "plus-session.pcap": (
        "A programming tool opens a session of S7comm-plus with an S7-1500, the answer in two COTP parts; reads, writes, stops and starts it, "
        "with digests in front.", "", ["s7"]),
    "both-generations.pcap": (
        "An S7-1200 is asked by a panel over S7comm-plus and by another program over S7comm: the order number is the same, the firmware has "
        "two numbers there and three here.", "", ["s7"]),
    "plus-over-tls.pcap": ("S7comm-plus that goes on inside TLS 1.3: only the set-up of TLS is in the clear.", "", ["s7"]),
    "compatible.pcap": ("A VIPA CPU says its own order number; Conpot, a honeypot, plays an S7-200 on another address.", "", ["s7"]),
}


def programming():
    wire = Wire("2026-03-02T09:00:00")
    station, cpu = plan.device("s7-station"), plan.device("s7-300")
    order = "6ES7 315-2EH14-0AB0"
    with wire.tcp(station, cpu, 102) as talk:
        pg = say.Station(talk, empty_parts=True)
        pg.set_up()
        pg.list(0x0132, 4, say.protection(2, 0, 2, 2, (0xBC04A3D5, 0x14000972)))
        pg.list(0x0011, 0, [
            say.module(1, order, 0x00C0, 7, 1), say.module(6, order, 0x00C0, 7, 1), say.module(7, "", 0x00C0, *say.firmware("3.2.10")),
            say.module(0x81, "Boot Loader", 0, 0x4120, 0x0909)])
        pg.list(0x001C, 0, say.components(("PUMPS-A", "CPU Pumps"), "S C-D6U512342013", "CPU 315-2 PN/DP", "MMC 2A0F4C11", plant="WATER+A1", place="HALL 3",
                                          oem=("PUMPWORKS", 17)), part_bytes=214)
        pg.list(0x0131, 1, say.communication(240, 16))
        pg.list(0x0424, 0, say.mode(8))
        pg.list(0x0D91, 0, [say.rack_module(0, 2, 0x00C0)])
        pg.list(0x0C91, 0x7FFF, [], error=0xD402)
        wire.wait(2)
        pg.user_data(5, 1, bytes.fromhex("6d0b5d1f4c2a0700"), octets=False)
        pg.download(b"_0A00001P", [bytes(222), bytes(222), bytes(56)])
        pg.service(b"_INSE", b"\x01\0" + b"0A00001P")
        pg.upload(b"_0800001A", bytes(120))
        pg.service(b"_DELE", b"\x01\0" + b"0A00002B")
        pg.list(0x0132, 4, say.protection(2, 0, 2, 2, (0xBC04A3D5, 0x8401D6B2)))
        pg.user_data(7, 2, bytes.fromhex("00192603020915000002"), octets=False)
        pg.user_data(1, 0x09, bytes.fromhex("0001000000010001"), octets=False)
        pg.user_data(1, 0x0C, bytes.fromhex("00010000"), octets=False)
        pg.user_data(3, 1, answer=bytes.fromhex("3038000130450000304300003041000130420000"))
        pg.stop()
        pg.tell(0, 0, bytes(8))
        pg.list(0x0424, 0, say.mode(4, 8))
        pg.service(b"P_PROGRAM")
        pg.tell(0, 2, bytes(8))
    wire.save("s7/programming.pcap")


def cp_and_rack():
    wire = Wire("2026-03-02T10:00:00")
    station, cp = plan.device("s7-station"), plan.device("s7-cp")
    with wire.tcp(station, cp, 102) as talk:
        own = say.Station(talk, called=b"\x01\x05")
        own.set_up()
        order = "6GK7 443-1EX30-0XE0"
        own.list(0x0011, 0, [say.module(1, order, 0x0403, 4, 0), say.module(6, order, 0x0403, 4, 0), say.module(7, order, 0x0403, *say.firmware("3.2.17"))])
        own.list(0x001C, 0, say.components(("MIXER", "CP 443-1"), "VPD3514099", "CP 443-1", ""))
    with wire.tcp(station, cp, 102) as talk:
        cpu = say.Station(talk, called=b"\x03\x03", calling=b"\x03\x00")
        cpu.set_up(agreed=480, jobs=8)
        order = "6ES7 414-3XM07-0AB0"
        cpu.list(0x0011, 0, [say.module(1, order, 0x00C8, 3, 0), say.module(6, order, 0x00C8, 3, 0), say.module(7, "", 0x00C8, *say.firmware("7.0.2"))])
        cpu.list(0x001C, 0, say.components(("MIXER", "CPU Mixer"), "SVPC4231170", "CPU 414-3 DP", "MC 5E0F1A02"))
        cpu.list(0x0131, 1, say.communication(480, 32))
        cpu.list(0x0F11, 0, [])
        cpu.list(0x0091, 0, [say.rack_module(0, 3, 0x00C8), say.rack_module(0, 5, 0x0403), say.rack_module(0, 6, 0x4FC3, 0x4FC1)])
        cpu.list(0x0232, 4, say.protection(1, 3, 3, 1, (0x11223344, 0x55667788)))
        cpu.upload(b"_0B00000A", b"", refused=True)
    wire.save("s7/cp-and-rack.pcap")


def panel_polls():
    wire = Wire("2026-03-02T11:00:00")
    panel, cpu = plan.device("s7-panel"), plan.device("s7-300")
    with wire.tcp(panel, cpu, 102, established=True) as talk:
        op = say.Station.__new__(say.Station)
        op.talk, op.reference, op.empty_parts = talk, 0, False
        for number in range(12):
            op.read(size=20)
            if number % 5 == 4:
                op.write(struct.pack(">f", 4.5), start=40)
            wire.wait(1)
        op.write(b"\0\x01", db=99, code=0x0A)
    wire.save("s7/panel-polls.pcap")


def plus_session():
    wire = Wire("2026-03-02T12:00:00")
    station, cpu = plan.device("s7-station"), plan.device("s7-1500")
    with wire.tcp(station, cpu, 102) as talk:
        pg = say.Station(talk, called=b"SIMATIC-ROOT-ES", calling=b"\x06\x00")
        client = ("1:::6.0::TCP/IP -> Intel(R) Ethernet Connection I219-LM", "TIA Portal", "ENG-17", "OMSP.REL.7003.11")
        ask(pg, 1, say.request(0x04CA, 1, 0x120, say.session_request(*client), 0x36))
        version = "1;6ES7 511-1AK02-0AB0 ;V2.8"
        whole = say.plus(1, say.response(0x04CA, 1, say.session_response(0x388, version, "OMSP.REL.7003.04"), 0x36))[0]
        talk.answer(say.data(whole[:120], last=False) + say.data(whole[120:]))
        session = struct.pack(">I", 0x388)
        ask(pg, 2, say.request(0x0542, 2, 0x388, session + b"\x01\x01" + say.vlq(306) + say.text(version) + say.integrity(1)))
        reply(pg, 2, say.response(0x0542, 2, b"\0\0\0"))
        exchange(pg, 0x04BB, 3, struct.pack(">I", 3) + say.integrity(2))
        for sequence in range(4, 8):
            exchange(pg, 0x054C, sequence, bytes(4) + b"\x01\x04" + say.vlq(0x8A0E0001) + say.integrity(sequence))
            wire.wait(5)
        exchange(pg, 0x0542, 8, bytes(4) + b"\x01\x04" + say.vlq(0x8A0E0001) + b"\0\x07\0\x2a" + say.integrity(8))
        unit, state = struct.pack(">I", 52), b"\x01" + say.vlq(2167)
        exchange(pg, 0x04F2, 9, unit + state + b"\0\x08\x01" + say.integrity(9))
        wire.wait(10)
        exchange(pg, 0x04F2, 10, unit + state + b"\0\x08\x03" + say.integrity(10))
        exchange(pg, 0x0586, 11, unit + b"\x20\x04\x01" + say.vlq(2167) + b"\0" + say.integrity(11), parts=2)
        exchange(pg, 0x04D4, 12, session + say.integrity(12))
    wire.save("s7/plus-session.pcap")


def ask(station, version, body, **options):
    for part in say.plus(version, body, **options):
        station.ask(part)


def reply(station, version, body, **options):
    for part in say.plus(version, body, **options):
        station.answer(part)


def exchange(station, function, sequence, body, parts=1):
    ask(station, 3, say.request(function, sequence, 0x388, body), digest=True)
    reply(station, 3, say.response(function, sequence, b"\0" + bytes(12 * parts)), digest=True, parts=parts)


def both_generations():
    wire = Wire("2026-03-02T13:00:00")
    station, cpu = plan.device("s7-station"), plan.device("s7-1200")
    with wire.tcp(station, cpu, 102) as talk:
        panel = say.Station(talk, called=b"SIMATIC-ROOT-HMI", calling=b"\x06\x20")
        client = ("1:::6.32::", "SM@RT", "HMI HOST", "OMS+ for SMART Runtime")
        ask(panel, 1, say.request(0x04CA, 1, 0x120, say.session_request(*client), 0x36))
        reply(panel, 1, say.response(0x04CA, 1, say.session_response(0x3BE, "1;6ES7 214-1AG40-0XB0 ;V4.4", "", 0x11), 0x36))
        ask(panel, 2, say.request(0x054C, 2, 0x3BE, bytes(4) + b"\x01\x04" + say.vlq(0x8A0E0002) + say.integrity(1)))
        reply(panel, 2, say.response(0x054C, 2, b"\0" + bytes(8)))
    with wire.tcp(station, cpu, 102) as talk:
        other = say.Station(talk, called=b"\x03\x01", calling=b"\x03\x00")
        other.set_up()
        order = "6ES7 214-1AG40-0XB0"
        other.list(0x0011, 0, [say.module(1, order, 0, 9, 0x2020), say.module(6, order, 0, 9, 0x2020), say.module(7, order, 0, *say.firmware("4.4.1"))])
        other.list(0x001C, 0, say.components(("PLC_1", "PLC_1"), "S C-H4R312342017", "CPU 1214C DC/DC/DC", ""))
    wire.save("s7/both-generations.pcap")


def plus_over_tls():
    wire = Wire("2026-03-02T14:00:00")
    station, cpu = plan.device("s7-station"), plan.device("s7-tls")

    def record(kind, body):
        return struct.pack(">BHH", kind, 0x0303, len(body)) + body

    def handshake(kind, body):
        return record(22, bytes([kind]) + len(body).to_bytes(3, "big") + body)

    with wire.tcp(station, cpu, 102) as talk:
        pg = say.Station(talk, called=b"SIMATIC-ROOT-HMI", calling=b"\x06\x00")
        ask(pg, 1, say.request(0x05B3, 1, 0, bytes(4), 0x30))
        reply(pg, 1, say.response(0x05B3, 1, b"\0" + bytes(4), 0x30))
        offers = struct.pack(">HH", 43, 3) + b"\x02\x03\x04"
        pg.ask(handshake(1, b"\x03\x03" + bytes(range(32)) + b"\0" + struct.pack(">HH", 2, 0x1302) + b"\x01\0" + struct.pack(">H", len(offers)) + offers))
        chosen = struct.pack(">HHH", 43, 2, 0x0304)
        hello = handshake(2, b"\x03\x03" + bytes(range(32, 64)) + b"\0" + struct.pack(">HB", 0x1302, 0) + struct.pack(">H", len(chosen)) + chosen)
        pg.answer(hello + record(20, b"\x01") + record(23, bytes(range(200))))
        pg.ask(record(23, bytes(range(90))))
        pg.answer(record(23, bytes(range(120))))
    wire.save("s7/plus-over-tls.pcap")


def compatible():
    wire = Wire("2026-03-02T15:00:00")
    station, vipa, pot = plan.device("s7-station"), plan.device("s7-vipa"), plan.device("s7-honeypot")
    with wire.tcp(station, vipa, 102) as talk:
        pg = say.Station(talk)
        pg.set_up()
        order = "VIPA 315-4NE13"
        pg.list(0x0011, 0, [say.module(1, order, 0x00C0, 1, 1), say.module(6, order, 0x00C0, 1, 1), say.module(7, "", 0x00C0, 3, 0x0608)])
        # Its list has neither a copyright entry nor a maker's number.
        names = say.components(("SPEED7", "VIPA CPU 315SN/NET"), "00012345", "VIPA CPU 315SN/NET", "")
        pg.list(0x001C, 0, [record for record in names if record[1] not in (4, 9)])
    with wire.tcp(station, pot, 102) as talk:
        pg = say.Station(talk)
        pg.set_up()
        pg.list(0x001C, 0, say.components(("Technodrome", "Siemens, SIMATIC, S7-200"), "88111222", "IM151-8 PN/DP CPU", "", plant="Mouser Factory"))
    wire.save("s7/compatible.pcap")


if __name__ == "__main__":
    for make in (programming, cp_and_rack, panel_polls, plus_session, both_generations, plus_over_tls, compatible):
        make()
