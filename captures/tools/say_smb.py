"""SMB1, SMB2 and NTLMSSP messages for the generated captures: negotiate, session set-up, a share, log off.

Windows hosts say what plan.windows() holds. Challenges, responses and keys are digests of names; no password exists.
"""

import hashlib
import struct

SMB1_NEGOTIATE, SMB1_SESSION_SETUP, SMB1_TREE_CONNECT, SMB1_LOGOFF = 0x72, 0x73, 0x75, 0x74
NEGOTIATE, SESSION_SETUP, LOGOFF, TREE_CONNECT, TREE_DISCONNECT = 0, 1, 2, 3, 4
MORE_PROCESSING = 0xC000_0016
FROM_SERVER = 0x0000_0001
SMB2_WILDCARD = 0x02FF
SIGNING_ENABLED, SIGNING_REQUIRED = 0x01, 0x02
NTLMSSP_OID = "1.3.6.1.4.1.311.2.2.10"
KERBEROS_OIDS = ("1.2.840.48018.1.2.2", "1.2.840.113554.1.2.2")
SPNEGO_OID = "1.3.6.1.5.5.2"
EPOCH_1601_SECONDS = 11_644_473_600


def session(wire, client, server, user, shares=("IPC$",), smb1_first=True, encrypted=0, signing_required=False, seconds=4.0):
    """A whole SMB2 session; `encrypted` is the number of messages each way that nobody can read."""
    dialect = max(set(client.says["dialects"]) & set(server.says["dialects"]))
    with wire.tcp(client, server, 445) as conversation:
        talk = Smb2(conversation, client, server, dialect, wire.now, signing_required)
        talk.negotiate(smb1_first)
        talk.set_up(user)
        if encrypted:
            talk.hidden(encrypted)
        else:
            for share in shares:
                talk.share(share)
                wire.wait(seconds)
            talk.exchange(LOGOFF, struct.pack("<HH", 4, 0), struct.pack("<HH", 4, 0))


def session_smb1(wire, client, server, user, shares=("IPC$",), seconds=4.0):
    """A whole SMB1 session with extended security."""
    with wire.tcp(client, server, 445) as conversation:
        talk = Smb1(conversation, client, server, wire.now)
        talk.negotiate()
        talk.set_up(user)
        for share in shares:
            talk.share(share)
            wire.wait(seconds)
        logoff = b"\x02\xff\x00\x00\x00\x00\x00"
        talk.exchange(SMB1_LOGOFF, logoff, logoff)


