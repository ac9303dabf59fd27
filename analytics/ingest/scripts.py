"""How natural a text is in an encoding: what was not meant decodes into what nobody writes.

Each character beyond ASCII is judged alone or with its neighbours: common characters of the
language count 1, others that may be 0.4, rare ones less than nothing.
"""

import tomllib
import unicodedata
from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple

_COMMON, _USUAL, _RARE, _ODD = 1.0, 0.4, -0.4, -1.0
_PUNCTUATION = frozenset("（）【】《》「」『』、。，：；！？～・…“”‘’—–￥¥×％＋－／　№°·")
_BETWEEN_LETTERS = frozenset("’ʼ·-")
_HARDLY_THAI = frozenset("\u0e03\u0e05\u0e3a\u0e4e\u0e4f\u0e5a\u0e5b")  # obsolete, or of verse


class Script(NamedTuple):
    """An encoding, the characters that are common in it, and how all others are judged."""

    encoding: str
    common: frozenset[str]
    judge: Callable[[str, str, str], float]

    def naturalness(self, text: str) -> float:
        """Return how natural ``text`` is, on average over its characters beyond ASCII."""
        padded = f" {text} "
        marks = [
            self._mark(before, one, after)
            for before, one, after in zip(padded, text, padded[2:], strict=False)
            if one > "\x7f"
        ]
        return sum(marks) / len(marks) if marks else 0.0

    def _mark(self, before: str, one: str, after: str) -> float:
        judged = self.judge(before, one, after)
        return _COMMON if one in self.common and judged > _ODD else judged


@cache
def scripts() -> tuple[Script, ...]:
    """Return every encoding that is told apart, the one that is believed first at the front."""
    content = Path(__file__).with_suffix(".toml").with_stem("charsets").read_text("utf-8")
    listed = tomllib.loads(content)["charset"]
    commons = {one["name"]: frozenset(one["common"]) - {"\n"} for one in listed}
    commons["euc_jp"] = commons["cp932"]
    return tuple(
        Script(one["name"], commons[one["name"]], _JUDGES[one["script"]]) for one in listed
    )


def _han(encoding: str, first: int, last: int, _before: str, one: str, _after: str) -> float:
    """Judge by the encoding's own order: its makers put the frequent characters first."""
    if one in _PUNCTUATION:
        return _USUAL
    if not _is_han(one):
        return _RARE if one.isalpha() else _ODD
    try:
        lead = one.encode(encoding)[0]
    except UnicodeEncodeError:
        return _ODD
    return _USUAL if first <= lead <= last else _RARE


def _japanese(before: str, one: str, after: str) -> float:
    if "\u3041" <= one <= "\u30ff":
        return _COMMON
    if "\uff61" <= one <= "\uff9f":  # half-width, which the bytes of other encodings turn into
        return 0.0
    return _han("euc_jp", 0xB0, 0xCF, before, one, after)


def _hangul(_before: str, one: str, _after: str) -> float:
    if one in _PUNCTUATION:
        return _USUAL
    if not "\uac00" <= one <= "\ud7a3":
        return _RARE if _is_han(one) else _ODD
    try:
        one.encode("euc_kr")
    except UnicodeEncodeError:
        return _RARE
    return _USUAL


def _thai(before: str, one: str, _after: str) -> float:
    if not "\u0e01" <= one <= "\u0e5b":
        return _USUAL if one in _PUNCTUATION else _ODD
    if one in _HARDLY_THAI:
        return _ODD
    if unicodedata.category(one) == "Mn":  # vowels and tones stand on a consonant
        return _USUAL if "\u0e01" <= before <= "\u0e4e" else _ODD
    return _USUAL


def _alphabet(before: str, one: str, after: str) -> float:
    """Judge a script that shares no word with Latin letters."""
    if not one.isalpha():
        return _symbol(before, one, after)
    if _is_latin(before) or _is_latin(after) or (before.islower() and one.isupper()):
        return _ODD
    return _USUAL


def _latin(before: str, one: str, after: str) -> float:
    """Judge accents, which stand among plain letters."""
    if not one.isalpha():
        return _symbol(before, one, after)
    if before.islower() and one.isupper():
        return _ODD
    is_among_plain = _is_latin(before) or _is_latin(after)
    return _USUAL - 0.2 if is_among_plain else _ODD


def _symbol(before: str, one: str, after: str) -> float:
    is_inside = before.isalpha() and after.isalpha() and one not in _BETWEEN_LETTERS
    return _ODD if is_inside or unicodedata.category(one) in ("Cc", "Cn", "Co") else 0.0


def _is_latin(one: str) -> bool:
    return one.isascii() and one.isalpha()


def _is_han(one: str) -> bool:
    return "\u4e00" <= one <= "\u9fff"


_JUDGES: Mapping[str, Callable[[str, str, str], float]] = {
    "gb2312": partial(_han, "gb2312", 0xB0, 0xD7),
    "big5": partial(_han, "big5hkscs", 0xA4, 0xC6),
    "japanese": _japanese,
    "hangul": _hangul,
    "thai": _thai,
    "alphabet": _alphabet,
    "latin": _latin,
}
