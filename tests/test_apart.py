"""Work apart: in a process that stays, is given up in time, and raises what was raised."""

import os
import pickle
import resource
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from analytics.apart import NotApartError, _idle, apart
from analytics.errors import Cancelled, FitBrokeOffError, NoDataError, TooSlowToFitError


def _product(a, b):
    return a * b


def _sleep(seconds):
    time.sleep(seconds)


def _vanish():
    os._exit(3)


def _refuse():
    raise NoDataError


def _where():
    return os.getpid()


def _first_to_go():
    return Path("/proc/self/oom_score_adj").read_text(encoding="ascii").strip()


def _most_memory():
    return resource.getrlimit(resource.RLIMIT_DATA)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says who goes first")
def test_work_apart_is_bounded_and_ends_before_whoever_asked():
    """So that a container that runs out of memory loses one forecast, and not the server."""
    assert apart(_first_to_go) == "1000"
    assert int(_first_to_go()) < 1000
    assert apart(_most_memory) == (2 << 30, 2 << 30)


def test_work_apart_runs_in_a_process_that_stays():
    assert apart(_product, 6, b=7) == 42
    first, second = apart(_where), apart(_where)
    assert first == second != os.getpid()


def _overflow():
    raise MemoryError


def _only_there(process):
    if os.getpid() != process:
        raise ValueError(process)


class _Unreadable:
    """What only the process that made it can read."""

    def __reduce__(self):
        return _only_there, (os.getpid(),)


def test_work_apart_that_takes_too_long_is_given_up_and_the_next_one_runs():
    apart(_product, 1, 1)  # the process is there
    with pytest.raises(TooSlowToFitError, match=r"0\.3 seconds"):
        apart(_sleep, 30, seconds=0.3)
    assert apart(_product, 2, 3) == 6


@pytest.mark.parametrize("work", [_vanish, _overflow, _Unreadable])
def test_work_apart_that_breaks_off_says_so_and_the_next_one_runs(work):
    apart(_product, 1, 1)
    with pytest.raises(FitBrokeOffError):
        apart(work, seconds=5)
    assert apart(_product, 2, 3) == 6


def test_a_process_that_died_while_it_waited_is_not_asked():
    os.kill(apart(_where), signal.SIGKILL)
    _idle[-1]._child.wait()
    assert apart(_product, 2, 3) == 6


def test_work_apart_raises_what_it_raised_and_stops_when_asked():
    with pytest.raises(NoDataError):
        apart(_refuse)

    def stop(*_):
        raise Cancelled

    apart(_product, 1, 1)
    with pytest.raises(Cancelled):
        apart(_sleep, 30, progress=stop)
    assert apart(_product, 2, 3) == 6


def _chatter():
    print("not an answer")
    return 1


class _SlowToRead:
    """What a process takes its time to read, with more behind it than a pipe holds."""

    def __reduce__(self):
        return _sleep, (2.0,)


def test_stopping_takes_hold_while_a_process_still_reads_what_it_is_to_do():
    """As one that has only begun does: it loads its libraries on the way."""
    asked = []

    def stop(*_):
        asked.append(time.monotonic())
        raise Cancelled

    started = time.monotonic()
    with pytest.raises(Cancelled):
        apart(_product, _SlowToRead(), bytes(1 << 22), progress=stop)
    assert asked[0] - started < 1


def test_what_cannot_be_sent_is_said_and_the_next_one_runs():
    with pytest.raises((AttributeError, TypeError, pickle.PicklingError)):
        apart(_product, lambda: 1, 1)
    assert apart(_product, 6, 7) == 42


def test_what_the_work_prints_is_no_answer():
    assert apart(_chatter) == 1


def test_it_works_from_a_script_without_a_guard():
    """The main module of whoever asks is not run again."""
    script = "from analytics.apart import apart\nfrom math import sqrt\nprint(apart(sqrt, 9))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == "3.0\n"


def test_four_at_once_leave_two_that_wait():
    with ThreadPoolExecutor(4) as many:
        list(many.map(lambda _: apart(_sleep, 0.5), range(4)))
    assert len(_idle) == 2
    assert apart(_product, 2, 3) == 6


class _Unknown:
    """What only the process that made it can read, as a question."""

    def __reduce__(self):
        return _only_there, (os.getpid(),)


def test_work_that_never_began_is_told_from_work_that_broke_off(monkeypatch):
    with pytest.raises(NotApartError):
        apart(_product, _Unknown(), 1)
    with pytest.raises(FitBrokeOffError) as broken:
        apart(_vanish)
    assert not isinstance(broken.value, NotApartError)
    monkeypatch.setattr("analytics.apart._idle", [])
    for program in ("/nowhere/python", "/bin/false"):
        monkeypatch.setattr(sys, "executable", program)
        with pytest.raises(NotApartError):
            apart(_product, 6, 7)
