#!/usr/bin/env python3
"""Record smb/: Samba in every dialect, and impacket's server set to the words of Windows XP and Windows 7."""

import contextlib
import os
import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import plan  # noqa: E402

SAMBA = "Samba 4.17.12 server"
CASES = {
    "samba-smb1.pcap": ("SMB1 (NT LM 0.12): an anonymous and a named session with NTLMSSP, shares listed, a file read.",
                        f"{SAMBA}; smbclient 4.17.12 and impacket 0.13.1 as clients", ["smb"]),
    "samba-smb2.pcap": ("SMB 2.0.2, 2.1 and 3.0 one after another, each with a named session.",
                        f"{SAMBA}; impacket 0.13.1 and smbclient 4.17.12 as clients", ["smb"]),
    "samba-smb311.pcap": ("SMB 3.1.1 with negotiate contexts: anonymous session, named session, a refused password.",
                          f"{SAMBA}; smbclient 4.17.12 client", ["smb"]),
    "samba-smb3-encrypted.pcap": ("SMB 3.1.1, everything after the session set-up encrypted.", f"{SAMBA}; smbclient 4.17.12 client", ["smb"]),
    "samba-netbios-session.pcap": ("SMB1 over the NetBIOS session service, TCP port 139.", f"{SAMBA}; smbclient 4.17.12 client", ["smb"]),
    "samba-nmap.pcap": ("nmap's smb-os-discovery, smb-protocols, smb-security-mode and smb2-time.", f"{SAMBA}; nmap 7.93 client", ["smb"]),
    "samba-kerberos.pcap": ("SMB 3.1.1, the session set up with a Kerberos ticket in SPNEGO; the ticket fetched before, from the same host.",
                            f"{SAMBA} as a domain controller; smbclient 4.17.12 client", ["smb"]),
    "samba-interfaces.pcap": ("SMB 3.0.2: the negotiation validated, then FSCTL_QUERY_NETWORK_INTERFACE_INFO answered with two addresses.",
                              f"{SAMBA} with multi-channel; smbclient 4.17.12 and impacket 0.13.1 as clients", ["smb"]),
    "samba-old-dialects.pcap": ("SMB1 in the dialects PC NETWORK PROGRAM 1.0, LANMAN1.0, LANMAN2.1 and NT LM 0.12 without extended security, "
                                "with LM and NTLM passwords.", f"{SAMBA}; smbclient 4.17.12 client", ["smb"]),
    "windows-xp.pcap": ("SMB1 with native OS \"Windows 5.1\" and NTLMSSP version 5.1.2600.",
                        "impacket 0.13.1 server told to speak as Windows XP; smbclient 4.17.12 and impacket as clients", ["smb"]),
    "windows-7.pcap": ("SMB1 with native OS \"Windows 7 Professional 7601 Service Pack 1\", then SMB 2.0.2; NTLMSSP version 6.1.7601.",
                       "impacket 0.13.1 server told to speak as Windows 7; impacket client", ["smb"]),
}

USER, PASSWORD = "daemon", "invented-4711"  # the Unix account exists on every Debian; the password only here
HOSTNAMES = {"sm-client": "eng-linux", "sm-samba": "filesrv", "sm-links": "linksrv", "sm-old": "oldsrv", "sm-dc": "dc01"}
REALM, DOMAIN_PASSWORD = "PLANT.EXAMPLE", "Invented-4711"
SECOND_ADDRESS = "10.20.3.42"


