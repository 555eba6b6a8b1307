"""What the devices of the scenarios do: be asked who they are, as engineering programs and pollers ask."""

import plan
import say_cip
import say_modbus

WHOLE_IDENTITY = say_cip.request(say_cip.GET_ATTRIBUTES_ALL, say_cip.path(say_cip.IDENTITY, 1))


def list_identity(wire, client, device, inner="", port=51_000):
    """ListIdentity over UDP: two frames, behind ARP."""
    wire.udp(client, device, port, 44818, say_cip.encapsulate(say_cip.LIST_IDENTITY))
    wire.wait(0.002)
    wire.udp(device, client, 44818, port, say_cip.list_identity(device.says, inner or device.ip))
    wire.wait(1)


def read_identity(wire, client, device, handle=0x1301_0010):
    """The Identity object of the device itself, over TCP."""
    with say_cip.Session(wire, client, device, handle, numbers=True) as session:
        session.exchange(WHOLE_IDENTITY, say_cip.reply(say_cip.GET_ATTRIBUTES_ALL, say_cip.attributes_all(device.says)))
    wire.wait(1)


def read_slots(wire, client, chassis, modules, handle=0x1301_0020):
    """The Identity objects of all modules, through the bridge."""
    with say_cip.Session(wire, client, chassis, handle, numbers=True) as session:
        for slot, identity in sorted(modules.items()):
            session.exchange(say_cip.unconnected_send(WHOLE_IDENTITY, say_cip.backplane(slot)),
                             say_cip.reply(say_cip.GET_ATTRIBUTES_ALL, say_cip.attributes_all(identity)))
            wire.wait(0.1)
    wire.wait(1)


def read_meter(wire, client, device, unit=1, polls=2):
    """Registers, then the Modbus device identification."""
    with wire.tcp(client, device, 502) as conversation:
        for number in range(polls):
            conversation.ask(say_modbus.adu(number + 1, unit, say_modbus.read_holding(3000, 6)))
            conversation.answer(say_modbus.adu(number + 1, unit, say_modbus.holding([17_254, 0, 231, 17_101 + number, 0, 230])))
            wire.wait(1)
        conversation.ask(say_modbus.adu(polls + 1, unit, say_modbus.read_identification(2)))
        conversation.answer(say_modbus.adu(polls + 1, unit, say_modbus.identification(2, device.says["objects"])))
    wire.wait(1)


def poll(wire, client, device, unit=1, polls=2):
    """Registers only."""
    with wire.tcp(client, device, 502) as conversation:
        for number in range(polls):
            conversation.ask(say_modbus.adu(number + 1, unit, say_modbus.read_holding(0, 4)))
            conversation.answer(say_modbus.adu(number + 1, unit, say_modbus.holding([number, 2, 3, 4])))
            wire.wait(1)


def upgraded(identity, major, minor):
    """The same device with other firmware."""
    return {**identity, "major": major, "minor": minor}


def forget(wire):
    """Address caches run out."""
    wire.known.clear()


def devices(*names):
    return [plan.device(name) for name in names]
