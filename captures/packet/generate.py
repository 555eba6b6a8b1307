#!/usr/bin/env python3
"""Generate packet/*.pcap: one Modbus meter identifies itself inside everything that networks put around packets.

The kernel of a container has few of these drivers, and no capture holds them all. The ends of the tunnels, 10.20.16.1 and
10.20.16.2, and the routers are parts of the transport network, not devices of the plan.
"""

import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import plan  # noqa: E402
import say_modbus as say  # noqa: E402
from wire import Wire, checksum, ip4, mac  # noqa: E402

GRE, IPIP, IP6IP, UDP = 47, 4, 41, 17
OUTER = mac("02:cc:00:00:00:01") + mac("02:cc:00:00:00:02")
ROUTER = mac("02:aa:00:00:00:01") + mac("02:aa:00:00:00:02")
IPV6_ENDS = bytes.fromhex("20010db8" + "00" * 11 + "01" + "20010db8" + "00" * 11 + "02")
COPY_MICROSECONDS = 40
RADIO_MTU = 296

CASES = {
    "gre.pcap": ("IP over GRE with key, checksum and sequence number, in VLAN 900 of the transport network.", "", ["gre", "modbus"]),
    "gre-ethernet.pcap": ("Whole frames over GRE (NVGRE).", "", ["gre", "modbus"]),
    "pptp.pcap": ("IP over PPP over the enhanced GRE of PPTP.", "", ["pptp", "modbus"]),
    "erspan-i.pcap": ("A remote mirror, ERSPAN type I.", "", ["erspan", "modbus"]),
    "erspan-ii.pcap": ("A remote mirror of a trunk, ERSPAN type II: the tag was taken off, the header names VLAN 30.", "", ["erspan", "modbus"]),
    "erspan-ii-fragments.pcap": ("ERSPAN type II over a radio link of 296 bytes: the mirror's packets come in fragments.", "", ["erspan", "modbus"]),
    "erspan-iii.pcap": ("A remote mirror, ERSPAN type III with platform subheader, around frames with two tags.", "", ["erspan", "modbus"]),
    "ip-in-ip.pcap": ("IPv4 in IPv4.", "", ["ipip", "modbus"]),
    "ip-in-ipv6.pcap": ("IPv4 in IPv6, with the option that limits encapsulation.", "", ["ip6", "modbus"]),
    "vxlan.pcap": ("An overlay, VXLAN.", "", ["vxlan", "modbus"]),
    "geneve.pcap": ("An overlay, Geneve with an option.", "", ["geneve", "modbus"]),
    "tzsp.pcap": ("What a router overhears, TZSP.", "", ["tzsp", "modbus"]),
    "capwap.pcap": ("What an access point sends its controller: IEEE 802.11 in CAPWAP, frame control swapped.", "", ["capwap", "modbus"]),
    "mpls.pcap": ("IP under two MPLS labels.", "", ["mpls", "modbus"]),
    "pppoe.pcap": ("IP in a PPPoE session.", "", ["pppoe", "modbus"]),
    "backbone.pcap": ("Frames of a customer in a provider backbone bridge (MAC in MAC).", "", ["pbb", "modbus"]),
    "macsec.pcap": ("MACsec that protects integrity and encrypts nothing.", "", ["macsec", "modbus"]),
    "hsr.pcap": ("HSR: every frame twice, once each way around the ring.", "", ["hsr", "modbus"]),
    "prp.pcap": ("PRP: every frame twice, once from each LAN, each with its trailer.", "", ["prp", "modbus"]),
    "mirror-routed.pcap": ("A mirror before and behind a router: each packet again with its hop limit one lower.", "", ["modbus"]),
    "mirror-two-vlans.pcap": ("A mirror of both VLANs that a router joins: each packet in VLAN 31, again in VLAN 32.", "", ["modbus"]),
}


