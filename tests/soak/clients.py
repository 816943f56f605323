"""The clients of a soak. Each loops until it is stopped, counts what it got, and notes what it should not have got."""
import http.client
import json
import os
import random
import socket
import ssl
import struct
import time

import definitions
from signing import signed

PATIENCE_SECONDS = 20
# Refusals that are documented, by whoever may meet them: statuses of a backend that is not there, of one that is slow, of memory used up.
UNREACHABLE = {500: "Internal server error", 504: "Network error communicating with endpoint"}
LATE = {504: "Endpoint request timed out"}
SHORT = {503: "Service Unavailable"}
NOTES_MAX = 20


def anyone():
    """Trusts any certificate: that of a soak is made for it."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


class World:
    """What the clients share: where Tollgate is, and whether it was killed meanwhile."""

    def __init__(self, address, apis, key, numbers, stopped, tls_port=None):
        self.host, port = address.split(":")
        self.port, self.apis, self.key, self.stopped = int(port), apis, key, stopped
        self.tls_port = tls_port
        # How often Tollgate went or came; the last version whose deployment was acknowledged; the last one that was asked for.
        self.lives, self.version, self.deploying = numbers


class Client:
    pause = 0

    def __init__(self, world, counts, notes, lock):
        self.world, self.counts, self.notes, self.lock = world, counts, notes, lock
        self.connection, self.random = None, random.Random()

    def loop(self, kind):
        while not self.world.stopped.is_set():
            life = self.world.lives.value
            try:
                outcome = self.step()
            except (OSError, http.client.HTTPException) as error:
                self.close()
                outcome = self.broke(life, kind, error)
            except Exception as error:
                outcome = self.note(kind, repr(error))
            # One outcome, or how often there was each.
            outcomes = [outcome] if isinstance(outcome, str) else outcome.elements()
            with self.lock:
                self.counts.update((kind, each) for each in outcomes)
            time.sleep(self.pause)
        self.close()

    def broke(self, life, kind, error):
        # Odd while Tollgate is down.
        if life % 2 or self.world.lives.value != life:
            time.sleep(0.05)
            return "while it was down"
        return self.note(kind, repr(error))

    def note(self, kind, text):
        with self.lock:
            if len(self.notes) < NOTES_MAX:
                self.notes.append(f"{kind}: {text}")
        return "WRONG"

    def close(self):
        if self.connection:
            self.connection.close()
        self.connection = None

    def connect(self):
        return http.client.HTTPConnection(self.world.host, self.world.port, timeout=PATIENCE_SECONDS)

    def call(self, method, path, body=None, headers=None, api="soak"):
        if self.connection is None or self.random.random() < 0.02:
            self.close()
            self.connection = self.connect()
        host = f"{self.world.apis[api]}.execute-api.localhost"
        self.connection.request(method, f"/dev{path}", body, {"Host": host, **(headers or {})})
        answer = self.connection.getresponse()
        return answer.status, answer.read(), answer

    def judge(self, status, body, expected, refusals=None):
        if status == 200:
            return "right" if body == expected else self.wrong(status, body)
        text = (refusals or {}).get(status)
        if text and json.loads(body).get("message") == text:
            return f"refused {status}"
        return self.wrong(status, body)

    def wrong(self, status, body):
        raise AssertionError(f"{status} {body[:200]}")


class Mock(Client):
    pause = 0.002

    def step(self):
        status, body, _ = self.call("GET", "/mock")
        return self.judge(status, body, b'"mocked"')


class Template(Client):
    pause = 0.002

    def step(self):
        numbers = [self.random.randrange(1000) for _ in range(self.random.randrange(1, 200))]
        status, body, _ = self.call("POST", "/template", json.dumps({"numbers": numbers}), {"Content-Type": "application/json"})
        return self.judge(status, body, b'{"sum":%d}' % sum(numbers))


class Proxy(Client):
    """Answers in chunks are read whole, so that they may meet the want of memory too."""
    pause = 0.002
    backend, refusals = "steady", SHORT

    def step(self):
        sent = os.urandom(self.random.choice([0, 10, 3_000, 70_000, 400_000]))
        path = self.random.choice(["echo", "chunks"])
        status, body, _ = self.call("POST", f"/{self.backend}/{path}", sent, {"Content-Type": "application/octet-stream"})
        return self.judge(status, body, sent, self.refusals)


class Mortal(Proxy):
    backend, refusals = "mortal", {**UNREACHABLE, **SHORT}
    pause = 0.01

    def step(self):
        try:
            return super().step()
        except (OSError, http.client.HTTPException):
            # The backend died in the midst of an answer, so the gateway broke it off too.
            self.close()
            return "broken off"


class Cut(Client):
    pause = 0.05

    def step(self):
        try:
            status, body, _ = self.call("GET", "/steady/cut")
            return self.judge(status, body, None, UNREACHABLE)
        except (OSError, http.client.HTTPException):
            self.close()
            return "broken off"


class Slow(Client):
    """Its backend takes twice as long as it may; a core that was busy all the while finds the answer there after all."""

    def step(self):
        status, body, _ = self.call("GET", "/slow")
        return self.judge(status, body, b"", LATE)


class Large(Client):
    """Bodies that are read whole, more than there is memory for."""
    pause = 0.05

    def step(self):
        body = json.dumps({"numbers": [1, 2], "rest": "x" * 6_000_000}).encode()
        chunks = (body[start:start + 100_000] for start in range(0, len(body), 100_000))
        # What is refused before its end closes the connection, perhaps before the answer was read.
        try:
            status, answer, _ = self.call("POST", "/template", chunks, {"Content-Type": "application/json"})
        except (BrokenPipeError, ConnectionResetError):
            self.close()
            return "broken off"
        return self.judge(status, answer, b'{"sum":3}', SHORT)


class OverTls(Proxy):
    def connect(self):
        return http.client.HTTPSConnection(self.world.host, self.world.tls_port, timeout=PATIENCE_SECONDS, context=anyone())


class Handshakes(OverTls):
    """A connection for each request."""
    pause = 0.02

    def step(self):
        self.close()
        status, body, _ = self.call("GET", "/mock")
        return self.judge(status, body, b'"mocked"')


class Raw(Client):
    def request(self):
        host = f"{self.world.apis['soak']}.execute-api.localhost"
        return f"POST /dev/steady/echo HTTP/1.1\r\nHost: {host}\r\nContent-Length: 20\r\n\r\n{'x' * 20}".encode()

    def open(self):
        return socket.create_connection((self.world.host, self.world.port), PATIENCE_SECONDS)


class Resetting(Raw):
    pause = 0.005

    def step(self):
        request = self.request()
        with self.open() as raw:
            raw.sendall(request[:self.random.randrange(len(request) + 1)])
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return "reset"


class TlsResets(Raw):
    """Breaks off a handshake, or what comes after it, anywhere."""
    pause = 0.01

    def step(self):
        coming, going = ssl.MemoryBIO(), ssl.MemoryBIO()
        shaking = anyone().wrap_bio(coming, going)
        with socket.create_connection((self.world.host, self.world.tls_port), PATIENCE_SECONDS) as raw:
            for _ in range(self.random.randrange(4)):
                try:
                    shaking.do_handshake()
                    shaking.write(self.request())
                except ssl.SSLWantReadError:
                    pass
                said = going.read()
                if not said or self.random.random() < 0.3:
                    raw.sendall(said[:self.random.randrange(len(said) + 1)])
                    break
                raw.sendall(said)
                coming.write(raw.recv(4096))
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return "reset"


class Trickling(Raw):
    def step(self):
        with self.open() as raw:
            for byte in self.request():
                raw.sendall(bytes([byte]))
                time.sleep(0.005)
            answer = raw.recv(4096)
        if not answer:
            raise ConnectionError("closed without an answer")
        return "right" if answer.startswith(b"HTTP/1.1 200") else self.wrong(0, answer)


class Hostile(Raw):
    pause = 0.01
    attempts = [
        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET / HTTP/1.1\nHost: a\n\n", b"GET  / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00\x01", b"GET / HTTP/1.1\r\nHost : a\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", b"GET /\\ HTTP/1.1\r\nHost: a\r\n\r\n",
    ]

    def step(self):
        with self.open() as raw:
            raw.sendall(self.random.choice(self.attempts))
            raw.shutdown(socket.SHUT_WR)
            answer = raw.recv(65536)
        status = answer[9:12]
        return "refused" if answer == b"" or status[:1] == b"4" else self.wrong(0, answer)


class Changing(Client):
    """Deploys one version after another, each of which is served once it is acknowledged; makes and removes APIs."""

    def step(self):
        world = self.world
        number = world.version.value + 1
        # From here on an answer may come from either.
        world.deploying.value = number
        self.control("PUT", f"/restapis/{world.apis['versions']}?mode=overwrite", definitions.version(number), 200)
        self.control("POST", f"/restapis/{world.apis['versions']}/deployments", b'{"stageName": "dev"}', 201)
        world.version.value = number
        made = json.loads(self.control("POST", "/restapis?mode=import", definitions.version(0), 201))
        self.control("DELETE", f"/restapis/{made['id']}", b"", 202)
        return "deployed"

    def control(self, method, target, body, expected):
        if self.connection is None:
            self.connection = http.client.HTTPConnection(self.world.host, self.world.port, timeout=PATIENCE_SECONDS)
        headers = signed(f"{self.world.host}:{self.world.port}", *self.world.key, method, target, body)
        self.connection.request(method, target, body, headers)
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status not in (expected, 503):
            raise AssertionError(f"{method} {target}: {answer.status} {text[:200]}")
        if answer.status == 503:
            raise http.client.HTTPException("no memory for the call")
        return text

    def broke(self, life, kind, error):
        if "no memory" in str(error):
            return "refused 503"
        return super().broke(life, kind, error)


class Version(Client):
    pause = 0.002

    def step(self):
        least = self.world.version.value
        status, body, answer = self.call("GET", "/version", api="versions")
        if status != 200 or answer.headers["X-Version"] != body.decode():
            self.wrong(status, body + b" beside " + str(answer.headers["X-Version"]).encode())
        if not least <= int(body) <= self.world.deploying.value:
            self.wrong(status, b"%b of %d to %d" % (body, least, self.world.deploying.value))
        return "right"
