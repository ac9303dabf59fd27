"""What to do with each stuck item, one line each, and what it brings in."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics import clearance
from analytics.clearance import Decision, Elsewhere, Stuck
from analytics.services.clearing_case import Case, layers_of

if TYPE_CHECKING:
    from analytics.services.planning import Basis

Array = NDArray[np.float64]
SOON = 90  # days within which cash counts as released soon
REASONS = (
    "keep", "discount", "transfer_market", "transfer_overseas", "liquidate", "scrap", "keep_some",
    "keep_some_discount", "price_unknown", "rate_unknown",
)  # fmt: skip
_TRIED = 0.1  # discount whose break-even is told where none is advised


@dataclass(frozen=True, slots=True)
class Decided:
    """What is done with a case.

    Attributes
    ----------
    case : Case
        What is stuck.
    interest : float
        Per day.
    decision : Decision
        The best option of each item.
    there : Elsewhere
        Where each item could go; NaN = nowhere.
    ways : DataFrame
        The same by item, see `clearing_places.assigned`.
    """

    case: Case
    interest: float
    decision: Decision
    there: Elsewhere
    ways: pd.DataFrame

    def take(self, row: int) -> Self:
        """Return one item alone."""
        rows = np.array([row])
        best, there = self.decision, self.there
        parts = {
            name: getattr(best, name)[rows]
            for name in ("option", "value", "discount", "tail_discount", "keep", "exit_value",
                         "floor_price")
        }  # fmt: skip
        values = {option: value[rows] for option, value in best.values.items()}  # noqa: PD011 - no frame
        way = {field.name: np.asarray(getattr(there, field.name))[rows] for field in fields(there)}
        return type(self)(
            case=self.case.take(rows),
            interest=self.interest,
            decision=Decision(**parts, values=values),
            there=Elsewhere(**way),
            ways=self.ways.reindex(rows).reset_index(drop=True),
        )

    @property
    def discount(self) -> Array:
        """Return the share off the price of what stays, shape (n_stuck,)."""
        best = self.decision
        return np.select(
            [best.option == "discount", best.option == "keep_some"],
            [best.discount, best.tail_discount],
            0.0,
        )

    @property
    def keep(self) -> Array:
        """Return the units that stay and are sold here, shape (n_stuck,)."""
        best, units = self.decision, self.case.stuck.units
        stays = np.isin(best.option, ["keep", "discount"])
        return np.select([stays, best.option == "keep_some"], [units, best.keep], 0.0)


def decide(case: Case, ways: pd.DataFrame, there: Elsewhere, interest: float) -> Decided:
    """Return what is worth most, given where each item could go."""
    return Decided(case, interest, _best(case, case.stuck, there, interest), there, ways)


def _best(case: Case, stuck: Stuck, there: Elsewhere, interest: float) -> Decision:
    return clearance.decide(
        stuck,
        interest,
        there=there,
        liquidation_fee=case.liquidation_fee,
        scrap_fee=case.scrap_fee,
        recovery=case.recovery,
        ageing=case.ageing,
    )


def best_at(decided: Decided, stuck: Stuck) -> Decision:
    """Return what would be best if the stock sold at another speed."""
    return _best(decided.case, stuck, decided.there, decided.interest)


def regret(decided: Decided, speed: int) -> Array:
    """Return what the plan loses against the best one if sales go at another speed, (n_stuck,)."""
    other = at_speed(decided.case, speed)
    plan = clearance.value_of_plan(
        decided.decision, other, decided.interest, decided.there, decided.case.ageing
    )
    return np.maximum(best_at(decided, other).value - plan, 0.0)


def at_speed(case: Case, speed: int) -> Stuck:
    """Return the stock at one of the likely speeds."""
    rate = case.stuck.demand_mean
    return case.stuck.faster(case.speeds[speed] / np.where(rate > 0, rate, 1.0))


def lines(basis: "Basis", decided: Decided, without: Mapping[int, str]) -> pd.DataFrame:
    """Return one row per stuck item, what gains most over keeping all first.

    Parameters
    ----------
    basis : Basis
        What the plan stands on.
    decided : Decided
        What is done with the items that can be weighed.
    without : mapping of int to str
        Rows of those that cannot, and why: they stand last, those with most units first.
    """
    rows = np.concatenate([decided.case.rows, np.array([*without], dtype=np.int64)])
    described = pd.concat([_described(basis, rows), _ages(basis, rows)], axis=1)
    found = pd.concat([_speeds(decided), _values(decided), _plan(basis, decided)], axis=1)
    found = found.reindex(range(len(rows)))
    frame = pd.concat([described, found], axis=1)
    texts = {
        name: frame[name].astype(object).where(frame[name].notna(), "")
        for name in (
            "option",
            "exit",
            "transfer_market",
            "transfer_place",
            "transfer_source",
            "elasticity_source",
            "age_fee_source",
        )
    }
    reason = [*frame["reason"].iloc[: len(decided.case.rows)], *without.values()]
    frame = frame.assign(**texts, reason=pd.Series(reason, frame.index, dtype=object))
    worth = (frame["price"] * frame["on_hand"]).fillna(0.0)
    order = np.lexsort((-frame["on_hand"], -worth, -frame["gain"].fillna(-np.inf)))
    return frame.iloc[order].reset_index(drop=True)


def _described(basis: "Basis", rows: NDArray[np.int64]) -> pd.DataFrame:
    listed = basis.outlook.items.iloc[rows][["sku", "market", "name", "category", "supplier"]]
    tiers = basis.tiers.iloc[rows][
        ["tier", "status", "slow_days", "on_hand", "cover_days", "aged_units"]
    ]
    recent = basis.recent.iloc[rows]["demand_mean"]
    landed = basis.economics.landed_cost[rows]
    frame = pd.concat([part.reset_index(drop=True) for part in (listed, tiers)], axis=1)
    return frame.assign(
        daily_sales=recent.to_numpy(dtype=np.float64),
        book_value=landed * frame["on_hand"].to_numpy(dtype=np.float64),
    )


def _ages(basis: "Basis", rows: NDArray[np.int64]) -> pd.DataFrame:
    layers, every = layers_of(basis, rows), range(len(rows))
    oldest = layers.groupby("item")["age"].max().reindex(every)
    unknown = layers["units"].where(layers["age"].isna(), 0.0).groupby(layers["item"]).sum()
    return pd.DataFrame(
        {
            "oldest_days": oldest.to_numpy(dtype=np.float64),
            "age_unknown": unknown.reindex(every).fillna(0.0).to_numpy(dtype=np.float64),
        }
    )


def _speeds(decided: Decided) -> pd.DataFrame:
    case = decided.case
    low, median, high = case.speeds
    return pd.DataFrame(
        {
            "speed": case.stuck.demand_mean,
            "speed_low": low,
            "speed_median": median,
            "speed_high": high,
            "price": case.stuck.price,
            "storage_fee": case.stuck.storage_fee,
            "elasticity": case.stuck.elasticity,
            "elasticity_source": case.elasticity_source,
            "age_fee_source": case.sources["ageing"],
            "price_changes": case.price_changes,
        }
    )


def _values(decided: Decided) -> pd.DataFrame:
    case, best = decided.case, decided.decision
    cut = np.where(decided.discount > 0, decided.discount, _TRIED)
    even = clearance.break_even_elasticity(case.stuck, decided.interest, cut, case.ageing)
    return pd.DataFrame(
        {
            **{f"value_{option}": value for option, value in best.values.items()},  # noqa: PD011 - no frame
            "option": best.option,
            "value": best.value,
            "gain": best.value - best.values["keep"],  # noqa: PD011 - no frame
            "price_floor": best.floor_price,
            "break_even_elasticity": even,
            "break_even_discount": cut,
            "regret_low": regret(decided, 0),
            "regret_high": regret(decided, 2),
        }
    )


def _plan(basis: "Basis", decided: Decided) -> pd.DataFrame:
    case, best = decided.case, decided.decision
    stuck, keep, cut = case.stuck, decided.keep, decided.discount
    rate = stuck.demand_mean * (1 - cut) ** -stuck.elasticity
    is_moved = best.option == "transfer"
    ways = decided.ways.reindex(range(len(case.rows)))
    soon, total = released(decided)
    local = _local(basis, decided)
    leaves = np.isin(best.option, ["liquidate", "scrap", "keep_some"]) & (keep < stuck.units)
    scraps = (best.option == "scrap") | (
        (best.option == "keep_some") & (best.exit_value <= -case.scrap_fee)
    )
    place = np.where(is_moved, ways["place"].fillna(""), "")
    with np.errstate(divide="ignore"):
        days = np.where((keep > 0) & (rate > 0), keep / np.where(rate > 0, rate, 1.0), np.nan)
    return pd.DataFrame(
        {
            "discount": cut,
            "offer_price": np.where(keep > 0, stuck.price * (1 - cut), np.nan),
            "offer_price_local": np.where(keep > 0, local * (1 - cut), np.nan),
            "price_currency": basis.outlook.items["price_currency"].iloc[case.rows].to_numpy(),
            "keep_units": keep,
            "clear_units": stuck.units - keep,
            "exit": np.where(leaves, np.where(scraps, "scrap", "liquidate"), ""),
            "days_to_sell": days,
            "act_by": _act_by(decided),
            "transfer_market": np.where(is_moved, ways["market"].fillna(""), ""),
            "transfer_place": place,
            "transfer_cost": np.where(is_moved, ways["move_cost"], np.nan),
            "transfer_source": np.where(is_moved, ways["cost_source"].fillna(""), ""),
            "cash_soon": soon,
            "cash_released": total,
            "book_loss": _book_loss(basis, decided),
            "reason": _reasons(decided, place),
        }
    )


def _local(basis: "Basis", decided: Decided) -> Array:
    listed = basis.outlook.items["price"].iloc[decided.case.rows]
    return listed.to_numpy(dtype=np.float64, na_value=np.nan)


def _reasons(decided: Decided, place: NDArray[np.object_]) -> NDArray[np.object_]:
    option, cut = decided.decision.option, decided.discount
    cases = [
        (option == "keep_some") & (cut > 0),
        (option == "transfer") & (place == "overseas"),
        option == "transfer",
    ]
    codes = ["keep_some_discount", "transfer_overseas", "transfer_market"]
    return np.asarray(np.select(cases, codes, option), dtype=object)


def _act_by(decided: Decided) -> NDArray[np.datetime64]:
    """Return the next day on which a unit is charged for its age; NaT = none is in sight."""
    case, fees = decided.case, decided.case.ageing
    left = np.maximum(case.stuck.units[:, None] - case.stuck.demand_mean[:, None] * fees.days, 0.0)
    due = (left[fees.item] > fees.newer[:, None]) & (fees.fee > 0)
    first = np.where(due.any(axis=1), due.argmax(axis=1), len(fees.days))
    soonest = np.full(len(case.rows), len(fees.days))
    np.minimum.at(soonest, fees.item, first)
    days = np.append(case.charges, np.datetime64("NaT"))
    return np.asarray(days[soonest].astype("M8[us]"))


def released(decided: Decided) -> tuple[Array, Array]:
    """Return the cash that each plan brings in within 90 days and in all, to the cent; (n_stuck,).

    Net of fees per sale, of fees for letting go and of the cost of moving; storage is not taken
    off. What is kept as it is releases nothing.
    """
    case, best = decided.case, decided.decision
    stuck, keep, cut = case.stuck, decided.keep, decided.discount
    rate = stuck.demand_mean * (1 - cut) ** -stuck.elasticity
    cash = stuck.price * (1 - cut) * (1 - stuck.fee_share) - stuck.fulfilment
    gone = (stuck.units - keep) * _exit_cash(decided)
    here_soon = cash * np.minimum(keep, rate * SOON) + gone
    here = cash * keep + gone
    moved_soon, moved = _moved(decided)
    is_moved, is_kept = best.option == "transfer", best.option == "keep"
    soon = np.select([is_kept, is_moved], [0.0, moved_soon], here_soon)
    total = np.select([is_kept, is_moved], [0.0, moved], here)
    return np.round(soon, 2) + 0.0, np.round(total, 2) + 0.0


def _exit_cash(decided: Decided) -> Array:
    """Return what a unit brings that goes at once, paid within 90 days."""
    case, best = decided.case, decided.decision
    paid = case.recovery * case.stuck.price * (1 - clearance.REFERRAL) - case.liquidation_fee
    scraps = (best.option == "scrap") | (
        (best.option == "keep_some") & (best.exit_value <= -case.scrap_fee)
    )
    return np.where(scraps, -case.scrap_fee, paid)


def _moved(decided: Decided) -> tuple[Array, Array]:
    ways = decided.ways.reindex(range(len(decided.case.rows)))
    name = {column: ways[column].to_numpy(dtype=np.float64) for column in
            ("price", "fee_share", "fulfilment", "move_cost", "demand_mean", "days")}  # fmt: skip
    units = decided.case.stuck.units
    cash = name["price"] * (1 - name["fee_share"]) - name["fulfilment"]
    sold = np.minimum(units, name["demand_mean"] * np.maximum(SOON - name["days"], 0.0))
    spent = units * name["move_cost"]
    return cash * sold - spent, cash * units - spent


def _book_loss(basis: "Basis", decided: Decided) -> Array:
    """Return what the books lose: landed cost above what a unit brings in, where it is above."""
    case, cut = decided.case, decided.discount
    stuck, keep = case.stuck, decided.keep
    landed = basis.economics.landed_cost[case.rows]
    cash = stuck.price * (1 - cut) * (1 - stuck.fee_share) - stuck.fulfilment
    here = keep * np.maximum(landed - cash, 0.0)
    gone = (stuck.units - keep) * np.maximum(landed - _exit_cash(decided), 0.0)
    _, moved = _moved(decided)
    away = np.maximum(stuck.units * landed - moved, 0.0)
    return np.where(decided.decision.option == "transfer", away, here + gone)
