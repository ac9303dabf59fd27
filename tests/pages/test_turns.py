"""Runs take turns: in order, never for long, and not while they only wait."""

import threading
import time
from itertools import pairwise

import pytest

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


def test_each_of_many_has_the_time_that_is_allowed():
    """Those who wait together pass over one late run, not over each other."""
    turns, began = Turns(0.05), []

    def run():
        with turns.taken():
            began.append(time.monotonic())
            time.sleep(0.08)

    threads = [in_a_thread(run) for _ in range(6)]
    for thread in threads:
        thread.join(PATIENCE)
    assert len(began) == 6
    assert all(later - earlier > 0.04 for earlier, later in pairwise(began))


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
