"""API keys, usage plans, limits and quotas, with boto3 and the AWS CLI."""
import datetime

import pytest
from botocore.exceptions import ClientError
from http_client import call
from making import mock


@pytest.fixture
def keyed(client, api):
    """An API with a method that asks for a key, on the stage `dev`."""
    method = mock(client, api["id"], api["rootResourceId"], answer='{"key": "$context.identity.apiKeyId"}')
    client.update_method(**method, patchOperations=[{"op": "replace", "path": "/apiKeyRequired", "value": "true"}])
    client.create_deployment(restApiId=api["id"], stageName="dev")
    return api["id"]


def plan_for(client, api_id, **limits):
    return client.create_usage_plan(name="gold", apiStages=[{"apiId": api_id, "stage": "dev"}], **limits)["id"]


def statuses(tollgate, api_id, key, count):
    return [call(tollgate, api_id, "/dev/", headers={"X-API-Key": key}).status for _ in range(count)]


def replace(path, value):
    return [{"op": "replace", "path": path, "value": value}]


def test_a_key_opens_a_method(client, tollgate, keyed):
    plan = plan_for(client, keyed)
    key = client.create_api_key(name="client", enabled=True)
    assert len(key["value"]) == 40
    assert statuses(tollgate, keyed, key["value"], 1) == [403], "it is in no plan yet"
    client.create_usage_plan_key(usagePlanId=plan, keyId=key["id"], keyType="API_KEY")
    answer = call(tollgate, keyed, "/dev/", headers={"x-api-key": key["value"]})
    assert (answer.status, answer.json()) == (200, {"key": key["id"]})
    refused = call(tollgate, keyed, "/dev/")
    assert (refused.status, refused.json()) == (403, {"message": "Forbidden"})
    assert refused.headers["x-amzn-ErrorType"] == "ForbiddenException"
    assert "value" not in client.get_api_key(apiKey=key["id"])
    assert client.get_api_key(apiKey=key["id"], includeValue=True)["value"] == key["value"]
    client.update_api_key(apiKey=key["id"], patchOperations=replace("/enabled", "false"))
    assert statuses(tollgate, keyed, key["value"], 1) == [403]
    client.delete_api_key(apiKey=key["id"])
    assert client.get_usage_plan_keys(usagePlanId=plan)["items"] == []


def test_limits_and_quotas(client, tollgate, keyed):
    plan = plan_for(
        client, keyed, throttle={"rateLimit": 0.001, "burstLimit": 2}, quota={"limit": 5, "period": "DAY"}
    )
    key = client.create_api_key(enabled=True)
    client.create_usage_plan_key(usagePlanId=plan, keyId=key["id"], keyType="API_KEY")
    assert statuses(tollgate, keyed, key["value"], 3) == [200, 200, 429]
    client.update_usage_plan(usagePlanId=plan, patchOperations=replace("/throttle/burstLimit", "100"))
    assert statuses(tollgate, keyed, key["value"], 4) == [200, 200, 200, 429]
    refused = call(tollgate, keyed, "/dev/", headers={"X-API-Key": key["value"]})
    assert refused.json() == {"message": "Limit Exceeded"}
    today = datetime.datetime.now(datetime.timezone.utc).date().isoformat()
    usage = client.get_usage(usagePlanId=plan, startDate=today, endDate=today)
    assert usage["items"] == {key["id"]: [[5, 0]]}
    client.update_usage(usagePlanId=plan, keyId=key["id"], patchOperations=replace("/remaining", "1"))
    assert statuses(tollgate, keyed, key["value"], 2) == [200, 429]


def test_two_plans_of_one_stage(client, keyed):
    plans = [plan_for(client, keyed) for _ in range(2)]
    key = client.create_api_key(enabled=True)["id"]
    client.create_usage_plan_key(usagePlanId=plans[0], keyId=key, keyType="API_KEY")
    with pytest.raises(ClientError) as caught:
        client.create_usage_plan_key(usagePlanId=plans[1], keyId=key, keyType="API_KEY")
    assert caught.value.response["Error"]["Code"] == "ConflictException"
    assert [it["id"] for it in client.get_usage_plans(keyId=key)["items"]] == [plans[0]]
    with pytest.raises(ClientError) as caught:
        client.delete_usage_plan(usagePlanId=plans[0])
    assert "because there are API Stages associated with it" in caught.value.response["Error"]["Message"]


def test_a_file_of_keys(aws, client, tollgate, keyed, tmp_path):
    plan = plan_for(client, keyed)
    file = tmp_path / "keys.csv"
    file.write_text(f"Name,Key,Description,Enabled,UsageplanIds\nfirst,the-first-key-of-a-file,one,TRUE,{plan}\n")
    made = aws("apigateway", "import-api-keys", "--body", f"fileb://{file}", "--format", "csv")
    assert len(made["ids"]) == 1 and made["warnings"] == []
    assert statuses(tollgate, keyed, "the-first-key-of-a-file", 1) == [200]
    listed = aws("apigateway", "get-api-keys", "--name-query", "first", "--include-values")["items"]
    assert [it["value"] for it in listed] == ["the-first-key-of-a-file"]
    aws("apigateway", "delete-api-key", "--api-key", made["ids"][0])
