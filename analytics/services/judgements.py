"""What people judge better than the numbers: overrides, pins, launches, and words on events."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

import pandas as pd

from analytics.errors import OutOfBoundsError, UnknownFieldError
from analytics.forecasting import overrides as rules
from analytics.store import Store

KINDS = rules.KINDS
REASONS = ("promotion", "listing", "competitor", "wholesale", "supply", "price", "other")
OVERRIDE_LIMITS = {"percent": (-100.0, 900.0), "units_per_week": (0.0, 1e6),
                   "units_total": (0.0, 1e7)}  # fmt: skip
MULTIPLIERS = (0.05, 20.0)
UPLIFTS = (-75.0, 500.0)  # %; beyond, the forecast takes it for a slip
LONGEST = 210  # days that an override may last: as far as is forecast
_SCOPE = ("sku", "market", "group")

Item = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Override:
    """Another forecast than the numbers give, for some days.

    Attributes
    ----------
    kind : str
        ``percent`` (20 = a fifth more), ``units_per_week`` or ``units_total`` (over all the days).
    value : float
    starts_on, ends_on : date
        Both included.
    reason : str
        One of `REASONS`.
    note : str
        In the seller's own words.
    """

    kind: str
    value: float
    starts_on: date
    ends_on: date
    reason: str
    note: str = ""

    def __post_init__(self) -> None:
        """Refuse what cannot be meant.

        Raises
        ------
        OutOfBoundsError
            The value lies outside the limits of its kind, the last day before the first, or more
            than `LONGEST` days are meant.
        UnknownFieldError
            There is no such kind, or no such reason.
        """
        for word, known in ((self.kind, KINDS), (self.reason, REASONS)):
            if word not in known:
                raise UnknownFieldError(name=word)
        low, high = OVERRIDE_LIMITS[self.kind]
        if not low <= self.value <= high:
            raise OutOfBoundsError(name="override_value", value=self.value, low=low, high=high)
        last = self.starts_on + timedelta(days=LONGEST - 1)
        if not self.starts_on <= self.ends_on <= last:
            raise OutOfBoundsError(
                name="ends_on", value=self.ends_on, low=self.starts_on, high=last
            )


@dataclass(frozen=True, slots=True)
class Launch:
    """Where a new product's level is borrowed from.

    Attributes
    ----------
    like_sku : str
        A product of the same market; empty = the category.
    multiplier : float
        Of the borrowed level.
    units_per_week : float or None
        The mature level in the seller's own word; it goes before the others.
    starts_on, until : date or None
        First day on sale (none = the first sale), and the last day up to which it is borrowed.
    """

    like_sku: str = ""
    multiplier: float = 1.0
    units_per_week: float | None = None
    starts_on: date | None = None
    until: date | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be meant.

        Raises
        ------
        OutOfBoundsError
            The multiplier or the level lies outside its limits, or the last day before the first.
        """
        low, high = MULTIPLIERS
        if not low <= self.multiplier <= high:
            raise OutOfBoundsError(name="multiplier", value=self.multiplier, low=low, high=high)
        level = self.units_per_week
        low, high = OVERRIDE_LIMITS["units_per_week"]
        if level is not None and not low <= level <= high:
            raise OutOfBoundsError(name="units_per_week", value=level, low=low, high=high)
        if self.starts_on and self.until and self.until < self.starts_on:
            raise OutOfBoundsError(
                name="until", value=self.until, low=self.starts_on, high=date.max
            )


def override(
    store: Store,
    items: Sequence[Item],
    said: Override,
    *,
    before: pd.DataFrame | None = None,
    who: str = "",
) -> list[int]:
    """Note an override of each of ``items`` (SKU, market); return their numbers.

    Parameters
    ----------
    before : DataFrame, optional
        ``sku``, ``market``, ``week``, ``mean``: the forecast without it, which it is scored
        against once its days are over.
    """
    told = {name: f"{value}" if isinstance(value, date) else value
            for name, value in asdict(said).items()}  # fmt: skip
    bodies, paths = {}, _paths(before)
    for sku, market in items:
        body = {**told, "before": paths.get((sku, market), {})}
        scope = {"sku": sku, "market": market, "from": f"{said.starts_on}", "to": f"{said.ends_on}"}
        bodies[_json(scope)] = _json(body)
    return store.judge("override", bodies, reason=said.reason, who=who)


def overrides(store: Store) -> pd.DataFrame:
    """Return the overrides that stand, the oldest first.

    Returns
    -------
    DataFrame
        ``judgement_id``, ``sku``, ``market``, ``group`` (empty = every), ``starts_on``,
        ``ends_on`` (datetime64), ``kind``, ``value``, ``reason``, ``note``, ``who``, ``made_at``,
        ``before`` (the forecast without it: Monday to units).
    """
    columns = ("judgement_id", *_SCOPE, "starts_on", "ends_on", "kind", "value", "reason", "note",
               "who", "made_at", "before")  # fmt: skip
    rows = []
    for row in store.judgements("override").to_dict("records"):
        scope, body = json.loads(row["scope"]), json.loads(row["body"])
        if body.get("kind") not in KINDS:
            continue
        named = {name: str(scope.get(name, "")) for name in _SCOPE}
        rows.append({**row, **named, **body})
    frame = pd.DataFrame(rows, columns=list(columns))
    days = {name: pd.to_datetime(frame[name]) for name in ("starts_on", "ends_on")}
    return frame.assign(**days, value=frame["value"].astype("float64"))


