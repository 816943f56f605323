"""Java's side: which libraries there are, compiling the programs beside this file against them, and running them."""
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
TARGET = os.environ.get('CARGO_TARGET_DIR', os.path.join(ROOT, 'target'))
OUT = os.path.join(TARGET, 'differential')

DEBIAN = '/usr/share/java'
NAMES = ['velocity', 'commons-lang', 'commons-collections3', 'json-path', 'json-smart', 'accessors-smart', 'asm', 'slf4j-api', 'slf4j-nop']

# Debian has Jayway's library in its version 2.0.0 only. This package of npm's carries a later one, 2.9, under names of its own.
WIREMOCK = 'wiremock@3.13.2'
WIREMOCK_JAR = 'package/build/wiremock-standalone-3.13.2.jar'
WIREMOCK_SHA512 = ('624a8feaa421552e39fd28c6d6ccf9ad05d0a75f4d0969042b281bd8e279cc62'
                   'ac4b90d86532d8a1d907eb1e48146e3742d572792bf50b9a1eb385a1837d5f96')


class Missing(Exception):
    """What is not installed, and how it would be."""


class Program:
    """A compiled program: lines of JSON in, lines of JSON out."""

    def __init__(self, classes, jars, name):
        self.command = ['java', '-Xss16m', '-cp', ':'.join([classes, *jars]), name]

    def answers(self, cases):
        return run(self.command, cases)


def run(command, cases):
    lines = '\n'.join(json.dumps(case) for case in cases)
    done = subprocess.run(command, input=lines, capture_output=True, text=True)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    if done.returncode or len(answers) != len(cases):
        sys.exit(f'{command[-1]} ended after {len(answers)} of {len(cases)} cases: {done.stderr[-2000:]}')
    return answers


def debian(program):
    """A program on Debian's libraries."""
    jars = debian_jars()
    return Program(compiled('debian', jars, sources()), jars, program)


def later(program):
    """A program on the later version of Jayway's library; nothing without npm."""
    jars = debian_jars()
    if not shutil.which('npm'):
        return None
    jar = os.path.join(OUT, WIREMOCK_JAR)
    if not os.path.exists(jar):
        unpack(jar)
    renamed = {name: text.replace('com.jayway', 'wiremock.com.jayway').replace('net.minidev', 'wiremock.net.minidev')
               for name, text in sources().items()}
    return Program(compiled('later', [jar, *jars], renamed), [jar, *jars], program)


def debian_jars():
    jars = [os.path.join(DEBIAN, f'{name}.jar') for name in NAMES]
    if not shutil.which('javac') or not all(map(os.path.exists, jars)):
        raise Missing('apt-get install openjdk-17-jdk-headless velocity libjsonpath-java')
    return jars


def unpack(jar):
    os.makedirs(OUT, exist_ok=True)
    packed = subprocess.run(['npm', 'pack', '--silent', WIREMOCK], cwd=OUT, check=True, capture_output=True, text=True).stdout.split()[-1]
    archive = os.path.join(OUT, packed)
    with open(archive, 'rb') as file:
        if hashlib.sha512(file.read()).hexdigest() != WIREMOCK_SHA512:
            sys.exit(f'{archive} is not the file that was expected')
    with tarfile.open(archive) as files:
        files.extract(WIREMOCK_JAR, OUT, filter='data')
    os.remove(archive)


def sources():
    folder = os.path.join(HERE, 'java')
    return {name: open(os.path.join(folder, name)).read() for name in os.listdir(folder) if name.endswith('.java')}


def compiled(kind, jars, texts):
    """Compiles the sources, unless these were compiled before."""
    stamp = hashlib.sha256(json.dumps([kind, jars, texts], sort_keys=True).encode()).hexdigest()[:16]
    folder = os.path.join(OUT, f'{kind}-{stamp}')
    if os.path.isdir(os.path.join(folder, 'classes')):
        return os.path.join(folder, 'classes')
    os.makedirs(folder, exist_ok=True)
    for name, text in texts.items():
        with open(os.path.join(folder, name), 'w') as file:
            file.write(text)
    files = [os.path.join(folder, name) for name in texts]
    subprocess.run(['javac', '-cp', ':'.join(jars), '-d', os.path.join(folder, 'classes'), *files], check=True)
    return os.path.join(folder, 'classes')
