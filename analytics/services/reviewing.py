"""Did we decide well? A week or a month looked back upon, with what was known at the time."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from analytics.errors import NoWholePeriodError
from analytics.progress import Progress, silent
from analytics.services import (
    alerting,
    ledger,
    past_stock,
    planning,
    review_accuracy,
    review_changes,
    review_decisions,
    review_periods,
)
from analytics.services.memory import Recent
from analytics.services.planning import Basis, Note
from analytics.services.review_changes import Now
from analytics.services.review_periods import SPANS, Period
from analytics.store import Store

__all__ = ["NOTES", "SPANS", "Period", "Review", "is_known", "is_possible", "review"]
NOTES = (
    "review_no_stock", "review_no_orders", "review_no_decisions", "review_no_before",
    "review_left_out", "review_no_money", "review_ends_early", "review_gap", "review_uncovered",
    "review_out_of_stock", "review_imputed",
)  # fmt: skip
_MEMORY = 64 * 2**20
_STEPS = 4
_SOME = 0.5  # units below which nothing is said


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A period beside the one before; money is in ``currency``.

    Attributes
    ----------
    as_of : date
        The data's day, up to which decisions are judged.
    span : str
        One of `SPANS`.
    period, before : Period
        The last whole one, and the one before it.
    currency : str
        The base currency.
    changes, groups : DataFrame
        See `review_changes.changes`, `review_changes.groups`.
    moves, slow, orders, service : DataFrame
        See the functions of these names in `review_changes`.
    unusual : DataFrame
        What sold unusually in the last seven days of the period, see `alerting.unusual_sales`.
    accuracy : Accuracy
        The forecast that stood when the period began, against what came; see `review_accuracy`.
    decisions : DataFrame
        See `review_decisions.decisions`.
    worth : dict
        Its `review_decisions.totals`.
    notes : tuple of (code, facts)
        What is missing or was assumed; codes are `NOTES`.
    """

    as_of: date
    span: str
    period: Period
    before: Period
    currency: str
    changes: pd.DataFrame
    groups: pd.DataFrame
    moves: pd.DataFrame
    slow: pd.DataFrame
    orders: pd.DataFrame
    service: pd.DataFrame
    unusual: pd.DataFrame
    accuracy: review_accuracy.Accuracy
    decisions: pd.DataFrame
    worth: dict[str, float]
    notes: tuple[Note, ...] = field(default=())

    @property
    def nbytes(self) -> int:
        """Return about how much memory it holds."""
        frames = (self.groups, self.moves, self.slow, self.orders, self.unusual,
                  self.accuracy.items, self.decisions)  # fmt: skip
        return sum(int(frame.memory_usage().sum()) for frame in frames)


_RECENT: Recent[Review] = Recent(_MEMORY)


def review(
    store: Store, as_of: date | None = None, *, span: str = "week", progress: Progress = silent
) -> Review:
    """Return the last whole week or month, and how well it was foreseen and decided.

    Parameters
    ----------
    store : Store
        The workspace.
    as_of : date, optional
        The last day known; none = the last day that any market's sales cover.
    span : str
        ``week`` (Monday to Sunday) or ``month``.
    progress : Progress
        Told as the days that it looks back on are planned anew, each with what was known then;
        that takes seconds, and the answer is kept.

    Raises
    ------
    NoDataError
        No sales have been imported.
    OutOfBoundsError
        The sales do not cover that day.
    NoWholePeriodError
        They cover no whole week or month up to that day.
    UnknownFieldError
        There is no such span.
    """
    day, period = _asked(store, as_of, span)
    first, last = planning.period(store)
    if period.starts_on < first:
        raise NoWholePeriodError(low=first, high=min(day, last))
    key = (store.version, day, span)
    return _RECENT.answer(key, lambda: _review(store, day, span, period, progress))


def is_known(store: Store, as_of: date | None = None, *, span: str = "week") -> bool:
    """Return whether `review` answers at once."""
    day, _ = _asked(store, as_of, span)
    return _RECENT.has((store.version, day, span))


def is_possible(store: Store, as_of: date | None = None, *, span: str = "week") -> bool:
    """Return whether the sales cover the whole of the period that `review` would look at.

    Raises
    ------
    NoDataError
        No sales have been imported.
    """
    return _asked(store, as_of, span)[1].starts_on >= planning.period(store)[0]


