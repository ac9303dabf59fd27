"""Text out of data, files and links, shown letter by letter: none of it is markup."""

import re

from analytics.errors import AnalyticsError
from analytics.i18n import Translator

# Controls, and marks that turn the direction of what follows.
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def literal(text: str) -> str:
    """Return ``text`` so that markdown shows it as it is: a name must not become a link."""
    text = _UNSEEN.sub("", text)
    return re.sub(r"([\\`*_{}\[\]()#+\-.!|<>~$:&])", r"\\\1", text)


def sentence(t: Translator, problem: AnalyticsError) -> str:
    """Return what ``problem`` says, whatever stands in the link or file that caused it."""
    params = {
        name: literal(value) if isinstance(value, str) and not _is_named(t, value) else value
        for name, value in problem.params.items()
    }
    return t.error(type(problem)(**params))


def _is_named(t: Translator, value: str) -> bool:
    """Return whether a word is the name of a field, which the sentence puts into the language."""
    return t.has(f"scenario.{value}") or t.has(f"column.{value}")
