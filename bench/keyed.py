"""API key, plan throttle, quota and a JSON access log: Tollgate beside nginx, HAProxy and Envoy with the equivalent rules, and what a
hundred thousand keys in a thousand plans cost.

The rules are the same kind of work for each, as far as each has it: a thousand keys are known, each may make more requests per second than
the load makes (so that nothing is refused, and every request is counted), the log is JSON. nginx, HAProxy and Envoy know no quotas: they
do less.
"""
import json
import os
import time
from concurrent.futures import ThreadPoolExecutor

import alone
import control
import definitions
import load
import peers
import processes
from load import Load
from processes import Program

KEYS = 1_000
RATE, BURST, QUOTA = 1_000_000, 1_000_000, 2_000_000_000
MANY_KEYS, MANY_PLANS = 100_000, 1_000
# Keys of one file of ImportApiKeys.
FILE_KEYS = 10_000
# What the issue asks for.
RATIO_MAX, FLAT_MAX = 0.95, 1.5


def value(number):
    return f'key-{number:06}-abcdefghijklmnopqrst'


NGINX = """
  map_hash_bucket_size 128; map_hash_max_size 8192;
  map $http_x_api_key $plan {{ default ""; {keys} }}
  limit_req_zone $http_x_api_key zone=plans:10m rate={rate}r/s; limit_req_zone $server_name zone=stage:1m rate={rate}r/s;
  log_format line escape=json '{{"requestId":"$request_id","ip":"$remote_addr","requestTime":"$time_iso8601","httpMethod":"$request_method",'
    '"path":"$uri","status":$status,"responseLength":$body_bytes_sent,"latency":$request_time,"plan":"$plan"}}';
  access_log {folder}/nginx-keyed.access line buffer=64k flush=1s;
  upstream backend {{ server 127.0.0.1:{backend}; keepalive 256; keepalive_requests 1000000000; keepalive_timeout 600s; }}
  server {{ listen 127.0.0.1:{port} backlog=1024 reuseport;
    location / {{ if ($plan = "") {{ return 403; }} limit_req zone=plans burst=100000 nodelay; limit_req zone=stage burst=100000 nodelay;
      proxy_pass http://backend; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_set_header X-Request-Id $request_id;
      add_header X-Request-Id $request_id; proxy_buffers 16 16k; proxy_buffer_size 16k; proxy_busy_buffers_size 64k; }} }}
"""

HAPROXY_LOG = ('{"requestId":"%ID","ip":"%ci","requestTime":"%tr","httpMethod":"%HM","path":"%HP","status":%ST,"responseLength":%B,'
               '"latency":%Ta}')

HAPROXY = """
global
  nbthread 1
  maxconn 4000
  log stdout format raw local0
defaults
  mode http
  log global
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
  stick-table type string len 40 size 100k expire 10m store http_req_rate(1s)
  http-request set-var(txn.plan) req.hdr(x-api-key),map({map})
  http-request deny deny_status 403 unless {{ var(txn.plan) -m found }}
  http-request track-sc0 req.hdr(x-api-key)
  http-request deny deny_status 429 if {{ sc_http_req_rate(0) gt {rate} }}
  http-after-response set-header X-Request-Id %[unique-id]
  log-format {log}
  default_backend backend
backend backend
  server one 127.0.0.1:{backend} pool-max-conn 256
"""


def start_nginx(folder, backend):
    port = processes.free_port()
    keys = ' '.join(f'{value(number)} plan{number};' for number in range(KEYS))
    http = NGINX.format(folder=folder, port=port, backend=backend.port, keys=keys, rate=RATE)
    return Program('nginx', peers.nginx_command(folder, 'nginx-keyed', http), port, processes.MEASURED, folder).wait()


def start_haproxy(folder, backend):
    port = processes.free_port()
    keys = peers.write(folder, 'keys.map', ''.join(f'{value(number)} plan{number}\n' for number in range(KEYS)))
    text = HAPROXY.format(port=port, backend=backend.port, map=keys, rate=RATE, log=HAPROXY_LOG.replace('"', '\\"'))
    path = peers.write(folder, 'haproxy-keyed.cfg', text)
    return Program('haproxy', [peers.binary('haproxy'), '-db', '-f', path], port, processes.MEASURED, folder).wait()


