"""Calls APIs: plain HTTP without anything that a library would add or follow."""
import http.client
import json


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    @property
    def text(self):
        return self.body.decode()

    def json(self):
        return json.loads(self.body)


def call(tollgate, api, path, method="GET", body=None, headers=None):
    """Calls an API by its host; `path` begins with the stage."""
    host = f"{api}.execute-api.localhost:{tollgate.port}"
    return send(tollgate.address, method, path, body, {"Host": host, **(headers or {})})


def send(address, method, path, body=None, headers=None):
    connection = http.client.HTTPConnection(address, timeout=30)
    try:
        payload = json.dumps(body) if isinstance(body, (dict, list)) else body
        given = dict(headers or {})
        if isinstance(body, (dict, list)):
            given.setdefault("Content-Type", "application/json")
        connection.request(method, path, payload, given)
        return Answer(connection.getresponse())
    finally:
        connection.close()
