#!/usr/bin/env python3
"""Record telnet/: telnetd of GNU inetutils behind a small listener, asked by the telnet client of the same."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import plan  # noqa: E402

CASES = {
    "inetutils.pcap": ("A person logs in on the second try and reads a file: options, terminal type, notice, questions, notice of the day.",
                       "telnetd and telnet of GNU inetutils 2.4; record.py plays login", ["telnet"]),
    "serial-server.pcap": ("A serial device server: its lines without a question, then a client that gives commands at once; another connection asks "
                           "for the signature of RFC 2217.", "record.py in the words of a device server; a script as client", ["telnet"]),
}

USER, PASSWORD, WRONG = "line7operator", "invented-4713", "invented-0000"

LOGIN = f"""#!/bin/sh
printf '\\nPackaging line 7, panel server\\nKernel 5.10.0 on an armv7l\\n\\n'
while :; do
    printf 'panel-srv7 login: '; read -r name || exit
    stty -echo; printf 'Password: '; read -r password || exit; stty echo; printf '\\n'
    [ "$name:$password" = {USER}:{PASSWORD} ] && break
    printf '\\nLogin incorrect\\n'
done
printf 'Last login: Mon Mar  2 06:12:44 on pts/0 from 10.73.2.11\\nWelcome to line 7, %s\\nPanelOS 4.2.1 build 880 (armv7l)\\n' "$name"
printf '$ '; read -r command; printf 'pressure 4.7\\n$ '; read -r command
"""

LISTENER = """
import socket, subprocess, sys
server = socket.create_server(("", 23))
while True:
    connection, _ = server.accept()
    subprocess.Popen(sys.argv[1:], stdin=connection, stdout=connection, stderr=subprocess.DEVNULL)
    connection.close()
"""

SERIAL = """
import socket
server = socket.create_server(("", 23))
while True:
    connection, _ = server.accept()
    connection.sendall(b"\\xff\\xfb\\x01\\xff\\xfb\\x03\\xff\\xfb\\x2c\\r\\nMODEL DS-2 2-port device server\\r\\nMAC address 027300000215\\r\\nSoftware version V4.11 (1506)\\r\\n"
                       b"\\r\\nPress Enter for Setup Mode\\r\\n")
    while data := connection.recv(512):
        if b"\\xff\\xfa\\x2c\\x00\\xff\\xf0" in data:
            connection.sendall(b"\\xff\\xfa\\x2c\\x64DS-2 RFC 2217 server 4.11\\xff\\xf0")
        elif b"\\xff" not in data:
            connection.sendall(data + b"done\\r\\n")
"""

PERSON = """
import pexpect, sys
child = pexpect.spawn("telnet", [sys.argv[1]], timeout=20, env={"TERM": "xterm-256color", "PATH": "/usr/bin:/bin"})
for shown, typed in zip(("login: ", "Password: ", "login: ", "Password: ", "\\\\$ ", "\\\\$ "), sys.argv[2:]):
    child.expect(shown)
    child.sendline(typed)
child.expect(pexpect.EOF)
"""

COMMANDS = """
import socket, sys, time
for sent in (b"passwd invented-4714\\r\\n", b"\\xff\\xfd\\x2c\\xff\\xfa\\x2c\\x00\\xff\\xf0"):
    with socket.create_connection((sys.argv[1], 23)) as connection:
        connection.recv(512)
        time.sleep(0.3)
        connection.sendall(sent)
        connection.recv(512)
        time.sleep(0.3)
"""


def record_inetutils():
    import lab

    with lab.Lab("telnet/inetutils.pcap", ["te-client", "te-linux"]) as net:
        login = net.home / "login.sh"
        login.write_text(LOGIN)
        login.chmod(0o755)
        net.start("te-linux", sys.executable, "-c", LISTENER, "/usr/sbin/telnetd", "-h", f"--exec-login={login}")
        net.listens("te-linux", 23)
        net.run("te-client", sys.executable, "-c", PERSON, plan.device("te-linux").ip, USER, WRONG, USER, PASSWORD, "cat recipe", "exit")


def record_serial():
    import lab

    with lab.Lab("telnet/serial-server.pcap", ["te-client", "te-serial"]) as net:
        net.start("te-serial", sys.executable, "-c", SERIAL)
        net.listens("te-serial", 23)
        net.run("te-client", sys.executable, "-c", COMMANDS, plan.device("te-serial").ip)


RECORDINGS = {"inetutils": record_inetutils, "serial-server": record_serial}

if __name__ == "__main__":
    import lab

    lab.main(RECORDINGS)
