#!/usr/bin/env python3
"""Generate the modbus/ captures that no program at hand can make: a serial gateway with two vendors behind it, frames of
serial lines in UDP, engineering sessions with UMAS, file records, diagnostics, Modbus security.

`generate.py` makes all of them, `generate.py <case>` one.
"""

import datetime
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import plan  # noqa: E402
import say_modbus as say  # noqa: E402
from wire import Wire  # noqa: E402

CASES = {
    "gateway-32-units.pcap": (
        "A serial gateway with 32 units of two vendors behind one address, each polled and identified; units 33 to 40 are "
        "absent and answered by the gateway itself with exception 0x0B, unit 255 with 0x0A; two requests share a segment, one "
        "answer is split over two.", "", ["modbus"]),
    "rtu-over-udp.pcap": (
        "RTU frames with CRC inside UDP, port 10001, from a device server with two meters behind it: poll, identification, "
        "writes; the third unit is absent.", "", ["modbus"]),
    "rtu-over-tcp-several.pcap": (
        "RTU frames inside TCP, port 26: two requests in one segment, two answers in one, one answer over two segments, "
        "noise of the line in front of another, a function of the maker's own.", "", ["modbus"]),
    "umas-session.pcap": (
        "An engineering station reads the identity of a controller over UMAS, reserves it, stops it, writes a program, "
        "starts it, reads the program back and releases it. A second reservation is refused. Laid out as the public "
        "descriptions of UMAS say.", "", ["modbus"]),
    "files-and-diagnostics.pcap": (
        "File records read and written, a FIFO queue, and diagnostics: counters, restart of the communication, forced "
        "listen only, which gets no answer; a CANopen general reference.", "", ["modbus"]),
    "identification-partial.pcap": (
        "An extended identification whose second answer is missing from the capture, and a basic one that is complete.",
        "", ["modbus"]),
    "security-802.pcap": ("A TLS handshake begins on port 802, Modbus security.", "", ["modbus"]),
}

DRIVE = {0: plan.SE, 1: "ATV320U07M2C", 2: "V1.7IE32"}
METER = {0: "SIEMENS AG", 1: "SENTRON PAC3200", 2: "V2.4.2"}
ABSENT = range(33, 41)


def identity_of(unit):
    if unit <= 16:
        return DRIVE
    return METER if unit <= 32 else None


def gateway():
    wire = Wire("2026-03-02T08:00:00")
    client, server = plan.device("mb-client"), plan.device("mb-gateway")
    with wire.tcp(client, server, 502) as conversation:
        transaction = 0
        for unit in range(1, 41):
            poll, identify = say.read_holding(0x0C80, 4), say.read_identification(1)
            transaction += 2
            questions = [say.adu(transaction - 1, unit, poll), say.adu(transaction, unit, identify)]
            if unit in ABSENT:
                answers = [say.adu(transaction - 1, unit, say.exception(say.READ_HOLDING, say.GATEWAY_TARGET_SILENT)),
                           say.adu(transaction, unit, say.exception(say.ENCAPSULATED, say.GATEWAY_TARGET_SILENT))]
            else:
                answers = [say.adu(transaction - 1, unit, say.holding([unit, 500, 12, 0])),
                           say.adu(transaction, unit, say.identification(1, identity_of(unit)))]
            exchange(conversation, unit, questions, answers)
            wire.wait(0.25)
        conversation.ask(say.adu(900, 255, say.read_identification(1)))
        conversation.answer(say.adu(900, 255, say.exception(say.ENCAPSULATED, say.GATEWAY_PATH_UNAVAILABLE)))
    wire.save("modbus/gateway-32-units.pcap")


def exchange(conversation, unit, questions, answers):
    if unit == 20:  # both requests in one segment, both answers in one
        conversation.ask(b"".join(questions))
        conversation.answer(b"".join(answers), think=48_000)
        return
    for question, answer in zip(questions, answers):
        conversation.ask(question)
        think = 1_000_000 if unit in ABSENT else 24_000
        if unit == 5 and len(answer) > 20:  # one answer in two segments, cut inside a text
            conversation.answer(answer[:19], think)
            conversation.acknowledge("client")
            conversation.answer(answer[19:], 900)
        else:
            conversation.answer(answer, think)


