"""Other evaluators of policies, each a program of its own: installed with npm and pip below the target folder, in fixed versions."""
import os
import shutil
import subprocess
import sys

import java

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.join(java.TARGET, 'differential/policies')
# The first is AGPL-3.0: it is run, and neither read nor linked.
NPM = ['@cloud-copilot/iam-simulate@0.1.173', 'pbac@0.3.2']
PIP = ['moto==5.2.5']


def simulate(cases):
    return java.run(['node', program('simulate.mjs'), npm()], cases)


def pbac(cases):
    return java.run(['node', program('pbac.cjs'), npm()], cases)


def moto(cases):
    return java.run([pip(), program('moto_policies.py')], cases)


def ours(cases):
    subprocess.run([os.environ.get('CARGO', 'cargo'), 'build', '--quiet', '--locked', '--package', 'tollgate-iam', '--example', 'decisions'],
                   cwd=java.ROOT, check=True)
    return java.run([os.path.join(java.TARGET, 'debug/examples/decisions')], cases)


def program(name):
    return os.path.join(HERE, 'evaluators', name)


def npm():
    folder = os.path.join(OUT, 'npm')
    if not shutil.which('npm'):
        raise java.Missing('npm (apt-get install npm)')
    if not os.path.exists(os.path.join(folder, 'ready')):
        os.makedirs(folder, exist_ok=True)
        # No package runs anything of its own while it is installed.
        installed(['npm', 'install', '--silent', '--no-save', '--ignore-scripts', '--prefix', folder, *NPM], folder)
        open(os.path.join(folder, 'ready'), 'w').close()
    return folder


def installed(command, folder):
    os.makedirs(folder, exist_ok=True)
    if subprocess.run(command, cwd=folder).returncode:
        raise java.Missing(f'what {command[0]} could not install: {command[-1]}')


def pip():
    folder = os.path.join(OUT, 'venv')
    python = os.path.join(folder, 'bin/python')
    if not os.path.exists(os.path.join(folder, 'ready')):
        installed([sys.executable, '-m', 'venv', '--clear', folder], OUT)
        installed([python, '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', *PIP], OUT)
        open(os.path.join(folder, 'ready'), 'w').close()
    return python
