"""IAM as boto3 and the AWS CLI ask for it: every resource made, read, changed and removed, and the refusals that tools go by."""
import json

import pytest
from botocore.exceptions import ClientError
from conftest import client_of

ALLOW = {"Version": "2012-10-17", "Statement": [{"Sid": "Name", "Effect": "Allow", "Action": "apigateway:GET", "Resource": "arn:aws:apigateway:*::/ä b%"}]}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "apigateway.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
MANAGED = "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"


@pytest.fixture
def iam(tollgate):
    return client_of(tollgate, "iam")


def refusal(operation, **arguments):
    with pytest.raises(ClientError) as caught:
        operation(**arguments)
    error = caught.value.response
    return error["ResponseMetadata"]["HTTPStatusCode"], error["Error"]["Code"], error["Error"]["Message"]


def test_users(iam):
    user = iam.create_user(UserName="Bob", Path="/staff/", Tags=[{"Key": "team", "Value": "a b"}])["User"]
    assert user["Arn"] == "arn:aws:iam::000000000000:user/staff/Bob"
    assert user["UserId"].startswith("AIDA") and len(user["UserId"]) == 21
    assert refusal(iam.create_user, UserName="bob") == (
        409,
        "EntityAlreadyExists",
        "User with name bob already exists.",
    )
    iam.tag_user(UserName="Bob", Tags=[{"Key": "Team", "Value": "c"}, {"Key": "x", "Value": ""}])
    iam.untag_user(UserName="Bob", TagKeys=["X"])
    assert iam.list_user_tags(UserName="Bob")["Tags"] == [{"Key": "Team", "Value": "c"}]
    iam.update_user(UserName="Bob", NewUserName="Rob", NewPath="/")
    found = iam.get_user(UserName="Rob")["User"]
    assert (found["Arn"], found["UserId"]) == ("arn:aws:iam::000000000000:user/Rob", user["UserId"])
    assert found["CreateDate"] == user["CreateDate"]
    assert refusal(iam.get_user, UserName="Bob") == (
        404,
        "NoSuchEntity",
        "The user with name Bob cannot be found.",
    )
    iam.delete_user(UserName="Rob")


def test_pages(iam):
    names = [f"page-{number}" for number in range(5)]
    for name in names:
        iam.create_user(UserName=name, Path="/pages/")
    pages = list(iam.get_paginator("list_users").paginate(PathPrefix="/pages/", PaginationConfig={"PageSize": 2}))
    assert [[user["UserName"] for user in page["Users"]] for page in pages] == [names[:2], names[2:4], names[4:]]
    assert [page["IsTruncated"] for page in pages] == [True, True, False]
    assert refusal(iam.list_users, Marker="made-up")[:2] == (400, "ValidationError")
    for name in names:
        iam.delete_user(UserName=name)


def test_groups(iam):
    iam.create_user(UserName="member")
    group = iam.create_group(GroupName="Readers")["Group"]
    assert group["GroupId"].startswith("AGPA")
    iam.add_user_to_group(GroupName="Readers", UserName="member")
    iam.put_group_policy(GroupName="Readers", PolicyName="p", PolicyDocument=json.dumps(ALLOW))
    assert iam.list_group_policies(GroupName="Readers")["PolicyNames"] == ["p"]
    iam.update_group(GroupName="Readers", NewGroupName="Lesers")
    assert [user["UserName"] for user in iam.get_group(GroupName="Lesers")["Users"]] == ["member"]
    assert [it["GroupName"] for it in iam.list_groups_for_user(UserName="member")["Groups"]] == ["Lesers"]
    assert refusal(iam.delete_group, GroupName="Lesers")[:2] == (409, "DeleteConflict")
    iam.remove_user_from_group(GroupName="Lesers", UserName="member")
    assert refusal(iam.delete_group, GroupName="Lesers")[2] == "Cannot delete entity, must delete policies first."
    iam.delete_group_policy(GroupName="Lesers", PolicyName="p")
    iam.delete_group(GroupName="Lesers")
    iam.delete_user(UserName="member")


