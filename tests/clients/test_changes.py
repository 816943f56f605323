"""Updates by patch, pages, tags, and the texts of refusals, with boto3."""
import pytest
from botocore.exceptions import ClientError
from conftest import client_of
from http_client import call
from making import mock


def refused(operation, **arguments):
    """The code and the message of a refusal."""
    with pytest.raises(ClientError) as caught:
        operation(**arguments)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def replace(path, value):
    return [{"op": "replace", "path": path, "value": value}]


def test_an_api_is_updated(client, api):
    client.update_rest_api(restApiId=api["id"], patchOperations=replace("/name", "renamed"))
    changed = client.update_rest_api(restApiId=api["id"], patchOperations=replace("/description", "new"))
    assert (changed["name"], changed["description"]) == ("renamed", "new")
    code, message = refused(client.update_rest_api, restApiId=api["id"], patchOperations=replace("/nonsense", "x"))
    assert code == "BadRequestException" and "nonsense" in message


def test_parts_are_updated(client, api):
    resource = client.create_resource(restApiId=api["id"], parentId=api["rootResourceId"], pathPart="old")
    moved = client.update_resource(
        restApiId=api["id"], resourceId=resource["id"], patchOperations=replace("/pathPart", "new")
    )
    assert moved["path"] == "/new"
    method = mock(client, api["id"], resource["id"])
    updated = client.update_method(**method, patchOperations=replace("/operationName", "ReadNew"))
    assert updated["operationName"] == "ReadNew"
    updated = client.update_integration(
        **method,
        patchOperations=[{"op": "replace", "path": "/requestTemplates/application~1json", "value": '{"statusCode": 201}'}],
    )
    assert updated["requestTemplates"] == {"application/json": '{"statusCode": 201}'}


def test_a_stages_variables_change_what_is_served(client, tollgate, api):
    mock(client, api["id"], api["rootResourceId"], answer='"$stageVariables.word"')
    client.create_deployment(restApiId=api["id"], stageName="dev", variables={"word": "one"})
    assert call(tollgate, api["id"], "/dev/").json() == "one"
    client.update_stage(restApiId=api["id"], stageName="dev", patchOperations=replace("/variables/word", "two"))
    assert call(tollgate, api["id"], "/dev/").json() == "two"


def test_stages_are_made_of_deployments(client, tollgate, api):
    mock(client, api["id"], api["rootResourceId"])
    deployment = client.create_deployment(restApiId=api["id"])
    client.create_stage(restApiId=api["id"], stageName="blue", deploymentId=deployment["id"])
    assert call(tollgate, api["id"], "/blue/").json() == {"stage": "blue"}
    names = [stage["stageName"] for stage in client.get_stages(restApiId=api["id"])["item"]]
    assert names == ["blue"]
    code, _ = refused(client.create_stage, restApiId=api["id"], stageName="blue", deploymentId=deployment["id"])
    assert code == "ConflictException"


def test_lists_have_pages(tollgate):
    client = client_of(tollgate, region="eu-west-3")
    made = {client.create_rest_api(name=f"page {number}")["id"] for number in range(7)}
    pages = list(client.get_paginator("get_rest_apis").paginate(PaginationConfig={"PageSize": 3}))
    assert [len(page["items"]) for page in pages] == [3, 3, 1]
    assert {item["id"] for page in pages for item in page["items"]} == made
    code, _ = refused(client.get_rest_apis, position="nonsense")
    assert code == "BadRequestException"
    for api_id in made:
        client.delete_rest_api(restApiId=api_id)


def test_resources_have_pages(client, api):
    for number in range(5):
        client.create_resource(restApiId=api["id"], parentId=api["rootResourceId"], pathPart=f"p{number}")
    pages = list(client.get_paginator("get_resources").paginate(restApiId=api["id"], PaginationConfig={"PageSize": 4}))
    assert [len(page["items"]) for page in pages] == [4, 2]


def test_regions_are_apart(tollgate, api):
    elsewhere = client_of(tollgate, region="eu-west-1")
    assert refused(elsewhere.get_rest_api, restApiId=api["id"])[0] == "NotFoundException"


def test_tags(client):
    api = client.create_rest_api(name="tagged", tags={"team": "a"})
    arn = f"arn:aws:apigateway:us-east-1::/restapis/{api['id']}"
    client.tag_resource(resourceArn=arn, tags={"cost": "1"})
    assert client.get_tags(resourceArn=arn)["tags"] == {"team": "a", "cost": "1"}
    client.untag_resource(resourceArn=arn, tagKeys=["team"])
    assert client.get_rest_api(restApiId=api["id"])["tags"] == {"cost": "1"}
    client.delete_rest_api(restApiId=api["id"])


def test_refusals_have_aws_codes_and_texts(client, api):
    assert refused(client.get_rest_api, restApiId="none") == (
        "NotFoundException",
        "Invalid API identifier specified 000000000000:none",
    )
    assert refused(client.get_resource, restApiId=api["id"], resourceId="none") == (
        "NotFoundException",
        "Invalid Resource identifier specified",
    )
    root = api["rootResourceId"]
    client.create_resource(restApiId=api["id"], parentId=root, pathPart="twice")
    code, message = refused(client.create_resource, restApiId=api["id"], parentId=root, pathPart="twice")
    assert (code, message) == ("ConflictException", "Another resource with the same parent already has this name: twice")
    code, message = refused(client.create_deployment, restApiId=api["id"], stageName="dev")
    assert (code, message) == ("BadRequestException", "The REST API doesn't contain any methods")


def test_what_is_not_served_is_named(client):
    code, message = refused(client.get_vpc_links)
    assert code == "BadRequestException" and "GetVpcLinks" in message


def test_what_cannot_be_honoured_is_refused_at_deployment(client, api):
    mock(client, api["id"], api["rootResourceId"])
    client.update_rest_api(restApiId=api["id"], patchOperations=replace("/endpointAccessMode", "STRICT"))
    code, message = refused(client.create_deployment, restApiId=api["id"], stageName="dev")
    assert code == "BadRequestException" and message.startswith("Tollgate cannot honour"), message
    assert "endpointAccessMode" in message
