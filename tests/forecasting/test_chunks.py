"""Two passes: no number depends on how the items are cut, and a key says what a forecast is of."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest

from analytics.forecasting import Background, Settings, forecast, item_keys, learn, project
from tests.forecasting.panels import panel, sellers

FIGURES = ("mean", "sd", "cumulative_mean", "cumulative_sd", "weights")


@pytest.fixture(scope="module")
def catalogue():
    rng = np.random.default_rng(8)
    mugs = sellers(40, 90, 1)
    mugs[:, rng.integers(0, 90, 8)] = np.nan
    return pd.concat(
        [
            panel(mugs, group="Mugs"),
            panel(sellers(25, 90, 2, rate=0.4), market="DE", group="Mugs"),
            panel(
                sellers(15, 90, 3), market="DE", group="Lights", names=[f"L{k}" for k in range(15)]
            ),
        ]
    )


@pytest.fixture(scope="module")
def learnt(catalogue):
    return learn(catalogue)


@pytest.fixture(scope="module")
def whole(catalogue, learnt):
    return project(catalogue, learnt, horizon=8)


def same(one, other, rows=slice(None)):
    return all(np.array_equal(getattr(one, f), getattr(other, f)[rows]) for f in FIGURES)


def test_two_passes_are_the_forecast(catalogue, whole):
    assert same(forecast(catalogue, horizon=8), whole)


@pytest.mark.parametrize("size", [1, 7, 33])
def test_chunks_of_any_size_say_the_same(catalogue, learnt, whole, size):
    assert same(project(catalogue, learnt, horizon=8, settings=Settings(chunk=size)), whole)


@pytest.mark.parametrize("backend", ["threading", "loky"])
def test_any_backend_says_the_same(catalogue, learnt, whole, backend):
    cut = Settings(chunk=20)
    assert same(project(catalogue, learnt, horizon=8, settings=cut, backend=backend), whole)


def test_an_executor_says_the_same(catalogue, learnt, whole):
    with ThreadPoolExecutor(2) as threads:
        made = project(catalogue, learnt, horizon=8, settings=Settings(chunk=20), backend=threads)
    assert same(made, whole)


def test_some_items_alone_say_the_same(catalogue, learnt, whole):
    rows = np.array([70, 3])
    made = project(catalogue, learnt, horizon=8, rows=rows)
    assert same(made, whole, rows)
    assert made.items["market"].tolist() == ["DE", "US"]


def test_no_item_wanted_is_no_error(catalogue, learnt):
    assert len(project(catalogue, learnt, rows=np.array([], dtype=int)).items) == 0


def test_a_background_survives_being_stored(catalogue, learnt, whole):
    read = Background.from_bytes(learnt.to_bytes())
    assert same(project(catalogue, read, horizon=8), whole)
    assert read.calibrated_weeks == learnt.calibrated_weeks
    assert (item_keys(catalogue, read) == item_keys(catalogue, learnt)).all()


def test_it_is_small(learnt):
    assert len(learnt.to_bytes()) < 100_000


def test_foreign_bytes_are_refused():
    with pytest.raises(ValueError, match="no background"):
        Background.from_bytes(_packed_settings())


def _packed_settings():
    from analytics.forecasting.packing import pack

    return pack(Settings())


def test_every_item_has_a_key_of_its_own(catalogue, learnt):
    keys = item_keys(catalogue, learnt)
    assert len(keys) == 80
    assert len(set(keys)) == 80


def test_a_key_changes_with_the_history_and_with_nothing_else(catalogue, learnt):
    changed = catalogue.copy()
    row = int(np.flatnonzero(catalogue["units"].notna())[100])
    changed.iloc[row, changed.columns.get_loc("units")] += 1
    same_background = item_keys(changed, learnt) == item_keys(catalogue, learnt)
    assert (~same_background).sum() == 1
    assert (~same_background)[row // 90]


@pytest.mark.parametrize(
    "other",
    [
        {"horizon": 9},
        {"settings": Settings(sharpness=4.0)},
        {"first_week_share": {"US": 0.5, "DE": 0.5}},
    ],
)
def test_a_key_changes_with_the_question(catalogue, learnt, other):
    assert not (item_keys(catalogue, learnt, **other) == item_keys(catalogue, learnt)).any()


def test_progress_counts_to_the_end(catalogue):
    told = []
    forecast(
        catalogue, settings=Settings(chunk=30), progress=lambda done, total, _: told.append(done)
    )
    assert told == [1, 2, 3, 4, 5]
