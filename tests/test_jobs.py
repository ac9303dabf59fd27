"""Jobs: one at a time in a room, watched, stopped, and never swallowing what went wrong."""

import threading
import time
import weakref
from contextlib import ExitStack, contextmanager
from types import SimpleNamespace

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


@contextmanager
def opened(gates):
    """Let all through at the end, so that what fails here holds up no other test."""
    with ExitStack() as stack:
        for gate in gates:
            stack.callback(gate.opens.set)
        yield gates


def test_another_rooms_work_holds_nobody_up_and_is_not_named():
    slow, quick, change = Gate(), Gate(), Gate()
    with opened([slow, quick, change]):
        theirs = jobs.start(slow, 1, name="birch-prices.csv", lane="filing", room="birch")
        slow.is_running.wait(10)
        ours = jobs.start(quick, 2, name="a.csv", lane="filing", room="aspen")
        assert quick.is_running.wait(10)
        load = jobs.start(change, 3, name="b.csv", room="aspen")
        assert (load.waits_for, load.waits_for_others) == ("a.csv", False)
        quick.opens.set()
        assert change.is_running.wait(10)
        assert (ours.result(10), theirs.state) == (2, "running")


def test_of_all_rooms_only_so_many_read_and_who_waits_learns_no_name():
    gates = [Gate() for _ in range(4)]
    with opened(gates):
        made = [
            jobs.start(gate, room, name=f"{room}.csv", lane="filing", room=f"room {room}")
            for room, gate in enumerate(gates)
        ]
        assert all(gate.is_running.wait(10) for gate in gates[: jobs.MOST["filing"]])
        assert [job.state for job in made] == ["running"] * 2 + ["waiting"] * 2
        assert {(job.waits_for, job.waits_for_others) for job in made[2:]} == {("", True)}
        gates[0].opens.set()
        assert gates[2].is_running.wait(10)
        assert (made[2].waits_for_others, made[3].state) == (False, "waiting")
        change = Gate()
        with opened([change]):
            jobs.start(change, 1, room="room 5")
            assert change.is_running.wait(10), "a change waits for no other room's reading"


def test_a_room_with_much_to_do_lets_another_one_in_between():
    order, busy = [], [Gate(), Gate()]

    def note(mark, *, progress):
        order.append(mark)

    with opened(busy):
        for room, gate in zip("ab", busy, strict=True):
            jobs.start(gate, 0, lane="reading", room=room)
        many = [jobs.start(note, "a", lane="reading", room="a") for _ in range(3)]
        late = jobs.start(note, "c", lane="reading", room="c")
        many[0].cancel()
        busy[0].opens.set()
        assert late.result(10) is None
        for job in many[1:]:
            job.result(10)
    assert order == ["c", "a", "a"]


def test_a_hundred_rooms_take_no_more_threads_than_run_and_leave_nothing_behind():
    before, gates = threading.active_count(), [Gate() for _ in range(100)]
    with opened(gates):
        made = [jobs.start(gate, room, room=f"{room}") for room, gate in enumerate(gates)]
        assert threading.active_count() <= before + jobs.MOST["changing"]
    assert [job.result(10) for job in made] == list(range(100))
    until = time.monotonic() + 10
    while jobs._turns._queues and time.monotonic() < until:
        time.sleep(0.01)
    assert not jobs._turns._queues


def test_what_was_given_to_a_job_is_let_go_of_when_it_is_over():
    class Upload:
        pass

    def read(_upload, *, progress):
        return 1

    for gives_up in (False, True):
        upload, gate = Upload(), Gate()
        with opened([gate]):
            first = jobs.start(gate, 1)
            job = jobs.start(read, upload)
            gone = weakref.ref(upload)
            del upload
            if gives_up:
                job.cancel()
                job.cancel()
                assert job.is_done_within(1), "also who waits for it hears that it was given up"
        first.result(10)
        assert job.is_done_within(10)
        assert job.state == ("cancelled" if gives_up else "done")
        until = time.monotonic() + 5
        while gone() is not None and time.monotonic() < until:
            time.sleep(0.01)
        assert gone() is None


def test_what_a_job_worked_on_is_let_go_before_arrow_is_asked_for_its_memory(monkeypatch):
    class Upload:
        def work(self, *, progress=silent):
            begun.wait(5)
            return 42

    held, alive, begun = [], [], threading.Event()
    upload = Upload()
    held.append(weakref.ref(upload))
    pool = SimpleNamespace(release_unused=lambda: alive.append(held[0]() is not None))
    monkeypatch.setattr(jobs.pa, "default_memory_pool", lambda: pool)
    job = jobs.start(upload.work)
    del upload
    begun.set()
    assert job.result() == 42
    until = time.monotonic() + 5
    while not alive and time.monotonic() < until:
        time.sleep(0.01)
    assert alive == [False]
