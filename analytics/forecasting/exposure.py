"""Which items are under which event in which week, and for how much of it."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.errors import InvalidPanelError
from analytics.forecasting.matrix import Array

Ints = NDArray[np.int64]
EVENT_COLUMNS = ("code", "side", "market", "group", "sku", "starts_on", "ends_on", "uplift_pct")
_DAY = np.timedelta64(1, "D")


@dataclass(frozen=True, slots=True)
class Cells:
    """Weeks of items under an event; one entry per code, item and week.

    Attributes
    ----------
    code, item, week : ndarray of int, shape (n,)
        Which. Of events that everybody in a market sees, ``item`` is the market's number.
    share : ndarray, shape (n,)
        Share of the week's days that the event covers.
    stated : ndarray, shape (n,)
        Log factor of a day of the event that the user stated; NaN = none.
    price : ndarray, shape (n,)
        Log price over the usual one that is planned; NaN = none.
    """

    code: Ints
    item: Ints
    week: Ints
    share: Array
    stated: Array
    price: Array

    def take(self, kept: NDArray[np.bool_] | Ints) -> "Cells":
        """Return some of the entries."""
        return Cells(
            self.code[kept],
            self.item[kept],
            self.week[kept],
            self.share[kept],
            self.stated[kept],
            self.price[kept],
        )


@dataclass(frozen=True, slots=True)
class Calendar:
    """The demand events that concern a catalogue.

    Attributes
    ----------
    codes : tuple of str
        Kinds of events, sorted.
    events : DataFrame
        The pinned columns, of demand events; ``row`` numbers the codes.
    items : DataFrame
        ``sku``, ``market``, ``group`` of every item.
    markets : tuple of str
        Names of the markets, sorted.
    market : ndarray of int, shape (n_items,)
        Each item's market.
    """

    codes: tuple[str, ...]
    events: pd.DataFrame
    items: pd.DataFrame
    markets: tuple[str, ...]
    market: Ints

    @property
    def stated(self) -> Array:
        """Return the mean log factor that the user stated of each code; NaN where there is none."""
        share = self.events["uplift_pct"].to_numpy(dtype=np.float64) / 100
        word = np.log1p(np.maximum(share, -0.95))
        code = self.events["row"].to_numpy(dtype=np.int64)
        return _mean_known(word, np.ones(len(word)), code, len(self.codes))

    def cells(self, weeks: NDArray[np.datetime64]) -> tuple[Cells, Cells]:
        """Return the weeks of whole markets, and those of single items, under events."""
        spans = _spans(self.events, weeks)
        wide = _is_wide(self.events)[spans.item]
        return (
            _merged(self._of_markets(spans.take(wide)), len(self.markets), len(weeks)),
            _merged(self._of_items(spans.take(~wide)), len(self.items), len(weeks)),
        )

    def _of_markets(self, spans: Cells) -> Cells:
        names = self.events["market"].to_numpy(dtype=object)[spans.item]
        hits = [np.flatnonzero((names == "") | (names == market)) for market in self.markets]
        return _spread(spans, hits)

    def _of_items(self, spans: Cells) -> Cells:
        """Return spans, whose ``item`` is the event, once per item that the event names."""
        concerned = self._concerned()
        count = np.array([len(rows) for rows in concerned], dtype=np.int64)[spans.item]
        lists = [concerned[event] for event in spans.item]
        item = np.concatenate(lists) if lists else np.empty(0, dtype=np.int64)
        many = spans.take(np.repeat(np.arange(len(count)), count))
        return Cells(many.code, item, many.week, many.share, many.stated, many.price)

    def _concerned(self) -> list[Ints]:
        """Return the items that each event names."""
        scope = ["sku", "market", "group"]
        items = pd.DataFrame({name: self.items[name].to_numpy(dtype=object) for name in scope})
        found: dict[tuple[bool, ...], dict[tuple[str, ...], Ints]] = {}
        rows: list[Ints] = []
        texts = [self.events[name].to_numpy(dtype=object).tolist() for name in scope]
        for event in zip(*texts, strict=True):
            named = tuple(value != "" for value in event)
            if named not in found:
                found[named] = _rows_by(
                    items, [n for n, on in zip(scope, named, strict=True) if on]
                )
            key = tuple(value for value in event if value != "")
            rows.append(found[named].get(key, np.empty(0, dtype=np.int64)))
        return rows


def calendar(events: pd.DataFrame | None, items: pd.DataFrame) -> Calendar:
    """Return the demand events among ``events`` beside the ``items`` that they may concern.

    Raises
    ------
    InvalidPanelError
        A column of `EVENT_COLUMNS` is missing, or an event has no dates.
    """
    frame = pd.DataFrame({name: [] for name in EVENT_COLUMNS}) if events is None else events
    for column in EVENT_COLUMNS:
        if column not in frame:
            raise InvalidPanelError(column=column, reason="it is missing among the events")
    kept = frame.loc[(frame["side"] == "demand").to_numpy(dtype=bool)].reset_index(drop=True)
    if kept[["starts_on", "ends_on"]].isna().to_numpy().any():
        raise InvalidPanelError(column="starts_on", reason="an event has no dates")
    code, codes = pd.factorize(kept["code"].astype(object), sort=True)
    market, markets = pd.factorize(items["market"].astype(object), sort=True)
    texts = {name: kept[name].astype(object).fillna("") for name in ("market", "group", "sku")}
    return Calendar(
        tuple(str(name) for name in codes),
        kept.assign(row=code, **texts),
        items[["sku", "market", "group"]],
        tuple(str(name) for name in markets),
        market.astype(np.int64),
    )


def _rows_by(items: pd.DataFrame, columns: list[str]) -> dict[tuple[str, ...], Ints]:
    if not columns:
        return {(): np.arange(len(items))}
    groups = items.groupby(columns, sort=False).indices
    return {
        key if isinstance(key, tuple) else (key,): np.asarray(rows, dtype=np.int64)
        for key, rows in groups.items()
    }


def _is_wide(events: pd.DataFrame) -> NDArray[np.bool_]:
    """Return whether everybody in a market sees the event, at the usual prices."""
    wide = (events["sku"] == "") & (events["group"] == "")
    return np.asarray((wide & np.isnan(_planned(events))).to_numpy(dtype=bool))


def _planned(events: pd.DataFrame) -> Array:
    if "price_pct" not in events:
        return np.full(len(events), np.nan)
    change = events["price_pct"].to_numpy(dtype=np.float64)
    return np.asarray(np.log(np.clip(1 + change / 100, 0.05, 20.0)))


def _spans(events: pd.DataFrame, weeks: NDArray[np.datetime64]) -> Cells:
    """Return the weeks under each event; ``item`` is the event's row."""
    nothing = np.empty(0, dtype=np.int64)
    none = nothing.astype(np.float64)
    if not len(weeks) or events.empty:
        return Cells(nothing, nothing, nothing, none, none, none)
    start = _days(events["starts_on"], weeks[0])
    end = _days(events["ends_on"], weeks[0])
    first = np.clip(start // 7, 0, len(weeks))
    count = np.maximum(np.minimum(end // 7, len(weeks) - 1) - first + 1, 0) * (end >= start)
    event = np.repeat(np.arange(len(events)), count)
    week = np.arange(count.sum()) - np.repeat(count.cumsum() - count, count) + first[event]
    covered = np.minimum(end[event], 7 * week + 6) - np.maximum(start[event], 7 * week) + 1
    stated = np.log1p(np.maximum(events["uplift_pct"].to_numpy(dtype=np.float64) / 100, -0.95))
    code = events["row"].to_numpy(dtype=np.int64)
    return Cells(code[event], event, week, covered / 7.0, stated[event], _planned(events)[event])


def _days(dates: pd.Series, origin: np.datetime64) -> Ints:
    return np.asarray((dates.to_numpy(dtype="M8[D]") - origin.astype("M8[D]")) // _DAY, np.int64)


def _spread(spans: Cells, hits: list[Ints]) -> Cells:
    rows = np.concatenate(hits) if hits else np.empty(0, dtype=np.int64)
    owner = np.repeat(np.arange(len(hits)), [len(hit) for hit in hits])
    many = spans.take(rows)
    return Cells(many.code, owner, many.week, many.share, many.stated, many.price)


def _merged(cells: Cells, n_items: int, n_weeks: int) -> Cells:
    """Return one entry per code, item and week; shares add up to one at most."""
    key = (cells.code * max(n_items, 1) + cells.item) * max(n_weeks, 1) + cells.week
    unique, first, place = np.unique(key, return_index=True, return_inverse=True)
    if len(unique) == len(key):
        return cells.take(first)
    share = np.bincount(place, weights=cells.share)
    one = cells.take(first)
    return Cells(
        one.code,
        one.item,
        one.week,
        np.minimum(share, 1.0),
        _mean_known(cells.stated, cells.share, place, len(unique)),
        _mean_known(cells.price, cells.share, place, len(unique)),
    )


def _mean_known(values: Array, weights: Array, place: Ints, n: int) -> Array:
    known = ~np.isnan(values)
    below = np.bincount(place[known], weights=weights[known], minlength=n)
    above = np.bincount(place[known], weights=(weights * np.nan_to_num(values))[known], minlength=n)
    return np.asarray(np.where(below > 0, above / np.where(below > 0, below, 1.0), np.nan))
