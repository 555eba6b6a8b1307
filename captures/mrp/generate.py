#!/usr/bin/env python3
"""Generate a ring of switches with media redundancy."""

import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import plan  # noqa: E402
import say_profinet as say  # noqa: E402
from wire import Wire, mac  # noqa: E402

CASES = {
    "ring.pcap": ("The manager of a ring tests it; a client tells that a link went down, and that it came again, and the manager tells all to learn anew.",
                  "", ["mrp"]),
}

DOMAIN = "ffffffff-ffff-ffff-ffff-ffffffffffff"


def ring():
    wire = Wire("2026-03-02T15:30:00")
    manager, client = plan.device("mr-manager"), plan.device("mr-client")
    sequence = 0

    def tell(source, target, kind, value):
        nonlocal sequence
        sequence += 1
        wire.ethernet(source.mac, target, say.ETHERTYPE_MRP, say.mrp(kind, value, sequence, DOMAIN))

    def test(closed, transitions):
        for role in (0, 1):
            tell(manager, say.MRP_TEST, 2, say.ring_test(manager, 0x8000, role, closed, transitions, 1000 + sequence))
        wire.wait(0.02)

    for _ in range(4):
        test(True, 2)
    for kind, closed, transitions in ((4, False, 3), (5, True, 4)):
        tell(client, say.MRP_CONTROL, kind, struct.pack(">6sHHH", mac(client.mac), 0, 20, 1))
        tell(manager, say.MRP_CONTROL, 3, struct.pack(">H6sH", 0x8000, mac(manager.mac), 20))
        for _ in range(3):
            test(closed, transitions)
        wire.wait(30)
    wire.save("mrp/ring.pcap")


if __name__ == "__main__":
    ring()
