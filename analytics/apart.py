"""Work in a process of its own, so that what keeps a processor busy for seconds holds up nobody.

The process is a program that loads this file: it runs nothing of whoever asked, whose main module
may be a notebook, a server or a script without a guard. It stays for the next call, so that only
the first one waits until its libraries are loaded. Both ends are ours: what is pickled between them
comes from nowhere else.

>>> from math import sqrt
>>> apart(sqrt, 1764)
42.0
"""

import contextlib
import errno
import os
import pickle
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, TypeVar

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))  # -I leaves even the own folder out

from analytics.errors import FitBrokeOffError, TooSlowToFitError
from analytics.idling import waiting
from analytics.progress import Progress, silent
from analytics.restraint import restrain

_TICK = 0.1  # seconds between two looks at the process
_MEMORY = 2 << 30  # bytes that it may have
_MOST_IDLE = 2  # processes that are kept for the next call: each holds the libraries it loaded
_READY = (False, "ready")
_UNREADABLE = 70  # how the process ends that cannot read what it was asked
_KEPT = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR")
# Small matrices are slower in threads, which wait for each other; others may need the processors.
_FRUGAL = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}

Result = TypeVar("Result")


class NotApartError(FitBrokeOffError):
    """It is not the work that failed: no process could begin it, or read what was asked of it."""


def apart(
    work: Callable[..., Result],
    *arguments: object,
    seconds: float = 60.0,
    progress: Progress = silent,
    **options: object,
) -> Result:
    """Call ``work(*arguments, **options)`` in a process of its own, and wait for its answer.

    Parameters
    ----------
    work : callable
        A function of a module, with arguments and answer that can be pickled.
    seconds : float
        The longest that it may take.
    progress : Progress
        Asked often, so that it can stop the work.

    Raises
    ------
    TooSlowToFitError
        It took longer.
    FitBrokeOffError
        The process ended at work, or would have taken more memory than it may have; as
        `NotApartError` if it never began.
    Cancelled
        ``progress`` was asked to stop.
    """
    process = _taken()
    try:
        with waiting():
            answer = process.asked((work, arguments, options), seconds, progress)
    except BaseException:
        process.end()
        raise
    _give_back(process)
    is_fault, found = answer
    if is_fault:
        if isinstance(found, MemoryError):
            raise FitBrokeOffError from found
        raise found
    return found  # type: ignore[no-any-return]


class _Process:
    """The other end, idle or at work."""

    def __init__(self) -> None:
        try:
            self._child = subprocess.Popen(  # noqa: S603 - our own interpreter, our own file
                [sys.executable, "-I", __file__],
                env={**_FRUGAL, **{name: os.environ[name] for name in _KEPT if name in os.environ}},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        except OSError as refused:
            is_full = refused.errno == errno.ENOMEM
            raise (FitBrokeOffError if is_full else NotApartError) from refused
        self._is_ready = False
        self._unsent: Exception | None = None
        self._answers: queue.SimpleQueue[tuple[bool, Any] | None] = queue.SimpleQueue()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        try:
            with contextlib.suppress(Exception):  # it has ended, or its answer cannot be read
                while True:
                    self._answers.put(pickle.load(self._child.stdout))  # type: ignore[arg-type]  # noqa: S301
        finally:
            self._answers.put(None)

    def _tell(self, task: object) -> None:
        try:
            with contextlib.suppress(OSError):  # it is gone: `_listen` says so
                _send(self._child.stdin, task)
        except Exception as fault:  # noqa: BLE001 - what cannot be pickled; raised to whoever asked
            self._unsent = fault
            self._answers.put(None)

    @property
    def is_alive(self) -> bool:
        """Whether it can be asked."""
        return self._child.poll() is None and self._answers.empty()

    def asked(self, task: object, seconds: float, progress: Progress) -> tuple[bool, Any]:
        """Return whether the work failed, and what it returned or raised."""
        started = time.monotonic()
        # Beside: a process that has only begun loads its libraries before it reads to the end.
        threading.Thread(target=self._tell, args=(task,), daemon=True).start()
        while True:
            with contextlib.suppress(queue.Empty):
                answer = self._answers.get(timeout=_TICK)
                if answer is None:
                    raise self._unsent or self._why_it_ended()
                if self._is_ready:
                    return answer
                self._is_ready = answer == _READY
            spent = time.monotonic() - started
            if spent > seconds:
                raise TooSlowToFitError(limit=seconds)
            progress(int(spent), int(seconds), "")

    def _why_it_ended(self) -> FitBrokeOffError:
        """Return what to raise; a system that runs out of memory kills, also at the start."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            ended = self._child.wait(timeout=1)
            if ended == _UNREADABLE or (ended >= 0 and not self._is_ready):
                return NotApartError()
        return FitBrokeOffError()

    def end(self) -> None:
        """End the process, whatever it is doing."""
        self._child.kill()
        self._child.wait()
        with contextlib.suppress(OSError):
            self._child.stdin.close()  # type: ignore[union-attr]
        self._child.stdout.close()  # type: ignore[union-attr]


_idle: list[_Process] = []
_taking = threading.Lock()


def _taken() -> _Process:
    """Return a process that waits for work; one that has died while it waited is left out."""
    with _taking:
        while _idle:
            process = _idle.pop()
            if process.is_alive:
                return process
            process.end()
    return _Process()


def _give_back(process: _Process) -> None:
    """Keep a process for the next call; end one that is too many."""
    with _taking:
        is_kept = len(_idle) < _MOST_IDLE
        if is_kept:
            _idle.append(process)
    if not is_kept:
        process.end()


def _send(pipe: IO[bytes] | None, value: object) -> None:
    assert pipe is not None  # noqa: S101 - as it was opened
    pickle.dump(value, pipe)
    pipe.flush()


def _main() -> None:
    """Answer tasks until nobody asks any more."""
    restrain(10, data=_MEMORY)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever is printed is no answer
    _send(answers, _READY)
    with contextlib.suppress(EOFError):
        while True:
            work, arguments, options = _task()
            try:
                answer = (False, work(*arguments, **options))
            except Exception as fault:  # noqa: BLE001 - it is raised where it was asked for
                answer = (True, fault)
            _send(answers, answer)


def _task() -> tuple[Callable[..., object], tuple[object, ...], dict[str, object]]:
    try:
        return pickle.load(sys.stdin.buffer)  # type: ignore[no-any-return]  # noqa: S301 - see above
    except (EOFError, MemoryError):
        raise
    except Exception:  # noqa: BLE001 - a module that is not there, a class that has changed
        os._exit(_UNREADABLE)


if __name__ == "__main__":
    _main()
