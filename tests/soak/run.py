#!/usr/bin/env python3
"""What `make soak` runs: mixed load with faults against the program, for SOAK_SECONDS (60 unless set).

Mocks, templates, proxies and deployments over HTTP/1.1, TLS and HTTP/2, with backends that die and come back, clients that reset, trickle or send
what is no HTTP, bodies beyond the memory for them; first beside more than 20,000 idle connections (as many of them as open files are allowed), then
with a Tollgate that is killed (-9) and started again over its data twice. At the end every answer was right or a refusal that is documented, what was
acknowledged is there, memory is flat, descriptors are those of the start, and the log has no error that nobody meant.
"""
import collections
import json
import multiprocessing
import os
import re
import resource
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "clients"))

import backends
import clients
import definitions
import idle
import kinds
import program

SECONDS = float(os.environ.get("SOAK_SECONDS", 60))
# The part of the time beside idle connections, and those between two kills; memory has to be flat over the first and the last.
IDLE_PART, LIVES = 0.3, (0.1, 0.1, 0.5)
IDLE_CONNECTIONS = int(os.environ.get("SOAK_IDLE", 20_500))
# As many of them are HTTP/2 over TLS.
IDLE_HTTP2 = 1_000
# Descriptors that Tollgate needs besides, for its files, other clients and backends.
OTHER_DESCRIPTORS = 500
# Each has a limit of open files of its own.
IDLE_PROCESSES = 4
# What the median of memory in the last third of a life may be over that in the second. Bodies come and go within their budget, so less than that
# says nothing; a leak of a kilobyte in a request passes it within two minutes.
GROWTH_BYTES_MAX = 32 << 20
IDLE_BYTES_MAX = {"HTTP/1.1": 6 << 10, "HTTP/2 over TLS": 64 << 10}
# Requests are remembered too, so many bytes of them at most.
REMEMBERED_BYTES_MAX = 16 << 20
DESCRIPTORS_MAX = 4
PROCESSES = (
    {"mock": 2, "template": 2, "versions": 2, "deployments": 1},
    {"proxy": 4, "mortal backend": 4, "cut answers": 1, "slow backend": 2},
    {"large bodies": 8, "resets": 2, "trickles": 2, "hostile": 1},
    {"over TLS": 3, "TLS handshakes": 2, "TLS resets": 1},
    {"HTTP/2 streams": 2, "HTTP/2 resets": 2, "HTTP/2 slow": 4, "HTTP/2 breaks": 1},
)
CONFIG = """
[tls]
listen = "127.0.0.1:{port}"
certificates = [{{ certificate = "{folder}/certificate.pem", key = "{folder}/key.pem" }}]
[server]
workers = 2
drain_grace_ms = 5000
[connections]
body_memory_bytes_max = 33554432
[integrations]
idle_timeout_ms = 1000
"""


def main():
    idle_connections = raise_limit()
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory(prefix="tollgate-soak-", dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None) as folder:
        soak = Soak(context, Path(folder), idle_connections)
        try:
            soak.run()
        finally:
            soak.end()
    soak.report()
    sys.exit(1 if soak.faults else 0)


def raise_limit():
    """Each idle connection takes a descriptor of Tollgate, which may have no more than anyone in this place; gives how many there can be."""
    wanted = IDLE_CONNECTIONS + OTHER_DESCRIPTORS
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(wanted, hard),) * 2)
    except (ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return min(IDLE_CONNECTIONS, soft - OTHER_DESCRIPTORS)


def free_port():
    """The same after each kill."""
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        return chosen.getsockname()[1]


def self_signed(folder):
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
               "-subj", "/CN=localhost", "-keyout", folder / "key.pem", "-out", folder / "certificate.pem"]
    subprocess.run(command, check=True, capture_output=True)