class Smb2:
    def __init__(self, conversation, client, server, dialect, now, signing_required):
        self.conversation, self.client, self.server = conversation, client, server
        self.dialect, self.now = dialect, now
        self.message = 0
        self.identity = 0
        self.tree = 0
        self.mode = SIGNING_REQUIRED | SIGNING_ENABLED if signing_required else SIGNING_ENABLED

    def negotiate(self, smb1_first):
        if smb1_first:
            dialects = [b"NT LM 0.12", b"SMB 2.002", b"SMB 2.???"]
            body = b"".join(b"\x02" + d + b"\0" for d in dialects)
            self.conversation.ask(netbios(smb1(SMB1_NEGOTIATE, struct.pack("<BH", 0, len(body)) + body)))
            self.conversation.answer(netbios(self.header(NEGOTIATE, FROM_SERVER) + self.negotiate_answer(SMB2_WILDCARD)))
            self.message = 1
        offered = self.client.says["dialects"]
        fixed = struct.pack("<HHHHI16s", 36, len(offered), SIGNING_ENABLED, 0, 0x7F if 0x0311 in offered else 0x00, digest(self.client.says["name"], "guid"))
        names = struct.pack(f"<{len(offered)}H", *offered)
        if 0x0311 in offered:
            at = 64 + 36 + len(names)
            padding = -at % 8
            fixed += struct.pack("<IHH", at + padding, 2, 0)
            names += b"\0" * padding + contexts((1, preauthentication(self.client.says["name"])), (2, struct.pack("<HHH", 2, 2, 1)))
        else:
            fixed += bytes(8)
        self.exchange(NEGOTIATE, fixed + names, self.negotiate_answer(self.dialect))

    def negotiate_answer(self, dialect):
        blob = spnego_offer(dialect)
        boot = self.now - 1_000_000 * (86_400 * 9 + int.from_bytes(digest(self.server.says["name"], "boot")[:2], "big"))
        extra = b""
        offset = count = 0
        if dialect == 0x0311:
            count, padding = 2, -(128 + len(blob)) % 8
            offset = 128 + len(blob) + padding
            extra = b"\0" * padding + contexts((1, preauthentication(self.server.says["name"])), (2, struct.pack("<HH", 1, 2)))
        started = filetime(boot) if self.server.says["version"] < (10, 0, 17763) else 0  # later Windows hides its start
        # Samba takes its host name for the GUID.
        guid = self.server.says["name"].encode()[:16] if self.server.model == "Samba" else digest(self.server.says["name"], "guid")
        body = struct.pack("<HHHH16sIIII", 65, self.mode, dialect, count, guid,
                           0x2F if dialect >= 0x0300 else 0x07, 8 << 20, 8 << 20, 8 << 20)
        return body + struct.pack("<QQHHI", filetime(self.now), started, 128, len(blob), offset) + blob + extra

    def set_up(self, user):
        ask = spnego_init(ntlm_negotiate(self.client.says))
        answer = spnego_targ(1, ntlm_challenge(self.server.says, self.now))
        # The server names the session in its first answer.
        question = self.header(SESSION_SETUP, 0) + self.set_up_question(ask)
        self.conversation.ask(netbios(question))
        self.identity = int.from_bytes(digest(self.server.says["name"], user)[:5], "big") << 4 | 1
        self.conversation.answer(netbios(self.header(SESSION_SETUP, FROM_SERVER, MORE_PROCESSING) + self.set_up_answer(answer)))
        self.message += 1
        self.exchange(SESSION_SETUP, self.set_up_question(spnego_targ(None, ntlm_authenticate(self.client.says, user))),
                      self.set_up_answer(spnego_targ(0, b"")))

    def set_up_question(self, blob):
        return struct.pack("<HBBIIHHQ", 25, 0, SIGNING_ENABLED, 1, 0, 64 + 24, len(blob), 0) + blob

    def set_up_answer(self, blob):
        return struct.pack("<HHHH", 9, 0, 64 + 8, len(blob)) + blob

    def share(self, name):
        path = f"\\\\{self.server.ip}\\{name}".encode("utf-16-le")
        self.tree = 0
        question = self.header(TREE_CONNECT, 0) + struct.pack("<HHHH", 9, 0, 64 + 8, len(path)) + path
        self.conversation.ask(netbios(question))
        self.tree = 5 if name == "IPC$" else 9
        kind = 2 if name == "IPC$" else 1
        self.conversation.answer(netbios(self.header(TREE_CONNECT, FROM_SERVER) + struct.pack("<HBBIII", 16, kind, 0, 0x30, 0, 0x001F_01FF)))
        self.message += 1
        self.exchange(TREE_DISCONNECT, struct.pack("<HH", 4, 0), struct.pack("<HH", 4, 0))
        self.tree = 0

    def hidden(self, count):
        for number in range(count):
            for side, send in (("client", self.conversation.ask), ("server", self.conversation.answer)):
                noise = b"".join(digest(f"{self.server.ip}{side}{number}", str(part)) for part in range(9))
                send(netbios(struct.pack("<4s16s11s5xIHHQ", b"\xfdSMB", digest(side, str(number)), noise[:11], len(noise), 0, 1, self.identity) + noise))

    def exchange(self, command, question, answer):
        self.conversation.ask(netbios(self.header(command, 0) + question))
        self.conversation.answer(netbios(self.header(command, FROM_SERVER) + answer))
        self.message += 1

    def header(self, command, flags, status=0):
        return struct.pack("<4sHHIHHIIQIIQ16s", b"\xfeSMB", 64, 1 if self.dialect > 0x0202 else 0, status, command, 1, flags, 0, self.message,
                           0x0000_FEFF, self.tree, self.identity, bytes(16))


