"""Last year again: what each rule would have reached, by books that balance."""

from dataclasses import replace

import numpy as np
import pytest

from analytics.distributions import LAST_DAY
from analytics.errors import Cancelled, NoDataError
from analytics.scenario import Scenario
from analytics.services import hindsight, planning, replay
from analytics.services.past import Expected
from analytics.store import Store
from tests.services import catalogues
from tests.services.catalogues import SKUS, listed, weekly

FEW = SKUS[4:36:4]
WEEKS = 58


def filled(folder, weeks=WEEKS, **more):
    store = Store.open(folder)
    store.load([weekly(catalogues.units(FEW, weeks), FEW), listed(FEW, **more)])
    return store


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    with filled(
        tmp_path_factory.mktemp("replay") / "own", unit_cost=4.0, moq=30, carton_quantity=12
    ) as opened:
        yield opened


@pytest.fixture(scope="module")
def found(store):
    return replay.replay(store)


def test_it_runs_the_weeks_that_leave_enough_to_learn_from(found):
    assert found.facts["weeks"] == WEEKS - hindsight.LEAST_KNOWN - hindsight.WARM_UP
    assert found.facts["items"] == len(FEW)
    assert found.facts["ends_on"] == catalogues.LAST
    assert (found.facts["ends_on"] - found.facts["starts_on"]).days == 7 * found.facts["weeks"] - 1
    assert list(found.rules["rule"]) == [*replay.METHODS, "current"]


def test_every_number_is_one_and_in_its_bounds(found):
    numbers = found.rules.drop(columns="rule").to_numpy(dtype=float)
    assert np.isfinite(numbers).all()
    assert (numbers >= 0).all()
    for name in ("target", "reached", "fill_rate", "cycle_service"):
        assert found.rules[name].between(0, 1).all()
    by_item = found.items[["target", "demand", "fill_rate", "cycle_service", "average_stock"]]
    assert np.isfinite(by_item.to_numpy(dtype=float)).all()


def test_max_average_buys_its_service_with_far_more_stock(found):
    rules = found.rules.set_index("rule")
    assert rules.loc["max_average", "average_stock"] > 1.2 * rules.loc["quantile", "average_stock"]
    assert rules.loc["max_average", "units_lost"] <= rules.loc["quantile", "units_lost"]


def test_the_books_balance_every_day(found):
    for rule in found.courses:
        run = found.simulation(found.judged, rule)
        kept = run.opening[:, None] + run.received.cumsum(axis=1) - run.sold.cumsum(axis=1)
        assert np.array_equal(kept, run.closing)
        assert (run.closing >= 0).all()


def test_orders_are_whole_cartons_and_no_less_than_the_minimum(found):
    for rule in found.courses:
        ordered = found.simulation(found.judged, rule).ordered
        placed = ordered[ordered > 0]
        assert (placed % 12 == 0).all()
        assert (placed >= 30).all()


def test_totals_are_those_of_the_items(found):
    totals = found.items.groupby("rule")[["units_lost", "average_stock"]].sum()
    rules = found.rules.set_index("rule")
    for name in ("units_lost", "average_stock"):
        assert rules[name].to_dict() == pytest.approx(totals[name].to_dict())
    cost = rules["stock_value"] / rules["average_stock"]
    assert cost.tolist() == pytest.approx([cost.iloc[0]] * len(cost))  # all cost the same


def test_one_items_days(store, found):
    row = planning.basis(store).row(FEW[3], "US")
    days = found.course(row, "quantile")
    mine = found.items.query("row == @row and rule == 'quantile'").iloc[0]
    assert len(days) == 7 * found.facts["weeks"]
    assert days["date"].iloc[-1].date() == found.facts["ends_on"]
    assert days["lost"].sum() == mine["units_lost"]
    assert days["on_hand"].mean() == pytest.approx(mine["average_stock"])
    assert found.course(row, "proposed").empty


def test_one_items_days_do_not_depend_on_the_others(found):
    every = found.simulation(found.judged, "normal")
    for row in (0, 5):
        assert np.array_equal(found.course(row, "normal")["on_hand"], every.closing[row])
    assert found.courses["normal"].units_lost == pytest.approx(every.units_lost)


def test_it_is_kept_and_always_the_same(store, found):
    assert replay.is_known(store)
    assert replay.replay(store) is found
    again = replay._replay(
        planning.basis(store), Scenario(), hindsight.WEEKS, lambda done, total, item: None
    )
    assert again.rules.equals(found.rules)