def _asked(store: Store, as_of: date | None, span: str) -> tuple[date, Period]:
    day = as_of or planning.period(store)[1]
    return day, review_periods.last_whole(day, span)


def _review(store: Store, day: date, span: str, period: Period, progress: Progress) -> Review:
    known = planning.basis(store, day, progress=_stage(progress, 0))
    earlier = review_periods.before(period, span)
    now = Now.of(planning.basis(store, period.ends_on, progress=_stage(progress, 1)), period)
    then = None
    if earlier.starts_on >= planning.period(store)[0]:
        past = planning.basis(store, period.eve, progress=_stage(progress, 2))
        then = Now.of(past, earlier)
    progress(_STEPS * 100 - 100, _STEPS * 100, "")
    decisions = _decisions(store, known, period)
    found = review_accuracy.Accuracy.none()
    if then is not None:
        found = review_accuracy.accuracy(now.basis, then.basis.outlook, now.wanted, period.days)
    return Review(
        as_of=day,
        span=span,
        period=period,
        before=earlier,
        currency=known.currency,
        changes=review_changes.changes(now, then),
        groups=review_changes.groups(now, then),
        moves=review_changes.moves(now, then),
        slow=review_changes.slow(now, then),
        orders=review_changes.orders(now),
        service=review_changes.service(now, then),
        unusual=alerting.unusual_sales(store, period.ends_on),
        accuracy=found,
        decisions=decisions,
        worth=review_decisions.totals(decisions),
        notes=tuple(_notes(now, then, decisions, found)),
    )


def _stage(progress: Progress, stage: int) -> Progress:
    """Return how to tell of one of several steps as a part of them all."""

    def told(done: int, total: int, item: str) -> None:
        progress(stage * 100 + 100 * done // max(total, 1), _STEPS * 100, item)

    return told


def _decisions(store: Store, known: Basis, period: Period) -> pd.DataFrame:
    said = ledger.lines(store)
    day = known.outlook.as_of
    past = said.loc[said["decided_on"] <= pd.Timestamp(day)]
    first = _first(past, known, period)
    stock = past_stock.days(known, starts_on=first, ends_on=day)
    first = past_stock.period(known.outlook, starts_on=first)[0]
    return review_decisions.decisions(known, past, stock.on_hand, first, period)


def _first(past: pd.DataFrame, known: Basis, period: Period) -> date:
    """Return the day of the earliest decision that is told."""
    if past.empty:
        return known.outlook.as_of
    earliest: date = past["decided_on"].min().date()
    reach = (pd.Timestamp(period.ends_on) - pd.Timedelta(days=review_decisions.LOOK_BACK)).date()
    return max(earliest, reach)


def _notes(
    now: Now, then: Now | None, decisions: pd.DataFrame, found: review_accuracy.Accuracy
) -> list[tuple[str, dict[str, Any]]]:
    notes: list[tuple[str, dict[str, Any]]] = []
    if np.isnan(now.ledger.on_hand).all():
        notes.append(("review_no_stock", {}))
    if now.basis.outlook.orders.empty:
        notes.append(("review_no_orders", {}))
    if decisions.empty:
        notes.append(("review_no_decisions", {}))
    if then is None:
        notes.append(("review_no_before", {}))
    notes += _gaps(now, then)
    imputed = float(found.items["imputed"].sum())
    counts: dict[str, dict[str, Any]] = {
        "review_uncovered": {"items": found.uncovered},
        "review_out_of_stock": {"items": found.out_of_stock},
        "review_left_out": {"items": found.left_out},
        "review_imputed": {"units": imputed if imputed >= _SOME else 0.0},
    }
    notes += [(code, facts) for code, facts in counts.items() if any(facts.values())]
    unpriced = int(np.isnan(now.ledger.unit_cost).sum())
    if unpriced:
        notes.append(("review_no_money", {"items": unpriced}))
    return notes


def _gaps(now: Now, then: Now | None) -> list[tuple[str, dict[str, Any]]]:
    """Return the markets whose sales are not compared: not every day of both periods is covered."""
    last = review_periods.gaps(now.basis.outlook, now.period)
    early = {market: day for market, day in last if day < now.period.ends_on}
    before = review_periods.gaps(then.basis.outlook, then.period) if then else []
    rest = sorted({market for market, _ in [*last, *before]} - set(early))
    return [
        *(("review_ends_early", {"market": name, "ends_on": day}) for name, day in early.items()),
        *(("review_gap", {"market": name}) for name in rest),
    ]