def test_roles(iam):
    role = iam.create_role(RoleName="Logs", AssumeRolePolicyDocument=json.dumps(TRUST), Description="d")["Role"]
    assert role["RoleId"].startswith("AROA")
    assert role["AssumeRolePolicyDocument"] == TRUST
    iam.put_role_policy(RoleName="Logs", PolicyName="inline", PolicyDocument=json.dumps(ALLOW))
    assert iam.get_role_policy(RoleName="Logs", PolicyName="inline")["PolicyDocument"] == ALLOW
    iam.attach_role_policy(RoleName="Logs", PolicyArn=MANAGED)
    iam.attach_role_policy(RoleName="Logs", PolicyArn=MANAGED)
    assert iam.list_attached_role_policies(RoleName="Logs")["AttachedPolicies"] == [
        {"PolicyName": "AmazonAPIGatewayPushToCloudWatchLogs", "PolicyArn": MANAGED}
    ]
    assert iam.get_policy(PolicyArn=MANAGED)["Policy"]["AttachmentCount"] == 1
    iam.put_role_permissions_boundary(RoleName="Logs", PermissionsBoundary="arn:aws:iam::aws:policy/AdministratorAccess")
    iam.update_role(RoleName="Logs", MaxSessionDuration=7200)
    other = {**TRUST, "Statement": [{**TRUST["Statement"][0], "Principal": {"AWS": "*"}}]}
    iam.update_assume_role_policy(RoleName="Logs", PolicyDocument=json.dumps(other))
    found = iam.get_role(RoleName="Logs")["Role"]
    assert found["AssumeRolePolicyDocument"] == other
    assert (found["MaxSessionDuration"], found["Description"]) == (7200, "d")
    assert found["PermissionsBoundary"]["PermissionsBoundaryType"] == "Policy"
    assert iam.list_instance_profiles_for_role(RoleName="Logs")["InstanceProfiles"] == []
    conflict = "Cannot delete entity, must detach all policies first."
    assert refusal(iam.delete_role, RoleName="Logs") == (409, "DeleteConflict", conflict)
    iam.detach_role_policy(RoleName="Logs", PolicyArn=MANAGED)
    iam.delete_role_policy(RoleName="Logs", PolicyName="inline")
    iam.delete_role(RoleName="Logs")
    assert iam.get_policy(PolicyArn=MANAGED)["Policy"]["AttachmentCount"] == 0


def test_managed_policies(iam):
    policy = iam.create_policy(PolicyName="Own", PolicyDocument=json.dumps(ALLOW), Description="d")["Policy"]
    arn = policy["Arn"]
    assert arn == "arn:aws:iam::000000000000:policy/Own"
    for _ in range(4):
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=json.dumps(ALLOW), SetAsDefault=True)
    assert refusal(iam.create_policy_version, PolicyArn=arn, PolicyDocument=json.dumps(ALLOW))[:2] == (409, "LimitExceeded")
    versions = iam.list_policy_versions(PolicyArn=arn)["Versions"]
    assert [version["VersionId"] for version in versions] == ["v5", "v4", "v3", "v2", "v1"]
    assert [version["IsDefaultVersion"] for version in versions] == [True, False, False, False, False]
    assert iam.get_policy_version(PolicyArn=arn, VersionId="v2")["PolicyVersion"]["Document"] == ALLOW
    assert refusal(iam.delete_policy_version, PolicyArn=arn, VersionId="v5")[:2] == (409, "DeleteConflict")
    iam.set_default_policy_version(PolicyArn=arn, VersionId="v1")
    assert refusal(iam.delete_policy, PolicyArn=arn)[:2] == (409, "DeleteConflict")
    for version in ("v5", "v4", "v3", "v2"):
        iam.delete_policy_version(PolicyArn=arn, VersionId=version)
    iam.create_user(UserName="holder", PermissionsBoundary=arn)
    iam.attach_user_policy(UserName="holder", PolicyArn=arn)
    found = iam.get_policy(PolicyArn=arn)["Policy"]
    assert (found["AttachmentCount"], found["PermissionsBoundaryUsageCount"]) == (1, 1)
    assert [user["UserName"] for user in iam.list_entities_for_policy(PolicyArn=arn)["PolicyUsers"]] == ["holder"]
    assert refusal(iam.delete_policy, PolicyArn=arn)[2] == "Cannot delete a policy attached to entities."
    iam.detach_user_policy(UserName="holder", PolicyArn=arn)
    iam.delete_user_permissions_boundary(UserName="holder")
    iam.delete_user(UserName="holder")
    assert [it["Arn"] for it in iam.list_policies(Scope="Local")["Policies"]] == [arn]
    iam.delete_policy(PolicyArn=arn)
    assert refusal(iam.get_policy, PolicyArn=arn) == (404, "NoSuchEntity", f"Policy {arn} was not found.")
    aws_managed = {it["PolicyName"] for page in iam.get_paginator("list_policies").paginate() for it in page["Policies"]}
    assert {"AdministratorAccess", "AmazonAPIGatewayAdministrator", "AmazonAPIGatewayInvokeFullAccess"} <= aws_managed


