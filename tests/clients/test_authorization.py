"""Users, sessions and roles call `serve`: what IAM lets them do, and the refusals they read."""
import json

import pytest
from botocore.exceptions import ClientError
from conftest import client_of, session_of

ACCOUNT = "000000000000"
USER = f"arn:aws:iam::{ACCOUNT}:user/caller"
APIS = "arn:aws:apigateway:us-east-1::/restapis"


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action, resource="*", **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action, resource="*", **more):
    return {"Effect": "Deny", "Action": action, "Resource": resource, **more}


def refusal(operation, **arguments):
    with pytest.raises(ClientError) as caught:
        operation(**arguments)
    error = caught.value.response
    return error["ResponseMetadata"]["HTTPStatusCode"], error["Error"]["Code"], error["Error"]["Message"]


class Caller:
    """A user with a key, who may do what the test says."""

    def __init__(self, served):
        self.served, self.iam = served, client_of(served, "iam")
        self.iam.create_user(UserName="caller", Tags=[{"Key": "team", "Value": "a"}])
        self.key = self.iam.create_access_key(UserName="caller")["AccessKey"]

    def may(self, *statements):
        self.iam.put_user_policy(UserName="caller", PolicyName="p", PolicyDocument=policy(*statements))

    def client(self, service="apigateway"):
        return client_of(self.served, service, key_id=self.key["AccessKeyId"], secret=self.key["SecretAccessKey"])

    def end(self):
        for key in self.iam.list_access_keys(UserName="caller")["AccessKeyMetadata"]:
            self.iam.delete_access_key(UserName="caller", AccessKeyId=key["AccessKeyId"])
        for name in self.iam.list_user_policies(UserName="caller")["PolicyNames"]:
            self.iam.delete_user_policy(UserName="caller", PolicyName=name)
        for attached in self.iam.list_attached_user_policies(UserName="caller")["AttachedPolicies"]:
            self.iam.detach_user_policy(UserName="caller", PolicyArn=attached["PolicyArn"])
        self.iam.delete_user(UserName="caller")


@pytest.fixture
def caller(served):
    made = Caller(served)
    yield made
    made.end()


@pytest.fixture
def role(served):
    iam = client_of(served, "iam")
    trust = policy({"Effect": "Allow", "Principal": {"AWS": USER}, "Action": ["sts:AssumeRole", "sts:TagSession"]})
    made = iam.create_role(RoleName="deployer", Path="/ci/", AssumeRolePolicyDocument=trust)["Role"]
    iam.put_role_policy(RoleName="deployer", PolicyName="p", PolicyDocument=policy(allow("apigateway:*")))
    yield made
    iam.delete_role_policy(RoleName="deployer", PolicyName="p")
    iam.delete_role(RoleName="deployer")


def test_who_is_calling(caller):
    identity = caller.client("sts").get_caller_identity()
    assert identity["Arn"] == USER
    assert identity["UserId"] == caller.iam.get_user(UserName="caller")["User"]["UserId"]


def test_nothing_is_allowed_that_no_policy_allows(caller):
    denied = (
        403,
        "AccessDeniedException",
        f"User: {USER} is not authorized to perform: apigateway:GET on resource: {APIS} "
        "because no identity-based policy allows the apigateway:GET action",
    )
    client = caller.client()
    assert refusal(client.get_rest_apis) == denied
    caller.may(allow("apigateway:GET", APIS))
    assert client.get_rest_apis()["items"] == []
    caller.may(allow("apigateway:*"), deny("apigateway:GET", APIS))
    assert refusal(client.get_rest_apis)[2] == (
        f"User: {USER} is not authorized to perform: apigateway:GET on resource: {APIS} "
        "with an explicit deny in an identity-based policy"
    )


