"""Dated events that move demand or supply, by market, as data.

Festivals that follow the moon wander through the year, so they cannot be learnt as a season of the
calendar; factories in China close when they do.

>>> from analytics.calendars import builtin
>>> events = builtin()
>>> ramadan = events[(events["code"] == "ramadan") & (events["market"] == "ID")]
>>> str(ramadan["starts_on"].iloc[1].date())
'2025-03-01'
"""

import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

import pandas as pd

from analytics.calendars.frame import COLUMNS, event_code, event_frame

__all__ = ["COLUMNS", "builtin", "event_code", "event_frame"]
_COLUMNS = ("code", "side", "market", "starts_on", "ends_on", "estimated", "before")


def builtin() -> pd.DataFrame:
    """Return the built-in events, 2024 to 2028.

    Returns
    -------
    DataFrame
        One row per event, market and year, in order of time: ``code`` (its words are
        ``event.<code>``), ``side`` (``demand`` or ``supply``), ``market`` (empty = every market),
        ``starts_on`` and ``ends_on`` (both included), ``estimated`` (a moon or a government has
        yet to confirm it), ``before`` (days of shopping before ``starts_on``).
    """
    return _events().copy()


@cache
def _events() -> pd.DataFrame:
    text = files(__package__).joinpath("events.toml").read_text(encoding="utf-8")
    rows = [row for event in tomllib.loads(text)["event"] for row in _rows(event)]
    frame = pd.DataFrame(rows, columns=list(_COLUMNS))
    days = {name: frame[name].astype("datetime64[us]") for name in ("starts_on", "ends_on")}
    return frame.assign(**days).sort_values(
        ["starts_on", "code", "market"], ignore_index=True, kind="stable"
    )


def _rows(event: dict[str, Any]) -> Iterator[tuple[object, ...]]:
    """Spread one entry of the file over its markets and years."""
    estimated_from = event.get("estimated_from", 9999)
    for market in event["markets"] or [""]:
        for first, last in event["dates"]:
            estimated = first.year >= estimated_from
            before = event.get("before", 0)
            yield event["code"], event["side"], market, first, last, estimated, before
