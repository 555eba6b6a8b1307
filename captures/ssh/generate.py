#!/usr/bin/env python3
"""Generate ssh/: identifications of devices that no program at hand plays."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import plan  # noqa: E402
from wire import Wire  # noqa: E402

CASES = {
    "identifications.pcap": ("Servers that say who they are and no more: a Moxa switch, a Cisco one that also speaks version 1, a Windows host, a host "
                             "of version 1, and one with a notice in front.", "", ["ssh"]),
}

SERVERS = [("sh-moxa", b"SSH-2.0-moxa_1.0\r\n"), ("sh-cisco", b"SSH-1.99-Cisco-1.25\n"), ("sh-windows", b"SSH-2.0-OpenSSH_for_Windows_8.1\r\n"),
           ("sh-old", b"SSH-1.5-1.2.27\n"), ("sh-notice", b"Authorised use only.\r\nSSH-2.0-OpenSSH_7.4p1 Raspbian-10+deb9u7\r\n")]


def main():
    client = plan.device("sh-client")
    wire = Wire("2026-03-02T13:00:00")
    for name, said in SERVERS:
        with wire.tcp(client, plan.device(name), 22) as conversation:
            conversation.answer(said)
            conversation.ask(b"SSH-2.0-PuTTY_Release_0.78\r\n")
        wire.wait(5)
    wire.save("ssh/identifications.pcap")


if __name__ == "__main__":
    main()
