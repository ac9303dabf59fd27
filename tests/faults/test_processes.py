"""Children killed at their work, and a second process at the same file: a sentence each."""

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

from analytics.apart import apart
from analytics.errors import FitBrokeOffError
from analytics.i18n import Translator
from analytics.services import importing
from analytics.store import Store
from tests.faults import nursery

ROOT = Path(__file__).parents[2]
EN = Translator("en")

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/task").exists(), reason="which children there are is asked of Linux"
)


def children() -> set[int]:
    """The numbers of all children of this process."""
    found: set[int] = set()
    for listed in Path("/proc/self/task").glob("*/children"):
        with suppress(OSError):
            found |= set(map(int, listed.read_text().split()))
    return found


def kill_what_comes(before: set[int], until: threading.Event) -> None:
    """Kill every child that is not among those from before, until told to stop."""
    while not until.wait(0.01):
        for child in children() - before:
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)


def test_a_reader_that_is_killed_is_a_sentence_and_the_next_file_goes_in(tmp_path):
    with Store.open(tmp_path / "own") as store:
        is_over = threading.Event()
        killing = threading.Thread(target=kill_what_comes, args=(children(), is_over))
        killing.start()
        try:
            staged = importing.stage(store, [importing.Upload("a.csv", nursery.file_of(0))])
        finally:
            is_over.set()
            killing.join()
        [(file, problem)] = staged.problems
        assert (file, staged.sheets) == ("a.csv", ())
        assert "a.csv" in EN(problem.code, **problem.params)
        assert store.is_empty
        nursery.bring_in(store, 0)
        assert store.daily_sales()["units"].sum() == nursery.units_of(1)


def _where():
    return os.getpid()


def _work():
    time.sleep(30)


def test_a_forecaster_that_is_killed_at_work_is_a_sentence_and_another_takes_over():
    worker = apart(_where)
    killing = threading.Timer(0.3, os.kill, (worker, signal.SIGKILL))
    killing.start()
    with pytest.raises(FitBrokeOffError) as broken:
        apart(_work)
    assert EN(broken.value.code, **broken.value.params)
    assert apart(_where) not in {worker, os.getpid()}


SECOND = """
import os, sys, time
from pathlib import Path
from analytics.errors import WorkspaceBusyError
from analytics.store import Store
started = time.perf_counter()
try:
    Store.open(Path(sys.argv[1]))
except WorkspaceBusyError as refusal:
    print(refusal.params["process"], time.perf_counter() - started)
"""


def test_a_second_process_ends_with_one_line_that_says_who_holds_it(tmp_path):
    with Store.open(tmp_path / "own") as store:
        nursery.bring_in(store, 0)
        before = {p: p.stat().st_size for p in (tmp_path / "own").rglob("*")}
        serve = [sys.executable, "-m", "analytics", "serve", "--workspace", str(tmp_path / "own")]
        environment = os.environ | {"LEEWAY_LANGUAGE": "en"}
        ended = subprocess.run(
            serve, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )
        assert ended.returncode == 3
        assert str(os.getpid()) in ended.stderr
        assert len(ended.stderr.splitlines()) == 1
        answer = subprocess.run(
            [sys.executable, "-c", SECOND, str(tmp_path / "own")],
            cwd=ROOT, capture_output=True, text=True, check=True,
        ).stdout.split()  # fmt: skip
        assert int(answer[0]) == os.getpid()
        assert float(answer[1]) < 2
        assert {p: p.stat().st_size for p in (tmp_path / "own").rglob("*")} == before
        assert store.daily_sales()["units"].sum() == nursery.units_of(1)
