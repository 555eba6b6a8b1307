#!/usr/bin/env python3
"""Generate how a controller starts its devices, and how an engineering station reads them out."""

import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "dcerpc"))

import plan  # noqa: E402
import rpc  # noqa: E402
import say_profinet as say  # noqa: E402
import say_smb  # noqa: E402
from rpc import Stub  # noqa: E402
from wire import Wire  # noqa: E402

CASES = {
    "start-up.pcap": ("A controller connects to two devices: to one with so many modules that the call comes in two parts, one module missing and one another; it "
                      "writes parameters, devices call back that they are ready. A third refuses. One device answers from a port of its own, big-endian.", "", ["pn_io"]),
    "read-out.pcap": ("An engineering station reads identification and maintenance records of a device and its modules, the list of modules, the interface and its "
                      "neighbours, and writes tag and date of installation; the device refuses a signature.", "", ["pn_io"]),
    "endpoint-mapper.pcap": ("The endpoint mapper of a PROFINET device at UDP port 34964, asked without a connection.", "", ["pn_io"]),
}

CPU, ET200SP, AXL = (0x002A, 0x010E), (0x002A, 0x0313), (0x00B0, 0x0142)
PORT = 34_964
# Slot, module, and of each submodule: subslot, number, 0 for no data, 1 for inputs, 2 for outputs, 3 for both.
HEAD = (0, 0x0000_0A41, [(1, 0x0000_0A41, 0), (0x8000, 0x0000_0A42, 0), (0x8001, 0x0000_0A43, 0), (0x8002, 0x0000_0A43, 0)])
INPUTS, OUTPUTS = 0x0000_4B41, 0x0000_4C41


def rack(slots):
    return [HEAD] + [(slot, OUTPUTS if slot & 1 else INPUTS, [(1, 1, 2 if slot & 1 else 1)]) for slot in slots]


def set_up(calls, wire, controller, device, text, modules, differing=(), back_ports=(49_153, PORT), little=True):
    calls.call(say.CONNECT, say.connect_request(controller, CPU, "plc-1", modules), say.connect_response(device, text, differing))
    calls.write_several([(0, 0x8000, 0x8071, bytes(18)), (1, 1, 0x0080, b"\x01\x02\x03"), (2, 1, 0x0080, bytes(5))])
    calls.call(say.CONTROL, say.control(0x0110, 1), say.control(0x8110, 8))
    back = say.Calls(wire, device, controller, back_ports, CPU, say.CONTROLLER_INTERFACE, little)
    back.call(say.CONTROL, say.control(0x0112, 2), say.control(0x8112, 8))


def start_up():
    wire = Wire("2026-03-02T15:40:00")
    cpu, io, axl, wago = (plan.device(name) for name in ("pn-cpu", "pn-et200sp", "pn-axl", "pn-wago"))
    calls = say.Calls(wire, cpu, io, (49_152, PORT), ET200SP)
    set_up(calls, wire, cpu, io, "et200sp-1", rack(range(1, 61)), [(5, 0, 0), (6, OUTPUTS, 1), (7, INPUTS, 3)])
    calls = say.Calls(wire, cpu, axl, (49_152, PORT), AXL, little=False, answer_port=49_155)
    set_up(calls, wire, cpu, axl, "axl-1", rack(range(1, 4)), back_ports=(49_156, PORT), little=False)
    calls = say.Calls(wire, cpu, wago, (49_152, PORT), (0x011D, 0x02EE))
    calls.call(say.CONNECT, say.connect_request(cpu, CPU, "plc-1", rack([1])), b"", 0xDB81_0103)
    wire.save("pn_io/start-up.pcap")


def read_out():
    wire = Wire("2026-03-02T15:50:00")
    station, io = plan.device("pn-station"), plan.device("pn-et200sp")
    calls = say.Calls(wire, station, io, (56_001, PORT), ET200SP)
    calls.read(0, 1, 0xAFF0, say.im0(0x2A, "6ES7 155-6AU01-0BN0", "S C-J5UN01234", 3, ("V", 4, 2, 0), 7))
    calls.read(0, 1, 0xAFF1, say.im1("Filling line 2", "Hall 3, cabinet 12"))
    calls.read(0, 1, 0xAFF2, say.im2("2024-05-17 08:30"))
    calls.read(0, 1, 0xAFF3, say.im3("Remote I/O of filler"))
    calls.read(0, 1, 0xAFF4, say.im4(bytes(range(16))))
    calls.read(1, 1, 0xAFF0, say.im0(0x2A, "6ES7 131-6BF01-0BA0", "S C-K2UN54321", 2, ("V", 0, 0, 1), profile=0xF600, profile_type=3))
    calls.read(2, 1, 0xAFF0, say.im0(0x2A, "6ES7 132-6BF01-0BA0", "S C-K2UN54399", 2, ("V", 1, 1, 0)))
    calls.read(3, 2, 0xAFF0, say.im0(0x2A, "6ES7 136-6DC00-0CA0", "S C-L7UN00112", 1, ("V", 1, 0, 2)))
    calls.read(0, 0x8000, 0xAFF0, b"", status=0xDE80_B000)
    calls.read(0, 0, 0xF000, say.modules(rack(range(1, 4))))
    calls.read(0, 0, 0xF841, say.real_data(io, "et200sp-1", [("port-003", "sw-line-1", plan.device("pn-scalance").mac),
                                                             ("port-001", "drive-1", plan.device("pn-drive").mac)]))
    calls.read(1, 1, 0x0080, b"\x01\x02\x03")
    calls.write(0, 1, 0xAFF1, say.im1("Filling line 3", "Hall 3, cabinet 12"))
    calls.write(2, 1, 0xAFF2, say.im2("2026-03-02 15:50"))
    calls.write(0, 1, 0xAFF4, say.im4(b"\x01"), 0xDF80_B600)
    wire.save("pn_io/read-out.pcap")


def endpoint_mapper():
    client, host = plan.device("dc-client"), plan.device("dc-et200")
    wire = Wire("2026-03-02T14:00:00")
    interface = (say.DEVICE_INTERFACE, 1)
    # Type of device 25, order number 20, hardware 5, prefix 1, software 9 characters.
    annotation = f"{'ET200SP':<25}{'6ES7 155-6AU01-0BN0':<20}{'    1'}{'V'}{'  4  2  0'}"
    for number, (annotated, port) in enumerate(((annotation, PORT),)):
        stub = rpc.lookup([(annotated, rpc.over_udp(interface, port, host.ip))])
        ask = Stub().u32(0).pointer(False).pointer(False).u32(1).handle(0).u32(1).data
        for source, target, kind, data in ((client, host, 0, ask), (host, client, 2, stub)):
            ports = (49_152, PORT) if source is client else (PORT, 49_152)
            wire.udp(source, target, *ports, connectionless(kind, number, data))
    wire.save("pn_io/endpoint-mapper.pcap")


def connectionless(kind, sequence, data):
    import uuid

    name, version = rpc.EPM
    head = struct.pack("<BBBBBBBB", 4, kind, 0x20 if kind == 0 else 0x0A, 0, 0x10, 0, 0, 0) + bytes(16) + uuid.UUID(name).bytes_le
    head += say_smb.digest("profinet", "activity") + struct.pack("<IIIHHHHHBB", 0, version, sequence, 2, 0xFFFF, 0xFFFF, len(data), 0, 0, 0)
    return head + data


if __name__ == "__main__":
    start_up()
    read_out()
    endpoint_mapper()
