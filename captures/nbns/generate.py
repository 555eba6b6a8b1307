#!/usr/bin/env python3
"""Generate the name service of Windows hosts, which no program at hand can play."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import plan  # noqa: E402
import say_names as say  # noqa: E402
from wire import Wire  # noqa: E402

CASES = {
    "windows-broadcast.pcap": ("A Windows XP panel and a domain controller register their names by broadcast; a second panel of the same name is refused and "
                               "later told of the conflict; node status of both, with MAC address, a logged-on user, and roles by suffix; a name query "
                               "that is answered with two addresses.", "", ["nbns"]),
    "windows-name-server.pcap": ("A WINS server asks for patience, grants and refuses names, and answers for hosts and for the controllers of a domain.", "", ["nbns"]),
}

UNIQUE = say.H_NODE
GROUP = say.GROUP | say.H_NODE
ACTIVE = 0x0400


def windows_broadcast():
    wire = Wire("2026-03-02T08:00:00")
    panel, controller, asker = (plan.device(name) for name in ("nb-winhmi", "nb-windc", "nb-client"))
    number = 0x8000
    for name, suffix, flags in [("HMI-MIX3", 0, 0), ("PLANT", 0, say.GROUP), ("HMI-MIX3", 0x20, 0), ("PLANT", 0x1E, say.GROUP)]:
        for wish in (True, True, True, False):
            say.broadcast(wire, panel, 137, say.registration(name, suffix, flags, panel.ip, number, wish=wish))
            wire.wait(0.75 if wish else 0)
        number += 1
    wire.wait(5)
    # The operator logs on: the messenger service registers both names.
    for name in ("HMI-MIX3", "MUELLER"):
        say.broadcast(wire, panel, 137, say.registration(name, 3, 0, panel.ip, number))
        number += 1
    wire.wait(2)
    say.broadcast(wire, controller, 137, say.registration("HMI-MIX3", 0, 0, controller.ip, 0x9000))
    wire.udp(panel, controller, 137, 137, say.answer("HMI-MIX3", 0, 0, panel.ip, number=0x9000, operation=5, code=6))
    wire.wait(3)
    wire.udp(panel, controller, 137, 137, say.answer("HMI-MIX3", 0, 0, panel.ip, number=0x9001, operation=5, code=7))
    wire.wait(10)
    ask(wire, asker, panel, say.node_status([("HMI-MIX3", 0, ACTIVE), ("HMI-MIX3", 0x20, ACTIVE), ("PLANT", 0, say.GROUP | ACTIVE), ("PLANT", 0x1E, say.GROUP | ACTIVE),
                                             ("HMI-MIX3", 3, ACTIVE), ("MUELLER", 3, ACTIVE), ("OLDNAME", 0, ACTIVE | 0x0800)], panel.mac, 0x0101), 0x0101)
    wire.wait(1)
    ask(wire, asker, controller, say.node_status(
        [("PLANT-DC1", 0, UNIQUE | ACTIVE), ("PLANT-DC1", 0x20, UNIQUE | ACTIVE), ("PLANT", 0, GROUP | ACTIVE), ("PLANT", 0x1C, GROUP | ACTIVE),
         ("PLANT", 0x1B, UNIQUE | ACTIVE), ("PLANT", 0x1D, UNIQUE | ACTIVE), ("PLANT", 0x1E, GROUP | ACTIVE), ("\x01\x02__MSBROWSE__\x02", 1, GROUP | ACTIVE)],
        controller.mac, 0x0102), 0x0102)
    wire.wait(1)
    say.broadcast(wire, asker, 137, say.dns(0x0110, [(say.netbios("PLANT-DC1", 0x20), say.NB)], number=0x0103))
    wire.udp(controller, asker, 137, 137, say.answer("PLANT-DC1", 0x20, UNIQUE, controller.ip, "172.20.11.31", number=0x0103))
    wire.save("nbns/windows-broadcast.pcap")


def ask(wire, asker, host, answer, number):
    wire.udp(asker, host, 137, 137, say.dns(0, [(say.netbios("*", 0, b"\0"), say.NBSTAT)], number=number))
    wire.udp(host, asker, 137, 137, answer)


def windows_name_server():
    wire = Wire("2026-03-02T08:30:00")
    panel, controller, server, asker = (plan.device(name) for name in ("nb-winhmi", "nb-windc", "nb-winwins", "nb-client"))
    wire.udp(panel, server, 137, 137, say.registration("HMI-MIX3", 0, UNIQUE, panel.ip, 0xA000, by_broadcast=False))
    # It first asks the host that had the name before.
    wire.udp(server, panel, 137, 137, say.dns(0xBC00, answers=[say.record(say.netbios("HMI-MIX3", 0), 0x0A, b"\x29\x00", 5)], number=0xA000))
    wire.wait(1.5)
    wire.udp(server, panel, 137, 137, say.answer("HMI-MIX3", 0, UNIQUE, panel.ip, number=0xA000, operation=5, server=True))
    wire.wait(1)
    wire.udp(panel, server, 137, 137, say.registration("PLANT-DC1", 0, UNIQUE, panel.ip, 0xA001, by_broadcast=False))
    wire.udp(server, panel, 137, 137, say.answer("PLANT-DC1", 0, UNIQUE, panel.ip, number=0xA001, operation=5, code=6, server=True))
    wire.wait(1)
    wire.udp(controller, server, 137, 137, say.registration("PLANT", 0x1B, UNIQUE, controller.ip, 0xB000, operation=8, by_broadcast=False))
    wire.udp(server, controller, 137, 137, say.answer("PLANT", 0x1B, UNIQUE, controller.ip, number=0xB000, operation=5, server=True))
    wire.wait(1)
    for name, suffix, flags, addresses, number in [("HMI-MIX3", 0x20, UNIQUE, [panel.ip], 0x0201), ("PLANT", 0x1C, GROUP, [controller.ip, "10.20.12.33"], 0x0202)]:
        wire.udp(asker, server, 137, 137, say.dns(0x0100, [(say.netbios(name, suffix), say.NB)], number=number))
        wire.udp(server, asker, 137, 137, say.answer(name, suffix, flags, *addresses, number=number, server=True))
        wire.wait(1)
    wire.save("nbns/windows-name-server.pcap")


if __name__ == "__main__":
    windows_broadcast()
    windows_name_server()
