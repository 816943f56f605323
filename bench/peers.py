"""Backend and proxies, each with one worker, an access log, a request id and X-Forwarded-For.

Where a certificate is given they have a second port for TLS 1.3, with HTTP/1.1 and HTTP/2 by ALPN.
"""
import json
import os
import shutil
import socket
import ssl
import subprocess
from dataclasses import dataclass

import control
import processes
from processes import Program

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)

SMALL = '{"id":"0123456789abcdef","name":"widget","price":1299,"tags":["a","b","c"],"stock":42,"on":true}'
LARGE_BYTES = 64 << 10
ANIMALS = json.dumps({'animals': [{'no': number, 'kind': 'dog', 'cost': 249.99} for number in range(1, 11)], 'page': 1, 'total': 10})
ANIMAL = json.dumps({'no': 4, 'kind': 'cat', 'cost': 99.5})

NGINX = """
worker_processes 1; daemon off; pid {folder}/{name}.pid; error_log {folder}/{name}.err; worker_rlimit_nofile 16384;
events {{ worker_connections 4096; multi_accept on; }}
http {{
  keepalive_requests 1000000000; keepalive_timeout 600; tcp_nodelay on; server_tokens off; client_body_buffer_size 64k;
  client_body_temp_path {folder}/{name}.body; proxy_temp_path {folder}/{name}.proxy; fastcgi_temp_path {folder}/{name}.fastcgi;
  uwsgi_temp_path {folder}/{name}.uwsgi; scgi_temp_path {folder}/{name}.scgi;
  {http}
}}
"""

BACKEND = """
  access_log off; sendfile on; open_file_cache max=10 inactive=600s;
  server {{ listen 127.0.0.1:{port} backlog=1024; root {folder}/www; default_type application/json;
    location = /large {{ default_type application/octet-stream; }}
    location = /animals {{ if ($request_method = POST) {{ return 201 '{animal}'; }} return 200 '{animals}'; }}
    location / {{ return 200 '{small}'; }} }}
"""

PROXY = """
  log_format line '$remote_addr $request_id [$time_iso8601] "$request" $status $body_bytes_sent $request_time';
  access_log {folder}/nginx.access line buffer=64k flush=1s;
  upstream backend {{ server 127.0.0.1:{backend}; keepalive 256; keepalive_requests 1000000000; keepalive_timeout 600s; }}
  server {{ listen 127.0.0.1:{port} backlog=1024 reuseport; {tls}
    location / {{ proxy_pass http://backend; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_set_header X-Request-Id $request_id;
      add_header X-Request-Id $request_id; proxy_buffers 16 16k; proxy_buffer_size 16k; proxy_busy_buffers_size 64k; }} }}
"""

NGINX_TLS = 'listen 127.0.0.1:{port} ssl http2 backlog=1024 reuseport; ssl_certificate {chain}; ssl_certificate_key {key}; ssl_protocols TLSv1.3;'

HAPROXY = """
global
  nbthread 1
  maxconn 4000
  log stdout format raw local0
defaults
  mode http
  log global
  option httplog
  option forwardfor
  option http-keep-alive
  http-reuse always
  timeout connect 5s
  timeout client 600s
  timeout server 600s
  unique-id-format %[uuid()]
  unique-id-header X-Request-Id
frontend proxy
  bind 127.0.0.1:{port}
  {tls}
  http-after-response set-header X-Request-Id %[unique-id]
  default_backend backend
backend backend
  server one 127.0.0.1:{backend} pool-max-conn 256
"""

HAPROXY_TLS = 'bind 127.0.0.1:{port} ssl crt {both} alpn h2,http/1.1 ssl-min-ver TLSv1.3'

ENVOY_TYPES = 'type.googleapis.com/envoy.extensions'


def write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, 'w') as file:
        file.write(text)
    return path


def nginx_command(folder, name, http):
    path = write(folder, f'{name}.conf', NGINX.format(folder=folder, name=name, http=http))
    return [binary('nginx'), '-e', f'{folder}/{name}.err', '-c', path]


