"""Stock by day: queueing theory's loss formula, the delayed orders of P13, and the bookkeeping."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.errors import NegativeInputError
from analytics.inventory import Rule, drawn, simulate, uniforms

NEVER = Rule(reorder_point=-1.0, batch=1.0)


def erlang_loss(servers, load):
    """Erlang's B, by its recursion."""
    lost = 1.0
    for count in range(1, servers + 1):
        lost = load * lost / (count + load * lost)
    return lost


@pytest.mark.parametrize("lengths", [{20: 1.0}, {5: 0.5, 35: 0.5}])
@pytest.mark.parametrize("stock", [1, 2, 4])
def test_one_for_one_orders_lose_what_erlangs_formula_says(lengths, stock):
    """Karush (1957): only the mean lead time matters, whatever its law, orders crossing or not."""
    rate, items, days = 0.05, 60, 8_000
    rng = np.random.default_rng(11)
    demand = rng.poisson(rate, (items, days)).astype(float)
    law = np.zeros((1, 35))
    for days_long, chance in lengths.items():
        law[0, days_long - 1] = chance
    lead_time = drawn(law, np.zeros(items, dtype=int), rng.random((items, days)))
    rule = Rule(reorder_point=stock - 1, order_up_to=stock)
    run = simulate(demand, rule, lead_time, opening=np.full(items, float(stock)))
    lost = run.lost.sum() / demand.sum()
    # what sold on a day is ordered the next morning: half a day more, on average
    assert lost == pytest.approx(erlang_loss(stock, rate * 20.5), rel=0.05, abs=0.003)


@pytest.mark.parametrize(("late", "first", "out", "lost", "end"), [
    (0, 36, 4, 40, 90), (7, 21, 11, 110, 160), (14, 21, 18, 180, 230),
])  # fmt: skip
def test_p13_delayed_orders(late, first, out, lost, end):
    arrivals = np.zeros((1, 60))
    arrivals[0, [17 + late, 39 + late]] = 150, 300
    run = simulate(np.full((1, 60), 10.0), NEVER, [30], opening=[200], arrivals=arrivals)
    days = np.flatnonzero(run.lost[0] > 0) + 1
    assert (days[0], len(days)) == (first, out)
    assert run.units_lost.tolist() == [lost]
    assert run.closing[0, -1] == end


def test_a_review_every_week_orders_up_to_its_level():
    run = simulate(
        np.full((1, 30), 4.0),
        Rule(reorder_point=np.inf, order_up_to=60.0, review_days=7),
        [3],
        opening=[60.0],
        first_review=2,
    )
    assert np.flatnonzero(run.orders[0]).tolist() == [2, 9, 16, 23]
    assert run.ordered[0, [2, 9, 16, 23]].tolist() == [8, 28, 28, 28]
    assert np.flatnonzero(run.received[0]).tolist() == [5, 12, 19, 26]
    assert run.fill_rate.tolist() == [1.0]
    assert run.cycle_service.tolist() == [1.0]


def test_batches_lift_the_position_above_the_trigger():
    run = simulate(np.full((1, 2), 9.0), Rule(reorder_point=30.0, batch=12.0), [1], opening=[5.0])
    assert run.ordered[0].tolist() == [36, 0]
    assert simulate(
        np.zeros((1, 1)), Rule(reorder_point=30.0, batch=12.0), [1], opening=[30.0]
    ).ordered[0].tolist() == [12]


def test_an_order_is_whole_cartons_and_no_less_than_the_minimum():
    rule = Rule(reorder_point=10.0, order_up_to=[20.0, 90.0], batch=12.0, minimum=50.0)
    run = simulate(np.zeros((2, 3)), rule, [5, 5], opening=[5.0, 5.0])
    assert run.ordered[:, 0].tolist() == [60, 96]
    assert run.ordered[:, 1:].sum() == 0


