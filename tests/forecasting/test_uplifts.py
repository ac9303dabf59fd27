"""Events and prices: out of the history, into the future, with the evidence."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.calendars import builtin, event_frame
from analytics.errors import InvalidPanelError
from analytics.forecasting.groups import pools
from analytics.forecasting.matrix import matrix
from analytics.forecasting.season import seasons
from analytics.forecasting.settings import Settings
from analytics.forecasting.uplifts import LARGEST, SMALLEST, uplifts

FIRST = np.datetime64("2024-01-01", "D")  # a Monday
ASSUMED = Settings()


def weeks(count, first=FIRST):
    return first + 7 * np.arange(count)


def panel(units, markets=("US",), **columns):
    """A panel of units, shape (n_items, n_weeks); items take the markets in turn."""
    n_items, n_weeks = units.shape
    names = [f"s{item}" for item in range(n_items)]
    frame = pd.DataFrame(
        {
            "sku": np.repeat(names, n_weeks),
            "market": np.repeat([markets[i % len(markets)] for i in range(n_items)], n_weeks),
            "week": np.tile(weeks(n_weeks).astype("M8[us]"), n_items),
            "units": units.ravel(),
        }
    )
    return frame.assign(**{name: values.ravel() for name, values in columns.items()})


def event(code="sale", first=0, days=7, **scope):
    row = {"name": code, "side": "demand", "market": "", "group": "", "sku": "", "uplift_pct": None}
    start = pd.Timestamp(FIRST) + pd.Timedelta(days=first)
    return {"code": code, "starts_on": start, "ends_on": start + pd.Timedelta(days=days - 1)} | {
        **row,
        **scope,
    }


def events(*rows):
    return pd.DataFrame(list(rows)).astype({"uplift_pct": float})


def found(frame, calendar):
    data = matrix(frame)
    return uplifts(data, seasons(data, pools(data, ASSUMED), ASSUMED), calendar, ASSUMED)


def promoted(rng, uplift, n_items=60, n_weeks=104, rate=20.0, elasticity=0.0, depth=0.0):
    """Poisson demand with three dated promotions per item, and their events."""
    level = rate * np.exp(rng.normal(0, 0.7, n_items))[:, None] / 7
    daily = np.repeat(level, 7 * n_weeks, axis=1)
    rows = []
    for item in range(n_items):
        for low in rng.choice(n_weeks * 7 // 30 - 1, 3, replace=False) * 30:
            length = int(rng.integers(5, 10))
            daily[item, low : low + length] *= (1 + uplift) * (1 - depth) ** elasticity
            rows.append(event("sale", int(low), length, sku=f"s{item}"))
    return rng.poisson(daily).reshape(n_items, n_weeks, 7).sum(axis=2).astype(float), events(*rows)


def row_of(result, code, market="", group=""):
    table = result.table
    at = (table["code"] == code) & (table["market"] == market) & (table["group"] == group)
    (row,) = table.loc[at].to_dict("records")
    return row


@pytest.mark.parametrize("uplift", [-0.4, 0.3, 0.65, 1.5])
def test_a_planted_uplift_is_found(uplift):
    units, calendar = promoted(np.random.default_rng(5), uplift)
    row = row_of(found(panel(units), calendar), "sale")
    assert row["uplift"] == pytest.approx(uplift, rel=0.1, abs=0.03)
    assert row["low"] < row["uplift"] < row["high"]
    assert row["source"] == "estimated"
    assert row["items"] == 60
    assert row["weeks"] >= 180


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(-0.5, 2.0))
def test_any_planted_uplift_is_found_on_average(seed, uplift):
    units, calendar = promoted(np.random.default_rng(seed), uplift, rate=60.0)
    row = row_of(found(panel(units), calendar), "sale")
    assert np.log1p(row["uplift"]) == pytest.approx(np.log1p(uplift), abs=0.12)


def test_a_noiseless_history_is_flat_without_its_events():
    calendar = events(*(event("sale", 70 * n, 7, sku=f"s{i}") for n in range(8) for i in range(20)))
    units = np.full((20, 80), 100.0)
    units[:, ::10] = 200.0
    result = found(panel(units), calendar)
    assert (units / result.history)[:, 5:] == pytest.approx(100.0, rel=0.03)
    assert result.history[:, 1] == pytest.approx(1.0)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1), st.booleans())
def test_no_events_are_a_factor_of_exactly_one(seed, with_empty_frame):
    rng = np.random.default_rng(seed)
    units = rng.poisson(3.0, (4, 60)).astype(float)
    result = found(panel(units), event_frame(builtin().iloc[:0]) if with_empty_frame else None)
    assert (result.history == 1.0).all()
    assert (result.future(weeks(30, FIRST + 420)) == 1.0).all()


def test_supply_never_moves_a_number():
    units, calendar = promoted(np.random.default_rng(2), 0.5, n_items=20)
    delays = events(
        event("port", 300, 40, side="supply"),
        event("sale", 500, 40, side="supply", sku="s1", uplift_pct=900.0),
        event("closure", 740, 30, side="supply", uplift_pct=-90.0),
    )
    with_delays = pd.concat([calendar, delays], ignore_index=True)
    plain, other = found(panel(units), calendar), found(panel(units), with_delays)
    ahead = weeks(30, FIRST + 728)
    assert np.array_equal(plain.history, other.history)
    assert np.array_equal(plain.future(ahead), other.future(ahead))
    pd.testing.assert_frame_equal(plain.table, other.table)
    alone = found(panel(units), delays)
    assert (alone.history == 1.0).all()
    assert (alone.future(ahead) == 1.0).all()


@pytest.mark.parametrize("scope", [{"sku": "s1"}, {"market": "US"}, {}])
def test_a_stated_uplift_is_taken_at_the_word(scope):
    units = np.random.default_rng(1).poisson(30.0, (12, 60)).astype(float)
    coming = event("fair", 420 + 7, 14, uplift_pct=80.0, **scope)
    cut = event("quiet", 420 + 28, 3, uplift_pct=-50.0, **scope)
    result = found(panel(units), events(coming, cut))
    factor = result.future(weeks(6, FIRST + 420))
    assert factor[1] == pytest.approx([1.0, 1.8, 1.8, 1.0, 1 - 0.5 * 3 / 7, 1.0])
    assert (result.history == 1.0).all()
    assert row_of(result, "fair")["source"] == "stated"
    if scope.get("sku"):
        assert (factor[2] == 1.0).all()


def test_the_history_can_overrule_what_was_stated_but_the_future_keeps_the_word():
    units, calendar = promoted(np.random.default_rng(8), 0.5, n_items=80, rate=60.0)
    coming = event("sale", 728, 7, sku="s3")
    told = pd.concat([calendar, events(coming)], ignore_index=True).assign(uplift_pct=200.0)
    result = found(panel(units), told)
    assert row_of(result, "sale")["uplift"] == pytest.approx(0.5, abs=0.1)
    assert result.future(weeks(1, FIRST + 728))[3, 0] == pytest.approx(3.0)


def test_a_rare_event_stays_near_what_was_stated():
    units = np.random.default_rng(4).poisson(2.0, (10, 60)).astype(float)
    told = events(event("fair", 210, 7, sku="s1", uplift_pct=60.0))
    row = row_of(found(panel(units), told), "fair")
    assert row["uplift"] == pytest.approx(0.6, abs=0.25)


def test_a_feast_that_wanders_is_no_season():
    rng = np.random.default_rng(6)
    n_weeks = 150
    starts = [20, 20 + 354 - 7, 20 + 2 * 354 - 14]
    factor = np.ones(n_weeks)
    for start in starts:
        low = start // 7
        factor[low : low + 4] = 1.9
    units = rng.poisson(40.0 * factor, (30, n_weeks)).astype(float)
    calendar = events(*(event("feast", 7 * (start // 7), 28, market="US") for start in starts))
    coming = event("feast", 7 * 152, 28, market="US")
    result = found(panel(units), pd.concat([calendar, events(coming)], ignore_index=True))
    assert row_of(result, "feast", "US")["uplift"] == pytest.approx(0.9, abs=0.15)
    ahead = result.future(weeks(8, FIRST + 7 * n_weeks)).mean(axis=0)
    assert ahead == pytest.approx([1.0, 1.0, 1.9, 1.9, 1.9, 1.9, 1.0, 1.0], abs=0.2)


def test_an_event_of_one_market_leaves_the_others_alone():
    units = np.random.default_rng(6).poisson(40.0, (40, 80)).astype(float)
    units[::2, [20, 60]] *= 2.0
    calendar = events(*(event("fair", 7 * week, 7, market="DE") for week in (20, 60)))
    result = found(panel(units, ("DE", "US")), calendar)
    assert (result.history[1::2] == 1.0).all()
    assert result.history[::2, 20].mean() > 1.5


def test_the_price_elasticity_is_found():
    rng = np.random.default_rng(9)
    price = np.where(rng.random((40, 104)) < 0.2, 8.0, 10.0) * rng.uniform(0.97, 1.03, (40, 104))
    units = rng.poisson(50.0 * (price / 10.0) ** -2.4).astype(float)
    coming = event("", 728, 7, sku="s0", price_pct=-20.0)
    result = found(panel(units, price=price), events(coming))
    row = row_of(result, "price")
    assert row["elasticity"] == pytest.approx(-2.4, abs=0.15)
    assert row["low"] < row["elasticity"] < row["high"]
    ahead = result.future(weeks(2, FIRST + 728))
    assert ahead[0] == pytest.approx([0.8**-2.4, 1.0], rel=0.1)
    assert (ahead[1] == 1.0).all()


def test_without_prices_the_elasticity_is_a_prior_and_says_so():
    result = found(panel(np.full((3, 60), 5.0)), None)
    row = row_of(result, "price")
    assert row["source"] == "prior"
    assert row["elasticity"] == -1.5


def test_a_promotion_to_come_brings_the_price_cut_that_came_with_it():
    rng = np.random.default_rng(3)
    units, calendar = promoted(rng, 0.2, n_items=60, rate=50.0, elasticity=-2.0, depth=0.2)
    price = np.full(units.shape, 10.0)
    for row in calendar.itertuples():
        low = (row.starts_on - pd.Timestamp(FIRST)).days
        last = low + (row.ends_on - row.starts_on).days
        item = int(row.sku[1:])
        for week in range(low // 7, last // 7 + 1):
            if week < 104:
                share = (min(last, 7 * week + 6) - max(low, 7 * week) + 1) / 7
                price[item, week] *= 1 - 0.2 * share
    coming = events(event("sale", 728, 7, sku="s0"))
    every = pd.concat([calendar, coming], ignore_index=True)
    ahead = found(panel(units, price=price), every).future(weeks(1, FIRST + 728))
    assert ahead[0, 0] == pytest.approx(1.2 * 0.8**-2.0, rel=0.2)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 60), st.floats(0.0, 1.0))
def test_whatever_the_history_the_factors_are_usable(seed, n_weeks, missing):
    rng = np.random.default_rng(seed)
    units = rng.poisson(rng.choice([0.0, 0.2, 5.0, 4e3], (5, 1)), (5, n_weeks)).astype(float)
    units[rng.random(units.shape) < missing] = np.nan
    units[0] = np.nan
    units[1, 0] = 1e6
    price = rng.choice([np.nan, 0.0, 1e-6, 10.0, 8.0], units.shape)
    low = rng.integers(-100, 7 * n_weeks + 100, 8)
    scopes = [{}, {"sku": "s1"}, {"sku": "s2", "market": "US"}, {"market": "DE"}, {"sku": "none"}]
    calendar = events(
        *(
            event(f"e{n % 3}", int(day), int(rng.integers(1, 80)), **scopes[n % len(scopes)])
            for n, day in enumerate(low)
        )
    ).assign(uplift_pct=rng.choice([np.nan, -100.0, 40.0, 1e5], 8))
    result = found(panel(units, ("US", "DE"), price=price), calendar)
    ahead = result.future(weeks(30, FIRST + 7 * n_weeks))
    for factor in (result.history, ahead):
        assert np.isfinite(factor).all()
        assert (factor >= SMALLEST).all()
        assert (factor <= LARGEST).all()
    numbers = result.table[["uplift", "low", "high"]][result.table["code"] != "price"]
    assert np.isfinite(numbers.to_numpy()).all()


def test_some_items_have_the_factors_that_all_have():
    units, calendar = promoted(np.random.default_rng(2), 0.5, n_items=20)
    coming = events(event("sale", 735, 9, sku="s7"), event("fair", 740, 9, uplift_pct=20.0))
    result = found(panel(units), pd.concat([calendar, coming], ignore_index=True))
    ahead = weeks(10, FIRST + 728)
    every = result.future(ahead)
    assert np.array_equal(result.future(ahead, slice(5, 9)), every[5:9])
    assert np.array_equal(result.future(ahead, np.array([7, 2])), every[[7, 2]])
    assert every[7].max() > 1.3


def test_events_without_the_columns_or_dates_are_refused():
    units = np.full((2, 10), 4.0)
    with pytest.raises(InvalidPanelError, match="side"):
        found(panel(units), events(event()).drop(columns="side"))
    with pytest.raises(InvalidPanelError, match="starts_on"):
        found(panel(units), events(event()).assign(starts_on=pd.NaT))