def test_a_higher_promise_loses_less_and_holds_more(store):
    told = []
    proposal = replay.replay(
        store,
        Scenario(service_level_pct=99),
        progress=lambda done, total, item: told.append((done, total)),
    )
    rules = proposal.rules.set_index("rule")
    steps = len(proposal.span.origins) + 1
    done = [step for step, total in told if total == steps]
    assert done == sorted(done)
    assert set(done) >= set(range(1, steps))
    assert rules.loc["proposed", "target"] == pytest.approx(0.99)
    assert rules.loc["proposed", "units_lost"] <= rules.loc["current", "units_lost"]
    assert rules.loc["proposed", "average_stock"] > rules.loc["current", "average_stock"]


def test_a_delay_that_the_plan_knows_of_costs_less_sales(store, found):
    late = replay.replay(store, Scenario(lead_time_delay_days=21)).rules.set_index("rule")
    on_time = found.rules.set_index("rule")
    assert late.loc["current", "units_lost"] > on_time.loc["current", "units_lost"]
    assert late.loc["proposed", "units_lost"] < late.loc["current", "units_lost"]


def test_levels_know_only_the_weeks_before_them(store):
    """What sold in the last ten weeks changes nothing that was set before."""
    basis = planning.basis(store)
    past = replay.past(basis)
    rules, world = replay.rules(basis, Scenario())
    when = hindsight.span(past.n_weeks, len(past.keys), weeks=hindsight.SHORTEST)
    changed = past.n_weeks - 10
    panel = past.panel.assign(
        units=np.where(
            past.panel["week"] >= np.sort(past.panel["week"].unique())[changed],
            1_000.0,
            past.panel["units"],
        )
    )
    demand = past.demand.copy()
    demand[:, 7 * changed :] = 150
    other = replace(past, panel=panel, demand=demand)
    only = {"quantile": rules["quantile"], "max_average": rules["max_average"]}
    before, after = (
        hindsight.courses(
            case, world, only, when,
            {origin: hindsight.expected_at(case, origin) for origin in when.origins},
        )
        for case in (past, other)
    )  # fmt: skip
    same = changed - when.first + 1  # the week that begins there is set on its first morning
    for name in only:
        assert np.array_equal(
            before[name].levels.reorder_point[:, :same], after[name].levels.reorder_point[:, :same]
        )
        assert not np.array_equal(
            before[name].levels.reorder_point, after[name].levels.reorder_point
        )


def test_demand_is_whole_units_and_adds_up(store):
    basis = planning.basis(store)
    past = replay.past(basis)
    sold = catalogues.units(FEW, WEEKS).sum(axis=1)
    assert np.array_equal(past.demand, np.round(past.demand))
    assert past.demand.sum(axis=1) == pytest.approx(sold, rel=0.02, abs=1)


def test_weeks_of_which_nothing_is_known_look_like_their_neighbours():
    weekly_units = np.array([[4.0, np.nan, 8.0], [np.nan, np.nan, np.nan]])
    assert replay.bridged(weekly_units).tolist() == [[4, 6, 8], [0, 0, 0]]


def test_a_forecast_that_ages_keeps_its_spread():
    mean = np.cumsum(np.full((1, 210), 2.0), axis=1)
    whole = Expected(mean, np.sqrt(mean), np.ones(1))
    later = hindsight._later(whole, 21)
    assert later.mean[0] == pytest.approx(2.0 * np.arange(1, LAST_DAY + 1))
    assert later.sd[0] == pytest.approx(np.sqrt(later.mean[0]))


def test_it_can_be_stopped(store):
    def stop(done, total, item):
        raise Cancelled

    with pytest.raises(Cancelled):
        replay.replay(store, Scenario(service_level_pct=91), progress=stop)


def test_too_short_a_history_is_said(tmp_path):
    with filled(tmp_path / "short", weeks=40) as store:
        found = replay.replay(store)
        assert found.facts["weeks"] == 0
        assert found.rules.empty
        assert found.items.empty
        assert found.course(0, "quantile").empty
        assert found.nbytes >= 0


def test_without_sales_there_is_nothing_to_run(tmp_path):
    with Store.open(tmp_path / "empty") as store, pytest.raises(NoDataError):
        replay.replay(store)
