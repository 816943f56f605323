"""What is deployed in a soak."""
import json

RESPONSES = {"200": {"description": "ok"}}


def everything(steady, mortal):
    """Mocks, templates, and proxies to both backends."""
    steady, mortal = f"http://127.0.0.1:{steady}", f"http://127.0.0.1:{mortal}"
    return document("soak", {
        "/mock": {"get": method(mock("\"mocked\""))},
        "/template": {"post": method({
            "type": "http", "httpMethod": "POST", "uri": f"{steady}/echo", "passthroughBehavior": "never",
            "requestTemplates": {"application/json": "{\"sum\": #set($s = 0)#foreach($n in $input.path('$.numbers'))#set($s = $s + $n)#end$s}"},
            "responses": {"default": {"statusCode": "200", "responseTemplates": {"application/json": "$input.json('$')"}}},
        })},
        "/steady/{proxy+}": {"x-amazon-apigateway-any-method": proxied(steady)},
        "/mortal/{proxy+}": {"x-amazon-apigateway-any-method": proxied(mortal)},
        "/slow": {"get": method({"type": "http_proxy", "httpMethod": "GET", "uri": f"{steady}/slow", "timeoutInMillis": 300})},
    })


def version(number):
    """An API whose answer says which deployment gave it, in two places that must agree."""
    return document("versions", {"/version": {"get": method({
        **mock(""),
        "responses": {"default": {
            "statusCode": "200",
            "responseParameters": {"method.response.header.X-Version": f"'{number}'"},
            "responseTemplates": {"application/json": f"{number}"},
        }},
    }, headers=["X-Version"])}})


def document(title, paths):
    return json.dumps({"openapi": "3.0.1", "info": {"title": title, "version": "1"}, "paths": paths}).encode()


def method(integration, headers=()):
    shown = {name: {"schema": {"type": "string"}} for name in headers}
    return {"responses": {"200": {"description": "ok", "headers": shown}}, "x-amazon-apigateway-integration": integration}


def mock(text):
    return {
        "type": "mock",
        "requestTemplates": {"application/json": "{\"statusCode\": 200}"},
        "responses": {"default": {"statusCode": "200", "responseTemplates": {"application/json": text}}},
    }


def proxied(backend):
    parameters = [{"name": "proxy", "in": "path", "required": True, "schema": {"type": "string"}}]
    return {"parameters": parameters, **method({
        "type": "http_proxy", "httpMethod": "ANY", "uri": f"{backend}/{{proxy}}",
        "requestParameters": {"integration.request.path.proxy": "method.request.path.proxy"},
    })}
