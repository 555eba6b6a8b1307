#!/usr/bin/env python3
"""Generate SLMP and MELSOFT: no program at hand answers as controllers of Mitsubishi Electric do."""

import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import plan  # noqa: E402
from wire import BROADCAST, Wire  # noqa: E402

CASES = {
    "identity.pcap": ("Controllers are asked what they are: in binary code with and without serial numbers, one of them for a module in another network, in ASCII "
                      "code, and by the search of MELSOFT; a panel polls one.", "", ["slmp"]),
    "changes.pcap": ("What an engineering station does to a controller: the password is given, devices and files are written, it is paused, stopped, reset and started; "
                     "one change is refused; an address is set.", "", ["slmp"]),
}


class Talk:
    def __init__(self, ask, answer, ascii=False, serial=None, network=0, station=0xFF):
        self.ask_with, self.answer_with, self.ascii, self.serial, self.place = ask, answer, ascii, serial, (network, station)

    def framed(self, kind, body):
        network, station = self.place
        if self.ascii:
            head = f"{kind:04X}" + (f"{self.serial:04X}0000" if self.serial is not None else "") + f"{network:02X}{station:02X}03FF00{len(body):04X}"
            return head.encode() + body
        head = struct.pack(">H", kind) + (struct.pack("<HH", self.serial, 0) if self.serial is not None else b"")
        return head + struct.pack("<BBHBH", network, station, 0x03FF, 0, len(body)) + body

    def exchange(self, command, data=b"", answer=b"", end=0):
        extra = 0x0400 if self.serial is not None else 0
        if self.ascii:
            ask, back = f"0010{command:04X}0000".encode() + data, f"{end:04X}".encode() + answer
        else:
            ask, back = struct.pack("<HHH", 16, command, 0) + data, struct.pack("<H", end) + answer
        self.ask_with(self.framed(0x5000 | extra, ask))
        self.answer_with(self.framed(0xD000 | extra, back))
        if self.serial is not None:
            self.serial += 1


def name(text, code, ascii=False):
    return text.encode().ljust(16) + (f"{code:04X}".encode() if ascii else struct.pack("<H", code))


def identity(wire):
    client, panel, r04, q03, fx5 = (plan.device(f"sl-{one}") for one in ("client", "panel", "r04", "q03", "fx5"))
    with wire.tcp(client, r04, 5007) as conversation:
        Talk(conversation.ask, conversation.answer).exchange(0x0101, answer=name("R04ENCPU", 0x4800))
        Talk(conversation.ask, conversation.answer, serial=0x1234, network=2, station=5).exchange(0x0101, answer=name("L02CPU-P", 0x0543))
        Talk(conversation.ask, conversation.answer).exchange(0x0619, b"\x05\x00ABCDE", b"\x05\x00ABCDE")
    wire.wait(1)
    with wire.tcp(client, q03, 1280) as conversation:
        Talk(conversation.ask, conversation.answer, ascii=True).exchange(0x0101, answer=name("Q03UDVCPU", 0x0366, True))
    wire.wait(1)
    port = 62_657
    search = bytes.fromhex("5a0000ff")
    wire.udp(client, None, port, 5560, search, target_ip="255.255.255.255", target_mac=BROADCAST)
    found = bytes.fromhex("da0000ff") + struct.pack("<H", 0x4A23) + bytes(22)
    wire.udp(fx5, None, 5560, port, found, target_ip="255.255.255.255", target_mac=BROADCAST)
    head = bytes.fromhex("0100000011110700 00ffff030000fe0300".replace(" ", ""))
    body = (bytes.fromhex("1c0a1614") + bytes(20) + bytes.fromhex("0121010000000001")).ljust(32, b"\0")
    wire.udp(client, fx5, port + 1, 5560, b"\x57" + head + b"\0" + struct.pack("<H", len(body)) + body)
    head = bytes.fromhex("01000000 11117f000000a80300ffff0300".replace(" ", ""))
    body = bytes.fromhex("9c0a1814") + bytes(22) + bytes.fromhex("012101000000") + b"FX5UC-32MT/D".ljust(16, b"\0") + struct.pack("<H", 0x4A23) + b"\0\x08\0\0\0\0"
    wire.udp(fx5, client, 5560, port + 1, b"\xd7" + head + b"\0" + struct.pack("<H", len(body)) + body)
    wire.wait(1)
    with wire.tcp(panel, r04, 5007) as conversation:
        for _ in range(3):
            Talk(conversation.ask, conversation.answer).exchange(0x0401, bytes.fromhex("640000a80a00"), bytes(20))
            wire.wait(1)


def changes(wire):
    client, target = plan.device("sl-client"), plan.device("sl-target")
    with wire.tcp(client, target, 5007) as conversation:
        talk = Talk(conversation.ask, conversation.answer)
        talk.exchange(0x1630, b"\x08\x00w3lding1")
        talk.exchange(0x1401, bytes.fromhex("640000a80100") + b"\x01\x00")
        talk.exchange(0x1003, b"\x01\x00")
        talk.exchange(0x1002, b"\x01\x00")
        talk.exchange(0x1829, b"\x00\x00\x00\x00\x00\x00\x04\x00MAIN", b"\x04\x00")
        talk.exchange(0x1006, b"\x01\x00")
        talk.exchange(0x1001, b"\x01\x00\x00\x00", end=0x4013)
        talk.exchange(0x1001, b"\x01\x00\x00\x00")
        talk.exchange(0x0E31, bytes(24))
        talk.exchange(0x1631, b"\x08\x00w3lding1")


def main():
    wire = Wire("2026-03-02T12:00:00")
    identity(wire)
    wire.save("slmp/identity.pcap")
    wire = Wire("2026-03-02T12:30:00")
    changes(wire)
    wire.save("slmp/changes.pcap")


if __name__ == "__main__":
    main()
