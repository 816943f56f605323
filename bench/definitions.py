"""The definitions that Tollgate is measured with."""
import json
import os

import peers

BODY_BYTES = 2 << 10


def document(paths, **more):
    return {'openapi': '3.0.1', 'info': {'title': 'bench', 'version': '1'}, 'paths': paths, **more}


def proxied(backend):
    """Every path and method passed on to the backend."""
    integration = {'type': 'http_proxy', 'httpMethod': 'ANY', 'uri': f'http://127.0.0.1:{backend.port}/{{proxy}}',
                   'requestParameters': {'integration.request.path.proxy': 'method.request.path.proxy'}}
    parameter = {'name': 'proxy', 'in': 'path', 'required': True, 'schema': {'type': 'string'}}
    method = {'parameters': [parameter], 'responses': {}, 'x-amazon-apigateway-integration': integration}
    return json.dumps(document({'/{proxy+}': {'x-amazon-apigateway-any-method': method}})).encode()


def cached(backend):
    """One answer of the backend, kept by the stage's cache under a query parameter, and passed on as it comes beside it."""
    def method(name):
        integration = {'type': 'http_proxy', 'httpMethod': 'GET', 'uri': f'http://127.0.0.1:{backend.port}/{name}',
                       'cacheKeyParameters': ['method.request.querystring.q']}
        parameter = {'name': 'q', 'in': 'query', 'schema': {'type': 'string'}}
        return {'get': {'parameters': [parameter], 'responses': {}, 'x-amazon-apigateway-integration': integration}}

    return json.dumps(document({'/hit': method('hit'), '/passed': method('passed')})).encode()


def mock(status=200):
    return {'type': 'mock', 'requestTemplates': {'application/json': json.dumps({'statusCode': status})},
            'responses': {'default': {'statusCode': str(status), 'responseTemplates': {'application/json': '{"ok": true}'}}}}


def alone():
    """MOCK, and the validation of a body in front of one."""
    responses = {'200': {'description': 'fine'}}
    body = {'required': True, 'content': {'application/json': {'schema': {'$ref': '#/components/schemas/Order'}}}}
    checked = {'requestBody': body, 'responses': responses, 'x-amazon-apigateway-request-validator': 'body',
               'x-amazon-apigateway-integration': mock()}
    return json.dumps(document(
        {'/mock': {'get': {'responses': responses, 'x-amazon-apigateway-integration': mock()}}, '/orders': {'post': checked}},
        components={'schemas': {'Order': ORDER}},
        **{'x-amazon-apigateway-request-validators': {'body': {'validateRequestBody': True, 'validateRequestParameters': False}}},
    )).encode()


TEXT = {'type': 'string', 'minLength': 1, 'maxLength': 64}
LINE = {'type': 'object', 'required': ['sku', 'quantity', 'price'],
        'properties': {'sku': {'type': 'string', 'pattern': '^[A-Z]{3}-[0-9]{4}$'}, 'name': TEXT,
                       'quantity': {'type': 'integer', 'minimum': 1, 'maximum': 100}, 'price': {'type': 'number', 'minimum': 0}}}
ORDER = {'type': 'object', 'required': ['id', 'customer', 'lines'],
         'properties': {'id': TEXT, 'customer': {'type': 'object', 'required': ['name'], 'properties': {'name': TEXT, 'city': TEXT}},
                        'state': {'type': 'string', 'enum': ['open', 'paid', 'sent']},
                        'lines': {'type': 'array', 'minItems': 1, 'maxItems': 100, 'items': LINE}}}


def order():
    """A valid order of 2 KiB."""
    lines = []
    content = {'id': 'order-1', 'customer': {'name': 'Ada', 'city': 'London'}, 'state': 'open', 'lines': lines}
    while len(json.dumps(content)) < BODY_BYTES - 90:
        number = len(lines)
        lines.append({'sku': f'ABC-{number:04}', 'name': f'thing number {number}', 'quantity': 1 + number % 9, 'price': 9.99})
    text = json.dumps(content)
    return text + ' ' * (BODY_BYTES - len(text))


def petstore(backend):
    """The example's definition, its backend replaced by one that costs little."""
    with open(os.path.join(peers.ROOT, 'examples/petstore/petstore.yaml'), 'rb') as file:
        return file.read().replace(b'127.0.0.1:9080', f'127.0.0.1:{backend.port}'.encode())


def large(paths=500):
    """So many paths with two methods each, that map by templates and check bodies by fifty models."""
    models = {f'Model{number}': {**ORDER, 'description': f'model {number}'} for number in range(50)}

    def method(number, **more):
        template = f'#set($body = $input.path("$")){{"number": {number}, "statusCode": 200, "of": "$body.customer.name"}}'
        answer = f'{{"number": {number}, "id": "$context.requestId"}}'
        integration = {'type': 'mock', 'requestTemplates': {'application/json': template},
                       'responses': {'default': {'statusCode': '200', 'responseTemplates': {'application/json': answer}}}}
        return {'responses': {'200': {'description': 'fine'}}, 'x-amazon-apigateway-integration': integration, **more}

    def path(number):
        model = {'$ref': f'#/components/schemas/Model{number % 50}'}
        body = {'required': True, 'content': {'application/json': {'schema': model}}}
        return {'get': method(number), 'post': method(number, requestBody=body, **{'x-amazon-apigateway-request-validator': 'body'})}

    return json.dumps(document(
        {f'/area{number % 20}/thing{number}': path(number) for number in range(paths)},
        components={'schemas': models},
        **{'x-amazon-apigateway-request-validators': {'body': {'validateRequestBody': True, 'validateRequestParameters': False}}},
    )).encode()
