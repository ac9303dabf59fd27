"""Text out of data, files and links, shown letter by letter: none of it is markup."""

import re

from analytics.errors import AnalyticsError
from analytics.i18n import Translator

# Controls, and marks that turn the direction of what follows.
_UNSEEN = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]"
)
_BREAKS = re.compile(r"[\t-\r\x85\u2028\u2029]+")
_SIGNS = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$:&=])")
# What is read once more after escapes are undone: icons, addresses, and arrows that stand alone.
_READ_AGAIN = re.compile(
    r"(?i:(?P<before>:(?=//|[\w+/-]*(?::|$))|www(?=\.)|@(?=[\w-])))"
    r"|(?<!\S)(?P<first>[<>~-])(?P<rest>->|[->=])(?!\S)"
)
_JOINT = "\u2060"  # a word joiner: cannot be seen, takes no room, and nothing is read across it


def literal(text: str) -> str:
    """Return ``text`` so that markdown shows it as it is, in one line: a name is no link."""
    text = _BREAKS.sub(" ", _UNSEEN.sub("", text)).strip(" ")
    return _SIGNS.sub(r"\\\1", _READ_AGAIN.sub(_apart, text))


def _apart(found: re.Match[str]) -> str:
    before = found["before"] or found["first"]
    return f"{before}{_JOINT}{found['rest'] or ''}"


def sentence(t: Translator, problem: AnalyticsError) -> str:
    """Return what ``problem`` says, whatever stands in the link or file that caused it."""
    params = {
        name: literal(value) if isinstance(value, str) and not _is_named(t, value) else value
        for name, value in problem.params.items()
    }
    if t.has(f"role.{params.get('role')}"):
        params["role"] = t(f"role.{params['role']}")
    return t.error(type(problem)(**params))


def _is_named(t: Translator, value: str) -> bool:
    """Return whether a word is the name of a field, which the sentence puts into the language."""
    return t.has(f"scenario.{value}") or t.has(f"column.{value}")
