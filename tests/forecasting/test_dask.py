"""The same numbers, whoever works: threads, processes, or a Dask cluster of two workers."""

import sys
from contextlib import contextmanager
from types import ModuleType

import numpy as np
import pytest

from analytics import forecasting
from analytics.forecasting import Settings
from benchmarks.forecast import ours, synthetic

FIGURES = ("mean", "sd", "cumulative_mean", "cumulative_sd", "weights")
distributed = pytest.importorskip("distributed")


@contextmanager
def bare_main():
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "__main__", ModuleType("__main__"))
        yield


@pytest.fixture(scope="module")
def panel():
    """Three hundred slow items over a year, in three markets and four categories."""
    family = synthetic.grocery()
    return ours.table(
        synthetic.Panel("g", family.items, family.weeks[-60:], family.units[:, -60:], ())
    )


@pytest.fixture(scope="module")
def cluster():
    """Two worker processes; they would run the main module, which other tests replace."""
    with (
        bare_main(),
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None
        ) as local,
        distributed.Client(local) as client,
    ):
        yield client


def forecast(panel, **options):
    return forecasting.forecast(panel, settings=Settings(chunk=40), **options)


def test_two_dask_workers_give_the_same_numbers(panel, cluster):
    alone = forecast(panel)
    spread = forecast(panel, backend="dask")
    for name in FIGURES:
        assert np.array_equal(getattr(alone, name), getattr(spread, name)), name
    assert alone.items.equals(spread.items)


def test_two_processes_give_the_same_numbers(panel):
    alone, spread = forecast(panel), forecast(panel, backend="loky")
    for name in FIGURES:
        assert np.array_equal(getattr(alone, name), getattr(spread, name)), name


def test_the_size_of_a_chunk_is_in_no_number(panel):
    one = forecasting.forecast(panel, settings=Settings(chunk=1_000))
    many = forecast(panel)
    for name in FIGURES:
        assert getattr(many, name) == pytest.approx(getattr(one, name), rel=1e-9, abs=1e-9), name
