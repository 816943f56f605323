"""AWS's clients drive the program: each test runs against `tollgate serve` and `tollgate dev`."""
import json
import subprocess
import sys

import boto3
import pytest
from botocore.config import Config

from backend import Backend
from program import Tollgate


@pytest.fixture(scope="session", params=["serve", "dev"])
def tollgate(request):
    running = Tollgate(request.param)
    yield running
    running.stop()


@pytest.fixture(scope="session")
def backend():
    running = Backend()
    yield running
    running.stop()


def client_of(tollgate, service="apigateway", region="us-east-1", key_id=None, secret=None):
    return boto3.client(
        service,
        endpoint_url=tollgate.url,
        region_name=region,
        aws_access_key_id=key_id or tollgate.key_id,
        aws_secret_access_key=secret or tollgate.secret,
        config=Config(retries={"max_attempts": 0}),
    )


@pytest.fixture
def client(tollgate):
    return client_of(tollgate)


@pytest.fixture
def api(client):
    """A REST API with nothing but its root; removed afterwards."""
    created = client.create_rest_api(name="test")
    yield created
    try:
        client.delete_rest_api(restApiId=created["id"])
    except client.exceptions.NotFoundException:
        pass


@pytest.fixture
def aws(tollgate):
    """Runs the AWS CLI; its output as JSON."""

    def run(*arguments, refused=False, **environment):
        line = [sys.executable, "-m", "awscli", *map(str, arguments)]
        done = subprocess.run(line, env=tollgate.environment(**environment), capture_output=True, text=True, timeout=120)
        if refused:
            assert done.returncode != 0, done.stdout
            return done.stderr
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout.strip() else None

    return run


@pytest.fixture(scope="session")
def served():
    """Only `serve` verifies signatures and asks IAM; in `dev` everybody is the account's root."""
    running = Tollgate("serve")
    yield running
    running.stop()


def session_of(tollgate, credentials, service="apigateway", region="us-east-1"):
    """A client with temporary credentials."""
    return boto3.client(
        service,
        endpoint_url=tollgate.url,
        region_name=region,
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
        config=Config(retries={"max_attempts": 0}),
    )
