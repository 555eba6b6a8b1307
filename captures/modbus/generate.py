#!/usr/bin/env python3
"""Generate modbus/gateway-32-units.pcap: no program at hand plays a serial gateway with two vendors behind it."""

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


if __name__ == "__main__":
    gateway()
