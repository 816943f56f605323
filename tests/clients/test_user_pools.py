"""Tokens of a real OpenID Connect provider at methods with authorizers of user pools: boto3 makes them, users sign in, plain HTTP calls."""
import json
import subprocess
import urllib.error
import urllib.request

import pytest
from botocore.exceptions import ClientError

from conftest import client_of
from making import mock
from program import PROGRAM, Tollgate, until
from provider import Provider

POOL = "arn:aws:cognito-idp:us-east-1:000000000000:userpool/us-east-1_Shop"
AUDIENCE = "shop"


@pytest.fixture(scope="module")
def provider():
    running = Provider()
    yield running
    running.stop()


def configured(folder, command, issuer):
    """A Tollgate that is told where the pool is."""
    file = folder / "tollgate.toml"
    file.write_text(f'[identity_providers]\n"{POOL}" = {{ issuer = "{issuer}" }}\n')
    return Tollgate(command, "--config", file)


@pytest.fixture(scope="module", params=["serve", "dev"])
def tollgate(request, provider, tmp_path_factory):
    running = configured(tmp_path_factory.mktemp("pools"), request.param, provider.issuer)
    yield running
    running.stop()


def guarded(tollgate, pool=POOL, stage="prod", audience=AUDIENCE):
    """An API whose one method is guarded by the pool, deployed. The address of the method."""
    client = client_of(tollgate)
    api = client.create_rest_api(name="guarded")["id"]
    root = client.get_resources(restApiId=api)["items"][0]["id"]
    method = mock(client, api, root, answer='{"sub": "$context.authorizer.claims.sub", "aud": "$context.authorizer.claims.aud"}')
    authorizer = client.create_authorizer(
        restApiId=api, name="pool", type="COGNITO_USER_POOLS", providerARNs=[pool],
        identitySource="method.request.header.Authorization", identityValidationExpression=audience)
    client.update_method(
        **method,
        patchOperations=[
            {"op": "replace", "path": "/authorizationType", "value": "COGNITO_USER_POOLS"},
            {"op": "replace", "path": "/authorizerId", "value": authorizer["id"]},
        ],
    )
    client.create_deployment(restApiId=api, stageName=stage)
    return f"{tollgate.url}/_aws/execute-api/{api}/{stage}/"


def call(url, token=None):
    request = urllib.request.Request(url, headers={} if token is None else {"Authorization": f"Bearer {token}"})
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return response.status, json.load(response), response.headers
    except urllib.error.HTTPError as error:
        return error.code, json.load(error), error.headers


@pytest.fixture(scope="module")
def url(tollgate):
    return guarded(tollgate)


def test_a_user_who_signed_in_gets_in(url, provider):
    token = provider.identity_token("ann", AUDIENCE)
    for _ in range(3):
        assert call(url, token)[:2] == (200, {"sub": "ann", "aud": AUDIENCE})


def test_nobody_else_does(url, provider):
    token = provider.identity_token("ann", AUDIENCE)
    changed = token[:-8] + ("AAAAAAAA" if token[-8:] != "AAAAAAAA" else "BBBBBBBB")
    for bad in [None, "", "x", changed, token.rsplit(".", 1)[0] + ".", provider.identity_token("ann", "other-client")]:
        status, body, headers = call(url, bad)
        assert (status, body) == (401, {"message": "Unauthorized"}), bad
        assert headers["x-amzn-ErrorType"] == "UnauthorizedException"


def test_tokens_of_another_issuer_are_not_taken(url):
    other = Provider()
    try:
        assert call(url, other.identity_token("ann", AUDIENCE))[:2] == (401, {"message": "Unauthorized"})
    finally:
        other.stop()


def test_a_token_whose_time_is_over_is_told_so(tmp_path):
    late = Provider(lives_seconds=-60)
    tollgate = configured(tmp_path, "serve", late.issuer)
    try:
        answer = call(guarded(tollgate), late.identity_token("ann", AUDIENCE))
        assert answer[:2] == (401, {"message": "The incoming token has expired"})
    finally:
        tollgate.stop()
        late.stop()


def test_keys_that_are_exchanged_are_fetched_again_and_serve_on_while_the_provider_is_down(tmp_path):
    first = Provider()
    tollgate = configured(tmp_path, "serve", first.issuer)
    try:
        url = guarded(tollgate)
        old = first.identity_token("ann", AUDIENCE)
        assert call(url, old)[0] == 200
        first.stop()
        assert call(url, old)[0] == 200
        second = Provider(port=first.port)
        try:
            new = second.identity_token("bob", AUDIENCE)
            # A key that is not known is asked for once in ten seconds.
            until(lambda: call(url, new)[0] == 200)
            assert call(url, old)[0] == 401
        finally:
            second.stop()
    finally:
        tollgate.stop()


def test_a_provider_that_is_down_lets_nobody_in(tmp_path, provider):
    gone = Provider()
    gone.stop()
    tollgate = configured(tmp_path, "serve", gone.issuer)
    try:
        status, body, headers = call(guarded(tollgate), forged(gone.issuer))
        assert (status, body) == (500, {"message": "Internal server error"})
        assert headers["x-amzn-ErrorType"] == "AuthorizerConfigurationException"
    finally:
        tollgate.stop()


def forged(issuer):
    """What anybody can write."""
    import base64

    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return ".".join([part({"alg": "RS256", "kid": "a"}), part({"iss": issuer, "exp": 2_000_000_000}), "AAAA"])


def test_a_pool_that_is_not_configured_is_refused_by_its_name(tollgate):
    unknown = POOL.replace("Shop", "Other")
    with pytest.raises(ClientError) as refused:
        guarded(tollgate, pool=unknown)
    assert refused.value.response["Error"]["Code"] == "BadRequestException"
    assert f"user pool {unknown} is not configured" in str(refused.value)


def test_explain_says_which_claim_refused_and_not_the_token(tollgate, url, provider):
    token = provider.identity_token("ann", "other-client")
    request_id = call(url, token)[2]["x-amzn-RequestId"]
    line = [str(PROGRAM), "explain", request_id]
    done = subprocess.run(line, env=tollgate.environment(), capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "its audience (aud) does not fit identityValidationExpression" in done.stdout
    assert all(part not in done.stdout for part in token.split("."))
