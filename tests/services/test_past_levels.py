"""Levels of a past week are those that a plan would have set: asked of today, they are the same."""

from dataclasses import replace

import numpy as np
import pytest

from analytics import inventory
from analytics.policy import Order, Trigger
from analytics.scenario import Scenario
from analytics.services import board, past_levels, planning, replay_rules, wishes
from analytics.services.levels import levels
from analytics.services.past import Expected


@pytest.fixture(scope="module")
def basis(sample_store):
    """The sample, with a warning line and a batch here and there, and half of it capped."""
    found = planning.basis(sample_store)
    rules = found.policies
    number = np.arange(len(rules.order))
    plain = rules.order == Order.COVER.value
    changed = replace(
        rules,
        order=np.where(plain & (number % 7 == 0), Order.BATCH.value, rules.order),
        trigger=np.where(number % 3 == 0, Trigger.WARNING_LINE.value, rules.trigger),
        cap_weeks=np.where(number % 2 == 0, 4.0, np.nan),
        by_profit=rules.by_profit | (number % 5 == 0),
    )
    return replace(found, policies=changed)


@pytest.fixture(scope="module")
def needed(basis):
    return levels(basis, Scenario())


@pytest.fixture(scope="module")
def rule(basis):
    tried, _ = replay_rules.rules(basis, Scenario())
    return tried[replay_rules.CURRENT]


@pytest.fixture(scope="module")
def outlook(basis, needed):
    return Expected(basis.demand_by_day, basis.sd_by_day, needed.daily_sd)


@pytest.fixture(scope="module")
def today(basis, rule, outlook):
    past = replay_rules.past(basis)
    largest = basis.recent["demand_max"].to_numpy(dtype=float)
    return past_levels.week(past, rule, outlook, basis.kernel, largest)


def test_the_promise_and_its_measure_are_those_of_the_plan(needed, rule, today):
    assert today.promised == pytest.approx(needed.target.service_level)
    assert np.array_equal(rule[0].promised_measure, needed.target.measure)


def test_trigger_and_level_are_those_of_the_plan(basis, needed, today):
    line = inventory.warning_line(needed.safety_stock, needed.reorder_point)
    by_line = basis.policies.trigger == Trigger.WARNING_LINE.value
    trigger = inventory.whole(np.where(by_line, line, needed.reorder_point))
    idle = today.trigger < 0
    assert np.array_equal(today.trigger[~idle], trigger[~idle])
    assert (needed.reorder_point + needed.cover)[idle].max(initial=0.0) < 1
    target = inventory.whole(np.maximum(trigger, needed.reorder_point) + needed.cover)
    assert np.array_equal(today.order_up_to, target)


def test_no_cap_is_another(basis, needed, today):
    """What the board would not order above a position of nothing is above the ceiling, too."""
    huge = np.full(len(today.ceiling), 1e9)
    fitting, _ = board._capped(basis, needed, huge, np.zeros(len(huge)), basis.demand_by_day)
    capped = np.isfinite(today.ceiling)
    assert np.array_equal(capped, ~np.isnan(basis.policies.cap_weeks))
    carton = basis.outlook.items["carton_quantity"].to_numpy(dtype=float)
    boxes = np.floor(today.ceiling[capped] / carton[capped] + 1e-9) * carton[capped]
    least = basis.outlook.items["moq"].to_numpy(dtype=float)[capped]
    assert np.array_equal(np.where(boxes >= least, boxes, 0.0), fitting[capped])


@pytest.mark.parametrize("waited", [0, 60, 90])
@pytest.mark.parametrize("held", [0.0, 100.0, 1e6])
def test_a_season_is_bought_as_the_board_would(basis, needed, rule, outlook, today, waited, held):
    """Whatever day and position: what is lacking, and whether it is due, are the wish's."""
    rows = past_levels.seasonal(rule[0])
    assert len(rows)
    begun = outlook.mean[:, waited - 1 : waited] if waited else 0.0
    ahead = outlook.mean[:, waited:] - begun
    later = Expected(ahead, outlook.sd[:, : ahead.shape[1]], outlook.daily_sd)
    position = np.full(len(ahead), held)
    moved = replace(
        basis,
        sd_by_day=later.sd,
        positions=basis.positions.assign(inventory_position=position),
    )
    wish = wishes.wish(moved, needed, ahead, np.zeros(len(ahead)))
    found = past_levels.seasons(rule, [later.of(rows)], [today.promised])
    target, before = (part[rows, 0] for part in found.by_day(len(ahead)))
    lacking = np.maximum(target - np.maximum(held - before, 0.0), 0.0)
    due = np.isin(wish.reason[rows], ["season_due", "season_late"])
    assert np.array_equal(lacking >= 0.5, due)
    only = due & (held > today.trigger[rows])
    units = wish.units[rows]
    assert units[only] == pytest.approx(lacking[only], rel=1e-5)
    assert (units[due] >= lacking[due] * (1 - 1e-5)).all()
    if (waited, held) == (90, 100.0):
        assert only.any()


def test_some_items_seasons_are_counted_anew(rule, outlook, today):
    rows = past_levels.seasonal(rule[0])
    found = past_levels.seasons(rule, [outlook.of(rows)] * 3, [today.promised] * 3)
    some = found.of(rows[[2, 0]])
    assert some.rows.tolist() == [0, 1]
    assert np.array_equal(some.target, found.target[[2, 0]])
    assert some.by_day(2)[0].shape == (2, 21)
