#!/usr/bin/env python3
"""Generate the Windows hosts that no program at hand can play: those that speak SMB 2.1 and later."""

import ipaddress
import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import plan  # noqa: E402
import say_smb as say  # noqa: E402
from wire import Wire  # noqa: E402

CASES = {
    "windows-server-2012r2.pcap": ("An SMB1 session with native OS \"Windows Server 2012 R2 Standard 9600\", then SMB 3.0.2; NTLMSSP version "
                                   "6.3.9600, server GUID, start time.", "", ["smb"]),
    "windows-server-2016.pcap": ("SMB 3.1.1 with NTLMSSP version 10.0.14393, and an SMB1 session to the same host.", "", ["smb"]),
    "windows-10.pcap": ("SMB 3.1.1 with NTLMSSP version 10.0.19041, which every Windows 10 from 20H1 to 22H2 says.", "", ["smb"]),
    "windows-server-2022.pcap": ("SMB 3.1.1 with NTLMSSP version 10.0.20348; encrypted after the session set-up.", "", ["smb"]),
    "windows-11.pcap": ("SMB 3.1.1 with NTLMSSP version 10.0.22621; signing required, no SMB1 negotiate first.", "", ["smb"]),
    "multi-channel.pcap": ("SMB 3.1.1 with every negotiate context; the server's two interfaces asked for; a second connection bound to the session; "
                           "a compressed message.", "", ["smb"]),
    "windows-server-2003.pcap": ("SMB1 with NTLMSSP version 5.2.3790 and a server that tells its principal in SPNEGO; a client that authenticates "
                                 "with the account of its machine, and LAN Manager's tree connect with a share password.", "", ["smb"]),
    "kerberos-errors.pcap": ("SMB 3.1.1 sessions set up with Kerberos: refused for the clocks with a KRB-ERROR, user to user, IAKERB.", "", ["smb"]),
    "not-windows.pcap": ("A Celerra, a Data ONTAP GX and three clients: jCIFS, the kernel of Linux, and one of Windows 98's age.", "", ["smb"]),
}

HOSTS = {
    "windows-server-2012r2.pcap": ("sm-2012r2", "11:00", {"shares": ("IPC$", "historian")}),
    "windows-server-2016.pcap": ("sm-2016", "11:10", {"shares": ("IPC$", "recipes")}),
    "windows-10.pcap": ("sm-win10", "11:20", {"shares": ("IPC$", "projects")}),
    "windows-server-2022.pcap": ("sm-2022", "11:30", {"encrypted": 6}),
    "windows-11.pcap": ("sm-win11", "11:40", {"shares": ("IPC$",), "smb1_first": False, "signing_required": True}),
}


REALM = "PLANT.EXAMPLE"


def main():
    windows_hosts()
    multi_channel()
    windows_2003()
    kerberos_errors()
    not_windows()


def windows_hosts():
    client = plan.device("sm-client")
    for file, (name, clock, options) in HOSTS.items():
        server = plan.device(name)
        wire = Wire(f"2026-03-02T{clock}:00")
        if server.says["os"]:
            say.session_smb1(wire, client, server, "operator")
            wire.wait(20)
        say.session(wire, client, server, "operator", **options)
        wire.save(f"smb/{file}")


# ---- SMB 3.1.1 with all it can do ---------------------------------------------------------------------------------


def multi_channel():
    client, server, second = (plan.device(name) for name in ("sm-win11", "sm-2025", "sm-2025-b"))
    wire = Wire("2026-03-02T11:50:00")
    with wire.tcp(client, server, 445) as conversation:
        talk = Full(conversation, client, server, 0x0311, wire.now, True)
        talk.negotiate(smb1_first=False)
        talk.set_up("operator")
        talk.share("IPC$")
        talk.interfaces([(server.ip, 3, 10_000_000_000, 3), (second.ip, 7, 1_000_000_000, 1), ("fe80::215:5dff:fe20:32c", 3, 10_000_000_000, 3)])
        with wire.tcp(client, second, 445) as other:
            channel = Full(other, client, second, 0x0311, wire.now, True)
            channel.negotiate(smb1_first=False)
            channel.binding = 1
            channel.set_up("operator")
        talk.compressed()
    wire.save("smb/multi-channel.pcap")