def binary(name):
    """Where a program lies; Debian's users do not have sbin on their path."""
    return shutil.which(name) or shutil.which(name, path='/usr/sbin:/sbin:/usr/local/sbin')


def start_backend(folder):
    os.makedirs(f'{folder}/www', exist_ok=True)
    with open(f'{folder}/www/large', 'wb') as file:
        file.write(b'x' * LARGE_BYTES)
    port = processes.free_port()
    http = BACKEND.format(folder=folder, port=port, small=SMALL, animal=ANIMAL, animals=ANIMALS)
    return Program('backend', nginx_command(folder, 'backend', http), port, processes.BACKEND, folder).wait()


@dataclass
class Certificate:
    """Files of an ECDSA P-256 certificate: the chain, its key, and both in one as HAProxy wants them."""
    chain: str
    key: str
    both: str


def certificate(folder):
    """A self-signed one for localhost."""
    chain, key = os.path.join(folder, 'chain.pem'), os.path.join(folder, 'key.pem')
    command = ['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2',
               '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', chain]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        processes.refuse(f'openssl made no certificate:\n{done.stderr}')
    both = ''
    for path in [chain, key]:
        with open(path) as file:
            both += file.read()
    return Certificate(chain, key, write(folder, 'both.pem', both))


def negotiated(port):
    """TLS version and cipher that a port agrees on with wrk's library, and the protocol with one who would rather speak HTTP/2."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(['h2', 'http/1.1'])
    with socket.create_connection(('127.0.0.1', port), 5) as plain, context.wrap_socket(plain, server_hostname='localhost') as secure:
        return secure.version(), secure.cipher()[0], str(secure.selected_alpn_protocol())


def tls_of(certificate, line):
    """A port and a proxy's line of configuration for it; neither without a certificate."""
    if not certificate:
        return None, ''
    port = processes.free_port()
    return port, line.format(port=port, chain=certificate.chain, key=certificate.key, both=certificate.both)


def start_nginx(folder, backend, certificate=None):
    port, (tls, line) = processes.free_port(), tls_of(certificate, NGINX_TLS)
    http = PROXY.format(folder=folder, port=port, backend=backend.port, tls=line)
    return Program('nginx', nginx_command(folder, 'nginx', http), port, processes.MEASURED, folder, tls=tls).wait()


def start_haproxy(folder, backend, certificate=None):
    port, (tls, line) = processes.free_port(), tls_of(certificate, HAPROXY_TLS)
    path = write(folder, 'haproxy.cfg', HAPROXY.format(port=port, backend=backend.port, tls=line))
    return Program('haproxy', [binary('haproxy'), '-db', '-f', path], port, processes.MEASURED, folder, tls=tls).wait()


def start_envoy(folder, backend, _certificate=None):
    port = processes.free_port()
    path = write(folder, 'envoy.json', json.dumps(envoy_settings(folder, port, backend.port)))
    command = [envoy_binary(), '-c', path, '--concurrency', '1', '--base-id', str(os.getpid() % 30000), '-l', 'error']
    return Program('envoy', command, port, processes.MEASURED, folder).wait()


def envoy_binary():
    return os.environ.get('ENVOY') or shutil.which('envoy')