def test_boundaries_groups_and_managed_policies(caller):
    client, iam = caller.client(), caller.iam
    iam.attach_user_policy(UserName="caller", PolicyArn="arn:aws:iam::aws:policy/AmazonAPIGatewayAdministrator")
    assert client.get_rest_apis()["items"] == []
    iam.put_user_permissions_boundary(
        UserName="caller", PermissionsBoundary="arn:aws:iam::aws:policy/IAMReadOnlyAccess"
    )
    assert refusal(client.get_rest_apis)[2].endswith("because no permissions boundary allows the apigateway:GET action")
    iam.delete_user_permissions_boundary(UserName="caller")
    iam.create_group(GroupName="denied")
    iam.put_group_policy(GroupName="denied", PolicyName="p", PolicyDocument=policy(deny("apigateway:*")))
    iam.add_user_to_group(GroupName="denied", UserName="caller")
    assert "with an explicit deny" in refusal(client.get_rest_apis)[2]
    iam.remove_user_from_group(GroupName="denied", UserName="caller")
    iam.delete_group_policy(GroupName="denied", PolicyName="p")
    iam.delete_group(GroupName="denied")
    assert client.get_rest_apis()["items"] == []


def test_paths_tags_and_keys_of_requests(served, caller):
    root = client_of(served)
    mine = root.create_rest_api(name="mine", tags={"team": "a"})["id"]
    other = root.create_rest_api(name="other", tags={"team": "b"})["id"]
    client = caller.client()
    try:
        caller.may(allow("apigateway:GET", f"{APIS}/{mine}/*"), allow("apigateway:GET", f"{APIS}/{mine}"))
        assert client.get_resources(restApiId=mine)["items"]
        assert refusal(client.get_resources, restApiId=other)[1] == "AccessDeniedException"
        same_team = {"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}}
        caller.may(allow("apigateway:*", Condition=same_team))
        assert client.get_resources(restApiId=mine)["items"]
        assert refusal(client.get_resources, restApiId=other)[1] == "AccessDeniedException"
        regional = {"StringNotEquals": {"apigateway:Request/EndpointType": "REGIONAL"}}
        tagged = {"Null": {"aws:RequestTag/team": "true"}}
        caller.may(
            allow("apigateway:*"),
            deny("apigateway:POST", APIS, Condition=regional),
            deny("apigateway:POST", APIS, Condition=tagged),
        )
        regional = {"types": ["REGIONAL"]}
        assert refusal(client.create_rest_api, name="x", tags={"team": "a"})[1] == "AccessDeniedException"
        assert refusal(client.create_rest_api, name="x", endpointConfiguration=regional)[1] == "AccessDeniedException"
        made = client.create_rest_api(name="x", endpointConfiguration=regional, tags={"team": "a"})["id"]
        root.delete_rest_api(restApiId=made)
        document = json.dumps({"openapi": "3.0.1", "info": {"title": "t", "version": "1"}, "paths": {}})
        caller.may(
            allow("apigateway:*"),
            deny("apigateway:*", Condition={"StringEquals": {"apigateway:Request/RouteAuthorizationType": "NONE"}}),
        )
        assert "which Tollgate cannot tell" in refusal(client.import_rest_api, body=document)[2]
    finally:
        for api in (mine, other):
            root.delete_rest_api(restApiId=api)


def test_a_resource_policy_needs_its_own_permission(served, caller):
    caller.may(allow(["apigateway:POST", "apigateway:DELETE"]))
    client, anyone = caller.client(), policy({**allow("execute-api:Invoke"), "Principal": "*"})
    assert "apigateway:UpdateRestApiPolicy" in refusal(client.create_rest_api, name="x", policy=anyone)[2]
    caller.may(allow(["apigateway:POST", "apigateway:DELETE", "apigateway:UpdateRestApiPolicy"]))
    client.delete_rest_api(restApiId=client.create_rest_api(name="x", policy=anyone)["id"])


def test_inactive_and_deleted_keys(caller):
    sts = caller.client("sts")
    sts.get_caller_identity()
    caller.iam.update_access_key(UserName="caller", AccessKeyId=caller.key["AccessKeyId"], Status="Inactive")
    invalid = (403, "InvalidClientTokenId", "The security token included in the request is invalid.")
    assert refusal(sts.get_caller_identity) == invalid
    caller.iam.update_access_key(UserName="caller", AccessKeyId=caller.key["AccessKeyId"], Status="Active")
    sts.get_caller_identity()
    caller.iam.delete_access_key(UserName="caller", AccessKeyId=caller.key["AccessKeyId"])
    assert refusal(sts.get_caller_identity) == invalid
    assert refusal(caller.client().get_rest_apis)[1] == "UnrecognizedClientException"


def test_iam_is_asked_about_itself(caller):
    iam = caller.client("iam")
    assert refusal(iam.list_users)[2] == (
        f"User: {USER} is not authorized to perform: iam:ListUsers on resource: arn:aws:iam::{ACCOUNT}:user/ "
        "because no identity-based policy allows the iam:ListUsers action"
    )
    assert "on resource: user caller because" in refusal(iam.list_user_policies, UserName="caller")[2]
    caller.may(allow("iam:*", f"arn:aws:iam::{ACCOUNT}:user/${{aws:username}}"))
    assert iam.get_user()["User"]["UserName"] == "caller"
    assert refusal(iam.get_user, UserName="other")[1] == "AccessDenied"
    bounded = {"StringEquals": {"iam:PermissionsBoundary": "arn:aws:iam::aws:policy/IAMReadOnlyAccess"}}
    caller.may(allow("iam:CreateUser", Condition=bounded))
    assert refusal(iam.create_user, UserName="new")[1] == "AccessDenied"
    iam.create_user(UserName="new", PermissionsBoundary="arn:aws:iam::aws:policy/IAMReadOnlyAccess")
    caller.iam.delete_user(UserName="new")


def test_a_role_is_assumed(served, caller, role):
    sts = caller.client("sts")
    assumed = sts.assume_role(RoleArn=role["Arn"], RoleSessionName="run")
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/deployer/run"
    assert assumed["AssumedRoleUser"] == {"AssumedRoleId": f"{role['RoleId']}:run", "Arn": session}
    assert "PackedPolicySize" not in assumed
    credentials = assumed["Credentials"]
    assert credentials["AccessKeyId"].startswith("ASIA")
    assert session_of(served, credentials, "sts").get_caller_identity()["Arn"] == session
    assert session_of(served, credentials).get_rest_apis()["items"] == []
    assert refusal(session_of(served, credentials, "iam").list_users)[2].startswith(f"User: {session} is not authorized")

    bounded = sts.assume_role(RoleArn=role["Arn"], RoleSessionName="run", Policy=policy(allow("apigateway:POST")))
    assert bounded["PackedPolicySize"] > 0
    message = refusal(session_of(served, bounded["Credentials"]).get_rest_apis)[2]
    assert message.endswith("because no session policy allows the apigateway:GET action")

    tagged = {"StringEquals": {"aws:PrincipalTag/team": "a"}}
    caller.iam.put_role_policy(
        RoleName="deployer", PolicyName="p", PolicyDocument=policy(allow("apigateway:*", Condition=tagged))
    )
    assert refusal(session_of(served, credentials).get_rest_apis)[1] == "AccessDeniedException"
    tags = [{"Key": "team", "Value": "a"}]
    assumed = sts.assume_role(RoleArn=role["Arn"], RoleSessionName="run", Tags=tags)
    assert session_of(served, assumed["Credentials"]).get_rest_apis()["items"] == []


def test_roles_that_are_not_assumed(served, caller, role):
    sts = caller.client("sts")
    denied = f"User: {USER} is not authorized to perform: sts:AssumeRole on resource: "
    missing = f"arn:aws:iam::{ACCOUNT}:role/none"
    assert refusal(sts.assume_role, RoleArn=missing, RoleSessionName="s1") == (403, "AccessDenied", denied + missing)
    assert refusal(sts.assume_role, RoleArn="arn:aws:iam::role-without-a-name", RoleSessionName="s1")[1:] == (
        "ValidationError",
        "arn:aws:iam::role-without-a-name is invalid",
    )
    asked = {"RoleArn": role["Arn"], "RoleSessionName": "s1"}
    assert refusal(sts.assume_role, **asked, DurationSeconds=7200)[2] == (
        "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
    )
    assert refusal(sts.assume_role, **asked, Policy="{")[1] == "MalformedPolicyDocument"
    assert refusal(client_of(served, "sts").assume_role, **asked)[2] == "Roles may not be assumed by root accounts."
    external = {"StringEquals": {"sts:ExternalId": "42"}}
    trust = {"Effect": "Allow", "Principal": {"AWS": USER}, "Action": "sts:AssumeRole", "Condition": external}
    caller.iam.update_assume_role_policy(RoleName="deployer", PolicyDocument=policy(trust))
    assert refusal(sts.assume_role, **asked) == (403, "AccessDenied", denied + role["Arn"])
    sts.assume_role(**asked, ExternalId="42")
    refused = refusal(sts.assume_role_with_web_identity, **asked, WebIdentityToken="a.b.c")
    assert refused[1] == "InvalidIdentityToken"


def test_sessions_end_with_their_role_and_are_nobody_elses(served, caller, role):
    credentials = caller.client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="s1")["Credentials"]
    token = credentials["SessionToken"]
    for wrong in (token[:-8], token[:40] + ("A" if token[40] != "A" else "B") + token[41:], "made up", ""):
        client = session_of(served, {**credentials, "SessionToken": wrong}, "sts")
        assert refusal(client.get_caller_identity) == (
            403,
            "InvalidClientTokenId",
            "The security token included in the request is invalid.",
        )
    other = session_of(served, {**credentials, "SecretAccessKey": "x" * 40})
    assert refusal(other.get_rest_apis)[1] == "InvalidSignatureException"
    client = session_of(served, credentials)
    client.get_rest_apis()
    caller.iam.delete_role_policy(RoleName="deployer", PolicyName="p")
    caller.iam.delete_role(RoleName="deployer")
    assert refusal(client.get_rest_apis)[1] == "UnrecognizedClientException"
    trust = policy({"Effect": "Allow", "Principal": {"AWS": USER}, "Action": "sts:AssumeRole"})
    caller.iam.create_role(RoleName="deployer", Path="/ci/", AssumeRolePolicyDocument=trust)
    caller.iam.put_role_policy(RoleName="deployer", PolicyName="p", PolicyDocument=policy(allow("apigateway:*")))
    assert refusal(client.get_rest_apis)[1] == "UnrecognizedClientException", "a role of the same name is another"


