"""Text out of data, files and links, shown letter by letter: none of it is markup."""

import re

from analytics.errors import AnalyticsError
from analytics.i18n import Translator


def literal(text: str) -> str:
    """Return ``text`` so that markdown shows it as it is: a name must not become a link."""
    return re.sub(r"([\\`*_{}\[\]()#+\-.!|<>~$:&])", r"\\\1", text)


def sentence(t: Translator, problem: AnalyticsError) -> str:
    """Return what ``problem`` says, whatever stands in the link or file that caused it."""
    params = {
        name: literal(value) if isinstance(value, str) and not t.has(f"scenario.{value}") else value
        for name, value in problem.params.items()
    }
    return t.error(type(problem)(**params))
