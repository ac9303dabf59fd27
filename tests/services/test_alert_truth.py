"""The sample's last year, replayed week by week: were its true stock-outs warned of in time?

A stock-out is warned of if its item stands in the inbox as running out or below its warning line.
Two figures. Strict: it did at the last weekly look that is one lead time or more before the day,
when an order could just still be there. Loose: it did at any of the four looks up to then. An inbox
that names items by chance warns of some, too, so beside both stands what the same inbox reaches
with its items shuffled. Each look knows only what was known then, the lead time included.

Over the whole year, 87 stock-outs: strict 77 % (31 % by chance), loose 91 % (47 % by chance), with
31 % of all items warned of at a look. What is missed is demand that rose after the last look. To
judge by the position that is expected at the next look changes nothing. To warn from a risk of
10 % on, and not of 20 %, reaches 80 % and 94 %, but of more items, so that chance reaches 34 % and
50 %, too: no better a warning, only a longer list.

A look costs a plan of a past day: `make soak` looks at the whole year, every other run at its last
weeks, whose stock-outs are too few to tell 90 % from 85.
"""

import os
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analytics.services import alerting, planning

TRUTH = Path(__file__).parents[2] / "data" / "sample" / "truth" / "demand.parquet"
WHOLE = "SOAK_CASES" in os.environ
LOOKS = [date(2026, 4, 12) - timedelta(days=7 * week) for week in range(46 if WHOLE else 12)]
WARNS = ("stockout_ahead", "warning_line")
LATEST = 28  # days before the last moment in which a warning counts


@pytest.fixture(scope="module")
def looks(sample_store):
    """Each item at each look: whether it was warned of, and its lead time."""
    frames = []
    for day in LOOKS:
        table = alerting.alerts(sample_store, day).table
        basis = planning.basis(sample_store, day)
        item = basis.outlook.items[["sku", "market"]].assign(
            day=pd.Timestamp(day),
            lead=basis.lead_times.lines["lead_time_mean"].to_numpy(dtype=np.float64),
        )
        warned = table.loc[table["kind"].isin(WARNS), ["sku", "market"]].assign(warned=True)
        frames.append(item.merge(warned.drop_duplicates(), on=["sku", "market"], how="left"))
    return pd.concat(frames, ignore_index=True).fillna({"warned": False})


@pytest.fixture(scope="module")
def stockouts():
    """First days without stock, of items that had sold in the four weeks before."""
    truth = pd.read_parquet(TRUTH).sort_values(["sku", "market", "date"])
    by_item = truth.groupby(["sku", "market"])
    out = truth["stocked_out"].astype(bool)
    before = by_item["stocked_out"].shift(1).fillna(value=False).astype(bool)
    sold = by_item["sold"].transform(lambda units: units.rolling(28, min_periods=1).sum().shift(1))
    return truth.loc[out & ~before & (sold > 0), ["sku", "market", "date"]]


def warned(looks, stockouts):
    """Return each stock-out whose looks are all there: at the last look, and at any of them."""
    pairs = stockouts.merge(looks, on=["sku", "market"])
    late = (pairs["date"] - pairs["day"]).dt.days - np.ceil(pairs["lead"])
    in_time = pairs.assign(late=late).loc[(late >= 0) & (late < LATEST)].sort_values("late")
    found = in_time.groupby(["sku", "market", "date"])["warned"].agg(["size", "first", "any"])
    whole = found.loc[found["size"] >= 3]  # all its looks lie within the year
    return whole[["first", "any"]].astype(float).set_axis(["strict", "loose"], axis=1)


def by_chance(looks, stockouts, times=20):
    """Return what an inbox of as many items reaches whose alarms belong to others."""
    rng = np.random.default_rng(0)
    keys = looks[["sku", "market"]].drop_duplicates().reset_index(drop=True)
    shares = []
    for _ in range(times):
        other = keys.iloc[rng.permutation(len(keys))].reset_index(drop=True)
        names = keys.assign(other_sku=other["sku"], other_market=other["market"])
        mixed = looks.merge(names, on=["sku", "market"]).drop(columns=["sku", "market"])
        mixed = mixed.rename(columns={"other_sku": "sku", "other_market": "market"})
        shares.append(warned(mixed, stockouts).mean())
    return pd.DataFrame(shares).mean()


@pytest.mark.soak
def test_true_stock_outs_were_warned_one_lead_time_ahead_and_not_by_chance(looks, stockouts):
    found = warned(looks, stockouts)
    chance = by_chance(looks, stockouts)
    share = found.mean()
    assert len(found) >= (75 if WHOLE else 12)
    assert share["loose"] >= (0.9 if WHOLE else 0.8)
    assert share["strict"] >= (0.75 if WHOLE else 0.6)
    if WHOLE:  # of so few as the last weeks hold, chance says nothing
        assert chance["strict"] == pytest.approx(0.31, abs=0.05)
        assert chance["loose"] == pytest.approx(0.47, abs=0.05)
    assert (share - chance >= (0.4 if WHOLE else 0.2)).all()


def test_the_inbox_is_no_list_of_everything(looks):
    """Were every item warned of every week, nobody would read it, and nothing be missed."""
    assert looks["warned"].mean() <= 0.35