def test_sessions_of_users(served, caller):
    caller.may(allow(["apigateway:*", "iam:*"]))
    credentials = caller.client("sts").get_session_token(DurationSeconds=900)["Credentials"]
    assert session_of(served, credentials, "sts").get_caller_identity()["Arn"] == USER
    assert session_of(served, credentials).get_rest_apis()["items"] == []
    assert refusal(session_of(served, credentials, "iam").list_users)[1] == "InvalidClientTokenId"
    assert refusal(session_of(served, credentials, "sts").get_session_token)[1] == "AccessDenied"
    root = client_of(served, "sts").get_session_token()["Credentials"]
    assert session_of(served, root, "sts").get_caller_identity()["Arn"].endswith(":root")


def test_calls_of_tollgates_own(served, caller):
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials
    from http_client import send

    root = client_of(served)
    api = root.create_rest_api(name="own")["id"]

    def drift():
        request = AWSRequest("GET", f"{served.url}/_tollgate/restapis/{api}/drift")
        key = Credentials(caller.key["AccessKeyId"], caller.key["SecretAccessKey"])
        SigV4Auth(key, "tollgate", "us-east-1").add_auth(request)
        headers = {**dict(request.headers), "Host": served.address}
        return send(served.address, "GET", f"/_tollgate/restapis/{api}/drift", headers=headers)

    refused = drift()
    assert refused.status == 403
    assert refused.json()["message"] == (
        f"User: {USER} is not authorized to perform: tollgate:GetDrift on resource: {APIS}/{api} "
        "because no identity-based policy allows the tollgate:GetDrift action"
    )
    caller.may(allow("tollgate:GetDrift", f"{APIS}/{api}"))
    assert drift().status == 200
    root.delete_rest_api(restApiId=api)


