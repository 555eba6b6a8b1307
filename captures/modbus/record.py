#!/usr/bin/env python3
"""Record modbus/: four server programs and four client programs, with every function code that identifies a device.

`record.py` records all cases, `record.py <case>` one. `record.py serve …` and `record.py ask …` are what it starts
inside the namespaces.
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import plan  # noqa: E402

PYMODBUS = "pymodbus 3.16.1 as server and client"
CASES = {
    "pymodbus-device-identification.pcap": (
        "Read Device Identification of a power meter: basic, regular, extended and individual access, objects 0 to 6 and "
        "private object 0x80, Report Server ID, and the exception for an object that is not there.", PYMODBUS, ["modbus"]),
    "pymodbus-more-follows.pcap": (
        "A device identification too long for one answer: More Follows is set and the client goes on at Next Object Id, "
        "three answers in all.", PYMODBUS, ["modbus"]),
    "pymodbus-functions.pcap": (
        "Function codes 1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 15, 16, 17, 22, 23, 24 and 43 with their answers, and exceptions 2 and 3.",
        PYMODBUS, ["modbus"]),
    "pymodbus-port-1502.pcap": ("A drive that is polled and identified on TCP port 1502.", PYMODBUS, ["modbus"]),
    "pymodbus-udp.pcap": ("A meter that is polled and identified over UDP port 502.", PYMODBUS, ["modbus"]),
    "pymodbus-rtu-over-tcp.pcap": ("RTU frames with CRC inside TCP, port 4001: poll and device identification.", PYMODBUS, ["modbus"]),
    "pymodbus-rtu-over-tcp-502.pcap": ("The same RTU frames on port 502, where Modbus/TCP is expected.", PYMODBUS, ["modbus"]),
    "pymodbustcp.pcap": ("Another server and client: polls, writes, device identification, an exception.",
                         "pyModbusTCP 0.3.1 as server and client", ["modbus"]),
    "modbus-tk.pcap": ("A server without identity: polls by four function codes, writes, Report Server ID and "
                       "Read Device Identification both refused.", "modbus_tk 1.1.5 as server and client, pymodbus 3.16.1 as second client", ["modbus"]),
    "umodbus.pcap": ("A small server: polls, and functions 17 and 43 that it does not know.",
                     "uModbus 1.0.4 as server and client, pymodbus 3.16.1 as second client", ["modbus"]),
    "nmap-modbus-discover.pcap": ("nmap's modbus-discover finds a controller: function 17 and 43/14 over several connections.",
                                  "nmap 7.93 asks pymodbus 3.16.1", ["modbus"]),
    "mbpoll.pcap": ("An HMI-like client of libmodbus polls a controller once a second; then one identification.",
                    "mbpoll 1.4.11 and pymodbus 3.16.1 ask pymodbus 3.16.1", ["modbus"]),
}


# ---- what runs inside the namespaces ---------------------------------------------------------------------------


def serve_pymodbus(name, port="502", transport="tcp"):
    import asyncio

    from pymodbus import FramerType
    from pymodbus.pdu.device import ModbusDeviceIdentification
    from pymodbus.server import ModbusTcpServer, ModbusUdpServer
    from pymodbus.simulator import DataType, SimData, SimDevice

    says = plan.device(name).says
    bits = [SimData(0, count=64, values=True, datatype=DataType.BITS)]
    words = [SimData(0, values=list(range(1000, 1100)), datatype=DataType.REGISTERS)]
    device = SimDevice(id=0, simdata=(bits, bits, words, words), identity=ModbusDeviceIdentification(says["objects"]))

    async def serve():
        options = {"identity": device.identity, "address": ("0.0.0.0", int(port))}
        if transport == "udp":
            server = ModbusUdpServer(device, **options)
        else:
            server = ModbusTcpServer(device, framer=FramerType.RTU if transport == "rtu" else FramerType.SOCKET, **options)
        await server.serve_forever()

    asyncio.run(serve())


def serve_pymodbustcp(name):
    from pyModbusTCP.server import DeviceIdentification, ModbusServer

    objects = plan.device(name).says["objects"]
    identification = DeviceIdentification(*(objects.get(n, "").encode() for n in range(7)))
    server = ModbusServer(host="0.0.0.0", port=502, device_id=identification)
    server.data_bank.set_holding_registers(0, list(range(200, 300)))
    server.start()


def serve_modbus_tk(name):
    import threading

    import modbus_tk.defines as cst
    from modbus_tk import modbus_tcp

    server = modbus_tcp.TcpServer(address="0.0.0.0", port=502)
    server.start()
    slave = server.add_slave(1)
    for block, kind in (("coils", cst.COILS), ("inputs", cst.DISCRETE_INPUTS), ("words", cst.HOLDING_REGISTERS), ("analog", cst.ANALOG_INPUTS)):
        slave.add_block(block, kind, 0, 100)
    slave.set_values("words", 0, list(range(300, 320)))
    threading.Event().wait()


def serve_umodbus(name):
    from socketserver import TCPServer

    from umodbus.server.tcp import RequestHandler, get_server

    TCPServer.allow_reuse_address = True
    application = get_server(TCPServer, ("0.0.0.0", 502), RequestHandler)

    @application.route(slave_ids=[1, 255], function_codes=[1, 2, 3, 4], addresses=list(range(0, 50)))
    def read(slave_id, function_code, address):
        return address % 2 if function_code < 3 else address * 3

    @application.route(slave_ids=[1, 255], function_codes=[5, 6, 15, 16], addresses=list(range(0, 50)))
    def write(slave_id, function_code, address, value):
        return None

    application.serve_forever()


def client(address, port=502, transport="tcp"):
    from pymodbus import FramerType
    from pymodbus.client import ModbusTcpClient, ModbusUdpClient

    if transport == "udp":
        made = ModbusUdpClient(address, port=port, timeout=2, retries=0)
    else:
        made = ModbusTcpClient(address, port=port, timeout=2, retries=0, framer=FramerType.RTU if transport == "rtu" else FramerType.SOCKET)
    assert made.connect()
    return made


def identify(connection, code, start=0, unit=1):
    """One read code, followed until nothing more follows."""
    while True:
        answer = connection.read_device_information(read_code=code, object_id=start, device_id=unit)
        print(code, start, answer if answer.isError() else answer.information)
        if answer.isError() or not answer.more_follows or answer.next_object_id <= start:
            return
        start = answer.next_object_id


def ask_identification(address):
    connection = client(address)
    for code in (1, 2, 3):
        identify(connection, code)
    for number in (0, 1, 2, 3, 4, 5, 6, 0x80, 0x90):
        identify(connection, 4, number)
    connection.report_device_id(device_id=1)
    connection.close()


def ask_extended(address):
    connection = client(address)
    identify(connection, 3, unit=255)
    connection.close()


def ask_functions(address):
    c = client(address)
    c.read_coils(0, count=10, device_id=1)
    c.read_discrete_inputs(0, count=12, device_id=1)
    c.read_holding_registers(0, count=20, device_id=1)
    c.read_input_registers(0, count=8, device_id=1)
    c.write_coil(3, False, device_id=1)
    c.write_register(4, 4711, device_id=1)
    c.read_exception_status(device_id=1)
    c.diag_query_data(b"\x12\x34", device_id=1)
    c.diag_get_comm_event_counter(device_id=1)
    c.diag_get_comm_event_log(device_id=1)
    c.write_coils(0, [True, False, True, True, False, False, True, False, True], device_id=1)
    c.write_registers(10, [1, 2, 3, 4], device_id=1)
    c.report_device_id(device_id=1)
    c.mask_write_register(address=4, and_mask=0x00F2, or_mask=0x0025, device_id=1)
    c.readwrite_registers(read_address=0, read_count=6, write_address=14, values=[0x00FF, 0x00FF], device_id=1)
    c.read_fifo_queue(address=30, device_id=1)
    c.read_holding_registers(5000, count=2, device_id=1)
    c.write_register(5000, 1, device_id=1)
    identify(c, 1)
    identify(c, 5)
    c.close()


def ask_poll_and_identify(address, port="502", transport="tcp"):
    connection = client(address, int(port), transport)
    for _ in range(3):
        print(connection.read_holding_registers(0, count=10, device_id=1))
    for code in (1, 3):
        identify(connection, code)
    connection.close()


def ask_pymodbustcp(address):
    from pyModbusTCP.client import ModbusClient

    c = ModbusClient(host=address, port=502, unit_id=1, timeout=2)
    c.read_coils(0, 10), c.read_discrete_inputs(0, 10), c.read_holding_registers(0, 10), c.read_input_registers(0, 10)
    c.write_single_coil(2, True), c.write_single_register(2, 99), c.write_multiple_coils(0, [True, False, True])
    c.write_multiple_registers(0, [7, 8, 9]), c.write_read_multiple_registers(0, [1, 2], 10, 4)
    for code, number in ((1, 0), (2, 0), (3, 0), (4, 4), (4, 0x80)):
        print(c.read_device_identification(code, number))
    c.close()


def ask_modbus_tk(address):
    import modbus_tk.defines as cst
    from modbus_tk import modbus_tcp

    master = modbus_tcp.TcpMaster(host=address, port=502, timeout_in_sec=2.0)
    for code in (cst.READ_COILS, cst.READ_DISCRETE_INPUTS, cst.READ_HOLDING_REGISTERS, cst.READ_INPUT_REGISTERS):
        master.execute(1, code, 0, 10)
    master.execute(1, cst.WRITE_SINGLE_COIL, 1, output_value=1)
    master.execute(1, cst.WRITE_SINGLE_REGISTER, 2, output_value=54)
    master.execute(1, cst.WRITE_MULTIPLE_COILS, 0, output_value=[1, 1, 0, 1])
    master.execute(1, cst.WRITE_MULTIPLE_REGISTERS, 0, output_value=[5, 6, 7])
    master.close()
    ask_refused(address)


def ask_umodbus(address):
    import socket

    from umodbus.client import tcp

    with socket.create_connection((address, 502), 2) as s:
        for request in (tcp.read_coils(1, 0, 8), tcp.read_discrete_inputs(1, 0, 8), tcp.read_holding_registers(1, 0, 10),
                        tcp.read_input_registers(1, 0, 10), tcp.write_single_coil(1, 1, 1), tcp.write_single_register(1, 1, 2),
                        tcp.write_multiple_coils(1, 0, [1, 0, 1]), tcp.write_multiple_registers(1, 0, [4, 5])):
            print(tcp.send_message(request, s))
    ask_refused(address)


def ask_refused(address):
    for question in ("report_device_id", "read_device_information"):
        connection = client(address)
        try:
            print(getattr(connection, question)(device_id=1))
        except Exception as error:  # the server may answer with nothing at all; the question is recorded
            print(error)
        connection.close()


# ---- the cases -------------------------------------------------------------------------------------------------


def case(file, server, serve, ask, port=502, transport="tcp", extra=(), extra_first=None):
    import lab

    python = (sys.executable, __file__)
    address = plan.device(server).ip
    with lab.Lab(f"modbus/{file}", ["mb-client", server]) as net:
        net.start(server, *python, "serve", *serve)
        net.listens(server, port, transport)
        if extra_first:
            print(net.run("mb-client", *extra_first, check=False))
        if ask:
            print(net.run("mb-client", *python, "ask", ask, address, *extra))


def pymodbus_case(file, server, ask, **options):
    case(file, server, ("serve_pymodbus", server), ask, **options)


RECORDINGS = {
    "pymodbus-device-identification": lambda: pymodbus_case("pymodbus-device-identification.pcap", "mb-pm5560", "ask_identification"),
    "pymodbus-more-follows": lambda: pymodbus_case("pymodbus-more-follows.pcap", "mb-wago", "ask_extended"),
    "pymodbus-functions": lambda: pymodbus_case("pymodbus-functions.pcap", "mb-m340", "ask_functions"),
    "pymodbus-port-1502": lambda: case("pymodbus-port-1502.pcap", "mb-atv320", ("serve_pymodbus", "mb-atv320", "1502"),
                                       "ask_poll_and_identify", port=1502, extra=("1502",)),
    "pymodbus-udp": lambda: case("pymodbus-udp.pcap", "mb-pac3200", ("serve_pymodbus", "mb-pac3200", "502", "udp"),
                                 "ask_poll_and_identify", transport="udp", extra=("502", "udp")),
    "pymodbus-rtu-over-tcp": lambda: case("pymodbus-rtu-over-tcp.pcap", "mb-iologik", ("serve_pymodbus", "mb-iologik", "4001", "rtu"),
                                          "ask_poll_and_identify", port=4001, extra=("4001", "rtu")),
    "pymodbus-rtu-over-tcp-502": lambda: case("pymodbus-rtu-over-tcp-502.pcap", "mb-iologik", ("serve_pymodbus", "mb-iologik", "502", "rtu"),
                                              "ask_poll_and_identify", extra=("502", "rtu")),
    "pymodbustcp": lambda: case("pymodbustcp.pcap", "mb-ilc151", ("serve_pymodbustcp", "mb-ilc151"), "ask_pymodbustcp"),
    "modbus-tk": lambda: case("modbus-tk.pcap", "mb-wago-kbus", ("serve_modbus_tk", "mb-wago-kbus"), "ask_modbus_tk"),
    "umodbus": lambda: case("umodbus.pcap", "mb-silent", ("serve_umodbus", "mb-silent"), "ask_umodbus"),
    "nmap-modbus-discover": lambda: pymodbus_case(
        "nmap-modbus-discover.pcap", "mb-m580", None,
        extra_first=("nmap", "-n", "-Pn", "-sT", "-p", "502", "--script", "modbus-discover", plan.device("mb-m580").ip)),
    "mbpoll": lambda: pymodbus_case(
        "mbpoll.pcap", "mb-m221", "ask_extended",
        extra_first=("timeout", "6", "mbpoll", "-a", "1", "-r", "1", "-c", "8", "-t", "4", "-l", "1000", plan.device("mb-m221").ip)),
}


if __name__ == "__main__":
    if sys.argv[1:2] in (["serve"], ["ask"]):
        globals()[sys.argv[2]](*sys.argv[3:])
    else:
        import lab

        lab.main(RECORDINGS)
