"""Scenarios side by side say what each of them says by itself."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from analytics.errors import NoDataError, TooManyScenariosError
from analytics.scenario import Scenario
from analytics.services import comparing, delays
from analytics.services.comparing import AT_REST, MEASURES
from analytics.store import Store

LATE = Scenario(lead_time_delay_days=21)
MORE = Scenario(demand_change_pct=20)
ALL = tuple((f"Late {days}", Scenario(lead_time_delay_days=days)) for days in (1, 3, 7, 14, 30))


@pytest.fixture(scope="module")
def compared(sample_store):
    return comparing.compare(sample_store, [("Late", LATE), ("More", MORE)])


def test_each_column_is_what_the_scenario_says_by_itself(sample_store, compared):
    table = compared.differences.set_index("measure")
    assert set(table.index) == set(MEASURES)
    for case, scenario in (("c0", LATE), ("c1", MORE)):
        impact = delays.impact(sample_store, scenario)
        totals = impact.totals.set_index(["plan", "case"]).loc[("current", "scenario")]
        needs = impact.needs.set_index("case").loc["scenario"]
        again = impact.totals.set_index(["plan", "case"]).loc[("replanned", "scenario")]
        assert table.loc["units_short", case] == totals["units_short"]
        assert table.loc["contribution_at_risk", case] == totals["contribution_at_risk"]
        assert table.loc["order_quantity", case] == needs["order_quantity"]
        assert table.loc["replanned_short", case] == again["units_short"]


def test_at_rest_is_the_plan_itself_whichever_stands_first(sample_store, compared):
    rest = delays.impact(sample_store)
    other = comparing.compare(sample_store, [("More", MORE), ("Nothing", Scenario())])
    pd.testing.assert_series_equal(compared.differences[AT_REST], other.differences[AT_REST])
    needs = rest.needs.set_index("case").loc["baseline"]
    table = other.differences.set_index("measure")
    assert table.loc["safety_stock", AT_REST] == needs["safety_stock"]
    np.testing.assert_array_equal(table[AT_REST], table["c1"])


def test_the_items_of_a_case_are_those_of_its_impact(sample_store, compared):
    impact = delays.impact(sample_store, LATE)
    own = compared.lines.loc[compared.lines["case"] == "c0"].reset_index(drop=True)
    for name in ("sku", "stockout_on", "units_short", "order_by", "order_quantity"):
        pd.testing.assert_series_equal(own[name], impact.lines[name], check_names=False)
    rest = compared.lines.loc[compared.lines["case"] == AT_REST].set_index(["sku", "market"])
    before = impact.lines.set_index(["sku", "market"]).loc[rest.index]
    np.testing.assert_array_equal(rest["units_short"], before["units_short_before"])
    assert (rest["contribution_at_risk"] == 0).all()


def test_one_item_has_a_line_per_case_in_their_order(compared):
    sku, market = compared.lines.loc[0, ["sku", "market"]]
    assert compared.item(sku, market)["case"].tolist() == ["at_rest", "c0", "c1"]
    assert compared.item("no such", "XX").empty


def test_the_weeks_are_told_once_per_case_and_plan(compared):
    assert not compared.series.duplicated(["case", "week", "plan"]).any()
    assert set(compared.series["case"]) == set(compared.cases) == {"at_rest", "c0", "c1"}


def test_five_may_stand_side_by_side_and_no_more(sample_store):
    compared = comparing.compare(sample_store, ALL)
    short = compared.differences.set_index("measure").loc["units_short", [*compared.cases]]
    assert short.is_monotonic_increasing  # later is never better
    for wrong in ([], [*ALL, ("Sixth", LATE)]):
        with pytest.raises(TooManyScenariosError, match=str(len(wrong))):
            comparing.compare(sample_store, wrong)


def test_all_start_from_one_day_and_it_is_said(sample_store):
    last = comparing.compare(sample_store, [("Now", LATE)]).as_of
    earlier = last - timedelta(days=28)
    old = Scenario(lead_time_delay_days=21, as_of=earlier)
    both = comparing.compare(sample_store, [("Then", old), ("Now", LATE)])
    assert both.as_of == last
    assert dict(both.notes)["compared_on_one_day"] == {"day": last, "scenarios": ["Then"]}
    assert both.differences["c0"].equals(both.differences["c1"])
    assert comparing.compare(sample_store, [("Then", old)]).as_of == earlier
    asked = comparing.compare(sample_store, [("Now", LATE)], as_of=earlier)
    assert (asked.as_of, dict(asked.notes).get("compared_on_one_day")) == (earlier, None)


def test_names_are_told_apart_from_each_other_and_from_the_columns(sample_store):
    names = ("Strike", "Strike", "measure", "at_rest")
    compared = comparing.compare(sample_store, [(name, LATE) for name in names])
    assert compared.names == ("Strike", "Strike (2)", "measure (2)", "at_rest (2)")


def test_without_money_nothing_of_it_is_there(sample_store):
    compared = comparing.compare(sample_store, [("Late", LATE)], money=False)
    assert "money" not in set(compared.differences["unit"])
    assert "contribution_at_risk" not in compared.lines
    assert not {"revenue_at_risk", "safety_stock_cash"} & set(compared.differences["measure"])
    units = comparing.compare(sample_store, [("Late", LATE)]).differences.set_index("measure")
    told = compared.differences.set_index("measure")
    pd.testing.assert_frame_equal(told, units.loc[told.index])


def test_an_empty_workspace_is_said_to_be_empty(tmp_path):
    with Store.open(tmp_path / "own") as store, pytest.raises(NoDataError):
        comparing.compare(store, [("Late", LATE)], as_of=date(2026, 5, 31))
