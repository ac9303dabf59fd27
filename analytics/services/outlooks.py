"""The forecast of the catalogue: made once per change of data, kept item by item, read back."""

import hashlib
import logging
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from analytics import calendars, forecasting
from analytics.apart import apart
from analytics.demand import ObservedDays
from analytics.errors import Cancelled, ClusterError, ForecastBrokeOffError
from analytics.forecasting import Background, ForecastResult
from analytics.forecasting.cases import Outlook
from analytics.forecasting.deep import deep_fit
from analytics.progress import Progress
from analytics.services import engines, judgements
from analytics.store import Store

Array = NDArray[np.float64]
_log = logging.getLogger(__name__)
HORIZON = 30  # weeks: fifteen of lead time and ninety days of delay
MOST_EVENTS = 4
FIGURES = ("mean", "sd", "cumulative_mean", "cumulative_sd")
_TEXTS = ("group", "member")
_DAY = np.timedelta64(1, "D")
_SIX_DAYS = 6 * _DAY
_REST = 60.0  # seconds in which a forecast that broke off is not tried again
_broke_off: dict[str, float] = {}  # when, by the task's name


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be forecast: the same task has the same answer.

    Attributes
    ----------
    panel : DataFrame
        Demand by week.
    events : DataFrame
        Known events, see `events`.
    monday : date
        First week ahead.
    shares : mapping
        Share of it that lies ahead, by market.
    pins : mapping of int to str
        Methods that were chosen for single items, by their rows.
    """

    panel: pd.DataFrame
    events: pd.DataFrame
    monday: date
    shares: Mapping[str, float]
    pins: Mapping[int, str]

    @property
    def name(self) -> str:
        """Return a key of everything that the forecast depends on."""
        digest = hashlib.blake2b(digest_size=16)
        shares = sorted(self.shares.items())
        digest.update(f"{forecasting.ENGINE} {HORIZON} {self.monday} {shares} {self.pins}".encode())
        for column in ("units", "availability", "price", "discount"):
            if column in self.panel:
                digest.update(np.ascontiguousarray(self.panel[column].to_numpy()).tobytes())
        for column in ("sku", "market", "group"):
            categories = self.panel[column].cat
            digest.update("\0".join(map(str, categories.categories)).encode())
            digest.update(np.ascontiguousarray(categories.codes.to_numpy()).tobytes())
        digest.update(np.ascontiguousarray(self.panel["week"].to_numpy()).tobytes())
        digest.update(self.events.to_json(date_format="iso").encode())
        return digest.hexdigest()

    @property
    def ahead(self) -> dict[str, Any]:
        """Return what the engine is told of the weeks ahead."""
        return {
            "horizon": HORIZON,
            "first_week": self.monday,
            "first_week_share": dict(self.shares),
        }


def task(store: Store, panel: pd.DataFrame, days: ObservedDays) -> Task:
    """Return the task of forecasting ``panel`` from the day after the last one of ``days``."""
    pinned = judgements.pins(store)
    pairs = zip(days.items["sku"], days.items["market"], strict=True)
    pins = {row: pinned[pair][0] for row, pair in enumerate(pairs) if pair in pinned}
    return Task(panel, events(store), *first_week(days), pins)


def answer(
    store: Store, wanted: Task, *, keep: bool, progress: Progress
) -> tuple[ForecastResult, Background]:
    """Return the forecast of every item, and what all items taught; read back if it is known.

    Of items that nothing changed for, the forecast that was made before is used.

    Raises
    ------
    ForecastBrokeOffError
        It took too much memory or time: now, or for whoever asked for the same a moment ago.
    """
    kept = _kept(store, wanted)
    if kept is not None:
        return kept
    with _minding(wanted.name):
        return _made(store, wanted, keep=keep, progress=progress)


@contextmanager
def _minding(name: str) -> Iterator[None]:
    """Do not try again for a while what broke off: every page that opens would wait for it."""
    now = time.monotonic()
    if now - _broke_off.get(name, -_REST) < _REST:
        raise ForecastBrokeOffError
    try:
        yield
    except ForecastBrokeOffError:
        over = [one for one, at in list(_broke_off.items()) if now - at >= _REST]
        for one in over:
            _broke_off.pop(one, None)
        _broke_off[name] = time.monotonic()
        raise


def _made(
    store: Store, wanted: Task, *, keep: bool, progress: Progress
) -> tuple[ForecastResult, Background]:
    background = engines.run(
        forecasting.learn, wanted.panel, at=(0, 3, ""), progress=progress, events=wanted.events
    )
    keys = _keys(wanted, background)
    known = store.known_forecasts(np.unique(keys).tolist())
    fresh = np.flatnonzero(~np.isin(keys, known["key"].to_numpy(zero_copy_only=False)))
    _, first = np.unique(keys[fresh], return_index=True)  # items alike in everything share one
    fresh = fresh[np.sort(first)]
    made = engines.run(
        forecasting.project, wanted.panel, background, at=(2, 3, "forecast"), progress=progress,
        backend=backend(), rows=fresh, **wanted.ahead,
    )  # fmt: skip
    made, is_whole = _pinned(wanted, made, fresh, progress)
    rows = _written(made, keys[fresh])
    every = pa.concat_tables([known.select(rows.column_names), rows])
    if keep and is_whole:  # with all rows: another visitor's run may have pushed out known ones
        store.save_forecasts(wanted.name, background.to_bytes(), keys.tolist(), every)
    place = pd.Index(every["key"].to_pandas()).get_indexer(keys)
    return _read(every.take(pa.array(place)), wanted, background), background


def _kept(store: Store, wanted: Task) -> tuple[ForecastResult, Background] | None:
    """Return what was kept of the task; None if nothing was, or what was cannot be used."""
    packed = store.forecast_background(wanted.name)
    if packed is None:
        return None
    try:
        background = Background.from_bytes(packed)
    except (ValueError, TypeError, KeyError, AttributeError):  # of another shape of the program
        return None
    rows = store.run_forecasts(wanted.name)
    if rows.num_rows != len(background.seasons.pools.of_item):
        return None
    return _read(rows, wanted, background), background


def _keys(wanted: Task, background: Background) -> NDArray[np.str_]:
    """Return what each item's forecast depends on, shape (n_items,)."""
    keys = forecasting.item_keys(wanted.panel, background, **wanted.ahead).astype(object)
    for row, member in wanted.pins.items():
        past, known = _own(wanted, row)
        digest = hashlib.blake2b(past.to_json(date_format="iso").encode(), digest_size=8)
        digest.update(b"" if known is None else known.to_json(date_format="iso").encode())
        keys[row] = f"{keys[row]}:{member}:{digest.hexdigest()}"
    return keys.astype(np.str_)


