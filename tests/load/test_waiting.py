"""Two forecasts at work in the server: whoever moves a slider meanwhile waits little longer."""

import asyncio
import os
import shutil
from pathlib import Path

import pytest

from analytics import sample
from benchmarks import catalogue
from tests.browser import serving
from tests.load import crowd

ITEMS = 1_000
BESIDE = Path(__file__).parent / "beside"
VISITORS, SECONDS, TURNS = 10, 30.0, 3

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif("SOAK_KILLS" not in os.environ, reason="the long form, by make soak"),
]


@pytest.fixture(scope="module")
def forecasts(tmp_path_factory, cache_home):
    """A folder with two workspaces whose forecasts the server can be told to make."""
    home = tmp_path_factory.mktemp("forecasts")
    serving.brought_in(catalogue.write(home, ITEMS), home / "1", cache_home)
    shutil.copytree(home / "1", home / "2")
    return home


@pytest.fixture(scope="module")
def address(tmp_path_factory, cache_home, forecasts):
    workspace = tmp_path_factory.mktemp("waiting") / "own"
    serving.brought_in([path.name for path in sample.files()], workspace, cache_home)
    more = {"LEEWAY_FORECASTS": str(forecasts), "PYTHONPATH": str(BESIDE)}
    with serving.app(workspace, cache_home, more=more) as served:
        yield served


def test_two_forecasts_hold_up_nobody(address, forecasts):
    """By turns alone and beside them, so that what else the machine does falls on both."""
    movers = crowd.Crowd(movers=VISITORS, seconds=SECONDS / TURNS)
    alone, beside = [], []
    for _ in range(TURNS):
        alone += moves_of(address, movers)
        (forecasts / "go").touch()
        beside += moves_of(address, movers)
        (forecasts / "go").unlink()
    made = (forecasts / "done").read_text("utf-8").split()
    before, meanwhile = crowd.share(alone, 0.95), crowd.share(beside, 0.95)
    print(
        f"{VISITORS} visitors: 95 % of {len(alone)} moves within {before:.0f} ms, beside two "
        f"forecasts of {ITEMS:,} items ({len(made)} made) 95 % of {len(beside)} within "
        f"{meanwhile:.0f} ms: {meanwhile / before:.2f} times; half of them within "
        f"{crowd.share(alone, 0.5):.0f} and {crowd.share(beside, 0.5):.0f} ms"
    )
    assert set(made) == {"1", "2"}
    assert meanwhile <= 2_000
    assert meanwhile <= 1.5 * before


def moves_of(address, movers):
    met = asyncio.run(crowd.play(address, movers))
    assert met.faults == ()
    return met.moves
