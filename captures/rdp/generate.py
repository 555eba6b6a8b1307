#!/usr/bin/env python3
"""Generate a Windows host with CredSSP, as it is seen where TLS was taken off, and one that is asked too little."""

import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import plan  # noqa: E402
import say_smb as say  # noqa: E402
from wire import Wire  # noqa: E402

CASES = {
    "windows.pcap": ("A host that demands CredSSP: a client that offers TLS only is refused, one that offers CredSSP goes on behind TLS, and a third "
                     "conversation is as a decrypting tap shows it: NTLM in CredSSP in the clear.", "", ["rdp"]),
}

TLS, CREDSSP = 0x01, 0x02


def connect(code, variable):
    x224 = struct.pack(">BBHHB", 6 + len(variable), code, 0, 0, 0) + variable
    return struct.pack(">BBH", 3, 0, 4 + len(x224)) + x224


def request(protocols):
    return connect(0xE0, b"Cookie: mstshash=invented\r\n" + struct.pack("<BBHI", 1, 0, 8, protocols))


def confirm(kind, flags, value):
    return connect(0xD0, struct.pack("<BBHI", kind, flags, 8, value))


def ts_request(token):
    item = say.der(0x30, say.der(0xA0, say.der(0x04, token)))
    return say.der(0x30, say.der(0xA0, say.der(0x02, b"\x06")) + say.der(0xA1, say.der(0x30, item)))


def main():
    client, server = plan.device("rd-client"), plan.device("rd-2019")
    wire = Wire("2026-03-02T13:00:00")
    with wire.tcp(client, server, 3389) as conversation:
        conversation.ask(request(TLS))
        conversation.answer(confirm(3, 0, 5))
    with wire.tcp(client, server, 3389) as conversation:
        conversation.ask(request(TLS | CREDSSP))
        conversation.answer(confirm(2, 0x1F, CREDSSP))
        # An empty alert record: enough to see that what follows is TLS.
        conversation.ask(b"\x15\x03\x03\x00\x02\x01\x00")
    wire.wait(5)
    with wire.tcp(client, server, 3389) as conversation:
        conversation.ask(request(TLS | CREDSSP))
        conversation.answer(confirm(2, 0x1F, CREDSSP))
        conversation.ask(ts_request(say.spnego_init(say.ntlm_negotiate(client.says))))
        conversation.answer(ts_request(say.spnego_targ(1, say.ntlm_challenge(server.says, wire.now))))
        conversation.ask(ts_request(say.spnego_targ(None, say.ntlm_authenticate(client.says, client.says["name"] + "$"))))
    wire.save("rdp/windows.pcap")


if __name__ == "__main__":
    main()
