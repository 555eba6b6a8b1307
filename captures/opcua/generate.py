#!/usr/bin/env python3
"""Generate what no program at hand can play: a controller of Siemens, servers of three makers, a discovery server.

Names and addresses are of the plan. What servers call themselves is from public logs and manuals, named in signatures/opcua.toml.
"""

import hashlib
import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import plan  # noqa: E402
import say_opcua as say  # noqa: E402
from say_opcua import node, text, u32  # noqa: E402
from wire import Wire  # noqa: E402

CASES = {
    "controller.pcap": (
        "UaExpert at an S7-1500: endpoints in three chunks, a session whose user's password goes in the clear, the nameplate found by names and read, "
        "a write, a method, an attempt to change the server's state, nodes added and deleted; a path translated; a service that fails.", "", ["opcua"]),
    "programs.pcap": (
        "KEPServerEX on port 49320, Ignition on port 62541 and a CODESYS runtime are asked for endpoints and build; the first from the middle of its "
        "connection on; users with a certificate and with a token of an issuer.", "", ["opcua"]),
    "discovery.pcap": (
        "A discovery server tells of itself, of two others and of a third on the network; a press registers with it, and, behind a firewall, opens "
        "the connection to its client itself (reverse connect). A greeting that is refused.", "", ["opcua"]),
    "signed.pcap": ("A channel that is signed and not encrypted, its answers in several chunks with a signature behind each.", "", ["opcua"]),
}

EXPERT = say.application("urn:ENG-07:UnifiedAutomation:UaExpert", "urn:UnifiedAutomation:UaExpert", "UaExpert@ENG-07", say.CLIENT)
BUILT = 1_652_659_200


def certificate(name, length):
    """Not a certificate: as many bytes of one. The reader of certificates is tried elsewhere."""
    digest, data = name.encode(), b""
    while len(data) < length:
        digest = hashlib.sha256(digest).digest()
        data += digest
    return b"\x30\x82" + struct.pack(">H", length - 4) + data[:length - 4]


def siemens(address):
    server = say.application("urn:SIMATIC.S7-1500.OPC-UA.Application:PLC_PRESS7", "https://www.siemens.com/s7-1500",
                             "SIMATIC.S7-1500.OPC-UA.Application:PLC_PRESS7", say.SERVER, [f"opc.tcp://{address}:4840"])
    shown = certificate("PLC_PRESS7", 700)
    offered = [(say.NONE, "None"), (say.SIGN, "Basic256Sha256"), (say.SIGN_AND_ENCRYPT, "Basic256Sha256"), (say.SIGN_AND_ENCRYPT, "Aes256_Sha256_RsaPss")]
    tokens = [(say.ANONYMOUS, None), (say.USER_NAME, "None")]
    return [say.endpoint(f"opc.tcp://{address}:4840", server, shown, mode, policy, tokens) for mode, policy in offered], shown


PLATE = [("Manufacturer", say.localized_value("Siemens AG")), ("OrderNumber", say.string("6ES7 515-2AM02-0AB0")),
         ("SerialNumber", say.string("S C-K4R193842019")), ("HardwareRevision", say.string("4")), ("SoftwareRevision", say.string("V2.9.4")),
         ("DeviceRevision", say.string("V2.9.4")), ("Model", say.localized_value("CPU 1515-2 PN")), ("DeviceClass", say.string("PLC")),
         ("ProductCode", say.string("515-2AM02")), ("AssetId", say.string("K7-PRESS-01")), ("ComponentName", say.localized_value("Press line")),
         ("ManufacturerUri", say.string("https://www.siemens.com")), ("ProductInstanceUri", say.string("https://www.siemens.com/s7/K4R193842019"))]


