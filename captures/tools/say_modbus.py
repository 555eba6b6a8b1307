"""Modbus/TCP messages for the generated captures."""

import struct

READ_HOLDING, REPORT_SERVER_ID, ENCAPSULATED, DEVICE_IDENTIFICATION = 0x03, 0x11, 0x2B, 0x0E
GATEWAY_PATH_UNAVAILABLE, GATEWAY_TARGET_SILENT = 0x0A, 0x0B


def adu(transaction, unit, pdu):
    return struct.pack(">HHHB", transaction & 0xFFFF, 0, len(pdu) + 1, unit) + pdu


def read_holding(address, count):
    return struct.pack(">BHH", READ_HOLDING, address, count)


def holding(values):
    return struct.pack(f">BB{len(values)}H", READ_HOLDING, 2 * len(values), *values)


def read_identification(code, start=0):
    return struct.pack("BBBB", ENCAPSULATED, DEVICE_IDENTIFICATION, code, start)


def identification(code, objects):
    """One answer with the objects of that access code; conformity level 0x81 to 0x83 by what the device has."""
    last = {1: 0x02, 2: 0x7F, 3: 0xFF}[code]
    chosen = {number: text for number, text in objects.items() if number <= last}
    conformity = 0x83 if max(objects) > 0x7F else 0x82 if max(objects) > 2 else 0x81
    out = struct.pack("BBBBBBB", ENCAPSULATED, DEVICE_IDENTIFICATION, code, conformity, 0, 0, len(chosen))
    for number, text in sorted(chosen.items()):
        out += struct.pack("BB", number, len(text)) + text.encode()
    return out


def exception(function, code):
    return struct.pack("BB", function | 0x80, code)