def _own(wanted: Task, row: int) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    """Return what a method of an item's own is fitted to: its whole weeks, and events in them."""
    first = wanted.panel.iloc[row * wanted.panel["week"].nunique()]
    item = pd.Series({"sku": first["sku"], "market": first["market"], "category": first["group"]})
    past = history(wanted.panel, row, wanted.monday)
    return past, exposures(wanted.events, item, past["week"], HORIZON)


def _pinned(
    wanted: Task, made: ForecastResult, rows: NDArray[np.int64], progress: Progress
) -> tuple[ForecastResult, bool]:
    """Return forecasts by the pinned methods in place of ours, and whether all could be tried.

    A method that the history does not carry leaves ours, and so does a fit that broke off; after
    that the run is not kept, so that it is tried again.
    """
    figures = {name: getattr(made, name).copy() for name in FIGURES}
    member = made.items["member"].to_numpy(dtype=object).copy()
    is_whole = True
    for place, row in enumerate(rows.tolist()):
        name = wanted.pins.get(row)
        if name is None:
            continue
        try:
            outlook = _deep(name, *_own(wanted, row), progress)
        except Cancelled:
            raise
        except Exception:  # noqa: BLE001 - one item's method must not take away all forecasts
            _log.warning("A pinned method could not be fitted", exc_info=True)
            is_whole = False
            continue
        if outlook is None:
            continue
        rest = begun(outlook, np.array([wanted.shares[str(made.items["market"].iloc[place])]]))
        for figure, values in figures.items():
            values[place] = getattr(rest, figure)
        member[place] = name
    return replace(made, **figures, items=made.items.assign(member=member)), is_whole


