"""MMS in bytes: BER, session and presentation around it, and the services that the captures need."""

import say_s7


def tlv(tag, *inside):
    body = b"".join(inside)
    tag = bytes([tag]) if isinstance(tag, int) else tag
    if len(body) < 0x80:
        return tag + bytes([len(body)]) + body
    size = (len(body).bit_length() + 7) // 8
    return tag + bytes([0x80 | size]) + len(body).to_bytes(size, "big") + body


def number(value):
    return tlv(2, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def name(text, tag=0x1A):
    return tlv(tag, text.encode())


ACSE, MMS = b"\x06\x04\x52\x01\x00\x01", b"\x06\x05\x28\xca\x22\x02\x01"
BER = b"\x06\x02\x51\x01"


class Association:
    """One association: what is asked and answered goes through the conversation of wire.py."""

    def __init__(self, talk, part_bytes=None, selector=b"\x00\x01"):
        self.talk = talk
        self.invoke = 0
        self.part_bytes = part_bytes  # of user data in one TPDU, where a message is longer
        talk.ask(say_s7.connect(0xE0, 0, 0x0001, selector, selector))
        talk.answer(say_s7.connect(0xD0, 0x0001, 0x0002, selector, selector))
        detail = tlv(0x80, b"\x01"), tlv(0x81, b"\x05\xf1\x00"), tlv(0x82, b"\x03\xee\x1c\x00\x00\x04\x08\x00\x00\x79\xef\x18")
        limits = tlv(0x80, b"\x00\xfd\xe8"), tlv(0x81, b"\x05"), tlv(0x82, b"\x05"), tlv(0x83, b"\x0a"), tlv(0xA4, *detail)
        talk.ask(say_s7.data(self.opens(0x0D, 0x60, tlv(0xA8, *limits))))
        talk.answer(say_s7.data(self.opens(0x0E, 0x61, tlv(0xA9, *limits))))

    @staticmethod
    def opens(session, association, mms):
        inside = tlv(0x28, BER, number(3), tlv(0xA0, mms))
        context = tlv(0xA1, tlv(6, b"\x28\xca\x22\x02\x03"))
        result = b"" if association == 0x60 else tlv(0xA2, number(0)) + tlv(0xA3, tlv(0xA1, number(0)))
        acse = tlv(association, context, result, tlv(0xBE, inside))
        contexts = tlv(0xA4, tlv(0x30, number(1), ACSE, tlv(0x30, BER)), tlv(0x30, number(3), MMS, tlv(0x30, BER)))
        if association != 0x60:
            contexts = tlv(0xA5, tlv(0x30, tlv(0x80, b"\x00"), tlv(0x81, b"\x51\x01")), tlv(0x30, tlv(0x80, b"\x00"), tlv(0x81, b"\x51\x01")))
        values = tlv(0x61, tlv(0x30, number(1), tlv(0xA0, acse)))
        presentation = tlv(0x31, tlv(0xA0, tlv(0x80, b"\x01")), tlv(0xA2, tlv(0x81 if association == 0x60 else 0x83, b"\x00\x00\x00\x01"), contexts, values))
        parameters = b"\x05\x06\x13\x01\x00\x16\x01\x02\x14\x02\x00\x02" + session_length(0xC1, presentation)
        return session_length(session, parameters)

    def ask(self, service):
        self.invoke += 1
        self.send(self.talk.ask, tlv(0xA0, number(self.invoke), service))

    def answer(self, service):
        self.send(self.talk.answer, tlv(0xA1, number(self.invoke), service))

    def tell(self, mms):
        """What a server tells unasked."""
        self.send(lambda data: self.talk.send("server", data), mms)

    def send(self, way, mms):
        whole = b"\x01\x00\x01\x00" + tlv(0x61, tlv(0x30, number(3), tlv(0xA0, mms)))
        size = self.part_bytes or len(whole)
        parts = [whole[at:at + size] for at in range(0, len(whole), size)]
        for part in parts:
            way(say_s7.data(part, last=part is parts[-1]))

    # ---- services

    def identify(self, vendor, model, revision):
        self.ask(b"\x82\x00")
        self.answer(tlv(0xA2, name(vendor, 0x80), name(model, 0x81), name(revision, 0x82)))

    def names(self, kind, names, domain=None):
        scope = tlv(0x81, domain.encode()) if domain else tlv(0x80)
        self.ask(tlv(0xA1, tlv(0xA0, tlv(0x80, bytes([kind]))), tlv(0xA1, scope)))
        self.answer(tlv(0xA1, tlv(0xA0, *[name(one) for one in names]), tlv(0x81, b"\x00")))

    @staticmethod
    def variable(domain, item):
        return tlv(0x30, tlv(0xA0, tlv(0xA1, name(domain), name(item))))

    def read(self, domain, item, value):
        self.ask(tlv(0xA4, tlv(0xA1, tlv(0xA0, self.variable(domain, item)))))
        self.answer(tlv(0xA4, tlv(0xA1, value)))

    def write(self, domain, item, value):
        self.ask(tlv(0xA5, tlv(0xA0, self.variable(domain, item)), tlv(0xA0, value)))
        self.answer(tlv(0xA5, tlv(0x81)))


def session_length(tag, body):
    length = bytes([len(body)]) if len(body) < 0xFF else b"\xff" + len(body).to_bytes(2, "big")
    return bytes([tag]) + length + body
