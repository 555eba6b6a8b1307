#!/usr/bin/env python3
"""Generate the Windows hosts that no program at hand can play."""

import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import plan  # noqa: E402
import rpc  # noqa: E402
import say_smb as say  # noqa: E402
from rpc import NDR, NDR64, Stub  # noqa: E402
from wire import Wire  # noqa: E402

CASES = {
    "windows-server-2019-tcp.pcap": ("ServerAlive2 with two networks; ept_lookup in NDR64 over several fragments; Netlogon calls, NTLM in a bind, a secure "
                                     "channel.", "", ["dcerpc"]),
    "windows-server-2019-pipes.pcap": ("Workstation service in NDR64, server service, policy, registry with update level, print system: pipes of SMB 3.1.1, "
                                       "one answer in two parts.", "", ["smb"]),
    "windows-server-2008r2-smb1.pcap": ("Registry values enumerated over a pipe of SMB1: service pack, machine, firmware.", "", ["smb"]),
}

CURRENT = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion"
PIPE_TRANSCEIVE, BUFFER_OVERFLOW = 0x0011_C017, 0x8000_0005
CREATE, CLOSE, READ, WRITE, IOCTL = 5, 6, 8, 9, 11
MACHINE = (21, 1_004_336_348, 1_177_238_915, 682_003_330)
DOMAIN = (21, 3_623_811_015, 3_361_044_348, 30_300_820)


# ---- pipes -----------------------------------------------------------------------------------------------------


class Pipes(say.Smb2):
    """An SMB2 session with IPC$ connected."""

    def ipc(self):
        path = f"\\\\{self.server.ip}\\IPC$".encode("utf-16-le")
        self.conversation.ask(say.netbios(self.header(3, 0) + struct.pack("<HHHH", 9, 0, 72, len(path)) + path))
        self.tree = 5
        self.conversation.answer(say.netbios(self.header(3, say.FROM_SERVER) + struct.pack("<HBBIII", 16, 2, 0, 0x30, 0, 0x001F_01FF)))
        self.message += 1

    def open(self, name):
        text = name.encode("utf-16-le")
        ask = struct.pack("<HBBIQQIIIIIHHII", 57, 0, 0, 2, 0, 0, 0x0012_019F, 0, 7, 1, 0x40_0000, 120, len(text), 0, 0) + text
        self.file = say.digest(name, "file")
        answer = struct.pack("<HBBIQQQQQQII", 89, 0, 0, 1, 0, 0, 0, 0, 4096, 0, 0x80, 0) + self.file + struct.pack("<II", 0, 0)
        self.exchange(CREATE, ask, answer)

    def transceive(self, data, answer, room=None):
        """What does not fit into the room of the answer is read afterwards."""
        part = answer[:room]
        ask = struct.pack("<HHI16sIIIIIIII", 57, 0, PIPE_TRANSCEIVE, self.file, 120, len(data), 0, 120, 0, room or 4280, 1, 0) + data
        self.conversation.ask(say.netbios(self.header(IOCTL, 0) + ask))
        head = struct.pack("<HHI16sIIIIII", 49, 0, PIPE_TRANSCEIVE, self.file, 112, 0, 112, len(part), 0, 0)
        status = BUFFER_OVERFLOW if len(part) < len(answer) else 0
        self.conversation.answer(say.netbios(self.header(IOCTL, say.FROM_SERVER, status) + head + part))
        self.message += 1
        if status:
            self.read(answer[room:])

    def write(self, data):
        self.exchange(WRITE, struct.pack("<HHIQ16sIIHHI", 49, 112, len(data), 0, self.file, 0, 0, 0, 0, 0) + data, struct.pack("<HHIIHH", 17, 0, len(data), 0, 0, 0))

    def read(self, data):
        ask = struct.pack("<HBBIQ16sIIIHHB", 49, 0x50, 0, 4280, 0, self.file, 0, 0, 0, 0, 0, 0)
        self.exchange(READ, ask, struct.pack("<HBBIII", 17, 80, 0, len(data), 0, 0) + data)

    def close(self):
        self.exchange(CLOSE, struct.pack("<HHI16s", 24, 0, 0, self.file), struct.pack("<HHIQQQQQQI", 60, 0, 0, 0, 0, 0, 0, 0, 0, 0))

    def service(self, pipe, interface, calls, wide=False, room=None):
        """Opens a pipe, binds with a write and a read, and calls: (operation, stub of the request, stub of the answer)."""
        self.open(pipe)
        syntaxes = (NDR, NDR64) if wide else (NDR,)
        self.write(rpc.bind(interface, *syntaxes))
        self.read(rpc.bind_ack(f"\\PIPE\\{pipe}", [None, NDR64] if wide else [NDR]))
        for number, (operation, ask, answer) in enumerate(calls, 2):
            context = 1 if wide else 0
            self.transceive(rpc.request(operation, ask, number, context), rpc.response(answer, number, context), room)
        self.close()


