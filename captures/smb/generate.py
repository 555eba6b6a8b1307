#!/usr/bin/env python3
"""Generate the Windows hosts that no program at hand can play: those that speak SMB 2.1 and later."""

import pathlib
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
}

HOSTS = {
    "windows-server-2012r2.pcap": ("sm-2012r2", "11:00", {"shares": ("IPC$", "historian")}),
    "windows-server-2016.pcap": ("sm-2016", "11:10", {"shares": ("IPC$", "recipes")}),
    "windows-10.pcap": ("sm-win10", "11:20", {"shares": ("IPC$", "projects")}),
    "windows-server-2022.pcap": ("sm-2022", "11:30", {"encrypted": 6}),
    "windows-11.pcap": ("sm-win11", "11:40", {"shares": ("IPC$",), "smb1_first": False, "signing_required": True}),
}


def main():
    client = plan.device("sm-client")
    for file, (name, clock, options) in HOSTS.items():
        server = plan.device(name)
        wire = Wire(f"2026-03-02T{clock}:00")
        if server.says["os"]:
            say.session_smb1(wire, client, server, "operator")
            wire.wait(20)
        say.session(wire, client, server, "operator", **options)
        wire.save(f"smb/{file}")


if __name__ == "__main__":
    main()
