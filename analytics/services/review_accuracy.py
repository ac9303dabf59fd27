"""What was expected of a period when it began, and what came of it."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics import distributions
from analytics.forecasting import accuracy as measures
from analytics.services import outlooks
from analytics.services.planning import Basis
from analytics.services.prospects import Outlook
from analytics.services.review_periods import Wanted

Array = NDArray[np.float64]
BAND = (0.1, 0.9)  # four in five periods should end between these quantiles
BY = ("", "tier", "market")
_KEYS = ["sku", "market"]
_ITEM_COLUMNS = ["sku", "market", "name", "tier", "forecast", "low", "high", "actual", "imputed",
                 "difference", "off", "is_inside"]  # fmt: skip
_GROUP_COLUMNS = ["by", "group", "items", "forecast", "actual", "imputed", "off", "bias", "inside"]


@dataclass(frozen=True, slots=True)
class Accuracy:
    """The forecast of a period against what buyers asked for in it.

    Attributes
    ----------
    items : DataFrame
        One row per item that was forecast and observed, the farthest off first: ``sku``,
        ``market``, ``name``, ``tier``, ``forecast``, ``low``, ``high`` (the quantiles `BAND`),
        ``actual``, ``imputed`` (units of that which nobody sold, put in for days without stock),
        ``difference`` (units; above zero = forecast too high), ``off`` (of actual demand; NaN where
        there was none), ``is_inside`` (the band).
    groups : DataFrame
        Of all (``by`` empty), of each tier, of each market: ``by``, ``group``, ``items``,
        ``forecast``, ``actual``, ``imputed`` (units), ``off`` (absolute errors over demand),
        ``bias`` (signed; above zero = too high), ``inside`` (share of items in the band).
    left_out : int
        Items without a forecast then, or of whose demand nothing is known.
    uncovered : int
        Items of which the files do not cover every day.
    out_of_stock : int
        Items that were without stock for most of it: what they would have sold is a guess.
    """

    items: pd.DataFrame
    groups: pd.DataFrame
    left_out: int = 0
    uncovered: int = 0
    out_of_stock: int = 0

    @classmethod
    def none(cls) -> "Accuracy":
        """Return that nothing could be compared."""
        nothing = pd.DataFrame(columns=_ITEM_COLUMNS), pd.DataFrame(columns=_GROUP_COLUMNS)
        return cls(*nothing)


def accuracy(basis: Basis, then: Outlook, found: Wanted, days: int) -> Accuracy:
    """Return how far off the forecast was that stood on the eve of a period.

    Parameters
    ----------
    basis : Basis
        What is known at its end.
    then : Outlook
        What was known on its eve: nothing later went into the forecast.
    found : Wanted
        What buyers asked for in it, see `review_periods.wanted`.
    days : int
        How long it was.
    """
    expected, sd = _expected(then, days)
    listed = basis.outlook.items
    keys = pd.MultiIndex.from_frame(then.items[_KEYS].astype(object))
    place = keys.get_indexer(pd.MultiIndex.from_frame(listed[_KEYS].astype(object)))
    actual = found.units
    known = (place >= 0) & ~np.isnan(actual)
    rows, at = np.flatnonzero(known), place[known]
    band = distributions.quantiles(expected[at], sd[at], BAND)
    frame = listed.iloc[rows][["sku", "market", "name"]].assign(
        tier=basis.tiers["tier"].to_numpy()[rows],
        forecast=expected[at],
        low=band[:, 0],
        high=band[:, 1],
        actual=actual[rows],
        imputed=found.imputed[rows],
    )
    error = frame["forecast"] - frame["actual"]
    frame = frame.assign(
        difference=error,
        off=(error.abs() / frame["actual"]).where(frame["actual"] > 0),
        is_inside=frame["actual"].between(frame["low"], frame["high"]),
    )
    order = error.abs().sort_values(ascending=False, kind="stable").index
    groups = [_group(by, *part) for by in BY for part in _parts(frame, by)]
    return Accuracy(
        frame.loc[order].reset_index(drop=True)[_ITEM_COLUMNS],
        pd.DataFrame(groups, columns=_GROUP_COLUMNS),
        uncovered=int((~found.is_covered).sum()),
        out_of_stock=int((found.is_covered & ~found.is_stocked).sum()),
        left_out=int((~known & found.is_covered & found.is_stocked).sum()),
    )


def _expected(then: Outlook, days: int) -> tuple[Array, Array]:
    """Return mean and sd of the demand of the first days ahead, shape (n_items,) each."""
    first = 7 - outlooks.first_weekday(then.days)
    spread = (then.days.shares, then.days.market, first)
    mean = distributions.by_day(then.forecast.cumulative_mean, *spread)[:, days - 1]
    variance = distributions.by_day(then.forecast.cumulative_sd**2, *spread)[:, days - 1]
    return mean, np.sqrt(variance)


def _parts(frame: pd.DataFrame, by: str) -> list[tuple[str, pd.DataFrame]]:
    if not by:
        return [("", frame)]
    return [(str(name), part) for name, part in frame.groupby(by, sort=True)]


def _group(by: str, name: str, part: pd.DataFrame) -> dict[str, object]:
    actual, forecast = part["actual"].to_numpy(), part["forecast"].to_numpy()
    return {
        "by": by,
        "group": name,
        "items": len(part),
        "forecast": forecast.sum(),
        "actual": actual.sum(),
        "imputed": part["imputed"].sum(),
        "off": float(measures.wape(actual, forecast)) if actual.sum() > 0 else np.nan,
        "bias": float(measures.bias(actual, forecast)) if actual.sum() > 0 else np.nan,
        "inside": part["is_inside"].mean() if len(part) else np.nan,
    }
