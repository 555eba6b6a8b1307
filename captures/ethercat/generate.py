#!/usr/bin/env python3
"""Generate ethercat/: a master brings a line of four slaves up; no master and no slaves are at hand.

The frames follow the capture of a line in ControlThings' collection; station addresses, codes and names are of the plan and of public
device lists.
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import plan  # noqa: E402
import say_ethercat as say  # noqa: E402
from wire import Wire  # noqa: E402

CASES = {
    "line.pcap": (
        "A master counts four slaves, gives them addresses, reads who they are from EEPROM and dictionary, and exchanges data in cycles. One falls into an "
        "error; a servo drive is put into bootstrap and gets a file.", "", ["ethercat"]),
}

BECKHOFF, DELTA = 2, 0x1DD


def line():
    wire = Wire("2026-03-02T12:00:00")
    coupler = say.Slave(1001, (BECKHOFF, 0x044C2C52, 0x00120000, 0))
    inputs = say.Slave(1002, (BECKHOFF, 0x03F03052, 0x00110000, 0))
    analog = say.Slave(1003, (BECKHOFF, 0x0BF83052, 0x00150000, 0), name="EL3064", hardware="09", software="07")
    drive = say.Slave(1004, (DELTA, 0x00006010, 0x00010000, 3840117), esc=(0x04, 3, 0), name="Delta ASDA-A3-E CoE Drive", hardware="V1.0", software="V1.6",
                      kind=0x00020192)
    slaves = [coupler, inputs, analog, drive]
    bus = say.Line(wire, plan.device("ec-master"), slaves)
    bus.broadcast_read(0x0130, b"\x01\0")
    bus.place()
    for slave in slaves:
        bus.read(slave, 0x0000, bytes([slave.esc[0], slave.esc[1], slave.esc[2], 0]))
        bus.eeprom(slave, busy=slave is coupler)
    bus.states(1)
    wire.wait(0.02)
    for slave in slaves:
        bus.state(slave, 2)
        wire.wait(0.02)
    for slave in (analog, drive):
        bus.dictionary(slave)
    bus.parameter(drive, 0x6060, 8)
    for slave in slaves:
        # A slave takes its time from state to state.
        bus.state(slave, 4)
        wire.wait(0.02)
        bus.state(slave, 8)
        wire.wait(0.02)
    bus.cycle(8)
    bus.cycle(1, say.LRD)
    bus.cycle(1, say.LWR)
    bus.read(analog, 0x0130, bytes.fromhex("14000000 1b00"))
    wire.wait(30)
    bus.state(drive, 3)
    bus.file(drive, "ASDA-A3_V1.7.efw")
    wire.save("ethercat/line.pcap")


if __name__ == "__main__":
    line()