def test_levels_may_change_from_day_to_day():
    level = np.full((1, 12), 5.0)
    level[0, 6:] = 40.0
    run = simulate(
        np.full((1, 12), 1.0), Rule(reorder_point=level, batch=30.0), [2], opening=[20.0]
    )
    assert np.flatnonzero(run.orders[0]).tolist() == [6, 10]  # at positions of 14 and 40
    flat = Rule(reorder_point=5.0, batch=30.0)
    by_day = Rule(reorder_point=np.full((1, 40), 5.0), batch=np.full((1, 40), 30.0))
    demand = np.arange(40.0)[None] % 5
    assert np.array_equal(
        simulate(demand, flat, [4], opening=[9.0]).closing,
        simulate(demand, by_day, np.full((1, 40), 4), opening=[9.0]).closing,
    )


def test_a_later_order_may_arrive_first():
    lead_time = np.array([[9, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2]])
    rule = Rule(reorder_point=99.0, order_up_to=np.array([[10.0, 30.0] + [30.0] * 10]))
    run = simulate(np.zeros((1, 12)), rule, lead_time, opening=[0.0])
    assert run.received[0, 3] == 20
    assert run.received[0, 9] == 10


def test_an_express_order_saves_what_the_slow_one_cannot():
    demand, slow = np.full((1, 40), 5.0), Rule(reorder_point=60.0, order_up_to=120.0)
    alone = simulate(demand, slow, [20], opening=[30.0])
    quick = Rule(reorder_point=20.0, order_up_to=40.0)
    both = simulate(demand, slow, [20], opening=[30.0], express=quick, express_lead_time=[3])
    assert alone.units_lost[0] > 0
    assert both.units_lost.tolist() == [0]
    assert both.ordered.sum() < alone.ordered.sum() + 200


def test_luck_belongs_to_the_item_and_the_day():
    both = uniforms(["A · US", "B · DE"], 50)
    assert np.array_equal(uniforms(["B · DE"], 30)[0], both[1, :30])
    assert not np.array_equal(both[0], both[1])
    assert not np.array_equal(uniforms(["A · US"], 50, path=1)[0], both[0])
    assert (both >= 0).all()
    assert (both < 1).all()


def test_drawn_lead_times_follow_their_law():
    law = np.array([[0.2, 0.5, 0.3], [0.0, 0.0, 1.0]])
    days = drawn(law, [0, 1], uniforms(["A", "B"], 20_000))
    assert np.bincount(days[0])[1:] / 20_000 == pytest.approx(law[0], abs=0.01)
    assert (days[1] == 3).all()
    later = drawn(np.hstack([np.zeros((2, 4)), law]), [0, 1], uniforms(["A", "B"], 20_000))
    assert np.array_equal(later, days + 4)  # the same luck, four days later


def test_a_later_start_keeps_the_books():
    run = simulate(np.full((1, 20), 3.0), Rule(reorder_point=9.0, batch=12.0), [2], opening=[10.0])
    rest = run.since(8)
    assert rest.opening == run.closing[:, 7]
    assert rest.units_lost[0] == run.lost[0, 8:].sum()
    assert run.since(0).opening.tolist() == [10.0]
    assert run.of([0]).closing.tolist() == run.closing.tolist()


def test_what_happened_in_money():
    run = simulate(np.full((2, 5), 1.0), NEVER, [1, 1], opening=[5.0, 10.0])
    assert run.average_stock.tolist() == [2.0, 7.0]
    assert run.cash_peak([2.0, 1.0]) == 2 * 4 + 9
    assert run.cash([2.0, 1.0]).tolist() == [17, 14, 11, 8, 5]


def test_nobody_asked_and_nothing_there():
    none = simulate(np.zeros((1, 5)), NEVER, [1], opening=[0.0])
    assert np.isnan(none.fill_rate).all()
    assert none.cycle_service.tolist() == [1.0]
    empty = simulate(np.zeros((0, 5)), NEVER, np.zeros(0), opening=[])
    assert empty.cash_peak([]) == 0
    short = simulate(np.zeros((1, 0)), NEVER, [1], opening=[3.0])
    assert short.average_stock.tolist() == [3.0]
    assert short.cycle_service.tolist() == [1.0]


