"""What has no peer: mocks, templates, validation, control calls, start and memory."""
import http.client
import os
import shutil
import statistics
import time

import definitions
import load
import peers
import processes
from load import Load


PASSED, HIT = 'a proxied request, not cached', 'the same out of the stage\'s cache'


def loads(folder, apis, seconds):
    order = peers.write(folder, 'order.lua', post_script(definitions.order(), 'application/json'))
    pet = peers.write(folder, 'pet.lua', post_script('{"type": "cat", "price": 99.5}', 'application/json'))

    def ask(name, api, path, script=None):
        return Load(name, f'/bench{path}', {'Host': peers.host(api)}, script, seconds)

    return [ask('MOCK', apis['alone'], '/mock'),
            ask('VTL both ways (petstore POST /pets)', apis['petstore'], '/pets', pet),
            ask('VTL of a list of ten (petstore GET /pets)', apis['petstore'], '/pets'),
            ask('a 2 KiB body validated', apis['alone'], '/orders', order),
            ask(PASSED, apis['cached'], '/passed?q=1'),
            ask(HIT, apis['cached'], '/hit?q=1')]


def cache(tollgate, api):
    """Turns the stage's cache on for one of its methods."""
    operations = {'/cacheClusterEnabled': 'true', '/cacheClusterSize': '0.5', '/~1hit/GET/caching/enabled': 'true',
                  '/~1hit/GET/caching/ttlInSeconds': '3600'}
    patches = [{'op': 'replace', 'path': path, 'value': value} for path, value in operations.items()]
    tollgate.client.call('PATCH', f'/restapis/{api}/stages/bench', {'patchOperations': patches})
    return api


def cache_report(rows):
    """A hit needs no backend: what it costs beside a request that does, and beside a MOCK, which looks nothing up."""
    cpu = {name: statistics.median(each['cpu_us'] for each in rows[name]) for name in ['MOCK', PASSED, HIT]}
    more = cpu[HIT] - cpu['MOCK']
    return (f'\nA hit of the cache: {cpu[HIT]:.1f} µs, {cpu[HIT] / cpu[PASSED]:.2f} of a proxied request; over a MOCK {more:+.1f} µs, '
            f'{more / cpu[PASSED] * 100:+.0f} % of a proxied request (target ≤ 10 %)')


def post_script(body, content_type):
    """wrk's way to send a body."""
    return f'wrk.method = "POST"\nwrk.body = [==[{body}]==]\nwrk.headers["Content-Type"] = "{content_type}"\n'


def traffic(tollgate, backend, folder, rounds, seconds, tell):
    """Rounds of each kind of request that Tollgate answers by itself or works on."""
    apis = {'alone': tollgate.deploy(definitions.alone()), 'petstore': tollgate.deploy(definitions.petstore(backend)),
            'cached': cache(tollgate, tollgate.deploy(definitions.cached(backend)))}
    rows = {}
    for each in loads(folder, apis, seconds):
        rows[each.name] = []
        for number in range(rounds):
            tell(f'{each.name}: round {number + 1} of {rounds}')
            rows[each.name].append(load.round_of(tollgate.program, backend, each))
    return rows


