#!/usr/bin/env python3
"""Generate the scenarios about hosts that speak SMB: a laptop that moves, what is and is not Windows, teamed cards.

Who is to be told from whom is in tests/suite/scenarios/.
"""

import dataclasses
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import say_link  # noqa: E402
import say_scene as say  # noqa: E402
import say_smb  # noqa: E402
from wire import Wire  # noqa: E402

CASES = {
    "12-laptop-moves.pcap": (
        "An engineering laptop gets an address in VLAN 121, and in the afternoon one in VLAN 122.", "", ["dhcp", "smb", "ntlmssp"]),
    "17-samba-as-windows-7.pcap": ("A Samba server that says NTLM version 6.1 with build 0.", "", ["smb", "ntlmssp"]),
    "18-windows-build.pcap": ("A Windows server that tells its build, 10.0.14393, and no update level.", "", ["smb", "ntlmssp"]),
    "19-encrypted.pcap": ("SMB 3.1.1 that is encrypted after session set-up.", "", ["smb", "ntlmssp"]),
    "31-teamed-cards.pcap": ("A server with two teamed cards: one address, frames from two MACs.", "", ["smb", "ntlmssp"]),
}


def laptop_moves():
    wire = Wire("2026-03-02T06:00:00")
    for vlan, transaction in ((121, 0x300C_0001), (122, 0x300C_0002)):
        wire.vlan = vlan
        switch, laptop, hmi = say.devices(f"s12-switch-{vlan}", f"s12-laptop-{vlan}", f"s12-hmi-{vlan}")
        say_link.lease(wire, switch, laptop, "ENG-LAPTOP12", "MSFT 5.0", transaction)
        wire.wait(1)
        wire.resolve(laptop, switch)
        say_smb.session(wire, laptop, hmi, "engineer", seconds=1)
        wire.wait(5 * 3_600)
    wire.save("scenarios/12-laptop-moves.pcap")


def session(file, client, server, **how):
    wire = Wire("2026-03-02T06:00:00")
    say_smb.session(wire, *say.devices(client, server), "operator", seconds=1, **how)
    wire.save(f"scenarios/{file}")


def teamed():
    wire = Wire("2026-03-02T06:00:00")
    client, one, two = say.devices("s31-client", "s31-team-1", "s31-team-2")
    wire.resolve(client, one)
    for card in (one, two, one, two):
        # The team answers ARP with its first card, and sends each conversation through one of both.
        server = dataclasses.replace(one, card=card.mac)
        say_smb.session(wire, client, server, "operator", smb1_first=False, seconds=0.1)
        wire.wait(10)
    wire.save("scenarios/31-teamed-cards.pcap")


if __name__ == "__main__":
    laptop_moves()
    session("17-samba-as-windows-7.pcap", "s17-client", "s17-samba", smb1_first=False)
    session("18-windows-build.pcap", "s18-client", "s18-server")
    session("19-encrypted.pcap", "s19-client", "s19-server", smb1_first=False, encrypted=4)
    teamed()
