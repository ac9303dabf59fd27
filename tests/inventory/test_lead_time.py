"""Lead times: from receipts, drawn to their route, with a stated fall-back."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from analytics.inventory.censoring import censored_moments
from analytics.inventory.durations import moments
from analytics.inventory.lead_time import lead_times, lead_times_by_route

TODAY = date(2026, 6, 30)
ORDERS = (
    "order_id", "sku", "market", "supplier", "route", "quantity", "quantity_received",
    "open_quantity", "ordered_on", "received_on",
)  # fmt: skip
STAGES = ("production", "quality_check", "booking", "transit", "customs", "check_in")


def items(*rows):
    return pd.DataFrame(rows, columns=["sku", "market", "supplier"])


def orders(*rows):
    """Receipts: (sku, market, supplier, route, days taken, days ago received), or full dicts."""
    records = []
    for number, (sku, market, supplier, route, days, ago, *more) in enumerate(rows):
        received = pd.Timestamp(TODAY) - pd.Timedelta(days=ago)
        record = {
            "order_id": f"PO{number}", "sku": sku, "market": market, "supplier": supplier,
            "route": route, "quantity": 100.0, "quantity_received": 100.0, "open_quantity": 0.0,
            "ordered_on": received - pd.Timedelta(days=days), "received_on": received,
        }  # fmt: skip
        records.append(record | (more[0] if more else {}))
    frame = pd.DataFrame(records, columns=ORDERS)
    return frame.astype({"ordered_on": "M8[us]", "received_on": "M8[us]"})


def routes(*rows):
    """Routes: (market, route, usual transit days, worst transit days)."""
    columns = [f"{stage}_days{end}" for stage in STAGES for end in ("", "_worst")]
    frame = pd.DataFrame([row[:2] for row in rows], columns=["market", "route"], dtype=object)
    for column in columns:
        frame[column] = np.nan
    for index, (_, _, usual, worst) in enumerate(rows):
        frame.loc[index, ["transit_days", "transit_days_worst"]] = usual, worst
    return frame


def line(*, of=("A", "US", "Ann"), received=(), stated=()):
    found = lead_times(items(of), orders(*received), routes(*stated), TODAY)
    return found.lines.iloc[0]


def sea(days, ago, supplier="Ann", sku="A", **more):
    return (sku, "US", supplier, "sea", days, ago, more)


def test_without_any_receipt_the_built_in_days_are_assumed():
    found = line()
    assert (found["route"], found["lead_time_source"]) == ("sea", "assumed")
    assert found["lead_time_mean"] == pytest.approx(45, abs=0.1)
    assert found["lead_time_sd"] == pytest.approx((70 - 45) / 1.645, rel=0.01)
    assert found["lead_time_max"] == 70


def test_every_usual_route_has_built_in_days():
    for route, usual in (("air", 10), ("rail", 35), ("express", 7)):
        found = line(received=[("A", "US", "Ann", route, usual, 9)])
        assert (found["route"], found["lead_time_source"]) == (route, "assumed")
        assert found["lead_time_mean"] == pytest.approx(usual, abs=0.1)


def test_the_routes_table_comes_before_what_is_built_in():
    found = line(stated=[("US", "Sea ", 30.0, 40.0), ("DE", "sea", 99.0, 99.0)])
    assert found["lead_time_source"] == "routes_table"
    assert found["lead_time_mean"] == pytest.approx(30, abs=0.1)
    assert found["lead_time_max"] == 40


def test_three_receipts_of_the_route_are_enough():
    others = [sea(40 + n, 30, supplier="Bo", sku="B") for n in (0, 2, 4)]
    found = line(received=others, stated=[("US", "sea", 30.0, 40.0)])
    assert found["lead_time_source"] == "route_pool"
    assert found["lead_time_receipts"] == 3
    assert found["lead_time_mean"] == pytest.approx(42, abs=0.1)
    assert found["lead_time_max"] == 44
    assert line(received=others[:2])["lead_time_source"] == "assumed"


def test_own_receipts_are_drawn_to_the_routes_by_n_over_n_plus_8():
    own = [sea(50, ago) for ago in (10, 20, 30, 40)]
    others = [sea(days, 30, supplier="Bo") for days in (30, 30, 30, 30, 70, 70, 70, 70)]
    found = line(received=own + others)
    weight = 4 / 12
    pool = np.array([50] * 4 + [30] * 4 + [70] * 4, dtype=float)
    assert found["lead_time_source"] == "own"
    assert found["lead_time_mean"] == pytest.approx(weight * 50 + (1 - weight) * 50, abs=0.1)
    sd = np.sqrt((1 - weight) * (pool.std(ddof=1) / pool.mean() * 50) ** 2)
    assert found["lead_time_sd"] == pytest.approx(sd, rel=0.02)
    assert found["lead_time_max"] == 50


def test_the_longest_lead_time_is_of_the_last_twelve_months():
    found = line(received=[sea(90, 500), sea(40, 10), sea(41, 20), sea(42, 30)])
    assert found["lead_time_max"] == 42
    assert found["lead_time_usual"] == 41
    assert found["lead_time_mean"] > 45  # the distribution remembers two years


def test_a_line_has_arrived_with_its_last_receipt():
    twice = [sea(40, 30, order_id="X"), sea(50, 20, order_id="X")]
    found = line(received=[*twice, sea(50, 25), sea(50, 26)])
    assert found["lead_time_receipts"] == 3
    assert found["lead_time_mean"] == pytest.approx(50, abs=0.1)


def test_what_has_hardly_arrived_says_nothing_yet():
    found = line(
        received=[sea(40, n, quantity_received=10.0, open_quantity=90.0) for n in (1, 2, 3)]
    )
    assert found["lead_time_source"] == "assumed"


def test_receipts_after_the_plans_day_are_not_known():
    assert line(received=[sea(40, ago) for ago in (-1, -2, -3)])["lead_time_source"] == "assumed"


def test_the_default_route_brought_the_most_units():
    air = [("A", "US", "Ann", "AIR", 10, ago, {"quantity_received": 500.0}) for ago in (5, 6, 7)]
    found = line(received=[*air, *(sea(40, ago) for ago in (5, 6, 7))])
    assert found["route"] == "air"
    assert found["lead_time_mean"] == pytest.approx(10, abs=0.1)
    assert line(received=[sea(40, 5, route=None)])["route"] == "sea"


def test_items_keep_their_order_and_markets_apart():
    received = [("A", market, "Ann", "sea", days, 9) for market, days in
                (("DE", 30), ("US", 60)) for _ in range(3)]  # fmt: skip
    found = lead_times(
        items(("A", "US", "Ann"), ("A", "DE", "Ann"), ("Z", "DE", None)),
        orders(*received),
        routes(),
        TODAY,
    )
    assert found.lines["lead_time_mean"].round().tolist() == [60, 30, 30]
    assert found.lines["lead_time_source"].tolist() == ["own", "own", "route_pool"]
    assert found.row.tolist() == [1, 0, 0]
    assert found.probabilities.shape == (2, 196)


# Every route of an item


def by_route(of, received=(), stated=()):
    return lead_times_by_route(items(*of), orders(*received), routes(*stated), TODAY)


def test_an_items_routes_are_those_of_its_market_its_supplier_and_the_table():
    received = [
        *(sea(40, ago, sku="B", supplier="Bo") for ago in (5, 6, 7)),
        ("C", "DE", "Ann", "rail", 33, 9, {}),
        ("D", "FR", "Cy", "express", 6, 9, {}),
    ]
    found = by_route([("A", "US", "Ann")], received, [("US", "Air ", 9.0, 14.0)])
    assert found.lines["route"].tolist() == ["sea", "air", "rail"]
    assert found.lines["is_default"].tolist() == [True, False, False]
    assert found.lines["lead_time_source"].tolist() == ["route_pool", "routes_table", "assumed"]
    assert found.lines["lead_time_mean"].round().tolist() == [40, 9, 35]


def test_lines_stand_by_item_the_default_first():
    received = [("B", "US", "Ann", "air", 10, ago, {}) for ago in (5, 6, 7)]
    found = by_route([("A", "US", "Ann"), ("B", "US", "Ann"), ("A", "DE", None)], received)
    assert found.lines["item"].tolist() == [0, 0, 1, 2]
    assert found.lines["route"].tolist() == ["sea", "air", "air", "sea"]
    assert found.lines["is_default"].tolist() == [True, False, True, True]
    one = lead_times(
        items(("A", "US", "Ann"), ("B", "US", "Ann"), ("A", "DE", None)),
        orders(*received), routes(), TODAY,
    )  # fmt: skip
    assert one.lines["route"].tolist() == ["sea", "air", "sea"]
    mean, _ = moments(one.probabilities[one.row])
    assert mean == pytest.approx(one.lines["lead_time_mean"])


def test_a_stated_lead_time_goes_first_with_the_spread_of_the_route():
    received = [sea(days, 30) for days in (36, 40, 44)]
    stated = items(("A", "US", "Ann")).assign(lead_time_days=20.0)
    found = lead_times_by_route(stated, orders(*received), routes(("US", "air", 9, 14)), TODAY)
    default, air = found.lines.iloc[0], found.lines.iloc[1]
    plain = line(received=received)
    assert (default["lead_time_source"], default["lead_time_usual"]) == ("stated", 20)
    assert default["lead_time_mean"] == pytest.approx(20, abs=0.1)
    assert default["lead_time_sd"] == pytest.approx(plain["lead_time_sd"] / 2, rel=0.02)
    assert default["lead_time_max"] > 20
    assert air["lead_time_source"] == "routes_table"
    nothing = items(("A", "US", "Ann")).assign(lead_time_days=np.nan)
    unsaid = lead_times(nothing, orders(*received), routes(), TODAY).lines.iloc[0]
    assert unsaid["lead_time_source"] == "own"


# Orders that are still open


def waiting(age, **more):
    """An open order placed so many days ago."""
    return sea(age, 0, received_on=pd.NaT, quantity_received=np.nan, open_quantity=100.0, **more)


def test_an_open_order_that_is_late_makes_the_lead_time_longer():
    received = [sea(days, 30) for days in (38, 40, 41, 41, 40)]
    young = line(received=[*received, waiting(9), waiting(3)])
    late = line(received=[*received, waiting(60), waiting(55)])
    plain = line(received=received)
    assert young["lead_time_mean"] == pytest.approx(plain["lead_time_mean"], abs=0.01)
    assert late["lead_time_mean"] > plain["lead_time_mean"] + 4
    assert (late["lead_time_receipts"], late["lead_time_open"]) == (5, 2)
    assert (plain["lead_time_max"], late["lead_time_max"]) == (41, 60)


def test_an_order_forgotten_long_ago_is_not_believed():
    received = [sea(days, 30) for days in (38, 40, 41)]
    found = line(received=[*received, waiting(150)])
    assert found["lead_time_mean"] == pytest.approx(line(received=received)["lead_time_mean"])
    assert found["lead_time_open"] == 0


def test_what_arrived_after_the_plans_day_was_open_on_it():
    received = [sea(days, 30) for days in (38, 40, 41)]
    later = [sea(64, -4), sea(66, -5)]
    assert line(received=[*received, *later])["lead_time_mean"] > 43


def test_the_receipts_behind_a_lead_time_are_dated():
    found = line(received=[sea(40, ago) for ago in (12, 90, 33)])
    assert found["lead_time_last"] == pd.Timestamp(TODAY) - pd.Timedelta(days=12)
    assert found["lead_time_first"] == pd.Timestamp(TODAY) - pd.Timedelta(days=90)
    assert pd.isna(found["lead_time_since"])
    assert pd.isna(line()["lead_time_first"])


def weekly(rng, market, *, jump=90, before=40.0, after=60.0):
    """Two years of weekly orders whose lead times jumped so many days ago (cv 0.15)."""
    rows = []
    for ago in range(1, 730, 7):
        mean = after if ago <= jump else before
        days = max(1, round(rng.gamma(1 / 0.15**2, mean * 0.15**2)))
        row = sea(days, ago - days) if days <= ago else waiting(ago)
        rows.append((row[0], market, *row[2:]))
    return rows


def replicated(seed, **jump):
    """The same history a dozen times, each in a market of its own: what is told, what was seen."""
    rng = np.random.default_rng(seed)
    markets = [f"M{number}" for number in range(12)]
    rows = [row for market in markets for row in weekly(rng, market, **jump)]
    told = lead_times(items(*(("A", market, "Ann") for market in markets)),
                      orders(*rows), routes(), TODAY).lines  # fmt: skip
    return told, [(row[4], row[5]) for row in rows if "open_quantity" not in row[6]]


def changed(told):
    return (pd.Timestamp(TODAY) - told["lead_time_since"]).dt.days


def test_after_a_jump_open_orders_tell_what_the_closed_ones_hide():
    told, closed = replicated(11)
    assert np.mean([days for days, _ in closed]) < 43
    assert np.mean([days for days, ago in closed if days + ago <= 90]) < 57
    assert told["lead_time_mean"].mean() == pytest.approx(60, abs=2)
    assert changed(told).between(75, 120).all()


def test_steady_lead_times_are_not_taken_for_a_change():
    told, _ = replicated(12, after=40.0)
    assert told["lead_time_since"].isna().all()
    assert told["lead_time_mean"].mean() == pytest.approx(40, abs=0.6)


def test_orders_that_came_faster_are_noticed():
    told, _ = replicated(13, jump=150, before=60.0, after=40.0)
    assert told["lead_time_mean"].mean() == pytest.approx(40, abs=2)
    assert changed(told).between(100, 200).all()


def test_a_file_without_its_open_orders_is_no_proof_of_a_change():
    rng = np.random.default_rng(13)
    taken = [(round(days), ago) for ago, days in zip(range(1, 730, 7), rng.gamma(9, 5, 105),
                                                     strict=True)]  # fmt: skip
    closed_only = [sea(days, ago - days) for days, ago in taken if days <= ago]
    assert pd.isna(line(received=closed_only)["lead_time_since"])


def test_open_orders_count_as_the_likelihood_says():
    rng = np.random.default_rng(4)
    days = rng.gamma(16, 40 / 16, 300)
    age = rng.uniform(5, 90, 300)
    is_open = days > age
    seen = np.where(is_open, age, days)
    mean, sd = censored_moments(np.zeros(300, dtype=np.int64), seen, is_open, 1)

    def surprise(log):
        law = stats.gamma(np.exp(log[0]), scale=np.exp(log[1]))
        return -(law.logpdf(seen[~is_open]).sum() + law.logsf(seen[is_open]).sum())

    shape, scale = np.exp(optimize.minimize(surprise, [2.0, 1.0], method="Nelder-Mead").x)
    assert mean[0] == pytest.approx(shape * scale, rel=0.01)
    assert sd[0] == pytest.approx(np.sqrt(shape) * scale, rel=0.06)
    assert seen[~is_open].mean() < 0.95 * mean[0]  # what closed orders alone would say


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.integers(20, 60), min_size=3, max_size=20),
    st.lists(st.integers(1, 100), max_size=8),
)
def test_an_open_order_never_makes_the_lead_time_shorter(closed, ages):
    days = np.array(closed + ages, dtype=float)
    is_open = np.arange(len(days)) >= len(closed)
    group = np.zeros(len(days), dtype=np.int64)
    with_open, _ = censored_moments(group, days, is_open, 1)
    alone, _ = censored_moments(group[~is_open], days[~is_open], is_open[~is_open], 1)
    assert np.isfinite(with_open).all()
    assert with_open[0] >= alone[0] - 1e-3


# Thirty receipts and more


def test_plenty_of_receipts_speak_for_themselves():
    two_ships = [sea((30, 50)[n % 2], 5 * n + 1) for n in range(40)]
    found = lead_times(items(("A", "US", "Ann")), orders(*two_ships), routes(), TODAY)
    law = found.probabilities[found.row[0]]
    assert law.sum() == pytest.approx(1)
    assert law[29] > 3 * law[39]  # no law with one hump
    assert found.lines.loc[0, "lead_time_mean"] == pytest.approx(40, abs=0.3)
    assert found.lines.loc[0, "lead_time_sd"] == pytest.approx(10, rel=0.08)


def test_open_orders_move_an_empirical_law_too():
    steady = [sea(days, ago) for ago in range(1, 41) for days in (38 + ago % 5,)]
    plain = line(received=steady)["lead_time_mean"]
    late = line(received=[*steady, waiting(60), waiting(64), waiting(70)])["lead_time_mean"]
    young = line(received=[*steady, waiting(4), waiting(9)])["lead_time_mean"]
    assert plain == pytest.approx(40, abs=0.3)
    assert late > plain + 1
    assert young == pytest.approx(plain, abs=0.05)


def test_one_order_and_orders_without_spread_are_laws():
    for received in ([sea(40, 5)], [sea(40, ago) for ago in (5, 6, 7)], [waiting(9)]):
        found = lead_times(items(("A", "US", "Ann")), orders(*received), routes(), TODAY)
        assert found.probabilities.sum(axis=1) == pytest.approx(1)
        assert (
            found.lines[["lead_time_mean", "lead_time_sd", "lead_time_max"]].notna().all(axis=None)
        )