def test_policies_are_tried(served, caller, role):
    caller.may(allow("apigateway:GET", f"{APIS}/*"), deny("apigateway:GET", f"{APIS}/secret"))
    tried = caller.iam.simulate_principal_policy(
        PolicySourceArn=USER, ActionNames=["apigateway:GET", "apigateway:POST"], ResourceArns=[f"{APIS}/a", f"{APIS}/secret"]
    )["EvaluationResults"]
    assert [(it["EvalActionName"], it["EvalResourceName"].rsplit("/")[-1], it["EvalDecision"]) for it in tried] == [
        ("apigateway:GET", "a", "allowed"),
        ("apigateway:GET", "secret", "explicitDeny"),
        ("apigateway:POST", "a", "implicitDeny"),
        ("apigateway:POST", "secret", "implicitDeny"),
    ]
    assert tried[0]["MatchedStatements"] == [{"SourcePolicyId": "p", "SourcePolicyType": "user"}]
    condition = {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}
    tried = {"PolicyInputList": [policy(allow("a:*", Condition=condition))], "ActionNames": ["a:B"]}
    result = caller.iam.simulate_custom_policy(**tried)["EvaluationResults"][0]
    assert (result["EvalDecision"], result["MissingContextValues"]) == ("implicitDeny", ["aws:sourceip"])
    entry = {"ContextKeyName": "aws:SourceIp", "ContextKeyValues": ["10.1.2.3"], "ContextKeyType": "ip"}
    result = caller.iam.simulate_custom_policy(**tried, ContextEntries=[entry])["EvaluationResults"][0]
    assert (result["EvalDecision"], result["MissingContextValues"]) == ("allowed", [])
    bounded = caller.iam.simulate_custom_policy(
        PolicyInputList=[policy(allow("*"))],
        PermissionsBoundaryPolicyInputList=[policy(allow("b:*"))],
        ActionNames=["a:B", "b:C"],
    )["EvaluationResults"]
    assert [it["EvalDecision"] for it in bounded] == ["implicitDeny", "allowed"]
    assert bounded[0]["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": False}
    keys = caller.iam.get_context_keys_for_custom_policy(PolicyInputList=[policy(allow("a:*", Condition=condition))])
    assert keys["ContextKeyNames"] == ["aws:sourceip"]
    result = caller.iam.simulate_principal_policy(PolicySourceArn=role["Arn"], ActionNames=["apigateway:GET"])
    assert result["EvaluationResults"][0]["EvalDecision"] == "allowed"
    refused = refusal(caller.iam.simulate_principal_policy, PolicySourceArn=f"{USER}x", ActionNames=["a:B"])
    assert refused[:2] == (404, "NoSuchEntity")
    pages = caller.iam.get_paginator("simulate_custom_policy").paginate(
        PolicyInputList=[policy(allow("*"))], ActionNames=[f"a:B{number}" for number in range(7)], MaxItems=3
    )
    assert [len(page["EvaluationResults"]) for page in pages] == [3, 3, 1]


