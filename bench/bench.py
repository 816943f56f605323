#!/usr/bin/env python3
"""Tollgate beside nginx (and HAProxy and Envoy where they are installed), then Tollgate alone: what `make bench` runs.

Each proxy has one worker on a core of its own, an access log, a request id and X-Forwarded-For. What counts is CPU per request. Rounds are
short and alternate, and each is held against the backend's own CPU per request in the same round, so that a machine that slows down does
not look like a slow proxy.

Each row is measured twice. At an equal rate, half of what nginx can do, backend and load have the same work whichever proxy is before them:
this is the ratio to trust. At full load they have not: a fast proxy keeps their core so busy that each of their requests costs less, a slow
one lets it idle, so the ratio held against the backend flatters the slow. Requests per second and latency are those at full load.
"""
import argparse
import os
import platform
import shutil
import sys
import tempfile
import time

import alone
import definitions
import load
import peers
import processes
import report
from load import Load

OUT = os.path.join(peers.HERE, 'out')
PARTS = ['proxies', 'traffic', 'control', 'start', 'memory']


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--rounds', type=int, default=9, help='paired rounds per row (default 9)')
    parser.add_argument('--seconds', type=int, default=2, help='length of a round (default 2)')
    parser.add_argument('--rows', default='100b,64k,post', help='which proxy rows: 100b,64k,post')
    parser.add_argument('--peers', default='nginx,tollgate,haproxy,envoy', help='which proxies; codec is the HTTP core alone')
    parser.add_argument('--parts', default=','.join(PARTS), help='what to measure: ' + ','.join(PARTS))
    parser.add_argument('--tollgate', default=os.path.join(peers.ROOT, 'target/release/tollgate'), help='the program to measure')
    given = parser.parse_args()
    given.parts, given.peers, given.rows = given.parts.split(','), given.peers.split(','), given.rows.split(',')
    return given


def check(given):
    """Refuses what cannot be measured, and says what to do."""
    for program, package in [('nginx', 'nginx'), ('wrk', 'wrk'), ('taskset', 'util-linux')]:
        if not peers.binary(program):
            processes.refuse(f'{program} is not installed: apt-get install {package}')
    if needs_tollgate(given) and not os.access(given.tollgate, os.X_OK):
        processes.refuse(f'{given.tollgate} is missing: cargo build --release')
    if len(processes.CORES) < 2:
        tell('one core only: load, backend and proxy share it, so trust nothing but CPU per request')


def needs_tollgate(given):
    return given.parts != ['proxies'] or 'tollgate' in given.peers


def tell(text):
    print(f'  … {text}', file=sys.stderr, flush=True)


def start_proxies(given, folder, backend):
    """The programs by name, and the host and path prefix under which each has the backend."""
    started = {'nginx': (peers.start_nginx(folder, backend), {}, '')}
    if 'tollgate' in given.peers:
        tollgate = peers.Tollgate(given.tollgate, folder).start()
        api = tollgate.deploy(definitions.proxied(backend))
        started['tollgate'] = (tollgate.program, {'Host': peers.host(api)}, '/bench')
    for name, binary, start in [('codec', peers.codec_binary(), peers.start_codec), ('haproxy', peers.binary('haproxy'), peers.start_haproxy),
                                ('envoy', peers.envoy_binary(), peers.start_envoy)]:
        if name in given.peers and binary:
            started[name] = (start(folder, backend), {}, '')
        elif name in given.peers:
            tell(f'{name} is not installed; its row is left out')
    return started


def rows(given):
    post = alone.post_script('x' * 10240, 'application/octet-stream')
    known = {'100b': ('GET 100 B', '/small', ''), '64k': ('GET 64 KiB', '/large', ''), 'post': ('POST 10 KiB', '/small', post)}
    return [known[name] for name in given.rows]


class Row:
    """One kind of request through all proxies."""

    def __init__(self, given, folder, backend, proxies, row):
        self.given, self.folder, self.backend, self.proxies = given, folder, backend, proxies
        self.name, self.path, self.body = row

    def measure(self):
        full = self.rounds('full load', max(3, self.given.rounds // 3), self.script(self.body), connections=64)
        rate = load.median(full['nginx'], 'rps') / 2
        script = self.script(self.body + load.PACE)
        paced = self.rounds('equal rate', self.given.rounds, script, connections=load.connections_for(rate))
        return {'rate': rate, 'paced': paced, 'full': full}

    def script(self, text):
        return peers.write(self.folder, 'script.lua', text) if text else None

    def rounds(self, kind, count, script, connections):
        results = {name: [] for name in self.proxies}
        for number in range(count):
            tell(f'{self.name} at {kind}: round {number + 1} of {count}')
            # Whoever goes first in one round goes last in the next.
            for name in list(self.proxies)[::1 if number % 2 else -1]:
                program, headers, prefix = self.proxies[name]
                asked = Load(self.name, prefix + self.path, headers, script, self.given.seconds, connections)
                results[name].append(load.round_of(program, self.backend, asked))
        return results


def compare(given, folder, backend):
    proxies = start_proxies(given, folder, backend)
    results = {row[0]: Row(given, folder, backend, proxies, row).measure() for row in rows(given)}
    memory = {name: program.memory() for name, (program, _, _) in proxies.items()}
    for program, _, _ in proxies.values():
        program.stop()
    return results, memory


def measure(given, folder):
    backend = peers.start_backend(folder)
    result = {'machine': machine(), 'rounds': given.rounds, 'seconds': given.seconds}
    if 'proxies' in given.parts:
        result['proxies'], result['memory'] = compare(given, folder, backend)
        print(report.proxies(result['proxies'], result['memory']), flush=True)
    if {'traffic', 'control'} & set(given.parts):
        tollgate = peers.Tollgate(given.tollgate, folder, 'tollgate-alone').start()
        if 'traffic' in given.parts:
            result['traffic'] = alone.traffic(tollgate, backend, folder, max(3, given.rounds // 3), given.seconds, tell)
            print(report.alone(result['traffic']), flush=True)
        if 'control' in given.parts:
            result['control'] = alone.control_calls(tollgate, 2 * given.seconds, tell)
        tollgate.program.stop()
    if 'start' in given.parts:
        result['start'] = alone.starts(given.tollgate, folder, 9, tell)
        result['restart'] = alone.restart(given.tollgate, folder, tell)
    if 'memory' in given.parts:
        result['idle'] = alone.idle_memory(given.tollgate, folder, tell)
    print(report.figures(result), flush=True)
    return result


def machine():
    with open('/proc/cpuinfo') as info:
        model = next((line.split(':', 1)[1].strip() for line in info if line.startswith('model name')), platform.machine())
    return {'cpu': model, 'cores': len(processes.CORES), 'kernel': platform.release(), 'time': time.strftime('%Y-%m-%dT%H:%M:%S%z')}


def main():
    given = arguments()
    check(given)
    processes.take_precedence()
    folder = tempfile.mkdtemp(prefix='tollgate-bench-')
    # Started by root, nginx reads files as another user.
    os.chmod(folder, 0o755)
    try:
        result = measure(given, folder)
        print(f'\nOn {result["machine"]["cpu"]}, {result["machine"]["cores"]} cores; all rounds in {report.save(result, OUT)}')
    except KeyboardInterrupt:
        processes.refuse('stopped')
    finally:
        processes.Program.stop_all()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == '__main__':
    main()
