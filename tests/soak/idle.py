"""Connections that have asked once and then say nothing."""
import socket


def hold(number, address, port, host, count, opened, release):
    """Opens them from an address of its own, since each has only so many ports; tells how many there are, and holds them until released."""
    request = f"GET /dev/mock HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()
    held = []
    try:
        for _ in range(count):
            connection = socket.create_connection((address, port), 30, source_address=(f"127.0.1.{number + 1}", 0))
            connection.sendall(request)
            assert connection.recv(4096).startswith(b"HTTP/1.1 200")
            held.append(connection)
    except OSError:
        # No more descriptors: as many as there are will do.
        pass
    opened.put(len(held))
    release.wait()
    for connection in held:
        connection.close()