def control_calls(tollgate, seconds, tell):
    """Calls of one client, one after another: a resource with its method and integration written, read and deleted."""
    tell('control calls')
    client, program = tollgate.client, tollgate.program
    api = client.call('POST', '/restapis', {'name': 'control'})['id']
    root = client.call('GET', f'/restapis/{api}/resources')['item'][0]['id']
    kinds = {'writes': 0.0, 'reads': 0.0}
    counts = dict.fromkeys(kinds, 0)

    def timed(kind, method, target, body=None):
        before = time.perf_counter()
        answer = client.call(method, target, body)
        kinds[kind] += time.perf_counter() - before
        counts[kind] += 1
        return answer

    spent, end, number = sum(program.cpu()), time.monotonic() + seconds, 0
    while time.monotonic() < end:
        number += 1
        part = timed('writes', 'POST', f'/restapis/{api}/resources/{root}', {'pathPart': f'part{number}'})['id']
        method = f'/restapis/{api}/resources/{part}/methods/GET'
        timed('writes', 'PUT', method, {'authorizationType': 'NONE'})
        timed('writes', 'PUT', f'{method}/integration', {'type': 'MOCK'})
        timed('reads', 'GET', method)
        timed('reads', 'GET', f'/restapis/{api}/resources/{part}')
        timed('writes', 'DELETE', f'/restapis/{api}/resources/{part}')
    calls = sum(counts.values())
    return {'calls': calls, 'cpu_us': (sum(program.cpu()) - spent) * 1e6 / calls,
            **{f'{kind}_per_second': counts[kind] / kinds[kind] for kind in kinds}}


def large_import(tollgate, times, tell):
    """From the import of a document of 500 paths over its deployment to the first answer, each in milliseconds."""
    document, steps = definitions.large(), {'import': [], 'deployment': [], 'first answer': []}
    for number in range(times):
        tell(f'import of 500 paths, {len(document) >> 10} KiB: {number + 1} of {times}')
        began = time.perf_counter()
        api = tollgate.client.call('POST', '/restapis?mode=import', document)['id']
        imported = time.perf_counter()
        tollgate.client.call('POST', f'/restapis/{api}/deployments', {'stageName': 'bench'})
        deployed = time.perf_counter()
        tollgate.client.call('GET', f'/_aws/execute-api/{api}/bench/area19/thing499')
        for step, taken in zip(steps.values(), [imported - began, deployed - imported, time.perf_counter() - deployed]):
            step.append(taken * 1e3)
    return {name: statistics.median(taken) for name, taken in steps.items()}


def large_import_report(steps):
    parts = ', '.join(f'{name} {taken:.0f} ms' for name, taken in steps.items())
    return f'\nA document of 500 paths and 1,000 methods: {parts}; {sum(steps.values()):.0f} ms together (target < 1,000)'


def starts(path, folder, times, tell):
    """From the program's start to its first answer, on an empty store each time."""
    taken = []
    for number in range(times):
        tell(f'start {number + 1} of {times}')
        tollgate = peers.Tollgate(path, folder, f'start-{number}')
        taken.append(first_answer(tollgate, f'/_aws/execute-api/none/x'))
        tollgate.program.stop()
        shutil.rmtree(tollgate.folder)
    return {'median_ms': statistics.median(taken), 'worst_ms': max(taken)}


def restart(path, folder, tell):
    """From the start to the first answer of an API that is deployed already."""
    tell('restart with an API')
    tollgate = peers.Tollgate(path, folder, 'restart').start()
    api = tollgate.deploy(definitions.alone())
    tollgate.program.stop()
    taken = first_answer(tollgate, f'/_aws/execute-api/{api}/bench/mock', 200)
    tollgate.program.stop()
    return {'ms': taken}


def first_answer(tollgate, target, status=None):
    started = time.perf_counter()
    tollgate.spawn()
    while time.perf_counter() - started < 15:
        try:
            connection = http.client.HTTPConnection('127.0.0.1', tollgate.port, timeout=5)
            connection.request('GET', target)
            answer = connection.getresponse().status
        except OSError:
            time.sleep(0.0005)
            continue
        if status is None or answer == status:
            return (time.perf_counter() - started) * 1e3
    processes.refuse(f'no answer to {target} after 15 s:\n{tollgate.program.output()}')


def idle_memory(path, folder, tell):
    """With an empty store, a second after the start."""
    tell('idle memory')
    tollgate = peers.Tollgate(path, folder, 'idle').start()
    time.sleep(1)
    memory = tollgate.program.memory()
    tollgate.program.stop()
    return {'mib': memory, 'program_mib': os.path.getsize(path) / (1 << 20)}
