"""From the saving of a definition to the first answer that it gives, with `tollgate dev`."""
import http.client
import os
import statistics
import time

import definitions
import peers
import processes
from processes import Program

TIMES = 21
TARGET_MS = 200
MARK = b'@@edit@@'


def measure(path, folder, backend, tell):
    """Edits of the petstore, and of a document of 500 paths; each replaces the file, as editors do."""
    return {'petstore': of_file(path, folder, 'petstore', with_answer(definitions.petstore(backend), b'"Petstore"'), '/', tell),
            'large': of_file(path, folder, 'large', large(), '/edited', tell)}


def with_answer(document, text):
    if text not in document:
        processes.refuse(f'{text} is not in the definition that is edited')
    return document.replace(text, b'"' + MARK + b'"', 1)


def large():
    """The large document and one path more, whose answer is edited."""
    document = definitions.large()
    path = (b'"/edited": {"get": {"responses": {"200": {"description": "ok"}}, "x-amazon-apigateway-integration": {"type": "mock", '
            b'"requestTemplates": {"application/json": "{\\"statusCode\\": 200}"}, "responses": {"default": {"statusCode": "200", '
            b'"responseTemplates": {"application/json": "\\"' + MARK + b'\\""}}}}}}, ')
    start = b'"paths": {'
    if start not in document:
        processes.refuse('the large definition has no paths')
    return document.replace(start, start + path, 1)


def of_file(path, folder, name, document, target, tell):
    file = os.path.join(folder, f'{name}.yaml')
    write(file, document, 'at first')
    port, admin = processes.free_port(), processes.free_port()
    command = [path, 'dev', file, '--listen', f'127.0.0.1:{port}', '--admin', f'127.0.0.1:{admin}', '--workers', '1']
    program = Program(f'dev-{name}', command, port, processes.MEASURED, folder)
    program.wait(said='tollgate ready')
    taken = []
    for number in range(TIMES):
        tell(f'edit {number + 1} of {TIMES} of {name}')
        answer, started = f'edit {number}', time.perf_counter()
        write(file, document, answer)
        while answer not in ask(port, name, target):
            if time.perf_counter() - started > 15:
                processes.refuse(f'an edit was not served:\n{program.output()}')
            time.sleep(0.0005)
        taken.append((time.perf_counter() - started) * 1e3)
    program.stop()
    return {'bytes': len(document), 'median_ms': statistics.median(taken), 'worst_ms': max(taken)}


def write(file, document, answer):
    with open(f'{file}.new', 'wb') as new:
        new.write(document.replace(MARK, answer.encode()))
    os.rename(f'{file}.new', file)


def ask(port, api, target):
    connection = http.client.HTTPConnection('127.0.0.1', port, timeout=5)
    connection.request('GET', f'/dev{target}', headers={'Host': peers.host(api)})
    return connection.getresponse().read().decode()


def report(edits):
    lines = [f'From saving a definition to its first answer (`tollgate dev`, {TIMES} edits; target < {TARGET_MS} ms):']
    lines += [f'  {name}, {edit["bytes"] / 1024:.0f} KiB: {edit["median_ms"]:.0f} ms (worst {edit["worst_ms"]:.0f})'
              for name, edit in edits.items()]
    return '\n'.join(lines)
