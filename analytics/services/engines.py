"""Where the engine works: small catalogues at once, large ones beside the pages."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TypeVar

import pandas as pd

from analytics.apart import NotApartError, apart
from analytics.errors import FitBrokeOffError, ForecastBrokeOffError, TooSlowToFitError
from analytics.idling import waiting
from analytics.progress import Progress, silent

_R = TypeVar("_R")

_LARGE = 50_000  # rows of a panel: the forecast of fewer keeps nobody waiting
_PATIENCE = 600.0  # seconds
_TICK = 0.1  # seconds between two looks at whether who waits wants to stop
_MOST = 2  # large passes at a time: each may take gigabytes
_at_work = threading.BoundedSemaphore(_MOST)
_log = logging.getLogger(__name__)


def run(
    work: Callable[..., _R],
    panel: pd.DataFrame,
    *arguments: object,
    at: tuple[int, int, str],
    progress: Progress = silent,
    backend: str | None = None,
    **options: object,
) -> _R:
    """Return ``work(panel, *arguments, **options)``, a pass of the engine.

    A large panel is worked on in a process of its own, so that pages are drawn meanwhile, unless
    a ``backend`` does the work. Should no such process come about, the work is done here; one that
    broke off is not followed by the same work without its bounds. The numbers are the same,
    wherever it is done.

    Parameters
    ----------
    work : callable
        A pass of `analytics.forecasting`.
    panel : DataFrame
        Demand by week.
    at : (int, int, str)
        What is reported while the work lasts apart, in place of its own reports.
    progress : Progress
        It can stop the work.
    backend : str, optional
        See `forecasting.project`.

    Raises
    ------
    ForecastBrokeOffError
        The process took too much memory or time, or was ended.
    Cancelled
        ``progress`` was asked to stop.
    """
    if backend is not None:
        return work(panel, *arguments, progress=progress, backend=backend, **options)
    if len(panel) < _LARGE:
        return work(panel, *arguments, progress=progress, **options)
    with _turn(partial(progress, *at)):
        try:
            return apart(
                work, panel, *arguments, seconds=_PATIENCE, progress=lambda *_: progress(*at),
                **options,
            )  # fmt: skip
        except NotApartError:
            _log.warning("No forecast can be made apart, so it is made here")
        except (FitBrokeOffError, TooSlowToFitError) as problem:
            raise ForecastBrokeOffError from problem
        return work(panel, *arguments, progress=progress, **options)


@contextmanager
def _turn(ask: Callable[[], None]) -> Iterator[None]:
    """Wait until fewer than so many large passes are at work; who waits can stop."""
    with waiting():
        while not _at_work.acquire(timeout=_TICK):
            ask()
    try:
        yield
    finally:
        _at_work.release()