class Full(say.Smb2):
    """Windows 11 and Windows Server 2025 with all negotiate contexts."""

    binding = 0

    def negotiate(self, smb1_first):
        offered = self.client.says["dialects"]
        names = struct.pack(f"<{len(offered)}H", *offered)
        entries = [(1, say.preauthentication(self.client.says["name"])), (2, struct.pack("<HHHHH", 4, 4, 3, 2, 1)), (3, struct.pack("<HHIHHHHH", 5, 0, 1, 1, 2, 3, 4, 5)),
                   (8, struct.pack("<HHHH", 3, 2, 1, 0)), (7, struct.pack("<HHIHH", 2, 0, 0, 1, 2)), (6, struct.pack("<I", 1)),
                   (5, self.server.says["name"].encode("utf-16-le"))]
        at = 64 + 36 + len(names)
        padding = -at % 8
        fixed = struct.pack("<HHHHI16sIHH", 36, len(offered), say.SIGNING_ENABLED, 0, 0xFF, say.digest(self.client.says["name"], "guid"), at + padding, len(entries), 0)
        self.exchange(say.NEGOTIATE, fixed + names + bytes(padding) + say.contexts(*entries), self.full_answer())

    def full_answer(self):
        blob = say.spnego_offer(self.dialect)
        entries = [(1, say.preauthentication(self.server.says["name"])), (2, struct.pack("<HH", 1, 2)), (3, struct.pack("<HHIHH", 2, 0, 1, 2, 4)), (8, struct.pack("<HH", 1, 2)),
                   (7, struct.pack("<HHIH", 1, 0, 0, 1)), (6, struct.pack("<I", 1))]
        padding = -(128 + len(blob)) % 8
        body = struct.pack("<HHHH16sIIII", 65, self.mode, self.dialect, len(entries), say.digest(self.server.says["name"], "guid"), 0xAF, 8 << 20, 8 << 20, 8 << 20)
        return body + struct.pack("<QQHHI", say.filetime(self.now), 0, 128, len(blob), 128 + len(blob) + padding) + blob + bytes(padding) + say.contexts(*entries)

    def set_up_question(self, blob):
        return struct.pack("<HBBIIHHQ", 25, self.binding, say.SIGNING_ENABLED, 1, 0, 64 + 24, len(blob), 0) + blob

    def interfaces(self, links):
        """FSCTL_QUERY_NETWORK_INTERFACE_INFO, which no file takes."""
        code, nothing = 0x0014_01FC, b"\xff" * 16
        question = struct.pack("<HHI16sIIIIIIII", 57, 0, code, nothing, 0, 0, 0, 0, 0, 65_536, 1, 0)
        listed = b""
        for number, (address, index, speed, able) in enumerate(links):
            last = number + 1 == len(links)
            if ":" in address:
                place = struct.pack("<HHI16sI", 23, 0, 0, ipaddress.ip_address(address).packed, 0)
            else:
                place = struct.pack("<HH4s", 2, 0, bytes(int(part) for part in address.split(".")))
            listed += struct.pack("<IIIIQ", 0 if last else 152, index, able, 0, speed) + place.ljust(128, b"\0")
        answer = struct.pack("<HHI16sIIIIII", 49, 0, code, nothing, 112, 0, 112, len(listed), 0, 0) + listed
        self.exchange(11, question, answer)

    def compressed(self):
        """An ECHO in plain LZ77, all of it literals: 32 of them behind each word of flags."""
        echo = self.header(13, 0) + struct.pack("<HH", 4, 0)
        packed = b""
        for at in range(0, len(echo), 32):
            literals = echo[at:at + 32]
            packed += struct.pack("<I", (1 << 32 - len(literals)) - 1) + literals
        message = struct.pack("<4sIHHI", b"\xfcSMB", len(echo), 2, 0, 0) + packed
        self.conversation.ask(say.netbios(message))