class Smb1:
    def __init__(self, conversation, client, server, now):
        self.conversation, self.client, self.server, self.now = conversation, client, server, now
        self.user = 0
        self.tree = 0
        self.number = 0

    def negotiate(self):
        body = b"".join(b"\x02" + d + b"\0" for d in (b"PC NETWORK PROGRAM 1.0", b"LANMAN1.0", b"LM1.2X002", b"NT LM 0.12"))
        blob = spnego_offer(0)
        data = digest(self.server.says["name"], "guid") + blob
        answer = struct.pack("<BHBHHIIIIQHBH", 17, 3, 0x03, 50, 1, 16_644, 65_536, 0, 0x8000_F3FD, filetime(self.now), 0, 0, len(data)) + data
        self.exchange(SMB1_NEGOTIATE, struct.pack("<BH", 0, len(body)) + body, answer)

    def set_up(self, user):
        negotiate, challenge = spnego_init(ntlm_negotiate(self.client.says)), spnego_targ(1, ntlm_challenge(self.server.says, self.now))
        self.conversation.ask(netbios(self.message(self.set_up_question(negotiate))))
        self.user = 2048
        self.conversation.answer(netbios(self.message(self.set_up_answer(challenge), MORE_PROCESSING, answer=True)))
        self.number += 1
        authenticate = spnego_targ(None, ntlm_authenticate(self.client.says, user))
        self.exchange(SMB1_SESSION_SETUP, self.set_up_question(authenticate), self.set_up_answer(spnego_targ(0, b"")))

    def message(self, body, status=0, answer=False, command=SMB1_SESSION_SETUP):
        return smb1(command, body, status, answer, self.tree, self.user, self.number)

    def set_up_question(self, blob):
        words = struct.pack("<BBBHHHHIHII", 12, 0xFF, 0, 0, 16_644, 50, 0, 0, len(blob), 0, 0x8000_00D4)
        return words + bytes_with_texts(blob, 32 + len(words) + 2, self.client.says)

    def set_up_answer(self, blob):
        words = struct.pack("<BBBHHH", 4, 0xFF, 0, 0, 0, len(blob))
        return words + bytes_with_texts(blob, 32 + len(words) + 2, self.server.says)

    def share(self, name):
        path = f"\\\\{self.server.ip}\\{name}".encode("utf-16-le") + b"\0\0"
        self.tree = 0
        # One byte of password, which leaves the path on an even offset, and the service as plain text.
        body = b"\0" + path + b"?????\0"
        question = struct.pack("<BBBHHHH", 4, 0xFF, 0, 0, 0x0008, 1, len(body)) + body
        self.conversation.ask(netbios(self.message(question, command=SMB1_TREE_CONNECT)))
        self.tree = 2049
        service = b"IPC\0\0\0" if name == "IPC$" else b"A:\0N\0T\0F\0S\0\0\0"
        answer = struct.pack("<BBBHHH", 3, 0xFF, 0, 0, 0x0001, len(service)) + service
        self.conversation.answer(netbios(self.message(answer, answer=True, command=SMB1_TREE_CONNECT)))
        self.number += 1

    def exchange(self, command, question, answer):
        self.conversation.ask(netbios(self.message(question, command=command)))
        self.conversation.answer(netbios(self.message(answer, answer=True, command=command)))
        self.number += 1


# ---- parts -----------------------------------------------------------------------------------------------------


def netbios(message):
    return struct.pack(">I", len(message)) + message


def smb1(command, body, status=0, answer=False, tree=0, user=0, number=0):
    flags = 0x98 if answer else 0x18
    return struct.pack("<4sBIBHH8sHHHHH", b"\xffSMB", command, status, flags, 0xC803, 0, bytes(8), 0, tree or 0xFFFF, 0xFEFF, user, number) + body


def bytes_with_texts(blob, at, says):
    """Byte count, security blob, then native OS and LAN manager as UTF-16 on an even offset."""
    padding = b"\0" * ((at + len(blob)) % 2)
    texts = (says["os"] + "\0" + says["manager"] + "\0").encode("utf-16-le")
    data = blob + padding + texts
    return struct.pack("<H", len(data)) + data


def contexts(*entries):
    out = b""
    for number, (kind, data) in enumerate(entries):
        out += struct.pack("<HHI", kind, len(data), 0) + data
        if number + 1 < len(entries):
            out += b"\0" * (-len(out) % 8)
    return out