def talk(device, vlan=None):
    """A client reads registers and the identity of a meter."""
    wire = Wire("2026-03-02T09:00:00", vlan)
    client, server = plan.device("pk-client"), plan.device(device)
    with wire.tcp(client, server, 502) as conversation:
        conversation.ask(say.adu(1, 1, say.read_holding(0, 120)))
        conversation.answer(say.adu(1, 1, say.holding(range(120))))
        conversation.ask(say.adu(2, 1, say.read_identification(2)))
        conversation.answer(say.adu(2, 1, say.identification(2, server.says["objects"])))
    return wire.frames


def ipv4(protocol, body, number=1, flags=0):
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(body), number, flags, 250, protocol, 0)
    head += ip4("10.20.16.1") + ip4("10.20.16.2")
    return head[:10] + struct.pack(">H", checksum(head)) + head[12:] + body


def over_ipv4(protocol, body):
    return OUTER + b"\x08\x00" + ipv4(protocol, body)


def over_udp(port, body):
    return over_ipv4(UDP, struct.pack(">HHHH", 50_000, port, 8 + len(body), 0) + body)


def is_ip(frame):
    return frame[12:14] == b"\x08\x00"


def packet(frame):
    """The IP packet without the padding of its frame."""
    return frame[14:14 + struct.unpack(">H", frame[16:18])[0]]


def packets(put):
    """Carries IP packets; of what else there is, nothing."""
    return lambda frames: [(at, put(frame)) for at, frame in frames if is_ip(frame)]


def whole(put):
    return lambda frames: [(at, put(frame)) for at, frame in frames]


def gre(frame):
    body = struct.pack(">HHHHII", 0xB000, 0x0800, 0, 0, 16, 5) + packet(frame)
    body = body[:4] + struct.pack(">H", checksum(body)) + body[6:]
    outer = over_ipv4(GRE, body)
    return outer[:12] + b"\x81\x00\x03\x84" + outer[12:]


def pptp(frame):
    body = b"\x21" + packet(frame)
    return over_ipv4(GRE, struct.pack(">HHHHI", 0x3001, 0x880B, len(body), 7, 1) + body)


def erspan_ii(frame, vlan=0, encapsulation=0):
    head = struct.pack(">HHI", 0x1000, 0x88BE, 9) + struct.pack(">HHI", 0x1000 | vlan, encapsulation << 11 | 7, 3)
    return over_ipv4(GRE, head + frame)


def erspan_iii(frame):
    head = struct.pack(">HHI", 0x1000, 0x22EB, 9) + struct.pack(">HHIHH", 0x2000, 7, 0x01020304, 0, 0x0001)
    return over_ipv4(GRE, head + b"\x0c" + b"\x00" * 7 + frame[:12] + b"\x88\xa8\x00\x28\x81\x00\x00\x1e" + frame[12:])


