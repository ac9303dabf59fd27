"""Which encoding a text file is in, and whether it is text at all."""

import codecs
from functools import partial
from pathlib import Path
from typing import NamedTuple

from analytics.ingest.limits import RefusedError
from analytics.ingest.signatures import HEAD, is_binary

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What sellers' files are in when they are not in Unicode; the first that fits all bytes is taken.
_LEGACY = ("gb18030", "big5hkscs", "cp932", "cp949", "cp1252")
_CHUNK = 2**20


class Charset(NamedTuple):
    """An encoding and how sure it is; ``errors`` is Python's way to treat bytes that do not fit."""

    name: str
    is_guess: bool = False
    errors: str = "strict"
    has_nul: bool = False


def charset_of(path: Path) -> Charset:
    """Return the encoding of a text file: byte-order mark, NUL pattern, UTF-8, then a guess.

    Raises
    ------
    RefusedError
        ``binary``: the bytes are no text in any encoding.
    """
    with path.open("rb") as file:
        head = file.read(HEAD)
    for mark, name in _MARKS:
        if head.startswith(mark) and decodes(path, name):
            return Charset(name)
    if (wide := _wide(head)) and decodes(path, wide):
        return Charset(wide)
    if is_binary(head):
        raise RefusedError("binary")
    return _narrow(path, head)._replace(has_nul=_has_nul(path))


def _narrow(path: Path, head: bytes) -> Charset:
    """Return the encoding of a text whose ASCII characters are single bytes."""
    if decodes(path, "utf-8"):
        return Charset("utf-8")
    if _is_nearly_utf8(head):
        return Charset("utf-8", is_guess=True, errors="replace")
    return _guess(path)


def _has_nul(path: Path) -> bool:
    with path.open("rb") as file:
        return any(b"\0" in chunk for chunk in iter(partial(file.read, _CHUNK), b""))


def decodes(path: Path, encoding: str) -> bool:
    """Return whether all of the file is valid in ``encoding``."""
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


def _wide(head: bytes) -> str | None:
    """Return the UTF-16 variant whose NUL bytes stand where separators and digits put them."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if max(even, odd) * 20 < len(head) // 2 or max(even, odd) < 10 * min(even, odd):
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _is_nearly_utf8(head: bytes) -> bool:
    """Return whether a few bytes at most spoil what is UTF-8 beyond ASCII otherwise."""
    text = head.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    good = sum(character > "\x7f" for character in text) - bad
    return good >= 10 and bad * 20 <= good


def _guess(path: Path) -> Charset:
    from charset_normalizer import from_bytes  # noqa: PLC0415 - most files never need it

    best = from_bytes(_telling(path), cp_isolation=list(_LEGACY)).best()
    for name in (*([best.encoding] if best else []), *_LEGACY):
        if decodes(path, name):
            return Charset(name, is_guess=True)
    return Charset("cp1252", is_guess=True, errors="replace")


def _telling(path: Path) -> bytes:
    """Return the first lines that are not plain ASCII, wherever they stand; whole, never cut."""
    telling = bytearray()
    with path.open("rb") as file:
        for line in file:
            if not line.isascii():
                telling += line
            if len(telling) > HEAD:
                break
    return bytes(telling)
