"""Words and formats in the reader's language; the only module that holds sentences.

>>> from analytics.i18n import Translator
>>> t = Translator("en")
>>> t.number(12345.6), t.money(1234.9, "USD"), t.percent(0.954)
('12,346', 'USD 1,235', '95.4%')
"""

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

from analytics.errors import AnalyticsError

LANGUAGES = ("zh", "en")
NAMES = {"zh": "中文", "en": "English"}  # each by its own name, in either language
MISSING = "–"


@cache
def catalog(language: str) -> Mapping[str, str]:
    """Return every text of ``language``, keyed ``section.name``."""
    text = files(__package__).joinpath(f"{language}.toml").read_text(encoding="utf-8")
    sections = tomllib.loads(text)
    return {
        f"{section}.{name}": value
        for section, entries in sections.items()
        for name, value in entries.items()
    }


def language_of(locale: str | None) -> str:
    """Return the language to greet a browser with that asks for ``locale``.

    >>> language_of("zh-TW"), language_of("de-DE"), language_of(None)
    ('zh', 'en', 'en')
    """
    return "zh" if (locale or "").lower().startswith("zh") else "en"


@dataclass(frozen=True, slots=True)
class Translator:
    """Says things in one language: ``t("section.name", placeholder=value)``."""

    language: str

    def __call__(self, key: str, /, **params: object) -> str:
        """Return the text of ``key``, its placeholders filled in."""
        return catalog(self.language)[key].format(**params)

    def has(self, key: str) -> bool:
        """Return whether ``key`` has a text."""
        return key in catalog(self.language)

    def error(self, error: AnalyticsError) -> str:
        """Return what ``error`` says, with its field named as the reader knows it."""
        params = dict(error.params)
        name = params.get("name")
        if isinstance(name, str):
            keys = (f"{section}.{name}" for section in ("scenario", "forecast", "column"))
            params["name"] = next((self(key) for key in keys if self.has(key)), name)
        return self(error.code, **params)

    def number(self, value: float | None, digits: int = 0) -> str:
        """Return ``value`` with thousands marks; a dash where there is none."""
        if value is None or not math.isfinite(value):
            return MISSING
        text = f"{value:,.{digits}f}"
        is_zero = not any(mark in text for mark in "123456789")
        return text.removeprefix("-") if is_zero else text

    def money(self, value: float | None, currency: str | None) -> str:
        """Return an amount with its currency; the code stays where no symbol is safe."""
        amount = self.number(value)
        if amount == MISSING or not currency:
            return amount
        return f"{currency} {amount}"

    def percent(self, share: float | None, digits: int = 1) -> str:
        """Return a share (0 to 1) as a percentage."""
        if share is None or not math.isfinite(share):
            return MISSING
        return f"{share * 100:.{digits}f}%"

    def date(self, day: date | None) -> str:
        """Return a date as both readers write it: 2026-05-31."""
        return MISSING if day is None or day != day else f"{day:%Y-%m-%d}"  # noqa: PLR0124 - NaT
