"""A runtime of TwinCAT as pyads plays it, or a panel that asks one; run by record.py in a namespace."""

import sys
import time

import pyads
from pyads.testserver import AdsTestServer, AdvancedHandler, PLCVariable


def serve(address):
    handler = AdvancedHandler()
    handler.add_variable(PLCVariable("Main.speed", b"\x2a\x00\x00\x00", pyads.constants.ADST_INT32, "DINT"))
    handler.add_variable(PLCVariable("Main.run", b"\x01", pyads.constants.ADST_BIT, "BOOL"))
    with AdsTestServer(handler=handler, ip_address=address, logging=False):
        time.sleep(600)


def ask(own, server):
    pyads.open_port()
    pyads.set_local_address(f"{own}.1.1")
    plc = pyads.Connection(f"{server}.1.1", pyads.PORT_TC3PLC1, server)
    with plc:
        print(plc.read_device_info())
        print(plc.read_state())
        for _ in range(3):
            print(plc.read_by_name("Main.speed", pyads.PLCTYPE_DINT))
            time.sleep(0.2)
        plc.write_by_name("Main.speed", 43, pyads.PLCTYPE_DINT)
        plc.write_control(pyads.ADSSTATE_STOP, 0, 0, pyads.PLCTYPE_INT)
        plc.write_control(pyads.ADSSTATE_RUN, 0, 0, pyads.PLCTYPE_INT)
        print(plc.read_state())


if __name__ == "__main__":
    {"serve": serve, "ask": ask}[sys.argv[1]](*sys.argv[2:])