def pin(store: Store, sku: str, market: str, member: str, *, who: str = "") -> int:
    """Let an item be forecast by the method ``member``, whatever the numbers favour."""
    [number] = store.judge("pin", {_json({"sku": sku, "market": market}): _json(member)}, who=who)
    return number


def pins(store: Store) -> dict[Item, tuple[str, int]]:
    """Return the pinned method of each item, and the number of the judgement."""
    found = {}
    for row in store.judgements("pin").to_dict("records"):
        scope = json.loads(row["scope"])
        found[scope["sku"], scope["market"]] = (json.loads(row["body"]), int(row["judgement_id"]))
    return found


def launch(store: Store, sku: str, market: str, said: Launch, *, who: str = "") -> int:
    """Note where the level of a new item is borrowed from."""
    told = {name: f"{value}" if isinstance(value, date) else value
            for name, value in asdict(said).items()}  # fmt: skip
    [number] = store.judge("launch", {_json({"sku": sku, "market": market}): _json(told)}, who=who)
    return number


def launches(store: Store) -> pd.DataFrame:
    """Return the launches that stand, as `forecasting.launches` takes them.

    Returns
    -------
    DataFrame
        ``judgement_id``, ``sku``, ``market``, ``like_sku``, ``multiplier``, ``units_per_week``
        (NaN = not said), ``starts_on``, ``until`` (NaT = not said).
    """
    columns = ("judgement_id", "sku", "market", "like_sku", "multiplier", "units_per_week",
               "starts_on", "until")  # fmt: skip
    rows = [
        {**row, **json.loads(row["scope"]), **json.loads(row["body"])}
        for row in store.judgements("launch").to_dict("records")
    ]
    frame = pd.DataFrame(rows, columns=list(columns))
    days = {name: pd.to_datetime(frame[name]) for name in ("starts_on", "until")}
    numbers = {name: frame[name].astype("float64") for name in ("multiplier", "units_per_week")}
    return frame.assign(**days, **numbers)


def event(store: Store, code: str, market: str, uplift_pct: float | None, *, who: str = "") -> int:
    """Note what a built-in event does to demand (%), or with None that it does not count.

    Raises
    ------
    OutOfBoundsError
        The uplift lies outside `UPLIFTS`.
    """
    [number] = events(store, {(code, market): uplift_pct}, who=who)
    return number


def events(
    store: Store, edits: Mapping[tuple[str, str], float | None], *, who: str = ""
) -> list[int]:
    """Note what is said of several events (code, market), all of it or nothing, as `event` does.

    Raises
    ------
    OutOfBoundsError
        One of the uplifts lies outside `UPLIFTS`.
    """
    low, high = UPLIFTS
    for uplift in edits.values():
        if uplift is not None and not low <= uplift <= high:
            raise OutOfBoundsError(name="event_uplift", value=uplift, low=low, high=high)
    said = {
        _json({"code": code, "market": market}): _json(uplift)
        for (code, market), uplift in edits.items()
    }
    return store.judge("event", said, who=who)


def event_edits(store: Store) -> dict[tuple[str, str], float | None]:
    """Return what is said of built-in events, as `calendars.event_frame` takes it."""
    found: dict[tuple[str, str], float | None] = {}
    for row in store.judgements("event").to_dict("records"):
        scope = json.loads(row["scope"])
        found[scope["code"], scope["market"]] = json.loads(row["body"])
    return found


def standing(store: Store) -> set[int]:
    """Return the numbers of everything that stands."""
    kinds = ("override", "pin", "launch", "event")
    return {int(number) for kind in kinds for number in store.judgements(kind)["judgement_id"]}


def withdraw(store: Store, judgement_id: int, *, who: str = "") -> None:
    """Let a judgement stand no longer.

    Raises
    ------
    UnknownJudgementError
        There is no such judgement, or it was withdrawn already.
    """
    store.withdraw(int(judgement_id), who=who)  # a row of a table has numpy's integers


def _paths(before: pd.DataFrame | None) -> dict[Item, dict[str, float]]:
    """Return each item's forecast: Monday to units."""
    if before is None:
        return {}
    paths: dict[Item, dict[str, float]] = {}
    columns = (
        before["sku"],
        before["market"],
        before["week"].dt.strftime("%Y-%m-%d"),
        before["mean"].round(4).tolist(),
    )
    for sku, market, week, mean in zip(*columns, strict=True):
        paths.setdefault((sku, market), {})[week] = mean
    return paths


def _json(value: Any) -> str:  # noqa: ANN401 - whatever JSON holds
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
