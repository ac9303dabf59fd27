"""Where stock stands, each unit once, and what to move before anything is bought."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.inventory.places import central_stock, place_of, stock_by_place, transfers

TODAY = date(2026, 6, 30)


@pytest.mark.parametrize(
    ("warehouse", "market", "place"),
    [
        ("FBA", "US", "marketplace"),
        ("美国FBA仓", "US", "marketplace"),
        ("FBA2 ONT8", "US", "marketplace"),
        ("AWD East", "US", "marketplace"),
        ("Walmart WFS", "US", "marketplace"),
        ("Shopee官方仓", "ID", "marketplace"),
        ("Amazon.de", "DE", "marketplace"),
        (None, "US", "marketplace"),
        (float("nan"), "US", "marketplace"),
        ("海外仓-洛杉矶", "US", "overseas"),
        ("3PL New Jersey", "US", "overseas"),
        ("Overseas DE", "DE", "overseas"),
        ("LAX-1", "US", "overseas"),
        ("深圳仓", "US", "local"),
        ("国内仓", "DE", "local"),
        ("义乌 warehouse", None, "local"),
        ("FBA", None, "local"),
        (None, None, "local"),
        ("CNC Logistics", "US", "overseas"),  # not China
    ],
)
def test_a_warehouse_is_guessed_from_its_name(warehouse, market, place):
    assert place_of(warehouse, market) == place


def test_what_the_seller_says_goes_first():
    assert place_of("Lax 1", "US", named={"LAX-1": "marketplace"}) == "marketplace"
    assert place_of("FBA", "US", named={"fba": "overseas"}) == "overseas"


def places(*rows):
    columns = ["sku", "market", "warehouse", "date", "until", "on_hand", "reserved"]
    filled = [(*row, 0.0)[:7] for row in rows]
    return pd.DataFrame(filled, columns=columns).astype({"date": "M8[us]", "until": "M8[us]"})


ITEMS = pd.DataFrame({"sku": ["A", "A", "B"], "market": ["US", "DE", "US"]})
DAY = pd.Timestamp(TODAY)
OLD, NEW = DAY - pd.Timedelta(days=20), DAY - pd.Timedelta(days=5)


def at(frame, row):
    return frame.iloc[row].tolist()


def test_counts_that_hold_on_the_day_are_added_by_place():
    held = places(
        ("A", "US", "FBA", OLD, NEW, 10.0),
        ("A", "US", "FBA", NEW, pd.NaT, 7.0),
        ("A", "US", "海外仓", OLD, pd.NaT, 30.0),
        ("A", "US", "深圳", OLD, pd.NaT, 4.0),
        ("A", "DE", None, NEW, pd.NaT, 5.0),
        ("B", "US", "FBA", NEW, pd.NaT, 9.0),
        ("A", None, "深圳", NEW, pd.NaT, 500.0),
    )
    counted = pd.Series([NEW, NEW, pd.NaT])
    found = stock_by_place(ITEMS, held, counted)
    assert at(found, 0) == [7, 30, 4]
    assert at(found, 1) == [5, 0, 0]
    assert at(found, 2) == [0, 0, 0]  # no list counts
    assert at(stock_by_place(ITEMS, held, pd.Series([OLD, OLD, OLD])), 0) == [10, 30, 4]
    renamed = stock_by_place(ITEMS, held, counted, named={"海外仓": "marketplace"})
    assert at(renamed, 0) == [37, 0, 4]


def test_a_list_without_a_date_is_of_the_day():
    held = places(("A", "US", "FBA", pd.NaT, pd.NaT, 3.0), ("A", "US", "FBA", NEW, pd.NaT, 9.0))
    assert at(stock_by_place(ITEMS, held, pd.Series([DAY] * 3)), 0) == [3, 0, 0]


def test_central_stock_is_known_to_every_market_of_a_sku():
    held = places(
        ("A", None, "深圳", OLD, pd.NaT, 300.0, 20.0),
        ("A", None, "义乌", NEW, pd.NaT, 100.0, 0.0),
        ("A", "US", "深圳", NEW, pd.NaT, 9.0, 0.0),
        ("B", None, None, DAY + pd.Timedelta(days=3), pd.NaT, 40.0, 0.0),
    )
    assert central_stock(ITEMS, held, TODAY).tolist() == [380, 380, 40]
    assert central_stock(ITEMS, held.iloc[:0], TODAY).tolist() == [0, 0, 0]
    late = places(("B", None, None, DAY + pd.Timedelta(days=15), pd.NaT, 40.0))
    assert central_stock(ITEMS, late, TODAY)[2] == 0


def moved(*, here=(100.0,) * 3, there=(0.0,) * 3, central=(0.0,) * 3, needed=(0.0,) * 3,
          runs_out=(np.nan,) * 3, carton=1.0, rate=1.0):  # fmt: skip
    stock = pd.DataFrame({"at_marketplace": here, "at_overseas": there})
    demand = np.cumsum(np.full((3, 60), float(rate)), axis=1)
    return transfers(
        ITEMS, stock, central, cumulative_demand=demand, needed=needed, stockout_day=runs_out,
        carton=np.full(3, carton), transfer_days=10, review_days=7, cover_days=30,
    )  # fmt: skip


def test_central_stock_goes_to_the_market_that_runs_out_first():
    found = moved(central=(100.0, 100.0, 0.0), needed=(80.0, 60.0, 50.0), runs_out=(20.0, 5.0, 1.0))
    assert found["market"].tolist() == ["DE", "US"]
    assert found["units"].tolist() == [60, 40]
    assert found["source"].tolist() == ["local", "local"]
    assert found["runs_out"].tolist() == [5, 20]


def test_whole_cartons_go_and_never_more_than_there_is():
    found = moved(central=(50.0, 50.0, 0.0), needed=(10.0, 40.0, 0), runs_out=(3, 4, 5), carton=12)
    assert found["units"].tolist() == [12, 36]
    assert moved(central=(11.0, 11.0, 0.0), needed=(10.0, 0.0, 0.0), carton=12).empty


def test_a_marketplace_that_runs_out_is_filled_from_the_same_market():
    found = moved(here=(16.0, 17.0, 16.0), there=(500.0, 500.0, 9.0))
    assert found["item"].tolist() == [0, 2]
    assert found["units"].tolist() == [47 - 16, 9]  # seventeen days and thirty more
    assert set(found["source"]) == {"overseas"}
    assert found["runs_out"].tolist() == [17, 17]
    assert moved(here=(0.0, 0.0, 0.0), there=(9.0, 9.0, 9.0), rate=0).empty


def test_unknown_stock_and_no_items_move_nothing():
    assert moved(here=(np.nan,) * 3, there=(np.nan,) * 3, needed=(np.nan,) * 3).empty
    nothing = transfers(
        ITEMS.iloc[:0], pd.DataFrame({"at_marketplace": [], "at_overseas": []}), [],
        cumulative_demand=np.empty((0, 5)), needed=[], stockout_day=[], carton=[],
        transfer_days=10, review_days=7,
    )  # fmt: skip
    assert list(nothing) == ["item", "sku", "market", "source", "target", "units", "runs_out"]


@settings(deadline=None, max_examples=60)
@given(
    central=st.integers(0, 300), needed=st.lists(st.integers(0, 200), min_size=3, max_size=3),
    carton=st.integers(1, 30), here=st.integers(0, 60), there=st.integers(0, 100),
)  # fmt: skip
def test_no_place_gives_more_than_it_has(central, needed, carton, here, there):
    found = moved(
        central=(central, central, 7.0), needed=needed, carton=carton,
        here=(here,) * 3, there=(there,) * 3, runs_out=(9.0, np.nan, 4.0),
    )  # fmt: skip
    local = found[found["source"] == "local"]
    assert local.loc[local["sku"] == "A", "units"].sum() <= central
    assert (local["units"] % carton == 0).all()
    assert (found.loc[found["source"] == "overseas", "units"] <= there).all()
    assert (found["units"] > 0).all()
