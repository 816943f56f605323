"""Caches of stages: turned on, used, flushed and turned off again, with boto3 and the AWS CLI."""
from conftest import client_of  # noqa: F401 (the fixtures)
from http_client import call
from making import mock


def replace(operations):
    return [{"op": "replace", "path": path, "value": value} for path, value in operations.items()]


def request_id(answer):
    return answer.json()["id"]


def test_a_stage_has_a_cache(client, tollgate, api, aws):
    mock(client, api["id"], api["rootResourceId"], answer='{"id": "$context.requestId"}')
    client.create_deployment(restApiId=api["id"], stageName="dev")
    stage = {"restApiId": api["id"], "stageName": "dev"}
    shown = client.update_stage(**stage, patchOperations=replace({
        "/cacheClusterEnabled": "true", "/cacheClusterSize": "1.6",
        "/*/*/caching/enabled": "true", "/*/*/caching/ttlInSeconds": "3600",
    }))
    assert (shown["cacheClusterEnabled"], shown["cacheClusterSize"]) == (True, "1.6")
    assert shown["cacheClusterStatus"] == "AVAILABLE"
    assert shown["methodSettings"]["*/*"]["cachingEnabled"] is True

    first = request_id(call(tollgate, api["id"], "/dev/"))
    assert request_id(call(tollgate, api["id"], "/dev/")) == first
    flushed = client.flush_stage_cache(**stage)
    assert flushed["ResponseMetadata"]["HTTPStatusCode"] == 202
    second = request_id(call(tollgate, api["id"], "/dev/"))
    assert second != first
    assert request_id(call(tollgate, api["id"], "/dev/")) == second
    aws("apigateway", "flush-stage-cache", "--rest-api-id", api["id"], "--stage-name", "dev")
    assert request_id(call(tollgate, api["id"], "/dev/")) != second
    flushed = client.flush_stage_authorizers_cache(**stage)
    assert flushed["ResponseMetadata"]["HTTPStatusCode"] == 202

    shown = client.update_stage(**stage, patchOperations=replace({"/cacheClusterEnabled": "false"}))
    assert shown["cacheClusterStatus"] == "NOT_AVAILABLE"
    assert request_id(call(tollgate, api["id"], "/dev/")) != request_id(call(tollgate, api["id"], "/dev/"))