def integration_of(role):
    return {"httpMethod": "GET", "uri": "http://localhost:1/", "credentials": role}


def test_roles_are_passed_by_those_who_may(served, caller):
    root = client_of(served)
    api = root.create_rest_api(name="passes")["id"]
    resource = root.get_resources(restApiId=api)["items"][0]["id"]
    root.put_method(restApiId=api, resourceId=resource, httpMethod="GET", authorizationType="NONE")
    passed = f"arn:aws:iam::{ACCOUNT}:role/backend"
    integration = {
        "restApiId": api, "resourceId": resource, "httpMethod": "GET", "type": "HTTP_PROXY",
        "integrationHttpMethod": "GET", "uri": "http://localhost:1/", "credentials": passed,
    }
    client = caller.client()
    caller.may(allow("apigateway:*"))
    assert f"is not authorized to perform: iam:PassRole on resource: {passed}" in refusal(client.put_integration, **integration)[2]
    clone = {"StringEquals": {"iam:PassedToService": "apigateway.amazonaws.com"}}
    caller.may(allow("apigateway:*"), allow("iam:PassRole", passed, Condition=clone))
    client.put_integration(**integration)
    caller.may(allow("apigateway:POST"))
    assert "apigateway:GET" in refusal(client.create_rest_api, name="copy", cloneFrom=api)[2]
    document = {
        "openapi": "3.0.1",
        "info": {"title": "t", "version": "1"},
        "paths": {"/": {"get": {"x-amazon-apigateway-integration": {**integration_of(passed), "type": "http_proxy"}}}},
    }
    hidden = json.dumps(document).replace(":role/", ":r\\u006fle/")
    assert "iam:PassRole" in refusal(client.import_rest_api, body=hidden)[2]
    with_policy = {"openapi": "3.0.1", "info": {"title": "t", "version": "1"}, "paths": {}}
    with_policy["x-amazon-apigateway-policy"] = json.loads(policy({**allow("execute-api:Invoke"), "Principal": "*"}))
    assert "apigateway:UpdateRestApiPolicy" in refusal(client.import_rest_api, body=json.dumps(with_policy))[2]
    root.delete_rest_api(restApiId=api)


