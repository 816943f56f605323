"""Starts the program as a user does, and reads what it prints."""
import os
import re
import signal
import subprocess
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("TOLLGATE_PROGRAM", ROOT / "target/debug/tollgate"))
READY = re.compile(r"tollgate ready: .*?http://([\d.:]+), .*?http://([\d.:]+), ")
PATIENCE_SECONDS = 60


class Tollgate:
    """A running Tollgate with temporary data, or with the data and the key of one that ran before."""

    def __init__(self, command, *arguments, listen="127.0.0.1:0", admin="127.0.0.1:0", data=None, key=("test", "test")):
        self.command, self.key = command, key
        # In memory where that can be had: on a busy disk each durable write may take seconds.
        memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        self.folder = tempfile.TemporaryDirectory(prefix="tollgate-test-", dir=memory)
        line = [str(PROGRAM), command, "--listen", listen, "--admin", admin]
        if command == "serve":
            line += ["--data", str(data or os.path.join(self.folder.name, "data"))]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("TOLLGATE_")}
        environment["TMPDIR"] = self.folder.name
        self.process = subprocess.Popen(
            [*line, *map(str, arguments)],
            cwd=self.folder.name,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.out, self.err = [], []
        for stream, lines in ((self.process.stdout, self.out), (self.process.stderr, self.err)):
            threading.Thread(target=lambda s=stream, l=lines: l.extend(iter(s.readline, "")), daemon=True).start()
        self._await_ready()

    def _await_ready(self):
        def ready():
            if self.process.poll() is not None:
                raise AssertionError(f"tollgate ended: {self.process.returncode}\n{self.output()}")
            return READY.search("".join(self.out))

        found = until(ready)
        self.address, self.admin = found.groups()
        keys = dict(re.findall(r"(AWS_\w+)=(\S+)", "".join(self.out)))
        self.key_id = keys.get("AWS_ACCESS_KEY_ID", self.key[0])
        self.secret = keys.get("AWS_SECRET_ACCESS_KEY", self.key[1])

    @property
    def url(self):
        return f"http://{self.address}"

    @property
    def port(self):
        return int(self.address.rsplit(":", 1)[1])

    def output(self):
        return "".join([*self.out, *self.err])

    def environment(self, **changes):
        """The environment in which AWS's clients reach it, and nothing of the developer's own."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        return {
            **kept,
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": self.key_id,
            "AWS_SECRET_ACCESS_KEY": self.secret,
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_MAX_ATTEMPTS": "1",
            "AWS_PAGER": "",
            **changes,
        }

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        finally:
            self.folder.cleanup()


def until(check, seconds=PATIENCE_SECONDS):
    """What `check` gives, once it gives something."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = check()
        if found:
            return found
        time.sleep(0.01)
    raise AssertionError("it did not happen in time")
