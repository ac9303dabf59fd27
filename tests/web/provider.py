"""An identity provider on loopback: as strict as the standard, or as wrong as it is told to be."""

import base64
import hashlib
import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey

CLIENT, SECRET = "leeway-here", "the client's secret"
SUBJECT = "248289761001"


class Provider:
    """What it says of the one person whom it knows; tests change it."""

    def __init__(self):
        self.keys = KeySet([ECKey.generate_key("P-256", {"kid": "one"})])
        self.issuer = ""
        self.person = {"email": "ann@example.com", "email_verified": True, "name": "Ann Lee"}
        self.changes = {}  # claims of the token that are other than they should be
        self.sign = self.signed
        self.grants = {}  # code -> what was asked
        self.spent = 0

    def about(self):
        doors = {"authorization": "authorize", "token": "token", "userinfo": "userinfo"}
        return {
            "issuer": self.issuer,
            "jwks_uri": f"{self.issuer}/keys",
            **{f"{name}_endpoint": f"{self.issuer}/{path}" for name, path in doors.items()},
        }

    def visit(self, address):
        """Sign in at the provider as its person does; return where it sends the browser."""
        parts = urlsplit(address)
        assert parts.path == "/authorize"
        asked = {name: value for name, [value] in parse_qs(parts.query).items()}
        assert (asked["client_id"], asked["response_type"]) == (CLIENT, "code")
        assert (asked["code_challenge_method"], "openid" in asked["scope"]) == ("S256", True)
        code = f"code-{len(self.grants)}"
        self.grants[code] = asked
        return asked["redirect_uri"], {"code": code, "state": asked["state"]}

    def exchanged(self, form, authorization):
        """Return the token for a code: once, to this client, with the verifier of its question."""
        asked = self.grants.pop(form.get("code", ""), None)
        pair = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        is_sound = (
            asked is not None
            and authorization == f"Basic {pair}"
            and form.get("redirect_uri") == asked["redirect_uri"]
            and asked["code_challenge"] == challenge
        )
        if not is_sound:
            return 400, {"error": "invalid_grant"}
        self.spent += 1
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "sub": SUBJECT, "iat": now, "exp": now + 300,
                  "nonce": asked["nonce"], **self.person, **self.changes}  # fmt: skip
        claims = {name: value for name, value in claims.items() if value is not None}
        told = {"access_token": "access", "token_type": "Bearer", "id_token": self.sign(claims)}
        return 200, told

    def signed(self, claims):
        key = self.keys.keys[-1]
        return jwt.encode({"alg": "ES256", "kid": key.kid}, claims, key)

    def unsigned(self, claims):
        def packed(content):
            return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")

        return f"{packed({'alg': 'none', 'typ': 'JWT'})}.{packed(claims)}."

    def signed_with_the_shared_secret(self, claims):
        return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(SECRET))

    def signed_by_another(self, claims):
        key = ECKey.generate_key("P-256", {"kid": "one"})
        return jwt.encode({"alg": "ES256", "kid": "one"}, claims, key)


@contextmanager
def serving():
    """Yield a provider that answers on a free port."""
    provider = Provider()

    class Door(BaseHTTPRequestHandler):
        def do_GET(self):
            path = urlsplit(self.path).path
            told = {
                "/.well-known/openid-configuration": provider.about(),
                "/keys": provider.keys.as_dict(private=False),
                "/userinfo": {"sub": SUBJECT, **provider.person},
            }
            self.answer(200 if path in told else 404, told.get(path, {}))

        def do_POST(self):
            sent = self.rfile.read(int(self.headers["content-length"])).decode()
            form = {name: value for name, [value] in parse_qs(sent).items()}
            self.answer(*provider.exchanged(form, self.headers["authorization"]))

        def answer(self, status, told):
            content = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Door) as server:
        provider.issuer = f"http://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield provider
        server.shutdown()
