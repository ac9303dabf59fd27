"""What stuck stock is worth under each option."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics import clearance
from analytics.clearance import Ageing, Elsewhere, Stuck
from analytics.errors import NegativeInputError, OutOfBoundsError

R = clearance.daily_rate(40.0)
THERE = Elsewhere(2.2, 30, 4, 18, fee_share=0.15, fulfilment=4.5, storage_fee=0.008)


def stuck(units=600.0, rate=0.5, price=20.0, **more):
    parts = {"fee_share": 0.15, "fulfilment": 4.0, "storage_fee": 0.02, "elasticity": 2.5}
    return Stuck.of(units, rate, price, **{**parts, **more})


def test_p15b_keep_and_each_discount():
    wanted = [
        -424.149441, 318.426184, 893.740372, 1258.946482, 1384.659375, 1258.674571, 887.235824,
    ]  # fmt: skip
    found = [float(clearance.value_of_discount(stuck(), R, cut)[0]) for cut in clearance.DISCOUNTS]
    assert found == pytest.approx(wanted, abs=1e-6)


def test_p15b_the_other_options_and_their_rank():
    best = clearance.decide(stuck(), R, there=THERE, liquidation_fee=0.5, scrap_fee=0.35)
    values = {option: float(value[0]) for option, value in best.values.items()}
    assert values["transfer"] == pytest.approx(4232.282640, abs=1e-6)
    assert values["liquidate"] == pytest.approx(357.153222, abs=1e-6)
    assert values["scrap"] == pytest.approx(-210)
    assert best.discount.tolist() == [0.4]
    whole = ("transfer", "discount", "liquidate", "scrap", "keep")
    assert sorted(whole, key=lambda option: -values[option]) == list(whole)
    assert best.option.tolist() == ["transfer"]


def test_p15b_keep_some_and_liquidate_the_rest():
    wanted = {
        0.0: (239.973287, 1736.159705),
        0.1: (276.828515, 1742.237718),
        0.2: (321.493486, 1722.938101),
        0.3: (375.009335, 1662.208177),
        0.4: (436.263071, 1534.060965),
        0.5: (495.256952, 1298.077863),
    }
    exit_value = clearance.liquidation_value([20.0], R, fee=0.5)
    for cut, pair in wanted.items():
        keep, value = clearance.value_of_keeping_some(stuck(), R, cut, exit_value)
        assert (float(keep[0]), float(value[0])) == pytest.approx(pair, abs=1e-6)
    best = clearance.decide(stuck(), R, liquidation_fee=0.5, in_whole_units=False)
    assert best.option.tolist() == ["keep_some"]
    assert best.tail_discount.tolist() == [0.1]
    assert float(best.value[0]) == pytest.approx(1742.237718, abs=1e-6)


def test_no_other_number_to_keep_is_worth_more():
    exit_value = clearance.liquidation_value([20.0], R, fee=0.5)
    keep, value = clearance.value_of_keeping_some(stuck(), R, 0.1, exit_value)
    cash, rate = 20 * 0.9 * 0.85 - 4, 0.5 * 0.9**-2.5
    tried = np.arange(0, 601)
    worth = clearance.present_value(tried, rate, cash, 0.02, R) + (600 - tried) * exit_value
    assert worth.max() <= value[0] + 1e-9
    assert abs(tried[worth.argmax()] - keep[0]) <= 0.5 + 1e-9
    whole = clearance.decide(stuck(), R, liquidation_fee=0.5)
    assert float(whole.keep[0]) == tried[worth.argmax()]


@settings(max_examples=30, deadline=None)
@given(
    st.floats(1, 5_000),
    st.floats(0.01, 50),
    st.floats(-5, 50),
    st.floats(0, 0.5),
    st.floats(1e-5, 3e-3),
)
def test_the_present_value_is_the_integral_over_days(units, rate, cash, fee, interest):
    end = units / rate
    days = np.linspace(0, min(end, 40 / interest), 20_001)  # later money is worth nothing
    left = np.exp(-interest * days)
    flow = (cash * rate - fee * (units - rate * days)) * left
    value = float(np.trapezoid(flow, days))
    scale = max(abs(cash) * units, fee * units * min(end, 1 / interest), 1.0)
    assert float(clearance.present_value(units, rate, cash, fee, interest)) == pytest.approx(
        value,
        abs=3e-5 * scale,  # what 20,000 steps leave
    )


def test_without_interest_values_are_the_limit_of_small_interest():
    exact = clearance.present_value(600, 0.5, 13.0, 0.02, 0.0)
    assert float(exact) == pytest.approx(13 * 600 - 0.02 * 600 * 1200 / 2)
    assert float(clearance.present_value(600, 0.5, 13.0, 0.02, 1e-9)) == pytest.approx(
        float(exact), rel=1e-4
    )
    near = clearance.kept_units(600, 0.5, 13.0, 0.05, 3.0, interest=1e-9)
    assert float(clearance.kept_units(600, 0.5, 13.0, 0.05, 3.0, interest=0.0)) == 100.0
    assert float(near) == pytest.approx(100.0, rel=1e-5)


def test_all_is_kept_where_storing_for_ever_costs_less_than_letting_go():
    keep = clearance.kept_units(600, 0.5, 13.0, 0.0001, -0.35, interest=R)
    assert float(keep) == 600.0


def test_scrapping_is_the_way_out_where_it_costs_less_than_liquidating():
    best = clearance.decide(stuck(price=2.0, fulfilment=1.0), R, liquidation_fee=0.5, scrap_fee=0.1)
    assert best.exit_value.tolist() == [-0.1]


def test_below_the_floor_price_a_unit_is_better_let_go():
    best = clearance.decide(stuck(), R, liquidation_fee=0.5)
    price = float(best.floor_price[0])
    assert price * 0.85 - 4.0 == pytest.approx(float(best.exit_value[0]))


amounts = st.floats(0, 1_000)


@settings(max_examples=40, deadline=None)
@given(
    units=amounts,
    rate=st.just(0.0) | st.floats(1e-3, 1_000),  # units/day: less than one in three years is none
    price=amounts,
    fee=st.floats(0, 10),
    annual=st.floats(0, 200),
)
def test_keep_some_is_never_worth_less_than_any_other_way_to_sell_here(
    units, rate, price, fee, annual
):
    interest = clearance.daily_rate(annual)
    item = stuck(np.floor(units), rate, price, storage_fee=fee)
    best = clearance.decide(item, interest, scrap_fee=0.2, in_whole_units=False)
    values = {option: float(value[0]) for option, value in best.values.items()}
    assert np.isnan(values.pop("transfer"))
    assert np.isfinite(list(values.values())).all()
    assert best.value[0] == pytest.approx(max(values.values()))
    scale = 1e-9 * (1 + abs(values["keep"]) + abs(values["liquidate"]))
    assert values["keep_some"] >= max(values["liquidate"], values["scrap"]) - scale
    assert 0 <= best.keep[0] <= np.floor(units)


def test_no_units_and_no_sales_have_a_value_all_the_same():
    nothing = clearance.decide(stuck(units=[0.0, 50.0], rate=0.0), R)
    assert nothing.values["keep"].tolist() == pytest.approx([0.0, -0.02 * 50 / R])
    assert nothing.option.tolist() == ["keep", "liquidate"]


def test_ageing_fees_fall_on_what_is_left_on_the_day():
    def fees(units, days, by_step):
        """Of units that came today; the last step is free, so that nothing is paid after it."""
        every = range(len(units))
        table = [[*by_step, 0.0] for _ in every]
        steps = [*(day - 5.0 for day in days), days[-1] + 1.0]
        return clearance.Ageing.of(
            every, [0.0] * len(units), units, days=days, over=steps, fees=table
        )

    found = fees([100.0, 5.0], [15.0, 45.0], [0.5, 1.0])
    assert found.cost([100.0, 5.0], [1.0, 1.0], 0.0).tolist() == [0.5 * 85 + 55, 0.0]
    later = fees([100.0], [15.0], [0.5]).cost([100.0], [1.0], R)
    assert later[0] == pytest.approx(0.5 * 85 * np.exp(-15 * R))


def test_break_even_elasticity_makes_the_discount_as_good_as_keeping():
    even = clearance.break_even_elasticity(stuck(), R, 0.2)
    there = stuck(elasticity=even)
    gain = clearance.value_of_discount(there, R, 0.2) - clearance.value_of_discount(there, R, 0.0)
    assert float(gain[0]) == pytest.approx(0.0, abs=1e-6)
    hopeless = clearance.break_even_elasticity(stuck(price=4.0, storage_fee=0.0), R, 0.5)
    assert np.isnan(hopeless[0])


def test_speeds_that_sales_leave_likely_frame_the_rate():
    low, middle, high = clearance.likely_speeds([9.0, 900.0], [90.0, 90.0])
    assert (low < np.array([0.1, 10.0])).all()
    assert (high > np.array([0.1, 10.0])).all()
    assert middle == pytest.approx([0.1, 10.0], rel=0.03)
    # chi2(19) / 2 / 90, its tenth from the tables: 11.651
    assert float(low[0]) == pytest.approx(11.651 / 180, rel=1e-4)


def test_a_plan_is_worth_what_was_decided_and_never_more_than_the_best_at_another_speed():
    item = stuck(units=[600.0, 40.0, 300.0], rate=[0.5, 2.0, 0.01])
    best = clearance.decide(item, R, there=THERE, scrap_fee=0.3)
    assert clearance.value_of_plan(best, item, R, THERE) == pytest.approx(best.value)
    for factor in (0.3, 3.0):
        other = item.faster(factor)
        ideal = clearance.decide(other, R, there=THERE, scrap_fee=0.3)
        regret = ideal.value - clearance.value_of_plan(best, other, R, THERE)
        assert (regret >= -1e-9).all()


def test_numbers_that_make_no_sense_are_refused():
    with pytest.raises(NegativeInputError):
        stuck(units=-1.0)
    with pytest.raises(NegativeInputError):
        stuck(price=np.nan)
    with pytest.raises(OutOfBoundsError):
        clearance.value_of_discount(stuck(), R, 1.0)
    with pytest.raises(OutOfBoundsError):
        clearance.daily_rate(-1.0)
    empty = clearance.decide(Stuck.of([], [], []), R)
    assert empty.option.tolist() == []


def layers(age, units, *, days=(15.0, 45.0, 75.0), over=(180.0,), fees=((0.5,),)):
    return Ageing.of([0] * len(age), age, units, days=days, over=over, fees=fees)


def test_age_is_charged_by_layer_the_oldest_selling_first():
    """A day-by-day walk: sell the oldest, and pay on each unit that is old enough on the day."""
    age, units, rate = [150.0, 40.0], [30.0, 60.0], 1.0
    found = layers(age, units, fees=((0.5, 2.0),), over=(180.0, 210.0))
    paid, stock = 0.0, [[150.0, 30.0], [40.0, 60.0]]
    for today in range(1, 76):
        sold = rate
        for layer in stock:
            layer[0] += 1
            gone = min(layer[1], sold)
            layer[1] -= gone
            sold -= gone
        if today in (15, 45, 75):
            paid += sum(
                left * (2.0 if old > 210 else 0.5 if old > 180 else 0) for old, left in stock
            )
    tail = 2.0 * 12 / 365 * 15 * 15 / 2  # what is left after the last day, paid steadily
    assert float(found.cost([90.0], [rate], 0.0)[0]) == pytest.approx(paid + tail)


def test_what_is_let_go_at_once_is_the_oldest():
    found = layers([400.0, 10.0], [50.0, 50.0], days=(15.0,))
    assert found.newer.tolist() == [50.0, 0.0]
    all_kept, young = (float(found.cost([k], [1000.0], 0.0)[0]) for k in (100.0, 50.0))
    assert all_kept == young == 0.0  # sold before the day
    assert float(found.cost([50.0], [0.1], R)[0]) < float(found.cost([51.0], [0.1], R)[0])


def test_fees_on_age_make_clearing_more_and_keeping_less():
    item = stuck(units=300.0, rate=0.5)
    plain = clearance.decide(item, R, scrap_fee=0.3)
    dear = layers([200.0], [300.0], fees=((3.0,),))
    aged = clearance.decide(item, R, scrap_fee=0.3, ageing=dear)
    assert aged.keep[0] < plain.keep[0]
    assert aged.values["keep"][0] < plain.values["keep"][0]
    assert aged.values["liquidate"][0] == plain.values["liquidate"][0]


@settings(max_examples=30, deadline=None)
@given(
    st.floats(0, 5), st.floats(0.01, 20), st.integers(1, 400), st.floats(0, 400), st.floats(0, 100)
)
def test_no_other_number_to_keep_is_worth_much_more_when_age_costs(fee, rate, units, age, annual):
    interest = clearance.daily_rate(annual)
    item = stuck(units=float(units), rate=rate)
    dear = layers(
        [age], [float(units)], fees=((fee,),), days=tuple(15.0 + 30 * m for m in range(24))
    )
    best = clearance.decide(item, interest, scrap_fee=0.3, ageing=dear)
    exit_value, found = best.exit_value, float(best.values["keep_some"][0])
    most = -np.inf
    for cut in clearance.DISCOUNTS:
        sold, cash = rate * (1 - cut) ** -2.5, 20 * (1 - cut) * 0.85 - 4
        for kept in range(0, units + 1, max(units // 25, 1)):
            k = np.array([float(kept)])
            value = clearance.present_value(k, sold, cash, 0.02, interest)
            value = value + (units - k) * exit_value - dear.cost(k, [sold], interest)
            most = max(most, float(value[0]))
    assert found >= most - 0.01 * (abs(most) + units)


def test_without_fees_age_changes_nothing():
    item = stuck(units=[300.0, 80.0], rate=[0.5, 2.0])
    free = Ageing.of([0, 1], [100, 20], [300, 80], days=[15], over=[180], fees=[[0.0], [0.0]])
    plain, same = clearance.decide(item, R), clearance.decide(item, R, ageing=free)
    assert plain.value.tolist() == same.value.tolist()
    assert plain.keep.tolist() == same.keep.tolist()
    assert free.charged.tolist() == []
    with pytest.raises(NegativeInputError):
        layers([1.0], [np.nan])
