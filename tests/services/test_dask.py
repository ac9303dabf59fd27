"""A cluster that `LEEWAY_DASK` names forecasts the same; one that does not answer is told."""

import numpy as np
import pytest

from analytics.errors import ClusterError
from analytics.services import outlooks, planning, workspaces

distributed = pytest.importorskip("distributed")


@pytest.fixture
def fresh():
    """Connections are kept for the process; a test has its own."""
    outlooks._connect.cache_clear()
    yield
    outlooks._connect.cache_clear()


def test_the_catalogue_is_forecast_on_the_cluster_that_is_named(monkeypatch, tmp_path, fresh):
    with workspaces.open_sample() as sample:
        here = planning.outlook(sample)
        task = outlooks.task(sample, here.panel, here.days)
        with distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None
        ) as cluster:
            monkeypatch.setenv("LEEWAY_DASK", cluster.scheduler_address)
            assert outlooks.backend() == "dask"
            with workspaces.open_own(tmp_path / "own") as own:  # nothing is kept in it yet
                there, _ = outlooks.answer(own, task, keep=False, progress=lambda *_: None)
            outlooks._connect(cluster.scheduler_address).close()
    for name in ("mean", "sd", "cumulative_mean", "cumulative_sd"):
        assert np.array_equal(getattr(here.numbers, name), getattr(there, name)), name


def test_a_scheduler_that_is_no_address_is_told(monkeypatch, fresh):
    monkeypatch.setenv("LEEWAY_DASK", "not an address")
    with pytest.raises(ClusterError, match="LEEWAY_DASK"):
        outlooks.backend()


def test_without_a_scheduler_this_machine_forecasts(monkeypatch):
    monkeypatch.delenv("LEEWAY_DASK", raising=False)
    assert outlooks.backend() is None
