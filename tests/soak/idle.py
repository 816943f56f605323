"""Connections that have asked once and then say next to nothing: now and then they ask again, so that none is taken for one that was left."""
import socket

import http2_clients

PATIENCE_SECONDS = 30
# Well within the time after which an idle connection is closed.
AGAIN_SECONDS = 120


class Plain:
    """HTTP/1.1, as it is."""

    def __init__(self, host, port, authority, source):
        self.request = f"GET /dev/mock HTTP/1.1\r\nHost: {authority}\r\n\r\n".encode()
        self.raw = socket.create_connection((host, port), PATIENCE_SECONDS, source_address=source)

    def ask(self):
        self.raw.sendall(self.request)
        return self.raw.recv(4096).startswith(b"HTTP/1.1 200")

    def close(self):
        self.raw.close()


class OverTls:
    """HTTP/2 over TLS."""

    def __init__(self, host, port, authority, source):
        self.connection = http2_clients.connect(host, port, authority, source_address=source)

    def ask(self):
        stream = self.connection.start("GET", "/dev/mock")
        [answer] = self.connection.finish([stream])
        self.connection.forget(stream)
        return answer.status == 200

    def close(self):
        self.connection.close()


KINDS = {"HTTP/1.1": Plain, "HTTP/2 over TLS": OverTls}


def hold(number, kind, place, count, opened, kept, release):
    """Opens so many from an address of its own, since each has only so many ports; tells how many there are, holds them until released, and tells
    how many of them are answered even then."""
    held = []
    try:
        for _ in range(count):
            connection = KINDS[kind](*place, (f"127.0.1.{number + 1}", 0))
            assert connection.ask()
            held.append(connection)
    except OSError:
        # No more descriptors: as many as there are will do.
        pass
    opened.put(len(held))
    while not release.wait(AGAIN_SECONDS):
        answered(held)
    kept.put(answered(held))
    for connection in held:
        connection.close()


def answered(held):
    return sum(map(asked, held))


def asked(connection):
    try:
        return connection.ask()
    except OSError:
        return False
