"""The sample's last year, replayed week by week: were its true stock-outs warned of in time?

A stock-out counts as warned one lead time ahead if its item stood in the inbox, as running out or
below its warning line, at some weekly look of the four that end one lead time before it: whoever
acted on that look had the goods in time. Each look knows only what was known then, the lead time
included. A look costs a plan of a past day: `make soak` looks at the whole year, every other run at
its last weeks, whose stock-outs are too few to tell 90 % from 85.
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


@pytest.mark.soak
def test_nine_of_ten_true_stock_outs_were_warned_one_lead_time_ahead(looks, stockouts):
    pairs = stockouts.merge(looks, on=["sku", "market"])
    late = (pairs["date"] - pairs["day"]).dt.days - np.ceil(pairs["lead"])
    in_time = pairs.loc[(late >= 0) & (late < LATEST)]
    complete = in_time.groupby(["sku", "market", "date"])["warned"].agg(["size", "any"])
    complete = complete.loc[complete["size"] >= 3]  # all its looks lie within the year
    assert len(complete) >= (75 if WHOLE else 12)
    assert complete["any"].mean() >= (0.9 if WHOLE else 0.8)


def test_the_inbox_is_no_list_of_everything(looks):
    """Were every item warned of every week, nobody would read it, and nothing be missed."""
    assert looks["warned"].mean() <= 0.35
