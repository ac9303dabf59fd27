"""Runs take turns: in order, never for long, and not while they only wait."""

import threading
import time
from contextlib import contextmanager
from itertools import pairwise
from types import SimpleNamespace

import pytest

from analytics.apart import apart
from analytics.services.memory import Recent
from pages.shared import turns as runs
from pages.shared import working
from pages.shared.turns import Turns

PATIENCE = 5.0  # seconds: far more than anything here takes


def in_a_thread(work):
    running = threading.Thread(target=work, daemon=True)
    running.start()
    return running


def standing(turns, count):
    """Wait until so many stand in the queue, with whoever has the turn."""
    until = time.monotonic() + PATIENCE
    while len(turns._queue) < count:
        assert time.monotonic() < until
        time.sleep(0.001)


def test_turns_are_taken_one_at_a_time_in_the_order_of_arrival():
    turns, order, inside, most = Turns(PATIENCE), [], [], []

    def run(name):
        with turns.taken():
            inside.append(name)
            most.append(len(inside))
            order.append(name)
            time.sleep(0.002)
            inside.remove(name)

    with turns.taken():
        threads = []
        for name in range(20):
            threads.append(in_a_thread(lambda name=name: run(name)))
            standing(turns, name + 2)
    for thread in threads:
        thread.join(PATIENCE)
    assert order == [*range(20)]
    assert max(most) == 1
    assert not turns.is_busy


def test_whoever_takes_long_keeps_nobody_waiting():
    turns, goes_on, has_ended = Turns(0.05), threading.Event(), threading.Event()

    def dawdle():
        with turns.taken():
            goes_on.wait(PATIENCE)
        has_ended.set()

    in_a_thread(dawdle)
    standing(turns, 1)
    started = time.monotonic()
    with turns.taken():
        assert 0.04 < time.monotonic() - started < PATIENCE / 2
        goes_on.set()
        assert has_ended.wait(PATIENCE)
        assert turns.is_busy, "one who lost the turn took it from who has it"
    assert not turns.is_busy


def test_who_comes_behind_one_who_is_long_overdue_goes_straight_on():
    turns, goes_on = Turns(0.05), threading.Event()

    def dawdle():
        with turns.taken():
            goes_on.wait(PATIENCE)

    running = in_a_thread(dawdle)
    standing(turns, 1)
    time.sleep(0.2)
    started = time.monotonic()
    with turns.taken():
        assert time.monotonic() - started < 0.04
    goes_on.set()
    running.join(PATIENCE)
    assert not turns.is_busy


def test_each_of_many_has_the_time_that_is_allowed():
    """Those who wait together pass over one late run, not over each other."""
    turns, began = Turns(0.05), []

    def run():
        with turns.taken():
            began.append(time.monotonic())
            time.sleep(0.15)

    threads = [in_a_thread(run) for _ in range(6)]
    for thread in threads:
        thread.join(PATIENCE)
    assert len(began) == 6
    assert all(later - earlier > 0.04 for earlier, later in pairwise(began))
    assert not turns.is_busy


def test_a_run_that_is_wanted_no_longer_leaves_the_queue():
    """Streamlit says so to a run that another one of the same tab has overtaken."""
    turns = Turns(PATIENCE)

    class OvertakenError(Exception):
        pass

    def end():
        raise OvertakenError

    def wait():
        with pytest.raises(OvertakenError), turns.taken(end):
            pytest.fail("its turn came")

    with turns.taken():
        waiting = in_a_thread(wait)
        waiting.join(PATIENCE)
        assert not waiting.is_alive()
        assert len(turns._queue) == 1
    assert not turns.is_busy


def test_who_only_waits_lets_others_go_ahead():
    turns, order, was_there = Turns(PATIENCE), [], threading.Event()

    def other():
        with turns.taken():
            order.append("other")
        was_there.set()

    with turns.taken():
        in_a_thread(other)
        standing(turns, 2)
        with turns.aside():
            assert was_there.wait(PATIENCE)
        assert turns.is_busy
        order.append("again")
    assert order == ["other", "again"]
    assert not turns.is_busy


def test_who_lost_the_turn_waits_for_none_when_they_step_aside():
    turns, goes_on = Turns(0.05), threading.Event()

    def next_one():
        with turns.taken():
            goes_on.wait(PATIENCE)

    with turns.taken():
        running = in_a_thread(next_one)
        standing(turns, 2)
        time.sleep(0.2)  # the next one goes ahead beside this one
        started = time.monotonic()
        with turns.aside():
            pass
        assert time.monotonic() - started < 0.04
    goes_on.set()
    running.join(PATIENCE)
    assert not turns.is_busy


def test_who_has_no_turn_waits_for_none_afterwards():
    turns = Turns(PATIENCE)
    with turns.aside():
        pass
    assert not turns.is_busy


def test_a_turn_within_ones_own_is_the_same_one():
    turns = Turns(PATIENCE)
    with turns.taken():
        with turns.taken():
            assert turns.is_busy
        assert turns.is_busy
    assert not turns.is_busy


def test_an_error_ends_a_turn():
    turns = Turns(PATIENCE)
    with pytest.raises(ZeroDivisionError), turns.taken():
        raise ZeroDivisionError
    assert not turns.is_busy


@pytest.fixture
def counted(monkeypatch):
    """How often a turn was taken; those of the app itself."""
    count, taken = [], runs.taken

    @contextmanager
    def counting():
        with taken():
            count.append(runs._RUNS.is_busy)
            yield

    monkeypatch.setattr(runs, "taken", counting)
    return count


def test_every_run_of_a_page_is_in_turn_and_leaves_none_behind(counted, visit):
    visit("delays")
    assert counted
    assert all(counted)
    assert not runs._RUNS.is_busy


def test_a_job_that_is_over_costs_nobody_their_turn(monkeypatch):
    monkeypatch.setattr(runs, "aside", lambda: pytest.fail("it waited for what is there"))
    assert working.is_done_soon(SimpleNamespace(is_done=True))


def test_who_waits_for_a_job_lets_others_go_ahead():
    """`working` steps aside while it waits."""
    seen = []
    job = SimpleNamespace(
        is_done=False, is_done_within=lambda _: bool(seen.append(runs._RUNS.is_busy))
    )
    with runs.taken():
        assert not working.is_done_soon(job)
        assert runs._RUNS.is_busy
    assert seen == [False]


def test_who_waits_for_an_answer_that_another_one_works_out_lets_others_go_ahead():
    seen, begun, goes_on = [], threading.Event(), threading.Event()

    def slow():
        begun.set()
        goes_on.wait(PATIENCE)
        return Weighed()

    answers = Recent(1)
    in_a_thread(lambda: answers.answer("plan", slow))
    assert begun.wait(PATIENCE)

    def look():
        time.sleep(0.1)
        seen.append(runs._RUNS.is_busy)
        goes_on.set()

    with runs.taken():
        in_a_thread(look)
        answers.answer("plan", Weighed)
        assert runs._RUNS.is_busy
    assert seen == [False]


def test_who_waits_for_another_process_lets_others_go_ahead():
    apart(time.sleep, 0)  # it is there
    seen = []
    with runs.taken():
        apart(time.sleep, 0.3, progress=lambda *_: seen.append(runs._RUNS.is_busy))
        assert runs._RUNS.is_busy
    assert seen
    assert not any(seen)


class Weighed:
    nbytes = 1