# ---- SMB1 of Windows Server 2003 ----------------------------------------------------------------------------------


def windows_2003():
    server, client = plan.device("sm-2003"), plan.device("sm-2012r2")
    wire = Wire("2026-03-02T12:00:00")
    with wire.tcp(client, server, 445) as conversation:
        talk = Old(conversation, client, server, wire.now)
        talk.negotiate()
        talk.set_up(client.says["name"] + "$")
        talk.share_with_password("BATCH", b"invented")
    wire.save("smb/windows-server-2003.pcap")


class Old(say.Smb1):
    def negotiate(self):
        body = b"".join(b"\x02" + d + b"\0" for d in (b"PC NETWORK PROGRAM 1.0", b"XENIX CORE", b"MICROSOFT NETWORKS 1.03", b"LANMAN1.0",
                                                     b"Windows for Workgroups 3.1a", b"LM1.2X002", b"LANMAN2.1", b"NT LM 0.12"))
        mechanisms = say.der(0x30, b"".join(say.oid(name) for name in (*say.KERBEROS_OIDS, "1.2.840.113554.1.2.2.3", say.NTLMSSP_OID)))
        hint = say.der(0xA3, say.der(0x30, say.der(0xA0, say.der(0x1B, f"{self.server.says['name'].lower()}$@{REALM}".encode()))))
        blob = say.der(0x60, say.oid(say.SPNEGO_OID) + say.der(0xA0, say.der(0x30, say.der(0xA0, mechanisms) + hint)))
        data = say.digest(self.server.says["name"], "guid") + blob
        answer = struct.pack("<BHBHHIIIIQhBH", 17, 7, 0x03, 50, 1, 16_644, 65_536, 0, 0x8000_F3FD, say.filetime(self.now), -60, 0, len(data)) + data
        self.exchange(say.SMB1_NEGOTIATE, struct.pack("<BH", 0, len(body)) + body, answer)

    def share_with_password(self, name, password):
        path = f"\\\\{self.server.says['name']}\\{name}".encode("utf-16-le") + b"\0\0"
        padding = b"\0" * ((32 + 11 + len(password)) % 2)
        body = password + padding + path + b"?????\0"
        question = struct.pack("<BBBHHHH", 4, 0xFF, 0, 0, 0x0008, len(password), len(body)) + body
        service = b"A:\0" + "NTFS\0".encode("utf-16-le")
        self.exchange(say.SMB1_TREE_CONNECT, question, struct.pack("<BBBHHH", 3, 0xFF, 0, 0, 1, len(service)) + service)


# ---- Kerberos that nobody grants ----------------------------------------------------------------------------------


def kerberos_errors():
    client, server = plan.device("sm-win10"), plan.device("sm-2022")
    wire = Wire("2026-03-02T12:10:00")
    principal = ("cifs", "dc01.plant.example")
    tokens = [
        (gss(say.KERBEROS_OIDS[1], b"\x01\x00", ap_request(principal, 23)), gss(say.KERBEROS_OIDS[1], b"\x03\x00", kerberos_error(principal, client.says["name"] + "$"))),
        (gss("1.2.840.113554.1.2.2.3", b"\x04\x00", tgt_request(principal)), b""),
        (gss("1.3.6.1.5.2.5", b"\x05\x01", say.der(0x30, say.der(0xA1, say.der(0x0C, REALM.encode())))), b""),
    ]
    for question, answer in tokens:
        with wire.tcp(client, server, 445) as conversation:
            talk = say.Smb2(conversation, client, server, 0x0311, wire.now, True)
            talk.negotiate(smb1_first=False)
            mechanism = say.der(0xA0, say.der(0x30, say.oid(say.KERBEROS_OIDS[0])))
            ask = say.der(0x60, say.oid(say.SPNEGO_OID) + say.der(0xA0, say.der(0x30, mechanism + say.der(0xA2, say.der(0x04, question)))))
            conversation.ask(say.netbios(talk.header(say.SESSION_SETUP, 0) + talk.set_up_question(ask)))
            reply = say.der(0xA1, say.der(0x30, say.der(0xA0, say.der(0x0A, b"\x01")) + say.der(0xA1, say.oid(say.KERBEROS_OIDS[0]))
                                           + (say.der(0xA2, say.der(0x04, answer)) if answer else b"")))
            conversation.answer(say.netbios(talk.header(say.SESSION_SETUP, say.FROM_SERVER, say.MORE_PROCESSING) + talk.set_up_answer(reply)))
        wire.wait(5)
    wire.save("smb/kerberos-errors.pcap")


