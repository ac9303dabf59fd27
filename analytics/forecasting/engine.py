"""The batched forecast in two passes: what all items share, then each chunk of items."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.forecasting.chunks import Backend, chunks, mapped
from analytics.forecasting.groups import pools
from analytics.forecasting.matrix import Array, Matrix, matrix
from analytics.forecasting.packing import pack, unpack
from analytics.forecasting.projection import Ahead, Projection, projection
from analytics.forecasting.result import QUANTILES, ForecastResult
from analytics.forecasting.season import Seasons, seasons
from analytics.forecasting.settings import ENGINE, Settings
from analytics.forecasting.shared import Shared, shared
from analytics.forecasting.uplifts import Uplifts, uplifts
from analytics.progress import Progress, silent

_WEEK = np.timedelta64(7, "D")


@dataclass(frozen=True, slots=True)
class Background:
    """What a panel teaches apart from its items' levels.

    Attributes
    ----------
    seasons : Seasons
        The season of every pool, and each item's pool.
    shared : Shared
        What every chunk of items needs.
    effects : Uplifts or None
        What events and prices do; none if the panel has neither.
    """

    seasons: Seasons
    shared: Shared
    effects: Uplifts | None = None

    @property
    def calibrated_weeks(self) -> int:
        """Return the longest horizon that the history can judge, in weeks; 0 = none."""
        known = self.shared.spread.cumulative.horizons
        return int(known[-1]) if len(known) else 0

    @property
    def growth(self) -> float:
        """Return the power of time by which the sd grows beyond it."""
        return self.shared.spread.cumulative.growth

    def to_bytes(self) -> bytes:
        """Return everything as bytes, to be stored; no pickle."""
        return pack(self)

    @classmethod
    def from_bytes(cls, packed: bytes) -> Self:
        """Return what `to_bytes` returned, read back.

        Raises
        ------
        ValueError
            The bytes hold something else.
        """
        found = unpack(packed)
        if isinstance(found, cls):
            return found
        raise ValueError("the bytes hold no background")


def learn(
    panel: pd.DataFrame | Matrix,
    *,
    events: pd.DataFrame | None = None,
    settings: Settings | None = None,
    progress: Progress = silent,
) -> Background:
    """Return what ``panel`` teaches apart from its items' levels: the first pass.

    Arguments and errors are those of `forecast`. Season and uplifts take turns: the season is
    learnt, the uplifts beside it, then the season from what they leave.
    """
    assumed = settings or Settings()
    data = panel if isinstance(panel, Matrix) else matrix(panel)
    groups = pools(data, assumed)
    season = seasons(data, groups, assumed)
    effects = None
    if events is not None or data.price is not None or data.discount is not None:
        effects = uplifts(data, season, events, assumed)
        data = data.without(effects.history)
        season = seasons(data, groups, assumed)
    progress(1, 2, "season")
    known = shared(data, season, assumed)
    progress(2, 2, "spread")
    return Background(season, known, effects)


def forecast(
    panel: pd.DataFrame,
    *,
    horizon: int = 13,
    quantiles: tuple[float, ...] = QUANTILES,
    events: pd.DataFrame | None = None,
    settings: Settings | None = None,
    first_week: date | None = None,
    first_week_share: Mapping[str, float] | None = None,
    backend: Backend = None,
    progress: Progress = silent,
) -> ForecastResult:
    """Return the demand to expect of every item, week by week, with its uncertainty.

    Parameters
    ----------
    panel : DataFrame
        ``sku``, ``market``, ``week`` (Monday), ``units`` (NaN = unobserved); optionally ``group``,
        ``availability`` (0 to 1), ``price``, ``discount``, as `analytics.demand` returns it.
    horizon : int
        Weeks ahead, 1 to 30.
    quantiles : tuple of float
        Probabilities of the quantiles in the result's frames, ascending.
    events : DataFrame, optional
        Known events, past and to come; see `uplifts`.
    settings : Settings, optional
        What the engine assumes.
    first_week : date, optional
        Monday of the first week to forecast; none = the week after the last one in ``panel``.
    first_week_share : mapping, optional
        Share of that week's demand that still lies ahead, by market; 1 where not given.
    backend : str or Executor, optional
        Who works on chunks of items; see `chunks.mapped`. No number depends on it.
    progress : Progress
        Told after each step.

    Raises
    ------
    InvalidPanelError
        A column is missing, a week is no Monday or stands twice, units are negative or infinite.

    Notes
    -----
    Members (see `members.roster`) are smoothed levels at seven speeds times four strengths of
    season, and a few of other kinds; each item mixes them by ``exp(-8 log-loss)`` of its rolling
    1-, 4- and 8-week totals, drawn to its pool's. Spread: errors of the mixture at past origins, by
    level, scaled to the item and calibrated at 80, 95 and 99 %; beyond the last horizon that the
    history can judge it grows by a power of time. No number is random.
    """
    assumed = settings or Settings()
    data = matrix(panel)
    if data.items.empty:
        return _nothing(_ahead(data, horizon, first_week, first_week_share), quantiles)
    known = learn(data, events=events, settings=assumed, progress=_part_of(data, assumed, progress))
    return project(
        data, known, horizon=horizon, quantiles=quantiles, settings=assumed, backend=backend,
        first_week=first_week, first_week_share=first_week_share, progress=progress,
    )  # fmt: skip


def _part_of(data: Matrix, settings: Settings, progress: Progress) -> Progress:
    """Return a progress of the first pass that counts the chunks of the second, too."""
    total = 2 + -(-len(data.items) // settings.chunk)

    def told(done: int, _: int, item: str, /) -> None:
        progress(done, total, item)

    return told


def project(
    panel: pd.DataFrame | Matrix,
    background: Background,
    *,
    rows: NDArray[np.int64] | None = None,
    horizon: int = 13,
    quantiles: tuple[float, ...] = QUANTILES,
    settings: Settings | None = None,
    first_week: date | None = None,
    first_week_share: Mapping[str, float] | None = None,
    backend: Backend = None,
    progress: Progress = silent,
) -> ForecastResult:
    """Return the forecast of some items, given what all of them taught: the second pass.

    Parameters
    ----------
    panel : DataFrame or Matrix
        The panel that ``background`` was learnt from.
    background : Background
        As `learn` returns it.
    rows : ndarray of int, optional
        Items wanted, by their order of appearance in ``panel``; none = all.

    Other arguments and errors are those of `forecast`. Chunks are independent: an item's numbers
    depend on its own history and on ``background`` alone.
    """
    assumed = settings or Settings()
    data = panel if isinstance(panel, Matrix) else matrix(panel)
    chosen = np.arange(len(data.items)) if rows is None else np.asarray(rows, dtype=np.int64)
    ahead = _ahead(data, horizon, first_week, first_week_share)
    if not len(chosen):
        return _nothing(ahead, quantiles)

    def arguments(some: NDArray[np.int64]) -> tuple[object, ...]:
        part, pool = _cleaned(data, background, some), background.seasons.pools.of_item[some]
        return part, pool, background.shared, _lifted(ahead, background, some), assumed

    parts = chunks(chosen, assumed.chunk)
    done: list[Projection] = []
    for part in mapped(projection, arguments, parts, backend=backend):
        done.append(part)
        progress(2 + len(done), 2 + len(parts), "forecast")
    return replace(_result(data, background, chosen, ahead, done), probabilities=quantiles)


def _cleaned(data: Matrix, background: Background, rows: NDArray[np.int64]) -> Matrix:
    """Return some items without what events did to them."""
    part, effects = data.take(rows), background.effects
    return part if effects is None else part.without(effects.history[rows])


def _lifted(ahead: Ahead, background: Background, rows: NDArray[np.int64]) -> Ahead:
    """Return what lies ahead of some items, with what events will do to them."""
    part, effects = ahead.take(rows), background.effects
    if effects is None:
        return part
    return Ahead(part.weeks, part.share, effects.future(part.weeks, rows))


def item_keys(
    panel: pd.DataFrame | Matrix,
    background: Background,
    *,
    horizon: int = 13,
    settings: Settings | None = None,
    first_week: date | None = None,
    first_week_share: Mapping[str, float] | None = None,
) -> NDArray[np.str_]:
    """Return a key of everything that each item's forecast depends on, shape (n_items,).

    Equal keys are equal numbers: the item's own history, what it uses of the background, events
    that touch it, the weeks ahead, the settings and the engine. Arguments are those of `project`.
    """
    assumed = settings or Settings()
    data = panel if isinstance(panel, Matrix) else matrix(panel)
    ahead = _ahead(data, horizon, first_week, first_week_share)
    everyone = f"{ENGINE} {assumed} {data.weeks[:1]} {data.weeks[-1:]} {ahead.weeks[:1]} {horizon}"
    of_pool = background.shared.digests(everyone)
    keys = []
    for some in chunks(np.arange(len(data.items)), assumed.chunk):
        part, coming = _cleaned(data, background, some), _lifted(ahead, background, some)
        pool = background.seasons.pools.of_item[some]
        own = np.concatenate([part.units, part.weight, coming.share[:, :1], coming.uplift], axis=1)
        keys += [_key(of_pool[index], row) for index, row in zip(pool, own, strict=True)]
    return np.array(keys, dtype=np.str_)


def _key(pool: bytes, row: Array) -> str:
    return hashlib.blake2b(pool + row.tobytes(), digest_size=16).hexdigest()


def background(panel: pd.DataFrame, settings: Settings | None = None) -> Background:
    """Return what ``panel`` teaches, as `forecast` finds it without events."""
    return learn(panel, settings=settings)


def _ahead(
    data: Matrix, horizon: int, first_week: date | None, shares: Mapping[str, float] | None
) -> Ahead:
    after = data.weeks[-1] + _WEEK if len(data.weeks) else np.datetime64("1970-01-05", "D")
    first = np.datetime64(first_week, "D") if first_week else after
    share = np.ones((len(data.items), horizon))
    left = shares or {}
    share[:, 0] = [float(left.get(str(market), 1.0)) for market in data.items["market"]]
    return Ahead(first + np.arange(horizon) * _WEEK, share, np.ones_like(share))


def _nothing(ahead: Ahead, quantiles: tuple[float, ...]) -> ForecastResult:
    columns = ("sku", "market", "group", "season_strength", "member")
    items = pd.DataFrame({name: [] for name in columns}, dtype=object)
    none = ahead.share[:0]
    return ForecastResult(items, ahead.weeks, none, none, none, none, probabilities=quantiles)


def _result(
    data: Matrix, known: Background, rows: NDArray[np.int64], ahead: Ahead, done: list[Projection]
) -> ForecastResult:
    mean, sd, cumulative_sd, strength, weights = (
        np.concatenate([getattr(part, name) for part in done])
        for name in ("mean", "sd", "cumulative_sd", "season_strength", "weights")
    )
    who = done[0].members
    names = np.array([pool.name for pool in known.seasons.pools.pools], dtype=object)
    items = data.items[["sku", "market"]].iloc[rows].reset_index(drop=True)
    items = items.assign(
        group=names[known.seasons.pools.of_item[rows]],
        season_strength=strength.round(3),
        member=np.array(who, dtype=object)[weights.argmax(axis=1)],
    )
    made = ForecastResult(
        items=items,
        weeks=ahead.weeks,
        mean=mean,
        sd=sd,
        cumulative_mean=mean.cumsum(axis=1),
        cumulative_sd=cumulative_sd,
        facts=_facts(data, known, who),
        weights=weights,
    )
    return made if known.effects is None else replace(made, uplifts=known.effects.table)


def _facts(data: Matrix, known: Background, members: tuple[str, ...]) -> dict[str, object]:
    return {
        "engine": ENGINE,
        "weeks": len(data.weeks),
        "calibrated_weeks": known.calibrated_weeks,
        "growth": known.growth,
        "season_source": "own" if known.seasons.is_learnt else "none",
        "pools": len(known.seasons.pools.pools),
        "members": members,
    }
