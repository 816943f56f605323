"""Requests to APIs signed as AWS's clients sign them, and resource policies as they are attached by them."""
import json
import urllib.parse

import pytest
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from conftest import client_of
from http_client import send
from making import mock

ACCOUNT = "000000000000"


def signed(tollgate, api, path, method="GET", body="", key=None, region="us-east-1", service="execute-api", auth=SigV4Auth, headers=None):
    """Sends what botocore signs, to the letter."""
    host = f"{api}.execute-api.localhost:{tollgate.port}"
    credentials = Credentials(*(key or (tollgate.key_id, tollgate.secret)))
    request = AWSRequest(method, f"http://{host}{path}", data=body, headers={"Host": host, **(headers or {})})
    auth(credentials, service, region).add_auth(request)
    url = urllib.parse.urlsplit(request.url)
    target = f"{url.path}?{url.query}" if url.query else url.path
    return send(tollgate.address, method, target, body or None, dict(request.headers.items()))


def in_query(*arguments):
    return SigV4QueryAuth(*arguments, expires=60)


@pytest.fixture
def who(client, api):
    """GET and POST on the root that tell who calls, deployed to `dev`."""
    method = mock(client, api["id"], api["rootResourceId"], answer="$context.identity.userArn $context.identity.accessKey")
    client.update_method(**method, patchOperations=[{"op": "replace", "path": "/authorizationType", "value": "AWS_IAM"}])
    client.create_deployment(restApiId=api["id"], stageName="dev")
    return api["id"]


@pytest.fixture
def user(tollgate):
    """A user with a key and no policies; removed afterwards."""
    iam = client_of(tollgate, "iam")
    iam.create_user(UserName="caller")
    key = iam.create_access_key(UserName="caller")["AccessKey"]
    yield iam, (key["AccessKeyId"], key["SecretAccessKey"])
    for name in iam.list_user_policies(UserName="caller")["PolicyNames"]:
        iam.delete_user_policy(UserName="caller", PolicyName=name)
    for left in iam.list_access_keys(UserName="caller")["AccessKeyMetadata"]:
        iam.delete_access_key(UserName="caller", AccessKeyId=left["AccessKeyId"])
    iam.delete_user(UserName="caller")


# In dev every key is the root's.
ONLY_SERVED = pytest.mark.parametrize("tollgate", ["serve"], indirect=True)


def test_the_root_may_call_its_own_apis(tollgate, who):
    answer = signed(tollgate, who, "/dev?b=2&a=1%202&a=%C3%A9")
    assert (answer.status, answer.text) == (200, f"arn:aws:iam::{ACCOUNT}:root {tollgate.key_id}")
    assert signed(tollgate, who, "/dev", auth=in_query).status == 200


def test_what_is_no_signature_is_refused_everywhere(tollgate, who):
    bare = send(tollgate.address, "GET", "/dev", headers={"Host": f"{who}.execute-api.localhost"})
    assert (bare.status, bare.headers["x-amzn-ErrorType"]) == (403, "MissingAuthenticationTokenException")
    assert bare.text == '{"message":"Missing Authentication Token"}'
    for arguments in ({"region": "eu-west-1"}, {"service": "apigateway"}):
        answer = signed(tollgate, who, "/dev", **arguments)
        assert (answer.status, answer.headers["x-amzn-ErrorType"]) == (403, "InvalidSignatureException"), arguments