def envoy_settings(folder, port, backend):
    def address(number):
        return {'socket_address': {'address': '127.0.0.1', 'port_value': number}}

    def extension(name, **settings):
        return {'@type': f'{ENVOY_TYPES}.{name}', **settings}

    log = extension('access_loggers.file.v3.FileAccessLog', path=f'{folder}/envoy.access')
    router = {'name': 'envoy.filters.http.router', 'typed_config': extension('filters.http.router.v3.Router', dynamic_stats=False)}
    manager = extension(
        'filters.network.http_connection_manager.v3.HttpConnectionManager',
        stat_prefix='in', codec_type='HTTP1', use_remote_address=True, always_set_request_id_in_response=True,
        access_log=[{'name': 'envoy.access_loggers.file', 'typed_config': log}], http_filters=[router],
        route_config={'virtual_hosts': [{'name': 'all', 'domains': ['*'],
                                         'routes': [{'match': {'prefix': '/'}, 'route': {'cluster': 'backend', 'timeout': '0s'}}]}]})
    chain = {'filters': [{'name': 'envoy.filters.network.http_connection_manager', 'typed_config': manager}]}
    endpoints = {'cluster_name': 'backend', 'endpoints': [{'lb_endpoints': [{'endpoint': {'address': address(backend)}}]}]}
    return {'static_resources': {
        'listeners': [{'address': address(port), 'filter_chains': [chain]}],
        'clusters': [{'name': 'backend', 'type': 'STATIC', 'load_assignment': endpoints}]}}


def codec_binary():
    """The HTTP core alone, without gateway, log or request id: `cargo build --release -p tollgate-http --example proxy`."""
    path = os.path.join(ROOT, 'target/release/examples/proxy')
    return path if os.access(path, os.X_OK) else None


def start_codec(folder, backend, _certificate=None):
    port = processes.free_port()
    command = [codec_binary(), f'127.0.0.1:{port}', f'127.0.0.1:{backend.port}', '1']
    return Program('codec', command, port, processes.MEASURED, folder).wait()


TOLLGATE_TLS = """[tls]
listen = "127.0.0.1:{port}"
[[tls.certificates]]
certificate = "{chain}"
key = "{key}"
"""


class Tollgate:
    """A `tollgate serve` with a data folder of its own."""

    GROUP = 'arn:aws:logs:us-east-1:000000000000:log-group:bench'

    def __init__(self, path, folder, name='tollgate', core=processes.MEASURED, certificate=None):
        self.path, self.name, self.core = path, name, core
        self.folder = os.path.join(folder, name)
        os.makedirs(self.folder, exist_ok=True)
        self.port, self.admin = processes.free_port(), processes.free_port()
        self.tls, tls = tls_of(certificate, TOLLGATE_TLS)
        access = os.path.join(self.folder, 'access.log')
        self.config = write(self.folder, 'tollgate.toml', '\n'.join([
            '[limits]', 'profile = "relaxed"', '[access_log.destinations]', f'"{self.GROUP}" = "{access}"',
            '[integrations]', 'idle_timeout_ms = 600000', '[connections]', 'idle_timeout_ms = 600000', tls, '']))
        self.program = self.client = None

    def spawn(self):
        """Starts it without waiting."""
        command = [self.path, 'serve', '--data', os.path.join(self.folder, 'data'), '--listen', f'127.0.0.1:{self.port}',
                   '--admin', f'127.0.0.1:{self.admin}', '--workers', '1', '--config', self.config]
        self.program = Program(self.name, command, self.port, self.core, self.folder, tls=self.tls)
        return self

    def start(self):
        self.spawn().program.wait(said='tollgate ready')
        key, secret = control.root_key(self.program.output())
        self.client = control.Client(self.port, key, secret)
        return self

    def deploy(self, definition, stage='bench'):
        """Imports a definition, deploys it with an access log, and gives the API's id."""
        call = self.client.call
        api = call('POST', '/restapis?mode=import', definition)['id']
        call('POST', f'/restapis/{api}/deployments', {'stageName': stage})
        call('PATCH', f'/restapis/{api}/stages/{stage}', {'patchOperations': [
            {'op': 'replace', 'path': '/accessLogSettings/destinationArn', 'value': self.GROUP},
            {'op': 'replace', 'path': '/accessLogSettings/format', 'value': LINE}]})
        return api


LINE = ('$context.identity.sourceIp $context.requestId [$context.requestTime] "$context.httpMethod $context.path '
        '$context.protocol" $context.status $context.responseLength $context.responseLatency')


def host(api):
    return f'{api}.execute-api.localhost'
