"""Big sheets are cleaned in a child process: the same rows, our errors, nothing left behind."""

import errno
import io
import os
import subprocess
import sys
from dataclasses import replace
from datetime import date

import pytest

from analytics.errors import (
    Cancelled,
    NotUnderstoodError,
    TooMuchMemoryError,
    TooSlowFileError,
    UnknownMarketError,
    UnknownTimeZoneError,
    WriteFailedError,
)
from analytics.ingest import clean, cleaner, recognise, scrubber
from tests.ingest.making import raw

HEADER = ["Order ID", "Date", "SKU", "Name", "Quantity", "Price", "Country", "Buyer Name"]
SOLD = ("保温杯", "2", "9,90", "DE")
ROWS = [
    [f"O-{i}", f"2026-01-{i % 28 + 1:02d}T0{i % 10}:00:00Z", f"S{i % 7}", *SOLD, f"Buyer {i}"]
    for i in range(60)
]
BROKEN = [
    ["O-x", "soon", "A", "Mug", "two", "", "DE", ""],
    ["", "Total", "", "", "120", "", "", ""],
]


@pytest.fixture
def sheet():
    return raw([HEADER, *ROWS, *BROKEN], notes=[("encoding", {"encoding": "gb18030"})])


@pytest.fixture
def in_child(monkeypatch):
    monkeypatch.setattr(cleaner, "_FEW", 0)


@pytest.fixture
def started(monkeypatch):
    """The processes that were started."""
    found = []

    class Child(subprocess.Popen):
        def __init__(self, *arguments, **options):
            self.arguments, self.options = arguments, options
            found.append(self)
            super().__init__(*arguments, **options)

    monkeypatch.setattr(cleaner.subprocess, "Popen", Child)
    return found


def both(sheet, recognition, monkeypatch, **options):
    here = clean(sheet, recognition, **options)
    monkeypatch.setattr(cleaner, "_FEW", 0)
    return here, clean(sheet, recognition, **options)


@pytest.mark.parametrize("zone", [None, "America/Los_Angeles"])
def test_a_child_gives_the_same_rows_issues_and_notes(sheet, monkeypatch, zone):
    recognition = replace(recognise(sheet), time_zone=zone, currency="EUR")
    options = {"salt": "s", "today": date(2026, 1, 20), "market": "FR"}
    here, there = both(sheet, recognition, monkeypatch, **options)
    assert here.rows.equals(there.rows)
    assert here.rows.schema == there.rows.schema
    assert here.issues.equals(there.issues)
    assert here.issues.dtypes.equals(there.issues.dtypes)
    assert len(here.issues) > 1
    assert (here.rows_read, here.rows_ignored) == (there.rows_read, there.rows_ignored) == (62, 1)
    assert here.notes == there.notes
    assert {"encoding", "future_dates"} < {code for code, _ in here.notes}


def test_a_wide_table_is_as_many_rows_as_cells(monkeypatch):
    months = ["2026-01", "2026-02", "2026-03"]
    sheet = raw([["SKU", *months], ["A", "1", "2", ""], ["B", "4", "", "6"]])
    recognition = recognise(sheet, kind="sales")
    here, there = both(sheet, recognition, monkeypatch)
    assert here.rows.num_rows == 4
    assert here.rows.equals(there.rows)
    assert cleaner._cells(sheet, recognition) == 9


def test_nothing_but_a_header(monkeypatch):
    sheet = raw([HEADER])
    here, there = both(sheet, recognise(sheet), monkeypatch)
    assert here.rows.num_rows == there.rows.num_rows == 0
    assert there.issues.empty


def test_errors_of_ours_come_back_as_they_are(sheet, in_child):
    recognition = recognise(sheet)
    with pytest.raises(UnknownMarketError, match="Atlantis"):
        clean(sheet, recognition, market="Atlantis")
    with pytest.raises(UnknownTimeZoneError, match="Mars"):
        clean(sheet, replace(recognition, time_zone="Mars"))
    with pytest.raises(NotUnderstoodError, match="quantity"):
        clean(sheet, replace(recognition, missing=("quantity",)))


def test_a_fault_of_ours_is_none_of_the_users(sheet, in_child):
    with pytest.raises(RuntimeError, match="KeyError"):
        clean(sheet, replace(recognise(sheet), kind="nonsense"))


def test_who_watches_sees_it_move(sheet, in_child):
    seen = []
    clean(sheet, recognise(sheet), progress=lambda *step: seen.append(step))
    assert [step[0] for step in seen] == sorted(step[0] for step in seen)
    assert seen[-1] == (100, 100, "orders.csv")


def test_who_watches_may_stop_it(sheet, in_child, started):
    def stop(done, total, item):
        if started:
            raise Cancelled

    with pytest.raises(Cancelled):
        clean(sheet, recognise(sheet), progress=stop)
    assert started[0].returncode is not None


@pytest.mark.skipif(os.name != "posix", reason="only there the end of a process says its reason")
def test_a_child_that_is_killed_asked_for_too_much(sheet, in_child, started):
    def kill(done, total, item):
        for child in started:
            child.kill()

    with pytest.raises(TooMuchMemoryError, match=r"orders\.csv"):
        clean(sheet, recognise(sheet), progress=kill)


def test_a_child_that_takes_too_long_is_ended(sheet, in_child, monkeypatch):
    monkeypatch.setattr(cleaner, "_SECONDS", 0)
    with pytest.raises(TooSlowFileError):
        clean(sheet, recognise(sheet))


def test_the_child_learns_nothing_from_our_environment(sheet, in_child, started, monkeypatch):
    monkeypatch.setenv("LEEWAY_SECRET", "hush")
    clean(sheet, recognise(sheet), salt="pepper")
    assert started[0].arguments[0][:2] == [sys.executable, "-I"]
    assert "pepper" not in str(started[0].arguments)
    assert "LEEWAY_SECRET" not in started[0].options["env"]


def test_nothing_is_left_behind(sheet, in_child, started):
    cleaned = clean(sheet, recognise(sheet))
    with pytest.raises(UnknownMarketError):
        clean(sheet, recognise(sheet), market="Atlantis")
    assert [path.name for path in sheet.data.parent.iterdir()] == [sheet.data.name]
    assert cleaned.rows["sku"].to_pylist()[:2] == ["S0", "S1"]


def test_a_full_disk_says_so(tmp_path, monkeypatch):
    def full(task, folder):
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(scrubber, "_answer", full)
    monkeypatch.setattr(sys, "stdin", io.StringIO("{}"))
    with pytest.raises(SystemExit) as ended:
        scrubber.main(tmp_path)
    with pytest.raises(WriteFailedError, match="No space left"):
        cleaner._found(tmp_path, ended.value.code, "orders.csv")
