"""A REST API made piece by piece with boto3: every kind of resource, deployed and called."""
import json

import pytest
from http_client import call
from making import mock

NEW_PET = {
    "$schema": "http://json-schema.org/draft-04/schema#",
    "type": "object",
    "required": ["kind"],
    "properties": {"kind": {"type": "string", "enum": ["dog", "cat"]}},
}


@pytest.fixture
def pets(client, api, backend):
    """An API with a model, a validator, a gateway response and POST /pets over HTTP."""
    api_id, root = api["id"], api["rootResourceId"]
    client.create_model(restApiId=api_id, name="NewPet", contentType="application/json", schema=json.dumps(NEW_PET))
    validator = client.create_request_validator(
        restApiId=api_id, name="all", validateRequestBody=True, validateRequestParameters=True
    )
    client.put_gateway_response(
        restApiId=api_id,
        responseType="BAD_REQUEST_BODY",
        statusCode="422",
        responseParameters={"gatewayresponse.header.X-Why": "context.error.validationErrorString"},
        responseTemplates={"application/json": '{"wrong": $context.error.messageString}'},
    )
    resource = client.create_resource(restApiId=api_id, parentId=root, pathPart="pets")
    method = {"restApiId": api_id, "resourceId": resource["id"], "httpMethod": "POST"}
    client.put_method(
        **method,
        authorizationType="NONE",
        requestModels={"application/json": "NewPet"},
        requestParameters={"method.request.querystring.shop": True},
        requestValidatorId=validator["id"],
    )
    client.put_method_response(
        **method, statusCode="201", responseParameters={"method.response.header.X-Shop": True}
    )
    client.put_integration(
        **method,
        type="HTTP",
        integrationHttpMethod="PUT",
        uri="http://${stageVariables.backend}/animals",
        requestParameters={"integration.request.header.X-Shop": "method.request.querystring.shop"},
        requestTemplates={"application/json": '{"animal": $input.json("$.kind")}'},
    )
    client.put_integration_response(
        **method,
        statusCode="201",
        responseParameters={"method.response.header.X-Shop": "integration.response.header.X-Backend"},
        responseTemplates={
            "application/json": '{"asked": "$input.path("$.method") $input.path("$.path")",'
            ' "shop": $input.json("$.headers.X-Shop"), "body": $input.json("$.body")}'
        },
    )
    return method


def deploy(client, api_id, backend, stage="prod"):
    return client.create_deployment(
        restApiId=api_id, stageName=stage, variables={"backend": backend.url.removeprefix("http://")}
    )


def test_a_request_goes_through_everything(client, tollgate, api, pets, backend):
    deploy(client, api["id"], backend)
    answer = call(tollgate, api["id"], "/prod/pets?shop=main", "POST", {"kind": "dog"})
    assert answer.status == 201, answer.text
    shown = answer.json()
    assert (shown["asked"], shown["shop"]) == ("PUT /animals", "main")
    assert json.loads(shown["body"]) == {"animal": "dog"}
    assert answer.headers["X-Shop"] == "echo"
    assert len(answer.headers["x-amzn-RequestId"]) == 36


def test_what_does_not_fit_is_refused(client, tollgate, api, pets, backend):
    deploy(client, api["id"], backend)
    wrong = call(tollgate, api["id"], "/prod/pets?shop=main", "POST", {"kind": "wolf"})
    assert (wrong.status, wrong.json()) == (422, {"wrong": "Invalid request body"})
    assert "wolf" in wrong.headers["X-Why"]
    missing = call(tollgate, api["id"], "/prod/pets", "POST", {"kind": "dog"})
    assert (missing.status, missing.json()) == (400, {"message": "Missing required request parameters: [shop]"})
    nowhere = call(tollgate, api["id"], "/prod/none")
    assert (nowhere.status, nowhere.json()) == (403, {"message": "Missing Authentication Token"})
    unstaged = call(tollgate, api["id"], "/other/pets", "POST", {"kind": "dog"})
    assert (unstaged.status, unstaged.json()) == (403, {"message": "Forbidden"})


