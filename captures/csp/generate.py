#!/usr/bin/env python3
"""Generate CSP: no program at hand plays a processor that speaks it, and none was at hand to record."""

import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import plan  # noqa: E402
from wire import Wire  # noqa: E402

CASES = {
    "slc-5-05.pcap": (
        "A SLC 5/05 says who it is in diagnostic status, again and again; its data is polled and written; its mode is changed to "
        "program, its program is uploaded, another is downloaded with its port configuration, forces are disabled, and it runs again.", "", ["csp"]),
    "plc-5.pcap": (
        "A PLC-5/40E, whose diagnostic status has no name, and a node on the DH+ link behind it, of which nothing may be told.", "", ["csp"]),
    "micrologix-eni.pcap": (
        "A MicroLogix 1500 behind a 1761-NET-ENI, captured from the middle of the conversation on.", "", ["csp"]),
}

CONNECT, PCCC = 1, 7
REQUEST, REPLY = 1, 2
READ, WRITE = b"\xa2\x02\x07\x89\x00\x00", b"\xaa\x02\x07\x89\x00\x00\x2a\x00"


def message(mode, command, connection, fields=b"", data=b"", status=0):
    return struct.pack(">BBHII16s", mode, command, len(data), connection, status, fields) + data


class Conversation:
    """One connection with a processor."""

    def __init__(self, wire, client, server, connection, established=False):
        self.conversation = wire.tcp(client, server, 2222, established=established)
        self.connection = connection
        self.transaction = 0x0A00

    def __enter__(self):
        self.conversation.__enter__()
        if not self.conversation.established:
            version = struct.pack(">HH", 4, 5)
            self.conversation.ask(message(REQUEST, CONNECT, 0, version))
            self.conversation.answer(message(REPLY, CONNECT, self.connection, version))
        return self

    def __exit__(self, *rest):
        self.conversation.__exit__(*rest)

    def exchange(self, command, question, answer=b"", route=b""):
        """One PCCC command and its reply; with a route, for a node of another link."""
        self.transaction += 1
        address = b"\0\5\0" + (b"\1" + route if route else b"\0")
        ask = address + struct.pack("<BBH", command, 0, self.transaction) + question
        reply = address + struct.pack("<BBH", command | 0x40, 0, self.transaction) + answer
        self.conversation.ask(message(REQUEST, PCCC, self.connection, data=ask))
        self.conversation.answer(message(REPLY, PCCC, self.connection, data=reply))


def extended_status(interface, processor, series, release, name, program, mode=0x1E):
    """Of SLC 500 and MicroLogix: counted from byte 1 as publication 1770-6.5.16 does."""
    head = struct.pack("BBBBB", 0, 0xEE, interface, processor, (ord(series) - ord("A")) << 5 | release - 1)
    return head + name.encode().ljust(11) + struct.pack("<HHHBB", 0, mode, program, 0x40, 0xFC)


def slc():
    wire = Wire("2026-03-02T13:00:00")
    with Conversation(wire, plan.device("cs-client"), plan.device("cs-slc"), 0x0000_12A4) as talk:
        status = extended_status(0x34, 0x5B, "C", 11, "5/05", 0x2F11)
        for _ in range(4):
            talk.exchange(0x06, b"\x03", status)
            talk.exchange(0x0F, READ, b"\x2a\x00")
            wire.wait(2)
        talk.exchange(0x0F, WRITE)
        talk.exchange(0x0F, b"\x80\x01")
        talk.exchange(0x0F, b"\x53" + bytes(8))
        talk.exchange(0x0F, b"\x55")
        talk.exchange(0x0F, b"\x11")
        talk.exchange(0x0F, b"\x57")
        talk.exchange(0x0F, b"\x50" + bytes(8))
        talk.exchange(0x0F, b"\x52")
        talk.exchange(0x0F, b"\x8f")
        talk.exchange(0x0F, b"\x41")
        talk.exchange(0x0F, b"\x80\x06")
        talk.exchange(0x06, b"\x03", extended_status(0x34, 0x5B, "C", 11, "5/05", 0x2F12, 0x06))
    wire.save("csp/slc-5-05.pcap")


def plc_5():
    wire = Wire("2026-03-02T13:30:00")
    with Conversation(wire, plan.device("cs-client"), plan.device("cs-plc5"), 0x0001_0002) as talk:
        status = struct.pack("<BBBIB", 0x06, 0xEB, 0x15, 0xC000, 0x5 << 5 | 1) + struct.pack("<BBBHHB", 9, 0, 0, 31, 12, 0)
        talk.exchange(0x06, b"\x03", status + bytes(21))
        talk.exchange(0x0F, b"\x68" + bytes(8), b"\x42\x2a\x00")
        talk.exchange(0x06, b"\x03", extended_status(0x1F, 0x49, "B", 5, "5/04", 0x1001), route=b"\0\1\0\7\0\0\0\0\0\0\0")
    wire.save("csp/plc-5.pcap")


def micrologix():
    wire = Wire("2026-03-02T14:00:00")
    with Conversation(wire, plan.device("cs-client"), plan.device("cs-eni"), 0x0000_0031, established=True) as talk:
        talk.exchange(0x0F, READ, b"\x07\x00")
        talk.exchange(0x06, b"\x03", extended_status(0x31, 0x8C, "C", 9, "1764-LRP", 0x0D0E))
    wire.save("csp/micrologix-eni.pcap")


if __name__ == "__main__":
    slc()
    plc_5()
    micrologix()
