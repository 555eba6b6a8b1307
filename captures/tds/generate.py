#!/usr/bin/env python3
"""Generate tds/: SQL Server and its browser, in the words of the specifications."""

import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import plan  # noqa: E402
from wire import Wire  # noqa: E402

CASES = {
    "sql-server.pcap": ("A historian logs in at an old SQL Server that encrypts nothing, at one that encrypts the login, and at one on port 49172 that "
                        "demands encryption; the browser tells two instances.", "", ["tds"]),
}


def packet(kind, body):
    return struct.pack(">BBHHBB", kind, 1, len(body) + 8, 0, 1, 0) + body


def pre_login(version, encryption):
    options = [(0, struct.pack(">BBHH", *version, 0)), (1, bytes([encryption])), (2, b"\0"), (3, struct.pack(">I", 4711)), (4, b"\0")]
    offset, head, data = 5 * len(options) + 1, b"", b""
    for number, value in options:
        head += struct.pack(">BHH", number, offset + len(data), len(value))
        data += value
    return head + b"\xff" + data


def wide(text):
    return text.encode("utf-16-le")


def login(names):
    """The password is scrambled as the specification says, which protects nothing."""
    fixed = struct.pack("<IIIIIIIIi", 0, 0x74000004, 4096, 0x07000000, 1712, 0, 0, 60, 0x409)[:36]
    at, head, data = 36 + 4 * 9 + 6 + 4 * 4 + 4, b"", b""
    for number, name in enumerate(names):
        value = wide(name)
        if number == 2:
            value = bytes(((byte >> 4 | byte << 4) & 0xff) ^ 0xa5 for byte in value)
        head += struct.pack("<HH", at + len(data), len(name))
        data += value
    head += bytes(6) + bytes(4 * 4 + 4)
    return struct.pack("<I", len(fixed) + len(head) + len(data)) + fixed[4:] + head + data


def token(kind, body):
    return struct.pack("<BH", kind, len(body)) + body


def short(text):
    return bytes([len(text)]) + wide(text)


def acknowledged(server, version):
    text = "Changed database context to 'Runtime'."
    information = struct.pack("<IBBH", 5701, 2, 0, len(text)) + wide(text) + short(server) + short("") + struct.pack("<I", 1)
    program = "Microsoft SQL Server\0\0"
    acknowledgement = b"\x01\x74\x00\x00\x04" + short(program) + struct.pack(">BBH", *version)
    return token(0xAB, information) + token(0xAD, acknowledgement) + struct.pack("<BHHQ", 0xFD, 0, 0, 0)


def main():
    client = plan.device("td-historian")
    wire = Wire("2026-03-02T13:10:00")
    names = ["HISTORIAN-2", "historian", "invented-4711", "Historian Collector", "10.72.4.20", "", "ODBC", "", "Runtime"]
    old, new = plan.device("td-old"), plan.device("td-new")
    with wire.tcp(client, old, 1433) as conversation:
        conversation.ask(packet(18, pre_login((8, 0, 341), 0)))
        conversation.answer(packet(4, pre_login((8, 0, 2039), 2)))
        conversation.ask(packet(16, login(names)))
        conversation.answer(packet(4, acknowledged("LINE4-SQL", (8, 0, 2039))))
    wire.wait(5)
    for version, encryption, port in (((15, 0, 4322), 0, 1433), ((13, 0, 6435), 3, 49172)):
        with wire.tcp(client, new, port) as conversation:
            conversation.ask(packet(18, pre_login((17, 10, 3), 1)))
            conversation.answer(packet(4, pre_login(version, encryption)))
            conversation.ask(packet(18, b"\x14\x03\x03\x00\x01\x01"))
        wire.wait(5)
    told = ("ServerName;PLANT-SQL;InstanceName;MSSQLSERVER;IsClustered;No;Version;15.0.2000.5;tcp;1433;;"
            "ServerName;PLANT-SQL;InstanceName;MES;IsClustered;No;Version;13.0.1601.5;tcp;49172;np;\\\\PLANT-SQL\\pipe\\MSSQL$MES\\sql\\query;;").encode()
    wire.udp(client, new, 52_001, 1434, b"\x03")
    wire.udp(new, client, 1434, 52_001, b"\x05" + struct.pack("<H", len(told)) + told)
    wire.save("tds/sql-server.pcap")


if __name__ == "__main__":
    main()
