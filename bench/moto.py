"""The control plane beside moto's server (PyPI): the same calls from 32 connections, signed beforehand, to each in alternating rounds.

Both servers have the same core for themselves, and wrk the other one. moto keeps everything in memory and forgets it at its end;
Tollgate's creations are on disk before they are answered, and its signatures are verified.
"""
import json
import os
import subprocess
import sys

import control
import load
import peers
import processes
from load import Load

CONNECTIONS = 32
PINS = os.path.join(peers.HERE, 'moto-requirements.txt')
# What must be reached, as a multiple of moto's requests per second.
TARGETS = {'reads': 20, 'creates': 10}

# moto's own command, without a line of log per request, which would only slow it down.
SERVER = "import logging, sys; logging.getLogger('werkzeug').setLevel('ERROR'); from moto.server import main; main(sys.argv[1:])"

# wrk's way to send requests that were made before: each stands in the file after a line with its length.
SCRIPT = """
local requests, at = {{}}, 0
function init()
  local file = assert(io.open("{path}", "rb"))
  for length in function() return file:read("*l") end do requests[#requests + 1] = file:read(tonumber(length)) end
end
function request()
  at = at + 1
  if at > #requests then {exhausted} end
  return requests[at]
end
"""


class Moto:
    """moto's server on the core of what is measured."""

    def __init__(self, folder, python):
        port = processes.free_port()
        command = [python, '-c', SERVER, '-H', '127.0.0.1', '-p', str(port)]
        self.program = processes.Program('moto', command, port, processes.MEASURED, folder).wait(60)
        self.client = control.Client(port, 'AKIDEXAMPLE', 'secret')
        # More than it answers in a second, so that a round does not run out of requests.
        self.creates_per_second = 3_000


def tollgate(path, folder):
    started = peers.Tollgate(path, folder, 'tollgate-control').start()
    started.creates_per_second = 20_000
    return started


def python(out, tell):
    """The interpreter of an environment that has moto, made where it is missing or of other versions."""
    venv, ready = os.path.join(out, 'moto'), os.path.join(out, 'moto', 'ready')
    with open(PINS) as file:
        pins = file.read()
    interpreter = os.path.join(venv, 'bin', 'python')
    if os.path.exists(ready) and open(ready).read() == pins:
        return interpreter
    tell('moto into bench/out/moto')
    pip = [interpreter, '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--require-hashes', '--only-binary', ':all:', '-r', PINS]
    for command in [[sys.executable, '-m', 'venv', '--clear', venv], pip]:
        if subprocess.run(command).returncode:
            tell('moto cannot be installed; its rows are left out')
            return None
    with open(ready, 'w') as file:
        file.write(pins)
    return interpreter


def compare(path, folder, interpreter, rounds, seconds, tell):
    """Rounds of every row by server."""
    servers = {'moto': Moto(folder, interpreter), 'tollgate': tollgate(path, folder)}
    targets = {name: reads(server.client) for name, server in servers.items()}
    rows = {}
    for kind in ['reads', 'creates', 'creates in one API']:
        rows[kind] = {name: [] for name in servers}
        for number in range(rounds):
            tell(f'control plane, {kind}: round {number + 1} of {rounds}')
            for name in list(servers)[::1 if number % 2 else -1]:
                calls = targets[name] if kind == 'reads' else creates(servers[name], 1 if 'one' in kind else 100, seconds)
                rows[kind][name].append(one_round(servers[name], folder, calls, kind, seconds))
    for server in servers.values():
        server.program.stop()
    return rows


def one_round(server, folder, calls, kind, seconds):
    path = os.path.join(folder, f'calls-{server.program.name}')
    with open(path, 'wb') as file:
        for call in calls:
            request = signed(server.client, *call)
            file.write(b'%d\n%s' % (len(request), request))
    # Reading goes round and round; what was created cannot be created again.
    exhausted = 'at = 1' if kind == 'reads' else 'wrk.thread:stop() at = 1'
    script = peers.write(folder, 'calls.lua', SCRIPT.format(path=path, exhausted=exhausted))
    spent = sum(server.program.cpu())
    result = load.wrk(server.program.port, Load(kind, '/', {}, script, seconds, CONNECTIONS))
    os.remove(path)
    return {**result, 'cpu_us': (sum(server.program.cpu()) - spent) * 1e6 / result['requests']}


def signed(client, method, target, body=None):
    """A whole request as it goes over the wire."""
    content = b'' if body is None else json.dumps(body).encode()
    headers = {**client.headers(method, target, content), 'content-length': len(content)}
    lines = [f'{method} {target} HTTP/1.1', *(f'{name}: {value}' for name, value in headers.items())]
    return '\r\n'.join([*lines, '', '']).encode() + content


def reads(client):
    """The reads of a small API that is deployed: five resources, a method each."""
    call = client.call
    api, root = new_api(client)
    for number in range(4):
        part = call('POST', f'/restapis/{api}/resources/{root}', {'pathPart': f'part{number}'})['id']
        method = f'/restapis/{api}/resources/{part}/methods/GET'
        call('PUT', method, {'authorizationType': 'NONE'})
        call('PUT', f'{method}/integration', {'type': 'MOCK', 'requestTemplates': {'application/json': '{"statusCode": 200}'}})
    call('POST', f'/restapis/{api}/deployments', {'stageName': 'dev'})
    return [('GET', f'/restapis/{api}{rest}') for rest in ['', '/resources', '/stages']]


def creates(server, apis, seconds):
    """Creations for a round: of APIs, and of resources and models spread over as many new APIs as said; or of resources of one."""
    parents = [new_api(server.client) for _ in range(apis)]
    for number in range(server.creates_per_second * seconds // (20 if apis == 1 else 1)):
        # Each to the next API: what goes on at the same time are changes of different ones.
        api, root = parents[number % apis]
        resource = ('POST', f'/restapis/{api}/resources/{root}', {'pathPart': f'part{number}'})
        model = {'name': f'Model{number}', 'contentType': 'application/json', 'schema': '{"type": "object"}'}
        mixed = [('POST', '/restapis', {'name': 'created'}), resource, ('POST', f'/restapis/{api}/models', model)]
        yield resource if apis == 1 else mixed[number % 3]


def new_api(client):
    """An API and its root."""
    api = client.call('POST', '/restapis', {'name': 'bench'})['id']
    resources = client.call('GET', f'/restapis/{api}/resources')
    return api, (resources.get('item') or resources['_embedded']['item'])[0]['id']


def report(rows):
    lines = ['', f'{"Control plane, 32 connections, requests/s":44}{"moto":>9}{"tollgate":>10}{"ratio":>8}{"target":>8}{"CPU µs":>9}{"p99 µs":>9}{"failed":>8}']
    for kind, servers in rows.items():
        moto, ours = (load.median(servers[name], 'rps') for name in ['moto', 'tollgate'])
        target = f'≥ {TARGETS[kind]}' if kind in TARGETS else ''
        lines.append(f'  {kind:42}{moto:9.0f}{ours:10.0f}{ours / moto:8.1f}{target:>8}'
                     f'{load.median(servers["tollgate"], "cpu_us"):9.0f}{load.median(servers["tollgate"], "p99_us"):9.0f}'
                     f'{sum(each["bad"] for rounds in servers.values() for each in rounds):8}')
    return '\n'.join(lines)
