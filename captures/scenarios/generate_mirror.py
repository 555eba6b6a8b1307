#!/usr/bin/env python3
"""Generate the scenarios about how a capture was taken: copies, tunnels, one way only, cut, two link types, a clock set back.

Who is to be told from whom is in tests/suite/scenarios/.
"""

import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import say_link  # noqa: E402
import say_scene as say  # noqa: E402
import say_smb  # noqa: E402
import wire as wires  # noqa: E402
from wire import Wire, checksum, ip4, mac  # noqa: E402

COPY_MICROSECONDS = 40
GRE, ERSPAN_III = 47, 0x22EB
PCAPNG_ETHERNET, PCAPNG_RAW_IP, PCAPNG_COOKED = 1, 101, 113

CASES = {
    "13-span-copies.pcap": (
        "A mirror of both sides of a router: each routed packet twice, the second time with one hop less and the router's MAC.",
        "", ["enip", "modbus"]),
    "14-erspan-qinq.pcap": ("A remote mirror, ERSPAN type III, of frames with two VLAN tags.", "", ["erspan", "enip", "modbus"]),
    "16-requests-only.pcap": ("A mirror of one direction: questions without answers.", "", ["enip", "modbus", "smb"]),
    "16-answers-only.pcap": ("A mirror of the other direction: answers without questions.", "", ["enip", "modbus", "smb"]),
    "20-cut-at-96.pcap": ("Only 96 bytes of each frame were kept.", "", ["enip", "lldp", "modbus"]),
    "21-two-link-types.pcapng": (
        "One file from three interfaces: Ethernet, Linux cooked capture, and packets without any link header.", "", ["enip", "modbus"]),
    "23-clock-set-back.pcap": ("The clock of the capture is set back by an hour in the middle.", "", ["enip", "modbus"]),
}


def span_copies():
    wire = Wire("2026-03-02T06:00:00")
    station, near, far, adapter, meter = say.devices("s13-station", "s13-gateway-near", "s13-gateway-far", "s13-adapter", "s13-meter")
    wire.resolve(station, near)
    wire.resolve(far, adapter)
    wire.resolve(far, meter)
    for device in (adapter, meter):  # who sits beyond the gateway is not asked for
        wire.known |= {(station.ip, device.ip), (device.ip, station.ip)}
    say.list_identity(wire, station, adapter)
    say.read_meter(wire, station, meter)
    gateways = {mac(station.mac): (near, far), mac(adapter.mac): (far, near), mac(meter.mac): (far, near)}
    frames = []
    for at, frame in wire.frames:
        if frame[12:14] != b"\x08\x00":
            frames.append((at, frame))
            continue
        enters, leaves = gateways[frame[6:12]]
        frames.append((at, mac(enters.mac) + frame[6:]))
        frames.append((at + COPY_MICROSECONDS, frame[:6] + mac(leaves.mac) + b"\x08\x00" + one_hop(frame[14:])))
    wire.frames = frames
    wire.save("scenarios/13-span-copies.pcap")


def one_hop(packet):
    head = packet[:8] + bytes([packet[8] - 1]) + packet[9:10] + b"\0\0" + packet[12:20]
    return head[:10] + struct.pack(">H", checksum(head)) + head[12:] + packet[20:]


def erspan():
    wire = Wire("2026-03-02T06:00:00")
    client, meter, adapter = say.devices("s14-client", "s14-meter", "s14-adapter")
    say.read_meter(wire, client, meter)
    say.list_identity(wire, client, adapter)
    outer = mac("02:cc:00:00:0e:01") + mac("02:cc:00:00:0e:02") + b"\x08\x00"
    frames = []
    for number, (at, frame) in enumerate(wire.frames):
        head = struct.pack(">HHI", 0x1000, ERSPAN_III, number) + struct.pack(">HHIHH", 0x2000 | 100, 14, at & 0xFFFFFFFF, 0, 0)
        tagged = frame[:12] + struct.pack(">HHHH", 0x88A8, 100, 0x8100, 30) + frame[12:]
        body = head + tagged
        packet = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(body), number, 0x4000, 250, GRE, 0, ip4("172.30.14.1"), ip4("172.30.14.2"))
        frames.append((at, outer + packet[:10] + struct.pack(">H", checksum(packet)) + packet[12:] + body))
    wire.frames = frames
    wire.save("scenarios/14-erspan-qinq.pcap")


def one_way():
    wire = Wire("2026-03-02T06:00:00")
    station, adapter, meter, server, client = say.devices("s16-station", "s16-adapter", "s16-meter", "s16-server", "s16-client")
    say.list_identity(wire, station, adapter)
    say.read_identity(wire, station, adapter)
    say.read_meter(wire, station, meter)
    say_smb.session(wire, client, server, "operator", smb1_first=False, seconds=1)
    frames = wire.frames
    for file, asking in (("16-requests-only.pcap", True), ("16-answers-only.pcap", False)):
        wire.frames = [frame for frame in frames if (frame[1][6:12] in {mac(station.mac), mac(client.mac)}) == asking]
        wire.save(f"scenarios/{file}")


def cut():
    wire = Wire("2026-03-02T06:00:00")
    station, meter, adapter, switch = say.devices("s20-station", "s20-meter", "s20-adapter", "s20-switch")
    # The system name ends behind the 96th byte.
    say_link.lldp(wire, switch, "P1", "sw-packaging-hall-north-line-4-cabinet-a12-upper-row-spare", "Siemens, SIMATIC NET, SCALANCE XM408-8C")
    say.read_meter(wire, station, meter)
    say.list_identity(wire, station, adapter)
    say.read_identity(wire, station, adapter)
    wire.save("scenarios/20-cut-at-96.pcap", snap=96)


def two_link_types():
    parts = []
    for start in ("2026-03-02T06:00:00", "2026-03-02T07:00:00", "2026-03-02T08:00:00"):
        wire = Wire(start)
        wire.port += 100 * len(parts)
        station, meter, adapter = say.devices("s21-station", "s21-meter", "s21-adapter")
        say.read_meter(wire, station, meter)
        say.list_identity(wire, station, adapter)
        parts.append(wire.frames)
    ethernet, cooked, raw = parts
    cooked = [(at, struct.pack(">HHH", 0, 1, 6) + frame[6:12] + b"\0\0" + frame[12:]) for at, frame in cooked]
    raw = [(at, frame[14:14 + struct.unpack(">H", frame[16:18])[0]]) for at, frame in raw if frame[12:14] == b"\x08\x00"]
    frames = [(at, 0, frame) for at, frame in ethernet] + [(at, 1, frame) for at, frame in cooked] + [(at, 2, frame) for at, frame in raw]
    data = wires.pcapng_of([("eth0", PCAPNG_ETHERNET), ("any", PCAPNG_COOKED), ("tun0", PCAPNG_RAW_IP)], sorted(frames, key=lambda f: f[0]))
    (wires.ROOT / "scenarios/21-two-link-types.pcapng").write_bytes(data)
    print(f"scenarios/21-two-link-types.pcapng: {len(frames)} frames, {len(data)} bytes")


def clock_set_back():
    wire = Wire("2026-03-02T06:00:00")
    station, adapter, meter = say.devices("s23-station", "s23-adapter", "s23-meter")
    for back in (3_600, 0):
        say.list_identity(wire, station, adapter)
        say.read_meter(wire, station, meter)
        wire.wait(60 - back)
    wire.save("scenarios/23-clock-set-back.pcap", clock_is_steady=False)


if __name__ == "__main__":
    for case in (span_copies, erspan, one_way, cut, two_link_types, clock_set_back):
        case()
