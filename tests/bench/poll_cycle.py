#!/usr/bin/env python3
"""Writes a capture of a steady poll cycle: what a plant's network carries nearly all of the time, when nothing new is said.

    poll_cycle.py FILE [PACKETS]

Twelve Modbus servers are read by one client, eight controllers by CIP requests through a bridge, and six adapters
exchange I/O data over UDP 2222. The same bytes each time. README.md tells how instructions per packet are counted.
"""

import pathlib
import struct
import sys
from types import SimpleNamespace

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent.parent / "captures" / "tools"))

import say_cip  # noqa: E402
import say_modbus  # noqa: E402
from wire import Wire  # noqa: E402

READ_TAG = say_cip.request(say_cip.READ_TAG, b"\x91\x04Flow", b"\x01\x00")
TAG_VALUE = say_cip.reply(say_cip.READ_TAG, b"\xca\x00\x00\x00\x80\x3f")
IO_BYTES = bytes(32)


def device(last):
    return SimpleNamespace(name=f"d{last}", ip=f"10.90.0.{last}", mac=f"02:90:00:00:00:{last:02x}", vendor="")


def main():
    file, packets = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 100_000
    wire = Wire("2026-03-02T06:00:00")
    client = device(1)
    modbus = [wire.tcp(client, device(10 + n), 502).__enter__() for n in range(12)]
    cip = [(wire.tcp(client, device(40 + n), 44818).__enter__(), 0x100 + n) for n in range(8)]
    adapters = [device(60 + n) for n in range(6)]
    for conversation, session in cip:
        conversation.ask(say_cip.register())
        conversation.answer(say_cip.register(session))
    cycle = 0
    while len(wire.frames) < packets:
        cycle += 1
        for unit, conversation in enumerate(modbus, 1):
            conversation.ask(say_modbus.adu(cycle, unit, say_modbus.read_holding(100, 20)))
            conversation.answer(say_modbus.adu(cycle, unit, say_modbus.holding([cycle & 0xFFFF] * 20)))
            conversation.acknowledge("client")
        for conversation, session in cip:
            question = say_cip.unconnected_send(READ_TAG, say_cip.backplane(3))
            conversation.ask(say_cip.unconnected(session, question))
            conversation.answer(say_cip.unconnected(session, TAG_VALUE))
            conversation.acknowledge("client")
        for number, adapter in enumerate(adapters):
            for source, target in [(client, adapter), (adapter, client)]:
                items = struct.pack("<HHHII", 2, 0x8002, 8, 0x7000 + number, cycle)
                items += struct.pack("<HHH", 0xB1, 2 + len(IO_BYTES), cycle & 0xFFFF) + IO_BYTES
                wire.udp(source, target, 2222, 2222, items)
        wire.wait(0.1)
    del wire.frames[packets:]
    wire.save(str(pathlib.Path(file).resolve()))


main()