def _deep(
    name: str, past: pd.DataFrame, known: pd.DataFrame | None, progress: Progress
) -> Outlook | None:
    """Return one item's outlook by a pinned method; None if the history does not carry it."""
    fit = apart(deep_fit, past, horizon=HORIZON, events=known, progress=progress)
    return next((member.outlook for member in fit.members if member.name == name), None)


def begun(whole: Outlook, share: Array | float) -> Outlook:
    """Return an outlook on whole weeks less the part of the first one that is over.

    Parameters
    ----------
    whole : Outlook
        Shape (n_weeks,) or (n_items, n_weeks).
    share : ndarray, shape (n_items,)
        Share of the first week that lies ahead.
    """
    mean, sd, total, total_sd = (np.atleast_2d(getattr(whole, name)).copy() for name in FIGURES)
    total -= (mean[:, 0] * (1 - share))[:, None]
    mean[:, 0] *= share
    sd[:, 0] *= np.sqrt(share)
    total_sd[:, 0] = sd[:, 0]
    return Outlook(mean, sd, np.maximum(total, mean[:, :1]), total_sd)


def unbegun(rest: Outlook, share: float) -> Outlook:
    """Return the outlook of one item on whole weeks: `begun` taken back, as if nothing had passed.

    >>> half = begun(Outlook(*np.array([[8.0, 8.0], [2.0, 2.0], [8.0, 16.0], [2.0, 3.0]])), 0.5)
    >>> unbegun(Outlook(*(part[0] for part in (half.mean, half.sd, half.cumulative_mean,
    ...                                        half.cumulative_sd))), 0.5).cumulative_mean.tolist()
    [8.0, 16.0]
    """
    mean, sd, total, total_sd = (getattr(rest, name).copy() for name in FIGURES)
    left = max(share, 1e-3)
    total += mean[0] * (1 / left - 1)
    mean[0] /= left
    sd[0] /= np.sqrt(left)
    total_sd[0] = sd[0]
    return Outlook(mean, sd, total, np.maximum.accumulate(total_sd))


def backend() -> str | None:
    """Return who forecasts chunks of items: a Dask cluster, if ``LEEWAY_DASK`` names one.

    Raises
    ------
    ClusterError
        Its scheduler does not answer, or ``distributed`` is not installed.
    """
    address = os.environ.get("LEEWAY_DASK", "")
    if not address:
        return None
    _connect(address)
    return "dask"


@cache
def _connect(address: str) -> object:
    """Return the client of a scheduler, which joblib then uses."""
    try:
        from distributed import Client  # noqa: PLC0415 - an extra

        return Client(address, timeout="10s", set_as_default=True)  # type: ignore[no-untyped-call]
    except (ImportError, OSError, ValueError) as fault:
        raise ClusterError(address=address, reason=str(fault)) from fault


def first_week(days: ObservedDays) -> tuple[date, dict[str, float]]:
    """Return the Monday of the week of tomorrow, and the share of it that lies ahead by market."""
    tomorrow = days.as_of + np.timedelta64(1, "D")
    weekday = first_weekday(days)
    monday: date = (tomorrow - np.timedelta64(weekday, "D")).astype(object)
    left = days.shares[:, weekday:].sum(axis=1)
    return monday, dict(zip(days.markets, left.tolist(), strict=True))


def first_weekday(days: ObservedDays) -> int:
    """Return the weekday of tomorrow, Monday = 0."""
    return int(days.covered.shape[1] % 7)


def history(panel: pd.DataFrame, row: int, monday: date) -> pd.DataFrame:
    """Return one item's whole weeks before ``monday``: ``week``, ``units``, ``price`` if known."""
    count = panel["week"].nunique()
    own = panel.iloc[row * count : (row + 1) * count]
    columns = [name for name in ("week", "units", "price") if name in own]
    return own.loc[own["week"] < pd.Timestamp(monday), columns].reset_index(drop=True)


