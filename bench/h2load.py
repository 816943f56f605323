"""Load by h2load (nghttp2), which speaks HTTP/2 and opens a new connection for each request where it is told to."""
import re
import subprocess
import tempfile
import time

import processes

# At full load as many requests are under way as with wrk, eight in each connection.
CONNECTIONS, STREAMS = 8, 8
# At an equal rate each connection sends what is due every 10 ms. They start one after another over as long a time, so that not all send
# at once.
PACED_CONNECTIONS, STARTED_PER_MS = 64, 6
# How many new connections are under way at full load; well below what a listener's queue holds.
BATCH = 512
PERIODS_PER_SECOND = 100


def streams(port, load):
    """Requests side by side in connections that stay."""
    with tempfile.NamedTemporaryFile(prefix='tollgate-bench-') as log:
        output = run(port, load, [*(paced(load) if load.rate else unpaced(load)), '-m', str(STREAMS), f'--log-file={log.name}'])
        times = sorted(int(line.split()[2]) for line in log)
    return {**counts(output, port, load), 'p50_us': quantile(times, 0.50), 'p99_us': quantile(times, 0.99)}


def unpaced(load):
    return ['-c', str(CONNECTIONS), '-D', str(load.seconds)]


def paced(load):
    each = load.rate / PACED_CONNECTIONS
    return ['-c', str(PACED_CONNECTIONS), '-n', str(round(each * load.seconds) * PACED_CONNECTIONS), f'--rps={each:.3f}',
            '-r', str(STARTED_PER_MS), '--rate-period=1ms']


def quantile(values, share):
    return values[min(int(len(values) * share), len(values) - 1)]


def connections(port, load):
    """One request in each connection, over HTTP/1.1. How long a handshake takes depends on how many are under way at once, which h2load
    does not bound, so no latency is given."""
    if load.rate:
        each_period = max(1, round(load.rate / PERIODS_PER_SECOND))
        pace = ['-r', str(each_period), f'--rate-period={round(1000 * each_period / load.rate)}ms']
        return one_each(port, load, max(1, round(load.rate * load.seconds)), pace)
    total, end = {'requests': 0, 'bad': 0, 'elapsed': 0}, time.monotonic() + load.seconds
    while time.monotonic() < end:
        batch = one_each(port, load, BATCH, [])
        total = {name: total[name] + batch[name] for name in total}
    return {**total, 'rps': total['requests'] / total['elapsed'], 'p50_us': None, 'p99_us': None}


def one_each(port, load, count, pace):
    output = run(port, load, ['--h1', '-n', str(count), '-c', str(count), *pace])
    return {**counts(output, port, load), 'p50_us': None, 'p99_us': None}


def run(port, load, options):
    headers = dict(load.headers)
    host = headers.pop('Host', 'localhost')
    command = ['taskset', '-c', str(processes.LOAD), 'h2load', '-t', '1', f'--connect-to=127.0.0.1:{port}', *options]
    for name, value in headers.items():
        command += ['-H', f'{name}: {value}']
    if load.body:
        command += ['-d', load.body, '-H', 'content-type: application/octet-stream']
    command.append(f'https://{host}{load.path}')
    return subprocess.run(command, capture_output=True, text=True, timeout=load.seconds + 60).stdout


def counts(output, port, load):
    """Requests that were answered, in how many seconds, and those that failed or were answered with anything but success."""
    found = re.search(r'requests: .* (\d+) done, \d+ succeeded, (\d+) failed, (\d+) errored, (\d+) timeout', output)
    if not found or not int(found.group(1)):
        processes.refuse(f'h2load had no answer from port {port}{load.path}:\n{output}')
    done, *wrong = map(int, found.groups())
    good = int(re.search(r'status codes: (\d+) 2xx', output).group(1))
    elapsed = seconds(re.search(r'finished in (\S+),', output).group(1))
    # What has failed counts as done too.
    return {'requests': done, 'bad': max(done - good, sum(wrong)), 'elapsed': elapsed, 'rps': done / elapsed}


def seconds(text):
    number, unit = re.fullmatch(r'([\d.]+)(us|ms|s)', text).groups()
    return float(number) * {'us': 1e-6, 'ms': 1e-3, 's': 1}[unit]
