"""What events and prices do to demand: out of the history, and into the future."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.forecasting.campaigns import Campaigns, Evidence, campaigns
from analytics.forecasting.campaigns import factors as campaign_factors
from analytics.forecasting.design import Nodes, nodes
from analytics.forecasting.evidence import evidence
from analytics.forecasting.exposure import Calendar, Cells, Ints, calendar
from analytics.forecasting.feasts import Feasts, History, feasts, no_feasts, own_effects
from analytics.forecasting.feasts import factors as feast_factors
from analytics.forecasting.matrix import Array, Matrix
from analytics.forecasting.prices import price_change
from analytics.forecasting.response import day_factor, pull
from analytics.forecasting.season import Seasons
from analytics.forecasting.settings import Settings

SMALLEST, LARGEST = 0.25, 6.0  # factor of one week: beyond it a slip is likelier than an event


@dataclass(frozen=True, slots=True)
class Uplifts:
    """What events and prices did to demand, and will do.

    Attributes
    ----------
    history : ndarray, shape (n_items, n_weeks)
        Factor that is in the past already; 1 = none.
    table : DataFrame
        The evidence, one row per kind of event and scope: ``code``, ``market``, ``group`` (empty =
        every), ``uplift`` (share on a day of the event; 0.4 = +40 %), ``low``, ``high`` (80 % of
        what is likely), ``weeks`` (observed item-weeks), ``items``, ``source`` (``estimated``,
        ``stated``, ``prior``) and ``elasticity`` (NaN). One row per scope with ``code`` ``price``:
        ``elasticity`` (% of demand per % of price), its ``low`` and ``high``, no ``uplift``.
    log_profile : ndarray, shape (n_pools, 52)
        The season of each pool beside the market-wide events.
    """

    history: Array
    table: pd.DataFrame
    log_profile: Array
    dates: Calendar
    groups: Nodes
    single: Campaigns
    wide: Feasts
    pool: Ints

    def future(self, weeks: NDArray[np.datetime64], items: slice | Ints = slice(None)) -> Array:
        """Return the factor to put on each item's week, shape (n_chosen, n_weeks); 1 = none.

        Parameters
        ----------
        weeks : ndarray of datetime64[D]
            Mondays, without gaps.
        items : slice or ndarray of int
            Rows of the matrix.

        Notes
        -----
        An uplift that the user stated is taken at the word; else the estimated one counts, with
        the price that is planned, or that usually came with such an event.
        """
        n_items = len(self.dates.items)
        chosen = np.arange(n_items)[items]
        wide, single = self.dates.cells(weeks)
        place = np.full(n_items, -1)
        place[chosen] = np.arange(len(chosen))
        kept = single.take(place[single.item] >= 0)
        out = np.ones((len(chosen), len(weeks)))
        np.multiply.at(
            out.reshape(-1),
            place[kept.item] * len(weeks) + kept.week,
            day_factor(kept.share, self._day(kept)),
        )
        if len(wide.code):
            some = replace(self.wide, own=self.wide.own[chosen])
            market, pool = self.dates.market[chosen], self.pool[chosen]
            out *= feast_factors(some, wide, market, pool, out.shape, at_word=True)
        return np.asarray(np.clip(out, SMALLEST, LARGEST))

    def _day(self, cells: Cells) -> Array:
        """Return the log factor of a day of each entry to come."""
        node = self.groups.of_item
        elasticity = self.single.elasticity(node)[cells.item]
        usual = self.single.price[cells.code]
        change = np.where(np.isnan(cells.price), usual, cells.price)
        learnt = self.single.of(replace(cells, stated=np.full(len(cells.code), np.nan)), node)
        learnt = np.where(_only_price(self.dates, cells.code), 0.0, learnt)
        return np.asarray(np.where(np.isnan(cells.stated), learnt + elasticity * change,
                                   cells.stated))  # fmt: skip


def uplifts(
    data: Matrix, season: Seasons, events: pd.DataFrame | None, settings: Settings
) -> Uplifts:
    """Return what events and prices did to ``data``, and will do.

    Parameters
    ----------
    data : Matrix
        Demand; with ``price`` (of a unit, net of discounts) and ``discount`` (share) where known.
    season : Seasons
        What the weeks of the year do, as learnt with the events still in it.
    events : DataFrame
        ``code``, ``side``, ``market``, ``group``, ``sku`` (empty = every), ``starts_on``,
        ``ends_on``, ``uplift_pct`` (NaN = estimate it), as `calendars.event_frame` makes it;
        optionally ``price_pct``, the change of price planned while the event lasts (%), which an
        event of the empty code consists of. Only events of the side ``demand`` count.
    settings : Settings
        What the engine assumes.

    Raises
    ------
    InvalidPanelError
        A column of the events is missing, or an event has no dates.

    Notes
    -----
    Promotions of single items and prices: `campaigns`. Events of whole markets: `feasts`. They
    take turns, each on what the other leaves; without any event and price every factor is 1.
    """
    del settings
    dates = calendar(events, data.items)
    groups = nodes(dates.market, dates.markets, data.items["group"].to_numpy(dtype=object))
    wide, single = dates.cells(data.weeks)
    change = _with_planned(price_change(data), single, data)
    single = single.take(~_only_price(dates, single.code))
    fit = _Fit(data, season, dates, groups, wide, single, change)
    alone, shared = fit.alternate()
    history = fit.factor(alone, shared)
    return Uplifts(
        history=np.asarray(np.clip(history, SMALLEST, LARGEST)),
        table=evidence(dates, groups, alone, shared, season),
        log_profile=shared.log_profile,
        dates=dates,
        groups=groups,
        single=alone,
        wide=shared,
        pool=season.pools.of_item,
    )


def _only_price(dates: Calendar, code: Ints) -> NDArray[np.bool_]:
    """Return whether each entry is a planned price and no event."""
    return np.array([name == "" for name in dates.codes], dtype=bool)[code]


def _with_planned(change: Array | None, cells: Cells, data: Matrix) -> Array | None:
    """Return the price changes, with those that were planned where no price is known."""
    known = getattr(data, "price", None)
    planned = ~np.isnan(cells.price)
    if known is not None:
        planned &= ~np.isfinite(known[cells.item, cells.week])
    planned &= data.observed[cells.item, cells.week]
    if not planned.any():
        return change
    some = cells.take(planned)
    out = np.zeros(data.units.shape) if change is None else change.copy()
    out[some.item, some.week] = np.log(day_factor(some.share, some.price))
    return out


@dataclass(frozen=True, slots=True)
class _Fit:
    """Both kinds of events, each learnt from what the other leaves."""

    data: Matrix
    season: Seasons
    dates: Calendar
    groups: Nodes
    wide: Cells
    single: Cells
    change: Array | None

    def alternate(self) -> tuple[Campaigns, Feasts]:
        """Return the effects on single items and on whole markets."""
        product = pd.factorize(self.data.items["sku"])[0].astype(np.int64)
        first = self._alone(no_feasts(self.season, self.data.units.shape[0], self.dates.stated))
        shared = self._shared(self.data.units / self._single_factor(first))
        alone = self._alone(shared, product=product, start=first)
        return alone, self._with_own(alone, shared)

    def factor(self, alone: Campaigns, shared: Feasts) -> Array:
        """Return the factor that is in the history."""
        return np.asarray(self._single_factor(alone) * self._wide_factor(shared))

    def _shared(self, units: Array) -> Feasts:
        data = self.data
        seen = History(units, data.weight, self.dates.market, data.week_of_year)
        # The past tells of itself: a word on what is to come must not bend what has been.
        untold = replace(self.wide, stated=np.full(len(self.wide.code), np.nan))
        return feasts(seen, untold, self.season, np.full(len(self.dates.stated), np.nan))

    def _alone(
        self, shared: Feasts, *, product: Ints | None = None, start: Campaigns | None = None
    ) -> Campaigns:
        usual = self._season(shared) * self._wide_factor(shared)
        seen = Evidence(self.data.units, self.data.weight, usual, self.change)
        stated = self.dates.stated
        return campaigns(seen, self.single, self.groups, stated, product=product, start=start)

    def _with_own(self, alone: Campaigns, shared: Feasts) -> Feasts:
        """Return ``shared`` with each item's own difference from its pool."""
        if not len(self.wide.code):
            return shared
        busy = np.zeros((len(self.dates.markets), len(self.data.weeks)), dtype=bool)
        busy[self.wide.item, self.wide.week] = True
        usual = self._season(shared) * self._wide_factor(shared) * self._single_factor(alone)
        now = pull(self.data.units, self.data.weight, usual, busy[self.dates.market])
        own = own_effects(shared, self.wide, self.dates.market, self.season.pools.of_item, now)
        return replace(shared, own=own)

    def _season(self, shared: Feasts) -> Array:
        profile = np.exp(shared.log_profile)[:, self.data.week_of_year]
        return np.asarray(profile[self.season.pools.of_item])

    def _single_factor(self, alone: Campaigns) -> Array:
        return campaign_factors(alone, self.single, self.groups, self.data.units.shape, self.change)

    def _wide_factor(self, shared: Feasts) -> Array:
        pool, shape = self.season.pools.of_item, self.data.units.shape
        return feast_factors(shared, self.wide, self.dates.market, pool, shape)
