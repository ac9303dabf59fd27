"""One stuck item in full: options, discounts, layers, fees to come, and other speeds of sale."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analytics import clearance
from analytics.clearance import OPTIONS
from analytics.services.clearing_case import SPEEDS, Case
from analytics.services.clearing_lines import Decided, at_speed, best_at

if TYPE_CHECKING:
    from analytics.services.clearing import Clearance

_CUTS = tuple(round(0.05 * step, 2) for step in range(15))  # 0 to 70 %


@dataclass(frozen=True, slots=True)
class ItemClearance:
    """One stuck item.

    Attributes
    ----------
    as_of : date
    currency : str
        The base currency, of all amounts.
    line : mapping
        Its row of `Clearance.lines`.
    options : DataFrame
        ``option``, ``value`` (present; NaN = not possible), ``is_best``; the best first.
    curve : DataFrame
        By ``discount`` (0 to 1): ``offer_price``, ``speed`` (units a day), ``days_to_sell``,
        ``value`` (all sold so), ``value_keep_some`` and ``keep_units`` (the rest goes at once).
    layers : DataFrame
        ``age`` (days; NaN = unknown), ``received_on``, ``units``, the oldest first.
    charges : DataFrame
        By ``date`` on which age is charged: ``plan`` (``keep``, ``advised``), ``units`` (left),
        ``fee``, until nothing is left or three years are over.
    regret : DataFrame
        By ``speed`` (``low``, ``median``, ``high``): ``units_per_day``, ``option`` (the best then),
        ``best`` (its value), ``value`` (of what is advised), ``regret``.
    """

    as_of: date
    currency: str
    line: Mapping[str, Any]
    options: pd.DataFrame
    curve: pd.DataFrame
    layers: pd.DataFrame
    charges: pd.DataFrame
    regret: pd.DataFrame


def item(answer: "Clearance", decided: Decided, row: int, name: tuple[str, str]) -> ItemClearance:
    """Return the item in ``row`` of the case, called ``name`` (SKU, market), in full."""
    lines = answer.lines
    is_own = (lines["sku"] == name[0]) & (lines["market"] == name[1])
    own = decided.take(row)
    return ItemClearance(
        as_of=answer.as_of,
        currency=answer.currency,
        line={str(key): fact for key, fact in lines.loc[is_own].iloc[0].items()},
        options=_options(own),
        curve=_curve(own),
        layers=_layers(own.case, answer.as_of),
        charges=_charges(own),
        regret=_regret(own),
    )


def _options(own: Decided) -> pd.DataFrame:
    best = own.decision
    frame = pd.DataFrame(
        {
            "option": list(OPTIONS),
            "value": [float(best.values[option][0]) for option in OPTIONS],  # noqa: PD011 - no frame
            "is_best": [option == best.option[0] for option in OPTIONS],
        }
    )
    order = ["is_best", "value"]
    return frame.sort_values(order, ascending=False, kind="stable", ignore_index=True)


def _curve(own: Decided) -> pd.DataFrame:
    case, stuck = own.case, own.case.stuck
    rows = []
    for cut in _CUTS:
        keep, some = clearance.value_of_keeping_some(
            stuck, own.interest, cut, own.decision.exit_value, case.ageing
        )
        speed = float(stuck.demand_mean[0] * (1 - cut) ** -stuck.elasticity[0])
        whole = clearance.value_here(stuck, own.interest, cut, case.ageing)
        rows.append((cut, stuck.price[0] * (1 - cut), speed,
                     stuck.units[0] / speed if speed > 0 else np.nan,
                     whole[0], some[0], keep[0]))  # fmt: skip
    columns = ["discount", "offer_price", "speed", "days_to_sell", "value", "value_keep_some",
               "keep_units"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _layers(case: Case, as_of: date) -> pd.DataFrame:
    age = case.layers["age"]
    came = pd.Timestamp(as_of) - pd.to_timedelta(age, unit="D")
    frame = pd.DataFrame({"age": age, "received_on": came, "units": case.layers["units"]})
    return frame.reset_index(drop=True)


def _charges(own: Decided) -> pd.DataFrame:
    """Return what age costs on each day, if all is kept and if the advice is followed."""
    case, stuck = own.case, own.case.stuck
    cut = own.discount[0]
    advised = float(stuck.demand_mean[0] * (1 - cut) ** -stuck.elasticity[0])
    plans = {
        "keep": (float(stuck.units[0]), float(stuck.demand_mean[0])),
        "advised": (float(own.keep[0]), advised),
    }
    frames = [_charged(case, plan, *told) for plan, told in plans.items()]
    found = pd.concat(frames, ignore_index=True)
    last = found.loc[found["units"] > 0, "date"].max()
    shown: pd.DataFrame = found.loc[found["date"] <= last].reset_index(drop=True)
    return shown


def _charged(case: Case, plan: str, keep: float, rate: float) -> pd.DataFrame:
    fees = case.ageing
    stock = np.maximum(keep - rate * fees.days, 0.0)
    left = np.clip(stock - fees.newer[:, None], 0.0, fees.units[:, None])
    return pd.DataFrame(
        {"date": case.charges.astype("M8[us]"), "plan": plan, "units": stock,
         "fee": (left * fees.fee).sum(axis=0)}
    )  # fmt: skip


def _regret(own: Decided) -> pd.DataFrame:
    rows = []
    for place, speed in enumerate(SPEEDS):
        stuck = at_speed(own.case, place)
        ideal = best_at(own, stuck)
        plan = clearance.value_of_plan(
            own.decision, stuck, own.interest, own.there, own.case.ageing
        )
        best, value = float(ideal.value[0]), float(plan[0])
        rows.append((speed, float(stuck.demand_mean[0]), str(ideal.option[0]), best, value,
                     max(best - value, 0.0)))  # fmt: skip
    columns = ["speed", "units_per_day", "option", "best", "value", "regret"]
    return pd.DataFrame(rows, columns=columns)