def gss(mechanism, kind, message):
    return say.der(0x60, say.oid(mechanism) + kind + message)


def number(tag, value):
    return say.der(tag, say.der(0x02, bytes([value])))


def text(tag, value):
    return say.der(tag, say.der(0x1B, value.encode()))


def name(tag, kind, parts):
    return say.der(tag, say.der(0x30, number(0xA0, kind) + say.der(0xA1, say.der(0x30, b"".join(say.der(0x1B, part.encode()) for part in parts)))))


def encrypted(tag, kind, purpose, blocks):
    cipher = b"".join(say.digest(purpose, str(block)) for block in range(blocks))
    return say.der(tag, say.der(0x30, number(0xA0, kind) + number(0xA1, 3) + say.der(0xA2, say.der(0x04, cipher))))


def ap_request(principal, kind):
    ticket = say.der(0x61, say.der(0x30, number(0xA0, 5) + text(0xA1, REALM) + name(0xA2, 2, principal) + encrypted(0xA3, kind, "ticket", 20)))
    options = say.der(0xA2, say.der(0x03, b"\0\x20\0\0\0"))
    return say.der(0x6E, say.der(0x30, number(0xA0, 5) + number(0xA1, 14) + options + say.der(0xA3, ticket) + encrypted(0xA4, kind, "authenticator", 8)))


def kerberos_error(principal, machine):
    clock = say.der(0xA4, say.der(0x18, b"20260302121000Z")) + number(0xA5, 7)
    error = number(0xA6, 37)  # KRB_AP_ERR_SKEW
    return say.der(0x7E, say.der(0x30, number(0xA0, 5) + number(0xA1, 30) + clock + error + text(0xA7, REALM) + name(0xA8, 1, (machine,))
                                 + text(0xA9, REALM) + name(0xAA, 2, principal)))


def tgt_request(principal):
    return say.der(0x30, number(0xA0, 5) + number(0xA1, 16) + name(0xA2, 2, principal) + text(0xA3, REALM))


# ---- others -------------------------------------------------------------------------------------------------------


def not_windows():
    wire = Wire("2026-03-02T12:20:00")
    jcifs, kernel, ascii_only = (plan.device(device) for device in ("sm-jcifs", "sm-kernel", "sm-ce"))
    celerra, netapp, samba = (plan.device(device) for device in ("sm-celerra", "sm-netapp", "sm-samba"))
    bare_session(wire, jcifs, celerra, wide("Linux", "jCIFS"), wide("EMC-SNAS:T6.0.70.404", "NT1", "PLANT"))
    wire.wait(10)
    # A client that writes ASCII although its header promises UTF-16, and leaves the LAN manager out.
    bare_session(wire, ascii_only, netapp, b"Windows 4.0\0", wide("SpinStream2", "NTLM 0.12", "PLANT"), pad=False)
    wire.wait(10)
    kernel_session(wire, kernel, samba)
    wire.save("smb/not-windows.pcap")