def rtu_over_udp():
    wire = Wire("2026-03-02T09:00:00")
    client, server = plan.device("mb-client"), plan.device("mb-nport")

    def exchange(unit, question, answer):
        wire.udp(client, server, 50_001, 10_001, say.rtu(unit, question))
        wire.wait(0.03)
        wire.udp(server, client, 10_001, 50_001, say.rtu(unit, answer))
        wire.wait(0.2)

    for unit in (1, 2):
        exchange(unit, say.read_holding(0, 2), say.holding([230 + unit, 500]))
        exchange(unit, say.read_identification(1), say.identification(1, METER))
        exchange(unit, *say.write_multiple(40, [1, unit]))
        exchange(unit, say.write_single(50, 7), say.write_single(50, 7))
    exchange(3, say.read_holding(0, 2), say.exception(say.READ_HOLDING, say.GATEWAY_TARGET_SILENT))
    wire.save("modbus/rtu-over-udp.pcap")


def rtu_over_tcp_several():
    wire = Wire("2026-03-02T09:10:00")
    client, server = plan.device("mb-client"), plan.device("mb-moxa")
    with wire.tcp(client, server, 26) as conversation:
        conversation.ask(say.rtu(4, say.read_holding(0, 2)) + say.rtu(5, say.read_holding(0, 2)))
        conversation.answer(say.rtu(4, say.holding([1, 2])) + say.rtu(5, say.holding([3, 4])))
        conversation.ask(say.rtu(4, say.read_identification(2)))
        answer = say.rtu(4, say.identification(2, METER | {4: "PAC3200"}))
        conversation.answer(answer[:20])
        conversation.acknowledge("client")
        conversation.answer(answer[20:], 900)
        conversation.ask(say.rtu(5, say.read_holding(0, 2)))
        conversation.answer(b"\x00\xff" + say.rtu(5, say.holding([3, 5])))
        conversation.ask(say.rtu(5, b"\x64\x01\x02\x03"))
        conversation.answer(say.rtu(5, b"\x64\x00"))
    wire.save("modbus/rtu-over-tcp-several.pcap")


def umas_session():
    wire = Wire("2026-03-02T10:00:00")
    client, other, server = (plan.device(name) for name in ("mb-client", "mb-station", "mb-umas"))
    changed = datetime.datetime(2025, 11, 4, 16, 20, 5)
    number = 0

    def exchange(conversation, question, answer):
        nonlocal number
        number += 1
        conversation.ask(say.adu(number, 0, question))
        conversation.answer(say.adu(number, 0, answer))
        wire.wait(0.1)

    with wire.tcp(client, server, 502) as station:
        exchange(station, say.umas(0x02), say.umas_done(say.umas_identity(0x06010C30, 1, 0x0270, 10, 0x0501, "BMX P34 2020")))
        exchange(station, say.umas(0x01, b"\0"), say.umas_done(say.umas_communication(0x0270, "ES-PUMPS")))
        exchange(station, say.umas(0x0A, b"\0" + b"T" * 40), say.umas_done(b"\0" + b"T" * 40))
        exchange(station, say.umas(0x03, b"\0"), say.umas_done(say.umas_project("Pump station 4", (0, 0, 9), changed)))
        exchange(station, say.umas(0x03, b"\x04"), say.umas_done(b"\x00\x00\x04\x00"))
        exchange(station, say.umas(0x04), say.umas_done(say.umas_status(b"\x02\x0f\x00", [1, 0x12345678, 0x12345678])))
        exchange(station, say.umas(0x06, b"\x06"), say.umas_done(b"\x01" + bytes(5) + say.counted("BMXRMS008MP")))
        exchange(station, say.umas_read_memory(0x13, 0, 100), say.umas_memory(bytes(100)))
        exchange(station, say.umas_read_memory(0x14, 0x15A, 32), say.umas_memory(b"Pumps.STU".ljust(32, b"\0")))
        name = b"\x8c\xaf\x04\x02" + say.counted("ES-PUMPS")
        exchange(station, say.umas(0x10, name), say.umas_done(b"\x6d"))
        with wire.tcp(other, server, 502) as second:
            exchange(second, say.umas(0x10, b"\x43\x4c\0\0" + say.counted("ES-SPARE")), say.umas_refused(b"\x80"))
        exchange(station, say.umas(0x41, b"\xff\0", 0x6D), say.umas_done(key=0x6D))
        exchange(station, say.umas(0x30, b"\0\x01", 0x6D), say.umas_done(b"\xfd\x03", 0x6D))
        for block, size in ((1, 64), (2, 264), (3, 900)):
            data = b"\0\x01" + block.to_bytes(2, "little") + size.to_bytes(2, "little") + bytes(size)
            exchange(station, say.umas(0x31, data, 0x6D), say.umas_done(key=0x6D))
        exchange(station, say.umas(0x32, b"\0\x01\x03\0", 0x6D), say.umas_done(key=0x6D))
        exchange(station, say.umas(0x40, b"\xff\0", 0x6D), say.umas_done(key=0x6D))
        exchange(station, say.umas(0x33, b"\0\x01\xfb\x03", 0x6D), say.umas_done(b"\0\x01\xcc\x04", 0x6D))
        exchange(station, say.umas(0x34, b"\0\x01\x01\0", 0x6D), say.umas_done(b"\x01\x40\0" + bytes(64), 0x6D))
        exchange(station, say.umas(0x35, b"\0\x01\x01\0", 0x6D), say.umas_done(key=0x6D))
        exchange(station, say.umas(0x12, key=0x6D), say.umas_done(key=0x6D))
        exchange(station, say.umas(0x11, key=0x6D), say.umas_done(key=0x6D))
    wire.save("modbus/umas-session.pcap")