def test_access_keys(iam):
    iam.create_user(UserName="keyed")
    first = iam.create_access_key(UserName="keyed")["AccessKey"]
    assert first["AccessKeyId"].startswith("AKIA") and len(first["AccessKeyId"]) == 20
    assert len(first["SecretAccessKey"]) == 40
    second = iam.create_access_key(UserName="keyed")["AccessKey"]
    assert refusal(iam.create_access_key, UserName="keyed") == (
        409,
        "LimitExceeded",
        "Cannot exceed quota for AccessKeysPerUser: 2",
    )
    iam.update_access_key(UserName="keyed", AccessKeyId=first["AccessKeyId"], Status="Inactive")
    listed = iam.list_access_keys(UserName="keyed")["AccessKeyMetadata"]
    assert {key["AccessKeyId"]: key["Status"] for key in listed} == {
        first["AccessKeyId"]: "Inactive",
        second["AccessKeyId"]: "Active",
    }
    assert refusal(iam.delete_user, UserName="keyed")[2] == "Cannot delete entity, must delete access keys first."
    for key in (first, second):
        iam.delete_access_key(UserName="keyed", AccessKeyId=key["AccessKeyId"])
    iam.delete_user(UserName="keyed")


def test_service_linked_role(iam):
    role = iam.create_service_linked_role(AWSServiceName="ops.apigateway.amazonaws.com")["Role"]
    assert role["Arn"].endswith(":role/aws-service-role/ops.apigateway.amazonaws.com/AWSServiceRoleForAPIGateway")
    assert refusal(iam.create_service_linked_role, AWSServiceName="ops.apigateway.amazonaws.com")[:2] == (400, "InvalidInput")
    assert refusal(iam.delete_role, RoleName=role["RoleName"])[:2] == (400, "UnmodifiableEntity")
    task = iam.delete_service_linked_role(RoleName=role["RoleName"])["DeletionTaskId"]
    assert iam.get_service_linked_role_deletion_status(DeletionTaskId=task)["Status"] == "SUCCEEDED"


def test_what_is_wrong_is_named(iam):
    assert refusal(iam.create_role, RoleName="r", AssumeRolePolicyDocument="{") == (
        400,
        "MalformedPolicyDocument",
        "This policy contains invalid Json",
    )
    status, code, message = refusal(iam.create_user, UserName="no blanks please")
    assert (status, code) == (400, "ValidationError")
    assert message.startswith("1 validation error detected: Value 'no blanks please' at 'userName' failed to satisfy constraint:")
    assert refusal(iam.attach_user_policy, UserName="nobody", PolicyArn=MANAGED)[1] == "NoSuchEntity"
    assert refusal(iam.create_instance_profile, InstanceProfileName="p")[2] == "Tollgate does not serve CreateInstanceProfile yet"


def test_the_cli(aws):
    role = aws("iam", "create-role", "--role-name", "cli", "--assume-role-policy-document", json.dumps(TRUST))
    assert role["Role"]["AssumeRolePolicyDocument"] == TRUST
    aws("iam", "attach-role-policy", "--role-name", "cli", "--policy-arn", MANAGED)
    attached = aws("iam", "list-attached-role-policies", "--role-name", "cli")
    assert attached["AttachedPolicies"][0]["PolicyArn"] == MANAGED
    refused = aws("iam", "delete-role", "--role-name", "cli", refused=True)
    assert "An error occurred (DeleteConflict) when calling the DeleteRole operation: Cannot delete entity" in refused
    aws("iam", "detach-role-policy", "--role-name", "cli", "--policy-arn", MANAGED)
    aws("iam", "delete-role", "--role-name", "cli")