# ---- Samba -----------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def samba(file, *settings, host="sm-samba"):
    """Samba with its own configuration, state and user in a temporary directory, in the namespace of a host."""
    import lab

    with lab.Lab(f"smb/{file}", ["sm-client", host], hostnames=HOSTNAMES) as net:
        home = net.home
        for folder in ("private", "lock", "state", "cache", "pid", "share", "ncalrpc"):
            (home / folder).mkdir()
        (home / "private").chmod(0o700)
        (home / "share").chmod(0o777)
        (home / "share" / "readme.txt").write_text("Backups of the filling line, nightly.\n")
        configuration = home / "smb.conf"
        configuration.write_text("\n".join([
            "[global]", "netbios name = FILESRV", "workgroup = PLANT", "server string = File server of line 4", "server min protocol = NT1",
            "client min protocol = NT1", "ntlm auth = yes", "map to guest = bad user", "load printers = no", "disable spoolss = yes",
            "log level = 0", f"log file = {home}/log", f"private dir = {home}/private", f"lock directory = {home}/lock",
            f"state directory = {home}/state", f"cache directory = {home}/cache", f"pid directory = {home}/pid", f"ncalrpc dir = {home}/ncalrpc",
            *settings, "[backup]", f"path = {home}/share", "guest ok = yes", "read only = no", "comment = Programs and recipes", ""]))
        net.run(host, "smbpasswd", "-c", configuration, "-a", "-s", USER, input=f"{PASSWORD}\n{PASSWORD}\n")
        net.start(host, "smbd", "--foreground", "--no-process-group", "--configfile", configuration)
        net.listens(host, 445)
        yield net


@contextlib.contextmanager
def domain_controller(file):
    """A new domain PLANT.EXAMPLE with its key distribution centre, in the namespace of sm-dc."""
    import lab

    with lab.Lab(f"smb/{file}", ["sm-client", "sm-dc"], hostnames=HOSTNAMES) as net:
        net.run("sm-dc", "samba-tool", "domain", "provision", f"--realm={REALM}", "--domain=PLANT", "--server-role=dc", "--dns-backend=NONE",
                f"--adminpass={DOMAIN_PASSWORD}", f"--targetdir={net.home}/dc", "--host-name=dc01", f"--host-ip={plan.device('sm-dc').ip}", seconds_max=300)
        options = {"pid directory": f"{net.home}/pid", "ncalrpc dir": f"{net.home}/ncalrpc", "server services": "s3fs, rpc, ldap, cldap, kdc",
                   "log level": "0"}
        for folder in ("pid", "ncalrpc"):
            (net.home / folder).mkdir()
        configuration = net.home / "dc" / "etc" / "smb.conf"
        text = configuration.read_text()
        configuration.write_text(text.replace("[global]", "[global]\n" + "\n".join(f"\t{name} = {value}" for name, value in options.items()), 1))
        net.start("sm-dc", "samba", "--foreground", "--no-process-group", "--configfile", configuration)
        net.listens("sm-dc", 445)
        net.listens("sm-dc", 88)
        yield net


def smbclient(net, dialect, *arguments, port=445, check=True):
    command = ["smbclient", "--netbiosname", "ENG-LINUX", "-p", port, "-m", dialect, "--option", f"client min protocol={dialect}", *arguments]
    print(net.run("sm-client", *command, check=check))


def named(net, dialect, **options):
    smbclient(net, dialect, f"//{plan.device('sm-samba').ip}/backup", "-U", f"PLANT\\{USER}%{PASSWORD}", "-c", "ls; get readme.txt /dev/null", **options)


def anonymous(net, dialect):
    smbclient(net, dialect, "-N", "-L", f"//{plan.device('sm-samba').ip}")


def impacket(net, host, *dialects, user=USER, password=PASSWORD):
    print(net.run("sm-client", sys.executable, __file__, "ask", plan.device(host).ip, user, password, *dialects))


def record_smb1():
    with samba("samba-smb1.pcap") as net:
        anonymous(net, "NT1")
        named(net, "NT1")
        impacket(net, "sm-samba", "NT1")


def record_smb2():
    with samba("samba-smb2.pcap") as net:
        impacket(net, "sm-samba", "2.0.2", "2.1", "3.0")
        named(net, "SMB2_10")


def record_smb311():
    with samba("samba-smb311.pcap") as net:
        anonymous(net, "SMB3_11")
        named(net, "SMB3_11")
        smbclient(net, "SMB3_11", f"//{plan.device('sm-samba').ip}/backup", "-U", f"PLANT\\{USER}%wrong", "-c", "ls", check=False)