def fragments(frames):
    out = []
    for number, (at, frame) in enumerate(frames):
        body = erspan_ii(frame)[34:]
        room = (RADIO_MTU - 20) // 8 * 8
        for start in range(0, len(body), room):
            more = 0x2000 if start + room < len(body) else 0
            out.append((at + start // room, OUTER + b"\x08\x00" + ipv4(GRE, body[start:start + room], 100 + number, more | start // 8)))
    return out


def in_ipv6(frame):
    body = bytes([IPIP, 0, 4, 1, 4, 1, 1, 0]) + packet(frame)
    return OUTER + b"\x86\xdd" + struct.pack(">IHBB", 0x60000000, len(body), 60, 64) + IPV6_ENDS + body


def capwap(frame):
    """Quality-of-service data from a station to the distribution system."""
    head = struct.pack(">IHH", 2 << 19 | 1 << 9 | 1 << 8, 0, 0)
    wireless = b"\x01\x88\x00\x00" + mac("02:cc:00:00:00:09") + frame[6:12] + frame[:6] + b"\x10\x00\x00\x00"
    return over_udp(5247, head + wireless + b"\xaa\xaa\x03\x00\x00\x00" + frame[12:])


def pppoe(frame):
    body = b"\x00\x21" + packet(frame)
    return frame[:12] + b"\x88\x64\x11\x00" + struct.pack(">HH", 9, len(body)) + body


def macsec(frame):
    tag = b"\x20\x00" + struct.pack(">I", 1) + frame[6:12] + b"\x00\x01"
    return frame[:12] + b"\x88\xe5" + tag + frame[12:] + b"\x1c" * 16


def twice(first, second):
    return lambda frames: [two for number, (at, frame) in enumerate(frames)
                           for two in ((at, first(number, frame)), (at + COPY_MICROSECONDS, second(number, frame)))]


def hsr(path):
    return lambda number, frame: frame[:12] + struct.pack(">HHH", 0x892F, path << 12 | len(frame) - 14 + 6, number) + frame[12:]


def prp(lan):
    return lambda number, frame: frame + struct.pack(">HHH", number, lan << 12 | len(frame) - 14 + 6, 0x88FB)


def routed(frame, at=14):
    """What a router sends on: other addresses, one hop less."""
    head = frame[at:at + 8] + bytes([frame[at + 8] - 1]) + frame[at + 9:at + 10] + b"\0\0" + frame[at + 12:at + 20]
    head = head[:10] + struct.pack(">H", checksum(head)) + head[12:]
    return ROUTER + frame[12:at] + head + frame[at + 20:]


def mirror_routed(frames):
    return [two for at, frame in frames
            for two in [(at, frame)] + ([(at + COPY_MICROSECONDS, routed(frame))] if is_ip(frame) else [])]


def mirror_two_vlans(frames):
    out = []
    for at, frame in frames:
        out.append((at, frame))
        if frame[16:18] == b"\x08\x00":
            out.append((at + COPY_MICROSECONDS, routed(frame[:14] + b"\x00\x20" + frame[16:], 18)))
    return out


def save(file, frames):
    wire = Wire("2026-03-02T09:00:00")
    wire.frames = frames
    wire.save(f"packet/{file}")


MADE = {
    "gre.pcap": packets(gre),
    "gre-ethernet.pcap": whole(lambda frame: over_ipv4(GRE, struct.pack(">HHI", 0x2000, 0x6558, 0x123401) + frame)),
    "pptp.pcap": packets(pptp),
    "erspan-i.pcap": whole(lambda frame: over_ipv4(GRE, struct.pack(">HH", 0, 0x88BE) + frame)),
    "erspan-ii.pcap": whole(lambda frame: erspan_ii(frame, 30, 2)),
    "erspan-ii-fragments.pcap": fragments,
    "erspan-iii.pcap": whole(erspan_iii),
    "ip-in-ip.pcap": packets(lambda frame: over_ipv4(IPIP, packet(frame))),
    "ip-in-ipv6.pcap": packets(in_ipv6),
    "vxlan.pcap": whole(lambda frame: over_udp(4789, bytes([8, 0, 0, 0, 0, 0x12, 0x34, 0]) + frame)),
    "geneve.pcap": whole(lambda frame: over_udp(6081, bytes([2, 0, 0x65, 0x58, 0, 0x12, 0x34, 0, 1, 0, 1, 1, 1, 2, 3, 4]) + frame)),
    "tzsp.pcap": whole(lambda frame: over_udp(37008, bytes([1, 0, 0, 1, 1]) + frame)),
    "capwap.pcap": whole(capwap),
    "mpls.pcap": packets(lambda frame: frame[:12] + b"\x88\x47\x00\x01\x00\x40\x00\x12\x31\x40" + packet(frame)),
    "pppoe.pcap": packets(pppoe),
    "backbone.pcap": whole(lambda frame: OUTER + b"\x88\xe7\x00\x00\x12\x34" + frame),
    "macsec.pcap": whole(macsec),
    "hsr.pcap": twice(hsr(0), hsr(1)),
    "prp.pcap": twice(prp(10), prp(11)),
    "mirror-routed.pcap": mirror_routed,
}

DEVICES = {"erspan-ii.pcap": "pk-trunk", "erspan-iii.pcap": "pk-nested"}

if __name__ == "__main__":
    for name, make in MADE.items():
        save(name, make(talk(DEVICES.get(name, "pk-meter"))))
    save("mirror-two-vlans.pcap", mirror_two_vlans(talk("pk-drive", vlan=31)))
