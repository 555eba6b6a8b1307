#!/usr/bin/env python3
"""Record rdp/: xrdp with standard RDP security, then with TLS."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import plan  # noqa: E402

CASES = {
    "xrdp.pcap": ("A session with standard RDP security, whose settings are in the clear, and one that is wrapped in TLS.",
                  "xrdp 0.9.21; xfreerdp 2.11.7", ["rdp"]),
}


def record_xrdp():
    import lab

    with lab.Lab("rdp/xrdp.pcap", ["rd-client", "rd-xrdp"], hostnames={"rd-client": "ENG-RDP"}) as net:
        home = net.home
        net.run("rd-xrdp", "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=xrdp",
                "-keyout", home / "key.pem", "-out", home / "cert.pem")
        net.run("rd-xrdp", "xrdp-keygen", "xrdp", home / "rsakeys.ini")
        (home / "xrdp.ini").write_text("\n".join([
            "[Globals]", "ini_version=1", "fork=true", "port=3389", "security_layer=negotiate", "crypt_level=high", f"certificate={home}/cert.pem",
            f"key_file={home}/key.pem", f"rsakeys_ini={home}/rsakeys.ini", "ssl_protocols=TLSv1.2, TLSv1.3", "max_bpp=16", "autorun=", "[Logging]", f"LogFile={home}/log",
            "LogLevel=ERROR", "EnableSyslog=false", "[Xorg]", "name=Xorg", "lib=libxup.so", "username=ask", "password=ask", "ip=127.0.0.1", "port=-1", ""]))
        net.start("rd-xrdp", "xrdp", "--nodaemon", "--config", home / "xrdp.ini")
        net.listens("rd-xrdp", 3389)
        screen = net.start("rd-client", "Xvfb", ":47", "-screen", "0", "640x480x16", "-nolisten", "tcp")
        address = plan.device("rd-xrdp").ip
        for security in ("rdp", "tls"):
            net.run("rd-client", "timeout", "4", "xfreerdp", f"/v:{address}", f"/sec:{security}", "/u:operator", "/p:invented-4711", "/cert:ignore", "/size:320x240",
                    "/bpp:8", "-themes", "-wallpaper", check=False, env={"DISPLAY": ":47", "HOME": str(home), "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"})
        net.stop(screen)


RECORDINGS = {"xrdp": record_xrdp}


if __name__ == "__main__":
    import lab

    lab.main(RECORDINGS)
