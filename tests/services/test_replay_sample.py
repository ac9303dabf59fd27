"""The sample seller's last year: the promise beside what each method reached."""

import numpy as np
import pytest

from analytics.services import past_levels, replay


@pytest.fixture(scope="module")
def found(sample_store):
    return replay.replay(sample_store)


def test_the_quantile_method_keeps_its_promise_within_two_points(found):
    rules = found.rules.set_index("rule")
    assert found.facts["weeks"] == 52
    assert rules.loc["quantile", "reached"] == pytest.approx(
        rules.loc["quantile", "target"], abs=0.02
    )


def test_it_comes_nearer_than_the_normal_method_and_holds_far_less_than_max_average(found):
    rules = found.rules.set_index("rule")
    off = (rules["reached"] - rules["target"]).abs()
    assert off["quantile"] < off["normal"]
    assert rules.loc["max_average", "stock_value"] > 3 * rules.loc["quantile", "stock_value"]


def test_what_is_bought_once_lasts_for_as_many_seasons_as_promised(found):
    seasonal = found.judged[np.isin(found.judged, past_levels.seasonal(found.terms["current"]))]
    own = found.items[found.items["rule"] == "current"].set_index("row").loc[seasonal]
    assert len(own) >= 10
    assert own["cycle_service"].mean() >= own["target"].mean() - 0.04
    assert own["average_stock"].sum() * 364 / own["demand"].sum() < 200  # days


def test_no_order_lifts_a_bestseller_above_its_cap(found):
    course, run = found.courses["current"], found.simulation(found.judged, "current")
    weeks = course.levels.ceiling[found.judged, -found.facts["weeks"] :]
    ceiling = weeks.repeat(7, axis=1)
    position = run.closing + run.sold + run.on_order  # after the order, before buyers came
    capped = run.orders & np.isfinite(ceiling)
    assert capped.any()
    assert (position[capped] <= ceiling[capped] + 1e-3).all()
