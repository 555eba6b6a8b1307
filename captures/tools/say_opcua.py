"""OPC UA as servers and clients speak it: values, services, chunks (OPC 10000-6)."""

import struct

POLICY = "http://opcfoundation.org/UA/SecurityPolicy#"
TRANSPORT = "http://opcfoundation.org/UA-Profile/Transport/uatcp-uasc-uabinary"
NONE, SIGN, SIGN_AND_ENCRYPT = 1, 2, 3
ANONYMOUS, USER_NAME, CERTIFICATE, ISSUED_TOKEN = range(4)
SERVER, CLIENT, CLIENT_AND_SERVER, DISCOVERY_SERVER = range(4)
BINARY = "Basic256Sha256"
TICKS_OF_1970 = 116_444_736_000_000_000


def u32(number):
    return struct.pack("<I", number & 0xFFFFFFFF)


def text(value):
    if value is None:
        return u32(-1)
    data = value if isinstance(value, bytes) else value.encode()
    return u32(len(data)) + data


def localized(value, locale="en"):
    return b"\0" if value is None else b"\3" + text(locale) + text(value) if locale else b"\2" + text(value)


def array(items):
    return u32(len(items)) + b"".join(items)


def node(identifier, namespace=0):
    if isinstance(identifier, str):
        return struct.pack("<BH", 3, namespace) + text(identifier)
    if namespace == 0 and identifier < 256:
        return bytes([0, identifier])
    if namespace < 256 and identifier < 65_536:
        return struct.pack("<BBH", 1, namespace, identifier)
    return struct.pack("<BHI", 2, namespace, identifier)


def qualified(name, namespace=0):
    return struct.pack("<H", namespace) + text(name)


def extension(number, body):
    return node(number) + b"\1" + text(body)


NO_EXTENSION = node(0) + b"\0"


def ticks(seconds):
    return struct.pack("<Q", TICKS_OF_1970 + seconds * 10_000_000)


def application(uri, product, name, kind, discovery=(), gateway=None, locale="en"):
    return (text(uri) + text(product) + localized(name, locale) + u32(kind) + text(gateway) + text(None)
            + array([text(url) for url in discovery]))


def endpoint(url, server, certificate, mode, policy, tokens):
    tokens = [text(f"token_{at}") + u32(kind) + text("urn:issuer" if kind == ISSUED_TOKEN else None) + text(None) + text(own and POLICY + own)
              for at, (kind, own) in enumerate(tokens)]
    return text(url) + server + text(certificate) + u32(mode) + text(POLICY + policy) + array(tokens) + text(TRANSPORT) + bytes([mode * 10])


def string(value):
    return b"\x0c" + text(value)


def strings(values):
    return b"\x8c" + array([text(value) for value in values])


def localized_value(value):
    return b"\x15" + localized(value)


def value(variant, status=None, source=True):
    mask = 1 | (2 if status is not None else 0) | (4 if source else 0)
    return bytes([mask]) + variant + (u32(status) if status is not None else b"") + (ticks(1_772_445_600) if source else b"")


def build_info(product_uri, maker, name, version, number, built):
    return text(product_uri) + text(maker) + text(name) + text(version) + text(number) + ticks(built)


