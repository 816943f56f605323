"""The petstore: `make run` works, and every curl line of the example's README does what it says."""
import json
import os
import re
import subprocess

import pytest
from program import PROGRAM, ROOT, Tollgate, until

HERE = ROOT / "examples/petstore"
LINES = re.findall(r"^    (curl .*?)(?: +# .*)?$", (HERE / "README.md").read_text(), re.MULTILINE)


@pytest.fixture(scope="module")
def petstore(tmp_path_factory):
    """Backend and Tollgate on free ports, from a copy of the definition that names the backend's port."""
    backend = subprocess.Popen(["node", HERE / "backend.mjs", "0"], stdout=subprocess.PIPE, text=True)
    port = re.search(r":(\d+)$", backend.stdout.readline().strip()).group(1)
    definition = tmp_path_factory.mktemp("petstore") / "petstore.yaml"
    definition.write_text((HERE / "petstore.yaml").read_text().replace(":9080", f":{port}"))
    tollgate = Tollgate("dev", definition)
    yield tollgate
    tollgate.stop()
    backend.terminate()
    backend.wait()


def run(tollgate, line):
    """Runs a line as pasted into a shell where `api` is set. curl itself resolves *.localhost."""
    api = f"http://petstore.execute-api.localhost:{tollgate.port}/dev"
    done = subprocess.run(["bash", "-c", f"api={api}\n{line}"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.replace("\r\n", "\n")


EXPECTED = {
    "curl -s $api/": '"shop": "Petstore"',
    "curl -s $api/pets -H": '"type": "cat"',
    "curl -s $api/pets/1": '"type": "dog"',
    'curl -s "$api/pets?': '"page": 1',
    "curl -si $api/pets -H": " 422 ",
    "curl -si -X OPTIONS": "Access-Control-Allow-Methods: GET,POST,OPTIONS",
    "curl -si $api/pets/999": " 404 ",
    "curl -si -X DELETE": " 204 ",
    'curl -s "$api/backend/any': '"url":"/any/thing?a=1"',
    "curl -si $api/backend/any/thing": " 400 ",
    "curl -si $api/nowhere": '"error": "no such route"',
}


def test_the_readme_has_lines():
    assert len(LINES) == len(EXPECTED)


@pytest.mark.parametrize("line", LINES)
def test_readme_lines_work(petstore, line):
    matching = [start for start in EXPECTED if line.startswith(start)]
    assert matching, line
    assert EXPECTED[max(matching, key=len)] in run(petstore, line)


def test_answers_are_as_described(petstore):
    pets = json.loads(run(petstore, 'curl -s "$api/pets?type=dog"'))
    assert pets["pets"] == [{"id": 1, "type": "dog", "price": 249.99}]
    made = json.loads(run(petstore, """curl -s $api/pets -H 'Content-Type: application/json' -d '{"type": "bird", "price": 9.5}'"""))
    assert (made["type"], made["price"]) == ("bird", 9.5)


def test_the_console_tells_why(petstore):
    run(petstore, "curl -s $api/nothing/here")
    until(lambda: any("/dev/nothing/here" in line for line in petstore.err))


def test_the_program_says_what_can_be_called(petstore):
    text = "".join(petstore.out)
    assert f"http://petstore.execute-api.localhost:{petstore.port}/dev/pets" in text


def test_make_run_prints_lines_that_work():
    """The script of `make run`."""
    line = [HERE / "run.sh", PROGRAM, "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"]
    running = subprocess.Popen(
        line, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env={**os.environ, "BACKEND_PORT": "0"}
    )
    try:
        printed = []
        for line in running.stdout:
            printed.append(line)
            if re.match(r"  curl -si http://petstore\.\S+/nowhere", line):
                break
        assert running.poll() is None, "".join(printed)
        pasted = [line.strip() for line in printed if line.startswith("  curl -s http://petstore")]
        done = subprocess.run(["bash", "-c", pasted[0]], capture_output=True, text=True, timeout=60)
        assert '"shop": "Petstore"' in done.stdout, done
    finally:
        running.terminate()
        running.communicate(timeout=60)
    assert running.returncode == 0