def files_and_diagnostics():
    wire = Wire("2026-03-02T11:00:00")
    client, server = plan.device("mb-client"), plan.device("mb-recorder")
    exchanges = [
        (say.read_file([(4, 1, 2), (3, 9, 2)]), say.file_answer([(0x0DFE, 0x20), (0x33CD, 0x40)])),
        (say.write_file(4, 7, [0x06AF, 0x04BE, 0x100D]), say.write_file(4, 7, [0x06AF, 0x04BE, 0x100D])),
        (b"\x18\x04\xde", say.fifo([0x01B8, 0x1284])),
        (b"\x07", b"\x07\x6d"),
        (b"\x0b", b"\x0b\x00\x00\x01\x08"),
        (b"\x0c", b"\x0c\x08\x00\x00\x01\x08\x01\x21\x20\x00"),
        (say.diagnostic(0x00, 0xA537), say.diagnostic(0x00, 0xA537)),
        (say.diagnostic(0x0B), say.diagnostic(0x0B, 0x1234)),
        (say.diagnostic(0x0A), say.diagnostic(0x0A)),
        (say.diagnostic(0x01, 0xFF00), say.diagnostic(0x01, 0xFF00)),
        (b"\x2b\x0d\x00\x01", b"\x2b\x0d\x00\x02"),
    ]
    with wire.tcp(client, server, 502) as conversation:
        for number, (question, answer) in enumerate(exchanges, 1):
            conversation.ask(say.adu(number, 12, question))
            conversation.answer(say.adu(number, 12, answer))
        conversation.ask(say.adu(99, 12, say.diagnostic(0x04)))
        conversation.acknowledge("server")
        wire.wait(2)
    wire.save("modbus/files-and-diagnostics.pcap")


def identification_partial():
    wire = Wire("2026-03-02T11:30:00")
    client, server = plan.device("mb-client"), plan.device("mb-recorder")

    def part(following, objects):
        head = bytes([say.ENCAPSULATED, say.DEVICE_IDENTIFICATION, 3, 0x83, 0xFF if following else 0, following, len(objects)])
        return head + b"".join(bytes([number]) + say.counted(text) for number, text in objects.items())

    with wire.tcp(client, server, 502) as conversation:
        conversation.ask(say.adu(1, 12, say.read_identification(3)))
        conversation.answer(say.adu(1, 12, part(4, RECORDER)))
        kept = list(wire.frames)
        conversation.ask(say.adu(2, 12, say.read_identification(3, 4)))
        conversation.answer(say.adu(2, 12, part(0x80, {4: "Recorder", 5: "GR-8"})))
        wire.frames = kept  # the mirror lost both
        conversation.ask(say.adu(3, 12, say.read_identification(3, 0x80)))
        conversation.answer(say.adu(3, 12, part(0, {0x80: "rack 4"})))
        conversation.ask(say.adu(4, 12, say.read_identification(1)))
        conversation.answer(say.adu(4, 12, say.identification(1, RECORDER)))
    wire.save("modbus/identification-partial.pcap")


RECORDER = {0: "Eurotherm", 1: "6180A", 2: "V4.10"}


def security_802():
    wire = Wire("2026-03-02T12:00:00")
    with wire.tcp(plan.device("mb-client"), plan.device("mb-secured"), 802) as conversation:
        conversation.ask(say.tls_client_hello())
        conversation.answer(say.tls_server_hello())
    wire.save("modbus/security-802.pcap")


MADE = {
    "gateway-32-units": gateway,
    "rtu-over-udp": rtu_over_udp,
    "rtu-over-tcp-several": rtu_over_tcp_several,
    "umas-session": umas_session,
    "files-and-diagnostics": files_and_diagnostics,
    "identification-partial": identification_partial,
    "security-802": security_802,
}


if __name__ == "__main__":
    for name in sys.argv[1:] or MADE:
        MADE[name]()
