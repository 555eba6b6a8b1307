#!/usr/bin/env python3
"""Record tls/: openssl s_server and nginx with certificates as devices have them; openssl s_client and curl ask."""

import datetime
import ipaddress
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import plan  # noqa: E402

OPENSSL = "OpenSSL 3.0.19: s_server and s_client"
CASES = {
    "device-certificates.pcap": ("A device whose certificate the plant's own authority issued, with a chain and alternative names, and whose clients "
                                 "show theirs: a machine's, and a person's, whose name must not be kept. TLS 1.2.", OPENSSL, ["tls"]),
    "old-versions.pcap": ("A device with an expired certificate of its own and a key of 1024 bits, asked in TLS 1.0, 1.1 and 1.2 and in vain in 1.3; a "
                          "session taken up again.", OPENSSL, ["tls"]),
    "nginx.pcap": ("TLS 1.3 by name with HTTP inside, one that needs a second hello, and TLS 1.2 with a key on a curve, on port 8443.",
                   "nginx 1.22.1; curl 7.88.1 and OpenSSL 3.0.19 s_client", ["tls"]),
    "datagrams.pcap": ("DTLS 1.2 on port 5684: the cookie, both hellos, a certificate that fits a datagram.", OPENSSL, ["tls"]),
}

DAY = datetime.timedelta(days=1)
START = datetime.datetime(2026, 1, 1)
OLD = datetime.datetime(2009, 6, 1)


