"""The rows that the delay lab's pictures draw, out of what the service answers."""

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from analytics.charts import delays, theme

LOST = st.integers(0, 10_000).map(float)  # so that no order hangs on rounding
SHORT = ["units_short_before", "units_short", "replanned_short_before", "replanned_short"]


@st.composite
def catalogues(draw):
    rows = draw(st.lists(st.tuples(LOST, LOST, LOST, LOST), max_size=40))
    lines = pd.DataFrame(rows, columns=SHORT, dtype=float)
    names = [f"A{row}" for row in range(len(rows))]
    current = lines["units_short"] - lines["units_short_before"]
    replanned = lines["replanned_short"] - lines["replanned_short_before"]
    stake = ["replanned" if by_b else "current" for by_b in replanned > current]
    return lines.assign(
        sku=pd.Series(names, dtype=str),
        market="US",
        name="Kettle",
        units_short_more=current.clip(lower=replanned),
        stake=pd.Series(stake, dtype=str),
    )


@given(lines=catalogues())
def test_the_ranking_starts_with_what_the_scenario_costs_most(lines):
    rows = delays.ranked(lines)
    assert len(rows) <= delays.SHOWN
    assert (rows["before"] + rows["more"] - rows["scenario"]).abs().max() < 1e-6 or rows.empty
    assert rows["more"].clip(lower=0).is_monotonic_decreasing
    assert rows.loc[rows["more"] <= 0, "more"].is_monotonic_increasing  # then who gains most
    assert (rows[["before", "scenario"]].max(axis=1) > 0).all()
    drawn = (rows["scenario"] - rows["starts_at"]).clip(lower=0)
    kept = rows["before"].where(rows["more"] > 0, 0)
    assert ((drawn + kept - rows["scenario"]).abs() < 1e-6).all()


@given(lines=catalogues())
def test_bars_are_those_of_the_plan_that_loses_more(lines):
    rows = delays.ranked(lines, shown=40)
    known = lines.assign(item=lines["sku"] + " · US").set_index("item").loc[rows["item"]]
    assert rows["more"].tolist() == known["units_short_more"].tolist()
    assert rows["replanned"].tolist() == known["replanned_short"].tolist()
    by_b = rows["stake"] == "replanned"
    assert (rows["scenario"] == rows["replanned"])[by_b].all()
    lost = lines["units_short_more"] > 0
    assert set(lines.loc[lost, "sku"] + " · US") <= set(rows["item"])


@given(lines=catalogues(), margin=st.sampled_from([0.5, 1, 2, 40]))
def test_money_is_units_at_their_margin(lines, margin):
    units = delays.ranked(lines)
    money = delays.ranked(lines.assign(unit_contribution=margin))
    assert units["item"].tolist() == money["item"].tolist()
    assert ((units["scenario"] * margin - money["scenario"]).abs() < 1e-6 * margin * 1e4).all()


def test_what_earns_nothing_loses_no_money_and_what_is_not_known_is_left_out():
    lines = pd.DataFrame(
        {
            "sku": ["A", "B", "C"],
            "market": "US",
            "name": "Kettle",
            "units_short_before": [0.0, 0, 0],
            "units_short": [9.0, 9, 9],
            "replanned_short": [1.0, 1, 1],
            "replanned_short_before": [1.0, 1, 1],
            "stake": "current",
            "unit_contribution": [-2.0, None, 3.0],
        }
    )
    assert delays.ranked(lines)["item"].tolist() == ["C · US"]
    assert not delays.in_money(lines.assign(unit_contribution=None))
    assert len(delays.ranked(lines.drop(columns="unit_contribution"))) == 3


def of_both():
    cases = [("current", "baseline"), ("replanned", "baseline"), ("current", "scenario"),
             ("replanned", "scenario")]  # fmt: skip
    return pd.DataFrame(cases, columns=["plan", "case"])


def test_the_replanned_plan_is_drawn_under_the_scenario_alone():
    weeks = delays.weekly(of_both().assign(week=pd.Timestamp("2026-06-01"), items_out=[1, 2, 3, 4]))
    assert dict(zip(weeks["case"], weeks["items_out"], strict=True)) == {
        "baseline": 1, "scenario": 3, "replanned": 4,
    }  # fmt: skip
    assert set(weeks["case"]) == set(theme.CASE_COLOURS)
    days = delays.courses(of_both().assign(day=pd.Timestamp("2026-06-01"), on_hand=9.0))
    assert days["case"].tolist() == ["replanned", "baseline", "scenario"]
    assert "date" in days
    assert len(delays.arriving(of_both().iloc[:0])) == 0


def late(**columns):
    usual = {
        "order_id": ["P-1", "P-2", None],
        "sku": "A",
        "market": "US",
        "units": 100.0,
        "days_late": 14,
        "saved_units": [20.0, 5, 0],
        "saved_contribution": [200.0, 50, 0],
        "expedite_cost": [80.0, None, None],
        "pays": [True, False, False],
    }
    return pd.DataFrame({**usual, **columns})


def test_an_order_is_worth_what_it_saves():
    rows = delays.worth(late())
    assert rows["order"].tolist() == ["P-1 · A", "P-2 · A"]
    assert rows["saved"].tolist() == [200, 50]
    assert rows["pays"].tolist() == [True, False]


def test_without_money_an_order_is_worth_its_units():
    hidden = late().drop(columns=["saved_contribution", "expedite_cost", "pays"])
    for frame in (hidden, late(saved_contribution=None)):
        rows = delays.worth(frame)
        assert rows["saved"].tolist() == [20, 5]
        assert rows["cost"].isna().all()
    assert not delays.worth(hidden)["pays"].any()
    assert delays.worth(late().iloc[:0]).empty
