"""A closer look at one item: fitted by maximum likelihood, and judged against the league."""

from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd

from analytics.apart import apart
from analytics.forecasting.backtest import OURS
from analytics.forecasting.cases import Outlook
from analytics.forecasting.contest import Rival
from analytics.forecasting.deep import DeepFit, deep_fit
from analytics.progress import Progress, silent
from analytics.services import accuracy, outlooks, planning
from analytics.store import Store

__all__ = ["DeepFit", "look"]
SECONDS = 180.0  # the longest that a look may take; alone it takes one to three
SHOWN = 13  # weeks


def look(
    store: Store,
    sku: str,
    market: str,
    *,
    as_of: date | None = None,
    progress: Progress = silent,
) -> DeepFit:
    """Return the deep fit of one item, made in a process apart.

    Parameters
    ----------
    store : Store
        The workspace.
    sku, market : str
        The item.
    as_of : date, optional
        The last day known.
    progress : Progress
        Told while it is made; it can be stopped at any moment.

    Raises
    ------
    NoDataError
        No sales have been imported.
    UnknownItemError
        There is no such item.
    TooSlowToFitError
        It took longer than `SECONDS`.
    FitBrokeOffError
        The process that fitted ended.
    """
    basis = planning.basis(store, as_of)
    seen, row = basis.outlook, basis.row(sku, market)
    judged = accuracy.accuracy(store, as_of, progress=progress)
    past = judged.backtest.rolling.of(sku, market)
    history = outlooks.history(seen.panel, row, outlooks.first_week(seen.days)[0])
    rival = Rival(_outlook(seen, row), _whole_weeks(past, history))
    pool = seen.background.seasons.pools.of_item[row]
    return apart(
        deep_fit,
        history,
        horizon=SHOWN,
        events=outlooks.exposures(seen.events, seen.items.iloc[row], history["week"], SHOWN),
        season=np.exp(seen.background.seasons.log_profile[pool]),
        rivals={OURS: rival},
        seconds=SECONDS,
        progress=progress,
    )


def _outlook(seen: planning.Outlook, row: int) -> Outlook:
    """Return our forecast of whole weeks, as the models make theirs."""
    share = outlooks.first_week(seen.days)[1][str(seen.items["market"].iloc[row])]
    figures = (getattr(seen.numbers, name)[row, :SHOWN] for name in outlooks.FIGURES)
    return outlooks.unbegun(Outlook(*figures), share)


def _whole_weeks(past: Mapping[date, Outlook], history: pd.DataFrame) -> Mapping[date, Outlook]:
    known = set(history["week"].dt.date)
    return {origin: outlook for origin, outlook in past.items() if origin in known}
