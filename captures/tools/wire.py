"""Frames for the generated captures: the same script gives the same bytes, each time.

    wire = Wire("2026-03-02T06:00:00")
    with wire.tcp(client, server, 502) as conversation:
        conversation.ask(request)
        conversation.answer(reply)
    wire.save("modbus/some-case.pcap")

Devices come from plan.py. Time moves only when told to, plus a fraction of a millisecond per frame. Handshakes,
sequence numbers, acknowledgements, identification fields and checksums are those that a real stack would send.
"""

import datetime
import gzip
import hashlib
import pathlib
import struct
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent
BROADCAST = "ff:ff:ff:ff:ff:ff"
ETHERTYPE_IPV4, ETHERTYPE_ARP, ETHERTYPE_VLAN, ETHERTYPE_LLDP = 0x0800, 0x0806, 0x8100, 0x88CC
PROTOCOL_TCP, PROTOCOL_UDP = 6, 17
FIN, SYN, RST, PSH, ACK = 0x01, 0x02, 0x04, 0x08, 0x10
SEGMENT_BYTES_MAX = 1460
WIRE_MICROSECONDS = 180   # between a frame and what it causes at the other side
THINK_MICROSECONDS = 2300  # until a small device has its answer


class Wire:
    def __init__(self, start, vlan=None):
        moment = datetime.datetime.fromisoformat(start).replace(tzinfo=datetime.timezone.utc)
        self.now = int(moment.timestamp()) * 1_000_000
        self.vlan = vlan
        self.frames = []
        self.identification = {}
        self.port = 49_152
        self.known = set()

    # ---- time

    def wait(self, seconds):
        self.now += round(seconds * 1_000_000)

    def until(self, clock):
        """Move to a time of the same day, "14:30" or "14:30:05"; never back."""
        day = datetime.datetime.fromtimestamp(self.now // 1_000_000, datetime.timezone.utc).date()
        moment = datetime.datetime.combine(day, datetime.time.fromisoformat(clock), datetime.timezone.utc)
        self.now = max(self.now, int(moment.timestamp()) * 1_000_000)

    # ---- frames

    def ethernet(self, source, target, kind, payload):
        head = mac(target) + mac(source)
        if self.vlan is not None:
            head += struct.pack(">HH", ETHERTYPE_VLAN, self.vlan)
        frame = head + struct.pack(">H", kind) + payload
        if kind < 0x0600:
            raise ValueError("not an Ethernet II type")
        smallest = 60 if self.vlan is None else 64
        self.frames.append((self.now, frame.ljust(smallest, b"\0")))
        self.now += WIRE_MICROSECONDS

    def llc(self, source, target, payload):
        """A frame of IEEE 802.3: its length, then IEEE 802.2 and what it carries."""
        head = mac(target) + mac(source)
        if self.vlan is not None:
            head += struct.pack(">HH", ETHERTYPE_VLAN, self.vlan)
        frame = head + struct.pack(">H", len(payload)) + payload
        self.frames.append((self.now, frame.ljust(60 if self.vlan is None else 64, b"\0")))
        self.now += WIRE_MICROSECONDS

    def arp(self, operation, sender_mac, sender_ip, target_mac, target_ip, to=None):
        body = struct.pack(">HHBBH", 1, ETHERTYPE_IPV4, 6, 4, operation)
        body += mac(sender_mac) + ip4(sender_ip) + mac(target_mac) + ip4(target_ip)
        self.ethernet(sender_mac, to or (BROADCAST if operation == 1 else target_mac), ETHERTYPE_ARP, body)

    def resolve(self, asker, owner):
        """One ARP question and answer per pair; later calls are silent, as with a filled cache. Who is behind a router is not
        asked for here: the router is."""
        asker, owner = asker.router or asker, owner.router or owner
        if (asker.ip, owner.ip) not in self.known:
            self.known |= {(asker.ip, owner.ip), (owner.ip, asker.ip)}
            self.arp(1, asker.mac, asker.ip, "00:00:00:00:00:00", owner.ip)
            self.arp(2, owner.mac, owner.ip, asker.mac, asker.ip)

    def ipv4(self, source, target_mac, target_ip, protocol, payload, source_ip=None):
        number = self.identification.get(source.name, fingerprint(source.name) & 0x7FFF)
        self.identification[source.name] = (number + 1) & 0xFFFF
        head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(payload), number, 0x4000, hops(source), protocol, 0)
        head += ip4(source_ip or source.ip) + ip4(target_ip)
        head = head[:10] + struct.pack(">H", checksum(head)) + head[12:]
        self.ethernet(source.card or source.mac, target_mac, ETHERTYPE_IPV4, head + payload)

    def udp(self, source, target, source_port, target_port, data, target_ip=None, target_mac=None, source_ip=None):
        """One datagram; `target` is a device, or None with a broadcast or multicast address."""
        if target is not None:
            self.resolve(source, target)
        address, hardware = target_ip or target.ip, target_mac or target.mac
        head = struct.pack(">HHHH", source_port, target_port, 8 + len(data), 0)
        pseudo = ip4(source_ip or source.ip) + ip4(address) + struct.pack(">BBH", 0, PROTOCOL_UDP, 8 + len(data))
        total = checksum(pseudo + head + data) or 0xFFFF
        self.ipv4(source, hardware, address, PROTOCOL_UDP, head[:6] + struct.pack(">H", total) + data, source_ip)

    def tcp(self, client, server, port, client_port=None, established=False):
        if client_port is None:
            self.port += 1
            client_port = self.port
        return Conversation(self, client, server, client_port, port, established)

    # ---- files

    def save(self, file, clock_is_steady=True, snap=262_144):
        """Writes the frames in order of time, or as they came where the clock of the capture is not steady; of each at most
        `snap` bytes."""
        frames = sorted(self.frames, key=lambda frame: frame[0]) if clock_is_steady else self.frames
        path = ROOT / file
        path.parent.mkdir(exist_ok=True)
        data = pcapng(frames) if ".pcapng" in file else pcap(frames, snap)
        if file.endswith(".gz"):
            data = gzip.compress(data, 9, mtime=0)
        if file.endswith(".zst"):
            data = subprocess.run(["zstd", "-19", "-q", "--no-check", "-c"], input=data, check=True, capture_output=True).stdout
        path.write_bytes(data)
        print(f"{file}: {len(frames)} frames, {len(data)} bytes")


