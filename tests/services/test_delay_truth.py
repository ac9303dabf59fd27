"""The delay lab on the sample against draws and loops that know nothing of its engine."""

import numpy as np
import pytest

from analytics import inventory
from analytics.scenario import DISRUPTION_CV, Scenario
from analytics.services import delays, planning, scenes
from analytics.services.levels import levels
from tests.services.test_kernel_truth import DRAWS, demand

STRIKE = Scenario(
    lead_time_delay_days=7,
    disruption_chance_pct=15,
    disruption_days=20,
    service_level_pct=95.0,
)


@pytest.fixture(scope="module")
def basis(sample_store):
    return planning.basis(sample_store)


def test_demand_over_disrupted_lead_times_is_that_of_draws(basis):
    """Every fourth item: a lead time of its own history, seven days, maybe a strike, demand."""
    rng = np.random.default_rng(8)
    needed = levels(basis, STRIKE)
    known = basis.lead_times
    for row in range(0, len(basis.outlook.items), 4):
        lead = 1 + rng.choice(196, DRAWS, p=known.probabilities[known.row[row]])
        hit = rng.random(DRAWS) < 0.15
        strike = rng.gamma(DISRUPTION_CV**-2, 20 * DISRUPTION_CV**2, DRAWS)
        days = np.minimum(np.round(lead + 7 + hit * strike), inventory.LONGEST)
        span = (days + basis.policies.review_days[row]).astype(np.int64)
        wanted = demand(rng, basis.demand_by_day[row], basis.sd_by_day[row], span)
        point = needed.protection.quantile(0.95)[row]
        told = np.quantile(wanted, 0.95, method="inverted_cdf")
        assert abs(point - told) <= max(0.01 * told, 1.0)
        assert needed.protection.mean[row] == pytest.approx(wanted.mean(), rel=0.01, abs=0.1)


def test_p12c_what_a_disruption_asks_of_the_normal_method():
    """Eight a day, sd 5, 95 % of cycles, over (35, 6) days; then 5 more, a tenth longer, 15 %."""
    lead = np.array([35.0, 6.0])
    mean, sd = inventory.delayed_moments(
        *lead, shift_days=5, scale=1.1, chance=0.15, delay_mean=20, delay_sd=8
    )
    assert (float(mean), float(sd) ** 2) == pytest.approx((46.5, 104.16), rel=1e-9)
    calm, late = (
        inventory.safety_stock_normal(0.95, inventory.protection_sd(5, days, 8, spread))
        for days, spread in (lead, (mean, sd))
    )
    assert float(calm) == pytest.approx(92.74115936610517, rel=1e-6)
    assert float(late) == pytest.approx(145.5369240461503, rel=1e-6)
    assert 8 * 35 + float(calm) == pytest.approx(372.7411593661052, rel=1e-6)
    assert 8 * float(mean) + float(late) == pytest.approx(517.5369240461503, rel=1e-6)
    assert float(late - calm) == pytest.approx(52.79576468004513, rel=1e-6)


def lost(held, demand_by_day, eta, units, horizon):
    """Return units lost of one item, receipt first, day by day."""
    stock, missed, wanted = max(held, 0.0), 0.0, np.diff(demand_by_day[:horizon], prepend=0.0)
    for day, asked in enumerate(wanted, start=1):
        stock += units[np.maximum(eta, 1) == day].sum()
        sold = min(stock, asked)
        stock, missed = stock - sold, missed + asked - sold
    return missed


@pytest.mark.parametrize("scenario", [Scenario(), STRIKE, Scenario(lead_time_delay_days=21)])
def test_units_short_are_those_of_a_loop_over_days(sample_store, basis, scenario):
    """A strike hits all open orders together: the loop is played with it and without."""
    lines = delays.impact(sample_store, scenario).lines.set_index(["sku", "market"])
    came, orders = scenes.etas(basis, scenario), basis.arrivals
    held = basis.positions["on_hand"] - basis.positions["reserved"].fillna(0.0)
    chance = scenario.disruption_chance_pct / 100
    for row, (sku, market) in enumerate(
        basis.outlook.items[["sku", "market"]].itertuples(index=False)
    ):
        own = (orders["item"] == row).to_numpy()
        units = orders.loc[own, "units"].to_numpy(dtype=float)
        calm, late = (
            lost(held[row], basis.demand_by_day[row], eta[own], units, delays.HORIZON)
            for eta in (came.calm, came.disrupted)
        )
        told = lines.loc[(sku, market), "units_short"]
        assert told == pytest.approx((1 - chance) * calm + chance * late, abs=1e-6, nan_ok=True)
