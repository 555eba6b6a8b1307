#!/usr/bin/env python3
"""Record ftp/: vsftpd, proftpd and BusyBox ftpd; lftp, tnftp and a script ask."""

import os
import pathlib
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import plan  # noqa: E402

CASES = {
    "vsftpd.pcap": ("An anonymous client asks what the server is and can do, fetches a file, stores one and deletes it; STAT and HELP.",
                    "vsftpd 3.0.3; lftp 4.9.2 and a script of commands", ["ftp"]),
    "proftpd.pcap": ("A greeting of several lines; a user logs in with a password in the clear, from lftp and from tnftp; a wrong password.",
                     "proftpd 1.3.8; lftp 4.9.2, tnftp 20210827", ["ftp"]),
    "ftp-over-tls.pcap": ("AUTH TLS, and nothing readable behind it.", "vsftpd 3.0.3; lftp 4.9.2", ["ftp"]),
}

USER, PASSWORD = "line7operator", "invented-4712"

TALK = """
import socket, sys
control = socket.create_connection((sys.argv[1], 21))
lines = control.makefile("rb")
def reply():
    while True:
        line = lines.readline()
        if line[3:4] == b" " and line[:3].isdigit() or not line:
            return
reply()
for command in sys.argv[2:]:
    control.sendall(command.encode() + b"\\r\\n")
    reply()
"""


def vsftpd(net, extra=""):
    root = net.home / "root"
    (root / "incoming").mkdir(parents=True)
    (root / "recipe.txt").write_text("pressure 4.7\n")
    (net.home / "empty").mkdir()
    shutil.chown(root / "incoming", "ftp")
    for path, mode in ((root, 0o555), (root / "incoming", 0o755), (net.home / "empty", 0o555)):
        path.chmod(mode)
    (net.home / "vsftpd.conf").write_text(
        f"listen=YES\nbackground=NO\nanonymous_enable=YES\nwrite_enable=YES\nanon_upload_enable=YES\nanon_other_write_enable=YES\n"
        f"anon_root={root}\nsecure_chroot_dir={net.home}/empty\nseccomp_sandbox=NO\nnopriv_user=nobody\n{extra}")
    net.start("ft-vsftpd", "vsftpd", net.home / "vsftpd.conf")
    net.listens("ft-vsftpd", 21)


def record_vsftpd():
    import lab

    with lab.Lab("ftp/vsftpd.pcap", ["ft-client", "ft-vsftpd"]) as net:
        vsftpd(net)
        address = plan.device("ft-vsftpd").ip
        (net.home / "program.bin").write_bytes(b"\x7f" * 64)
        lftp(net, f"open ftp://{address}; cat recipe.txt; put -O incoming {net.home}/program.bin; rm incoming/program.bin; bye")
        net.run("ft-client", sys.executable, "-c", TALK, address, "HOST recipes.plant.example", "CLNT nameplate-check 1", "USER anonymous",
                "PASS nobody@", "SYST", "STAT", "HELP", "QUIT")


def lftp(net, commands, check=True):
    net.run("ft-client", "env", f"HOME={net.home}", "lftp", "-c", f"set net:max-retries 1; set ftp:ssl-allow no; {commands}", check=check)


def proftpd(net):
    """The package conflicts with vsftpd's: unpacked by dpkg -x, its directory is told by PROFTPD."""
    place = pathlib.Path(os.environ.get("PROFTPD", "/"))
    home = net.home / "proftpd"  # it takes no passwords from where everybody can write
    (home / "files").mkdir(parents=True)
    (home / "files").chmod(0o777)
    hashed = net.run("ft-proftpd", "openssl", "passwd", "-5", PASSWORD).strip()
    (home / "passwd").write_text(f"{USER}:{hashed}:65534:65534::{home}/files:/bin/false\n")
    (home / "passwd").chmod(0o600)
    (home / "banner").write_text("Packaging line 7, recipe store\nAccess is logged\n")
    (home / "proftpd.conf").write_text(
        f"ServerName \"Line 7 recipes\"\nServerIdent on\nServerType standalone\nPort 21\nUseIPv6 off\nUseReverseDNS off\nDefaultAddress {plan.device('ft-proftpd').ip}\n"
        f"PidFile {home}/pid\nScoreboardFile {home}/scoreboard\nAuthOrder mod_auth_file.c\nAuthUserFile {home}/passwd\nRequireValidShell off\n"
        f"DisplayConnect {home}/banner\nWtmpLog off\nTransferLog none\nSystemLog none\nDelayEngine off\nModulePath {place}/usr/lib/proftpd\nUser nobody\nGroup nogroup\n")
    net.start("ft-proftpd", place / "usr/sbin/proftpd", "-n", "-q", "-c", home / "proftpd.conf")
    net.listens("ft-proftpd", 21)
    return plan.device("ft-proftpd").ip


def record_proftpd():
    import lab

    with lab.Lab("ftp/proftpd.pcap", ["ft-client", "ft-proftpd"]) as net:
        address = proftpd(net)
        (net.home / "recipe.bin").write_bytes(b"\x55" * 32)
        lftp(net, f"open -u {USER},{PASSWORD} ftp://{address}; put {net.home}/recipe.bin; ls; bye")
        lftp(net, f"open -u {USER},{PASSWORD}-no ftp://{address}; ls; bye", check=False)
        (net.home / ".netrc").write_text(f"machine {address} login {USER} password {PASSWORD}\n")
        (net.home / ".netrc").chmod(0o600)
        net.run("ft-client", "env", f"HOME={net.home}", "tnftp", "-p", address, input="system\nrhelp\nls\nquit\n")


def record_tls():
    import lab

    with lab.Lab("ftp/ftp-over-tls.pcap", ["ft-client", "ft-vsftpd"]) as net:
        net.run("ft-vsftpd", "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3650", "-subj", "/CN=recipes.plant.example",
                "-keyout", net.home / "key.pem", "-out", net.home / "certificate.pem")
        vsftpd(net, f"ssl_enable=YES\nallow_anon_ssl=YES\nrsa_cert_file={net.home}/certificate.pem\nrsa_private_key_file={net.home}/key.pem\n"
                    "require_ssl_reuse=NO\n")
        address = plan.device("ft-vsftpd").ip
        commands = f"set ssl:verify-certificate no; set ftp:ssl-allow-anonymous yes; set ftp:ssl-allow yes; set ftp:ssl-force yes; open ftp://{address}; pwd; cat recipe.txt; bye"
        net.run("ft-client", "env", f"HOME={net.home}", "lftp", "-c", commands)


RECORDINGS = {"vsftpd": record_vsftpd, "proftpd": record_proftpd, "ftp-over-tls": record_tls}

if __name__ == "__main__":
    import lab

    lab.main(RECORDINGS)
