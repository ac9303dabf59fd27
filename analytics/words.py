"""Codes and facts put into words, for pages, command line and files alike."""

import math
import string
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from types import MappingProxyType

import pandas as pd

from analytics.i18n import MISSING, Translator, catalog

_SHARES = frozenset(
    {
        "availability",
        "bias",
        "chance",
        "off",
        "peak_share",
        "season_strength",
        "service_level",
        "share",
        "strength",
        "uplift",
        "value_share",
        "variation",
        "cycle_service",
        "fill_rate",
        "reached",
        "target",
    }
)
_LEAST_SHARE = 0.0005  # below, one digit of a per cent would show nothing
_NO_CODES: Mapping[str, str] = MappingProxyType({})


def fact(t: Translator, name: str, value: object) -> str:
    """Return one fact as the reader writes it: shares in per cent, dates, rounded numbers, lists.

    >>> fact(Translator("en"), "service_level", 0.95), fact(Translator("en"), "on_hand", 1234.5)
    ('95.0%', '1,235')
    """
    if isinstance(value, str):
        return value or MISSING
    if value is None or value is pd.NaT:
        return MISSING
    if isinstance(value, tuple | list):
        return t("format.list").join(fact(t, name, part) for part in value) or MISSING
    if isinstance(value, date):
        return t.date(value)
    number = float(value)  # type: ignore[arg-type]  # whatever is left is a number of some kind
    if name in _SHARES:
        return "<0.1%" if 0 < number < _LEAST_SHARE else t.percent(number)
    whole = not math.isfinite(number) or number == int(number) or abs(number) >= 100
    return t.number(_half_up(number) if whole else number, 0 if whole else 1)


def header(t: Translator, text: str) -> str:
    """Return what a column is called: by its header, or in words where the sheet has none for it.

    >>> header(Translator("en"), "on_hand"), header(Translator("en"), "Qty")
    ('On hand', 'Qty')
    """
    return t(f"column.{text}") if t.has(f"column.{text}") else text


def _half_up(number: float) -> float:
    return math.floor(number + 0.5) if math.isfinite(number) else number


def facts(
    t: Translator, values: Mapping[str, object], codes: Mapping[str, str] = _NO_CODES
) -> dict[str, str]:
    """Return every fact in words; ``codes`` names the section that speaks a fact's codes."""
    return {
        name: _spoken(t, codes[name], value) if name in codes else fact(t, name, value)
        for name, value in values.items()
    }


def _spoken(t: Translator, section: str, code: object) -> str:
    key = f"{section}.{code}"
    return catalog(t.language)[key] if t.has(key) else fact(t, section, code)


def worded(
    t: Translator, frame: pd.DataFrame, codes: Mapping[str, str], source: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return ``frame`` with each column of codes put into words.

    A text with placeholders is filled from the same row of ``source`` (default: ``frame``), whose
    own columns of codes are spoken too.
    """
    rows = frame if source is None else source
    spoken = {
        column: _sentences(t, section, rows, column, codes)
        for column, section in codes.items()
        if column in frame
    }
    return frame.assign(**spoken)


def _sentences(
    t: Translator, section: str, rows: pd.DataFrame, column: str, codes: Mapping[str, str]
) -> Sequence[str]:
    series = rows[column]
    texts = {code: _spoken(t, section, code) for code in series.dropna().unique()}
    needed = {name for text in texts.values() for name in _placeholders(text)}
    if not needed:
        return [texts.get(code, MISSING) for code in series]
    filled: dict[str, list[str]] = {
        name: [_word(t, name, codes)(value) for value in rows[name]] for name in sorted(needed)
    }
    return [
        texts[code].format(**{name: column[row] for name, column in filled.items()})
        if code in texts
        else MISSING
        for row, code in enumerate(series)
    ]


def _word(t: Translator, name: str, codes: Mapping[str, str]) -> Callable[[object], str]:
    if name in codes:
        return lambda value: _spoken(t, codes[name], value)
    return lambda value: fact(t, name, value)


def _placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}
