#!/usr/bin/env python3
"""Record ldap/: OpenLDAP's slapd, and Samba as a domain controller of Active Directory."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import plan  # noqa: E402

CASES = {
    "slapd.pcap": ("The root entry, an anonymous and a simple bind, one refused, a search of people, and StartTLS refused.",
                   "OpenLDAP slapd 2.5.13; ldapsearch 2.5.13", ["ldap"]),
    "samba-domain-controller.pcap": ("The root entry of a domain controller over TCP, its answers to pings over UDP, a bind with NTLM in "
                                     "SPNEGO after which all is sealed, and a bind refused.",
                                     "Samba 4.17.12 domain controller; ldapsearch 2.5.13, net and samba-tool 4.17.12 as clients", ["ldap"]),
}

PASSWORD = "invented-4711-Secret"
SUFFIX = "dc=plant,dc=example"


def record_slapd():
    import lab

    with lab.Lab("ldap/slapd.pcap", ["ld-client", "ld-slapd"]) as net:
        home = net.home
        (home / "data").mkdir()
        schemas = [f"include /etc/ldap/schema/{name}.schema" for name in ("core", "cosine", "inetorgperson")]
        (home / "slapd.conf").write_text("\n".join([
            *schemas, f"pidfile {home}/pid", "modulepath /usr/lib/ldap", "moduleload back_mdb", "database mdb", f'suffix "{SUFFIX}"',
            f'rootdn "cn=admin,{SUFFIX}"', f"rootpw {PASSWORD}", f"directory {home}/data", ""]))
        (home / "data.ldif").write_text(f"dn: {SUFFIX}\nobjectClass: dcObject\nobjectClass: organization\no: Plant\ndc: plant\n\n"
                                        f"dn: cn=Invented Person,{SUFFIX}\nobjectClass: inetOrgPerson\ncn: Invented Person\nsn: Person\nmail: p@plant.example\n")
        net.run("ld-slapd", "slapadd", "-f", home / "slapd.conf", "-l", home / "data.ldif")
        net.start("ld-slapd", "slapd", "-d", "0", "-f", home / "slapd.conf", "-h", "ldap://0.0.0.0/")
        net.listens("ld-slapd", 389)
        url = f"ldap://{plan.device('ld-slapd').ip}"
        root = ["-b", "", "-s", "base", "(objectClass=*)", "*", "+"]
        net.run("ld-client", "ldapsearch", "-x", "-LLL", "-H", url, *root)
        net.run("ld-client", "ldapsearch", "-x", "-LLL", "-H", url, "-D", f"cn=admin,{SUFFIX}", "-w", PASSWORD, "-b", SUFFIX)
        net.run("ld-client", "ldapsearch", "-x", "-LLL", "-H", url, "-D", f"cn=admin,{SUFFIX}", "-w", "wrong", "-b", SUFFIX, check=False)
        net.run("ld-client", "ldapsearch", "-x", "-Z", "-LLL", "-H", url, *root, check=False)


def record_samba():
    import lab

    with lab.Lab("ldap/samba-domain-controller.pcap", ["ld-client", "ld-samba"], hostnames={"ld-samba": "dc1"}) as net:
        home = net.home
        address = plan.device("ld-samba").ip
        net.run("ld-samba", "samba-tool", "domain", "provision", "--realm=plant.example", "--domain=PLANT", "--server-role=dc", "--dns-backend=NONE",
                f"--adminpass={PASSWORD}", f"--targetdir={home}/dc", "--host-name=dc1", f"--host-ip={address}", "--use-rfc2307", seconds_max=300)
        configuration = home / "dc" / "etc" / "smb.conf"
        lines = configuration.read_text().replace("[global]", "[global]\n\tserver services = ldap, cldap, kdc, winbindd\n\tldap server require strong auth = no"
                                                  "\n\tntlm auth = yes\n\tinterfaces = eth0\n\tbind interfaces only = yes")
        configuration.write_text(lines)
        net.start("ld-samba", "samba", "--interactive", "--no-process-group", "--configfile", configuration)
        net.listens("ld-samba", 389)
        net.listens("ld-samba", 389, "udp")
        url = f"ldap://{address}"
        net.run("ld-client", "ldapsearch", "-x", "-LLL", "-H", url, "-b", "", "-s", "base", "(objectClass=*)")
        net.run("ld-client", "net", "ads", "lookup", "-S", address, "--configfile=/dev/null", check=False)
        print(net.run("ld-client", sys.executable, __file__, "ask", address))
        net.run("ld-client", "samba-tool", "domain", "level", "show", "-H", url, "-U", f"PLANT\\Administrator%{PASSWORD}", "--use-kerberos=off",
                "--configfile=/dev/null")
        net.run("ld-client", "ldapsearch", "-x", "-LLL", "-H", url, "-D", "Administrator@plant.example", "-w", "wrong", "-b", "dc=plant,dc=example",
                check=False)


def ask(address):
    """The pings of Windows clients, new and old."""
    import socket

    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
    import generate

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
        datagrams.settimeout(5)
        for version in (b"\x16\0\0\0", b"\x02\0\0\0", b"\x01\0\0\0"):
            datagrams.sendto(generate.ping("plant.example", "ENG-LDAP", version), (address, 389))
            print(len(datagrams.recv(4096)))


RECORDINGS = {"slapd": record_slapd, "samba-domain-controller": record_samba}


if __name__ == "__main__":
    if sys.argv[1:2] == ["ask"]:
        ask(*sys.argv[2:])
    else:
        import lab

        lab.main(RECORDINGS)
