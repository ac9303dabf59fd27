"""What the engine believes before it has seen any sales."""

from dataclasses import dataclass

ENGINE = "level-season-1"  # part of the key of a stored forecast: change it when numbers change


@dataclass(frozen=True, slots=True)
class Settings:
    """Assumptions of the batched engine.

    Attributes
    ----------
    alphas : tuple of float
        Weights of the newest week in the level, one candidate each.
    strengths : tuple of float
        Shares of the season that candidates believe; 0 is always among them.
    origins : int
        Newest weeks on which candidates are compared.
    smallest_pool : int
        SKUs that a group needs to have a season of its own.
    cover : float
        Share of the window that a SKU must have been observed in to teach the season.
    own_season_from : int
        Weeks of history below which no season is learnt.
    honest_from : int
        Weeks of history from which a season is judged on weeks that it was not learnt from.
    early_trust : float
        Factor on the season's strength below that.
    sharpness : float
        Exponent of the weights: ``exp(-sharpness * log_loss)``.
    season_prior : float
        Log-loss by which the whole season is favoured over none, before anything is judged: weeks
        out of season say nothing about a peak.
    shrinkage : float
        Weeks of history at which a SKU's own losses weigh as much as its group's.
    """

    alphas: tuple[float, ...] = (0.02, 0.05, 0.1, 0.2, 0.35, 0.6)
    strengths: tuple[float, ...] = (0.0, 0.5, 1.0)
    origins: int = 26
    smallest_pool: int = 10
    cover: float = 0.6
    own_season_from: int = 40
    honest_from: int = 66
    early_trust: float = 0.6
    sharpness: float = 8.0
    season_prior: float = 0.5
    shrinkage: float = 50.0
