"""Cells of small tables as people type them."""

from collections.abc import Set as AbstractSet

import pandas as pd

from analytics import ingest
from analytics.errors import OutOfBoundsError, UnknownFieldError, UnknownMarketError
from analytics.policy import Limits

_CURRENCY = 3  # letters


def is_blank(value: object) -> bool:
    """Return whether nothing stands in a cell.

    >>> is_blank(None), is_blank(float("nan")), is_blank("  "), is_blank(0.0)
    (True, True, True, False)
    """
    return value is None or bool(pd.isna(value)) or str(value).strip() == ""  # type: ignore[call-overload]


def text(value: object) -> str:
    """Return what stands in a cell without its margins; empty if nothing does."""
    return "" if is_blank(value) else str(value).strip()


def number(name: str, value: object, limits: Limits) -> float:
    """Return a number.

    Raises
    ------
    OutOfBoundsError
        It lies outside its limits, or is none.
    """
    try:
        found = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        found = float("nan")
    if not limits.low <= found <= limits.high:
        raise OutOfBoundsError(name=name, value=value, low=limits.low, high=limits.high)
    return found


def currency(value: object) -> str:
    """Return the code of a currency, or an empty text.

    Raises
    ------
    UnknownFieldError
        It has not the shape of one.
    """
    code = text(value).upper()
    if code and not (len(code) == _CURRENCY and code.isascii() and code.isalpha()):
        raise UnknownFieldError(name=code)
    return code


def market(value: object, planned: AbstractSet[str]) -> str:
    """Return a market that is planned for as it is, another country as its code.

    Raises
    ------
    UnknownMarketError
        It is neither.
    """
    name = text(value)
    if name in planned:
        return name
    code = ingest.market_of("sales", name)
    if code is None:
        raise UnknownMarketError(market=name)
    return code