class OldPipes(say.Smb1):
    """An SMB1 session with a pipe opened by NT_CREATE_ANDX."""

    def open(self, name):
        text = (name + "\0").encode("utf-16-le")
        ask = struct.pack("<BBBHBHIIIQIIIIIB", 24, 0xFF, 0, 0, 0, len(text) - 2, 0, 0, 0x0002_019F, 0, 0, 7, 1, 0, 2, 3) + struct.pack("<HB", 1 + len(text), 0) + text
        answer = struct.pack("<BBBHBHIQQQQIQQHHBH", 34, 0xFF, 0, 0, 0, 0x4007, 1, 0, 0, 0, 0, 0x80, 0, 0, 2, 0x5FF, 0, 0)
        self.exchange(0xA2, ask, answer)

    def transact(self, data, answer):
        name = "\\PIPE\\\0".encode("utf-16-le")
        at = 32 + 1 + 32 + 2 + 1 + len(name)
        padding = b"\0" * (-at % 4)
        words = struct.pack("<BHHHHBBHIHHHHHBBHH", 16, 0, len(data), 0, 4280, 0, 0, 0, 0, 0, 0, at + len(padding), len(data), at + len(padding), 2, 0, 0x26, 0x4007)
        ask = words + struct.pack("<HB", 1 + len(name) + len(padding) + len(data), 0) + name + padding + data
        words = struct.pack("<BHHHHHHHHHBB", 10, 0, len(answer), 0, 0, 56, 0, len(answer), 56, 0, 0, 0)
        self.exchange(0x25, ask, words + struct.pack("<HB", 1 + len(answer), 0) + answer)

    def service(self, pipe, interface, calls):
        self.open(pipe)
        self.transact(rpc.bind(interface, NDR), rpc.bind_ack(f"\\PIPE\\{pipe}", [NDR]))
        for number, (operation, ask, answer) in enumerate(calls, 2):
            self.transact(rpc.request(operation, ask, number), rpc.response(answer, number))


# ---- what services say -----------------------------------------------------------------------------------------


def workstation(says, wide):
    ask = Stub(wide).pointer().strings("\\\\" + says["name"]).u32(102)
    major, minor, _ = says["version"]
    answer = Stub(wide).u32(102).structure().pointer().structure().u32(500).pointers(2).u32(major, minor).pointer().u32(3).structure()
    answer.strings(says["name"], says["domain"], "").u32(0)
    return [(0, ask.data, answer.data)]


def server(says, comment, roles):
    ask = Stub().pointer().strings("\\\\" + says["name"]).u32(101)
    major, minor, _ = says["version"]
    answer = Stub().u32(101).pointer().u32(500).pointer().u32(major, minor, roles).pointer().strings(says["name"], comment).u32(0)
    return [(21, ask.data, answer.data)]


