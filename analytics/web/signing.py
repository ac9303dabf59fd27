"""Short-lived texts that a browser carries for us and cannot change."""

import base64
import hashlib
import hmac
import os
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

_BYTES = 32


def kept_key(path: Path) -> bytes:
    """Return the key that a file holds; made at the first time, for its owner's eyes only.

    What was sealed with it holds after a restart, too. Where nothing can be kept, the key is new.
    """
    try:
        with suppress(FileExistsError):
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as new:
                new.write(secrets.token_bytes(_BYTES))
        key = path.read_bytes()
    except OSError:
        key = b""
    return key if len(key) == _BYTES else secrets.token_bytes(_BYTES)


class Signer:
    """Seals texts with a key that lives as long as the process.

    Parameters
    ----------
    key : bytes, optional
        At least 32 bytes that nobody else knows; default: new ones.
    clock : callable
        Seconds since 1970.

    Examples
    --------
    >>> signer = Signer(clock=lambda: 0.0)
    >>> sealed = signer.sealed("form", "a text", seconds=600)
    >>> signer.opened("form", sealed), signer.opened("other", sealed), signer.opened("form", "x")
    ('a text', None, None)
    """

    def __init__(self, key: bytes = b"", *, clock: Callable[[], float] = time.time) -> None:
        self._key = key or secrets.token_bytes(_BYTES)
        self._clock = clock

    def sealed(self, purpose: str, text: str, *, seconds: float) -> str:
        """Return ``text`` as a browser may carry it for a while: readable, but not changeable."""
        content = f"{int(self._clock() + seconds)}.{_packed(text.encode())}"
        return f"{content}.{self._mark(purpose, content)}"

    def opened(self, purpose: str, sealed: str) -> str | None:
        """Return the text; None if it was not sealed here for this purpose, or its time is over."""
        content, _, mark = sealed.rpartition(".")
        expected = self._mark(purpose, content)
        if not hmac.compare_digest(mark.encode("utf-8", "replace"), expected.encode()):
            return None
        until, _, text = content.partition(".")
        if float(until) < self._clock():
            return None
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()

    def _mark(self, purpose: str, content: str) -> str:
        said = f"{purpose}\0{content}".encode("utf-8", "replace")
        return _packed(hmac.new(self._key, said, hashlib.sha256).digest())


def _packed(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")
