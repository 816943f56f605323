"""Mapping templates beside Apache's own engine: Velocity 1.7 with Jayway's library on a warm JVM, both from Debian, and Tollgate's `vtl`.

The templates are those of examples/petstore. A rendering is what a request costs: the body is parsed, paths are read in it, the text is
written; templates are parsed before. Both programs do so on one core, one after the other in each round.
"""
import json
import os
import statistics
import subprocess
import sys
import textwrap

import peers
import processes

sys.path.insert(0, os.path.join(peers.ROOT, 'tests/differential'))
import java

PETSTORE = os.path.join(peers.ROOT, 'examples/petstore/petstore.yaml')
BLOCK = 'application/json: |-\n'
# Twice as fast in the same run.
TARGET = 2
WARM_SECONDS = 3
BATCH_SECONDS = 0.1

KNOWN = {'context': {'stage': 'dev', 'path': '/dev/pets', 'identity.sourceIp': '127.0.0.1', 'httpMethod': 'POST', 'resourcePath': '/pets'}}
ANIMALS = {'animals': [{'no': number, 'kind': ['dog', 'cat', 'fish'][number % 3], 'cost': number + 0.99} for number in range(1, 11)], 'page': 1, 'total': 10}
# What the first templates of the definition are rendered for, in their order there.
RENDERED = [
    ('who and where', ''),
    ('a page of ten pets', json.dumps(ANIMALS)),
    ('a pet to the backend', json.dumps({'type': 'dog', 'price': 249.99})),
    ('a pet to the caller', json.dumps({'no': 4, 'kind': 'dog', 'cost': 249.99})),
]


def templates():
    """The templates that stand as blocks of their own in the definition."""
    with open(PETSTORE) as file:
        blocks = file.read().split(BLOCK)
    texts = []
    for before, block in zip(blocks, blocks[1:]):
        indent = len(before) - len(before.rstrip(' '))
        lines = []
        for line in block.splitlines():
            if line.strip() and len(line) - len(line.lstrip()) <= indent:
                break
            lines.append(line)
        texts.append(textwrap.dedent('\n'.join(lines)).rstrip('\n'))
    if len(texts) < len(RENDERED):
        processes.refuse(f'{PETSTORE} has {len(texts)} templates, not {len(RENDERED)}')
    return texts[:len(RENDERED)]


class Renderer:
    """A program that is told cases and tells nanoseconds."""

    def __init__(self, command):
        pinned = ['taskset', '-c', str(processes.MEASURED), *command]
        self.process = subprocess.Popen(pinned, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def microseconds(self, case, rounds):
        self.process.stdin.write(json.dumps({**case, 'rounds': rounds}) + '\n')
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if 'output' not in answer:
            processes.refuse(f'a template of {PETSTORE} fails: {answer["error"]}')
        return float(answer['output']) / 1000

    def warm(self, case):
        """As many renderings as take a while, so that what compiles at run time has done so; the rounds that fill a batch."""
        spent, rounds = 0.0, 100
        while spent < WARM_SECONDS:
            took = self.microseconds(case, rounds) * rounds / 1e6
            spent += took
            if took < BATCH_SECONDS:
                rounds *= 2
        return rounds

    def stop(self):
        self.process.stdin.close()
        self.process.wait(10)


def renderers(tell):
    """Both programs by name; nothing where Java or Velocity is not installed."""
    try:
        velocity = java.debian('Pace')
    except java.Missing as missing:
        tell(f'Velocity is not installed; its part is left out: {missing}')
        return None
    build = ['cargo', 'build', '--release', '--quiet', '--locked', '--package', 'tollgate-vtl', '--example', 'answers']
    subprocess.run(build, cwd=peers.ROOT, check=True)
    ours = os.path.join(java.TARGET, 'release/examples/answers')
    return {'velocity': Renderer(velocity.command), 'tollgate': Renderer([ours, 'pace'])}


def compare(rounds, tell):
    """Microseconds of each rendering, by template and program; nothing where there is no Velocity."""
    programs = renderers(tell)
    if not programs:
        return None
    results = {}
    for (name, body), text in zip(RENDERED, templates()):
        tell(f'templates: {name}')
        case = {'template': text, 'body': body, 'known': KNOWN}
        batches = {program: renderer.warm(case) for program, renderer in programs.items()}
        results[name] = {program: [] for program in programs}
        for _ in range(rounds):
            for program, renderer in programs.items():
                results[name][program].append(renderer.microseconds(case, batches[program]))
    for renderer in programs.values():
        renderer.stop()
    return results


def report(results):
    lines = ['', f'Mapping templates: body parsed, paths read, text rendered (target: {TARGET} times Velocity with Jayway\'s library)',
             f'  {"":24}{"Velocity µs":>12}{"Tollgate µs":>12}{"times":>7}']
    for name, programs in results.items():
        theirs, ours = (statistics.median(programs[program]) for program in ('velocity', 'tollgate'))
        times = statistics.median(their / our for their, our in zip(programs['velocity'], programs['tollgate']))
        missed = '' if times >= TARGET else '  below the target'
        lines.append(f'  {name:24}{theirs:12.2f}{ours:12.2f}{times:7.1f}{missed}')
    return '\n'.join(lines)