def controller():
    wire = Wire("2026-03-02T09:00:00")
    client, cpu = plan.device("ua-client"), plan.device("ua-s7-1500")
    url = f"opc.tcp://{cpu.ip}:4840"
    endpoints, shown = siemens(cpu.ip)
    with wire.tcp(client, cpu, 4840) as talk:
        ua = say.Channel(talk, chunk_bytes=1_400)
        ua.hello(url)
        ua.open()
        ua.ask(422, text(url) + u32(-1) + u32(-1))
        ua.answer(425, say.array([say.application("urn:SIMATIC.S7-1500.OPC-UA.Application:PLC_PRESS7", "https://www.siemens.com/s7-1500",
                                                  "SIMATIC.S7-1500.OPC-UA.Application:PLC_PRESS7", say.SERVER, [url])]))
        ua.endpoints(url, endpoints)
        ua.create(EXPERT, url, "urn:ENG-07:UnifiedAutomation:UaExpert", endpoints[:2], (None, shown))
        ua.user("operator-7", "n0t-t0-be-kept", result=0x80210000)
        ua.user("operator-7", "n0t-t0-be-kept-2")
        spaces = ["http://opcfoundation.org/UA/", "urn:SIMATIC.S7-1500.OPC-UA.Application:PLC_PRESS7", "http://opcfoundation.org/UA/DI/",
                  "http://www.siemens.com/simatic-s7-opcua"]
        build = say.build_info("https://www.siemens.com/s7-1500", "Siemens AG", "SIMATIC.S7-1500.OPC-UA.Application:PLC_PRESS7", "V2.9.4", "1.0", BUILT)
        ua.read([(node(2255), 13), (node(2260), 13), (node(2259), 13), (node(2267), 13)],
                [say.value(say.strings(spaces)), say.value(b"\x16" + say.extension(340, build)), say.value(b"\x06" + u32(0)), say.value(b"\x03\xff")])
        found = [(f"PLC.{name}", 3, name, 2, 2) for name, _ in PLATE] + [("PLC.Icon", 3, "Icon", 3, 2), ("PLC.Start", 3, "SerialNumber", 3, 4)]
        ua.browse(node("PLC", 3), found)
        nodes = [(node(f"PLC.{name}", 3), attribute) for name, _ in PLATE for attribute in (3, 13)]
        values = [found for name, variant in PLATE for found in (say.value(b"\x14" + say.qualified(name, 2)), say.value(variant))]
        ua.read(nodes, values)
        # The same by a path; the value is bad, and says nothing.
        path = node("Drive", 3) + say.array([node(46) + b"\0\1" + say.qualified("SerialNumber", 2)])
        ua.ask(554, say.array([path]))
        ua.answer(557, say.array([u32(0) + say.array([node("Drive.Serial", 3) + u32(-1)])]) + u32(-1))
        ua.read([(node("Drive.Serial", 3), 13)], [say.value(say.string("never"), 0x80340000)])
        for number in range(4):
            wire.wait(2)
            ua.read([(node('"Press"."Force"', 3), 13)], [say.value(struct.pack("<Bf", 10, 4.5 + number))])
        ua.ask(673, say.array([node('"Press"."Limit"', 3) + u32(13) + text(None) + say.value(struct.pack("<Bf", 10, 8.5), source=False)]))
        ua.answer(676, say.array([u32(0)]) + u32(-1))
        ua.ask(712, say.array([node("Press", 3) + node("Press.Home", 3) + say.array([struct.pack("<Bi", 6, 3)])]))
        ua.answer(715, say.array([u32(0) + u32(-1) + u32(-1) + u32(-1)]) + u32(-1))
        ua.ask(712, say.array([node(2253) + node(12886) + say.array([struct.pack("<Bi", 6, 4)])]))
        ua.answer(715, say.array([u32(0x801F0000) + u32(-1) + u32(-1) + u32(-1)]) + u32(-1))
        ua.ask(712, say.array([node(12637) + node(12740) + u32(-1)]))
        ua.answer(715, say.array([u32(0) + u32(-1) + u32(-1) + u32(-1)]) + u32(-1))
        ua.ask(500, say.array([node("Old", 3) + b"\1"]))
        ua.answer(503, say.array([u32(0)]) + u32(-1))
        ua.ask(664, say.NO_EXTENSION + u32(0) + b"\0" + u32(-1))
        ua.fault(0x800B0000)
    wire.save("opcua/controller.pcap")


def programs():
    wire = Wire("2026-03-02T10:00:00")
    client = plan.device("ua-client")
    status = struct.pack("<QQ", say.TICKS_OF_1970, say.TICKS_OF_1970) + u32(0)
    with wire.tcp(client, plan.device("ua-kepware"), 49320, established=True) as talk:
        ua = say.Channel(talk)
        for _ in range(3):
            ua.ask(826, u32(-1))
            ua.answer(829)
        url = "opc.tcp://HIST-02:49320"
        server = say.application("urn:HIST-02:Kepware.KEPServerEX.V6:UA%20Server", "urn:Kepware.KEPServerEX.V6:UA%20Server", "KEPServerEX/UA Server@HIST-02",
                                 say.SERVER, [url])
        ua.endpoints(url, [say.endpoint(url, server, certificate("HIST-02", 900), say.SIGN_AND_ENCRYPT, say.BINARY, [(say.USER_NAME, None), (say.CERTIFICATE, None)])])
        ua.activate(say.extension(327, text("token_1") + text(certificate("user", 300))))
        build = say.build_info("urn:Kepware.KEPServerEX.V6:UA%20Server", "Kepware", "KEPServerEX", "6.14.263.0", "263", BUILT)
        ua.read([(node(2256), 13)], [say.value(b"\x16" + say.extension(864, status + build + u32(0) + say.localized(None)))])
        ua.ask(826, u32(-1))
        ua.answer(829)
    with wire.tcp(client, plan.device("ua-ignition"), 62541) as talk:
        ua = say.Channel(talk)
        url = "opc.tcp://SCADA-01:62541/discovery"
        ua.hello(url)
        ua.open()
        server = say.application("urn:inductiveautomation:ignition:opcua:server:SCADA-01", "urn:inductiveautomation:ignition:opcua:server",
                                 "Ignition OPC UA Server", say.SERVER, [url])
        ua.endpoints(url, [say.endpoint("opc.tcp://SCADA-01:62541", server, certificate("SCADA-01", 1_000), say.SIGN_AND_ENCRYPT, say.BINARY,
                                        [(say.USER_NAME, None), (say.ISSUED_TOKEN, None)])])
        ua.activate(say.extension(940, text("token_1") + text(b"opaque") + text("http://www.w3.org/2001/04/xmlenc#rsa-oaep")))
    with wire.tcp(client, plan.device("ua-codesys"), 4840) as talk:
        ua = say.Channel(talk)
        url = "opc.tcp://pump-plc:4840"
        ua.hello(url)
        ua.open()
        ua.user("maintenance", bytes(256), "http://www.w3.org/2001/04/xmlenc#rsa-oaep")
        fields = ["CODESYS Control for Linux SL", "http://www.3s-software.com/", "3S - Smart Software Solutions GmbH", "3.5.19.20", "20", None]
        values = [say.value(say.string(field)) for field in fields[:5]] + [say.value(b"\x0d" + say.ticks(BUILT))]
        ua.read([(node(number), 13) for number in range(2261, 2267)], values)
    wire.save("opcua/programs.pcap")


