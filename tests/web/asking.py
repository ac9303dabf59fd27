"""Asking an ASGI app as a browser does."""

import asyncio
import re
from dataclasses import dataclass, field
from html import unescape
from http.cookies import SimpleCookie
from urllib.parse import unquote, urlencode

HOST = "leeway.example.com"


@dataclass
class Answer:
    status_code: int = 0
    headers: dict = field(default_factory=dict)
    text: str = ""
    set_cookies: list = field(default_factory=list)

    @property
    def location(self):
        return self.headers["location"]


class Client:
    """Asks an ASGI app as a browser would, cookies included; follows nothing."""

    def __init__(self, app, address="198.51.100.7", host=HOST):
        self.app, self.cookies, self.scheme = app, {}, "http"
        self.address, self.host = address, host

    def get(self, path, **headers):
        return self.ask("GET", path, **headers)

    def page(self, path, **headers):
        return self.ask("GET", path, accept="text/html,*/*", **headers)

    def send(self, path, fields, **headers):
        """Send a form as a page of ours does."""
        said = {"content_type": "application/x-www-form-urlencoded", "origin": "null",
                "sec_fetch_site": "same-origin"} | headers  # fmt: skip
        return self.ask("POST", path, body=urlencode(fields).encode(), **said)

    def ask(self, method, path, body=b"", **headers):
        held = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        named = {"host": self.host, "cookie": held}
        named |= {name.replace("_", "-"): v for name, v in headers.items()}
        path, _, query = path.partition("?")
        scope = {
            "type": "http", "method": method, "path": unquote(path), "raw_path": path.encode(),
            "query_string": query.encode(), "root_path": "", "scheme": self.scheme,
            "http_version": "1.1",
            "headers": [(name.encode(), value.encode()) for name, value in named.items() if value],
            "client": (self.address, 4711), "server": ("127.0.0.1", 8501),
        }  # fmt: skip
        answer = Answer()

        async def receive():
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message):
            if message["type"] == "http.response.start":
                answer.status_code = message["status"]
                pairs = [(name.decode(), value.decode()) for name, value in message["headers"]]
                answer.headers = dict(pairs)
                answer.set_cookies = [value for name, value in pairs if name == "set-cookie"]
            else:
                answer.text += message.get("body", b"").decode()

        asyncio.run(self.app(scope, receive, send))
        for text in answer.set_cookies:
            for name, crumb in SimpleCookie(text).items():
                self.cookies[name] = crumb.value
                if crumb["max-age"] == "0":
                    del self.cookies[name]
        return answer


def token_of(answer):
    """Return the token of the form on a page."""
    return re.search(r'name="token" value="([^"]+)"', answer.text)[1]


def action_of(answer):
    return unescape(re.search(r'action="([^"]+)"', answer.text)[1])


def sign_in(client, secret, name="Ann", path="/sign-in", **more):
    """Fill in the form that stands at ``path`` and send it."""
    form = client.page(path)
    fields = {"name": name, "secret": secret, "token": token_of(form)} | more
    return client.send(action_of(form), fields)
