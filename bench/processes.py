"""The programs of a measurement: started on a core of their own, asked what they cost, stopped again."""
import os
import socket
import subprocess
import sys
import time

TICKS = os.sysconf('SC_CLK_TCK')
CORES = sorted(os.sched_getaffinity(0))
# What is measured has the first core for itself; the load and the backend share the rest.
MEASURED = CORES[0]
BACKEND = CORES[1 % len(CORES)]
LOAD = CORES[2] if len(CORES) > 2 else BACKEND


def refuse(text):
    sys.exit(f'bench: {text}')


def free_port():
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


def answers(port):
    try:
        socket.create_connection(('127.0.0.1', port), 1).close()
        return True
    except OSError:
        return False


def take_precedence():
    """Before what else runs on the machine, where that is allowed. A terminal's user keeps the session, and Ctrl-C with it."""
    try:
        os.setpriority(os.PRIO_PROCESS, 0, -15)
        if not sys.stdin.isatty():
            os.setsid()
            with open('/proc/self/autogroup', 'w') as group:
                group.write('-15')
    except OSError:
        pass


class Program:
    """A program and its children."""

    started = []

    def __init__(self, name, command, port, core, folder, environment=None, tls=None):
        # `tls` is the port for TLS, of one that has it.
        self.name, self.port, self.tls, self.log = name, port, tls, os.path.join(folder, f'{name}.out')
        pinned = ['taskset', '-c', str(core), *command]
        with open(self.log, 'wb') as log:
            self.process = subprocess.Popen(pinned, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                                            env={**os.environ, **(environment or {})})
        Program.started.append(self)

    def output(self):
        with open(self.log, errors='replace') as log:
            return log.read()

    def wait(self, seconds=15, said=''):
        """Until it accepts connections and has said so."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.process.poll() is not None:
                refuse(f'{self.name} ended with status {self.process.returncode}:\n{self.output()}')
            if said in self.output() and answers(self.port):
                return self
            time.sleep(0.02)
        refuse(f'{self.name} does not answer on port {self.port}:\n{self.output()}')

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self in Program.started:
            Program.started.remove(self)

    @classmethod
    def stop_all(cls):
        for program in list(cls.started):
            program.stop()

    def cpu(self):
        """CPU seconds so far: user, system."""
        user = system = 0
        for number in tree(self.process.pid):
            try:
                with open(f'/proc/{number}/stat') as stat:
                    fields = stat.read().rsplit(')', 1)[1].split()
            except OSError:
                continue
            user, system = user + int(fields[11]), system + int(fields[12])
        return user / TICKS, system / TICKS

    def memory(self):
        """Proportional set size in MiB: what the machine would win if it ended."""
        total = 0
        for number in tree(self.process.pid):
            try:
                with open(f'/proc/{number}/smaps_rollup') as rollup:
                    total += sum(int(line.split()[1]) for line in rollup if line.startswith('Pss:'))
            except OSError:
                continue
        return total / 1024


def tree(number):
    try:
        with open(f'/proc/{number}/task/{number}/children') as file:
            children = file.read().split()
    except OSError:
        children = []
    return [number, *(each for child in children for each in tree(int(child)))]


def busy():
    """CPU seconds of the whole machine so far."""
    with open('/proc/stat') as stat:
        fields = [int(field) for field in stat.readline().split()[1:9]]
    return (sum(fields) - fields[3] - fields[4]) / TICKS


def own():
    """CPU seconds of this program and its ended children."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system
