"""The AWS CLI: the commands that a README of AWS shows."""
import json

from http_client import call
from program import ROOT

PETSTORE = ROOT / "examples/petstore/petstore.yaml"


def test_who_calls(aws):
    identity = aws("sts", "get-caller-identity")
    assert identity["Account"] == "000000000000"
    assert identity["Arn"] == "arn:aws:iam::000000000000:root"


def test_an_api_by_hand(aws, tollgate):
    api = aws("apigateway", "create-rest-api", "--name", "cli", "--tags", "team=a")
    api_id = api["id"]
    method = ["--rest-api-id", api_id, "--resource-id", api["rootResourceId"], "--http-method", "GET"]
    aws("apigateway", "put-method", *method, "--authorization-type", "NONE")
    aws("apigateway", "put-method-response", *method, "--status-code", "200")
    template = json.dumps({"application/json": '{"statusCode": 200}'})
    aws("apigateway", "put-integration", *method, "--type", "MOCK", "--request-templates", template)
    answer = json.dumps({"application/json": '{"word": "$stageVariables.word"}'})
    aws("apigateway", "put-integration-response", *method, "--status-code", "200", "--response-templates", answer)
    aws("apigateway", "create-deployment", "--rest-api-id", api_id, "--stage-name", "dev", "--variables", "word=one")
    assert call(tollgate, api_id, "/dev/").json() == {"word": "one"}
    change = "op=replace,path=/variables/word,value=two"
    stage = aws(
        "apigateway", "update-stage", "--rest-api-id", api_id, "--stage-name", "dev", "--patch-operations", change
    )
    assert stage["variables"] == {"word": "two"}
    assert call(tollgate, api_id, "/dev/").json() == {"word": "two"}
    ids = [item["id"] for item in aws("apigateway", "get-rest-apis")["items"]]
    assert api_id in ids
    aws("apigateway", "delete-rest-api", "--rest-api-id", api_id)
    refusal = aws("apigateway", "get-rest-api", "--rest-api-id", api_id, refused=True)
    assert "(NotFoundException)" in refusal and "Invalid API identifier specified" in refusal


def test_a_definition_is_imported_and_called(aws, tollgate):
    api_id = aws("apigateway", "import-rest-api", "--body", f"fileb://{PETSTORE}")["id"]
    aws("apigateway", "create-deployment", "--rest-api-id", api_id, "--stage-name", "prod")
    assert call(tollgate, api_id, "/prod/").json()["shop"] == "Petstore"
    assert call(tollgate, api_id, "/prod/nowhere").status == 404
    aws("apigateway", "put-rest-api", "--rest-api-id", api_id, "--mode", "overwrite", "--body", f"fileb://{PETSTORE}")
    aws("apigateway", "delete-rest-api", "--rest-api-id", api_id)
