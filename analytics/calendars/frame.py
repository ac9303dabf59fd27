"""Built-in and own events in the one shape that the forecast reads."""

import re
import unicodedata
from collections.abc import Mapping

import numpy as np
import pandas as pd

COLUMNS = (
    "code",
    "name",
    "side",
    "market",
    "group",
    "sku",
    "starts_on",
    "ends_on",
    "uplift_pct",
)
PRICE = "price"  # stands for what a change of price does, among what events do
_YEAR = re.compile(r"(?<!\d)20\d\d(?!\d)")
_GAP = re.compile(r"[\s_\-–—·/|,;:()（）【】\[\]]+")  # between the words of a name
_DAY = pd.Timedelta(days=1)


def event_frame(
    builtin: pd.DataFrame,
    own: pd.DataFrame | None = None,
    edits: Mapping[tuple[str, str], float | None] | None = None,
    *,
    pooled: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Return all events in the shape that the forecast reads.

    Parameters
    ----------
    builtin : DataFrame
        `analytics.calendars.builtin`.
    own : DataFrame, optional
        The seller's events: ``name``, ``starts_on``, ``ends_on``; optionally ``market``,
        ``category``, ``sku`` (missing = every), ``demand_uplift_pct``, ``delay_days``, ``route``.
    edits : mapping, optional
        What the seller says of a built-in event, by code and market (empty = every market): its
        uplift in %, or None = switched off. The word for one market goes before that for all.
    pooled : mapping, optional
        Market that each country belongs to, where countries are planned as one.

    Returns
    -------
    DataFrame
        ``code`` (events of one code share an estimated uplift), ``name``, ``side`` (``demand``,
        ``supply``), ``market``, ``group``, ``sku`` (empty = every), ``starts_on``, ``ends_on``
        (both included; of a built-in event with its days of shopping before), ``uplift_pct`` (NaN =
        to be estimated). In order of time.

    Notes
    -----
    An event of the seller's with a delay or a route and without an uplift moves supply only; one
    with both stands twice.
    """
    frames = [_builtin(builtin, edits or {}, pooled or {})]
    if own is not None and len(own):
        frames += _own(own)
    every = pd.concat([frame for frame in frames if len(frame)] or frames[:1], ignore_index=True)
    days = {name: every[name].astype("datetime64[us]") for name in ("starts_on", "ends_on")}
    every = every.assign(**days, uplift_pct=every["uplift_pct"].astype(np.float64))
    order = ["starts_on", "code", "market", "group", "sku"]
    return every.sort_values(order, kind="stable", ignore_index=True)


def event_code(name: str, *scope: str) -> str:
    """Return what events of the same kind share: the name without what sets one of them apart.

    Parameters
    ----------
    name : str
        As the seller calls the event.
    *scope : str
        Its SKU, category and market, which are left out of the name; so are years.

    Examples
    --------
    >>> event_code("Flash sale KT101 10%", "KT101"), event_code("flash sale HS302 10%", "HS302")
    ('flash sale 10%', 'flash sale 10%')
    >>> event_code("Summer Sale 2025"), event_code("Price")
    ('summer sale', 'price event')
    """
    text = _plain(name)
    for part in sorted((_plain(part) for part in scope), key=len, reverse=True):
        if part:
            text = re.sub(rf"(?<!\w){re.escape(part)}(?!\w)", " ", text)
    short = " ".join(_GAP.sub(" ", _YEAR.sub(" ", text)).split()) or _plain(name)
    return f"{short} event" if short == PRICE else short


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _builtin(
    events: pd.DataFrame,
    edits: Mapping[tuple[str, str], float | None],
    pooled: Mapping[str, str],
) -> pd.DataFrame:
    words = [
        edits.get((code, market), edits.get((code, ""), np.nan))
        for code, market in zip(events["code"], events["market"], strict=True)
    ]
    on = np.array([word is not None for word in words], dtype=bool)
    kept = events.loc[on]
    lead = kept.get("before", 0)
    frame = kept.assign(
        name=kept["code"],
        group="",
        sku="",
        market=kept["market"].map(lambda country: pooled.get(country, country)),
        starts_on=kept["starts_on"] - lead * _DAY,
        uplift_pct=[word for word in words if word is not None],
    )[list(COLUMNS)]
    return frame.drop_duplicates(["code", "market", "starts_on", "ends_on"])


def _own(events: pd.DataFrame) -> list[pd.DataFrame]:
    scope = {
        name: _texts(events, column)
        for name, column in (("market", "market"), ("group", "category"), ("sku", "sku"))
    }
    uplift = _numbers(events, "demand_uplift_pct")
    delays = _numbers(events, "delay_days").notna() | (_texts(events, "route") != "")
    codes = [
        event_code(str(name), sku, group, market)
        for name, sku, group, market in zip(
            events["name"], scope["sku"], scope["group"], scope["market"], strict=True
        )
    ]
    frame = events.assign(code=codes, side="demand", uplift_pct=uplift, **scope)[list(COLUMNS)]
    moved = ~delays | uplift.notna()
    return [frame.loc[moved], frame.loc[delays].assign(side="supply", uplift_pct=np.nan)]


def _texts(frame: pd.DataFrame, column: str) -> pd.Series:
    if column not in frame:
        return pd.Series("", index=frame.index, dtype=object)
    values = frame[column].astype(object)
    return values.where(values.notna(), "")


def _numbers(frame: pd.DataFrame, column: str) -> pd.Series:
    if column not in frame:
        return pd.Series(np.nan, index=frame.index)
    return frame[column].astype(np.float64)