class Conversation:
    """One TCP connection, seen from between the two."""

    def __init__(self, wire, client, server, client_port, port, established):
        self.wire = wire
        self.ends = {"client": client, "server": server}
        self.ports = {"client": client_port, "server": port}
        seed = fingerprint(f"{client.ip}:{client_port}>{server.ip}:{port}")
        self.next = {"client": seed & 0xFFFFFFFF, "server": (seed >> 32) & 0xFFFFFFFF}
        self.unacknowledged = {"client": False, "server": False}
        self.established = established

    def __enter__(self):
        if not self.established:
            self.wire.resolve(self.ends["client"], self.ends["server"])
            self.segment("client", SYN, options=True)
            self.segment("server", SYN | ACK, options=True)
            self.segment("client", ACK)
        return self

    def __exit__(self, kind, *_):
        if kind is None:
            self.close()

    def ask(self, data):
        self.send("client", data)

    def answer(self, data, think=THINK_MICROSECONDS):
        self.wire.now += think
        self.send("server", data)

    def send(self, side, data):
        for at in range(0, len(data), SEGMENT_BYTES_MAX):
            part = data[at:at + SEGMENT_BYTES_MAX]
            self.segment(side, ACK | (PSH if at + len(part) == len(data) else 0), part)

    def acknowledge(self, side):
        if self.unacknowledged[other(side)]:
            self.segment(side, ACK)

    def close(self):
        self.segment("client", FIN | ACK)
        self.segment("server", FIN | ACK)
        self.segment("client", ACK)

    def segment(self, side, flags, data=b"", options=False):
        source, target = self.ends[side], self.ends[other(side)]
        sequence = self.next[side]
        acknowledge = self.next[other(side)] if flags & ACK else 0
        extra = struct.pack(">BBH", 2, 4, SEGMENT_BYTES_MAX) if options else b""
        head = struct.pack(">HHIIBBHHH", self.ports[side], self.ports[other(side)], sequence, acknowledge,
                           (20 + len(extra)) // 4 << 4, flags, 8192, 0, 0) + extra
        pseudo = ip4(source.ip) + ip4(target.ip) + struct.pack(">BBH", 0, PROTOCOL_TCP, len(head) + len(data))
        head = head[:16] + struct.pack(">H", checksum(pseudo + head + data)) + head[18:]
        self.wire.ipv4(source, target.mac, target.ip, PROTOCOL_TCP, head + data)
        advance = len(data) + (1 if flags & (SYN | FIN) else 0)
        self.next[side] = (sequence + advance) & 0xFFFFFFFF
        self.unacknowledged[side] = bool(advance)
        self.unacknowledged[other(side)] = False


def other(side):
    return "server" if side == "client" else "client"


def hops(device):
    """Windows starts at 128, small real-time stacks often at 64."""
    if device.ttl:
        return device.ttl
    return 128 if device.vendor == "Microsoft" else 64


def fingerprint(text):
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def mac(text):
    return bytes.fromhex(text.replace(":", ""))


def ip4(text):
    return bytes(int(part) for part in text.split("."))


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def pcap(frames, snap=262_144):
    out = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, snap, 1)]
    for at, frame in frames:
        kept = frame[:snap]
        out.append(struct.pack("<IIII", at // 1_000_000, at % 1_000_000, len(kept), len(frame)) + kept)
    return b"".join(out)


def pcapng(frames):
    return pcapng_of([("mirror0", 1)], [(at, 0, frame) for at, frame in frames])


def pcapng_of(interfaces, frames):
    """Interfaces as (name, link type); frames as (microseconds, number of the interface, bytes)."""
    def block(kind, body):
        return struct.pack("<II", kind, 12 + len(body)) + body + struct.pack("<I", 12 + len(body))

    def option(code, value):
        return struct.pack("<HH", code, len(value)) + value + b"\0" * (-len(value) % 4)

    section = struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1) + option(4, b"captures/tools/wire.py") + option(0, b"")
    out = [block(0x0A0D0D0A, section)]
    for name, link in interfaces:
        out.append(block(1, struct.pack("<HHI", link, 0, 262_144) + option(2, name.encode()) + option(9, b"\x09") + option(0, b"")))
    for at, interface, frame in frames:
        nanoseconds = at * 1_000
        head = struct.pack("<IIIII", interface, nanoseconds >> 32, nanoseconds & 0xFFFFFFFF, len(frame), len(frame))
        out.append(block(6, head + frame + b"\0" * (-len(frame) % 4)))
    return b"".join(out)