def policies(says):
    def asked(number):
        return Stub().handle(1).u16(number).data

    dns = Stub().pointer().u16(12).counted(says["domain"]).counted(says["dns"]).counted(says["dns"]).guid("4d1f7c3a-0b6e-4f0e-9a57-6f7a9a1c2b30").pointer()
    dns.characters(says["domain"]).characters(says["dns"]).characters(says["dns"]).sid(*DOMAIN).u32(0)
    account = Stub().pointer().u16(5).counted(says["name"]).pointer().characters(says["name"]).sid(*MACHINE).u32(0)
    opened = (44, Stub().pointer().strings("\\\\" + says["name"]).u32(24, 0, 0, 0, 0, 0, 0x801).data, Stub().handle(1).u32(0).data)
    return [opened, (46, asked(12), dns.data), (7, asked(5), account.data)]


def key_opened(number, path):
    ask = Stub().handle(number - 1).counted(path, end=True).characters(path, end=True).u32(0, 0x0002_0019)
    return 15, ask.data, Stub().handle(number).u32(0).data


def data_of(value):
    return (4, struct.pack("<I", value)) if isinstance(value, int) else (1, (value + "\0").encode("utf-16-le"))


def typed(stub, value):
    kind, data = data_of(value)
    stub.pointer().u32(kind).pointer().size(1024, 0, len(data)).raw(data)
    return stub.pointer().u32(len(data)).pointer().u32(len(data)).u32(0)


def registry(*keys):
    """Keys below HKEY_LOCAL_MACHINE with their values, each asked for by its name."""
    calls = [(2, Stub().pointer(False).u32(0x0200_0000).data, Stub().handle(0).u32(0).data)]
    for path, values in keys:
        calls.append(key_opened(1, path))
        for name, value in values.items():
            ask = Stub().handle(1).counted(name, end=True).characters(name, end=True).pointer().u32(0).pointer().size(1024, 0, 0).pointer().u32(1024).pointer().u32(0)
            calls.append((17, ask.data, typed(Stub(), value).data))
        calls.append((5, Stub().handle(1).data, Stub().raw(bytes(20)).u32(0).data))
    return calls


def enumeration(*keys):
    """The same, each value with its name in the answer."""
    calls = [(2, Stub().pointer(False).u32(0x0200_0000).data, Stub().handle(0).u32(0).data)]
    for path, values in keys:
        calls.append(key_opened(1, path))
        for index, (name, value) in enumerate(values.items()):
            ask = Stub().handle(1).u32(index).counted("").characters("").pointer().u32(0).pointer().size(1024, 0, 0).pointer().u32(1024).pointer().u32(0)
            calls.append((10, ask.data, typed(Stub().counted(name, end=True).characters(name, end=True), value).data))
        calls.append((5, Stub().handle(1).data, Stub().raw(bytes(20)).u32(0).data))
    return calls


def printing(client, says):
    major, minor, build = client["version"]
    ask = Stub().pointer().strings("\\\\" + says["name"]).pointer(False).u32(0).pointer(False).u32(1, 1, 1).pointer()
    ask.u32(28).pointers(2).u32(build, major, minor).u16(9).strings("\\\\" + client["name"], "operator")
    version = rpc.version_info(*says["version"])
    name = Stub().handle(7).strings("OSVersion").u32(len(version))
    answer = Stub().u32(3).size(len(version)).raw(version).u32(len(version), 0)
    return [(69, ask.data, Stub().handle(7).u32(0).data), (26, name.data, answer.data)]


# ---- files -----------------------------------------------------------------------------------------------------


