"""EtherCAT in bytes: a line of slaves that frames pass, as a tap beside the master sees them go and come back."""

import struct

APRD, APWR, FPRD, FPWR, BRD, BWR, LRD, LWR, LRW = 1, 2, 4, 5, 7, 8, 10, 11, 12
ETHERTYPE = 0x88A4


class Slave:
    def __init__(self, station, identity, esc=(0x11, 2, 3), name="", hardware="", software="", kind=0x1389):
        self.station, self.identity, self.esc, self.kind = station, identity, esc, kind
        self.texts = {0x1008: name, 0x1009: hardware, 0x100A: software}


class Line:
    """One master and its slaves. Each exchange is a frame out and the same frame back."""

    def __init__(self, wire, master, slaves):
        self.wire, self.master, self.slaves, self.index = wire, master, slaves, 0

    def round(self, *datagrams):
        """Each datagram: command, ADP out, ADP back, ADO, data out, data back, working counter."""
        out, back = [], []
        for number, (command, adp, adp_back, ado, asked, given, counter) in enumerate(datagrams):
            more = 0x8000 if number + 1 < len(datagrams) else 0
            for parts, place, data, count in ((out, adp, asked, 0), (back, adp_back, given, counter)):
                parts.append(struct.pack("<BBHHHH", command, self.index, place & 0xFFFF, ado, len(data) | more, 0) + data + struct.pack("<H", count))
        self.index = (self.index + 1) & 0x7F
        first = int(self.master.mac[:2], 16)
        returned = f"{first | 2:02x}{self.master.mac[2:]}"
        for source, parts in ((self.master.mac, out), (returned, back)):
            body = b"".join(parts)
            self.wire.ethernet(source, "ff:ff:ff:ff:ff:ff", ETHERTYPE, struct.pack("<H", len(body) | 0x1000) + body)

    def broadcast_read(self, register, value):
        count = len(self.slaves)
        self.round((BRD, 0, count, register, bytes(len(value)), value, count))

    def place(self):
        for position, slave in enumerate(self.slaves):
            value = struct.pack("<H", slave.station)
            self.round((APWR, -position, len(self.slaves) - position, 0x0010, value, value, 1))

    def read(self, slave, register, value):
        self.round((FPRD, slave.station, slave.station, register, bytes(len(value)), value, 1))

    def write(self, slave, register, value):
        self.round((FPWR, slave.station, slave.station, register, value, value, 1))

    def eeprom(self, slave, busy=False):
        for word, value in zip((8, 10, 12, 14), slave.identity):
            self.write(slave, 0x0502, struct.pack("<HI", 0x0100, word))
            if busy:
                self.read(slave, 0x0502, struct.pack("<HII", 0x8100, word, 0xFFFFFFFF))
            self.read(slave, 0x0502, struct.pack("<HII", 0, word, value))

    def states(self, state):
        count = len(self.slaves)
        value = struct.pack("<H", state)
        self.round(*((APRD, -position, count - position, 0x0130, bytes(2), value, 1) for position in range(count)))

    def state(self, slave, state, code=0):
        self.write(slave, 0x0120, struct.pack("<H", state & 0x0F))
        self.read(slave, 0x0130, struct.pack("<HHH", state, 0, code))

    def object(self, slave, index, subindex, value):
        self.write(slave, 0x1000, mailbox(3, struct.pack("<HBHBI", 0x2000, 0x40, index, subindex, 0)))
        if len(value) <= 4:
            body = struct.pack("<HBHB4s", 0x3000, 0x43 | (4 - len(value)) << 2, index, subindex, value)
        else:
            body = struct.pack("<HBHBI", 0x3000, 0x41, index, subindex, len(value)) + value
        self.read(slave, 0x1080, mailbox(3, body))

    def dictionary(self, slave):
        self.object(slave, 0x1000, 0, struct.pack("<I", slave.kind))
        for index, text in slave.texts.items():
            self.object(slave, index, 0, text.encode())
        for subindex, value in enumerate(slave.identity, 1):
            self.object(slave, 0x1018, subindex, struct.pack("<I", value))

    def parameter(self, slave, index, value):
        self.write(slave, 0x1000, mailbox(3, struct.pack("<HBHBI", 0x2000, 0x23, index, 1, value)))

    def file(self, slave, name):
        self.write(slave, 0x1000, mailbox(4, struct.pack("<BBI", 2, 0, 0x4711) + name.encode()))

    def cycle(self, count=1, command=LRW):
        for number in range(count):
            data = struct.pack("<Q", number)
            self.round((command, 0, 0, 0x0100, bytes(8), data, 3), (BRD, 0, len(self.slaves), 0x0130, bytes(2), b"\x08\0", len(self.slaves)))
            self.wire.wait(0.001)


def mailbox(kind, body):
    return struct.pack("<HHBB", len(body), 0, 0, 0x10 | kind) + body.ljust(58, b"\0")