def discovery():
    wire = Wire("2026-03-02T11:00:00")
    client, lds, press = plan.device("ua-client"), plan.device("ua-lds"), plan.device("ua-press")
    url = "opc.tcp://lds.plant.example:4840"
    own = say.application("urn:LDS-01:UALocalDiscoveryServer", "http://opcfoundation.org/UALDS", "UA Local Discovery Server", say.DISCOVERY_SERVER, [url])
    press_names = ("urn:press-4.plant.example:press", "urn:example:press", "Press 4")
    behind = "urn:gateway.plant.example"
    with wire.tcp(press, lds, 4840) as talk:
        ua = say.Channel(talk)
        ua.hello(url)
        ua.open()
        server = (text(press_names[0]) + text(press_names[1]) + say.array([say.localized(press_names[2])]) + u32(say.SERVER) + text(behind)
                  + say.array([text("opc.tcp://press-4.plant.example:4840")]) + text(None) + b"\1")
        ua.ask(437, server)
        ua.answer(440)
    with wire.tcp(client, lds, 4840) as talk:
        ua = say.Channel(talk)
        ua.hello(url)
        ua.open()
        ua.ask(422, text(url) + u32(-1) + u32(-1))
        ua.answer(425, say.array([own, say.application(*press_names, say.SERVER, ["opc.tcp://press-4.plant.example:4840"], behind),
                                  say.application("urn:oven:server", "urn:example:oven", "Oven 2", say.CLIENT_AND_SERVER, ["opc.tcp://oven-2.plant.example:4840"])]))
        ua.ask(12208, u32(0) + u32(0) + u32(-1))
        ua.answer(12209, say.ticks(BUILT) + say.array([u32(1) + text("Saw 9") + text("opc.tcp://saw-9.plant.example:4840") + say.array([text("DA")])]))
    with wire.tcp(client, press, 4840) as talk:
        ua = say.Channel(talk)
        ua.send("c", ua.chunk(b"HEL", b"F", u32(0) + u32(65_535) + u32(65_535) + u32(0) + u32(0) + text("opc.tcp://press:4840/other")))
        ua.error("s", 0x80830000, "no such endpoint")
    with wire.tcp(press, client, 4840) as talk:
        ua = say.Channel(talk, turned=True)
        ua.send("s", ua.chunk(b"RHE", b"F", text(press_names[0]) + text("opc.tcp://press-4.plant.example:4840")))
        ua.hello("opc.tcp://press-4.plant.example:4840")
        ua.open()
        ua.read([(node(2264), 13)], [say.value(say.string("4.1.0"))])
    wire.save("opcua/discovery.pcap")


def signed():
    wire = Wire("2026-03-02T12:00:00")
    client, cpu = plan.device("ua-client"), plan.device("ua-s7-1500")
    endpoints, shown = siemens(cpu.ip)
    own = certificate("ENG-07", 800)
    with wire.tcp(client, cpu, 4840) as talk:
        ua = say.Channel(talk, chunk_bytes=1_200, signature=32)
        ua.hello(f"opc.tcp://{cpu.ip}:4840")
        thumbprints = [hashlib.sha1(data).digest() for data in (own, shown)]
        ua.open(say.BINARY, say.SIGN, (own, shown), thumbprints, encrypted=certificate("encrypted", 512))
        ua.create(EXPERT, f"opc.tcp://{cpu.ip}:4840", "urn:ENG-07:UnifiedAutomation:UaExpert", endpoints[1:3], (own, shown))
        ua.user("operator-7", bytes(256), "http://www.w3.org/2001/04/xmlenc#rsa-oaep")
        ua.read([(node(2264), 13)], [say.value(say.string("V2.9.4"))])
    wire.save("opcua/signed.pcap")


if __name__ == "__main__":
    for make in (controller, programs, discovery, signed):
        make()
