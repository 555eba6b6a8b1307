#!/usr/bin/env python3
"""Record kerberos/: krb5kdc of MIT gives tickets to a machine and to a person, over UDP and over TCP."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import plan  # noqa: E402

CASES = {
    "krb5kdc.pcap": ("A machine gets a ticket by its own account and one for a file server, over UDP; a person does so over TCP and fails once.",
                     "krb5kdc, kinit and kvno of MIT Kerberos 1.20.1", ["kerberos"]),
}

REALM, PERSON, PASSWORD = "PLANT.EXAMPLE", "line9operator", "invented-4717"


def record():
    import lab

    with lab.Lab("kerberos/krb5kdc.pcap", ["kb-client", "kb-centre"], hostnames={"kb-client": "hmi9", "kb-centre": "dc9"}) as net:
        home, address = net.home, plan.device("kb-centre").ip
        for name, way in (("udp", 65_000), ("tcp", 1)):
            (home / f"{name}.conf").write_text(f"[libdefaults]\ndefault_realm = {REALM}\ndns_lookup_kdc = false\nrdns = false\ndns_canonicalize_hostname = false\n"
                                               f"udp_preference_limit = {way}\nnoaddresses = false\n[realms]\n{REALM} = {{\nkdc = {address}\n}}\n")
        (home / "kdc.conf").write_text(f"[kdcdefaults]\nkdc_ports = 88\nkdc_tcp_ports = 88\n[realms]\n{REALM} = {{\ndatabase_name = {home}/principal\n"
                                       f"key_stash_file = {home}/stash\nacl_file = {home}/acl\nadmin_keytab = {home}/admin\n}}\n")
        environment = ["env", f"KRB5_CONFIG={home}/udp.conf", f"KRB5_KDC_PROFILE={home}/kdc.conf"]
        net.run("kb-centre", *environment, "kdb5_util", "create", "-s", "-P", "invented-4718", "-r", REALM)
        for query in ("addprinc -randkey HMI9$", "addprinc -randkey cifs/filesrv9.plant.example", f"addprinc +requires_preauth -pw {PASSWORD} {PERSON}",
                      f"ktadd -k {home}/hmi9.keytab HMI9$"):
            net.run("kb-centre", *environment, "kadmin.local", "-q", query)
        net.start("kb-centre", *environment, "krb5kdc", "-n")
        net.listens("kb-centre", 88, "udp")

        def client(way, *command, check=True, **options):
            net.run("kb-client", "env", f"KRB5_CONFIG={home}/{way}.conf", f"KRB5CCNAME={home}/{way}.cache", *command, check=check, **options)

        client("udp", "kinit", "-a", "-k", "-t", home / "hmi9.keytab", "HMI9$")
        client("udp", "kvno", "cifs/filesrv9.plant.example")
        client("tcp", "kinit", PERSON, input="invented-0000\n", check=False)
        client("tcp", "kinit", PERSON, input=f"{PASSWORD}\n")
        client("tcp", "kvno", "cifs/filesrv9.plant.example")


RECORDINGS = {"krb5kdc": record}

if __name__ == "__main__":
    import lab

    lab.main(RECORDINGS)
