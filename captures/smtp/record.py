#!/usr/bin/env python3
"""Record smtp/: OpenSMTPD and Python's aiosmtpd take mails from swaks and from a UPS's words."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import plan  # noqa: E402

CASES = {
    "opensmtpd.pcap": ("A mail is taken after EHLO, another client begins with HELO, a third goes on in TLS.", "OpenSMTPD 6.8.0p2; swaks 20201014", ["smtp"]),
    "aiosmtpd.pcap": ("A client shows who it is with AUTH PLAIN, in the clear.", "aiosmtpd 1.4.6; swaks 20201014", ["smtp"]),
}

SERVER = """
import sys, time
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink
from aiosmtpd.smtp import AuthResult
Controller(Sink(), hostname=sys.argv[1], port=25, server_hostname="relay7.plant.example", ident="Line 7 relay ESMTP 1.2", auth_require_tls=False,
           authenticator=lambda *_: AuthResult(success=True)).start()
time.sleep(600)
"""


def swaks(net, server, *words, check=True):
    net.run("sm-ups", "swaks", "--server", plan.device(server).ip, "--from", "ups3@plant.example", "--to", "duty@plant.example", "--ehlo", "ups-3.plant.example",
            "--body", "On battery", *words, check=check)


def record_opensmtpd():
    import lab

    with lab.Lab("smtp/opensmtpd.pcap", ["sm-ups", "sm-open"], hostnames={"sm-open": "mail7.plant.example"}) as net:
        address = plan.device("sm-open").ip
        net.run("sm-open", "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "3650", "-subj",
                "/CN=mail7.plant.example", "-keyout", net.home / "key.pem", "-out", net.home / "certificate.pem")
        (net.home / "key.pem").chmod(0o600)
        (net.home / "smtpd.conf").write_text(f'pki mail cert "{net.home}/certificate.pem"\npki mail key "{net.home}/key.pem"\n'
                                             f'listen on {address} hostname mail7.plant.example tls pki mail\naction "drop" mda "cat >/dev/null" user nobody\n'
                                             'match from any for any action "drop"\n')
        net.start("sm-open", "smtpd", "-d", "-f", net.home / "smtpd.conf")
        net.listens("sm-open", 25)
        swaks(net, "sm-open", check=False)
        swaks(net, "sm-open", "--protocol", "SMTP", "--quit-after", "FIRST-HELO", check=False)
        swaks(net, "sm-open", "--tls", "--quit-after", "TLS", check=False)


def record_aiosmtpd():
    import lab

    with lab.Lab("smtp/aiosmtpd.pcap", ["sm-ups", "sm-relay"]) as net:
        net.start("sm-relay", sys.executable, "-c", SERVER, plan.device("sm-relay").ip)
        net.listens("sm-relay", 25)
        swaks(net, "sm-relay", "--auth", "PLAIN", "--auth-user", "ups3mailer", "--auth-password", "invented-4715")


RECORDINGS = {"opensmtpd": record_opensmtpd, "aiosmtpd": record_aiosmtpd}

if __name__ == "__main__":
    import lab

    lab.main(RECORDINGS)
