#!/usr/bin/env python3
"""Tollgate beside nginx (and HAProxy and Envoy where they are installed), then Tollgate alone: what `make bench` runs.

Each proxy has one worker on a core of its own, an access log, a request id and X-Forwarded-For. What counts is CPU per request. Rounds are
short and alternate, and each is held against the backend's own CPU per request in the same round, so that a machine that slows down does
not look like a slow proxy.

Each row is measured twice. At an equal rate, half of what nginx can do, backend and load have the same work whichever proxy is before them:
this is the ratio to trust. At full load they have not: a fast proxy keeps their core so busy that each of their requests costs less, a slow
one lets it idle, so the ratio held against the backend flatters the slow. Requests per second and latency are those at full load; "core" is
how much of its core the proxy then used: well below all of it, the load was the limit and not the proxy. So it is with new TLS connections,
whose handshakes cost the load more than the proxy; what they cost is held against the load's own CPU instead of the backend's.

Over TLS it is TLS 1.3 with one ECDSA P-256 certificate and the same cipher for all. wrk sends HTTP/1.1, h2load HTTP/2 and new connections.
"""
import argparse
import os
import platform
import shutil
import sys
import tempfile
import time

import alone
import edits
import keyed
import moto
import peers
import processes
import report
import scale
import tokens
import velocity
import versus

OUT = os.path.join(peers.HERE, 'out')
PARTS = ['proxies', 'keys', 'traffic', 'control', 'scale', 'moto', 'vtl', 'tokens', 'start', 'memory']


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--rounds', type=int, default=9, help='paired rounds per row (default 9)')
    parser.add_argument('--seconds', type=int, default=2, help='length of a round (default 2)')
    parser.add_argument('--rows', default=','.join(versus.KINDS), help='which proxy rows: ' + ', '.join(versus.KINDS))
    parser.add_argument('--peers', default='nginx,tollgate,haproxy,envoy', help='which proxies; codec is the HTTP core alone')
    parser.add_argument('--parts', default=','.join(PARTS), help='what to measure: ' + ','.join(PARTS))
    parser.add_argument('--tollgate', default=os.path.join(peers.ROOT, 'target/release/tollgate'), help='the program to measure')
    given = parser.parse_args()
    given.parts, given.peers, given.rows = given.parts.split(','), given.peers.split(','), given.rows.split(',')
    if unknown := set(given.rows) - versus.KINDS.keys():
        parser.error(f'no such rows: {", ".join(sorted(unknown))}')
    return given


def check(given):
    """Refuses what cannot be measured, and says what to do."""
    needed = {'nginx': 'nginx', 'wrk': 'wrk', 'h2load': 'nghttp2-client', 'openssl': 'openssl', 'taskset': 'util-linux'}
    for program, package in needed.items():
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


def measure(given, folder):
    backend = peers.start_backend(folder)
    result = {'machine': machine(), 'rounds': given.rounds, 'seconds': given.seconds}
    if 'proxies' in given.parts:
        result['proxies'], result['memory'] = versus.compare(given, folder, backend, tell)
        print(report.proxies(result['proxies'], result['memory']), flush=True)
    if 'keys' in given.parts:
        common = (given.tollgate, folder, backend)
        compared = keyed.compare(*common, given.rounds, given.seconds, tell, given.peers)
        found = keyed.many(*common, max(3, given.rounds // 3), given.seconds, tell)
        result['keys'] = {'compared': compared, 'many': found}
        print(keyed.report(compared, found), flush=True)
    if {'traffic', 'control'} & set(given.parts):
        tollgate = peers.Tollgate(given.tollgate, folder, 'tollgate-alone').start()
        if 'traffic' in given.parts:
            result['traffic'] = alone.traffic(tollgate, backend, folder, max(3, given.rounds // 3), given.seconds, tell)
            print(report.alone(result['traffic']), flush=True)
            print(alone.cache_report(result['traffic']), flush=True)
        if 'control' in given.parts:
            result['control'] = alone.control_calls(tollgate, 2 * given.seconds, tell)
            result['import'] = alone.large_import(tollgate, 5, tell)
            print(alone.large_import_report(result['import']), flush=True)
        tollgate.program.stop()
    if 'moto' in given.parts and (python := moto.python(OUT, tell)):
        result['moto'] = moto.compare(given.tollgate, folder, python, max(3, given.rounds // 3), given.seconds, tell)
        print(moto.report(result['moto']), flush=True)
    if 'scale' in given.parts:
        result['scale'] = scale.compare(given.tollgate, folder, backend, max(3, given.rounds // 3), given.seconds, tell)
        print(scale.report(result['scale']), flush=True)
    if 'vtl' in given.parts and (rendered := velocity.compare(given.rounds, tell)):
        result['vtl'] = rendered
        print(velocity.report(rendered), flush=True)
    if 'tokens' in given.parts:
        result['tokens'] = tokens.measure(tell)
        print(tokens.report(result['tokens']), flush=True)
    if 'start' in given.parts:
        result['start'] = alone.starts(given.tollgate, folder, 9, tell)
        result['restart'] = alone.restart(given.tollgate, folder, tell)
        result['edits'] = edits.measure(given.tollgate, folder, backend, tell)
        print(edits.report(result['edits']), flush=True)
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
