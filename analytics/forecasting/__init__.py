"""What will sell: level times pooled season for a whole catalogue at once, with honest spread."""

from analytics.forecasting.cross_check import cross_check
from analytics.forecasting.engine import Background, background, forecast
from analytics.forecasting.result import ForecastResult
from analytics.forecasting.season import Seasons, seasons_of
from analytics.forecasting.settings import ENGINE, Settings

__all__ = [
    "ENGINE",
    "Background",
    "ForecastResult",
    "Seasons",
    "Settings",
    "background",
    "cross_check",
    "forecast",
    "seasons_of",
]
