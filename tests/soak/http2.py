"""HTTP/2 for the clients of a soak, so that it needs nothing but Python: many streams of one connection, each with its window, none of which
waits for another. Fields go out as literals and of an answer's fields the status alone is read."""
import struct

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = 0, 1, 3, 4, 6, 7, 8, 9
END_STREAM, ACK, END_HEADERS = 1, 1, 4
HEADER_TABLE_SIZE, ENABLE_PUSH, INITIAL_WINDOW_SIZE = 1, 2, 4
FRAME_BYTES = 16_384
WINDOW_BYTES = 65_535
NO_ERROR, REFUSED_STREAM, CANCEL, ENHANCE_YOUR_CALM = 0, 7, 8, 11
# What RFC 7541 (appendix A) has numbers for.
STATUSES = {8: 200, 9: 204, 10: 206, 11: 304, 12: 400, 13: 404, 14: 500}
# Its code for digits (appendix B): as many bits, and the digit that the first of them stands for.
SHORT_DIGITS, LONG_DIGITS, FIRST_LONG_DIGIT = 5, 6, 0x19


class GoneAway(ConnectionError):
    """The server will take no more of this connection."""

    def __init__(self, code):
        super().__init__(f"told to go away: {code}")
        self.code = code


class Answer:
    """What came of one stream so far. `reset` is the code of the frame that broke it off."""

    def __init__(self):
        self.status, self.body, self.ended, self.reset = None, b"", False, None


class Connection:
    """Opens the windows of answers itself, but for those of `slow` streams, which start with `window` bytes."""

    def __init__(self, raw, authority, window=WINDOW_BYTES):
        self.raw, self.authority = raw, authority
        self.answers, self.unsent, self.slow, self.buffer = {}, {}, set(), b""
        self.next_stream, self.credit, self.credits, self.first_credit = 1, WINDOW_BYTES, {}, WINDOW_BYTES
        settings = [(HEADER_TABLE_SIZE, 0), (ENABLE_PUSH, 0), (INITIAL_WINDOW_SIZE, window)]
        payload = b"".join(struct.pack(">HI", *setting) for setting in settings)
        raw.sendall(PREFACE + frame(SETTINGS, 0, 0, payload))

    def close(self):
        self.raw.close()

    def start(self, method, path, body=b"", fields=()):
        """Begins a request; of its body as much goes out at once as the windows take."""
        stream, self.next_stream = self.next_stream, self.next_stream + 2
        self.answers[stream], self.credits[stream] = Answer(), self.first_credit
        block = request(method, path, self.authority, [*fields, ("content-length", str(len(body)))] if body else fields)
        self.raw.sendall(frame(HEADERS, END_HEADERS | (0 if body else END_STREAM), stream, block))
        if body:
            self.unsent[stream] = body
            self.send()
        return stream

    def send(self):
        for stream, body in list(self.unsent.items()):
            while body and self.credit > 0 and self.credits[stream] > 0:
                part = body[:min(self.credit, self.credits[stream], FRAME_BYTES)]
                body = body[len(part):]
                self.credit -= len(part)
                self.credits[stream] -= len(part)
                self.raw.sendall(frame(DATA, 0 if body else END_STREAM, stream, part))
            self.unsent[stream] = body
            if not body:
                del self.unsent[stream]

    def reset(self, stream):
        self.raw.sendall(frame(RST_STREAM, 0, stream, struct.pack(">I", CANCEL)))
        self.forget(stream)

    def forget(self, stream):
        """What still comes of it counts for nothing."""
        for known in (self.answers, self.unsent, self.credits):
            known.pop(stream, None)

    def widen(self, stream, size):
        self.raw.sendall(frame(WINDOW_UPDATE, 0, stream, struct.pack(">I", size)))

    def finish(self, streams):
        """Reads until each of them has ended; their answers."""
        while not all(self.answers[stream].ended for stream in streams):
            self.receive()
        return [self.answers[stream] for stream in streams]

    def receive(self):
        """Reads one frame and does what it asks for."""
        head = self.exactly(9)
        kind, flags, stream = head[3], head[4], struct.unpack(">I", head[5:])[0]
        payload = self.exactly(int.from_bytes(head[:3], "big"))
        if kind == GOAWAY:
            raise GoneAway(struct.unpack(">I", payload[4:8])[0])
        if kind == SETTINGS and not flags & ACK:
            self.agree(payload)
        elif kind == PING and not flags & ACK:
            self.raw.sendall(frame(PING, ACK, 0, payload))
        elif kind == WINDOW_UPDATE:
            self.widened(stream, struct.unpack(">I", payload)[0])
        elif kind in (HEADERS, DATA, RST_STREAM, CONTINUATION):
            self.answered(kind, flags, stream, payload)

    def agree(self, payload):
        for name, value in struct.iter_unpack(">HI", payload):
            if name == INITIAL_WINDOW_SIZE:
                for stream in self.credits:
                    self.credits[stream] += value - self.first_credit
                self.first_credit = value
        self.raw.sendall(frame(SETTINGS, ACK, 0, b""))
        self.send()

    def widened(self, stream, size):
        if stream == 0:
            self.credit += size
        elif stream in self.credits:
            self.credits[stream] += size
        self.send()

    def answered(self, kind, flags, stream, payload):
        if kind == DATA and payload:
            self.widen(0, len(payload))
        answer = self.answers.get(stream)
        if answer is None:
            return
        if kind == HEADERS and answer.status is None:
            answer.status = status(payload)
        elif kind == DATA:
            answer.body += payload
        elif kind == RST_STREAM:
            answer.reset = struct.unpack(">I", payload)[0]
            self.unsent.pop(stream, None)
        answer.ended = answer.ended or kind == RST_STREAM or (kind in (HEADERS, DATA) and bool(flags & END_STREAM))
        if kind == DATA and payload and not answer.ended and stream not in self.slow:
            self.widen(stream, len(payload))

    def exactly(self, size):
        while len(self.buffer) < size:
            read = self.raw.recv(65_536)
            if not read:
                raise ConnectionError("closed without a word")
            self.buffer += read
        taken, self.buffer = self.buffer[:size], self.buffer[size:]
        return taken


