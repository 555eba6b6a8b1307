"""LLDP and DHCP messages for the generated captures."""

import struct

from wire import ETHERTYPE_LLDP, ip4, mac

LLDP_MULTICAST = "01:80:c2:00:00:0e"
DISCOVER, OFFER, REQUEST, ACKNOWLEDGE = 1, 2, 3, 5
SERVER_PORT, CLIENT_PORT = 67, 68


def lldp(wire, switch, port, name, description):
    """One announcement of a switch port: bridge capability, management address."""
    def tlv(kind, data):
        return struct.pack(">H", kind << 9 | len(data)) + data

    management = struct.pack(">BB4sBIB", 5, 1, ip4(switch.ip), 2, 1, 0)
    body = (tlv(1, b"\x04" + mac(switch.mac)) + tlv(2, b"\x05" + port.encode()) + tlv(3, struct.pack(">H", 120)) + tlv(4, f"Port {port}".encode())
            + tlv(5, name.encode()) + tlv(6, description.encode()) + tlv(7, struct.pack(">HH", 0x0004, 0x0004)) + tlv(8, management) + tlv(0, b""))
    wire.ethernet(switch.mac, LLDP_MULTICAST, ETHERTYPE_LLDP, body)


def lease(wire, server, client, name, vendor_class, transaction, renewal=False):
    """Four messages for a first lease, two for a renewal."""
    own = [(61, b"\x01" + mac(client.mac)), (12, name.encode()), (60, vendor_class.encode()), (55, bytes([1, 3, 6, 15, 31, 33, 43, 44, 46, 47, 119, 121, 249, 252]))]
    qualified = (81, b"\x00\x00\x00" + f"{name.lower()}.plant.example".encode())
    given = [(54, ip4(server.ip)), (51, struct.pack(">I", 21_600)), (1, ip4("255.255.255.0")), (3, ip4(server.ip)), (15, b"plant.example")]
    if renewal:
        ask = bootp(1, transaction, client, [(53, bytes([REQUEST])), *own, qualified], at=client.ip)
        wire.udp(client, server, CLIENT_PORT, SERVER_PORT, ask)
        wire.udp(server, client, SERVER_PORT, CLIENT_PORT, bootp(2, transaction, client, [(53, bytes([ACKNOWLEDGE])), *given], client.ip, client.ip))
        return
    steps = [(DISCOVER, OFFER, []), (REQUEST, ACKNOWLEDGE, [(50, ip4(client.ip)), (54, ip4(server.ip))])]
    for question, answer, more in steps:
        extra = [qualified] if question == REQUEST else []
        wire.udp(client, None, CLIENT_PORT, SERVER_PORT, bootp(1, transaction, client, [(53, bytes([question])), *own, *extra, *more]),
                 target_ip="255.255.255.255", target_mac="ff:ff:ff:ff:ff:ff", source_ip="0.0.0.0")
        wire.udp(server, None, SERVER_PORT, CLIENT_PORT, bootp(2, transaction, client, [(53, bytes([answer])), *given], "0.0.0.0", client.ip),
                 target_ip=client.ip, target_mac=client.mac)


def lease_relayed(wire, relay, server, client, name, vendor_class, transaction, giaddr):
    """The four messages as they pass between a relay and the server; `client` is where no frame is seen."""
    own = [(61, b"\x01" + mac(client.mac)), (12, name.encode()), (60, vendor_class.encode()), (55, bytes([1, 3, 6, 15, 31, 33, 43]))]
    given = [(54, ip4(server.ip)), (51, struct.pack(">I", 21_600)), (1, ip4("255.255.255.128")), (3, ip4(giaddr)), (15, b"plant.example")]
    steps = [(DISCOVER, OFFER, []), (REQUEST, ACKNOWLEDGE, [(50, ip4(client.ip)), (54, ip4(server.ip))])]
    for question, answer, more in steps:
        ask = bootp(1, transaction, client, [(53, bytes([question])), *own, *more])
        wire.udp(relay, server, SERVER_PORT, SERVER_PORT, through(ask, giaddr))
        reply = bootp(2, transaction, client, [(53, bytes([answer])), *given], "0.0.0.0", client.ip)
        wire.udp(server, relay, SERVER_PORT, SERVER_PORT, through(reply, giaddr), target_ip=giaddr)


def through(message, giaddr):
    """One hop, and the address of the relay in the client's network."""
    return message[:3] + b"\x01" + message[4:24] + ip4(giaddr) + message[28:]


def bootp(operation, transaction, client, options, at="0.0.0.0", yours="0.0.0.0"):
    head = struct.pack(">BBBBIHH4s4s4s4s16s192xI", operation, 1, 6, 0, transaction, 0, 0, ip4(at), ip4(yours), bytes(4), bytes(4), mac(client.mac), 0x63825363)
    body = b"".join(struct.pack("BB", code, len(data)) + data for code, data in options) + b"\xff"
    return (head + body).ljust(300, b"\0")