def exposures(
    events: pd.DataFrame, item: pd.Series, weeks: pd.Series, ahead: int
) -> pd.DataFrame | None:
    """Return how much of each week each kind of event takes, as `forecasting.deep_fit` reads it.

    Parameters
    ----------
    events : DataFrame
        See `events`.
    item : Series
        ``sku``, ``market``, ``category``.
    weeks : Series
        Mondays of the history.
    ahead : int
        Weeks that follow.

    Returns
    -------
    DataFrame or None
        ``week`` and a column per code that occurred in the history, 0 to 1, of those that take
        most of it at most `MOST_EVENTS`: each one more costs a fit much time; None without any.
    """
    here = events["side"] == "demand"
    for column, name in (("market", "market"), ("group", "category"), ("sku", "sku")):
        here &= events[column].isin(["", item[name]])
    if not here.any() or weeks.empty:
        return None
    every = pd.date_range(weeks.iloc[0], periods=len(weeks) + ahead, freq="7D")
    columns: dict[str, Array] = {}
    for code, some in events.loc[here].groupby("code"):
        low = np.maximum(some["starts_on"].to_numpy()[:, None], every.to_numpy())
        high = np.minimum(some["ends_on"].to_numpy()[:, None], every.to_numpy() + _SIX_DAYS)
        days = ((high - low) / _DAY + 1).clip(0).sum(axis=0)
        if days[: len(weeks)].any():  # marked: a seller may call an event "week" or "price"
            columns[f"event:{code}"] = np.minimum(days / 7, 1.0)
    if not columns:
        return None
    most = sorted(columns, key=lambda code: -columns[code][: len(weeks)].sum())[:MOST_EVENTS]
    return pd.DataFrame({"week": every, **{code: columns[code] for code in sorted(most)}})


def events(store: Store) -> pd.DataFrame:
    """Return the built-in events and the seller's own, as people edited them."""
    named = store.named("markets")
    return calendars.event_frame(
        calendars.builtin(),
        store.events(),
        judgements.event_edits(store),
        pooled=dict(zip(named["country"], named["market"], strict=True)),
    )


def _written(made: ForecastResult, keys: NDArray[np.str_]) -> pa.Table:
    """Return forecasts as the store keeps them, one row per key."""
    columns: dict[str, Any] = {"key": pa.array(keys.tolist(), pa.string())}
    columns |= {name: pa.array(made.items[name].tolist(), pa.string()) for name in _TEXTS}
    strength = made.items["season_strength"].to_numpy(dtype=np.float64)
    columns["season_strength"] = pa.array(strength)
    columns["weights"] = _lists(made.weights)
    return pa.table(columns | {name: _lists(getattr(made, name)) for name in FIGURES})


def _lists(values: NDArray[np.floating[Any]]) -> pa.Array:
    rows, count = values.shape
    flat = pa.array(np.ascontiguousarray(values, dtype=np.float64).ravel())
    return pa.ListArray.from_arrays(pa.array(np.arange(rows + 1) * count, pa.int32()), flat)


def _read(stored: pa.Table, wanted: Task, background: Background) -> ForecastResult:
    """Return forecasts as they were written, one row per item of the panel."""
    keys = wanted.panel[["sku", "market"]]
    count = len(wanted.panel) // max(stored.num_rows, 1)
    items = keys.iloc[:: max(count, 1)].astype(object).reset_index(drop=True)
    told = {
        "member": stored["member"].to_pandas().astype(object),
        "group": pd.Series(background.seasons.pools.names, dtype=object),
    }
    items = items.assign(**told, season_strength=stored["season_strength"].to_pandas())
    figures = {name: _array(stored, name) for name in (*FIGURES, "weights")}
    weeks = np.datetime64(wanted.monday, "D") + np.arange(HORIZON) * np.timedelta64(7, "D")
    read = ForecastResult(
        items[["sku", "market", "group", "season_strength", "member"]],
        weeks,
        mean=figures["mean"],
        sd=figures["sd"],
        cumulative_mean=figures["cumulative_mean"],
        cumulative_sd=figures["cumulative_sd"],
        facts={
            "engine": forecasting.ENGINE,
            "weeks": wanted.panel["week"].nunique(),
            "calibrated_weeks": background.calibrated_weeks,
            "growth": background.growth,
            "season_source": "own" if background.seasons.is_learnt else "none",
        },
        weights=figures["weights"].astype(np.float32),
    )
    if background.effects is None:
        return read
    return replace(read, uplifts=background.effects.table)


def _array(stored: pa.Table, name: str) -> Array:
    flat = stored[name].combine_chunks().flatten().to_numpy()
    return np.asarray(flat.reshape(stored.num_rows, -1), dtype=np.float64)