def frame(kind, flags, stream, payload):
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def request(method, path, authority, fields):
    """A block of fields, none of them to be remembered by the server."""
    block = bytes([0x82 if method == "GET" else 0x83, 0x87]) + b"\x04" + text(path) + b"\x01" + text(authority)
    return block + b"".join(b"\x00" + text(name) + text(value) for name, value in fields)


def text(value):
    raw = value.encode()
    return number(len(raw), 7) + raw


def number(value, bits):
    most = (1 << bits) - 1
    if value < most:
        return bytes([value])
    value, written = value - most, bytes([most])
    while value >= 128:
        written += bytes([value % 128 + 128])
        value //= 128
    return written + bytes([value])


def status(block):
    """The status of an answer, which comes first; in front of it the server may tell that it remembers no fields."""
    while block[0] & 0xE0 == 0x20:
        block = block[1:]
    if block[0] & 0x80:
        return STATUSES[block[0] & 0x7F]
    # A literal with the name that has a number, its value as it is or by the code.
    length = block[1] & 0x7F
    value = block[2:2 + length]
    return int(digits(value) if block[1] & 0x80 else value)


def digits(coded):
    bits = "".join(f"{byte:08b}" for byte in coded)
    found = ""
    while len(found) < 3:
        short = int(bits[:SHORT_DIGITS], 2)
        if short <= 2:
            found, bits = found + str(short), bits[SHORT_DIGITS:]
        else:
            found, bits = found + str(int(bits[:LONG_DIGITS], 2) - FIRST_LONG_DIGIT + 3), bits[LONG_DIGITS:]
    return found
