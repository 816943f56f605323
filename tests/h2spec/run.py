#!/usr/bin/env python3
"""What `make h2spec` runs: h2spec over TLS against the program, once through an API to a backend and once where no API is.

h2spec is a Go program that no package index has built; CONTRIBUTING.md says how to get one. A case that fails fails the run, unless
`exceptions.txt` names it with its reason; so does an exception that no longer fails.
"""
import collections
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "clients"))

import program
from backend import Backend

EXCEPTIONS = HERE / "exceptions.txt"
LIMIT_SECONDS = 600
# What h2spec asks for: an API's resource, whose answers and bodies stream; and a call of the control plane that is refused.
TARGETS = {"through an API": "/_aws/execute-api/h2spec/dev/backend", "without an API": "/"}


def main():
    h2spec = h2spec_program()
    exceptions = read_exceptions(EXCEPTIONS.read_text())
    with tempfile.TemporaryDirectory(prefix="tollgate-h2spec-") as folder:
        backend = Backend()
        # Requests that h2spec breaks off reach it cut short, as they should.
        backend.server.handle_error = lambda *_: None
        tollgate = start(Path(folder), backend)
        try:
            port = tls_port(tollgate)
            failing = [case for name, path in TARGETS.items() for case in run(h2spec, port, name, path, exceptions, folder)]
            if tollgate.process.poll() is not None:
                sys.exit(f"h2spec: Tollgate ended meanwhile:\n{tollgate.output()}")
        finally:
            if tollgate.process.poll() is None:
                tollgate.stop()
            backend.stop()
    judge(set(failing), exceptions)


def h2spec_program():
    path = os.environ.get("H2SPEC") or shutil.which("h2spec")
    if not path:
        sys.exit("h2spec is missing: name its binary by H2SPEC=path, or put it on the path. CONTRIBUTING.md says how to get it")
    if not os.access(path, os.X_OK):
        sys.exit(f"h2spec: {path} cannot be run")
    return path


def start(folder, backend):
    certificate, key = self_signed(folder)
    config = folder / "tollgate.toml"
    config.write_text(
        f'[tls]\nlisten = "127.0.0.1:0"\n[[tls.certificates]]\ncertificate = "{certificate}"\nkey = "{key}"\n'
    )
    definition = folder / "h2spec.json"
    definition.write_text(json.dumps(proxied(backend)))
    return program.Tollgate("dev", definition, "--config", config)


def self_signed(folder):
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
               "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
               "-keyout", key, "-out", certificate]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"h2spec: openssl made no certificate:\n{done.stderr}")
    return certificate, key


def proxied(backend):
    integration = {"type": "http_proxy", "httpMethod": "ANY", "uri": f"{backend.url}/"}
    method = {"responses": {}, "x-amazon-apigateway-integration": integration}
    paths = {"/backend": {"x-amazon-apigateway-any-method": method}}
    return {"openapi": "3.0.1", "info": {"title": "h2spec", "version": "1"}, "paths": paths}


def tls_port(tollgate):
    found = re.search(r"over TLS on https://[^\s,]*:(\d+)", tollgate.output())
    if not found:
        sys.exit(f"h2spec: Tollgate named no TLS port:\n{tollgate.output()}")
    return int(found.group(1))


def run(h2spec, port, name, path, exceptions, folder):
    """The names of the cases that fail; prints how many do, and each one that is not excepted."""
    report = Path(folder) / "report.xml"
    report.unlink(missing_ok=True)
    command = [h2spec, "--host", "127.0.0.1", "--port", str(port), "--tls", "--insecure", "--strict", "--path", path,
               "--junit-report", report]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_SECONDS)
    if not report.exists():
        sys.exit(f"h2spec did not come to its end:\n{done.stdout}{done.stderr}")
    cases = read_report(report)
    failing = [case for case in cases if case.outcome == "fail"]
    print(f"{name}: {len(cases)} cases, {outcomes(cases)}")
    for case in failing:
        if case.name not in exceptions:
            print(f"  {case.name}: {case.title}\n{case.told()}")
    return [case.name for case in failing]


def outcomes(cases):
    counts = collections.Counter(case.outcome for case in cases)
    return ", ".join(f"{counts[outcome]} {outcome}" for outcome in ("pass", "fail", "skipped") if counts[outcome])


@dataclass
class Case:
    """One that h2spec ran, with its name on h2spec's command line."""
    name: str
    title: str
    outcome: str
    seen: str

    def told(self):
        """h2spec's report lists what may happen and, last, what did."""
        *expected, seen = self.seen.splitlines() or [""]
        return f"      expected: {' or '.join(expected)}\n      seen:     {seen}"


def read_report(path):
    cases = []
    for suite in xml.etree.ElementTree.parse(path).iter("testsuite"):
        for number, case in enumerate(suite.iter("testcase"), 1):
            parts = {part.tag: part.text or "" for part in case}
            outcome = "skipped" if "skipped" in parts else "fail" if parts else "pass"
            seen = parts.get("failure") or parts.get("error") or ""
            cases.append(Case(f'{suite.get("package")}/{number}', case.get("classname"), outcome, seen))
    if not cases:
        sys.exit("h2spec ran no case")
    return cases


def read_exceptions(text):
    """The reasons by the case's name."""
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    exceptions = {}
    for line in lines:
        case, _, reason = line.partition(" ")
        if not reason.strip():
            sys.exit(f"{EXCEPTIONS.name}: {case} has no reason")
        exceptions[case] = reason.strip()
    return exceptions


def judge(failing, exceptions):
    for case in sorted(failing & exceptions.keys()):
        print(f"excepted: {case}: {exceptions[case]}")
    news, outdated = sorted(failing - exceptions.keys()), sorted(exceptions.keys() - failing)
    if news:
        print(f"fail without being excepted: {', '.join(news)}")
    if outdated:
        print(f"excepted, but fail no more: {', '.join(outdated)}; take them off {EXCEPTIONS.name}")
    sys.exit(1 if news or outdated else 0)


if __name__ == "__main__":
    main()