def preauthentication(name):
    salt = digest(name, "salt") + digest(name, "pepper")
    return struct.pack("<HHH", 1, len(salt), 1) + salt


def ntlm_version(says):
    major, minor, build = says["version"]
    return struct.pack("<BBHxxxB", major, minor, build, 15)


def ntlm_negotiate(says):
    return struct.pack("<8sII8x8x", b"NTLMSSP\0", 1, 0xE208_8297) + ntlm_version(says)


def ntlm_challenge(says, now):
    target = says["domain"].encode("utf-16-le")
    computer = says["name"].lower() + ("." + says["dns"] if says["dns"] else "")
    pairs = [(2, says["domain"]), (1, says["name"]), (4, says["dns"] or says["name"].lower()), (3, computer)]
    if says["dns"]:
        pairs.append((5, says["dns"]))
    information = b"".join(struct.pack("<HH", kind, 2 * len(text)) + text.encode("utf-16-le") for kind, text in pairs)
    if says["version"] >= (6, 0, 0):
        information += struct.pack("<HHQ", 7, 8, filetime(now))
    information += bytes(4)
    flags = 0xE289_8215 if says["dns"] else 0xE28A_8215
    head = struct.pack("<8sIHHII8s8xHHI", b"NTLMSSP\0", 2, len(target), len(target), 56, flags, digest(says["name"], "challenge")[:8],
                       len(information), len(information), 56 + len(target))
    return head + ntlm_version(says) + target + information


def ntlm_authenticate(says, user):
    """The responses are digests: nothing that any password would produce."""
    fields = [digest(user, "lm") + digest(user, "lm2")[:8], b"".join(digest(user, str(n)) for n in range(6)), says["domain"].encode("utf-16-le"),
              user.encode("utf-16-le"), says["name"].encode("utf-16-le"), digest(user, "key")]
    at, table, payload = 64 + 8 + 16, b"", b""
    for field in fields:
        table += struct.pack("<HHI", len(field), len(field), at + len(payload))
        payload += field
    return struct.pack("<8sI", b"NTLMSSP\0", 3) + table + struct.pack("<I", 0xE288_8215) + ntlm_version(says) + digest(user, "mic") + payload


def spnego_offer(dialect):
    """The server's list of mechanisms, with the hint that Windows adds."""
    mechanisms = der(0x30, b"".join(oid(name) for name in (*KERBEROS_OIDS, NTLMSSP_OID)))
    hint = der(0xA3, der(0x30, der(0xA0, der(0x1B, b"not_defined_in_RFC4178@please_ignore"))))
    return der(0x60, oid(SPNEGO_OID) + der(0xA0, der(0x30, der(0xA0, mechanisms) + hint)))


def spnego_init(token):
    mechanisms = der(0xA0, der(0x30, oid(NTLMSSP_OID)))
    return der(0x60, oid(SPNEGO_OID) + der(0xA0, der(0x30, mechanisms + der(0xA2, der(0x04, token)))))


def spnego_targ(state, token):
    parts = b""
    if state is not None:
        parts += der(0xA0, der(0x0A, bytes([state])))
    if state == 1:
        parts += der(0xA1, oid(NTLMSSP_OID))
    if token:
        parts += der(0xA2, der(0x04, token))
    return der(0xA1, der(0x30, parts))


def der(tag, data):
    size = len(data)
    if size < 0x80:
        head = bytes([size])
    elif size < 0x100:
        head = bytes([0x81, size])
    else:
        head = struct.pack(">BH", 0x82, size)
    return bytes([tag]) + head + data


def oid(text):
    first, second, *rest = (int(part) for part in text.split("."))
    out = bytes([first * 40 + second])
    for number in rest:
        groups = [number & 0x7F]
        while number := number >> 7:
            groups.insert(0, number & 0x7F | 0x80)
        out += bytes(groups)
    return der(0x06, out)


def digest(name, purpose):
    return hashlib.md5(f"{name}/{purpose}".encode()).digest()


def filetime(microseconds):
    return (microseconds + EPOCH_1601_SECONDS * 1_000_000) * 10
