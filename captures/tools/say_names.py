"""NetBIOS name service and datagrams, LLMNR and multicast DNS messages for the generated captures."""

import struct

from wire import ip4, mac

BROADCAST_MAC = "ff:ff:ff:ff:ff:ff"
NB, NBSTAT, A, PTR, HINFO, TXT, AAAA, SRV, ANY = 0x20, 0x21, 1, 12, 13, 16, 28, 33, 255
GROUP = 0x8000
B_NODE, H_NODE = 0x0000, 0x6000


# ---- DNS format


def labels(name):
    """Text with dots, or a list where a label has dots itself."""
    parts = name.split(".") if isinstance(name, str) else name
    return b"".join(bytes([len(part.encode())]) + part.encode() for part in parts if part) + b"\0"


def dns(flags, questions=(), answers=(), authority=(), additional=(), number=0):
    counts = [len(part) for part in (questions, answers, authority, additional)]
    out = struct.pack(">HHHHHH", number, flags, *counts)
    for name, kind in questions:
        out += name + struct.pack(">HH", kind, 1)
    for record in (*answers, *authority, *additional):
        out += record
    return out


def record(name, kind, data, ttl=120, flush=False):
    return name + struct.pack(">HHIH", kind, 0x8001 if flush else 1, ttl, len(data)) + data


def srv(port, host):
    return struct.pack(">HHH", 0, 0, port) + labels(host)


def txt(*pairs):
    return b"".join(bytes([len(pair.encode())]) + pair.encode() for pair in pairs)


# ---- NetBIOS names


def netbios(name, suffix, padding=b" "):
    """First-level encoding, without scope."""
    plain = name.encode().ljust(15, padding)[:15] + bytes([suffix])
    return b"\x20" + b"".join(bytes([0x41 + (byte >> 4), 0x41 + (byte & 15)]) for byte in plain) + b"\0"


def broadcast_of(device):
    return device.ip.rsplit(".", 1)[0] + ".255"


def broadcast(wire, source, port, data):
    wire.udp(source, None, port, port, data, target_ip=broadcast_of(source), target_mac=BROADCAST_MAC)


def claim(name, suffix, flags, *addresses, pointer=True, ttl=300_000, kind=NB):
    """An NB record; its name is a pointer to the question where there is one."""
    owner = b"\xc0\x0c" if pointer else netbios(name, suffix)
    data = b"".join(struct.pack(">H4s", flags, ip4(address)) for address in addresses)
    return record(owner, kind, data, ttl)


def registration(name, suffix, flags, address, number, operation=5, wish=True, by_broadcast=True):
    bits = operation << 11 | (0x0100 if wish else 0) | (0x0010 if by_broadcast else 0)
    question = (netbios(name, suffix), NB)
    return dns(bits, [question], additional=[claim(name, suffix, flags, address)], number=number)


def answer(name, suffix, flags, *addresses, number, operation=0, code=0, server=False):
    bits = 0x8400 | operation << 11 | 0x0100 | (0x0080 if server else 0) | code
    return dns(bits, answers=[claim(name, suffix, flags, *addresses, pointer=False)], number=number)


def node_status(names, unit, number):
    """Names as (name, suffix, flags); then the statistics, of which only the unit ID is of interest."""
    table = b"".join(name.encode().ljust(15) + struct.pack(">BH", suffix, flags) for name, suffix, flags in names)
    data = bytes([len(names)]) + table + mac(unit) + bytes(40)
    return dns(0x8400, answers=[record(netbios("*", 0, b"\0"), NBSTAT, data, 0)], number=number)


# ---- NetBIOS datagrams