def start_envoy(folder, backend):
    port = processes.free_port()
    settings = peers.envoy_settings(folder, port, backend.port)
    manager = settings['static_resources']['listeners'][0]['filter_chains'][0]['filters'][0]['typed_config']
    log = manager['access_log'][0]['typed_config']
    log['path'] = f'{folder}/envoy-keyed.access'
    log['log_format'] = {'json_format': {
        'requestId': '%REQ(X-REQUEST-ID)%', 'ip': '%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%', 'requestTime': '%START_TIME%',
        'httpMethod': '%REQ(:METHOD)%', 'path': '%REQ(:PATH)%', 'status': '%RESPONSE_CODE%', 'responseLength': '%BYTES_SENT%',
        'latency': '%DURATION%'}}
    credentials = [{'key': value(number), 'client': f'plan{number}'} for number in range(KEYS)]
    bucket = {'max_tokens': BURST, 'tokens_per_fill': RATE, 'fill_interval': '1s'}
    always = {'default_value': {'numerator': 100, 'denominator': 'HUNDRED'}}
    manager['http_filters'][:0] = [
        {'name': 'envoy.filters.http.api_key_auth', 'typed_config': {
            '@type': f'{peers.ENVOY_TYPES}.filters.http.api_key_auth.v3.ApiKeyAuth',
            'key_sources': [{'header': 'x-api-key'}], 'credentials': credentials}},
        {'name': 'envoy.filters.http.local_ratelimit', 'typed_config': {
            '@type': f'{peers.ENVOY_TYPES}.filters.http.local_ratelimit.v3.LocalRateLimit',
            'stat_prefix': 'plans', 'token_bucket': bucket, 'filter_enabled': always, 'filter_enforced': always}}]
    path = peers.write(folder, 'envoy-keyed.json', json.dumps(settings))
    command = [peers.envoy_binary(), '-c', path, '--concurrency', '1', '--base-id', str(os.getpid() % 30000 + 1), '-l', 'error']
    return Program('envoy', command, port, processes.MEASURED, folder).wait()


LINE = json.dumps({
    'requestId': '$context.requestId', 'ip': '$context.identity.sourceIp', 'requestTime': '$context.requestTime',
    'httpMethod': '$context.httpMethod', 'path': '$context.path', 'status': '$context.status',
    'responseLength': '$context.responseLength', 'latency': '$context.responseLatency', 'key': '$context.identity.apiKeyId'})


def locked(definition):
    """The definition with an API key asked for by each method."""
    document = json.loads(definition)
    document.setdefault('components', {})['securitySchemes'] = {'key': {'type': 'apiKey', 'name': 'x-api-key', 'in': 'header'}}
    for path in document['paths'].values():
        for method in path.values():
            method['security'] = [{'key': []}]
    return json.dumps(document).encode()


def deploy(tollgate, definition):
    api = tollgate.deploy(locked(definition))
    tollgate.client.call('PATCH', f'/restapis/{api}/stages/bench', {'patchOperations': [
        {'op': 'replace', 'path': '/accessLogSettings/format', 'value': LINE},
        {'op': 'replace', 'path': '/*/*/throttling/rateLimit', 'value': str(RATE)},
        {'op': 'replace', 'path': '/*/*/throttling/burstLimit', 'value': str(BURST)}]})
    return api


def plan(client, api, name):
    return client.call('POST', '/usageplans', {
        'name': name, 'apiStages': [{'apiId': api, 'stage': 'bench'}], 'throttle': {'rateLimit': RATE, 'burstLimit': BURST},
        'quota': {'limit': QUOTA, 'period': 'MONTH'}})['id']


def give_keys(client, plans, first, count):
    """So many keys from the first on, spread over plans."""
    lines = [f'key{number},{value(number)},{plans[number % len(plans)]}' for number in range(first, first + count)]
    client.call('POST', '/apikeys?mode=import&format=csv', '\n'.join(['name,key,usageplanids', *lines]).encode())


