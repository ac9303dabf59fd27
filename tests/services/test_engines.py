"""A pass of the engine gives the same wherever it is done, and can be stopped there."""

import importlib
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import numpy as np
import pytest

from analytics import forecasting
from analytics.errors import Cancelled, ForecastBrokeOffError
from analytics.i18n import LANGUAGES, Translator
from analytics.progress import silent
from analytics.services import engines
from analytics.services.outlooks import FIGURES
from tests.forecasting import panels
from tests.services import catalogues

apart_module = importlib.import_module("analytics.apart")


@pytest.fixture(scope="module")
def panel():
    """Forty products over ninety weeks."""
    return panels.panel(catalogues.units())


@pytest.fixture
def apart(monkeypatch):
    monkeypatch.setattr(engines, "_LARGE", 0)


def test_apart_and_here_are_the_same_to_the_last_bit(panel, apart):
    known = forecasting.learn(panel)
    there = engines.run(forecasting.learn, panel, at=(0, 3, ""))
    assert there.to_bytes() == known.to_bytes()
    mine = forecasting.project(panel, known)
    theirs = engines.run(forecasting.project, panel, known, at=(2, 3, ""))
    for name in FIGURES:
        assert np.array_equal(getattr(mine, name), getattr(theirs, name)), name


def test_what_is_reported_meanwhile_is_the_step_and_can_stop_it(panel, apart):
    told = []

    def stop(*step):
        told.append((time.monotonic(), step))
        raise Cancelled

    with pytest.raises(Cancelled):
        engines.run(_slow, panel, here=os.getpid(), at=(2, 3, "forecast"), progress=stop)
    assert [step for _, step in told] == [(2, 3, "forecast")]
    assert time.monotonic() - told[0][0] < 2


def test_a_process_that_cannot_be_started_leaves_the_work_to_us(panel, apart, monkeypatch):
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    with monkeypatch.context() as patch:
        patch.setattr(apart_module, "_idle", [])
        made = engines.run(forecasting.learn, panel, at=(0, 3, ""))
    assert made.to_bytes() == forecasting.learn(panel).to_bytes()


def _too_large(panel, *, here, progress=silent):
    assert os.getpid() != here, "made again where nothing bounds it"
    return np.ones(3 << 30, "i1").sum() + len(panel)


def _killed(panel, *, here, progress=silent):
    assert os.getpid() != here, "made again where nothing bounds it"
    os.kill(os.getpid(), signal.SIGKILL)


def _slow(panel, *, here, progress=silent):
    assert os.getpid() != here, "made again where nothing bounds it"
    time.sleep(30)


@pytest.mark.parametrize("work", [_too_large, _killed, _slow])
def test_what_breaks_its_bounds_is_a_sentence_and_not_made_again_without(
    panel, apart, monkeypatch, work
):
    with monkeypatch.context() as patch:
        patch.setattr(engines, "_PATIENCE", 1.0 if work is _slow else 60.0)
        with pytest.raises(ForecastBrokeOffError) as told:
            engines.run(work, panel, here=os.getpid(), at=(0, 3, ""))
    for language in LANGUAGES:
        assert Translator(language).error(told.value)
    assert engines.run(_at_once, panel, None, at=(0, 3, "")) == 42


def _at_once(_panel, folder, *, progress=silent):
    """Return how many of us were at work at most while we were."""
    if folder is None:
        return 42
    mine, most = folder / str(os.getpid()), 0
    mine.touch()
    for _ in range(10):
        most = max(most, len(list(folder.iterdir())))
        time.sleep(0.03)
    mine.unlink()
    return most


def test_two_large_passes_at_a_time_and_who_waits_can_stop(panel, apart, tmp_path):
    with ThreadPoolExecutor(6) as many:
        most = [
            many.submit(engines.run, _at_once, panel, tmp_path, at=(0, 3, "")) for _ in range(6)
        ]
        assert max(one.result() for one in most) <= 2

    def stop(*_):
        raise Cancelled

    with ExitStack() as others:
        for _ in range(2):
            others.enter_context(engines._turn(lambda: None))
        with pytest.raises(Cancelled):
            engines.run(_at_once, panel, None, at=(0, 3, ""), progress=stop)
    assert engines.run(_at_once, panel, None, at=(0, 3, "")) == 42
