"""A real OpenID Connect provider on loopback (PyPI's oidc-provider-mock), and how a user signs in there."""
import http.client
import json
import urllib.parse
from datetime import timedelta

import oidc_provider_mock


class Provider:
    """A running provider, with keys of its own each time it starts."""

    def __init__(self, port=0, lives_seconds=3600):
        self._running = oidc_provider_mock.run_server_in_thread(port, access_token_max_age=timedelta(seconds=lives_seconds))
        self.port = self._running.__enter__().server_port
        self.issuer = f"http://localhost:{self.port}"

    def stop(self):
        self._running.__exit__(None, None, None)

    def identity_token(self, user, client):
        """What a browser and the client do together: the authorization code flow."""
        asked = {"client_id": client, "redirect_uri": "http://localhost/back", "response_type": "code", "scope": "openid"}
        status, headers, body = self._post(f"/oauth2/authorize?{urllib.parse.urlencode(asked)}", {"sub": user})
        assert status == 302, body
        answered = urllib.parse.parse_qs(urllib.parse.urlsplit(headers["Location"]).query)
        grant = {"grant_type": "authorization_code", "code": answered["code"][0], "client_id": client, "client_secret": "any",
                 "redirect_uri": "http://localhost/back"}
        status, _, body = self._post("/oauth2/token", grant)
        assert status == 200, body
        return json.loads(body)["id_token"]

    def _post(self, target, form):
        connection = http.client.HTTPConnection("localhost", self.port, timeout=30)
        connection.request("POST", target, urllib.parse.urlencode(form), {"Content-Type": "application/x-www-form-urlencoded"})
        response = connection.getresponse()
        found = response.status, response.headers, response.read()
        connection.close()
        return found