def compare(path, folder, backend, rounds, seconds, tell, wanted):
    """Rounds at an equal rate and at full load, the proxies taking turns."""
    started = {'nginx': (start_nginx(folder, backend), {}, '')}
    if 'tollgate' in wanted:
        tollgate = peers.Tollgate(path, folder, 'keyed').start()
        api = deploy(tollgate, definitions.proxied(backend))
        give_keys(tollgate.client, [plan(tollgate.client, api, 'bench')], 0, KEYS)
        started['tollgate'] = (tollgate.program, {'Host': peers.host(api)}, '/bench')
    for name, binary, run in [('haproxy', peers.binary('haproxy'), start_haproxy), ('envoy', peers.envoy_binary(), start_envoy)]:
        if name in wanted and binary:
            started[name] = (run(folder, backend), {}, '')
    result = {'full': {}, 'paced': {}}
    for kind, count in [('full', max(3, rounds // 3)), ('paced', rounds)]:
        rate = load.median(result['full']['nginx'], 'rps') / 2 if kind == 'paced' else None
        script = cycle(folder, kind, range(KEYS), load.PACE if rate else '')
        found = {name: [] for name in started}
        for number in range(count):
            tell(f'API keys, {kind}: round {number + 1} of {count}')
            for name in list(started)[::1 if number % 2 else -1]:
                program, headers, prefix = started[name]
                asked = Load(name, prefix + '/small', headers, script, seconds)
                asked.connections = load.connections_for(rate) if rate else asked.connections
                found[name].append(load.round_of(program, backend, asked))
        result[kind] = found
    for program, _, _ in started.values():
        program.stop()
    return result


def cycle(folder, name, numbers, more=''):
    """wrk's way to ask with one key after another."""
    keys = ','.join(f'"{value(number)}"' for number in numbers)
    return peers.write(folder, f'keys-{name}.lua', f'''local keys, requests, at = {{{keys}}}, nil, 0
function request()
  if not requests then
    requests = {{}}
    for number, key in ipairs(keys) do
      wrk.headers["X-API-Key"] = key
      requests[number] = wrk.format("GET")
    end
  end
  at = at % #requests + 1
  return requests[at]
end
{more}''')


def many(path, folder, backend, rounds, seconds, tell, keys=MANY_KEYS, plans=MANY_PLANS):
    """One key asked with again and again among few, and every key of very many in turn."""
    tollgate = peers.Tollgate(path, folder, 'many-keys').start()
    empty_mib = tollgate.program.memory()
    client = tollgate.client
    api = deploy(tollgate, json.dumps(definitions.document({'/mock': {'get': {
        'responses': {'200': {'description': 'fine'}}, 'x-amazon-apigateway-integration': definitions.mock()}}})).encode())
    headers = {'Host': peers.host(api)}

    def cpu(name, numbers):
        tell(f'{name} API keys')
        asked = Load(name, '/bench/mock', headers, cycle(folder, name, numbers), seconds)
        return load.median([load.round_of(tollgate.program, backend, asked) for _ in range(rounds)], 'cpu_us')

    ids = [plan(client, api, 'first')]
    give_keys(client, ids, 0, 100)
    few = cpu('few', [number % 100 for number in range(keys // 10)])
    tell(f'{plans} plans and {keys} API keys')
    with ThreadPoolExecutor(8) as makers:
        def make(number):
            return plan(control.Client(tollgate.port, client.key, client.secret), api, f'plan{number}')
        ids += makers.map(make, range(plans - 1))
    for first in range(100, keys, FILE_KEYS):
        give_keys(client, ids, first, min(FILE_KEYS, keys - first))
    tollgate.program.stop()
    # Started again, so that nothing is counted that only their making took.
    result = {'keys': keys, 'plans': plans, 'few_us': few,
              'start_ms': alone.first_answer(tollgate, f'/_aws/execute-api/{api}/bench/mock', 403)}
    time.sleep(1)
    result['mib'] = tollgate.program.memory() - empty_mib
    result['all_us'] = cpu('all', range(0, keys, 10))
    result['used_mib'] = tollgate.program.memory() - empty_mib
    tollgate.program.stop()
    return result


def ratio(rounds, name):
    """Held against the backend's own CPU in the same rounds, as for the other rows."""
    cost = {each: load.median(rounds[each], 'cpu_us') / load.median(rounds[each], 'yardstick_us') for each in (name, 'nginx')}
    return cost[name] / cost['nginx']


def report(compared, found):
    lines = ['', 'API key, throttles, quota and JSON access log (nginx = 1; CPU per request)']
    for name in compared['paced']:
        costs = {kind: load.median(compared[kind][name], 'cpu_us') for kind in ('paced', 'full')}
        rate, bad = load.median(compared['full'][name], 'rps'), sum(each['bad'] for each in compared['full'][name])
        lines.append(f'  {name:<10} {costs["paced"]:5.1f} µs at an equal rate, ratio {ratio(compared["paced"], name):.2f}; '
                     f'{costs["full"]:5.1f} µs at full load, ratio {ratio(compared["full"], name):.2f}, {rate:.0f}/s, {bad} refused')
    lines.append(f'  (target for tollgate: ratio ≤ {RATIO_MAX})')
    lines += [f'{found["keys"]} API keys in {found["plans"]} plans',
              f'  CPU of a MOCK                 {found["few_us"]:.1f} µs with 100 keys, {found["all_us"]:.1f} µs with all of them: '
              f'ratio {found["all_us"] / found["few_us"]:.2f} (target < {FLAT_MAX})',
              f'  memory                        {found["mib"]:.1f} MiB, {found["used_mib"]:.1f} MiB when they are used',
              f'  start to first answer         {found["start_ms"]:.0f} ms']
    return '\n'.join(lines)
