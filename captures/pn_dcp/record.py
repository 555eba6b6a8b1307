#!/usr/bin/env python3
"""Record pn_dcp/: a program that finds, names, addresses and resets PROFINET stations. The stations are station.py."""

import pathlib
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tools"))

CASES = {
    "pnio-dcp.pcap": ("pnio-dcp looks for stations, asks one for its name and address, gives another a name and an address, lets it blink and resets it. "
                      "The stations are a script, because no program at hand is one.", "pnio-dcp 1.2.0; pn_dcp/station.py answers", ["pn_dcp"]),
}

STATION, NAMED, BLANK = "pn-station", "pn-et200sp", "pn-axl"
SESSION = """
import sys
from pnio_dcp import DCP
own, named, blank = sys.argv[1:]
dcp = DCP(own)
dcp.identify_all(timeout=1)
dcp.identify(named)
dcp.get_name_of_station(named)
dcp.get_ip_address(named)
dcp.set_name_of_station(blank, "axl-1")
dcp.set_ip_address(blank, ["10.20.18.24", "255.255.255.0", "10.20.18.1"])
dcp.blink(blank)
dcp.identify_all(timeout=1)
dcp.reset_to_factory(blank)
"""


def record():
    import lab
    import plan

    with lab.Lab("pn_dcp/pnio-dcp.pcap", [STATION, NAMED, BLANK], addressless=[BLANK]) as net:
        net.start(NAMED, sys.executable, HERE / "station.py", NAMED, "et200sp-1", plan.device(NAMED).ip)
        net.start(BLANK, sys.executable, HERE / "station.py", BLANK, "", "0.0.0.0")
        time.sleep(1)
        net.run(STATION, sys.executable, "-c", SESSION, *(device.ip if device.name == STATION else device.mac for device in map(plan.device, (STATION, NAMED, BLANK))))


RECORDINGS = {"pnio-dcp": record}

if __name__ == "__main__":
    import lab

    lab.main(RECORDINGS)
