"""The deep fit of one item: maximum likelihood, a contest on its own past, and what is left.

It takes seconds, so it runs in a worker process; everything that goes in or out can be pickled.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics import distributions
from analytics.forecasting.cases import Case, Member, Outlook
from analytics.forecasting.contest import Contest, Rival, contest
from analytics.forecasting.decomposition import decomposition
from analytics.forecasting.diagnosis import Finding, diagnosis
from analytics.forecasting.likelihood import MEMBERS, fitted
from analytics.forecasting.matrix import Array, matrix
from analytics.progress import Progress, silent

_WEEK = np.timedelta64(7, "D")
_DEEPEST_DISCOUNT = 0.9


@dataclass(frozen=True, slots=True)
class DeepFit:
    """Everything that was found out about one item.

    Attributes
    ----------
    weeks : ndarray of datetime64[D], shape (horizon,)
        Mondays ahead.
    members : tuple of Member
        ``ets``, ``stl``, ``sarimax`` (each may have a code instead of an outlook), then the rivals;
        their sd is widened by what the contest asked for.
    contest : Contest
        Table, champion and reason.
    decomposition : DataFrame
        See `analytics.forecasting.decomposition`.
    diagnosed : str
        Whose errors ``findings`` are about: the champion, or the nearest of the fitted ones if
        a rival won; empty if nothing could be fitted.
    findings : tuple of Finding
        See `analytics.forecasting.diagnosis`.
    facts : mapping
        ``weeks``, ``weeks_observed``, ``regressors`` (names given), ``has_two_cycles``.
    """

    weeks: NDArray[np.datetime64]
    members: tuple[Member, ...]
    contest: Contest
    decomposition: pd.DataFrame
    diagnosed: str
    findings: tuple[Finding, ...]
    facts: Mapping[str, Any]

    def member(self, name: str) -> Member:
        """Return one contestant; `KeyError` if there is none of that name."""
        return {member.name: member for member in self.members}[name]

    def fan(self, name: str, probabilities: Mapping[str, float]) -> pd.DataFrame:
        """Return one contestant's weeks, by the same distribution as every other forecast.

        Parameters
        ----------
        name : str
            A contestant that has an outlook.
        probabilities : mapping
            Column name to probability: ``{"q95": 0.95}``.

        Returns
        -------
        DataFrame
            ``step``, ``week``, ``mean``, a column per probability, and the same of the demand from
            the origin to the end of each week with ``cumulative_`` before; no rows if the
            contestant has no outlook.
        """
        look = self.member(name).outlook
        count = 0 if look is None else len(look.mean)
        columns: dict[str, Any] = {"step": np.arange(1, count + 1)}
        columns["week"] = self.weeks[:count].astype("M8[us]")
        for before in ("", "cumulative_"):
            mean = np.empty(0) if look is None else getattr(look, f"{before}mean")
            sd = np.empty(0) if look is None else getattr(look, f"{before}sd")
            q = distributions.quantiles(mean, sd, np.array(list(probabilities.values())))
            columns[f"{before}mean"] = mean
            columns |= {f"{before}{key}": q[:, i] for i, key in enumerate(probabilities)}
        return pd.DataFrame(columns)


def deep_fit(
    history: pd.DataFrame,
    *,
    horizon: int,
    events: pd.DataFrame | None = None,
    season_length: int = 52,
    season: Array | None = None,
    rivals: Mapping[str, Rival] | None = None,
    progress: Progress = silent,
) -> DeepFit:
    """Return the deep fit of one item.

    Parameters
    ----------
    history : DataFrame
        ``week`` (Monday), ``units`` (NaN or no row = unobserved); optionally ``price`` (any
        currency) and ``discount`` (share, 0 to 1).
    horizon : int
        Weeks ahead.
    events : DataFrame, optional
        ``week`` and one column per event: its exposure, 0 to 1, in the past and ahead; a week
        without a row has none.
    season_length : int
        Weeks of a cycle.
    season : ndarray, shape (52,), optional
        The group's season, for the decomposition of a young item.
    rivals : mapping, optional
        Forecasts made elsewhere, ``ours`` being the one that has to be beaten.
    progress : Progress
        Told after each model and each origin.

    Raises
    ------
    InvalidPanelError
        A column is missing, a week is no Monday or stands twice, units are negative or infinite.

    Notes
    -----
    A model that fails, does not fit the history or explodes is a `Member` with a code. Fits stop
    after 200 iterations. An sd is widened by ``sqrt((4 + Σ z²) / (4 + n))`` over the n past
    origins' 8-week totals, never narrowed: in-sample errors know nothing of estimated parameters.
    """
    case = _case(history, horizon, events, season_length)
    members = []
    for step, name in enumerate(MEMBERS, start=1):
        members.append(fitted(name, case))
        progress(step, len(MEMBERS), name)
    judged = contest(case, members, rivals=rivals, progress=progress)
    diagnosed, findings = _findings(case, members, judged)
    everyone = [*members, *(_of_rival(name, rival) for name, rival in (rivals or {}).items())]
    last = case.weeks[-1] if len(case.weeks) else np.datetime64("1970-01-05")
    return DeepFit(
        weeks=last + np.arange(1, horizon + 1) * _WEEK,
        members=tuple(_widened(member, judged.table, MEMBERS) for member in everyone),
        contest=judged,
        decomposition=decomposition(case, season),
        diagnosed=diagnosed,
        findings=findings,
        facts={
            "weeks": len(case.units),
            "weeks_observed": int(case.observed.sum()),
            "regressors": case.names,
            "has_two_cycles": case.has_two_cycles,
        },
    )


def _case(
    history: pd.DataFrame, horizon: int, events: pd.DataFrame | None, season_length: int
) -> Case:
    data = matrix(history.assign(sku="", market=""))
    if not len(data.weeks):
        return Case(data.weeks, np.empty(0), horizon, np.empty((horizon, 0)))
    units = np.where(data.observed[0], data.units[0], np.nan)
    weeks = np.arange(data.weeks[0], data.weeks[-1] + (horizon + 1) * _WEEK, _WEEK)
    columns: dict[str, Array] = {}
    if events is not None:
        aligned = events.set_index(events["week"].to_numpy(dtype="M8[D]")).drop(columns="week")
        aligned = aligned.reindex(pd.DatetimeIndex(weeks))
        columns = {str(name): np.nan_to_num(aligned[name].to_numpy(float)) for name in aligned}
    ahead = dict.fromkeys(columns, "known")
    for name, logs in _price(history, weeks).items():
        columns[name], ahead[name] = logs, "stays" if name == "price" else "ends"
    stacked = np.column_stack([np.empty((len(weeks), 0)), *columns.values()])
    beyond = tuple(ahead.values())
    return Case(data.weeks, units, horizon, stacked, tuple(columns), beyond, season_length)


def _price(history: pd.DataFrame, weeks: NDArray[np.datetime64]) -> dict[str, Array]:
    """Return logarithms of price and of one minus the discount, per week; the last price stays."""
    out: dict[str, Array] = {}
    by_week = history.set_index(pd.DatetimeIndex(history["week"].to_numpy(dtype="M8[D]")))
    if "price" in history:
        price = by_week["price"].astype(np.float64).where(lambda value: value > 0)
        whole = price.reindex(pd.DatetimeIndex(weeks)).ffill().bfill()
        if whole.notna().any():
            out["price"] = np.log(whole.to_numpy() / whole.median())
    if "discount" in history:
        share = by_week["discount"].astype(np.float64).clip(0.0, _DEEPEST_DISCOUNT)
        out["discount"] = np.log1p(-share.reindex(pd.DatetimeIndex(weeks)).fillna(0.0).to_numpy())
    return out


def _findings(
    case: Case, members: list[Member], judged: Contest
) -> tuple[str, tuple[Finding, ...]]:
    standing = {member.name: member for member in members if not member.code}
    if not standing:
        return "", ()
    order = [judged.champion, *judged.table["member"]]
    name = next(name for name in order if name in standing)
    return name, diagnosis(
        standing[name].residuals,
        case.weeks,
        units=case.units,
        fitted=standing[name].fitted,
        season_length=case.season_length,
    )


def _of_rival(name: str, rival: Rival) -> Member:
    return Member(name, "" if rival.outlook is not None else "not_given", rival.outlook)


def _widened(member: Member, table: pd.DataFrame, names: tuple[str, ...]) -> Member:
    if member.outlook is None or member.name not in names:
        return member
    factor = float(table.loc[table["member"] == member.name, "widening"].iloc[0])
    outlook: Outlook = member.outlook.widened(factor)
    facts = {**member.facts, "widening": factor}
    return Member(member.name, "", outlook, member.fitted, member.residuals, facts)