class Soak:
    def __init__(self, context, folder, idle_connections):
        self.context, self.folder, self.idle_connections = context, folder, idle_connections
        self.tls_port = free_port()
        (folder / "tollgate.toml").write_text(CONFIG.format(port=self.tls_port, folder=folder))
        self_signed(folder)
        self.faults, self.figures, self.counts, self.log = [], [], collections.Counter(), []
        self.stopped, self.backends_stopped = context.Event(), context.Event()
        self.numbers = [context.Value("q", 0) for _ in range(3)]
        self.tollgate, self.processes, self.results = None, [], context.Queue()
        ports = context.Queue()
        self.backends = context.Process(target=backends.run, args=(ports, self.backends_stopped), daemon=True)
        self.backends.start()
        self.ports = ports.get(timeout=30)

    def run(self):
        self.start()
        self.key = (self.tollgate.key_id, self.tollgate.secret)
        self.apis = {"soak": self.deploy(definitions.everything(*self.ports)), "versions": self.deploy(definitions.version(0))}
        self.world = clients.World(self.tollgate.address, self.apis, self.key, self.numbers, self.stopped, self.tls_port)
        self.ask("/mock")
        first = self.descriptors()
        self.beside_idle_connections(first)
        self.start_clients()
        for part in LIVES[:-1]:
            self.live(SECONDS * part)
            self.kill_and_start()
        self.ask("/mock")
        first = min(first, self.descriptors())
        self.flat("under load", self.live(SECONDS * LIVES[-1]))
        self.stop_clients()
        self.settled("after the load", first)

    def start(self, **options):
        self.tollgate = program.Tollgate("serve", "--config", self.folder / "tollgate.toml", data=self.folder / "data", **options)

    def deploy(self, definition):
        client = clients.Changing(clients.World(self.tollgate.address, {}, self.key, self.numbers, None), None, None, None)
        api = json.loads(client.control("POST", "/restapis?mode=import", definition, 201))["id"]
        client.control("POST", f"/restapis/{api}/deployments", b'{"stageName": "dev"}', 201)
        client.close()
        return api

    def start_clients(self):
        self.stopped.clear()
        for threads in PROCESSES:
            process = self.context.Process(target=kinds.run, args=(self.world, threads, self.results), daemon=True)
            process.start()
            self.processes.append(process)

    def stop_clients(self):
        self.stopped.set()
        for _ in self.processes:
            counts, notes = self.results.get(timeout=120)
            self.counts.update(counts)
            self.faults += notes
        for process in self.processes:
            process.join(30)
        self.processes = []

    def live(self, seconds):
        """Lets the load go on; the memory of the program, twice in a second."""
        samples, end = [], time.monotonic() + seconds
        while time.monotonic() < end:
            time.sleep(0.5)
            if self.tollgate.process.poll() is not None:
                raise SystemExit(f"Tollgate ended by itself:\n{self.tollgate.output()}")
            samples.append(self.resident())
        return samples

    def kill_and_start(self):
        lives, version, deploying = self.numbers
        lives.value += 1
        address = self.tollgate.address
        self.tollgate.process.send_signal(signal.SIGKILL)
        self.tollgate.process.wait()
        self.log += self.tollgate.err
        began = time.monotonic()
        self.start(listen=address, key=self.key)
        self.figures.append(f"started again in {time.monotonic() - began:.2f} s after kill -9")
        status, body, _ = self.client().call("GET", "/version", api="versions")
        if status != 200 or not version.value <= int(body) <= deploying.value:
            self.faults.append(f"after kill -9: version {body} of {version.value} to {deploying.value}")
        lives.value += 1

    def client(self):
        return clients.Client(self.world, None, None, None)

    def ask(self, path):
        client = self.client()
        status, body, _ = client.call("GET", path)
        client.close()
        if status != 200:
            self.faults.append(f"{path}: {status} {body}")

    def flat(self, when, samples):
        third = len(samples) // 3
        if not third:
            return
        before, after = (statistics.median(part) for part in (samples[third:2 * third], samples[2 * third:]))
        text = f"memory {when}: {mb(before)} in the second third of the time, {mb(after)} in the last, at most {mb(max(samples))}"
        self.figures.append(text)
        step = -(-len(samples) // 8)
        eighths = [mb(statistics.median(samples[start:start + step])) for start in range(0, len(samples), step)]
        self.figures.append(f"  by eighths of that time: {', '.join(eighths)}")
        if after > before + GROWTH_BYTES_MAX:
            self.faults.append(f"not flat: {text}")

    def settled(self, when, first):
        """Nothing is left of the clients and of kept connections to backends."""
        try:
            program.until(lambda: self.descriptors() <= first + DESCRIPTORS_MAX, 30)
        except AssertionError:
            self.faults.append(f"descriptors {when}: {self.descriptors()}, {first} at the start")
        self.figures.append(f"descriptors {when}: {self.descriptors()}, {first} at the start; memory {mb(self.resident())}")

    def beside_idle_connections(self, first):
        """Opened before all else, while memory holds nothing that it could take for them; held while the load goes on."""
        for _ in range(200):
            self.ask("/mock")
        holders = Idle(self)
        # Those that take more come first: memory that others gave back would hide it.
        holders.open("HTTP/2 over TLS", IDLE_HTTP2, self.tls_port, 1)
        holders.open("HTTP/1.1", self.idle_connections - IDLE_HTTP2, self.world.port, IDLE_PROCESSES)
        if holders.count < IDLE_CONNECTIONS:
            limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
            self.figures.append(f"  {IDLE_CONNECTIONS} were asked for; a limit of {limit} open files allows {self.idle_connections} beside all else")
        if holders.count < self.idle_connections or self.descriptors() < holders.count:
            self.faults.append(f"{self.descriptors()} descriptors for {holders.count} idle connections of {self.idle_connections}")
        began = time.monotonic()
        for _ in range(200):
            self.ask("/mock")
        self.figures.append(f"  200 requests beside them on connections of their own: {(time.monotonic() - began) * 5:.2f} ms each")
        self.start_clients()
        self.flat("under load beside idle connections", self.live(SECONDS * IDLE_PART))
        holders.release()
        self.stop_clients()
        self.settled("after the idle ones", first)

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.tollgate.process.pid}/fd"))

    def resident(self):
        status = Path(f"/proc/{self.tollgate.process.pid}/status").read_text()
        return int(re.search(r"RssAnon:\s+(\d+) kB", status)[1]) * 1024

    def end(self):
        self.stopped.set()
        if self.tollgate and self.tollgate.process.poll() is None:
            self.tollgate.stop()
            if self.tollgate.process.returncode:
                self.faults.append(f"it ended with {self.tollgate.process.returncode}")
        self.log += self.tollgate.err if self.tollgate else []
        self.backends_stopped.set()
        self.faults += [f"log: {line.strip()}" for line in self.log if " ERROR " in line or "panicked" in line][:20]
        warnings = collections.Counter(re.sub(r"^\S+\s+", "", line.strip())[:240] for line in self.log if " WARN " in line)
        self.figures += [f"warned {count} times: {line}" for line, count in warnings.most_common(5)]

    def report(self):
        for kind in kinds.KINDS:
            outcomes = {outcome: count for (known, outcome), count in self.counts.items() if known == kind}
            print(f"{kind:16}", ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items())))
        print("\n".join(self.figures))
        for fault in self.faults:
            print(f"FAULT {fault}")
        print(f"{sum(self.counts.values())} requests in {SECONDS:.0f} s, {len(self.faults)} faults")


