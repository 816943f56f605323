"""What very many APIs cost, and very large ones: start, memory, and the way from a host and a path to a method."""
import json
import os
import shutil
import time
from concurrent.futures import ThreadPoolExecutor

import alone
import control
import definitions
import load
import peers
from load import Load

APIS = 10_000
RESOURCES = [10, 300, 1_000]
WRITERS = 8
# What the issue of scale asks for.
START_MS_MAX, RATIO_MAX = 3_000, 1.5


def small(number):
    """An API of six resources with templates; no two are alike."""
    responses = {'200': {'description': 'fine'}}

    def method(name):
        answer = {'of': name, 'number': number, 'request': '$context.requestId', 'path': '$context.resourcePath'}
        integration = {**definitions.mock(), 'responses': {'default': {
            'statusCode': '200', 'responseTemplates': {'application/json': json.dumps(answer)}}}}
        return {'get': {'responses': responses, 'x-amazon-apigateway-integration': integration}}

    paths = {f'/{name}': method(name) for name in ['mock', 'orders', 'orders/{id}', 'users', 'users/{id}', 'carts']}
    return json.dumps(definitions.document(paths)).encode()


def wide(resources):
    """An API of so many resources, three levels deep; the last one is asked for."""
    responses, paths = {'200': {'description': 'fine'}}, {}
    for number in range(resources - 1):
        paths[f'/area{number % 20}/thing{number}'] = {'get': {
            'responses': responses, 'x-amazon-apigateway-integration': definitions.mock()}}
    paths[LAST] = {'get': {'responses': responses, 'x-amazon-apigateway-integration': definitions.mock()}}
    return json.dumps(definitions.document(paths)).encode()


LAST = '/area19/last'


def compare(path, folder, backend, rounds, seconds, tell, apis=APIS):
    tollgate = peers.Tollgate(path, folder, 'scale').start()
    empty_mib = tollgate.program.memory()
    ids = deploy_many(tollgate, apis, tell)
    widths = {count: tollgate.deploy(wide(count)) for count in RESOURCES}
    tollgate.program.stop()
    tell('start with all of them')
    result = {'apis': apis, 'start_ms': alone.first_answer(tollgate, f'/_aws/execute-api/{ids[-1]}/bench/mock', 200)}
    time.sleep(1)
    result['cold_kib'] = (tollgate.program.memory() - empty_mib) * 1024 / apis
    result['first_ms'] = first_requests(tollgate, ids, tell)
    result['warm_kib'] = (tollgate.program.memory() - empty_mib) * 1024 / apis
    result['lookup'] = {
        'one API': rounds_of(tollgate, backend, cycle(folder, 'one', ids[:1] * len(ids), '/bench/mock'), rounds, seconds, tell),
        f'{apis} APIs': rounds_of(tollgate, backend, cycle(folder, 'all', ids, '/bench/mock'), rounds, seconds, tell)}
    result['resources'] = {
        count: rounds_of(tollgate, backend, cycle(folder, f'wide{count}', [api], f'/bench{LAST}'), rounds, seconds, tell)
        for count, api in widths.items()}
    tollgate.program.stop()
    shutil.rmtree(tollgate.folder, ignore_errors=True)
    return result


def deploy_many(tollgate, count, tell):
    """Each imported and deployed by calls of its own, by several clients."""
    def some(first):
        client = control.Client(tollgate.port, tollgate.client.key, tollgate.client.secret)
        ids = []
        for number in range(first, count, WRITERS):
            if first == 0 and number % 1_000 < WRITERS:
                tell(f'{number} of {count} APIs deployed')
            api = client.call('POST', '/restapis?mode=import', small(number))['id']
            client.call('POST', f'/restapis/{api}/deployments', {'stageName': 'bench'})
            ids.append(api)
        return ids

    with ThreadPoolExecutor(WRITERS) as writers:
        return [api for ids in writers.map(some, range(WRITERS)) for api in ids]


def first_requests(tollgate, ids, tell):
    """The first request to each API, one after another, on one connection: the mean and the worst."""
    import http.client
    tell('the first request to each')
    connection, taken = http.client.HTTPConnection('127.0.0.1', tollgate.port, timeout=30), []
    for api in ids:
        before = time.perf_counter()
        connection.request('GET', f'/_aws/execute-api/{api}/bench/mock')
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200, answer.status
        taken.append((time.perf_counter() - before) * 1e3)
    return {'mean': sum(taken) / len(taken), 'worst': max(taken)}


def cycle(folder, name, ids, path):
    """wrk's way to ask one API after another. The script costs the same whether they are one or many."""
    hosts = ','.join(f'"{peers.host(api)}"' for api in ids)
    script = f'''local hosts, requests, at = {{{hosts}}}, {{}}, 0
function init() for number, host in ipairs(hosts) do requests[number] = wrk.format("GET", "{path}", {{ Host = host }}) end end
function request() at = at % #requests + 1 return requests[at] end
'''
    return peers.write(folder, f'{name}.lua', script), path


def rounds_of(tollgate, backend, cycled, rounds, seconds, tell):
    script, path = cycled
    tell(os.path.basename(script))
    each = Load('scale', path, {}, script, seconds)
    return load.median([load.round_of(tollgate.program, backend, each) for _ in range(rounds)], 'cpu_us')


def report(result):
    def row(costs):
        costs = list(costs.items())
        return ', '.join(f'{name}: {cpu:.1f} µs' for name, cpu in costs), costs[-1][1] / costs[0][1]

    apis, (lookup, apart), (resources, wide_apart) = result['apis'], row(result['lookup']), row(result['resources'])
    return f'''
{apis} deployed APIs
  start to first answer          {result["start_ms"]:.0f} ms (target < {START_MS_MAX})
  memory per API                 {result["cold_kib"]:.1f} KiB until it is called, {result["warm_kib"]:.1f} KiB from then on
  first request to each          {result["first_ms"]["mean"]:.2f} ms, the worst {result["first_ms"]["worst"]:.1f} ms
  CPU of a MOCK, by APIs called  {lookup}: ratio {apart:.2f} (target < {RATIO_MAX})
  CPU of a MOCK, by resources    {resources}: ratio {wide_apart:.2f} (target < {RATIO_MAX})'''
