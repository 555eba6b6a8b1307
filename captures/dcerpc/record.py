#!/usr/bin/env python3
"""Record dcerpc/: Samba's services over the pipes of SMB1 and SMB 3, and over TCP with its endpoint mapper."""

import contextlib
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import plan  # noqa: E402

SAMBA = "Samba 4.17.12 server"
CASES = {
    "samba-smb3-pipes.pcap": ("Server, workstation, local security authority, registry and print services over pipes of SMB 3.1.1.",
                              f"{SAMBA}; rpcclient and net 4.17.12 as clients", ["smb"]),
    "samba-smb1-pipes.pcap": ("The same services over pipes of SMB1: TRANSACTION, WRITE_ANDX and READ_ANDX.",
                              f"{SAMBA}; rpcclient 4.17.12 and impacket 0.13.1 as clients", ["smb"]),
    "samba-sealed.pcap": ("Calls encrypted with NTLM in a pipe, whose bind still names both ends.", f"{SAMBA}; rpcclient 4.17.12 client", ["smb"]),
    "samba-endpoint-mapper.pcap": ("All services listed by the endpoint mapper at TCP port 135, a few at a time, and one found by name.",
                                   f"{SAMBA} with samba-dcerpcd; impacket 0.13.1 client", ["dcerpc"]),
}

USER, PASSWORD = "daemon", "invented-4711"  # the Unix account exists on every Debian; the password only here
HOSTNAMES = {"dc-client": "scanner", "dc-samba": "printsrv"}
REGISTRY = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion"


@contextlib.contextmanager
def samba(file, *settings, helpers=False):
    """Samba with its own configuration, state and user in a temporary directory."""
    import lab

    with lab.Lab(f"dcerpc/{file}", ["dc-client", "dc-samba"], hostnames=HOSTNAMES) as net:
        home = net.home
        for folder in ("private", "lock", "state", "cache", "pid", "ncalrpc"):
            (home / folder).mkdir()
        (home / "private").chmod(0o700)
        (home / "ncalrpc").chmod(0o755)
        configuration = home / "smb.conf"
        configuration.write_text("\n".join([
            "[global]", "netbios name = PRINTSRV", "workgroup = PLANT", "server string = Print server of line 4 (Samba %v)",
            "server min protocol = NT1", "client min protocol = NT1", "ntlm auth = yes", "map to guest = bad user", "load printers = no",
            "printing = bsd", f"admin users = {USER}", "printcap name = /dev/null", "log level = 0", f"log file = {home}/log", f"private dir = {home}/private",
            f"lock directory = {home}/lock", f"state directory = {home}/state", f"cache directory = {home}/cache",
            f"pid directory = {home}/pid", f"ncalrpc dir = {home}/ncalrpc", *settings, ""]))
        net.run("dc-samba", "smbpasswd", "-c", configuration, "-a", "-s", USER, input=f"{PASSWORD}\n{PASSWORD}\n")
        if helpers:
            net.start("dc-samba", "/usr/libexec/samba/samba-dcerpcd", "--foreground", "--no-process-group", "--libexec-rpcds", "--configfile", configuration)
            net.listens("dc-samba", 135)
            time.sleep(4)  # until its services have told it their endpoints
        net.start("dc-samba", "smbd", "--foreground", "--no-process-group", "--configfile", configuration)
        net.listens("dc-samba", 445)
        yield net


def rpcclient(net, commands, dialect="SMB3_11", binding=None, check=True):
    address = binding or plan.device("dc-samba").ip
    print(net.run("dc-client", "rpcclient", "-U", f"PLANT\\{USER}%{PASSWORD}", "--netbiosname", "SCANNER", "-m", dialect, "--option",
                  f"client min protocol={'NT1' if dialect == 'NT1' else 'SMB2'}", "--option", f"client ipc max protocol={dialect}", "--option",
                  f"client ipc min protocol={'NT1' if dialect == 'NT1' else 'SMB2'}", address, "-c", commands, check=check))


def registry(net, *names):
    for name in names:
        print(net.run("dc-client", "net", "rpc", "registry", "getvalue", REGISTRY, name, "-S", plan.device("dc-samba").ip, "-U",
                      f"PLANT\\{USER}%{PASSWORD}", check=False))


def record_smb3():
    with samba("samba-smb3-pipes.pcap") as net:
        rpcclient(net, "srvinfo; wkssvc_wkstagetinfo; lsaquery; getdata . OSVersion")
        registry(net, "CurrentVersion")
        print(net.run("dc-client", "net", "rpc", "registry", "enumerate", r"HKLM\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters", "-S",
                      plan.device("dc-samba").ip, "-U", f"PLANT\\{USER}%{PASSWORD}", check=False))


def record_smb1():
    with samba("samba-smb1-pipes.pcap") as net:
        rpcclient(net, "srvinfo; wkssvc_wkstagetinfo; lsaquery", dialect="NT1")
        print(net.run("dc-client", sys.executable, __file__, "ask", plan.device("dc-samba").ip))


def record_sealed():
    with samba("samba-sealed.pcap") as net:
        rpcclient(net, "srvinfo", binding=f"ncacn_np:{plan.device('dc-samba').ip}[seal]")


def record_endpoint_mapper():
    with samba("samba-endpoint-mapper.pcap", "rpc start on demand helpers = no", helpers=True) as net:
        print(net.run("dc-client", sys.executable, __file__, "map", plan.device("dc-samba").ip))


def ask(address):
    """Writes and reads apart, as clients before Windows XP do."""
    from impacket.dcerpc.v5 import srvs, transport

    pipe = transport.SMBTransport(address, filename=r"\srvsvc", username=USER, password=PASSWORD, domain="PLANT")
    pipe.preferred_dialect("NT LM 0.12")
    rpc = pipe.get_dce_rpc()
    rpc.connect()
    rpc.bind(srvs.MSRPC_UUID_SRVS)
    srvs.hNetrServerGetInfo(rpc, 102).dump()
    rpc.disconnect()


def ask_map(address):
    from impacket.dcerpc.v5 import epm, rrp, transport

    def connected():
        rpc = transport.DCERPCTransportFactory(f"ncacn_ip_tcp:{address}[135]").get_dce_rpc()
        rpc.connect()
        return rpc

    rpc = connected()
    rpc.bind(epm.MSRPC_UUID_PORTMAP)
    question = epm.ept_lookup()
    question["inquiry_type"], question["object"], question["Ifid"] = epm.RPC_C_EP_ALL_ELTS, epm.NULL, epm.NULL
    question["vers_option"], question["entry_handle"], question["max_ents"] = epm.RPC_C_VERS_ALL, epm.ept_lookup_handle_t(), 14
    with contextlib.suppress(Exception):  # Samba ends its list with an error
        while True:
            answer = rpc.request(question)
            print(answer["num_ents"])
            question["entry_handle"] = answer["entry_handle"]
    for protocol in ("ncacn_np", "ncacn_ip_tcp"):
        with contextlib.suppress(Exception):  # not every service is at a port
            print(epm.hept_map(address, rrp.MSRPC_UUID_RRP, protocol=protocol, dce=connected()))


RECORDINGS = {
    "samba-smb3-pipes": record_smb3,
    "samba-smb1-pipes": record_smb1,
    "samba-sealed": record_sealed,
    "samba-endpoint-mapper": record_endpoint_mapper,
}


if __name__ == "__main__":
    if sys.argv[1:2] == ["ask"]:
        ask(*sys.argv[2:])
    elif sys.argv[1:2] == ["map"]:
        ask_map(*sys.argv[2:])
    else:
        import lab

        lab.main(RECORDINGS)
