"""The programs of record.py, each run in a namespace: `play.py serve ADDRESS STATION`, `play.py ask ADDRESS STATION…`."""

import sys
import time

from pydnp3 import asiodnp3, asiopal, opendnp3, openpal

LEVELS = opendnp3.levels.NOTHING
MASTER = 1


def serve(address, station):
    manager = asiodnp3.DNP3Manager(1, asiodnp3.ConsoleLogger().Create())
    channel = manager.AddTCPServer("server", LEVELS, asiopal.ChannelRetry().Default(), address, 20_000, asiodnp3.PrintingChannelListener().Create())
    config = asiodnp3.OutstationStackConfig(opendnp3.DatabaseSizes(4, 0, 4, 4, 0, 4, 4, 0))
    config.outstation.eventBufferConfig = opendnp3.EventBufferConfig().AllTypes(10)
    config.outstation.params.allowUnsolicited = True
    config.link.LocalAddr, config.link.RemoteAddr = station, MASTER
    outstation = channel.AddOutstation("outstation", opendnp3.SuccessCommandHandler().Create(), opendnp3.DefaultOutstationApplication().Create(), config)
    outstation.Enable()
    while True:
        time.sleep(1)


def ask(address, station):
    manager = asiodnp3.DNP3Manager(1, asiodnp3.ConsoleLogger().Create())
    channel = manager.AddTCPClient("client", LEVELS, asiopal.ChannelRetry().Default(), address, "0.0.0.0", 20_000, asiodnp3.PrintingChannelListener().Create())
    config = asiodnp3.MasterStackConfig()
    config.master.responseTimeout = openpal.TimeDuration().Seconds(2)
    config.link.LocalAddr, config.link.RemoteAddr = MASTER, station
    handler = asiodnp3.PrintingSOEHandler().Create()
    master = channel.AddMaster("master", handler, asiodnp3.DefaultMasterApplication().Create(), config)
    master.Enable()
    time.sleep(2)
    settings = opendnp3.TaskConfig().Default()
    told = asiodnp3.PrintingCommandCallback.Get()
    master.ScanAllObjects(opendnp3.GroupVariationID(0, 254), settings)
    time.sleep(0.5)
    for _ in range(4):
        master.ScanClasses(opendnp3.ClassField().AllEventClasses(), settings)
        time.sleep(1)
    master.Restart(opendnp3.RestartType.COLD, lambda result: None, settings)
    time.sleep(1)
    # Last, because the result of a command cannot be handed to Python: the program ends when the answer is there.
    master.SelectAndOperate(opendnp3.ControlRelayOutputBlock(opendnp3.ControlCode.LATCH_ON), 1, told, settings)
    time.sleep(2)

if __name__ == "__main__":
    what, where, number = sys.argv[1:]
    {"serve": serve, "ask": ask}[what](where, int(number))