def test_what_cannot_be_is_refused():
    with pytest.raises(NegativeInputError, match="demand"):
        simulate([[-1.0]], NEVER, [1], opening=[1.0])
    with pytest.raises(NegativeInputError, match="opening"):
        simulate([[1.0]], NEVER, [1], opening=[-1.0])
    with pytest.raises(NegativeInputError, match="lead_time"):
        simulate([[1.0]], NEVER, [0], opening=[1.0])
    with pytest.raises(ValueError, match="batch"):
        Rule(reorder_point=1.0)


whole = st.integers(0, 40)


@settings(max_examples=80, deadline=None)
@given(
    st.integers(0, 2**32 - 1), whole, whole, st.integers(1, 30), st.integers(1, 9),
    st.sampled_from(["sQ", "RS", "RsS", "air"]),
)  # fmt: skip
def test_opening_and_receipts_less_sales_is_closing_every_day(
    seed, opening, point, size, review, kind
):
    rng = np.random.default_rng(seed)
    demand = rng.poisson(rng.uniform(0, 8, (3, 1)), (3, 60)).astype(float)
    lead_time = rng.integers(1, 25, (3, 60))
    rule = {
        "sQ": Rule(reorder_point=point, batch=size),
        "RS": Rule(reorder_point=np.inf, order_up_to=point + size, review_days=review),
        "RsS": Rule(
            reorder_point=point, order_up_to=point + size, batch=4, minimum=6, review_days=review
        ),
    }.get(kind, Rule(reorder_point=point, order_up_to=point + size))
    express = Rule(reorder_point=point / 2, order_up_to=point) if kind == "air" else None
    arrivals = rng.integers(0, 2, (3, 60)) * 5.0
    run = simulate(demand, rule, lead_time, opening=np.full(3, float(opening)), arrivals=arrivals,
                   express=express, express_lead_time=rng.integers(1, 5, 3))  # fmt: skip
    kept = opening + run.received.cumsum(axis=1) - run.sold.cumsum(axis=1)
    assert np.array_equal(kept, run.closing)
    coming = arrivals.sum(axis=1, keepdims=True) + (run.ordered - run.received).cumsum(axis=1)
    assert np.array_equal(coming, run.on_order)
    assert (run.closing >= 0).all()
    assert (run.on_order >= 0).all()
    assert np.array_equal(run.lost, demand - run.sold)
    assert ((run.lost == 0) | (run.closing == 0)).all()
    assert ((run.cycle_service >= 0) & (run.cycle_service <= 1)).all()


def test_the_smallest_order_is_one_batch_whatever_is_lacking():
    rule = Rule(
        reorder_point=50.0, order_up_to=90.0, batch=6.0, minimum=10.0,
        review_days=7, is_smallest=True,
    )  # fmt: skip
    run = simulate(np.full((1, 28), 3.0), rule, [10], opening=[20.0])
    assert run.ordered[0, ::7].tolist() == [12.0] * 4


@pytest.mark.parametrize(
    ("ceiling", "minimum", "ordered"),
    [(np.inf, 0.0, 60.0), (55.0, 0.0, 40.0), (55.0, 45.0, 0.0), (5.0, 0.0, 0.0)],
)
def test_a_cap_leaves_whole_batches_or_nothing(ceiling, minimum, ordered):
    rule = Rule(reorder_point=30.0, order_up_to=65.0, batch=20.0, minimum=minimum, ceiling=ceiling)
    run = simulate(np.zeros((1, 1)), rule, [5], opening=[10.0])
    assert run.ordered.tolist() == [[ordered]]


def test_a_season_is_bought_once_ahead_of_it():
    target, before = np.zeros((1, 40)), np.full((1, 40), 8.0)
    target[0, 10:20] = 100.0
    rule = Rule(
        reorder_point=-1.0, order_up_to=0.0, batch=12.0,
        season_target=target, season_before=before,
    )  # fmt: skip
    run = simulate(np.zeros((1, 40)), rule, [5], opening=[20.0])
    assert np.flatnonzero(run.ordered[0]).tolist() == [10]
    assert run.ordered[0, 10] == 96.0  # 100 less the 12 that are left, in boxes of a dozen
