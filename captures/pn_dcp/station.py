"""A PROFINET station for record.py: answers DCP on eth0 as the device of plan.py with this name does. No program at hand is one."""

import pathlib
import socket
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import plan  # noqa: E402
import say_profinet as say  # noqa: E402

KINDS = {"pn-et200sp": (b"ET200SP", 0x002A, 0x0313), "pn-axl": (b"AXL F BK PN", 0x00B0, 0x0142)}


def main(device, station, ip):
    kind, vendor, number = KINDS[device]
    state = {(2, 1): kind, (2, 2): station.encode(), (2, 3): struct.pack(">HH", vendor, number), (2, 4): b"\x01\0", (1, 2): say.addresses(ip)}
    link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(say.ETHERTYPE_PROFINET))
    link.bind(("eth0", say.ETHERTYPE_PROFINET))
    own = link.getsockname()[4]
    while True:
        frame = link.recv(1514)
        asker, payload = frame[6:12], frame[14:]
        service, kind, transaction, _, length = struct.unpack(">BBIHH", payload[2:12])
        if kind != 0 or asker == own or frame[:6] not in (own, bytes.fromhex("010ecf000000")):
            continue
        answer = respond(state, service, payload[12:12 + length])
        if answer:
            frame_id = say.IDENTIFY_RESPONSE if service == say.IDENTIFY else say.GET_SET
            link.send((asker + own + struct.pack(">H", say.ETHERTYPE_PROFINET) + say.dcp(frame_id, service, 1, transaction, answer)).ljust(60, b"\0"))


def respond(state, service, blocks):
    if service == say.GET:
        pairs = [(blocks[at], blocks[at + 1]) for at in range(0, len(blocks) - 1, 2)]
        return b"".join(say.told(*pair, state[pair], 1 if pair[0] == 1 else 0) for pair in pairs if pair in state)
    answer = b""
    while len(blocks) >= 4:
        option, suboption, length = struct.unpack(">BBH", blocks[:4])
        value, blocks = blocks[4:4 + length], blocks[4 + length + (length & 1):]
        if service == say.SET:
            if (option, suboption) in state:
                state[option, suboption] = value[2:]
            answer += say.done(option, suboption)
        elif option == 0xFF or state.get((option, suboption)) == value:
            return b"".join(say.told(*pair, known, 1 if pair[0] == 1 else 0) for pair, known in state.items())
    return answer


if __name__ == "__main__":
    main(*sys.argv[1:])
