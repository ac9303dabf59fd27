"""Jobs: one at a time, watched, stopped, and never swallowing what went wrong."""

import threading

import pytest

from analytics import jobs
from analytics.errors import Cancelled, NoDataError
from analytics.progress import silent


class Gate:
    """Work that reports, then waits until it is let through."""

    def __init__(self):
        self.is_running = threading.Event()
        self.opens = threading.Event()

    def __call__(self, answer, *, progress=silent):
        progress(1, 3, "first step")
        self.is_running.set()
        self.opens.wait(10)
        progress(2, 3, "second step")
        return answer


def test_a_job_reports_and_returns():
    gate = Gate()
    job = jobs.start(gate, 42, name="orders.csv")
    gate.is_running.wait(10)
    assert (job.state, job.progress, job.is_done) == ("running", (1, 3, "first step"), False)
    gate.opens.set()
    assert job.result(10) == 42
    assert (job.state, job.error, job.is_done) == ("done", None, True)


def test_the_next_job_waits_and_knows_for_whom():
    first, second = Gate(), Gate()
    ahead = jobs.start(first, 1, name="Ann's import")
    behind = jobs.start(second, 2, name="Bo's import")
    first.is_running.wait(10)
    assert (behind.state, behind.waits_for, ahead.waits_for) == ("waiting", "Ann's import", "")
    first.opens.set()
    second.opens.set()
    assert (ahead.result(10), behind.result(10)) == (1, 2)
    assert behind.waits_for == ""


def test_what_only_reads_holds_up_no_import_and_waits_for_its_own_kind():
    reading, behind, change = Gate(), Gate(), Gate()
    look = jobs.start(reading, 1, name="a look", lane="reading")
    after = jobs.start(behind, 2, name="the next look", lane="reading")
    reading.is_running.wait(10)
    imported = jobs.start(change, 3, name="Ann's import")
    assert change.is_running.wait(10)
    assert (after.waits_for, imported.waits_for) == ("a look", "")
    for gate in (change, reading, behind):
        gate.opens.set()
    assert (imported.result(10), look.result(10), after.result(10)) == (3, 1, 2)


def test_a_running_job_stops_at_its_next_report():
    gate = Gate()
    job = jobs.start(gate, 1)
    gate.is_running.wait(10)
    job.cancel()
    gate.opens.set()
    with pytest.raises(Cancelled):
        job.result(10)
    assert job.state == "cancelled"
    assert isinstance(job.error, Cancelled)


def test_a_waiting_job_never_begins():
    gate, never = Gate(), Gate()
    ahead = jobs.start(gate, 1)
    job = jobs.start(never, 2)
    job.cancel()
    gate.opens.set()
    ahead.result(10)
    with pytest.raises(Cancelled):
        job.result(10)
    assert (job.state, never.is_running.is_set()) == ("cancelled", False)


def test_what_the_user_can_mend_is_an_error_and_anything_else_is_a_bug():
    def refuse(*, progress):
        raise NoDataError

    def break_down(*, progress):
        raise KeyError("bug")

    job = jobs.start(refuse)
    with pytest.raises(NoDataError):
        job.result(10)
    assert (job.state, type(job.error)) == ("failed", NoDataError)
    job = jobs.start(break_down)
    with pytest.raises(KeyError):
        job.result(10)
    assert (job.state, job.error) == ("failed", None)
