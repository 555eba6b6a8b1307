#!/usr/bin/env python3
"""Record s7/: the server of Snap7, asked by its own client and by nmap.

`record.py` records all cases, `record.py <case>` one. `record.py serve` and `record.py ask` are what it starts inside
the namespaces.
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import plan  # noqa: E402

SNAP7 = "Snap7 1.4 as server and client (python-snap7 2.0.2)"
CASES = {
    "snap7-session.pcap": (
        "Snap7's client asks Snap7's server: names, order number, communication parameters, protection, mode, blocks; reads, writes, sets the "
        "clock, stops, starts, logs in, and tries to load, fetch and delete.", SNAP7, ["s7"]),
    "nmap-s7-info.pcap": ("nmap's s7-info finds Snap7's server.", "nmap 7.93 asks Snap7 1.4 (python-snap7 2.0.2)", ["s7"]),
}


def serve():
    import threading
    from ctypes import c_byte

    import snap7
    from snap7.type import SrvArea

    server = snap7.server.Server(log=False)
    server.register_area(SrvArea.DB, 1, (c_byte * 128)())
    server.start(tcp_port=102)
    threading.Event().wait()


def ask(address):
    import datetime

    import snap7
    from snap7.type import Block

    client = snap7.client.Client()
    client.connect(address, 0, 2)
    tries = (
        client.get_order_code, client.get_cpu_info, client.get_cp_info, client.get_protection, client.get_cpu_state, client.list_blocks,
        lambda: client.list_blocks_of_type(Block.DB, 16), lambda: client.get_block_info(Block.DB, 1),
        lambda: client.db_read(1, 0, 16), lambda: client.db_write(1, 0, bytearray(b"\x01\x02")), client.get_plc_datetime,
        lambda: client.set_plc_datetime(datetime.datetime(2026, 3, 2, 12)), lambda: client.set_session_password("secret"),
        client.clear_session_password, client.plc_stop, client.get_cpu_state, client.plc_hot_start, client.plc_cold_start,
        lambda: client.full_upload(Block.OB, 1), lambda: client.delete(Block.DB, 1), lambda: client.compress(1), lambda: client.copy_ram_to_rom(1),
    )
    for attempt in tries:
        try:
            print(attempt())
        except Exception as error:  # what the server refuses is recorded like the rest
            print(error)
    client.disconnect()


def case(file, server, *question):
    import lab

    with lab.Lab(f"s7/{file}", ["s7-station", server]) as net:
        net.start(server, sys.executable, __file__, "serve")
        net.listens(server, 102)
        print(net.run("s7-station", *question, check=False))


RECORDINGS = {
    "snap7-session": lambda: case("snap7-session.pcap", "s7-snap7", sys.executable, __file__, "ask", plan.device("s7-snap7").ip),
    "nmap-s7-info": lambda: case("nmap-s7-info.pcap", "s7-snap7-nmap", "nmap", "-n", "-Pn", "-sT", "-p", "102", "--script", "s7-info",
                                 plan.device("s7-snap7-nmap").ip),
}


if __name__ == "__main__":
    if sys.argv[1:2] in (["serve"], ["ask"]):
        globals()[sys.argv[1]](*sys.argv[2:])
    else:
        import lab

        lab.main(RECORDINGS)
