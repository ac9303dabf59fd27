"""Which encoding a text file is in, and whether it is text at all."""

import codecs
import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from analytics.ingest.limits import RefusedError
from analytics.ingest.scripts import scripts
from analytics.ingest.signatures import HEAD, is_binary

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SHIFTS = (b"\x1b$B", b"\x1b$@", b"\x1b(J")  # how ISO-2022-JP enters and leaves Japanese
_LAST_RESORT = "cp1252"
_CHUNK = 2**20
_SEPARATORS = (b"\r", b"\t", b",", b";")  # never the second byte of a character
_TELLING = 16_384  # bytes of lines beyond ASCII; more of them change no mind


class Charset(NamedTuple):
    """An encoding and how sure it is; ``errors`` is Python's way to treat bytes that do not fit."""

    name: str
    is_guess: bool = False
    errors: str = "strict"


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
    if any(shift in head for shift in _SHIFTS) and decodes(path, "iso2022_jp_2"):
        return Charset("iso2022_jp_2", is_guess=True)
    return _narrow(path, head)


def text_of(content: bytes) -> str:
    """Return a short text, such as a file's name, in the encoding that makes most of it."""
    for name in ("utf-8", *_likely(content)):
        try:
            return content.decode(name)
        except UnicodeDecodeError:
            continue
    return content.decode(_LAST_RESORT, "replace")


def decodes(path: Path, encoding: str) -> bool:
    """Return whether all of the file is valid in ``encoding``."""
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            for chunk in iter(partial(file.read, _CHUNK), b""):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


def _narrow(path: Path, head: bytes) -> Charset:
    """Return the encoding of a text whose ASCII characters are single bytes."""
    if decodes(path, "utf-8"):
        return Charset("utf-8")
    if _is_nearly_utf8(head):
        return Charset("utf-8", is_guess=True, errors="replace")
    for name in _likely(_telling(path)):
        if decodes(path, name):
            return Charset(name, is_guess=True)
    return Charset(_LAST_RESORT, is_guess=True, errors="replace")


def _wide(head: bytes) -> str | None:
    """Return the UTF-16 or UTF-32 variant whose NUL bytes stand where plain letters put them."""
    nuls = [head[i::4].count(0) for i in range(4)]
    quarter = len(head) // 4
    if quarter and min(nuls[2], nuls[3]) * 20 > quarter * 19:
        return "utf-32-le"
    if quarter and min(nuls[0], nuls[1]) * 20 > quarter * 19:
        return "utf-32-be"
    even, odd = nuls[0] + nuls[2], nuls[1] + nuls[3]
    if max(even, odd) * 20 < len(head) // 2 or max(even, odd) < 10 * min(even, odd):
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _is_nearly_utf8(head: bytes) -> bool:
    """Return whether a few bytes at most spoil what is UTF-8 beyond ASCII otherwise."""
    text = head.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    good = sum(character > "\x7f" for character in text) - bad
    return good >= 10 and bad * 20 <= good


def _likely(telling: bytes) -> list[str]:
    """Return the encodings in which ``telling`` is a text, the most natural first."""
    return [name for _, name in sorted(_judged(telling), key=lambda judged: -judged[0])]


def _judged(telling: bytes) -> Iterator[tuple[float, str]]:
    for script in scripts():
        try:
            text = telling.decode(script.encoding)
        except UnicodeDecodeError:
            continue
        yield script.naturalness(text), script.encoding


def _telling(path: Path) -> bytes:
    """Return the first lines that are not plain ASCII, wherever they stand; no character is cut."""
    telling = bytearray()
    with path.open("rb") as file:
        while len(telling) < _TELLING and (line := file.readline(_TELLING)):
            whole = _whole(line)
            file.seek(len(whole) - len(line), os.SEEK_CUR)
            if not whole.isascii():
                telling += whole
            elif not whole:
                break
    return bytes(telling)


def _whole(line: bytes) -> bytes:
    """Return a line up to its end, or a part of one up to its last separator."""
    if len(line) < _TELLING or line.endswith(b"\n"):
        return line
    return line[: max(line.rfind(end) for end in _SEPARATORS) + 1]
