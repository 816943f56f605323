"""Control calls to Tollgate, signed as AWS's clients sign them (Signature Version 4), on one connection.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""
import datetime
import hashlib
import hmac
import http.client
import json
import re
from urllib.parse import parse_qsl, quote

import processes

REGION, SERVICE = 'us-east-1', 'apigateway'


def root_key(output):
    """The key that the first start prints."""
    key, secret = (re.search(f'{name}=(\\S+)', output) for name in ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'])
    if not key or not secret:
        processes.refuse(f'tollgate printed no access key:\n{output}')
    return key.group(1), secret.group(1)


class Client:
    def __init__(self, port, key, secret):
        self.port, self.key, self.secret = port, key, secret
        self.connection = http.client.HTTPConnection('127.0.0.1', port, timeout=30)

    def call(self, method, target, body=None):
        """Sends a call and gives its answer; one that is refused ends the measurement."""
        content = b'' if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        self.connection.request(method, target, content, self.headers(method, target, content))
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status >= 300:
            processes.refuse(f'{method} {target} was answered {answer.status}: {text.decode(errors="replace")}')
        return json.loads(text) if text else None

    def headers(self, method, target, content):
        now = datetime.datetime.now(datetime.timezone.utc)
        signed = {'host': f'127.0.0.1:{self.port}', 'x-amz-date': now.strftime('%Y%m%dT%H%M%SZ')}
        scope = f'{now:%Y%m%d}/{REGION}/{SERVICE}/aws4_request'
        names = ';'.join(sorted(signed))
        path, _, query = target.partition('?')
        canonical = '\n'.join([
            method, quote(path, safe='/-_.~'), canonical_query(query),
            *(f'{name}:{signed[name]}' for name in sorted(signed)), '', names, hashlib.sha256(content).hexdigest()])
        text = '\n'.join(['AWS4-HMAC-SHA256', signed['x-amz-date'], scope, hashlib.sha256(canonical.encode()).hexdigest()])
        signature = hmac.new(self.signing_key(scope), text.encode(), hashlib.sha256).hexdigest()
        return {**signed, 'content-type': 'application/json', 'accept': 'application/json',
                'authorization': f'AWS4-HMAC-SHA256 Credential={self.key}/{scope}, SignedHeaders={names}, Signature={signature}'}

    def signing_key(self, scope):
        key = ('AWS4' + self.secret).encode()
        for part in scope.split('/'):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        return key


def canonical_query(query):
    pairs = parse_qsl(query, keep_blank_values=True)
    return '&'.join(f'{quote(name, safe="-_.~")}={quote(value, safe="-_.~")}' for name, value in sorted(pairs))
