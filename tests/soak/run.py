#!/usr/bin/env python3
"""What `make soak` runs: mixed load with faults against the program, for SOAK_SECONDS (60 unless set).

Mocks, templates, proxies and deployments, with backends that die and come back, clients that reset, trickle or send what is no HTTP, bodies beyond
the memory for them, and a Tollgate that is killed (-9) and started again over its data twice. At the end every answer was right or a refusal that
is documented, what was acknowledged is there, memory is flat, descriptors are those of the start, and the log has no error that nobody meant.
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
import program

SECONDS = float(os.environ.get("SOAK_SECONDS", 60))
# Parts of the time between two kills; the last is the one over which memory has to be flat.
LIVES = (0.15, 0.15, 0.7)
IDLE_CONNECTIONS = int(os.environ.get("SOAK_IDLE", 20_000))
# Descriptors that Tollgate and the holders of idle connections need besides.
OTHER_DESCRIPTORS = 200
IDLE_PROCESSES = 2
# What the median of memory in the last third of a life may be over that in the second. Bodies come and go within their budget, so less than that
# says nothing; a leak of a kilobyte in a request passes it within two minutes.
GROWTH_BYTES_MAX = 32 << 20
# Requests are remembered too, so many bytes of them at most.
IDLE_BYTES_MAX, REMEMBERED_BYTES_MAX = 6 << 10, 16 << 20
DESCRIPTORS_MAX = 4
PROCESSES = (
    {"mock": 2, "template": 2, "versions": 2, "deployments": 1},
    {"proxy": 4, "mortal backend": 4, "cut answers": 1, "slow backend": 2},
    {"large bodies": 8, "resets": 2, "trickles": 2, "hostile": 1},
    {"over TLS": 3, "TLS handshakes": 2, "TLS resets": 1},
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
    """Each idle connection takes a descriptor on both sides; gives how many there can be."""
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
        self.stay_idle(first)
        self.start_clients()
        for part in LIVES[:-1]:
            self.live(SECONDS * part)
            self.kill_and_start()
        self.ask("/mock")
        first = min(first, self.descriptors())
        self.flat(self.live(SECONDS * LIVES[-1]))
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
        for threads in PROCESSES:
            process = self.context.Process(target=clients.run, args=(self.world, threads, self.results), daemon=True)
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

    def flat(self, samples):
        third = len(samples) // 3
        if not third:
            return
        before, after = (statistics.median(part) for part in (samples[third:2 * third], samples[2 * third:]))
        text = f"memory under load: {mb(before)} in the second third of the last life, {mb(after)} in the last, at most {mb(max(samples))}"
        self.figures.append(text)
        step = -(-len(samples) // 8)
        eighths = [mb(statistics.median(samples[start:start + step])) for start in range(0, len(samples), step)]
        self.figures.append(f"  by eighths of that life: {', '.join(eighths)}")
        if after > before + GROWTH_BYTES_MAX:
            self.faults.append(f"not flat: {text}")

    def settled(self, when, first):
        """Nothing is left of the clients and of kept connections to backends."""
        try:
            program.until(lambda: self.descriptors() <= first + DESCRIPTORS_MAX, 30)
        except AssertionError:
            self.faults.append(f"descriptors {when}: {self.descriptors()}, {first} at the start")
        self.figures.append(f"descriptors {when}: {self.descriptors()}, {first} at the start; memory {mb(self.resident())}")

    def stay_idle(self, first):
        """Asked before all else, while memory holds nothing that it could take for them."""
        for _ in range(200):
            self.ask("/mock")
        before = self.resident()
        opened, release = self.context.Queue(), self.context.Event()
        share = self.idle_connections // IDLE_PROCESSES
        host = f"{self.apis['soak']}.execute-api.localhost"
        arguments = (self.world.host, self.world.port, host, share, opened, release)
        holders = [self.context.Process(target=idle.hold, args=(number, *arguments), daemon=True) for number in range(IDLE_PROCESSES)]
        for holder in holders:
            holder.start()
        count = sum(opened.get(timeout=300) for _ in holders)
        # They rest after a second.
        time.sleep(2)
        each = (self.resident() - before) / max(count, 1)
        self.figures.append(f"{count} idle connections: {each / 1024:.1f} KiB each")
        if count < IDLE_CONNECTIONS:
            self.figures.append(f"  {IDLE_CONNECTIONS} were asked for; the limit of open files allows so many")
        if count < self.idle_connections - 1 or self.descriptors() < count:
            self.faults.append(f"{self.descriptors()} descriptors for {count} idle connections of {self.idle_connections}")
        if each * count > IDLE_BYTES_MAX * count + REMEMBERED_BYTES_MAX:
            self.faults.append(f"an idle connection takes {each:.0f} bytes")
        began = time.monotonic()
        for _ in range(200):
            self.ask("/mock")
        self.figures.append(f"  200 requests beside them on connections of their own: {(time.monotonic() - began) * 5:.2f} ms each")
        release.set()
        for holder in holders:
            holder.join(60)
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
        for kind in clients.KINDS:
            outcomes = {outcome: count for (known, outcome), count in self.counts.items() if known == kind}
            print(f"{kind:16}", ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items())))
        print("\n".join(self.figures))
        for fault in self.faults:
            print(f"FAULT {fault}")
        print(f"{sum(self.counts.values())} requests in {SECONDS:.0f} s, {len(self.faults)} faults")


def mb(size):
    return f"{size / (1 << 20):.1f} MiB"


if __name__ == "__main__":
    main()
