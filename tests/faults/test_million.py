"""Two million order lines: taking back, stopping, copying and bringing back, by the clock.

The workspace is made once, through the whole import. ``make soak`` runs this, for some minutes.
"""

import contextlib
import os
import shutil
import threading
import time
from itertools import count

import pytest

from analytics import jobs
from analytics.services import backups, importing, workspaces
from analytics.store import Store
from tests.faults import million, nursery

BACKUPS = min(100, int(os.environ.get("SOAK_CASES", "2")))
MOMENTS = 12  # at which somebody stops, in each of the two jobs of an import

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif("SOAK_KILLS" not in os.environ, reason="the long form, by make soak"),
]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return million.files(tmp_path_factory.mktemp("files"), 3)


@pytest.fixture(scope="module")
def begun(tmp_path_factory, files):
    """A workspace of two files, and what stood after each of them."""
    folder = tmp_path_factory.mktemp("million") / "own"
    stood = []
    with Store.open(folder) as store:
        for file in files[:2]:
            million.bring_in(store, file)
            stood.append(million.fingerprint(store))
    return folder, stood


@pytest.fixture
def store(begun):
    folder, stood = begun
    with Store.open(folder) as opened:
        yield opened
        assert million.fingerprint(opened) == stood[-1], "the next test begins with the same"


def timed(work, *arguments):
    """Return how many seconds work takes, and what it returned."""
    started = time.perf_counter()
    found = work(*arguments)
    return time.perf_counter() - started, found


def test_imports_of_a_million_lines_go_and_come_back(store, begun):
    """Judged by processor time: the clock's is longer only where others are at work, too."""
    _, (first, both) = begun
    second = (both[0] - first[0], both[1] ^ first[1], both[2] - first[2])
    clock, processor = {}, {}
    for number, left in ((1, second), (2, first)):
        for work, standing in ((store.undo, left), (store.redo, both)):
            name, began = work.__name__, time.process_time()
            took, _ = timed(work, number)
            clock[name] = max(clock.get(name, 0), took)
            processor[name] = max(processor.get(name, 0), time.process_time() - began)
            assert million.fingerprint(store) == standing
    told = (f"{name} {clock[name]:.1f} s ({processor[name]:.1f} s at work)" for name in clock)
    print(f"{both[0]:,} lines: {', '.join(told)}")
    assert max(processor.values()) <= 10


def stopped(begin, moment):
    """Begin a job, stop it after so many seconds; return it and how long it went on."""
    job = begin()
    job.is_done_within(moment)
    job.cancel()
    took, _ = timed(job.is_done_within, 60)
    return job, took


def test_stopping_takes_hold_at_once_wherever_the_work_is(store, begun, files):
    def stage():
        return jobs.start(importing.stage, store, [importing.Upload("3.csv", files[2])])

    def load():
        return jobs.start(workspaces.load_and_forecast, store, staged)

    worst, whole = {}, {}
    whole["reading"], staged = timed(lambda: stage().result())
    whole["loading"], _ = timed(lambda: load().result())
    store.undo(3)
    for name, begin in (("reading", stage), ("loading", load)):
        waits = []
        for moment in range(MOMENTS):
            before = len(store.imports())
            job, wait = stopped(begin, whole[name] * moment / MOMENTS)
            waits.append((wait, job.progress))
            if len(store.imports()) > before:  # stopped after the deed: it stands
                store.undo(int(store.imports()["import_id"].max()))
            elif name == "loading":  # what only reads may have come to its end
                assert job.state == "cancelled"
            assert million.fingerprint(store) == begun[1][-1]
        worst[name] = max(waits)
    told = ", ".join(
        f"{name} ({whole[name]:.1f} s) {wait:.2f} s after {tuple(step)}"
        for name, (wait, step) in worst.items()
    )
    print(f"stopped at {2 * MOMENTS} moments, at the latest: {told}")
    assert max(worst.values())[0] <= 2


@contextlib.contextmanager
def beside(*works):
    """Do things again and again in threads of their own; yield how long each time took, by work."""
    is_over, times = threading.Event(), [[] for _ in works]

    def repeat(work, taken):
        while not is_over.is_set():
            taken.append(timed(work)[0])
            is_over.wait(0.05)

    threads = [
        threading.Thread(target=repeat, args=pair) for pair in zip(works, times, strict=True)
    ]
    for thread in threads:
        thread.start()
    try:
        yield times
    finally:
        is_over.set()
        for thread in threads:
            thread.join()


def test_who_writes_hardly_waits_for_a_backup(store, begun, tmp_path):
    numbers = count()
    with beside(lambda: store.save_setting("written", str(next(numbers)))) as [waits]:
        taken = [timed(backups.take, store, tmp_path / f"{n}.zip") for n in range(3)]
    print(f"{len(taken)} backups of {begun[1][-1][0]:,} lines, {max(taken)[0]:.1f} s at most;"
          f" {len(waits)} writers meanwhile waited {max(waits):.2f} s at most")  # fmt: skip
    assert max(waits) <= 2
    backups.restore(taken[-1][1], tmp_path / "other")
    with Store.open(tmp_path / "other") as other:
        assert million.fingerprint(other) == begun[1][-1]


def test_every_backup_taken_while_others_write_is_a_state_that_was(tmp_path):
    with Store.open(tmp_path / "own") as store:
        nursery.bring_in(store, 0)
        imports, numbers = count(1), count()
        with beside(
            lambda: nursery.bring_in(store, next(imports)),
            lambda: store.save_setting("written", str(next(numbers))),
        ) as [brought, written]:
            made = [backups.take(store, tmp_path / f"{n}.zip") for n in range(BACKUPS)]
    seen = []
    for number, path in enumerate(made):
        backups.restore(path, tmp_path / f"back-{number}")
        with Store.open(tmp_path / f"back-{number}") as back:
            seen.append((len(back.imports()), int(back.settings().get("written", "-1"))))
            assert back.daily_sales()["units"].sum() == nursery.units_of(seen[-1][0])
            assert back.check() == []
        shutil.rmtree(tmp_path / f"back-{number}")
    assert seen == sorted(seen), "each holds what the one before it held"
    print(f"{len(made)} backups beside {len(brought)} imports and {len(written)} settings, which"
          f" waited {max(written):.2f} s at most: all restore")  # fmt: skip


def test_a_lost_database_is_back_in_minutes_with_every_upload(begun, files, tmp_path):
    folder, _ = begun
    lost = shutil.copytree(folder, tmp_path / "own")
    with Store.open(lost) as store:
        made = backups.take(store, tmp_path / "elsewhere.zip")
        million.bring_in(store, files[2])  # after the backup, and told to be in
        there = million.fingerprint(store)
    for path in (*lost.glob("*.duckdb*"), *(lost / "backup").glob("*")):
        path.unlink()
    started = time.perf_counter()
    backups.restore(made, lost)
    with Store.open(lost) as store:
        restored = time.perf_counter() - started
        imports = store.imports()
        stands = set(imports.loc[imports["undone_at"].isna(), "sha256"])
        for path in sorted((lost / "raw").glob("??/*")):
            if path.name not in stands:
                million.bring_in(store, path)
        took = time.perf_counter() - started
        assert million.fingerprint(store) == there
        assert store.check() == []
    print(f"{there[0]:,} lines: restored within {restored:.1f} s, with the upload that came after"
          f" the backup {took:.1f} s")  # fmt: skip
    assert took <= 600
