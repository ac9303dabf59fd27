"""What the engine believes before it has seen any sales."""

from dataclasses import dataclass

ENGINE = "league-3"  # part of the key of a stored forecast: change it when numbers change


@dataclass(frozen=True, slots=True)
class Settings:
    """Assumptions of the batched engine.

    Attributes
    ----------
    alphas : tuple of float
        Weights of the newest week in the level, one candidate each.
    origins : int
        Newest weeks on which candidates are compared.
    smallest_pool : int
        SKUs that a group needs to have a season of its own.
    guarded_pool : int
        SKUs below which a pool's season is believed less.
    cover : float
        Share of the window that a SKU must have been observed in to teach the season.
    own_season_from : int
        Weeks of history below which no season is learnt.
    honest_from : int
        Weeks of history from which a season is judged on weeks that it was not learnt from.
    sharpness : float
        Exponent of the weights: ``exp(-sharpness * log_loss)``.
    season_prior : float
        Log-loss by which a season is favoured over none, before anything is judged: weeks out of
        season say nothing about a peak.
    shrinkage : float
        Weeks of history at which a SKU's own losses weigh as much as its group's.
    trend_free : bool
        Whether trends compete on equal terms; they hurt short retail histories.
    sample : int
        Items, at most, whose errors teach what all share.
    chunk : int
        Items that are forecast at once; no number depends on it.
    """

    alphas: tuple[float, ...] = (0.02, 0.05, 0.1, 0.2, 0.35, 0.6, 0.85)
    origins: int = 26
    smallest_pool: int = 10
    guarded_pool: int = 50
    cover: float = 0.6
    own_season_from: int = 40
    honest_from: int = 66
    sharpness: float = 8.0
    season_prior: float = 0.5
    shrinkage: float = 50.0
    trend_free: bool = False
    sample: int = 600
    chunk: int = 1_000
