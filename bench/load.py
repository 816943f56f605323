"""One round of load, and what it cost the program under it and the backend behind."""
import re
import statistics
import subprocess
import time
from dataclasses import dataclass, field

import h2load
import processes

# Each connection waits 2 ms on average before its next request; an answer takes about another third of one.
PACE = '\nfunction delay() return math.random(0, 4) end\n'
PAUSE_SECONDS = 0.0023


def connections_for(rate):
    return max(4, round(rate * PAUSE_SECONDS))


def median(rounds, key):
    return statistics.median(each[key] for each in rounds)


UNITS = {'us': 1, 'ms': 1e3, 's': 1e6, 'm': 6e7}
# Other programs on the machine make a round worthless from this share of one core on; it is run again.
NOISE = 0.25
ATTEMPTS = 3


@dataclass
class Load:
    """What is asked, and how."""
    name: str
    path: str
    headers: dict = field(default_factory=dict)
    script: str = None
    seconds: int = 2
    connections: int = 64
    # What it is sent over: http, https, h2, or handshake, a new TLS connection for each request.
    front: str = 'http'
    # h2load's: a file to post, and requests per second; as many as can be where there is no rate.
    body: str = None
    rate: float = None
    # The program's plain one unless given.
    port: int = None


def micros(text):
    number, unit = re.match(r'([\d.]+)(us|ms|s|m)', text).groups()
    return float(number) * UNITS[unit]


def wrk(port, load):
    command = ['taskset', '-c', str(processes.LOAD), 'wrk', '-t1', f'-c{load.connections}', f'-d{load.seconds}s', '--latency']
    for name, value in load.headers.items():
        command += ['-H', f'{name}: {value}']
    if load.script:
        command += ['-s', load.script]
    # No certificate is for an address.
    host = '127.0.0.1' if load.front == 'http' else 'localhost'
    command.append(f'{load.front}://{host}:{port}{load.path}')
    output = subprocess.run(command, capture_output=True, text=True, timeout=load.seconds + 30).stdout
    requests = re.search(r'(\d+) requests in', output)
    if not requests or not int(requests.group(1)):
        processes.refuse(f'wrk had no answer from port {port}{load.path}:\n{output}')
    bad = sum(int(number) for number in re.findall(r'Non-2xx or 3xx responses: (\d+)', output))
    errors = re.search(r'Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)', output)
    return {
        'requests': int(requests.group(1)),
        'elapsed': load.seconds,
        'rps': float(re.search(r'Requests/sec:\s+([\d.]+)', output).group(1)),
        'p50_us': micros(re.search(r'^\s+50%\s+(\S+)', output, re.M).group(1)),
        'p99_us': micros(re.search(r'^\s+99%\s+(\S+)', output, re.M).group(1)),
        'bad': bad + (sum(map(int, errors.groups())) if errors else 0),
    }


WRK = {'http': wrk, 'https': wrk}
GENERATORS = {**WRK, 'h2': h2load.streams, 'handshake': h2load.connections}


def round_of(program, backend, load):
    """One round, repeated while other programs disturb it."""
    best = None
    for _ in range(ATTEMPTS):
        result = once(program, backend, load)
        if best is None or result['noise'] < best['noise']:
            best = result
        if result['noise'] < NOISE:
            break
    return best


def once(program, backend, load):
    machine, ours, spent, behind, started = processes.busy(), processes.own(), program.cpu(), sum(backend.cpu()), time.monotonic()
    result = GENERATORS[load.front](load.port or program.port, load)
    elapsed = time.monotonic() - started
    user, system = (after - before for after, before in zip(program.cpu(), spent))
    behind, ours = sum(backend.cpu()) - behind, processes.own() - ours
    others = processes.busy() - machine - ours - (user + system) - behind
    requests = result['requests']
    result.update(
        cpu_us=(user + system) * 1e6 / requests,
        user_share=user / max(user + system, 1e-9),
        backend_us=behind * 1e6 / requests,
        load_us=ours * 1e6 / requests,
        busy=(user + system) / result['elapsed'],
        noise=max(others, 0) / elapsed,
    )
    # What the CPU per request is held against. Of handshakes the backend sees little, and the load does half of them.
    result['yardstick_us'] = result['load_us' if load.front == 'handshake' else 'backend_us']
    return result