def test_sessions_survive_a_restart_and_secrets_are_sealed(tmp_path):
    from program import Tollgate

    data = tmp_path / "data"
    first = Tollgate("serve", data=data)
    iam = client_of(first, "iam")
    iam.create_user(UserName="caller")
    key = iam.create_access_key(UserName="caller")["AccessKey"]
    iam.put_user_policy(UserName="caller", PolicyName="p", PolicyDocument=policy(allow("*")))
    caller = client_of(first, "sts", key_id=key["AccessKeyId"], secret=key["SecretAccessKey"])
    session = caller.get_session_token()["Credentials"]
    first.stop()
    for file in data.iterdir():
        content = file.read_bytes()
        assert key["SecretAccessKey"].encode() not in content and session["SecretAccessKey"].encode() not in content
    again = Tollgate("serve", data=data, key=(first.key_id, first.secret))
    try:
        assert session_of(again, session, "sts").get_caller_identity()["Arn"] == USER
        known = client_of(again, key_id=key["AccessKeyId"], secret=key["SecretAccessKey"])
        assert known.get_rest_apis()["items"] == []
    finally:
        again.stop()


def test_the_cli_in_a_session(served, caller, role):
    import subprocess
    import sys

    def aws(*arguments, **environment):
        line = [sys.executable, "-m", "awscli", *arguments]
        return subprocess.run(line, env=served.environment(**environment), capture_output=True, text=True, timeout=120)

    own = {"AWS_ACCESS_KEY_ID": caller.key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": caller.key["SecretAccessKey"]}
    done = aws("sts", "assume-role", "--role-arn", role["Arn"], "--role-session-name", "cli", **own)
    credentials = json.loads(done.stdout)["Credentials"]
    session = {
        "AWS_ACCESS_KEY_ID": credentials["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": credentials["SecretAccessKey"],
        "AWS_SESSION_TOKEN": credentials["SessionToken"],
    }
    assert json.loads(aws("sts", "get-caller-identity", **session).stdout)["Arn"].endswith(":assumed-role/deployer/cli")
    assert json.loads(aws("apigateway", "get-rest-apis", **session).stdout) == {"items": []}
    refused = aws("iam", "list-users", **session)
    assert "An error occurred (AccessDenied) when calling the ListUsers operation: User: arn:aws:sts::" in refused.stderr
