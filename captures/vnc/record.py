#!/usr/bin/env python3
"""Record vnc/: TigerVNC and x11vnc are looked at by a viewer that leaves once it has seen the desktop's name."""

import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import plan  # noqa: E402

CASES = {
    "tigervnc.pcap": ("A server with a password, a server that lets anybody in and a server with TLS only, on three ports; one client speaks version 3.3, "
                      "one 3.8.", "Xtigervnc 1.12.0; a script as viewer", ["vnc"]),
    "x11vnc.pcap": ("A desktop that bears its user's name is shown on port 5910.", "x11vnc 0.9.16 before Xvfb; a script as viewer", ["vnc"]),
}

PASSWORD = "inv-4716"

VIEWER = """
import socket, struct, sys
address, port, version, password = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4].encode()
with socket.create_connection((address, port)) as connection:
    lines = connection.makefile("rb")
    lines.read(12)
    connection.sendall(b"RFB " + version.encode() + b"\\n")
    if version == "003.003":
        kind = struct.unpack(">I", lines.read(4))[0]
    else:
        kinds = list(lines.read(lines.read(1)[0]))
        kind = kinds[0]
        connection.sendall(bytes([kind]))
    if kind == 2:
        from Crypto.Cipher import DES
        key = bytes(int(f"{byte:08b}"[::-1], 2) for byte in password.ljust(8, b"\\0"))
        connection.sendall(DES.new(key, DES.MODE_ECB).encrypt(lines.read(16)))
    if kind in (1, 2):
        if kind == 2 or version == "003.008":
            lines.read(4)
        connection.sendall(b"\\1")
        head = lines.read(24)
        lines.read(struct.unpack(">I", head[20:])[0])
    else:
        lines.read(2)
"""


def look(net, server, port, version="003.008"):
    net.run("vn-client", sys.executable, "-c", VIEWER, plan.device(server).ip, port, version, PASSWORD)


def record_tigervnc():
    import lab

    with lab.Lab("vnc/tigervnc.pcap", ["vn-client", "vn-tiger"], hostnames={"vn-tiger": "panel-7"}) as net:
        # vncpasswd's file: the password encrypted with a key that everybody knows.
        from Crypto.Cipher import DES
        known = bytes(int(f"{byte:08b}"[::-1], 2) for byte in (23, 82, 107, 6, 35, 78, 88, 7))
        (net.home / "passwd").write_bytes(DES.new(known, DES.MODE_ECB).encrypt(PASSWORD.encode()))
        for display, port, types, extra in ((71, 5900, "VncAuth", ["-PasswordFile", net.home / "passwd"]), (72, 5901, "None", []), (73, 5902, "X509None,TLSNone", [])):
            net.start("vn-tiger", "Xtigervnc", f":{display}", "-rfbport", port, "-SecurityTypes", types, "-desktop", f"panel-7:{display} (operator)", "-geometry",
                      "800x480", "-depth", "16", *extra)
            net.listens("vn-tiger", port)
        look(net, "vn-tiger", 5900)
        look(net, "vn-tiger", 5900, "003.003")
        look(net, "vn-tiger", 5901)
        look(net, "vn-tiger", 5902)


def record_x11vnc():
    import lab

    with lab.Lab("vnc/x11vnc.pcap", ["vn-client", "vn-x11"], hostnames={"vn-x11": "scada-view2"}) as net:
        net.start("vn-x11", "Xvfb", ":74", "-screen", "0", "1024x768x16")
        time.sleep(1.5)
        net.start("vn-x11", "x11vnc", "-display", ":74", "-rfbport", "5910", "-forever", "-nopw", "-quiet", "-noipv6", "-desktop", "anna's X desktop (scada-view2:0)")
        net.listens("vn-x11", 5910)
        look(net, "vn-x11", 5910)


RECORDINGS = {"tigervnc": record_tigervnc, "x11vnc": record_x11vnc}

if __name__ == "__main__":
    import lab

    lab.main(RECORDINGS)
