"""What people judge better than the numbers: overrides, pins, launches, and words on events."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

import pandas as pd

from analytics.errors import OutOfBoundsError
from analytics.forecasting import overrides as rules
from analytics.store import Store

KINDS = rules.KINDS
REASONS = ("promotion", "listing", "competitor", "wholesale", "supply", "price", "other")
OVERRIDE_LIMITS = {"percent": (-100.0, 900.0), "units_per_week": (0.0, 1e6),
                   "units_total": (0.0, 1e7)}  # fmt: skip
MULTIPLIERS = (0.05, 20.0)
UPLIFTS = (-90.0, 900.0)  # %
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
            The value lies outside the limits of its kind, or the last day before the first.
        """
        low, high = OVERRIDE_LIMITS[self.kind]
        if not low <= self.value <= high:
            raise OutOfBoundsError(name="override_value", value=self.value, low=low, high=high)
        if self.ends_on < self.starts_on:
            last = self.starts_on + timedelta(days=LONGEST)
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
        """Refuse a multiplier that cannot be meant.

        Raises
        ------
        OutOfBoundsError
            It lies outside `MULTIPLIERS`.
        """
        low, high = MULTIPLIERS
        if not low <= self.multiplier <= high:
            raise OutOfBoundsError(name="multiplier", value=self.multiplier, low=low, high=high)


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
    bodies = {}
    for sku, market in items:
        body = {**told, "before": _path(before, sku, market)}
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
    low, high = UPLIFTS
    if uplift_pct is not None and not low <= uplift_pct <= high:
        raise OutOfBoundsError(name="event_uplift", value=uplift_pct, low=low, high=high)
    scope = _json({"code": code, "market": market})
    [number] = store.judge("event", {scope: _json(uplift_pct)}, who=who)
    return number


def event_edits(store: Store) -> dict[tuple[str, str], float | None]:
    """Return what is said of built-in events, as `calendars.event_frame` takes it."""
    found: dict[tuple[str, str], float | None] = {}
    for row in store.judgements("event").to_dict("records"):
        scope = json.loads(row["scope"])
        found[scope["code"], scope["market"]] = json.loads(row["body"])
    return found


def withdraw(store: Store, judgement_id: int, *, who: str = "") -> None:
    """Let a judgement stand no longer.

    Raises
    ------
    UnknownJudgementError
        There is no such judgement, or it was withdrawn already.
    """
    store.withdraw(judgement_id, who=who)


def _path(before: pd.DataFrame | None, sku: str, market: str) -> Mapping[str, float]:
    if before is None:
        return {}
    own = before[(before["sku"] == sku) & (before["market"] == market)]
    weeks = own["week"].dt.strftime("%Y-%m-%d")
    return dict(zip(weeks, own["mean"].round(4).tolist(), strict=True))


def _json(value: Any) -> str:  # noqa: ANN401 - whatever JSON holds
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