@ONLY_SERVED
def test_users_may_what_their_policies_say(tollgate, who, user):
    iam, key = user
    arn = f"arn:aws:iam::{ACCOUNT}:user/caller"
    refused = signed(tollgate, who, "/dev", key=key)
    assert (refused.status, refused.headers["x-amzn-ErrorType"]) == (403, "AccessDeniedException")
    assert refused.json()["Message"] == (
        f"User: {arn} is not authorized to perform: execute-api:Invoke on resource: "
        f"arn:aws:execute-api:us-east-1:********0000:{who}/dev/GET/ because no identity-based policy allows the execute-api:Invoke action"
    )
    policy = {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": f"arn:aws:execute-api:us-east-1:{ACCOUNT}:{who}/dev/GET/*"},
    }
    iam.put_user_policy(UserName="caller", PolicyName="call", PolicyDocument=json.dumps(policy))
    # The next request meets the change.
    answer = signed(tollgate, who, "/dev", key=key)
    assert (answer.status, answer.text) == (200, f"{arn} {key[0]}")
    wrong = signed(tollgate, who, "/dev", key=(key[0], "wrong"))
    assert (wrong.status, wrong.headers["x-amzn-ErrorType"]) == (403, "InvalidSignatureException")
    assert wrong.json()["message"].startswith("The request signature we calculated does not match")
    iam.update_access_key(UserName="caller", AccessKeyId=key[0], Status="Inactive")
    inactive = signed(tollgate, who, "/dev", key=key)
    assert (inactive.status, inactive.headers["x-amzn-ErrorType"]) == (403, "UnrecognizedClientException")


@ONLY_SERVED
def test_sessions_may_what_their_role_and_their_policy_say(tollgate, who):
    iam, sts = client_of(tollgate, "iam"), client_of(tollgate, "sts")
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}]}
    role = iam.create_role(RoleName="reader", AssumeRolePolicyDocument=json.dumps(trust))["Role"]
    allow = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"}]}
    iam.put_role_policy(RoleName="reader", PolicyName="call", PolicyDocument=json.dumps(allow))
    iam.create_user(UserName="opener")
    iam.put_user_policy(UserName="opener", PolicyName="open", PolicyDocument=json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}]}
    ))
    opener = iam.create_access_key(UserName="opener")["AccessKey"]
    try:
        sts = client_of(tollgate, "sts", key_id=opener["AccessKeyId"], secret=opener["SecretAccessKey"])

        def session(**arguments):
            found = sts.assume_role(RoleArn=role["Arn"], RoleSessionName="night", **arguments)["Credentials"]
            return found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"]

        key = session()
        arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/night"
        answer = signed(tollgate, who, "/dev", key=key)
        assert (answer.status, answer.text) == (200, f"{arn} {key[0]}")
        assert signed(tollgate, who, "/dev", key=key, auth=in_query).status == 200
        # Another session's token, a cut one, none.
        other = session()
        for token in (other[2], key[2][:-8], None):
            refused = signed(tollgate, who, "/dev", key=(*key[:2], token))
            assert (refused.status, refused.headers["x-amzn-ErrorType"]) == (403, "UnrecognizedClientException")
            assert refused.text == '{"message":"The security token included in the request is invalid."}'
        nothing = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
        bounded = signed(tollgate, who, "/dev", key=session(Policy=json.dumps(nothing)))
        assert bounded.status == 403
        assert bounded.json()["Message"].endswith("because no session policy allows the execute-api:Invoke action")
    finally:
        iam.delete_access_key(UserName="opener", AccessKeyId=opener["AccessKeyId"])
        iam.delete_user_policy(UserName="opener", PolicyName="open")
        iam.delete_user(UserName="opener")
        iam.delete_role_policy(RoleName="reader", PolicyName="call")
        iam.delete_role(RoleName="reader")


def test_a_resource_policy_is_attached_and_counts_once_deployed(tollgate, client, api):
    method = mock(client, api["id"], api["rootResourceId"], answer="ok")
    client.create_deployment(restApiId=api["id"], stageName="dev")

    def call():
        return send(tollgate.address, "GET", "/dev", headers={"Host": f"{api['id']}.execute-api.localhost"})

    deny = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}]}
    shown = client.update_rest_api(
        restApiId=api["id"], patchOperations=[{"op": "replace", "path": "/policy", "value": json.dumps(deny)}]
    )["policy"]
    whole = json.loads(json.loads(f'"{shown}"'))
    assert whole["Statement"][0]["Resource"] == f"arn:aws:execute-api:us-east-1:{ACCOUNT}:{api['id']}/*"
    assert call().status == 200
    client.create_deployment(restApiId=api["id"], stageName="dev")
    refused = call()
    assert (refused.status, refused.headers["x-amzn-ErrorType"]) == (403, "AccessDeniedException")
    assert refused.json()["Message"].endswith(f":{api['id']}/dev/GET/ with an explicit deny in a resource-based policy")
    # A test invocation asks no policy.
    assert client.test_invoke_method(**method)["status"] == 200


def test_a_private_api_needs_a_policy_and_networks(client, api):
    mock(client, api["id"], api["rootResourceId"])
    private = [{"op": "replace", "path": "/endpointConfiguration/types/EDGE", "value": "PRIVATE"}]
    client.update_rest_api(restApiId=api["id"], patchOperations=private)
    with pytest.raises(ClientError, match="Private REST API doesn't have a resource policy attached to it"):
        client.create_deployment(restApiId=api["id"], stageName="dev")
    allow = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}]}
    policy = [{"op": "replace", "path": "/policy", "value": json.dumps(allow)}]
    client.update_rest_api(restApiId=api["id"], patchOperations=policy)
    with pytest.raises(ClientError, match="a private API needs networks that stand for its endpoints"):
        client.create_deployment(restApiId=api["id"], stageName="dev")