class Idle:
    """Idle connections, held by processes of their own."""

    def __init__(self, soak):
        self.soak, self.count, self.processes = soak, 0, []
        self.opened, self.kept, self.released = soak.context.Queue(), soak.context.Queue(), soak.context.Event()

    def open(self, kind, count, port, processes):
        before = self.soak.resident()
        place = (self.soak.world.host, port, f"{self.soak.apis['soak']}.execute-api.localhost")
        for share in range(processes):
            arguments = (len(self.processes), kind, place, (count + share) // processes, self.opened, self.kept, self.released)
            self.processes.append(self.soak.context.Process(target=idle.hold, args=arguments, daemon=True))
            self.processes[-1].start()
        opened = sum(self.opened.get(timeout=300) for _ in range(processes))
        self.count += opened
        # They rest after a second.
        time.sleep(2)
        each = (self.soak.resident() - before) / max(opened, 1)
        self.soak.figures.append(f"{opened} idle connections, {kind}: {each / 1024:.1f} KiB each")
        if each * opened > IDLE_BYTES_MAX[kind] * opened + REMEMBERED_BYTES_MAX:
            self.soak.faults.append(f"an idle connection, {kind}, takes {each:.0f} bytes")

    def release(self):
        """Each is asked once more before it goes."""
        self.released.set()
        kept = sum(self.kept.get(timeout=300) for _ in self.processes)
        self.soak.figures.append(f"  {kept} of {self.count} idle connections answered when they were asked again")
        if kept < self.count:
            self.soak.faults.append(f"{self.count - kept} idle connections were lost")
        for process in self.processes:
            process.join(60)


def mb(size):
    return f"{size / (1 << 20):.1f} MiB"


if __name__ == "__main__":
    main()
