"""Typed rows out of a sheet: small ones here, big ones in a child process.

A million rows keep a processor busy for a second and more; whoever asks the server something
meanwhile must not wait for that.
"""

import contextlib
import errno
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from analytics import errors
from analytics.ingest import cleaning, scrubber
from analytics.ingest.cleaning import Cleaned, Parts
from analytics.ingest.reader import RawSheet
from analytics.ingest.recognition import Recognition
from analytics.progress import Progress, silent

_FEW = 100_000  # rows that are cleaned in no time, quicker than a process starts
_TICK = 0.05  # seconds between two looks at the child
_SECONDS = 240  # the longest that a sheet may take
_STEPS = 100
_KEPT_VARIABLES = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "PYTHONTZPATH")
_FRUGAL = {"ARROW_DEFAULT_MEMORY_POOL": "system", "ARROW_IO_THREADS": "1", "OMP_NUM_THREADS": "1"}


class Spare:
    """A child that makes itself ready while a big file is still being read.

    Used as a context: what is left of it at the end goes.
    """

    def __init__(self, workdir: Path) -> None:
        self._workdir = workdir
        self._waiting: _Child | None = None

    def __enter__(self) -> "Spare":
        return self

    def __exit__(self, *_: object) -> None:
        if self._waiting is not None:
            self._waiting.close()

    def start(self) -> None:
        """Start the child, unless one waits already."""
        if self._waiting is None:
            self._waiting = _Child(self._workdir)

    def taken(self, workdir: Path) -> "_Child":
        """Return the child that waits, or a new one; it is the caller's to close."""
        child, self._waiting = self._waiting, None
        return child or _Child(workdir)


def clean(
    sheet: RawSheet,
    recognition: Recognition,
    *,
    market: str | None = None,
    salt: str = "",
    file_date: date | None = None,
    today: date | None = None,
    spare: Spare | None = None,
    progress: Progress = silent,
) -> Cleaned:
    """Return the sheet's rows, typed.

    Parameters
    ----------
    sheet, recognition : RawSheet, Recognition
        The text, and how it is understood.
    market : str, optional
        The market of rows that name none, a country or its code; "auto" or None leaves it to the
        sheet. Products, events, rates and routes take none.
    salt : str
        Key of the hashes that stand for buyers.
    file_date : date, optional
        The day of a sheet without a date column; default: the day in the file's name.
    today : date, optional
        The day of the upload: sales and stock of days after the next are rejected. None = all days
        are possible.
    spare : Spare, optional
        A child that was started ahead, to clean a big sheet.
    progress : Progress
        How far a big sheet is, in percent; asked often, so that it can stop the child.

    Raises
    ------
    UnknownMarketError
        ``market`` is no country that is known.
    UnknownTimeZoneError
        The time zone chosen for the sheet does not exist.
    NotUnderstoodError
        A required column is missing.
    TooMuchMemoryError, TooSlowFileError
        The sheet is too big for this machine.
    WriteFailedError
        The disk is full.
    """
    options = {"market": market, "salt": salt, "file_date": file_date, "today": today}
    if _cells(sheet, recognition) <= _FEW:
        return _answer(cleaning.parts(sheet, recognition, **options))  # type: ignore[arg-type]
    task = {"sheet": asdict(sheet), "recognition": asdict(recognition), "options": options}
    folder = sheet.data.parent
    child = spare.taken(folder) if spare is not None else _Child(folder)
    try:
        return _answer(_in_child(json.dumps(task, default=_plain), child, sheet.file, progress))
    finally:
        child.close()


def _cells(sheet: RawSheet, recognition: Recognition) -> int:
    """Return how many rows the sheet has for us; of a wide table each cell is one."""
    across = recognition.across
    return sheet.rows * (len(across.columns) if across else 1)


def _plain(value: object) -> str:
    """Return paths and dates as JSON takes them."""
    return str(value.resolve()) if isinstance(value, Path) else str(value)


def _answer(parts: Parts) -> Cleaned:
    rows, issues, rows_read, rows_ignored, notes = parts
    return Cleaned(rows, issues.to_pandas(), rows_read, rows_ignored, notes)


def _in_child(task: str, child: "_Child", shown: str, progress: Progress) -> Parts:
    """Run the child to its end, or end it when its time is up or the user stops."""
    progress(0, _STEPS, shown)
    child.hand_over(task)
    deadline = time.monotonic() + _SECONDS
    code, percent = None, 0
    while code is None:
        if time.monotonic() > deadline:
            raise errors.TooSlowFileError(file=shown, limit=_SECONDS)
        with contextlib.suppress(subprocess.TimeoutExpired):
            code = child.process.wait(_TICK)
        percent = max(percent, scrubber.percent_done(child.folder))  # it may be writing right now
        progress(percent, _STEPS, shown)
    return _found(child.folder, code, shown)


class _Child:
    """A process with a folder of its own, which inherits none of our secrets and never outlives us.

    It loads what it needs at once, and then waits for its task.
    """

    def __init__(self, workdir: Path) -> None:
        self.folder = Path(tempfile.mkdtemp(dir=workdir))
        kept = {key: os.environ[key] for key in _KEPT_VARIABLES if key in os.environ}
        with (self.folder / "stderr").open("wb") as complaints:
            self.process = subprocess.Popen(  # noqa: S603 - our own interpreter, module, folder
                [sys.executable, "-I", scrubber.__file__, str(self.folder)],
                cwd=self.folder,
                env={**kept, **_FRUGAL},
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=complaints,
            )

    def hand_over(self, task: str) -> None:
        """Tell the child its task; one that died at once is dealt with where its end is seen."""
        assert self.process.stdin is not None  # noqa: S101 - as it was started
        with contextlib.suppress(OSError), self.process.stdin as pipe:
            pipe.write(task.encode())

    def close(self) -> None:
        """End the process; what of its folder is mapped into memory stays readable."""
        self.process.kill()
        with contextlib.suppress(OSError):
            self.process.__exit__(None, None, None)
        shutil.rmtree(self.folder, ignore_errors=True)


def _found(folder: Path, code: int, shown: str) -> Parts:
    """Return what the child left, or raise what it ran into.

    A child that was killed asked for more memory than there is; one that broke is a bug of ours.
    """
    if code == scrubber.DISK_FULL:
        raise errors.WriteFailedError(path=str(folder), reason=os.strerror(errno.ENOSPC))
    summary = _summary(folder)
    if summary is None and code < 0:
        raise errors.TooMuchMemoryError(file=shown)
    if summary is None:
        complaints = (folder / "stderr").read_text(encoding="utf-8", errors="replace")
        message = f"cleaning broke off with code {code}\n{complaints}"
        raise RuntimeError(message)
    if "error" in summary:
        kind: type[errors.AnalyticsError] = getattr(errors, summary["error"])
        raise kind(**({"file": shown} | summary["facts"]))
    notes = tuple((str(code), dict(facts)) for code, facts in summary["notes"])
    rows, issues = (_table(folder / name) for name in (scrubber.ROWS, scrubber.ISSUES))
    return Parts(rows, issues, summary["rows_read"], summary["rows_ignored"], notes)


def _summary(folder: Path) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = json.loads((folder / scrubber.SUMMARY).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found


def _table(path: Path) -> pa.Table:
    return pa.ipc.open_file(pa.memory_map(str(path))).read_all()
