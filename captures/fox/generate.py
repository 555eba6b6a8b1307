#!/usr/bin/env python3
"""Generate fox/: Workbench opens three stations; no program that speaks Fox is at hand.

The hellos follow the capture in ITI's collection and the output of nmap's fox-info; names and numbers are of the plan.
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import plan  # noqa: E402
from wire import Wire  # noqa: E402

CASES = {
    "stations.pcap": (
        "Workbench says hello to a JACE-6 of NiagaraAX, a JACE-8000 of Niagara 4 and a supervisor on Windows; each asks for a proof in its own way, "
        "and Workbench logs in.", "", ["fox"]),
}

FACETS = '<bog version="1.0">\n<p m="b=baja" t="b:Facets" v=""/>\n</bog>\n'
ZONE = "Europe/Berlin;3600000;3600000;02:00:00.000,wall,march,-1,on or after,sunday,undefined;03:00:00.000,wall,october,-1,on or after,sunday,undefined"


def message(number, answers, command, *lines):
    body = "".join(f"{line}\n" for line in lines)
    return f"fox a {number} {answers} fox {command}\n{{\n{body}}};;\n".encode("latin-1")


def hello(number, host, address, app, vm, system, host_id, brand, station="", language="en"):
    lines = ["fox.version=s:1.0.1", f"id=i:{number + 1}", f"hostName=s:{host}", f"hostAddress=s:{address}", f"app.name=s:{app[0]}", f"app.version=s:{app[1]}",
             f"vm.name=s:{vm[0]}", f"vm.version=s:{vm[1]}", f"os.name=s:{system[0]}", f"os.version=s:{system[1]}"]
    if station:
        lines.append(f"station.name=s:{station}")
    lines += [f"lang=s:{language}", f"timeZone=s:{ZONE}", f"hostId=s:{host_id}", f"vmUuid=s:11e4d864-cd0e-664a-0000-{number:012x}", f"brandId=s:{brand}"]
    if station:
        lines.append(f"sysInfo=o:bog {len(FACETS)}[{FACETS}]")
    return message(0 if station else 1, -1, "hello", *lines)


STATIONS = [
    ("fx-jace6", "10.74.2.20", ("Station", "3.8.111"), ("J9", "2.4"), ("QNX", "6.4.1"), "Qnx-NPM6-0000-1490-C30D", "vykon", "AHU_ROOF_2",
     ["method=s:digest-md5", "nonce=b:12[\0\x05nonce\0\0\x01\x0f7]"]),
    ("fx-jace8", "jace-boiler", ("Station", "4.10.0.154"), ("Java HotSpot(TM) Embedded Client VM", "25.141-b161"), ("QNX", "7.0.0"),
     "Qnx-TITAN-7A31-22C0-96DE-4F10", "vykon", "BOILER_HOUSE", ["method=s:scram-sha256"]),
    ("fx-webs", "BMS-SUPERVISOR", ("Station", "4.9.0.198"), ("OpenJDK 64-Bit Server VM", "25.232-b09"), ("Windows Server 2016", "10.0"),
     "Win-99CB-D49D-5442-07BC", "Webs", "SUPERVISOR", ["method=s:scram-sha256"]),
]


def stations():
    wire = Wire("2026-03-02T11:00:00")
    workbench = plan.device("fx-workbench")
    for number, (name, host, app, vm, system, host_id, brand, station, proof) in enumerate(STATIONS):
        device = plan.device(name)
        with wire.tcp(workbench, device, 1911) as talk:
            talk.ask(hello(1, "ENG-BMS", workbench.ip, ("Workbench", "4.10.0.154"), ("OpenJDK 64-Bit Server VM", "25.232-b09"), ("Windows 10", "10.0"),
                           "Win-1F2A-77C0-0B3D-9E41", "vykon"))
            talk.answer(hello(number + 2, host, device.ip, app, vm, system, host_id, brand, station))
            talk.answer(message(1, -1, "challenge", *proof))
            talk.ask(message(2, 1, "login", "userName=s:operator", "response=b:16[0123456789abcdef]"))
            talk.answer(message(2, 2, "welcome"))
            talk.ask(b"fox s 3 -1 station open\n{\nord=s:station:|slot:/Drivers\n};;\n")
            talk.answer(b"fox r 3 3 station open\n{\n};;\n")
        wire.wait(20)
    wire.save("fox/stations.pcap")


if __name__ == "__main__":
    stations()