def windows_2019_pipes():
    client, host = plan.device("dc-ews"), plan.device("dc-2019")
    wire = Wire("2026-03-02T13:00:00")
    with wire.tcp(client, host, 445) as conversation:
        talk = Pipes(conversation, client, host, 0x0311, wire.now, False)
        talk.negotiate(False)
        talk.set_up("operator")
        talk.ipc()
        talk.service("wkssvc", rpc.WKSSVC, workstation(host.says, True), wide=True)
        talk.service("srvsvc", rpc.SRVSVC, server(host.says, "Batch server, line 2", 0x0000_9003))
        talk.service("lsass", rpc.LSARPC, policies(host.says))
        current = {"ProductName": "Windows Server 2019 Standard", "CurrentVersion": "6.3", "CurrentBuildNumber": "17763", "UBR": 4252, "ReleaseId": "1809",
                   "DisplayVersion": "1809", "EditionID": "ServerStandard", "InstallationType": "Server", "RegisteredOwner": "A. Person",
                   "BuildLabEx": "17763.1.amd64fre.rs5_release.180914-1434"}
        options = {"ProductType": "ServerNT"}
        network = {"Hostname": "batch-01", "Domain": "plant.example"}
        name = {"ComputerName": "BATCH-01"}
        talk.service("winreg", rpc.WINREG, registry((CURRENT, current), (r"SYSTEM\CurrentControlSet\Control\ProductOptions", options),
                     (r"SYSTEM\CurrentControlSet\Services\Tcpip\Parameters", network),
                     (r"SYSTEM\CurrentControlSet\Control\ComputerName\ComputerName", name)), room=96)
        talk.service("spoolss", rpc.SPOOLSS, printing(client.says, host.says))
    wire.save("dcerpc/windows-server-2019-pipes.pcap")


def windows_2008r2_smb1():
    client, host = plan.device("dc-ews"), plan.device("dc-2008r2")
    wire = Wire("2026-03-02T13:20:00")
    with wire.tcp(client, host, 445) as conversation:
        talk = OldPipes(conversation, client, host, wire.now)
        talk.negotiate()
        talk.set_up("operator")
        talk.share("IPC$")
        current = {"ProductName": "Windows Server 2008 R2 Standard", "CurrentVersion": "6.1", "CurrentBuildNumber": "7601", "CSDVersion": "Service Pack 1",
                   "BuildLabEx": "7601.24214.amd64fre.win7sp1_ldr.180801-1700", "RegisteredOrganization": "Plant"}
        machine = {"BIOSVersion": "P70 07/01/2015", "SystemManufacturer": "HP", "SystemProductName": "ProLiant DL360p Gen8"}
        talk.service("winreg", rpc.WINREG, enumeration((CURRENT, current), (r"HARDWARE\DESCRIPTION\System\BIOS", machine)))
    wire.save("dcerpc/windows-server-2008r2-smb1.pcap")


