"""Tollgate and other proxies before one backend: what is asked of each, in alternating rounds."""
from dataclasses import dataclass, field

import alone
import definitions
import load
import peers
import processes
from load import Load
from processes import Program


@dataclass
class Kind:
    """A kind of request, and what it is sent over: `http`, `https`, `h2`, or `handshake`, a new TLS connection for each."""
    name: str
    front: str
    path: str
    body: str = ''


BODY = 'x' * 10240
KINDS = {
    '100b': Kind('GET 100 B', 'http', '/small'),
    '64k': Kind('GET 64 KiB', 'http', '/large'),
    'post': Kind('POST 10 KiB', 'http', '/small', BODY),
    'tls-100b': Kind('TLS, GET 100 B', 'https', '/small'),
    'tls-64k': Kind('TLS, GET 64 KiB', 'https', '/large'),
    'h2-100b': Kind('HTTP/2 over TLS, GET 100 B', 'h2', '/small'),
    'h2-64k': Kind('HTTP/2 over TLS, GET 64 KiB', 'h2', '/large'),
    'h2-post': Kind('HTTP/2 over TLS, POST 10 KiB', 'h2', '/small', BODY),
    'handshake': Kind('a new TLS connection for each GET 100 B', 'handshake', '/small'),
}


def kinds(given):
    return [KINDS[name] for name in given.rows]


def over_tls(given):
    return any(kind.front != 'http' for kind in kinds(given))


@dataclass
class Proxy:
    """A program, and the host and path prefix under which it has the backend."""
    program: Program
    headers: dict = field(default_factory=dict)
    prefix: str = ''

    def port(self, front):
        return self.program.port if front == 'http' else self.program.tls


def compare(given, folder, backend, tell):
    """The rounds of each row and the memory of each proxy afterwards."""
    proxies = start(given, folder, backend, tell)
    results = {kind.name: Row(given, folder, backend, proxies, kind, tell).measure() for kind in kinds(given)}
    memory = {name: proxy.program.memory() for name, proxy in proxies.items()}
    for proxy in proxies.values():
        proxy.program.stop()
    return results, memory


def start(given, folder, backend, tell):
    certificate = peers.certificate(folder) if over_tls(given) else None
    started = {'nginx': Proxy(peers.start_nginx(folder, backend, certificate))}
    if 'tollgate' in given.peers:
        tollgate = peers.Tollgate(given.tollgate, folder, certificate=certificate).start()
        api = tollgate.deploy(definitions.proxied(backend))
        started['tollgate'] = Proxy(tollgate.program, {'Host': peers.host(api)}, '/bench')
    others = [('codec', peers.codec_binary(), peers.start_codec), ('haproxy', peers.binary('haproxy'), peers.start_haproxy),
              ('envoy', peers.envoy_binary(), peers.start_envoy)]
    for name, binary, run in others:
        if name in given.peers and binary:
            started[name] = Proxy(run(folder, backend, certificate))
        elif name in given.peers:
            tell(f'{name} is not installed; its row is left out')
    if certificate:
        check_tls(started, tell)
    return started


def check_tls(proxies, tell):
    """All encrypt alike and speak HTTP/2, or the comparison is none."""
    encryption = {name: peers.negotiated(proxy.program.tls) for name, proxy in proxies.items() if proxy.program.tls}
    if len(set(encryption.values())) > 1:
        processes.refuse(f'TLS is not the same with each proxy: {encryption}')
    tell('over TLS: ' + ', '.join(encryption['nginx']))


class Row:
    """One kind of request through all proxies that can take it."""

    def __init__(self, given, folder, backend, proxies, kind, tell):
        self.given, self.folder, self.backend, self.kind, self.tell = given, folder, backend, kind, tell
        self.proxies = {name: proxy for name, proxy in proxies.items() if proxy.port(kind.front)}

    def measure(self):
        full = self.rounds('full load', max(3, self.given.rounds // 3), None)
        rate = load.median(full['nginx'], 'rps') / 2
        return {'rate': rate, 'paced': self.rounds('equal rate', self.given.rounds, rate), 'full': full}

    def rounds(self, load_name, count, rate):
        results = {name: [] for name in self.proxies}
        for number in range(count):
            self.tell(f'{self.kind.name} at {load_name}: round {number + 1} of {count}')
            # Whoever goes first in one round goes last in the next.
            for name in list(self.proxies)[::1 if number % 2 else -1]:
                proxy = self.proxies[name]
                results[name].append(load.round_of(proxy.program, self.backend, self.asked(proxy, rate)))
        return results

    def asked(self, proxy, rate):
        kind, path = self.kind, proxy.prefix + self.kind.path
        asked = Load(kind.name, path, proxy.headers, seconds=self.given.seconds, front=kind.front, rate=rate, port=proxy.port(kind.front))
        if kind.front in load.WRK:
            asked.script = self.script(rate)
            asked.connections = load.connections_for(rate) if rate else asked.connections
        elif kind.body:
            asked.body = peers.write(self.folder, 'body', kind.body)
        return asked

    def script(self, rate):
        body = alone.post_script(self.kind.body, 'application/octet-stream') if self.kind.body else ''
        text = body + (load.PACE if rate else '')
        return peers.write(self.folder, 'script.lua', text) if text else None
