"""Killing a process that a nursery forked, at any moment of what it does."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

OPEN = "open\n"  # what a worker says once it has opened the workspace


@contextmanager
def nursery(program: str | Path) -> Iterator["Workers"]:
    """Start a program that forks a worker for each line it reads, and yield what to tell it."""
    command = [sys.executable, str(program)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    ) as running:
        yield Workers(running)
        assert running.stdin is not None
        running.stdin.close()


class Workers:
    """What a nursery is told and says."""

    def __init__(self, running: "subprocess.Popen[str]") -> None:
        self._running = running

    def killed(self, *told: object, seconds: float = 0.0, once_open: bool = True) -> float:
        """Let a worker begin, and kill it after so many seconds; return how long it lived.

        They count from when it has opened the workspace, or from its first breath.
        """
        running = self._running
        assert running.stdin is not None
        assert running.stdout is not None
        running.stdin.write("\t".join(map(str, told)) + "\n")
        running.stdin.flush()
        worker, started = int(running.stdout.readline()), time.perf_counter()
        if once_open:
            assert running.stdout.readline() == OPEN
        time.sleep(seconds)
        lived = time.perf_counter() - started
        os.kill(worker, signal.SIGKILL)
        ended = running.stdout.readline()
        if ended == OPEN:
            ended = running.stdout.readline()
        assert int(ended) == -signal.SIGKILL
        return lived


def acknowledged(side: Path) -> list[str]:
    """Return the lines that workers noted of what they had done."""
    return side.read_text("utf-8").splitlines() if side.exists() else []
