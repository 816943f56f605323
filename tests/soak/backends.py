"""The backends of a soak, in a process of their own: one that is always there, and one that dies and comes back every few moments."""
import asyncio
import logging
import socket
import struct

# How long the other backend is there, and how long it is not.
UP_SECONDS, DOWN_SECONDS = 1.5, 0.7
SLOW_SECONDS = 0.6


def run(ports, stopped):
    """Serves until `stopped`; puts the two ports into `ports`."""
    # It tells each write to a client that has left.
    logging.getLogger("asyncio").setLevel(logging.ERROR)
    asyncio.run(serve(ports, stopped))


async def serve(ports, stopped):
    steady = await asyncio.start_server(answer_all, "127.0.0.1", 0, backlog=1024)
    port = steady.sockets[0].getsockname()[1]
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        mortal_port = chosen.getsockname()[1]
    ports.put((port, mortal_port))
    while not stopped.is_set():
        await live_and_die(mortal_port)


async def live_and_die(port):
    writers = set()

    async def remembered(reader, writer):
        writers.add(writer)
        try:
            await answer_all(reader, writer)
        finally:
            writers.discard(writer)

    server = await asyncio.start_server(remembered, "127.0.0.1", port, reuse_address=True)
    await asyncio.sleep(UP_SECONDS)
    server.close()
    for writer in list(writers):
        abort(writer)
    await asyncio.sleep(DOWN_SECONDS)


def abort(writer):
    """Closes with a reset, as a machine that fell over does."""
    raw = writer.get_extra_info("socket")
    try:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    except OSError:
        pass
    writer.transport.abort()


async def answer_all(reader, writer):
    try:
        while await answer(reader, writer):
            pass
    except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
        pass
    finally:
        writer.close()


async def answer(reader, writer):
    head = await reader.readuntil(b"\r\n\r\n")
    first, *fields = head.decode("latin-1").split("\r\n")
    path = first.split(" ")[1].split("?")[0]
    length = next((int(field[15:]) for field in fields if field.lower().startswith("content-length:")), 0)
    body = await reader.readexactly(length)
    if path.endswith("/slow"):
        await asyncio.sleep(SLOW_SECONDS)
    if path.endswith("/cut"):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf")
        await writer.drain()
        abort(writer)
        return False
    if path.endswith("/chunks"):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
        for start in range(0, len(body), 10_000):
            part = body[start:start + 10_000]
            writer.write(b"%x\r\n%b\r\n" % (len(part), part))
        writer.write(b"0\r\n\r\n")
    else:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
    await writer.drain()
    return True