def datagram(source, source_name, target_name, mailslot, data, number, kind=0x11, flags=0x1A, address=None):
    """Names as (name, suffix). `address` is the host's own where another is translated for it."""
    words = struct.pack("<HHHHBBHIHHHHHBBHHH", 0, len(data), 0, 0, 0, 0, 0, 1000, 0, 0, 0, len(data), 0, 3, 0, 1, 1, 2)
    name = mailslot.encode() + b"\0"
    at = 32 + 1 + len(words) + 2 + len(name)
    words = words[:24] + struct.pack("<H", at) + words[26:]
    smb = b"\xffSMB\x25" + bytes(27) + bytes([len(words) // 2]) + words + struct.pack("<H", len(name) + len(data)) + name + data
    body = netbios(*source_name) + netbios(*target_name) + smb
    return struct.pack(">BBH4sHHH", kind, flags, number, ip4(address or source.ip), 138, len(body), 0) + body


def announcement(command, name, version, server_type, comment, minutes=12, browser=(15, 1)):
    head = struct.pack("<BBI16sBBIBBH", command, 0, minutes * 60_000, name.encode(), *version, server_type, *browser, 0xAA55)
    return head + comment.encode() + b"\0"


def domain_announcement(group, master, minutes=12):
    return struct.pack("<BBI16sBBIHH", 12, 0, minutes * 60_000, group.encode(), 3, 10, 0x8000_1000, 0x010F, 0xAA55) + master.encode() + b"\0"


def election(criteria, uptime, name):
    return struct.pack("<BBIII", 8, 1, criteria, uptime, 0) + name.encode() + b"\0"


def backup_list(token, *names):
    return struct.pack("<BBI", 10, len(names), token) + b"".join(name.encode() + b"\0" for name in names)


def wide(text):
    return text.encode("utf-16-le") + b"\0\0"


def primary_query(computer, mailslot, nt_version):
    head = struct.pack("<H", 7) + computer.encode() + b"\0" + mailslot.encode() + b"\0"
    return head + b"\0" * (len(head) % 2) + wide(computer) + struct.pack("<IHH", nt_version, 0xFFFF, 0xFFFF)


def primary_response(server, domain, nt_version):
    head = struct.pack("<H", 12) + server.encode() + b"\0"
    return head + b"\0" * (len(head) % 2) + wide(server) + wide(domain) + struct.pack("<IHH", nt_version, 0xFFFF, 0xFFFF)


def sam_logon_request(computer, user, mailslot, sid, nt_version):
    head = struct.pack("<HH", 18, 0) + wide(computer) + wide(user) + mailslot.encode() + b"\0" + struct.pack("<II", 0x80, len(sid))
    return head + b"\0" * (-len(head) % 4) + sid + struct.pack("<IHH", nt_version, 0xFFFF, 0xFFFF)


def sam_logon_response(server, user, domain, nt_version):
    return struct.pack("<H", 19) + wide("\\\\" + server) + wide(user) + wide(domain) + struct.pack("<IHH", nt_version, 0xFFFF, 0xFFFF)


def sam_logon_response_ex(flags, forest, host, domain, computer, user, site, address, nt_version):
    """DNS domain and host share the labels of the forest by pointers, as Windows writes them."""
    out = struct.pack("<HHI", 23, 0, flags) + bytes(range(16))
    forest_at = len(out)
    pointer = struct.pack(">H", 0xC000 | forest_at)
    short = host.split(".")[0].encode()
    out += labels(forest) + pointer + bytes([len(short)]) + short + pointer + labels(domain) + labels(computer) + labels(user)
    site_at = len(out)
    socket = struct.pack("<BHH4s8x", 16, 2, 0, ip4(address))
    return out + labels(site) + struct.pack(">H", 0xC000 | site_at) + socket + struct.pack("<IHH", nt_version, 0xFFFF, 0xFFFF)


# ---- multicast


def llmnr(wire, source, data, port):
    wire.udp(source, None, port, 5355, data, target_ip="224.0.0.252", target_mac="01:00:5e:00:00:fc")


def mdns(wire, source, data):
    wire.udp(source, None, 5353, 5353, data, target_ip="224.0.0.251", target_mac="01:00:5e:00:00:fb")