class Channel:
    """One connection. `signature` bytes stand behind each chunk; the client is the one who opened it unless `turned`."""

    def __init__(self, talk, chunk_bytes=8_192, signature=0, turned=False, token=b"a-t0ken-that-is-a-secret"):
        self.talk, self.chunk_bytes, self.signature, self.turned, self.token = talk, chunk_bytes, signature, turned, token
        self.request, self.sequence, self.session = 0, {"c": 50, "s": 50}, b"\0\0"

    def send(self, side, data):
        of_opener = (side == "c") != self.turned
        (self.talk.ask if of_opener else self.talk.answer)(data)

    @staticmethod
    def chunk(word, last, body):
        return word + last + u32(len(body) + 8) + body

    def hello(self, url):
        self.send("c", self.chunk(b"HEL", b"F", u32(0) + u32(65_535) + u32(65_535) + u32(0) + u32(0) + text(url)))
        self.send("s", self.chunk(b"ACK", b"F", u32(0) + u32(65_535) + u32(65_535) + u32(0) + u32(0)))

    def error(self, side, code, reason):
        self.send(side, self.chunk(b"ERR", b"F", u32(code) + text(reason)))

    def opening(self, side, policy, certificate, thumbprint, body, encrypted=None):
        head = u32(7) + text(POLICY + policy) + text(certificate) + text(thumbprint)
        rest = encrypted or self.next(side) + body
        self.send(side, self.chunk(b"OPN", b"F", head + rest))

    def open(self, policy="None", mode=NONE, certificates=(None, None), thumbprints=(None, None), encrypted=None):
        self.request += 1
        request = node(446) + self.request_head() + u32(0) + u32(0) + u32(mode) + text(None) + u32(3_600_000)
        self.opening("c", policy, certificates[0], thumbprints[1], request, encrypted)
        response = node(449) + self.response_head() + u32(0) + u32(7) + u32(1) + ticks(1_772_445_600) + u32(3_600_000) + text(None)
        self.opening("s", policy, certificates[1], thumbprints[0], response, encrypted)

    def next(self, side):
        self.sequence[side] += 1
        return u32(self.sequence[side]) + u32(self.request)

    def request_head(self):
        return self.session + ticks(1_772_445_600) + u32(self.request) + u32(0) + text(None) + u32(5_000) + NO_EXTENSION

    def response_head(self, result=0):
        return ticks(1_772_445_600) + u32(self.request) + u32(result) + b"\0" + u32(-1) + NO_EXTENSION

    def message(self, side, body, word=b"MSG"):
        pieces = [body[at:at + self.chunk_bytes] for at in range(0, len(body), self.chunk_bytes)]
        for at, piece in enumerate(pieces):
            last = b"F" if at + 1 == len(pieces) else b"C"
            self.send(side, self.chunk(word, last, u32(7) + u32(1) + self.next(side) + piece + bytes(range(100, 100 + self.signature))))

    def ask(self, number, body=b""):
        self.request += 1
        self.message("c", node(number) + self.request_head() + body)

    def answer(self, number, body=b"", result=0):
        self.message("s", node(number) + self.response_head(result) + body)

    def fault(self, result):
        self.answer(397, b"", result)

    def endpoints(self, url, endpoints):
        self.ask(428, text(url) + u32(-1) + u32(-1))
        self.answer(431, array(endpoints))

    def create(self, client, url, name, endpoints, certificates=(None, None)):
        self.ask(461, client + text(None) + text(url) + text(name) + text(bytes(32)) + text(certificates[0]) + struct.pack("<d", 1_200_000.0) + u32(0))
        session = node(1_001, 1) + struct.pack("<BH", 5, 1) + text(self.token) + struct.pack("<d", 1_200_000.0) + text(bytes(32)) + text(certificates[1])
        self.answer(464, session + array(endpoints) + u32(-1) + text(None) + text(None) + u32(0))
        self.session = struct.pack("<BH", 5, 1) + text(self.token)

    def activate(self, token, result=0):
        self.ask(467, text(None) + text(None) + u32(-1) + array([text("en")]) + token + text(None) + text(None))
        self.answer(470, text(bytes(32)) + u32(-1) + u32(-1), result)

    def anonymous(self):
        self.activate(extension(321, text("token_0")))

    def user(self, name, password, algorithm=None, result=0):
        self.activate(extension(324, text("token_1") + text(name) + text(password) + text(algorithm)), result)

    def read(self, nodes, values):
        """Nodes with their attribute, 13 being the value."""
        asked = [identifier + u32(attribute) + text(None) + qualified(None) for identifier, attribute in nodes]
        self.ask(631, struct.pack("<d", 0.0) + u32(2) + array(asked))
        self.answer(634, array(values) + u32(-1))

    def browse(self, parent, found):
        """`found`: identifier, its namespace, browse name, its namespace, class (1 object, 2 variable, 4 method)."""
        self.ask(527, node(0) + bytes(8) + u32(0) + u32(0) + array([parent + u32(0) + node(33) + b"\1" + u32(0) + u32(63)]))
        references = [node(47) + b"\1" + node(identifier, space) + qualified(name, name_space) + localized(name) + u32(kind) + node(68)
                      for identifier, space, name, name_space, kind in found]
        self.answer(530, array([u32(0) + text(None) + array(references)]) + u32(-1))
