"""Writes presigned_by_botocore.json: addresses as AWS's own client signs them.

Run it with botocore (1.43.11 wrote it; Apache-2.0): python make_presigned_by_botocore.py > presigned_by_botocore.json
"""

import datetime
import json
import sys
import urllib.parse

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

NOW = datetime.datetime(2026, 1, 1, 12, 0, 0)
HOST = "apigateway.us-east-1.amazonaws.com"
TOKEN = "FwoGZXIvYXdzEXAMPLE//////////wEaDEXAMPLE+token=="

# name, method, path, query, body, service, host, token
CASES = [
    ("a list", "GET", "/restapis", "", "", "apigateway", HOST, None),
    ("parameters of its own", "GET", "/restapis", "limit=5&position=a%2Bb%3D", "", "apigateway", HOST, None),
    ("an escaped path", "GET", "/tags/arn%3Aaws%3Aapigateway%3Aus-east-1%3A%3A%2Frestapis%2Fabc", "", "", "apigateway", HOST, None),
    ("a temporary key", "GET", "/restapis", "", "", "apigateway", HOST, TOKEN),
    ("a deletion", "DELETE", "/restapis/abc", "", "", "apigateway", HOST, None),
    ("who am I", "GET", "/", "Action=GetCallerIdentity&Version=2011-06-15", "", "sts", "sts.us-east-1.amazonaws.com", None),
    ("a port in the host", "GET", "/restapis", "", "", "apigateway", "localhost:4566", None),
]


def sign(name, method, path, query, body, service, host, token):
    url = f"http://{host}{path}" + (f"?{query}" if query else "")
    request = AWSRequest(method=method, url=url, data=body.encode())
    credentials = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", token)
    botocore.auth.SigV4QueryAuth(credentials, service, "us-east-1", expires=600).add_auth(request)
    signed = urllib.parse.urlsplit(request.url)
    return dict(name=name, method=method, path=path, query=signed.query, headers=[["Host", host]], body=body,
                service=service, region="us-east-1", token=token)


botocore.auth.get_current_datetime = lambda *_, **__: NOW
json.dump([sign(*it) for it in CASES], sys.stdout, indent=1, ensure_ascii=False)
print()
