"""A closer look at one product: made apart, stopped at any moment."""

import multiprocessing
import threading
import time
from datetime import timedelta

import numpy as np
import pytest

from analytics import jobs
from analytics.errors import Cancelled, NoDataError, TooSlowToFitError, UnknownItemError
from analytics.services import closer, forecasts, planning
from analytics.store import Store
from tests.services import catalogues
from tests.services.catalogues import SKUS, listed, weekly

WEEKS = 60
FEW = SKUS[10:22]


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    with Store.open(tmp_path_factory.mktemp("closer") / "own") as opened:
        opened.load([weekly(catalogues.units(FEW, WEEKS), FEW), listed(FEW)])
        yield opened


@pytest.fixture(scope="module")
def found(store):
    return closer.look(store, FEW[5], "US")


def test_ours_competes_with_the_models_on_the_same_past(found):
    judged = found.contest.table.set_index("member")
    assert {"ours", "ets"} <= set(judged.index)
    assert judged.loc["ours", "origins"] > 0
    assert np.isfinite(
        judged.loc["ours", ["wape_total_8", "wape_weekly", "bias"]].astype(float)
    ).all()
    assert found.contest.champion in judged.index
    assert found.facts["weeks"] == WEEKS
    assert found.member("stl").code == "no_two_cycles"


def test_what_it_calls_ours_is_the_forecast_of_the_page(store, found):
    row = planning.basis(store).row(FEW[5], "US")
    ours = planning.outlook(store).numbers.mean[row, : closer.SHOWN]
    assert found.member("ours").outlook.mean == pytest.approx(ours)
    fan = found.fan("ets", forecasts.QUANTILES)
    assert len(fan) == closer.SHOWN
    assert fan["week"].iloc[0].date() == catalogues.TOMORROW
    bands = fan[list(forecasts.QUANTILES)].to_numpy()
    assert (np.diff(bands, axis=1) >= 0).all()


def test_in_the_middle_of_a_week_ours_is_judged_and_compared_on_whole_weeks(store):
    thursday = catalogues.TOMORROW - timedelta(days=4)
    found = closer.look(store, FEW[5], "US", as_of=thursday)
    judged = found.contest.table.set_index("member")
    assert judged.loc["ours", "origins"] > 0
    rest = planning.outlook(store, thursday).numbers.mean[planning.basis(store).row(FEW[5], "US")]
    assert found.member("ours").outlook.mean[0] > 1.5 * rest[0]  # a whole week, not three days


def test_a_look_that_is_stopped_leaves_everything_well(store):
    """Its process ends with it, its thread comes back, and the next look is answered."""
    threads, others = threading.active_count(), set(multiprocessing.active_children())
    told = []

    def stop(*step):
        told.append(step)
        raise Cancelled

    began = time.monotonic()
    with pytest.raises(Cancelled):
        closer.look(store, FEW[3], "US", progress=stop)
    assert told
    assert time.monotonic() - began < 10
    assert set(multiprocessing.active_children()) <= others
    assert threading.active_count() <= threads + 1
    assert planning.outlook(store).numbers.mean.shape[0] == len(FEW)
    assert closer.look(store, FEW[3], "US").contest.table["member"].tolist()


def test_a_job_that_looks_can_be_cancelled(store):
    job = jobs.start(closer.look, store, FEW[4], "US", name=FEW[4])
    job.cancel()
    for _ in range(200):
        if job.is_done:
            break
        time.sleep(0.05)
    with pytest.raises(Cancelled):
        job.result()


def test_a_look_that_takes_too_long_says_so(store, monkeypatch):
    monkeypatch.setattr(closer, "SECONDS", 0.01)
    with pytest.raises(TooSlowToFitError, match="given up"):
        closer.look(store, FEW[6], "US")


def test_an_item_that_is_not_there_is_named(store, tmp_path):
    with pytest.raises(UnknownItemError):
        closer.look(store, "X-1", "US")
    with Store.open(tmp_path / "empty") as empty, pytest.raises(NoDataError):
        closer.look(empty, "X-1", "US")
