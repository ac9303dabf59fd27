"""The one distribution of demand: gamma or negative binomial, and its mixture over lead times.

Time is in days, day 1 is tomorrow. Demand over a number of days has the forecast's cumulative mean
and calibrated sd; it is gamma where the mean is at least 30 and negative binomial below, Poisson
where the variance is hardly larger than the mean. The plan, the sliders, the command line and a
notebook all read it here.
"""

from analytics.distributions.days import by_day
from analytics.distributions.kernel import BINS, LAST_DAY, Kernel, bin_weights, kernel
from analytics.distributions.laws import cdf, quantiles
from analytics.distributions.losses import level_of_loss, loss, second_loss
from analytics.distributions.mixture import Mixture

__all__ = [
    "BINS",
    "LAST_DAY",
    "Kernel",
    "Mixture",
    "bin_weights",
    "by_day",
    "cdf",
    "kernel",
    "level_of_loss",
    "loss",
    "quantiles",
    "second_loss",
]