class Authority:
    """Makes certificates of invented names."""

    def __init__(self, home):
        self.home = home
        self.key, self.certificate = None, None

    def make(self, name, subject, issuer=None, names=(), key=None, start=START, days=3650, authority=False):
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import ec, rsa

        key = ec.generate_private_key(ec.SECP256R1()) if key == "ec" else rsa.generate_private_key(65537, key or 2048)
        build = x509.CertificateBuilder().subject_name(self.name(subject)).public_key(key.public_key())
        build = build.issuer_name(issuer.certificate.subject if issuer else self.name(subject))
        build = build.serial_number(x509.random_serial_number()).not_valid_before(start).not_valid_after(start + days * DAY)
        if names:
            kinds = {"dns": x509.DNSName, "uri": x509.UniformResourceIdentifier, "mail": x509.RFC822Name,
                     "ip": lambda text: x509.IPAddress(ipaddress.ip_address(text))}
            build = build.add_extension(x509.SubjectAlternativeName([kinds[kind](text) for kind, text in names]), critical=False)
        build = build.add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        certificate = build.sign(issuer.key if issuer else key, hashes.SHA256())
        private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption())
        (self.home / f"{name}.key").write_bytes(private)
        (self.home / f"{name}.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        made = Authority(self.home)
        made.key, made.certificate = key, certificate
        return made

    @staticmethod
    def name(fields):
        from cryptography import x509
        from cryptography.x509.oid import NameOID

        return x509.Name([x509.NameAttribute(getattr(NameOID, kind), text) for kind, text in fields])


def files(home, name):
    return ["-cert", home / f"{name}.pem", "-key", home / f"{name}.key"]


def client(net, server, port, *options, check=True):
    """One conversation; it ends with what is said first."""
    net.run("tl-client", "openssl", "s_client", "-connect", f"{plan.device(server).ip}:{port}", *options, check=check, input="Q\n")


def record_devices():
    import lab

    with lab.Lab("tls/device-certificates.pcap", ["tl-client", "tl-filler"]) as net:
        home, address = net.home, plan.device("tl-filler").ip
        makes = Authority(home)
        root = makes.make("root", [("ORGANIZATION_NAME", "Plant Example"), ("COMMON_NAME", "Plant Example Root")], authority=True)
        middle = makes.make("middle", [("ORGANIZATION_NAME", "Plant Example"), ("ORGANIZATIONAL_UNIT_NAME", "Automation"),
                                       ("COMMON_NAME", "Plant Example Devices")], root, authority=True)
        subject = [("COUNTRY_NAME", "DE"), ("ORGANIZATION_NAME", "Example Machines GmbH"), ("ORGANIZATIONAL_UNIT_NAME", "Filler 3000"),
                   ("SERIAL_NUMBER", "EM-4711-0815"), ("COMMON_NAME", "filler3.line4.plant.example")]
        makes.make("filler", subject, middle, [("dns", "filler3"), ("dns", "filler3.line4.plant.example"), ("ip", address),
                                               ("uri", "urn:filler3:Example:Filler3000")])
        makes.make("gateway", [("ORGANIZATION_NAME", "Plant Example"), ("COMMON_NAME", "historian-gw.plant.example")], middle, key="ec")
        makes.make("person", [("ORGANIZATION_NAME", "Plant Example"), ("COMMON_NAME", "Erika Mustermann"),
                              ("EMAIL_ADDRESS", "e.mustermann@plant.example")], middle, [("mail", "e.mustermann@plant.example")], key="ec")
        net.start("tl-filler", "openssl", "s_server", "-accept", "8443", *files(home, "filler"), "-cert_chain", home / "middle.pem", "-tls1_2",
                  "-Verify", "2", "-CAfile", home / "root.pem", "-alpn", "mqtt", "-quiet")
        net.listens("tl-filler", 8443)
        for who in ("gateway", "person"):
            client(net, "tl-filler", 8443, *files(home, who), "-servername", "filler3.line4.plant.example", "-alpn", "mqtt,http/1.1", check=False)


def record_old():
    import lab

    with lab.Lab("tls/old-versions.pcap", ["tl-client", "tl-meter"]) as net:
        home = net.home
        Authority(home).make("meter", [("ORGANIZATION_NAME", "Example Meters"), ("COMMON_NAME", "Power Meter 7")], key=1024, start=OLD)
        net.start("tl-meter", "openssl", "s_server", "-accept", "443", *files(home, "meter"), "-cipher", "ALL:@SECLEVEL=0", "-no_tls1_3", "-quiet")
        net.listens("tl-meter", 443)
        weak = ["-cipher", "AES128-SHA:AES256-SHA:@SECLEVEL=0", "-noservername"]
        client(net, "tl-meter", 443, "-tls1", *weak, "-sess_out", home / "session")
        client(net, "tl-meter", 443, "-tls1", *weak, "-sess_in", home / "session")
        client(net, "tl-meter", 443, "-tls1_1", *weak)
        client(net, "tl-meter", 443, "-tls1_2", "-cipher", "ECDHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0", "-noservername")
        client(net, "tl-meter", 443, "-tls1_3", "-noservername", check=False)


def record_nginx():
    import lab

    with lab.Lab("tls/nginx.pcap", ["tl-client", "tl-panel"]) as net:
        home, address = net.home, plan.device("tl-panel").ip
        pages = home / "pages"
        pages.mkdir()
        (pages / "index.html").write_text("<html><head><title>Panel 12</title></head></html>\n")
        makes = Authority(home)
        makes.make("panel", [("COMMON_NAME", "panel-12")], names=[("dns", "panel-12.plant.example"), ("ip", address)])
        makes.make("curve", [("COMMON_NAME", "panel-12")], key="ec")
        (home / "nginx.conf").write_text(f"""
            daemon off; master_process off; pid {home}/pid; error_log /dev/null;
            events {{}}
            http {{
                access_log off; client_body_temp_path {home}/body; proxy_temp_path {home}/proxy; fastcgi_temp_path {home}/fastcgi;
                uwsgi_temp_path {home}/uwsgi; scgi_temp_path {home}/scgi;
                server {{
                    listen 443 ssl http2; root {pages}; ssl_protocols TLSv1.2 TLSv1.3; ssl_ecdh_curve secp384r1;
                    ssl_certificate {home}/panel.pem; ssl_certificate_key {home}/panel.key;
                }}
                server {{
                    listen 8443 ssl; root {pages}; ssl_protocols TLSv1.2;
                    ssl_certificate {home}/curve.pem; ssl_certificate_key {home}/curve.key;
                }}
            }}
        """)
        net.start("tl-panel", "nginx", "-c", home / "nginx.conf", "-p", home)
        net.listens("tl-panel", 443)
        curl = ["curl", "-s", "-S", "-k", "--resolve", f"panel-12.plant.example:443:{address}"]
        net.run("tl-client", *curl, "https://panel-12.plant.example/")
        client(net, "tl-panel", 443, "-tls1_3", "-curves", "X25519:secp384r1", "-noservername")
        net.run("tl-client", *curl, f"https://{address}:8443/")


def record_datagrams():
    import lab

    with lab.Lab("tls/datagrams.pcap", ["tl-client", "tl-node"]) as net:
        home = net.home
        Authority(home).make("node", [("ORGANIZATION_NAME", "Example Sensors"), ("COMMON_NAME", "node-31")], key="ec")
        net.start("tl-node", "openssl", "s_server", "-accept", "5684", *files(home, "node"), "-dtls1_2", "-listen", "-quiet", "-mtu", "1400")
        net.listens("tl-node", 5684, "udp")
        client(net, "tl-node", 5684, "-dtls1_2", "-servername", "node-31.plant.example", "-mtu", "1400")


RECORDINGS = {"device-certificates": record_devices, "old-versions": record_old, "nginx": record_nginx, "datagrams": record_datagrams}


if __name__ == "__main__":
    import lab

    lab.main(RECORDINGS)