def record_encrypted():
    with samba("samba-smb3-encrypted.pcap", "smb encrypt = required") as net:
        named(net, "SMB3_11")


def record_netbios():
    with samba("samba-netbios-session.pcap") as net:
        named(net, "NT1", port=139)


def record_nmap():
    with samba("samba-nmap.pcap") as net:
        print(net.run("sm-client", "nmap", "-n", "-Pn", "-sT", "-p", "445", "--script", "smb-os-discovery,smb-protocols,smb-security-mode,smb2-time",
                      plan.device("sm-samba").ip))


def record_kerberos():
    with domain_controller("samba-kerberos.pcap") as net:
        address = plan.device("sm-dc").ip
        realms = net.home / "krb5.conf"
        realms.write_text(f"[libdefaults]\n default_realm = {REALM}\n dns_lookup_kdc = false\n dns_lookup_realm = false\n"
                          f"[realms]\n {REALM} = {{\n  kdc = {address}\n }}\n")
        print(net.run("sm-client", "smbclient", "--netbiosname", "ENG-LINUX", "--realm", REALM, "--use-kerberos=required", "-I", address,
                      "-U", f"Administrator@{REALM}%{DOMAIN_PASSWORD}", "//dc01.plant.example/netlogon", "-c", "ls",
                      env={**os.environ, "KRB5_CONFIG": str(realms)}))


def record_interfaces():
    device = plan.device("sm-links")
    links = [f"{address}/24;speed={speed},capability=RSS" for address, speed in ((device.ip, 1_000_000_000), (SECOND_ADDRESS, 10_000_000_000))]
    quoted = " ".join(f'"{link}"' for link in links)
    with samba("samba-interfaces.pcap", "server multi channel support = yes", "server smb encrypt = off", f"interfaces = {quoted}", "netbios name = LINKSRV",
               host="sm-links") as net:
        net.run("sm-links", "ip", "address", "add", f"{SECOND_ADDRESS}/24", "dev", "eth0")
        smbclient(net, "SMB3_02", f"//{device.ip}/backup", "-U", f"PLANT\\{USER}%{PASSWORD}", "-c", "ls")
        print(net.run("sm-client", sys.executable, __file__, "ask-interfaces", device.ip, USER, PASSWORD))


def record_old_dialects():
    settings = ["server min protocol = CORE", "lanman auth = yes", "ntlm auth = yes", "netbios name = OLDSRV", "use spnego = no"]
    address = plan.device("sm-old").ip
    with samba("samba-old-dialects.pcap", *settings, host="sm-old") as net:
        for dialect in ("CORE", "LANMAN1", "LANMAN2", "NT1"):
            weak = ["--option=client min protocol=CORE", "--option=client lanman auth=yes", "--option=client plaintext auth=yes",
                    "--option=client ntlmv2 auth=no", "--option=client use spnego=no"]
            print(net.run("sm-client", "smbclient", "--netbiosname", "ENG-LINUX", "-m", dialect, *weak, "-U", f"{USER}%{PASSWORD}",
                          f"//{address}/backup", "-c", "ls", check=False))


# ---- impacket as a Windows host --------------------------------------------------------------------------------


def serve(host, folder):
    """impacket's server, with the words it cannot be configured to say put in when a message is built."""
    import hashlib

    from impacket import ntlm, smb, smb3structs, smbserver

    words = plan.device(host).says
    major, minor, build = words["version"]

    def always(structure, field, value):
        original = structure.__setitem__

        def setitem(self, key, given):
            original(self, key, value(given) if key == field else given)

        structure.__setitem__ = setitem

    def manager(given):
        """In the alphabet that the client negotiated, which the server's own text shows."""
        flags = smb.SMB.FLAGS2_UNICODE if given[1:2] == b"\0" else 0
        return smbserver.encodeSMBString(flags, words["manager"])

    always(ntlm.NTLMAuthChallenge, "Version", lambda _: struct.pack("<BBHxxxB", major, minor, build, 15))
    always(smb3structs.SMB2Negotiate_Response, "ServerGuid", lambda _: hashlib.md5(words["name"].encode()).digest())
    for structure in (smb.SMBSessionSetupAndX_Extended_Response_Data, smb.SMBSessionSetupAndXResponse_Data):
        always(structure, "NativeLanMan", manager)
    server = smbserver.SimpleSMBServer(listenAddress="0.0.0.0", listenPort=445)
    engine = server.getServer()
    configuration = engine.getServerConfig()
    configuration.set("global", "server_name", words["name"])
    configuration.set("global", "server_domain", words["domain"])
    configuration.set("global", "server_os", words["os"])
    engine.setServerConfig(configuration)
    engine.processConfigFile()
    server.setSMB2Support(bool(words["dialects"]))
    server.addShare("LOGS", folder, "Logs")
    server.addCredential("operator", 0, ntlm.compute_lmhash(PASSWORD), ntlm.compute_nthash(PASSWORD))
    server.start()


