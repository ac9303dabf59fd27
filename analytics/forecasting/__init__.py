"""What will sell: a league of forecasts for a whole catalogue at once, with honest spread."""

from analytics.forecasting.cross_check import cross_check
from analytics.forecasting.engine import (
    Background,
    background,
    forecast,
    item_keys,
    learn,
    project,
)
from analytics.forecasting.result import ForecastResult
from analytics.forecasting.season import Seasons, seasons_of
from analytics.forecasting.series import forecast_series
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
    "forecast_series",
    "item_keys",
    "learn",
    "project",
    "seasons_of",
]
