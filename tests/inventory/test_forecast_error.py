"""Errors of forecasts over a lead time (inventory.md, c), against simulation."""

import numpy as np
import pytest

from analytics.inventory import (
    autocorrelated_error_sd,
    combined_sd,
    direct_error_sd,
    level_error_sd,
    ses_error_sd,
)


def test_smoothing_inflates_as_tabled():
    inflation = ses_error_sd(1, [0.1, 0.2, 0.3], 12) / np.sqrt(12)
    assert inflation.round(2).tolist() == [1.59, 2.21, 2.85]
    assert ses_error_sd(7, 0.3, 1) == 7


def test_smoothing_agrees_with_simulation():
    rng = np.random.default_rng(2)
    alpha, n, h = 0.2, 20_000, 12
    shock = rng.normal(size=(n, h))
    level = alpha * (shock.cumsum(axis=1) - shock)  # an innovations state-space model
    total = (level + shock).sum(axis=1)
    assert ses_error_sd(1, alpha, h) == pytest.approx(total.std(), rel=0.02)


def test_errors_that_last_add_up_to_more():
    assert autocorrelated_error_sd(1, 0.4, 30) / np.sqrt(30) == pytest.approx(1.50, abs=0.005)
    k = np.arange(1, 30)
    exact = np.sqrt(30 + 2 * ((30 - k) * 0.4**k).sum())
    assert autocorrelated_error_sd(3, 0.4, 30) == pytest.approx(3 * exact, rel=1e-12)
    assert autocorrelated_error_sd(2, 0, 9) == 6


def test_direct_errors_need_a_dozen_origins():
    actual = np.tile([10.0, 14.0], (2, 6))
    actual[1, 3] = np.nan
    assert direct_error_sd(actual, 12.0)[0] == 2
    assert np.isnan(direct_error_sd(actual, 12.0)[1])


def test_a_level_known_from_few_days_costs_by_the_horizon():
    assert level_error_sd(5, [100, 25, 0], 40).tolist() == [20, 40, 200]
    assert combined_sd([3, 0], 4.0, 0.0).tolist() == [5, 4]