def ask(address, user, password, *dialects):
    from impacket.smb import SMB_DIALECT
    from impacket.smb3structs import SMB2_DIALECT_002, SMB2_DIALECT_21, SMB2_DIALECT_30
    from impacket.smbconnection import SMBConnection

    numbers = {"NT1": SMB_DIALECT, "2.0.2": SMB2_DIALECT_002, "2.1": SMB2_DIALECT_21, "3.0": SMB2_DIALECT_30}
    for dialect in dialects:
        connection = SMBConnection(address, address, preferredDialect=numbers[dialect], timeout=5)
        connection.login(user, password)
        print(dialect, connection.getServerName(), connection.getServerOS(), connection.getServerDNSDomainName())
        with contextlib.suppress(Exception):
            connection.connectTree("IPC$")
        connection.logoff()
        connection.close()


def ask_interfaces(address, user, password):
    from impacket.smb3structs import FSCTL_QUERY_NETWORK_INTERFACE_INFO, SMB2_0_IOCTL_IS_FSCTL, SMB2_DIALECT_30
    from impacket.smbconnection import SMBConnection

    connection = SMBConnection(address, address, preferredDialect=SMB2_DIALECT_30, timeout=5)
    connection.login(user, password)
    tree = connection.connectTree("IPC$")
    server = connection.getSMBServer()
    print(server.ioctl(tree, None, FSCTL_QUERY_NETWORK_INTERFACE_INFO, flags=SMB2_0_IOCTL_IS_FSCTL, maxOutputResponse=4096).hex())
    connection.logoff()
    connection.close()


def record_windows(host, file, *dialects, with_smbclient=False):
    import lab

    with lab.Lab(f"smb/{file}", ["sm-client", host], hostnames=HOSTNAMES) as net:
        net.start(host, sys.executable, __file__, "serve", host, net.home)
        net.listens(host, 445)
        impacket(net, host, *dialects, user="operator")
        if with_smbclient:
            print(net.run("sm-client", "smbclient", "-m", "NT1", "--option", "client min protocol=NT1", "-U", f"operator%{PASSWORD}",
                          "--netbiosname", "ENG-LINUX", f"//{plan.device(host).ip}/LOGS", "-c", "ls"))


RECORDINGS = {
    "samba-smb1": record_smb1,
    "samba-smb2": record_smb2,
    "samba-smb311": record_smb311,
    "samba-smb3-encrypted": record_encrypted,
    "samba-netbios-session": record_netbios,
    "samba-nmap": record_nmap,
    "samba-kerberos": record_kerberos,
    "samba-interfaces": record_interfaces,
    "samba-old-dialects": record_old_dialects,
    "windows-xp": lambda: record_windows("sm-xp", "windows-xp.pcap", "NT1", with_smbclient=True),
    "windows-7": lambda: record_windows("sm-win7", "windows-7.pcap", "NT1", "2.0.2"),
}


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        serve(*sys.argv[2:])
    elif sys.argv[1:2] == ["ask"]:
        ask(*sys.argv[2:])
    elif sys.argv[1:2] == ["ask-interfaces"]:
        ask_interfaces(*sys.argv[2:])
    else:
        import lab

        lab.main(RECORDINGS)