def wide(*names):
    return "".join(name + "\0" for name in names).encode("utf-16-le")


def bare_session(wire, client, server, of_client, of_server, pad=True):
    """SMB1 without extended security: a response of NTLM, then the names."""
    with wire.tcp(client, server, 445) as conversation:
        talk = say.Smb1(conversation, client, server, wire.now)
        body = b"\x02NT LM 0.12\0"
        words = struct.pack("<BHBHHIIIIQhB", 17, 0, 0x03, 50, 1, 16_644, 65_536, 0, 0x0000_005C, say.filetime(wire.now), 0, 8)
        data = say.digest(server.name, "challenge")[:8] + "PLANT\0".encode("utf-16-le")
        talk.exchange(say.SMB1_NEGOTIATE, struct.pack("<BH", 0, len(body)) + body, words + struct.pack("<H", len(data)) + data)
        passwords = say.digest(client.name, "lm") + say.digest(client.name, "lm2")[:8] + say.digest(client.name, "nt") + say.digest(client.name, "nt2")[:8]
        names = wide("maintainer", "PLANT") + of_client if pad else b"maintainer\0PLANT\0" + of_client
        data = passwords + (b"\0" * ((32 + 29 + len(passwords)) % 2) if pad else b"") + names
        words = struct.pack("<BBBHHHHIHHII", 13, 0xFF, 0, 0, 16_644, 50, 0, 0, 24, 24, 0, 0x0000_0054)
        data_of_server = b"\0" + of_server
        answer = struct.pack("<BBBHHH", 3, 0xFF, 0, 0, 1, len(data_of_server)) + data_of_server
        talk.exchange(say.SMB1_SESSION_SETUP, words + struct.pack("<H", len(data)) + data, answer)


def kernel_session(wire, client, server):
    """The kernel of Linux says its own version in NTLM and asks for POSIX; Samba grants it."""
    with wire.tcp(client, server, 445) as conversation:
        names = struct.pack("<H", 0x0311)
        posix = (0x0100, bytes.fromhex("93ad25509cb411e7b42383de968bcd7c"))
        entries = [(1, say.preauthentication(client.name)), (2, struct.pack("<HHHH", 3, 2, 4, 1)), (5, server.ip.encode("utf-16-le")), posix]
        at = 64 + 36 + len(names)
        padding = -at % 8
        question = struct.pack("<HHHHI16sIHH", 36, 1, say.SIGNING_ENABLED, 0, 0x77, say.digest(client.name, "guid"), at + padding, len(entries), 0)
        talk = say.Smb2(conversation, client, server, 0x0311, wire.now, False)
        blob = say.der(0x60, say.oid(say.SPNEGO_OID) + say.der(0xA0, say.der(0x30, say.der(0xA0, say.der(0x30, say.oid(say.NTLMSSP_OID))))))
        chosen = say.contexts((1, say.preauthentication(server.name)), (2, struct.pack("<HH", 1, 2)), posix)
        padding_of_blob = -(128 + len(blob)) % 8
        body = struct.pack("<HHHH16sIIII", 65, 1, 0x0311, 3, b"filesrv".ljust(16, b"\0"), 0x2F, 8 << 20, 8 << 20, 8 << 20)
        answer = body + struct.pack("<QQHHI", say.filetime(wire.now), 0, 128, len(blob), 128 + len(blob) + padding_of_blob) + blob + bytes(padding_of_blob) + chosen
        talk.exchange(say.NEGOTIATE, question + names + bytes(padding) + say.contexts(*entries), answer)
        version = struct.pack("<BBHxxxB", 6, 1, 40, 15)
        token = say.spnego_init(struct.pack("<8sII8x8x", b"NTLMSSP\0", 1, 0xE208_8215) + version)
        conversation.ask(say.netbios(talk.header(say.SESSION_SETUP, 0) + talk.set_up_question(token)))


if __name__ == "__main__":
    main()
