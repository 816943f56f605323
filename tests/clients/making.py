"""Parts of APIs that several tests need."""


def mock(client, api_id, resource_id, template='{"statusCode": 200}', answer='{"stage": "$context.stage"}'):
    """GET on a resource, answered by the gateway. What names the method."""
    method = {"restApiId": api_id, "resourceId": resource_id, "httpMethod": "GET"}
    client.put_method(**method, authorizationType="NONE")
    client.put_method_response(**method, statusCode="200")
    client.put_integration(**method, type="MOCK", requestTemplates={"application/json": template})
    client.put_integration_response(**method, statusCode="200", responseTemplates={"application/json": answer})
    return method