def windows_2019_tcp():
    client, host = plan.device("dc-ews"), plan.device("dc-2019")
    wire = Wire("2026-03-02T13:40:00")
    with wire.tcp(client, host, 135) as conversation:
        conversation.ask(rpc.bind(rpc.OXID, NDR))
        conversation.answer(rpc.bind_ack("135", [NDR]))
        conversation.ask(rpc.request(5, b""))
        addresses = rpc.bindings("BATCH-01", host.ip, "192.168.70.30", "fe80::215:5dff:fe20:71e")
        alive = Stub().u16(5, 7).pointer().u32((len(addresses) - 4) // 2).raw(addresses).u32(0, 0)
        conversation.answer(rpc.response(alive.data))
    wire.wait(5)
    with wire.tcp(client, host, 135) as conversation:
        conversation.ask(rpc.bind(rpc.EPM, NDR, NDR64, rpc.FEATURES))
        conversation.answer(rpc.bind_ack("135", [None, NDR64, None]))
        conversation.ask(rpc.request(2, Stub(True).u32(0).pointer(False).pointer(False).u32(1).handle(0).u32(500).data, context=1))
        conversation.answer(rpc.response(rpc.lookup(services(host), wide=True), context=1, fragment_bytes=1024))
    wire.wait(5)
    with wire.tcp(client, host, 49_670) as conversation:
        conversation.ask(rpc.bind(rpc.NETLOGON, NDR, auth=(rpc.NTLM, rpc.CONNECT, say.ntlm_negotiate(client.says))))
        conversation.answer(rpc.bind_ack("49670", [NDR], auth=(rpc.NTLM, rpc.CONNECT, say.ntlm_challenge(host.says, wire.now))))
        conversation.ask(rpc.fragment(rpc.AUTH3, bytes(4), auth=(rpc.NTLM, rpc.CONNECT, say.ntlm_authenticate(client.says, "operator"))))
        challenge = Stub().pointer().strings("\\\\BATCH-01", client.says["name"]).raw(say.digest("challenge", "client")[:8])
        conversation.ask(rpc.request(4, challenge.data))
        conversation.answer(rpc.response(Stub().raw(say.digest("challenge", "server")[:8]).u32(0).data))
        conversation.ask(rpc.request(34, Stub().pointer(False).pointer(False).u32(0).pointer(False).pointer(False).pointer(False).u32(0x4000_0000).data, 3))
        found = Stub().pointer().pointers(2).u32(1).guid("4d1f7c3a-0b6e-4f0e-9a57-6f7a9a1c2b30").pointers(2).u32(0xE003_F1FD).pointers(2)
        found.strings("\\\\dc01.plant.example", "\\\\10.20.3.36", "plant.example", "plant.example", "Plant", "Plant").u32(0)
        conversation.answer(rpc.response(found.data, 3))
    wire.wait(5)
    with wire.tcp(client, host, 49_670) as conversation:
        token = struct.pack("<II", 0, 3) + b"PLANT\0ENG-W10B\0"
        conversation.ask(rpc.bind(rpc.NETLOGON, NDR, auth=(rpc.SCHANNEL, 6, token)))
        conversation.answer(rpc.bind_ack("49670", [NDR], auth=(rpc.SCHANNEL, 6, struct.pack("<III", 1, 0, 0))))
        hidden = b"".join(say.digest("hidden", str(part)) for part in range(4))
        seal = (rpc.SCHANNEL, 6, say.digest("seal", "1") + say.digest("seal", "2"))
        conversation.ask(rpc.fragment(rpc.REQUEST, struct.pack("<IHH", len(hidden), 0, 4) + hidden, 2, auth=seal))
        conversation.answer(rpc.fragment(rpc.RESPONSE, struct.pack("<IHBB", len(hidden), 0, 0, 0) + hidden, 2, auth=seal))
    wire.save("dcerpc/windows-server-2019-tcp.pcap")


def services(host):
    """What a batch server lists: services of Windows, and a product's own."""
    name = "\\\\" + host.says["name"]
    scheduler, events = ("86d35949-83c9-4044-b424-db363231fd0c", 1), ("f6beaff7-1e19-4fbb-9f8f-b89e2018337c", 1)
    dhcp, firewall = ("3c4728c5-f0ab-448b-bda1-6ce01eb0a6d5", 1), ("2fb92682-6599-42dc-ae13-bd2ca89bd11c", 1)
    products = ("a398e520-d59a-4bdd-aa7a-3c1e0303a511", 1)
    return [
        ("", rpc.over_tcp(scheduler, 49_665, host.ip)), ("", rpc.over_pipe(scheduler, r"\PIPE\atsvc", name)),
        ("Event log TCPIP", rpc.over_tcp(events, 49_666, host.ip)), ("Event log TCPIP", rpc.over_pipe(events, r"\pipe\eventlog", name)),
        ("DHCP Client LRPC Endpoint", rpc.tower(dhcp, 0, (b"\x0c", b"\0\0"), (b"\x10", b"dhcpcsvc\0"))),
        ("Fw APIs", rpc.tower(firewall, 0, (b"\x0c", b"\0\0"), (b"\x10", b"LRPC-5bd3\0"))),
        ("IKE/Authip API", rpc.over_tcp(products, 49_667, host.ip)),
        ("", rpc.over_tcp(rpc.LSARPC, 49_664, host.ip)), ("", rpc.over_pipe(rpc.LSARPC, r"\pipe\lsass", name)),
        ("", rpc.over_tcp(rpc.NETLOGON, 49_670, host.ip)), ("", rpc.over_tcp(rpc.SPOOLSS, 49_671, host.ip)),
    ]


if __name__ == "__main__":
    windows_2019_tcp()
    windows_2019_pipes()
    windows_2008r2_smb1()
