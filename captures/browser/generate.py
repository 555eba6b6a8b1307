#!/usr/bin/env python3
"""Generate what Windows hosts of several releases announce, and how they look for a domain controller."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import plan  # noqa: E402
import say_names as say  # noqa: E402
from wire import Wire  # noqa: E402

CASES = {
    "windows-announcements.pcap": ("Windows 2000 (behind address translation), XP, 7, Server 2008 R2, Server 2012 and 10 and an old Samba announce themselves; "
                                   "an election, a master browser's announcements and its list of backup browsers; one datagram in two parts.", "", ["browser"]),
    "windows-log-on.pcap": ("A Windows 10 host looks for a domain controller and for the primary one; an NT 4.0 and a Server 2012 controller answer, in both forms.",
                            "", ["browser"]),
}

BROWSE, NETLOGON = "\\MAILSLOT\\BROWSE", "\\MAILSLOT\\NET\\NETLOGON"
HOST, LOCAL_MASTER = 1, 15
WORKSTATION, SERVER, SQL, DC, TIME, MEMBER = 0x1, 0x2, 0x4, 0x8, 0x20, 0x100
NT, NT_SERVER, POTENTIAL, BACKUP, MASTER, DOMAIN_MASTER, PRINT, UNIX = 0x1000, 0x8000, 0x1_0000, 0x2_0000, 0x4_0000, 0x8_0000, 0x200, 0x800
SID = bytes.fromhex("010400000000000515000000") + bytes(range(1, 13))


def windows_announcements():
    wire = Wire("2026-03-02T09:00:00")
    number = 0x8100
    hosts = [
        ("br-nat", "BATCH4", (5, 0), WORKSTATION | SERVER | NT | POTENTIAL, "", "192.168.1.36"),
        ("br-xp", "HMI-PACK1", (5, 1), WORKSTATION | SERVER | NT | POTENTIAL, "Packaging line 1", None),
        ("br-win7", "ENG-WS2", (6, 1), WORKSTATION | SERVER | NT | POTENTIAL | BACKUP, "Engineering", None),
        ("br-2008r2", "HISTORIAN2", (6, 1), WORKSTATION | SERVER | SQL | MEMBER | NT | NT_SERVER, "Historian", None),
        ("br-win10", "ENG-WS3", (10, 0), WORKSTATION | SERVER | NT, "", None),
        ("br-oldsamba", "NAS-OLD", (4, 9), WORKSTATION | SERVER | PRINT | UNIX | NT | NT_SERVER, "Samba 3.0.37", None),
    ]
    for name, netbios, version, server_type, comment, inside in hosts:
        device = plan.device(name)
        body = say.announcement(HOST, netbios, version, server_type, comment)
        say.broadcast(wire, device, 138, say.datagram(device, (netbios, 0), ("PLANT", 0x1D), BROWSE, body, number, address=inside))
        number += 1
        wire.wait(2)
    controller = plan.device("br-2012")
    bid = say.election(0x2001_0FAF, 86_400_000, "PLANT-DC2")
    say.broadcast(wire, controller, 138, say.datagram(controller, ("PLANT-DC2", 0), ("PLANT", 0x1E), BROWSE, bid, number))
    wire.wait(4)
    server_type = WORKSTATION | SERVER | DC | TIME | NT | POTENTIAL | MASTER | DOMAIN_MASTER
    master = say.announcement(LOCAL_MASTER, "PLANT-DC2", (6, 2), server_type, "")
    say.broadcast(wire, controller, 138, say.datagram(controller, ("PLANT-DC2", 0), ("PLANT", 0x1E), BROWSE, master, number + 1))
    domain = say.domain_announcement("PLANT", "PLANT-DC2")
    say.broadcast(wire, controller, 138, say.datagram(controller, ("PLANT-DC2", 0), ("\x01\x02__MSBROWSE__\x02", 1), BROWSE, domain, number + 2, kind=0x12))
    wire.wait(20)
    asker = plan.device("br-xp")
    say.broadcast(wire, asker, 138, say.datagram(asker, ("HMI-PACK1", 0), ("PLANT", 0x1D), BROWSE, b"\x09\x04\x07\x00\x00\x00", 0x9001))
    listed = say.backup_list(7, "PLANT-DC2", "ENG-WS2")
    wire.udp(controller, asker, 138, 138, say.datagram(controller, ("PLANT-DC2", 0), ("HMI-PACK1", 0), BROWSE, listed, number + 3, kind=0x10))
    whole = say.datagram(asker, ("HMI-PACK1", 0), ("PLANT", 0x1D), BROWSE, say.announcement(HOST, "HMI-PACK1", (5, 1), 3, "x" * 40), 0x9002)
    say.broadcast(wire, asker, 138, whole[:1] + b"\x1b" + whole[2:])
    wire.save("browser/windows-announcements.pcap")


def windows_log_on():
    wire = Wire("2026-03-02T09:30:00")
    client, modern, old = (plan.device(name) for name in ("br-win10", "br-2012", "br-nt4"))
    request = say.sam_logon_request("ENG-WS3", "mueller", "\\MAILSLOT\\NET\\GETDC512", SID, 0x2000_000F)
    say.broadcast(wire, client, 138, say.datagram(client, ("ENG-WS3", 0), ("PLANT", 0x1C), NETLOGON, request, 0x8201))
    flags = 0x0000_E3FD
    extended = say.sam_logon_response_ex(flags, "plant.example", "plant-dc2.plant.example", "PLANT", "PLANT-DC2", "mueller", "Hall-3", modern.ip, 0x0D)
    wire.udp(modern, client, 138, 138, say.datagram(modern, ("PLANT-DC2", 0), ("ENG-WS3", 0), "\\MAILSLOT\\NET\\GETDC512", extended, 0x8202, kind=0x10))
    plain = say.sam_logon_response("PLANT-PDC", "mueller", "PLANT", 1)
    wire.udp(old, client, 138, 138, say.datagram(old, ("PLANT-PDC", 0), ("ENG-WS3", 0), "\\MAILSLOT\\NET\\GETDC512", plain, 0x8203, kind=0x10))
    wire.wait(5)
    query = say.primary_query("ENG-WS3", "\\MAILSLOT\\NET\\GETDC513", 0x2000_000B)
    say.broadcast(wire, client, 138, say.datagram(client, ("ENG-WS3", 0), ("PLANT", 0x1B), NETLOGON, query, 0x8204))
    primary = say.primary_response("PLANT-PDC", "PLANT", 1)
    wire.udp(old, client, 138, 138, say.datagram(old, ("PLANT-PDC", 0), ("ENG-WS3", 0), "\\MAILSLOT\\NET\\GETDC513", primary, 0x8205, kind=0x10))
    wire.save("browser/windows-log-on.pcap")


if __name__ == "__main__":
    windows_announcements()
    windows_log_on()
