"""A server that tells what it was asked: by which path, with which headers, with how much."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        told = {name.lower(): value for name, value in self.headers.items()}
        here = f"127.0.0.1:{self.connection.getsockname()[1]}"
        self._answer(json.dumps(told | {"path": self.path, "served-by": here}))

    def do_POST(self):
        left = int(self.headers.get("content-length", 0))
        count = 0
        while left > count and (part := self.rfile.read(min(left - count, 1 << 20))):
            count += len(part)
        self._answer(str(count))

    def _answer(self, text):
        body = text.encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Say nothing."""


def read(text: str) -> dict[str, str]:
    return json.loads(text)


@contextmanager
def server() -> Iterator[str]:
    """Serve on a free port of loopback; yield host and port."""
    listener = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=listener.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{listener.server_address[1]}"
    finally:
        listener.shutdown()
        listener.server_close()