def test_a_deployment_is_frozen(client, tollgate, api, pets, backend):
    first = deploy(client, api["id"], backend)
    mock(client, api["id"], api["rootResourceId"])
    client.delete_method(**pets)
    assert call(tollgate, api["id"], "/prod/pets?shop=a", "POST", {"kind": "cat"}).status == 201
    second = deploy(client, api["id"], backend)
    assert call(tollgate, api["id"], "/prod/pets?shop=a", "POST", {"kind": "cat"}).status == 403
    client.update_stage(
        restApiId=api["id"],
        stageName="prod",
        patchOperations=[{"op": "replace", "path": "/deploymentId", "value": first["id"]}],
    )
    assert call(tollgate, api["id"], "/prod/pets?shop=a", "POST", {"kind": "cat"}).status == 201
    client.delete_deployment(restApiId=api["id"], deploymentId=second["id"])
    left = client.get_deployments(restApiId=api["id"])["items"]
    assert [deployment["id"] for deployment in left] == [first["id"]]


def test_everything_made_is_shown(client, api, pets, backend):
    api_id = api["id"]
    deployment = deploy(client, api_id, backend)
    assert client.get_rest_api(restApiId=api_id)["name"] == "test"
    shown = client.get_method(**pets)
    assert shown["methodIntegration"]["type"] == "HTTP"
    assert shown["methodIntegration"]["integrationResponses"]["201"]["statusCode"] == "201"
    assert shown["methodResponses"]["201"]["responseParameters"] == {"method.response.header.X-Shop": True}
    assert client.get_integration(**pets)["httpMethod"] == "PUT"
    assert client.get_method_response(**pets, statusCode="201")["statusCode"] == "201"
    assert client.get_integration_response(**pets, statusCode="201")["statusCode"] == "201"
    assert json.loads(client.get_model(restApiId=api_id, modelName="NewPet")["schema"]) == NEW_PET
    names = {model["name"] for model in client.get_models(restApiId=api_id)["items"]}
    assert names == {"NewPet", "Empty", "Error"}
    validators = client.get_request_validators(restApiId=api_id)["items"]
    assert [validator["name"] for validator in validators] == ["all"]
    assert client.get_gateway_response(restApiId=api_id, responseType="BAD_REQUEST_BODY")["statusCode"] == "422"
    assert len(client.get_gateway_responses(restApiId=api_id)["items"]) > 15
    assert client.get_deployment(restApiId=api_id, deploymentId=deployment["id"])["id"] == deployment["id"]
    stage = client.get_stage(restApiId=api_id, stageName="prod")
    assert stage["deploymentId"] == deployment["id"]
    resources = client.get_resources(restApiId=api_id, embed=["methods"])["items"]
    paths = {resource["path"]: resource.get("resourceMethods") for resource in resources}
    assert set(paths) == {"/", "/pets"} and "POST" in paths["/pets"]


def test_everything_made_can_be_removed(client, tollgate, api, pets, backend):
    api_id = api["id"]
    deploy(client, api_id, backend)
    client.delete_integration_response(**pets, statusCode="201")
    client.delete_method_response(**pets, statusCode="201")
    client.delete_integration(**pets)
    client.delete_method(**pets)
    client.delete_resource(restApiId=api_id, resourceId=pets["resourceId"])
    client.delete_model(restApiId=api_id, modelName="NewPet")
    validator = client.get_request_validators(restApiId=api_id)["items"][0]["id"]
    client.delete_request_validator(restApiId=api_id, requestValidatorId=validator)
    client.delete_gateway_response(restApiId=api_id, responseType="BAD_REQUEST_BODY")
    assert call(tollgate, api_id, "/prod/pets?shop=a", "POST", {"kind": "dog"}).status == 201
    client.delete_stage(restApiId=api_id, stageName="prod")
    assert call(tollgate, api_id, "/prod/pets?shop=a", "POST", {"kind": "dog"}).status == 403
    client.delete_rest_api(restApiId=api_id)
    with pytest.raises(client.exceptions.NotFoundException):
        client.get_rest_api(restApiId=api_id)
