"""AWS's clients over TLS, with a certificate that they are told to trust."""
import json
import re
import subprocess
import sys

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import SSLError

from making import mock
from program import Tollgate


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    chain, key = folder / "gateway.pem", folder / "gateway.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,DNS:*.execute-api.localhost,IP:127.0.0.1",
         "-keyout", key, "-out", chain],
        check=True, capture_output=True,
    )  # fmt: skip
    settings = folder / "tollgate.toml"
    files = f"{{ certificate = {json.dumps(str(chain))}, key = {json.dumps(str(key))} }}"
    settings.write_text(f'[tls]\nlisten = "127.0.0.1:0"\ncertificates = [{files}]\n')
    return chain, settings


@pytest.fixture(scope="module")
def secure(certificate):
    running = Tollgate("serve", "--config", certificate[1])
    running.secure_url = re.search(r"over TLS on (https://[\d.:]+)", running.output()).group(1)
    yield running
    running.stop()


def client_of(secure, verify):
    return boto3.client(
        "apigateway", endpoint_url=secure.secure_url, region_name="us-east-1", verify=verify,
        aws_access_key_id=secure.key_id, aws_secret_access_key=secure.secret,
        config=Config(retries={"max_attempts": 0}),
    )  # fmt: skip


def test_boto3_makes_an_api_over_tls_and_curl_calls_it(secure, certificate):
    chain, _ = certificate
    client = client_of(secure, verify=str(chain))
    created = client.create_rest_api(name="secure")
    api = created["id"]
    mock(client, api, created["rootResourceId"])
    client.create_deployment(restApiId=api, stageName="dev")
    port = secure.secure_url.rsplit(":", 1)[1]
    host = f"{api}.execute-api.localhost"
    for version, spoken in (("--http2", "2"), ("--http1.1", "1.1")):
        line = ["curl", "-sS", version, "--cacert", chain, "--resolve", f"{host}:{port}:127.0.0.1",
                "-w", "%{http_version} %{response_code}", "-o", "/dev/null", f"https://{host}:{port}/dev/"]  # fmt: skip
        assert subprocess.run(line, check=True, capture_output=True, text=True).stdout == f"{spoken} 200"


def test_a_certificate_that_is_not_trusted_is_refused_by_the_client(secure):
    with pytest.raises(SSLError):
        client_of(secure, verify=True).get_rest_apis()


def test_the_command_line_speaks_tls(secure, certificate):
    environment = secure.environment(AWS_ENDPOINT_URL=secure.secure_url, AWS_CA_BUNDLE=str(certificate[0]))
    line = [sys.executable, "-m", "awscli", "apigateway", "get-rest-apis"]
    done = subprocess.run(line, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "items" in json.loads(done.stdout)
