"""OpenAPI definitions imported, overwritten and deployed with boto3."""
import json

import pytest
from botocore.exceptions import ClientError
from http_client import call
from program import ROOT

PETSTORE = (ROOT / "examples/petstore/petstore.yaml").read_bytes()


def document(answer, path="/hello"):
    integration = {
        "type": "mock",
        "requestTemplates": {"application/json": '{"statusCode": 200}'},
        "responses": {"default": {"statusCode": "200", "responseTemplates": {"application/json": answer}}},
    }
    get = {"responses": {"200": {"description": "ok"}}, "x-amazon-apigateway-integration": integration}
    return {"openapi": "3.0.1", "info": {"title": "hello", "version": "1"}, "paths": {path: {"get": get}}}


def test_yaml_is_imported(client):
    api = client.import_rest_api(body=PETSTORE)
    assert api["name"] == "Petstore"
    resources = client.get_resources(restApiId=api["id"])["items"]
    paths = {resource["path"] for resource in resources}
    assert paths == {"/", "/pets", "/pets/{petId}", "/backend", "/backend/{proxy+}"}
    client.delete_rest_api(restApiId=api["id"])


def test_a_definition_is_overwritten_and_served(client, tollgate):
    api = client.import_rest_api(body=json.dumps(document("1")).encode())
    client.create_deployment(restApiId=api["id"], stageName="dev")
    assert call(tollgate, api["id"], "/dev/hello").json() == 1
    changed = document("2", "/bye")
    client.put_rest_api(restApiId=api["id"], mode="overwrite", body=json.dumps(changed).encode())
    assert call(tollgate, api["id"], "/dev/hello").json() == 1
    client.create_deployment(restApiId=api["id"], stageName="dev")
    assert call(tollgate, api["id"], "/dev/bye").json() == 2
    assert call(tollgate, api["id"], "/dev/hello").status == 403
    client.delete_rest_api(restApiId=api["id"])


def test_swagger_is_imported(client, tollgate):
    swagger = document('"two"')
    del swagger["openapi"]
    swagger["swagger"] = "2.0"
    api = client.import_rest_api(body=json.dumps(swagger).encode())
    client.create_deployment(restApiId=api["id"], stageName="dev")
    assert call(tollgate, api["id"], "/dev/hello").json() == "two"
    client.delete_rest_api(restApiId=api["id"])


@pytest.mark.parametrize("body", [b"{", b"paths: [", b"nothing", b'{"openapi": "3.0.1"', b"a: &a [*a, *a]"])
def test_bad_definitions_are_refused(client, body):
    before = len(client.get_rest_apis(limit=500)["items"])
    with pytest.raises(ClientError) as caught:
        client.import_rest_api(body=body)
    assert caught.value.response["Error"]["Code"] == "BadRequestException"
    assert len(client.get_rest_apis(limit=500)["items"]) == before
