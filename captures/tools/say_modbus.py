"""Modbus messages for the generated captures: PDUs, MBAP headers, frames of serial lines, UMAS, TLS hellos."""

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


def crc(data):
    """CRC-16 of serial lines, low byte first on the line."""
    total = 0xFFFF
    for byte in data:
        total ^= byte
        for _ in range(8):
            total = total >> 1 ^ 0xA001 if total & 1 else total >> 1
    return struct.pack("<H", total)


def rtu(unit, pdu):
    body = bytes([unit]) + pdu
    return body + crc(body)


def write_single(address, value):
    """Request and answer are the same."""
    return struct.pack(">BHH", 0x06, address, value)


def write_multiple(address, values):
    """Request and answer."""
    request = struct.pack(f">BHHB{len(values)}H", 0x10, address, len(values), 2 * len(values), *values)
    return request, request[:5]


def diagnostic(sub_function, word=0):
    return struct.pack(">BHH", 0x08, sub_function, word)


def read_file(groups):
    """Groups of (file, record, registers)."""
    body = b"".join(struct.pack(">BHHH", 6, *group) for group in groups)
    return bytes([0x14, len(body)]) + body


def file_answer(groups):
    """Groups of register values."""
    body = b"".join(struct.pack(f">BB{len(values)}H", 1 + 2 * len(values), 6, *values) for values in groups)
    return bytes([0x14, len(body)]) + body


def write_file(file, record, values):
    """Request and answer are the same."""
    body = struct.pack(f">BHHH{len(values)}H", 6, file, record, len(values), *values)
    return bytes([0x15, len(body)]) + body


def fifo(values):
    return struct.pack(f">BHH{len(values)}H", 0x18, 2 + 2 * len(values), len(values), *values)


def umas(function, data=b"", key=0):
    return bytes([0x5A, key, function]) + data


def umas_done(data=b"", key=0):
    return bytes([0x5A, key, 0xFE]) + data


def umas_refused(data=b"", key=0):
    return bytes([0x5A, key, 0xFD]) + data


def counted(text):
    return bytes([len(text)]) + text.encode()


def umas_communication(firmware, host):
    return struct.pack("<HHII", 1021, firmware, 0, 0x0106) + counted(host)


def umas_identity(hardware, model, firmware, patch, hardware_version, name):
    head = struct.pack("<HIHHHHHIH", 0, hardware, model, firmware, patch, firmware, hardware_version, 0, 0)
    return head + counted(name) + b"\0"


def umas_project(name, version, when):
    """`version` from its first part on, `when` a datetime."""
    time = struct.pack("<5BH", when.second, when.minute, when.hour, when.day, when.month, when.year)
    return bytes(27) + time + bytes(reversed(version)) + bytes(2) + name.encode() + bytes(3)


def umas_status(head, words):
    return head + struct.pack(f"<B{len(words)}I", len(words), *words)


def umas_read_memory(block, offset, length):
    return umas(0x20, struct.pack("<BHHHH", 0, block, offset, 0, length))


def umas_memory(data):
    return umas_done(struct.pack("<BH", 0, len(data)) + data)


def tls_client_hello():
    """A TLS 1.2 hello with the two suites that the specification requires."""
    suites = struct.pack(">HHH", 4, 0x003D, 0xC02F)
    body = b"\x03\x03" + bytes(range(32)) + b"\0" + suites + b"\x01\0"
    return tls_record(b"\x01" + struct.pack(">I", len(body))[1:] + body)


def tls_server_hello():
    body = b"\x03\x03" + bytes(range(32, 64)) + b"\0" + struct.pack(">H", 0xC02F) + b"\0"
    return tls_record(b"\x02" + struct.pack(">I", len(body))[1:] + body)


def tls_record(handshake):
    return b"\x16\x03\x03" + struct.pack(">H", len(handshake)) + handshake
