"""Who may call: `serve` knows its root key, `dev` takes any, and neither lets a web page in."""
import boto3
import pytest
from botocore.exceptions import ClientError
from conftest import client_of
from http_client import send


def code_of(operation):
    with pytest.raises(ClientError) as caught:
        operation()
    return caught.value.response["Error"]["Code"]


def test_sts_knows_the_caller(tollgate):
    identity = client_of(tollgate, "sts").get_caller_identity()
    assert identity["Account"] == "000000000000"
    assert identity["Arn"].endswith(":root")


def test_wrong_keys(tollgate):
    if tollgate.command == "dev":
        assert client_of(tollgate, key_id="ANYTHING", secret="else").get_rest_apis()["items"] is not None
        return
    wrong_secret = client_of(tollgate, secret="x" * 40)
    assert code_of(wrong_secret.get_rest_apis) in ("InvalidSignatureException", "SignatureDoesNotMatch")
    unknown = client_of(tollgate, key_id="TGRKUNKNOWNUNKNOWN00")
    assert code_of(unknown.get_rest_apis) in ("UnrecognizedClientException", "InvalidClientTokenId")


def test_unsigned_calls_are_refused(tollgate):
    answer = send(tollgate.address, "GET", "/restapis", headers={"Host": tollgate.address})
    assert answer.status == 403
    assert answer.json() == {"message": "Missing Authentication Token"}


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Host": "evil.example"},
    ],
)
def test_web_pages_are_refused(tollgate, headers):
    scope = "test/20260101/us-east-1/apigateway/aws4_request"
    signed = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature={'0' * 64}"
    plain = {"Host": tollgate.address, "Authorization": signed}
    # `serve` lets nobody in by the shape of a signature alone, from wherever the call comes.
    allowed = 200 if tollgate.command == "dev" else 403
    assert send(tollgate.address, "GET", "/restapis", headers=plain).status == allowed
    assert send(tollgate.address, "GET", "/restapis", headers={**plain, **headers}).status == 403


def test_anonymous_boto3_is_refused(tollgate):
    from botocore import UNSIGNED
    from botocore.config import Config

    client = boto3.client(
        "apigateway", endpoint_url=tollgate.url, region_name="us-east-1", config=Config(signature_version=UNSIGNED)
    )
    assert code_of(client.get_rest_apis) == "MissingAuthenticationTokenException"
