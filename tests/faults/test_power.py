"""The power fails while a seller works: nothing that was told is lost, nothing is half.

`recorder.c` writes down what a real process does to its files, `unsynced.Disk` draws what a disk
may hold of it after any moment, and the workspace is opened as ever. Two states for each of
``SOAK_CASES``; without it none, for the record alone takes half a minute.
"""

import os
import random
import shutil
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from analytics.store import Store
from tests.faults import seller, unsynced

STATES = 2 * int(os.environ.get("SOAK_CASES", "0"))
HERE = Path(__file__).parent
COMPILER = shutil.which(os.environ.get("CC", "cc"))

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(STATES == 0, reason="only with SOAK_CASES, as `make soak` sets it"),
    pytest.mark.skipif(sys.platform != "linux", reason="writes are recorded by a Linux loader"),
    pytest.mark.skipif(COMPILER is None, reason="no C compiler is at hand to build the recorder"),
]


@pytest.fixture(scope="module")
def recorder(tmp_path_factory):
    made = tmp_path_factory.mktemp("recorder") / "recorder.so"
    source = HERE / "recorder.c"
    command = [COMPILER, "-shared", "-fPIC", "-O1", "-o", made, source, "-ldl", "-lpthread"]
    subprocess.run(command, check=True)
    return made


@pytest.fixture(scope="module")
def recorded(recorder, tmp_path_factory):
    """The folder that a seller worked in, and the record of it."""
    folder = tmp_path_factory.mktemp("recorded").resolve()
    home, record = folder / "home", folder / "record"
    home.mkdir()
    loaded = {"LD_PRELOAD": str(recorder), "RECORD": str(record), "RECORD_UNDER": str(home)}
    command = [sys.executable, seller.__file__, str(home)]
    subprocess.run(command, check=True, env=os.environ | loaded)
    return home, record


def test_the_record_is_complete(recorded):
    """Doing it all again gives the folder as it was left, to the byte."""
    home, record = recorded
    disk = unsynced.Disk(home)
    for entry in unsynced.entries(record):
        disk.do(entry)
    found = (path for path in home.rglob("*") if path.is_file())
    assert disk.whole() == {str(path.relative_to(home)): path.read_bytes() for path in found}
    assert disk.told("told") == b"<>" * len(seller.STORY) + b"."


def cuts(recorded, rng):
    """Yield what is left after so many moments, and what was told by then."""
    home, record = recorded
    kinds = [entry.kind for entry in unsynced.entries(record)]
    before_forced = [at for at, kind in enumerate(kinds) if kind == unsynced.FORCE]
    moments = Counter(rng.choices(range(1, len(kinds) + 1), k=STATES // 2))
    moments.update(rng.choices(before_forced, k=STATES - STATES // 2))  # when most is at stake
    disk = unsynced.Disk(home)
    for moment, entry in enumerate(unsynced.entries(record), start=1):
        disk.do(entry)
        for _ in range(moments[moment]):
            yield disk.cut(rng), disk.told("told")


def laid_out(files, home):
    for name, content in files.items():
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def standing(store):
    """Of each import the hash of its file, and whether it stands."""
    imports = store.imports().sort_values("import_id")
    return tuple(zip(imports["sha256"], imports["undone_at"].isna(), strict=True))


def look(home, told, states, units):
    """Open what is left and compare it with what was told; return what was done to open it."""
    begun, done = told.count(b"<"), told.count(b">")
    with Store.open(home / "own") as store:
        found = standing(store)
        assert found in states[done : begun + 1], "lost, or half"
        expected = sum(units[sha256] for sha256, stands in found if stands)
        assert store.daily_sales()["units"].sum() == expected
        assert store.unbalanced().empty
        assert store.is_settled
        way = "opened" if store.recovery is None else store.recovery.code
    ever = {sha256 for state in (found, *states[: done + 1]) for sha256, _ in state}
    assert [sha256 for sha256 in ever if not is_kept(home / "own", sha256)] == []
    return way


def is_kept(folder, sha256):
    path = folder / "raw" / sha256[:2] / sha256
    return path.is_file() and seller.hash_of(path.read_bytes()) == sha256


def test_what_was_told_outlives_the_power(recorded, tmp_path):
    states, ways, slowest = seller.states(), Counter(), 0.0
    units = {seller.hash_of(content): seller.units_in(content) for content in seller.files()}
    for number, (files, told) in enumerate(cuts(recorded, random.Random(STATES))):
        home = tmp_path / f"{number}"
        laid_out(files, home)
        started = time.perf_counter()
        ways[look(home, told, states, units)] += 1
        slowest = max(slowest, time.perf_counter() - started)
        shutil.rmtree(home)
    print(
        f"{STATES} states after a power cut: 0 lost, 0 half; {dict(ways)}; {slowest:.2f} s at most"
    )
    assert ways.total() == STATES
