"""Work apart: in a process that stays, is given up in time, and raises what was raised."""

import os
import subprocess
import sys
import time

import pytest

from analytics.apart import apart
from analytics.errors import Cancelled, NoDataError, TooSlowToFitError


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


def test_work_apart_runs_in_a_process_that_stays():
    assert apart(_product, 6, b=7) == 42
    first, second = apart(_where), apart(_where)
    assert first == second != os.getpid()


def test_work_apart_that_takes_too_long_or_dies_is_given_up_and_the_next_one_runs():
    apart(_product, 1, 1)  # the process is there
    with pytest.raises(TooSlowToFitError, match=r"0\.3 seconds"):
        apart(_sleep, 30, seconds=0.3)
    with pytest.raises(TooSlowToFitError):
        apart(_vanish)
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


def test_what_the_work_prints_is_no_answer():
    assert apart(_chatter) == 1


def test_it_works_from_a_script_without_a_guard():
    """The main module of whoever asks is not run again."""
    script = "from analytics.apart import apart\nfrom math import sqrt\nprint(apart(sqrt, 9))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == "3.0\n"
