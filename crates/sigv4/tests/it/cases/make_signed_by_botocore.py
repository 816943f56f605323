"""Writes signed_by_botocore.json: requests as AWS's own client signs them.

Run it with botocore 1.44.5 (Apache-2.0): python make_signed_by_botocore.py > signed_by_botocore.json
"""

import datetime
import json
import sys

import botocore.auth
import botocore.compat
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

NOW = datetime.datetime(2026, 1, 1, 12, 0, 0)
HOST = "apigateway.us-east-1.amazonaws.com"
TOKEN = "FwoGZXIvYXdzEXAMPLE//////////wEaDEXAMPLE+token=="


def case(name, method="GET", path="/restapis", query="", headers=(), body="", service="apigateway", region="us-east-1",
         token=None, host=HOST):
    return dict(name=name, method=method, path=path, query=query, headers=[list(h) for h in headers], body=body,
                service=service, region=region, token=token, host=host)


CASES = [
    case("a list"),
    case("the root", path="/"),
    case("no path at all", path=""),
    case("a body", method="POST", headers=[("Content-Type", "application/json")], body='{"name":"é"}'),
    case("an empty body of a PUT", method="PUT"),
    case("another region and service", region="eu-central-1", service="execute-api"),
    case("dots and empty segments", path="//a/./b/../c//d/"),
    case("dots above the root", path="/../../a/.."),
    case("a tag's ARN, escaped once", path="/tags/arn%3Aaws%3Aapigateway%3Aus-east-1%3A%3A%2Frestapis%2Fabc"),
    case("a blank in the path", path="/a%20b/c"),
    case("characters that need no escape", path="/-._~09azAZ"),
    case("colons, stars and braces", path="/a:b*c/{proxy+}/$d,e;f=g@h!i'(j)"),
    case("UTF-8 in the path, escaped", path="/%E1%88%B4"),
    case("an escape of lower-case digits", path="/%c3%a9"),
    case("an escaped slash", path="/restapis/abc/resources/def/methods/~1GET%2Fx"),
    case("S3 keeps the path", path="//my-bucket/a/../b//c", service="s3", host="s3.amazonaws.com"),
    case("S3 escapes once", path="/my%20bucket/%E1%88%B4/a%2Bb", service="s3", host="s3.amazonaws.com"),
    case("parameters out of order", query="mode=overwrite&failonwarnings=true&a=1"),
    case("one name, several values", query="tagKeys=b&tagKeys=a&tagKeys=B"),
    case("a name that begins another", query="ab=1&a=2&a-b=3&a.b=4"),
    case("an empty value", query="mode=import&basepath="),
    case("escapes in the query", query="position=a%2Bb%2Fc%3D&limit=5&x=%20"),
    case("UTF-8 in the query", query="%E1%88%B4=bar"),
    case("one character as many bytes", query="q=%F0%9F%9A%80"),
    case("runs of blanks in a header", headers=[("My-Header1", "    a   b   c  "), ("My-Header2", '  "a   b   c"  ')]),
    case("headers out of order", headers=[("zoo", "1"), ("Accept", "application/json"), ("amz-sdk-request", "attempt=1")]),
    case("one header, two values", headers=[("My-Header1", "value2"), ("My-Header1", "value1")]),
    case("an empty header", headers=[("X-Amz-Meta-A", "")]),
    case("headers of AWS's own", headers=[("X-Amz-Target", "Thing.Do"), ("x-amz-meta-b", "B")], method="POST", body="{}"),
    case("a header never signed", headers=[("User-Agent", "aws-cli/2"), ("Expect", "100-continue")], method="POST", body="x"),
    case("a port in the host", host="localhost:4566"),
    case("a temporary key", token=TOKEN),
    case("a temporary key and a body", token=TOKEN, method="POST", body="Action=GetCallerIdentity&Version=2011-06-15",
         service="sts", host="sts.us-east-1.amazonaws.com",
         headers=[("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")]),
    case("a large body", method="POST", path="/restapis", query="mode=import", body="openapi: 3.0.1\n" * 200),
]


def sign(case):
    url = f"http://{case['host']}{case['path']}"
    if case["query"]:
        url += "?" + case["query"]
    request = AWSRequest(method=case["method"], url=url, data=case["body"].encode())
    for name, value in case["headers"]:
        request.headers.add_header(name, value)
    request.headers["Host"] = case["host"]
    credentials = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", case["token"])
    signer = botocore.auth.S3SigV4Auth if case["service"] == "s3" else botocore.auth.SigV4Auth
    signer(credentials, case["service"], case["region"]).add_auth(request)
    return [[name, value] for name, value in request.headers.items()]


botocore.auth.get_current_datetime = lambda *_, **__: NOW
signed = []
for it in CASES:
    headers = sign(it)
    signed.append(dict(name=it["name"], method=it["method"], path=it["path"], query=it["query"], headers=headers,
                       body=it["body"], service=it["service"], region=it["region"], token=it["token"]))
json.dump(signed, sys.stdout, indent=1, ensure_ascii=False)
print()
