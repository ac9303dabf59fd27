"""What every plan assumes or leaves out, as codes and facts."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import pandas as pd

from analytics.inventory import LeadTimes

if TYPE_CHECKING:
    from analytics.services.planning import Outlook

Note = tuple[str, Mapping[str, object]]
NOTES = (
    "coverage_behind",
    "lead_time_assumed",
    "lead_time_cut",
    "orders_central",
    "price_effect_unknown",
    "season_none",
    "shop_behind",
    "stock_central",
    "stock_later",
    "stock_rolled",
    "stock_unknown",
    "value_left_out",
)  # codes of what a plan assumes or leaves out


def notes(seen: "Outlook", lead_times: LeadTimes, positions: pd.DataFrame) -> list[Note]:
    """Return what a plan of some outlook, lead times and stock assumes or leaves out."""
    found: list[Note] = list(_behind(seen))
    if not seen.background.seasons.is_learnt:
        found.append(("season_none", {}))
    assumed = int((lead_times.lines["lead_time_source"] == "assumed").sum())
    if assumed:
        found.append(("lead_time_assumed", {"items": assumed}))
    return [*found, *_stock_notes(positions), *_central(seen)]


def _behind(seen: "Outlook") -> Iterator[Note]:
    """Say which markets' sales end before the plan's day, and which shops' before the market's."""
    today = pd.Timestamp(seen.as_of)
    ends = seen.coverage.groupby("market")["ends_on"].max()
    for market, end in ends[ends < today].items():
        yield "coverage_behind", {"market": market, "ends_on": end.date()}
    shops = seen.item_coverage.groupby(["market", "shop"], as_index=False)["ends_on"].max()
    late = shops["ends_on"] < shops["market"].map(ends).clip(upper=today)
    for _, row in shops[late].iterrows():
        facts = {"shop": row["shop"], "market": row["market"], "ends_on": row["ends_on"].date()}
        yield "shop_behind", facts


def _stock_notes(positions: pd.DataFrame) -> Iterator[Note]:
    unknown = int(positions["on_hand"].isna().sum())
    if unknown:
        yield "stock_unknown", {"items": unknown}
    rolled = positions.loc[positions["stock_age"] >= 1, "stock_date"]
    if len(rolled):
        yield "stock_rolled", {"items": len(rolled), "oldest": rolled.min().date()}
    early = positions.loc[positions["stock_age"] < 0, "stock_date"]
    if len(early):
        yield "stock_later", {"items": len(early), "latest": early.max().date()}


def _central(seen: "Outlook") -> Iterator[Note]:
    """Say what stock and which open orders belong to no market."""
    central = seen.snapshots.loc[seen.snapshots["market"].isna()]
    if len(central):
        yield "stock_central", {"skus": int(central["sku"].nunique())}
    orders = seen.orders
    loose = orders.loc[orders["market"].isna() & (orders["open_quantity"] > 0)]
    if len(loose):
        units = float(loose["open_quantity"].sum())
        yield "orders_central", {"skus": int(loose["sku"].nunique()), "units": units}
