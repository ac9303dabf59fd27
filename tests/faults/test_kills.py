"""kill -9 while the app imports, forecasts or backs up: nothing told is lost, nothing is half.

The store alone is killed in `tests/store/test_kills.py`; here it is all that a visitor's click sets
going. ``SOAK_KILLS`` is how many are killed of each, at most 50: history grows with every one.
"""

import os
import random
import shutil
import time
from pathlib import Path

import pytest

from analytics.services import backups, forecasts
from analytics.store import Store
from tests.faults import kills, nursery
from tests.faults.kills import acknowledged

KILLS = min(50, int(os.environ.get("SOAK_KILLS", "3")))
LONGEST = {"import": 0.4, "forecast": 0.8, "backup": 0.3}  # seconds until the kill

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(os.name != "posix", reason="kill -9 is POSIX"),
]


@pytest.fixture(scope="module")
def workers():
    with kills.nursery(nursery.__file__) as running:
        yield running


@pytest.fixture(scope="module")
def begun(tmp_path_factory):
    """A workspace with two files in it."""
    folder = tmp_path_factory.mktemp("begun") / "own"
    with Store.open(folder) as store:
        for number in range(2):
            nursery.bring_in(store, number)
    return folder


@pytest.fixture
def folder(begun, tmp_path):
    return Path(shutil.copytree(begun, tmp_path / "own"))


def killed(workers, what, folder, side):
    """Kill worker after worker, and yield the workspace as it then opens."""
    rng, slowest = random.Random(what), 0.0
    for _ in range(KILLS):
        workers.killed(what, folder, side, seconds=rng.uniform(0.0, LONGEST[what]))
        started = time.perf_counter()
        with Store.open(folder) as store:
            slowest = max(slowest, time.perf_counter() - started)
            assert store.recovery is None
            assert store.check() == []
            yield store
    print(f"{KILLS} kills during {what}: nothing lost; slowest opening {slowest:.2f} s")


def test_while_it_imports(workers, folder, tmp_path):
    before = 2
    for store in killed(workers, "import", folder, tmp_path / "told"):
        told = acknowledged(tmp_path / "told")
        imports = len(store.imports())
        assert max([before, *map(int, told)]) <= imports <= before + len(told) + KILLS
        assert store.daily_sales()["units"].sum() == nursery.units_of(imports)
        for number in range(imports):  # what was sent is there to the byte, to build on
            assert kept(folder, nursery.file_of(number))
        before = imports


def kept(folder, content):
    return any(
        path.read_bytes() == content for path in (folder / "raw").rglob("*") if path.is_file()
    )


def test_while_it_forecasts(workers, folder, tmp_path):
    for store in killed(workers, "forecast", folder, tmp_path / "told"):
        imports = len(store.imports())
        assert imports >= max([2, *map(int, acknowledged(tmp_path / "told"))])
        assert store.daily_sales()["units"].sum() == nursery.units_of(imports)
    with Store.open(folder) as store, Store.open(tmp_path / "fresh") as fresh:
        for number in range(len(store.imports())):
            nursery.bring_in(fresh, number)
        assert forecasts.table(store).equals(forecasts.table(fresh))


def test_while_it_takes_a_backup(workers, folder, tmp_path):
    for store in killed(workers, "backup", folder, tmp_path / "told"):
        assert store.daily_sales()["units"].sum() == nursery.units_of(2)
        names = {path.name for path in (folder / "backup").glob("*.zip")}
        assert names >= set(acknowledged(tmp_path / "told"))
        assert list(folder.rglob(".new*")) == []  # what was half made is swept
        for name in names:
            assert backups.described(folder / "backup" / name).imports == 2
    for number, made in enumerate(sorted((folder / "backup").glob("*.zip"))[:5]):
        Store.restore_closed(tmp_path / str(number), made)
        with Store.open(tmp_path / str(number)) as store:
            assert store.daily_sales()["units"].sum() == nursery.units_of(2)
