#!/usr/bin/env python3
"""Generate tls/: versions that no program at hand speaks any more."""

import base64
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import plan  # noqa: E402
from wire import Wire  # noqa: E402

CASES = {
    "ssl.pcap": ("An old panel says hello as SSL 2.0 does: a server answers in SSL 3.0 with a certificate whose names take two bytes a letter, another "
                 "time in SSL 2.0; a hello and a certificate that take several records.", "", ["tls"]),
}

# Self-signed with OpenSSL 3.0.19: RSA 1024 and SHA-1, names in BMPString.
CERTIFICATE = base64.b64decode(
    "MIIB/jCCAWegAwIBAgIBCTANBgkqhkiG9w0BAQUFADAuMRUwEwYDVQQDHgwBQQDzAGQBegAgADQxFTATBgNVBAoeDABTAHQAcgBhAN8AZTAeFw0yNjExMjMw"
    "NTIyMjlaFw0yNjEyMjMwNTIyMjlaMC4xFTATBgNVBAMeDAFBAPMAZAF6ACAANDEVMBMGA1UECh4MAFMAdAByAGEA3wBlMIGfMA0GCSqGSIb3DQEBAQUAA4GN"
    "ADCBiQKBgQDahFMEp/RLy3FYYpL4PgF7ZRoCow5RMr26sedXcYvRm5JG7Sm2HSo/NfB4gwaWqR1JjpVuHDArxuP3KbMYKKt2gNQ1wupH+pez3NWhAjyGMmrp"
    "EPOMhOzyor/PORGwpd21tK+Gcd0q1I9DJrGHJX41gwp6Xkm2Lsys/kdMn9IfwwIDAQABoywwKjAJBgNVHRMEAjAAMB0GA1UdDgQWBBSTID9Az1kARvPc+S6c"
    "3M2xgVN60TANBgkqhkiG9w0BAQUFAAOBgQCQan05T0GEYWgppOr8oyaQ9md7nErcHKJRCdllRWgKNxI31x0pnKLiyTK9qrco36NYkEdkpBoLnavJwERcVz0h"
    "+n3YCjLzCGRad4iA1hXKygxzrhr5ZTXkUGEJU3x9eT2rE6uPxwpPQXcdsWlniMfwMy85UMNPFPVwfczBel3VVw=="
)


def sized(count, body):
    return len(body).to_bytes(count, "big") + body


def record(kind, body, minor=0):
    return bytes([kind, 3, minor]) + sized(2, body)


def message(kind, body):
    return bytes([kind]) + sized(3, body)


def hello_2(version, ciphers):
    """Of a client, as SSL 2.0 has it."""
    challenge = bytes(range(16))
    body = b"\x01" + version + len(ciphers).to_bytes(2, "big") + b"\0\0" + len(challenge).to_bytes(2, "big") + ciphers + challenge
    return (0x8000 | len(body)).to_bytes(2, "big") + body


def answer_2():
    ciphers, identifier = b"\x01\x00\x80\x07\x00\xc0", bytes(range(16))
    lengths = b"".join(len(part).to_bytes(2, "big") for part in (CERTIFICATE, ciphers, identifier))
    body = b"\x04\x00\x01\x00\x02" + lengths + CERTIFICATE + ciphers + identifier
    return (0x8000 | len(body)).to_bytes(2, "big") + body


def answer(version, suite):
    """A server's hello without extensions, its certificate, and the end of what it says."""
    hello = message(2, version + bytes(range(32)) + sized(1, bytes(range(16))) + suite + b"\0")
    return hello, message(11, sized(3, sized(3, CERTIFICATE))), message(14, b"")


def main():
    client, server = plan.device("tl-hmi"), plan.device("tl-ssl")
    wire = Wire("2026-12-30T08:00:00")
    both = b"\x00\x00\x04\x00\x00\x05\x00\x00\x0a\x01\x00\x80\x07\x00\xc0"
    with wire.tcp(client, server, 443) as conversation:
        conversation.ask(hello_2(b"\x03\x00", both))
        conversation.answer(record(22, b"".join(answer(b"\x03\x00", b"\x00\x04"))))
        conversation.ask(record(22, message(16, bytes(128))) + record(20, b"\x01") + record(22, bytes(56)))
        conversation.answer(record(20, b"\x01") + record(22, bytes(56)))
    wire.wait(5)
    with wire.tcp(client, server, 443) as conversation:
        conversation.ask(hello_2(b"\x00\x02", both[-6:]))
        conversation.answer(answer_2())
    wire.wait(5)
    suites = b"\x00\x2f\x00\x0a\x00\x05"
    name = b"meter-9.plant.example"
    extension = b"\0\0" + sized(2, sized(2, b"\0" + sized(2, name)))
    hello = message(1, b"\x03\x01" + bytes(range(32)) + b"\0" + sized(2, suites) + b"\x01\0" + sized(2, extension))
    replies = b"".join(answer(b"\x03\x01", b"\x00\x0a"))
    with wire.tcp(client, server, 8443) as conversation:
        conversation.ask(record(22, hello[:40], 1) + record(22, hello[40:], 1))
        conversation.answer(record(22, replies[:120], 1) + record(22, replies[120:], 1))
        conversation.ask(record(20, b"\x01", 1))
        conversation.answer(record(20, b"\x01", 1))
    wire.save("tls/ssl.pcap")


if __name__ == "__main__":
    main()
