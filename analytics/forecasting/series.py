"""The league without a catalogue: independent series, each with a season and a trend of its own."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from analytics.forecasting import smoothing
from analytics.forecasting.matrix import Array

_ALPHAS = (0.05, 0.1, 0.2, 0.35, 0.6, 0.85)
_TRENDS = ((0.3, 0.03, 0.9), (0.5, 0.1, 0.9), (0.8, 0.2, 0.9))
_KNOWN = 6  # periods without which an origin judges nothing
_SHRINKAGE = 5.0  # origins at which a series' own losses weigh as much as everybody's
_SHARPNESS = 12.0
_CERTAIN = 1.645  # standard errors beyond which an autocorrelation is a season (90 %)


def forecast_series(
    series: Sequence[NDArray[np.floating]], *, season_length: int, horizon: int
) -> Array:
    """Return the mean of the next ``horizon`` periods of every series.

    Parameters
    ----------
    series : sequence of ndarray
        Positive values, oldest first, of any lengths; no calendar is shared.
    season_length : int
        Periods in a cycle, 12 or 52; 1 = none.
    horizon : int
        Periods ahead.

    Returns
    -------
    ndarray, shape (n_series, horizon)

    Notes
    -----
    Where a series' autocorrelation at the season's lag is certain (Makridakis et al. 2020, as for
    Naive2), it is divided by classical multiplicative indices. Members are exponential smoothing at
    six speeds, the same with half the least-squares trend (theta; Assimakopoulos and Nikolopoulos
    2000) and damped trends at three; weights: ``exp(-12 log-loss)`` of absolute errors at as many
    past origins as two horizons hold, drawn to the average series'.
    """
    index = np.array([_indices(np.asarray(one, dtype=float), season_length) for one in series])
    values, gain = _aligned([np.asarray(one, dtype=float) for one in series])
    count = len(values)
    place = (np.arange(count + horizon) - count) % season_length
    season = index[:, place].T  # indices start at the season of the first period ahead
    flat = values / season[:count]
    last = count - 1
    origins = np.arange(last - 2 * horizon, last + 1)
    origins = origins[origins >= 0]
    paths = _paths(flat, gain, origins, horizon)
    weights = _weights(paths[:, :-1], flat, gain, origins[:-1])
    ahead = np.einsum("kn,khn->hn", weights, paths[:, -1])
    return np.asarray(np.maximum(ahead * season[count:], 0.0).T)


def _aligned(series: list[Array]) -> tuple[Array, Array]:
    """Return series and gains, shape (n_periods, n_series) each, the newest values last."""
    longest = max(len(one) for one in series)
    values, gain = np.zeros((2, longest, len(series)))
    for column, one in enumerate(series):
        values[longest - len(one) :, column] = one
        gain[longest - len(one) :, column] = 1.0
    return values, gain


def _indices(values: Array, length: int) -> Array:
    """Return seasonal indices, shape (length,), the first that of the period after the last.

    Ratios to centred moving averages, averaged by season; 1 where no season is certain.
    """
    if length < 2 or len(values) < 3 * length or not _is_seasonal(values, length):
        return np.ones(max(length, 1))
    kernel = np.ones(length) / length
    if length % 2 == 0:
        kernel = np.convolve(kernel, [0.5, 0.5])
    half = len(kernel) // 2
    level = np.convolve(values, kernel, "valid")
    ratio = values[half : half + len(level)] / np.maximum(level, 1e-9)
    place = (np.arange(half, half + len(level)) - len(values)) % length
    total = np.bincount(place, weights=ratio, minlength=length)
    index = total / np.bincount(place, minlength=length)
    return np.asarray(np.maximum(index / index.mean(), 0.01))


def _is_seasonal(values: Array, length: int) -> bool:
    """Return whether the autocorrelation at the season's lag is certain."""
    away = values - values.mean()
    square = float(away @ away)
    if square <= 0:
        return False
    lags = [float(away[lag:] @ away[:-lag]) / square for lag in range(1, length + 1)]
    limit = _CERTAIN * np.sqrt((1 + 2 * float(np.square(lags[:-1]).sum())) / len(values))
    return bool(abs(lags[-1]) > limit)


def _paths(values: Array, gain: Array, at: NDArray[np.int64], horizon: int) -> Array:
    """Return every member's path after each origin, (n_members, n_origins, horizon, n_series)."""
    step = np.arange(1.0, horizon + 1)[:, None]
    levels = np.moveaxis(smoothing.exponential(values, gain, _ALPHAS, at), 1, 0)[:, :, None]
    slope = smoothing.line(values, gain, at)[None, :, None] / 2
    seen = gain.cumsum(axis=0)[at][None, :, None]
    alpha = np.array(_ALPHAS)[:, None, None, None]
    lag = (1 - (1 - alpha) ** seen) / alpha - 1
    paths = [np.broadcast_to(levels, (*levels.shape[:2], horizon, values.shape[1]))]
    paths.append(levels + slope * (lag + step))
    for trend in _TRENDS:
        level, growth = smoothing.damped_trend(values, gain, at, smoothing=trend)
        phi = trend[2]
        built = phi * (1 - phi**step) / (1 - phi)
        paths.append((level[:, None] + growth[:, None] * built)[None])
    return np.concatenate(paths)


def _weights(paths: Array, values: Array, gain: Array, origins: NDArray[np.int64]) -> Array:
    """Return how much each member counts, shape (n_members, n_series); columns add up to 1."""
    n_members, _, horizon, n_series = paths.shape
    loss, count = np.zeros((n_members, n_series)), np.zeros(n_series)
    seen = gain.cumsum(axis=0)
    for place, origin in enumerate(origins):
        ahead = values[origin + 1 : origin + 1 + horizon]
        known = seen[origin] >= _KNOWN
        loss += np.abs(paths[:, place, : len(ahead)] - ahead).mean(axis=1) * known
        count += known
    log = np.log(np.maximum(loss, 1e-12) + (count == 0))
    log -= log.mean(axis=0)
    everybody = (log * (count > 0)).sum(axis=1) / max(int((count > 0).sum()), 1)
    own = count / (count + _SHRINKAGE)
    score = own * log + (1 - own) * everybody[:, None]
    score = np.exp(-_SHARPNESS * (score - score.min(axis=0)))
    return np.asarray(score / score.sum(axis=0))
