#!/usr/bin/env python3
"""Generate a domain controller of Windows Server 2016, which no program at hand can play."""

import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import plan  # noqa: E402
import say_smb as say  # noqa: E402
from wire import Wire  # noqa: E402

CASES = {
    "active-directory.pcap": ("A client looks for its domain controller over UDP, reads the root entry over TCP, binds with NTLM inside SPNEGO, and is "
                              "refused a simple bind with the error text that ends with the build; then what follows is sealed. A second client "
                              "binds with Sicily.", "", ["ldap"]),
    "other-directory.pcap": ("The root entry of a directory that names its maker and version (RFC 3045).", "", ["ldap"]),
}

DOMAIN = "DC=plant,DC=example"
ROOT = [
    ("currentTime", "20260302123000.0Z"),
    ("defaultNamingContext", DOMAIN),
    ("namingContexts", DOMAIN, f"CN=Configuration,{DOMAIN}"),
    ("rootDomainNamingContext", DOMAIN),
    ("supportedCapabilities", "1.2.840.113556.1.4.800", "1.2.840.113556.1.4.1670", "1.2.840.113556.1.4.1791", "1.2.840.113556.1.4.1935",
     "1.2.840.113556.1.4.2080", "1.2.840.113556.1.4.2237"),
    ("supportedSASLMechanisms", "GSSAPI", "GSS-SPNEGO", "EXTERNAL", "DIGEST-MD5"),
    ("dnsHostName", "plant-dc2.plant.example"),
    ("ldapServiceName", "plant.example:plant-dc2$@PLANT.EXAMPLE"),
    ("serverName", f"CN=PLANT-DC2,CN=Servers,CN=Plant,CN=Sites,CN=Configuration,{DOMAIN}"),
    ("isGlobalCatalogReady", "TRUE"),
    ("domainFunctionality", "7"),
    ("forestFunctionality", "6"),
    ("domainControllerFunctionality", "7"),
]
OTHER_ROOT = [
    ("objectClass", "top"),
    ("namingContexts", DOMAIN.lower()),
    ("supportedSASLMechanisms", "EXTERNAL", "GSSAPI"),
    ("vendorName", "389 Project"),
    ("vendorVersion", "389-Directory/2.4.5 B2024.198.0000"),
]
REFUSED = "80090308: LdapErr: DSID-0C090440, comment: AcceptSecurityContext error, data 52e, v3839\0"


def octets(data):
    return say.der(0x04, data.encode() if isinstance(data, str) else data)


def message(number, operation, *parts):
    return say.der(0x30, say.der(0x02, bytes([number])) + say.der(operation, b"".join(parts)))


def result(code, matched=b"", text=""):
    return say.der(0x0A, bytes([code])) + octets(matched) + octets(text)


def entry(number, attributes):
    listed = b"".join(say.der(0x30, octets(name) + say.der(0x31, b"".join(octets(v) for v in values))) for name, *values in attributes)
    return message(number, 0x64, octets(""), say.der(0x30, listed))


def search(number, conditions, *names):
    fixed = octets("") + bytes.fromhex("0a0100 0a0100 020100 020100 010100")
    return message(number, 0x63, fixed, conditions, say.der(0x30, b"".join(octets(name) for name in names)))


def ping(domain, host, version):
    """The search by which Windows looks for a domain controller."""
    terms = [("DnsDomain", domain), ("Host", host), ("NtVer", version)]
    return search(1, say.der(0xA0, b"".join(say.der(0xA3, octets(name) + octets(value)) for name, value in terms)), "Netlogon")


def netlogon(server):
    def name(*labels):
        return b"".join(bytes([len(label)]) + label.encode() for label in labels)

    head = struct.pack("<HHI", 23, 0, 0x0001_F3FD) + say.digest("plant.example", "domain")
    forest = name("plant", "example") + b"\0"
    pointer = b"\xc0" + bytes([len(head)])
    site = len(head) + len(forest) + 2 + 10 + 2 + 7 + 11 + 1
    names = forest + pointer + name("plant-dc2") + pointer + name("PLANT") + b"\0" + name(server.says["name"]) + b"\0" + b"\0" + name("Plant") + b"\0"
    return head + names + b"\xc0" + bytes([site]) + struct.pack("<IHH", 5, 0xFFFF, 0xFFFF)


def bind(number, choice, name=""):
    return message(number, 0x60, say.der(0x02, b"\x03"), octets(name), choice)


def spnego(token):
    return say.der(0xA3, octets("GSS-SPNEGO") + octets(token))


def main():
    client, server = plan.device("ld-client"), plan.device("ld-2016")
    wire = Wire("2026-03-02T12:30:00")
    wire.udp(client, server, 50_389, 389, ping("plant.example.", client.says["name"], b"\x16\0\0\0"))
    wire.udp(server, client, 389, 50_389, entry(1, [("netlogon", netlogon(server))]) + message(1, 0x65, result(0)))
    wire.wait(1)
    challenge = say.ntlm_challenge(server.says, wire.now)
    with wire.tcp(client, server, 389) as conversation:
        conversation.ask(search(1, say.der(0x87, b"objectclass"), *(name for name, *_ in ROOT)))
        conversation.answer(entry(1, ROOT) + message(1, 0x65, result(0)))
        conversation.ask(bind(2, say.der(0x80, b"invented"), f"CN=Invented Person,CN=Users,{DOMAIN}"))
        conversation.answer(message(2, 0x61, result(49, b"", REFUSED)))
        conversation.ask(bind(3, spnego(say.spnego_init(say.ntlm_negotiate(client.says)))))
        conversation.answer(message(3, 0x61, result(14), say.der(0x87, say.spnego_targ(1, challenge))))
        conversation.ask(bind(4, spnego(say.spnego_targ(None, say.ntlm_authenticate(client.says, client.says["name"] + "$")))))
        conversation.answer(message(4, 0x61, result(0), say.der(0x87, say.spnego_targ(0, b""))))
        sealed = b"\x01\0\0\0" + say.digest("sealed", "1") + say.digest("sealed", "2")
        conversation.ask(struct.pack(">I", len(sealed)) + sealed)
    wire.wait(1)
    with wire.tcp(client, server, 3268) as conversation:
        conversation.ask(bind(1, say.der(0x89, b"")))
        conversation.answer(message(1, 0x61, result(0, b"NTLM")))
        conversation.ask(bind(2, say.der(0x8A, say.ntlm_negotiate(client.says)), "NTLM"))
        conversation.answer(message(2, 0x61, result(0, challenge)))
        conversation.ask(bind(3, say.der(0x8B, say.ntlm_authenticate(client.says, "operator"))))
        conversation.answer(message(3, 0x61, result(0)))
    wire.save("ldap/active-directory.pcap")

    wire, server = Wire("2026-03-02T12:40:00"), plan.device("ld-389")
    with wire.tcp(client, server, 389) as conversation:
        conversation.ask(search(1, say.der(0x87, b"objectclass"), "*", "+"))
        conversation.answer(entry(1, OTHER_ROOT) + message(1, 0x65, result(0)))
    wire.save("ldap/other-directory.pcap")


if __name__ == "__main__":
    main()
