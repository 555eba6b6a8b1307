#!/usr/bin/env python3
"""Record iec104/: a station and a control center of c104, which is lib60870.

`record.py` records all cases, `record.py <case>` one. `record.py serve` and `record.py ask` are what it starts inside
the namespaces.
"""

import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import plan  # noqa: E402

C104 = "c104 2.2.1 (lib60870) as both ends"
CASES = {
    "c104-session.pcap": ("A control center starts the transfer from two stations at one address, interrogates them, reads, sets the clock, gives "
                          "commands, one of which is refused, and asks for a station that is not there.", C104, ["iec104"]),
}


def serve(address):
    import c104

    server = c104.Server(ip=address, port=2404)
    for number in (47, 48):
        station = server.add_station(common_address=number)
        station.add_point(io_address=11, type=c104.Type.M_ME_NC_1, report_ms=1_000).value = 12.5
        station.add_point(io_address=12, type=c104.Type.M_SP_TB_1)
        station.add_point(io_address=13, type=c104.Type.C_SC_NA_1)
        refused = station.add_point(io_address=14, type=c104.Type.C_SE_NC_1)

        def refuse(point: c104.Point, previous_info: c104.Information, message: c104.IncomingMessage) -> c104.ResponseState:
            return c104.ResponseState.FAILURE

        def accept(point: c104.Point, previous_info: c104.Information, message: c104.IncomingMessage) -> c104.ResponseState:
            return c104.ResponseState.SUCCESS

        refused.on_receive(callable=refuse)
        station.get_point(io_address=13).on_receive(callable=accept)
    server.start()
    while True:
        time.sleep(1)


def ask(address):
    import c104

    client = c104.Client()
    connection = client.add_connection(ip=address, port=2404, init=c104.Init.ALL)
    connection.originator_address = 7
    for number in (47, 48):
        station = connection.add_station(common_address=number)
        station.add_point(io_address=11, type=c104.Type.M_ME_NC_1)
        station.add_point(io_address=13, type=c104.Type.C_SC_NA_1)
        station.add_point(io_address=14, type=c104.Type.C_SE_NC_1)
    client.start()
    while not connection.is_connected:
        time.sleep(0.1)
    time.sleep(2)
    station = connection.get_station(common_address=47)
    print(station.get_point(io_address=11).read())
    command = station.get_point(io_address=13)
    command.value = True
    print(command.transmit(cause=c104.Cot.ACTIVATION))
    command = station.get_point(io_address=14)
    command.value = 3.5
    print(command.transmit(cause=c104.Cot.ACTIVATION))
    print(connection.interrogation(common_address=99, cause=c104.Cot.ACTIVATION, qualifier=c104.Qoi.STATION))
    print(connection.counter_interrogation(common_address=47, cause=c104.Cot.ACTIVATION, qualifier=c104.Rqt.GENERAL))
    print(connection.test(common_address=47))
    time.sleep(2)
    client.stop()


def record():
    import lab

    with lab.Lab("iec104/c104-session.pcap", ["ic-center", "ic-station"]) as net:
        address = plan.device("ic-station").ip
        net.start("ic-station", sys.executable, __file__, "serve", address)
        net.listens("ic-station", 2404)
        print(net.run("ic-center", sys.executable, __file__, "ask", address))


RECORDINGS = {"c104-session": record}


if __name__ == "__main__":
    if sys.argv[1:2] in (["serve"], ["ask"]):
        globals()[sys.argv[1]](*sys.argv[2:])
    else:
        import lab

        lab.main(RECORDINGS)
