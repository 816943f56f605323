"""The clients of a soak that speak HTTP/2 over TLS: many streams at once, streams given up, answers that are taken slowly, connections that break."""
import collections
import json
import os
import socket
import struct
import time

import http2
from clients import PATIENCE_SECONDS, SHORT, UNREACHABLE, Client, anyone

STREAMS_MAX = 60
PROXIED_BYTES_MAX = 30_000


def connect(host, port, authority, window=http2.WINDOW_BYTES, **options):
    context = anyone()
    context.set_alpn_protocols(["h2"])
    raw = socket.create_connection((host, port), PATIENCE_SECONDS, **options)
    try:
        return http2.Connection(context.wrap_socket(raw, server_hostname="localhost"), authority, window)
    except OSError:
        raw.close()
        raise


class Http2(Client):
    window = http2.WINDOW_BYTES

    def connect(self):
        return connect(self.world.host, self.world.tls_port, self.authority(), self.window)

    def authority(self):
        return f"{self.world.apis['soak']}.execute-api.localhost"

    def opened(self):
        if self.connection is None or self.random.random() < 0.02:
            self.close()
            self.connection = self.connect()
        return self.connection

    def one(self, method, path, body=b""):
        """One request and its answer."""
        stream = self.connection.start(method, f"/dev{path}", body)
        [answer] = self.connection.finish([stream])
        self.connection.forget(stream)
        return answer


class Streams(Http2):
    """Many requests of one connection at once, which may be answered in any order."""
    pause = 0.01

    def step(self):
        connection, asked = self.opened(), {}
        for _ in range(self.random.randrange(1, STREAMS_MAX)):
            method, path, body, *right = self.random.choice([self.mock, self.template, self.proxied, self.proxied, self.mortal])()
            asked[connection.start(method, f"/dev{path}", body, [("content-type", "application/json")])] = right
        connection.finish(asked)
        outcomes = collections.Counter(self.outcome(connection.answers[stream], *right) for stream, right in asked.items())
        for stream in asked:
            connection.forget(stream)
        return outcomes

    def outcome(self, answer, expected, refusals, may_break):
        if answer.reset is not None:
            return "broken off" if may_break else self.wrong(answer.status, f"reset {answer.reset}".encode())
        return self.judge(answer.status, answer.body, expected, refusals)

    def mock(self):
        return "GET", "/mock", b"", b'"mocked"', SHORT, False

    def template(self):
        numbers = [self.random.randrange(1000) for _ in range(self.random.randrange(1, 100))]
        return "POST", "/template", json.dumps({"numbers": numbers}).encode(), b'{"sum":%d}' % sum(numbers), SHORT, False

    def proxied(self):
        sent = os.urandom(self.random.randrange(1, PROXIED_BYTES_MAX))
        return "POST", f"/steady/{self.random.choice(['echo', 'chunks'])}", sent, sent, SHORT, False

    def mortal(self):
        sent = os.urandom(self.random.randrange(1, PROXIED_BYTES_MAX))
        return "POST", "/mortal/echo", sent, sent, {**UNREACHABLE, **SHORT}, True


class StreamResets(Http2):
    """Gives up what it has just asked for. The next request of the connection is answered, unless too many that were given up are still under
    way, or the server has had enough of it: both are its defence against clients that do nothing else."""
    pause = 0.02

    def step(self):
        connection = self.opened()
        try:
            for _ in range(self.random.randrange(1, 15)):
                path = self.random.choice(["/dev/steady/echo", "/dev/steady/slow", "/dev/template"])
                stream = connection.start("POST", path, b"x" * self.random.randrange(1, 100_000))
                time.sleep(self.random.choice([0, 0.001, 0.005]))
                connection.reset(stream)
            answer = self.one("POST", "/steady/echo", b"y" * 10_000)
        except http2.GoneAway as gone:
            self.close()
            return "told to calm down" if gone.code == http2.ENHANCE_YOUR_CALM else self.wrong(0, str(gone).encode())
        if answer.reset == http2.REFUSED_STREAM:
            return "refused: too many under way"
        return self.judge(answer.status, answer.body, b"y" * 10_000, SHORT)


class SlowStreams(Http2):
    """Takes an answer little by little; other streams of the connection do not wait for it."""
    window = 1_000

    def step(self):
        connection, sent = self.opened(), os.urandom(60_000)
        slow = connection.start("POST", "/dev/steady/echo", sent)
        connection.slow.add(slow)
        answer = connection.answers[slow]
        while not answer.ended:
            beside = self.one("GET", "/mock")
            self.judge(beside.status, beside.body, b'"mocked"')
            time.sleep(0.03)
            connection.widen(slow, 5_000)
        connection.slow.discard(slow)
        connection.forget(slow)
        return self.judge(answer.status, answer.body, sent, SHORT)


class Http2Breaks(Http2):
    """Frames cut off or damaged anywhere, and a connection that ends without a word."""
    pause = 0.02

    def step(self):
        said = bytearray()
        for stream in range(1, 2 * self.random.randrange(1, 8), 2):
            body = b"x" * self.random.randrange(1, 2_000)
            block = http2.request("POST", "/dev/steady/echo", self.authority(), [("content-length", str(len(body)))])
            said += http2.frame(http2.HEADERS, http2.END_HEADERS, stream, block) + http2.frame(http2.DATA, http2.END_STREAM, stream, body)
        if self.random.random() < 0.5:
            said[self.random.randrange(len(said))] ^= 1 << self.random.randrange(8)
        connection = self.connect()
        raw = connection.raw
        try:
            raw.sendall(said[:self.random.randrange(len(said) + 1)])
            if self.random.random() < 0.5:
                raw.recv(4096)
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        except OSError:
            # Damaged frames may have ended it first.
            pass
        finally:
            connection.close()
        return "broken"
