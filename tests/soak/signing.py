"""Signature Version 4 for the control calls of a soak, so that it needs nothing but Python."""
import datetime
import hashlib
import hmac
from urllib.parse import quote

REGION = "us-east-1"


def signed(host, key_id, secret, method, target, body):
    """The headers of a call."""
    time = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    scope = f"{time[:8]}/{REGION}/apigateway/aws4_request"
    path, _, query = target.partition("?")
    pairs = sorted(pair if "=" in pair else f"{pair}=" for pair in query.split("&") if pair)
    names = "host;x-amz-date"
    canonical = "\n".join([
        method, quote(path, safe="/-_.~"), "&".join(pairs), f"host:{host}\nx-amz-date:{time}\n", names,
        hashlib.sha256(body).hexdigest(),
    ])
    text = "\n".join(["AWS4-HMAC-SHA256", time, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    return {
        "Host": host,
        "X-Amz-Date": time,
        "Content-Type": "application/json",
        "Authorization": f"AWS4-HMAC-SHA256 Credential={key_id}/{scope}, SignedHeaders={names}, Signature={signature}",
    }
