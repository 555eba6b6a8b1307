#!/usr/bin/env python3
"""Write ntp/variables.pcap: answers to ntpq in the words of ntpd 4.2.8, in one datagram and in two; peers, broadcasts, clocks that are not set."""

import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

from plan import device  # noqa: E402
from wire import Wire  # noqa: E402

CASES = {
    "variables.pcap": ("A receiver at stratum 1 answers for its system variables, in one datagram and in two, and for those of a peer; two symmetric peers; "
                       "time by broadcast; a clock that is not set and a kiss of death; a setting that is asked for; mode 7.", "", ["ntp"]),
}

VARIABLES = ('version="ntpd 4.2.8p15@1.3728-o Wed Sep 23 11:46:38 UTC 2020 (1)",\r\nprocessor="armv7l", system="Linux/5.10.0-28", leap=00, stratum=1,\r\n'
             'precision=-20, rootdelay=0.000, rootdisp=1.030, refid=GPS')


def time(first, stratum, reference):
    return struct.pack(">BBbbII4s", first, stratum, 6, -20, 0, 0x42, reference) + bytes(8) + struct.pack(">Q", 0xED6F_1A00_0000_0000) * 3


def control(flags, data=b"", offset=0, association=0, sequence=1):
    body = struct.pack(">BBHHHHH", 0x16, flags, sequence, 0x0118 if flags & 0x80 else 0, association, offset, len(data)) + data
    return body + bytes(-len(body) % 4)


def main():
    wire = Wire("2026-03-02T06:00:00")
    client, receiver, peer = (device(name) for name in ("nt-client", "nt-receiver", "nt-peer"))
    wire.resolve(client, receiver)
    wire.resolve(peer, receiver)

    def ask(request, *answers):
        wire.udp(client, receiver, 40_123, 123, request)
        for answer in answers:
            wire.udp(receiver, client, 123, 40_123, answer)
        wire.wait(1)

    text = VARIABLES.encode()
    ask(control(0x02), control(0x82, text))
    ask(control(0x02, sequence=2), control(0xA2, text[:88], sequence=2), control(0x82, text[88:], offset=88, sequence=2))
    ask(control(0x02, association=0x5DCB, sequence=3), control(0x82, b"srcadr=127.127.20.0, refid=GPS", association=0x5DCB, sequence=3))
    ask(control(0x03, b"leap=1", sequence=4), control(0xC3, sequence=4))
    ask(struct.pack(">BBBBHH", 0x17, 0, 3, 42, 0, 0) + bytes(40))
    wire.udp(peer, receiver, 123, 123, time(0x21, 2, bytes([10, 73, 5, 22])))
    wire.udp(receiver, peer, 123, 123, time(0x22, 1, b"GPS\0"))
    wire.wait(1)
    wire.udp(peer, peer, 123, 123, time(0x25, 2, bytes([10, 73, 5, 22])), target_ip="10.73.5.255", target_mac="ff:ff:ff:ff:ff:ff")
    for answer in (time(0xE4, 0, b"INIT"), time(0x24, 0, b"RATE"), time(0x1C, 1, b"GPS\0")):
        wire.wait(1)
        wire.udp(client, receiver, 40_124, 123, time(0x1B, 0, bytes(4)))
        wire.udp(receiver, client, 123, 40_124, answer)
    wire.save("ntp/variables.pcap")


if __name__ == "__main__":
    main()
