"""Bytes in, text columns out: every upload is opened in a child process that may die alone."""

import contextlib
import errno
import json
import os
import re
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from analytics import errors
from analytics.ingest import worker
from analytics.ingest.limits import Limits
from analytics.progress import Progress, silent

Note = tuple[str, dict[str, object]]

_TICK = 0.1  # seconds between two looks at the child; a request to stop waits no longer
_NAME_LENGTH = 120
_KEPT_VARIABLES = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR")
# Threads and pools reserve memory per processor, which on a large machine is all that a child gets.
_FRUGAL = {
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "ARROW_IO_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}
_UNPRINTABLE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]"
)
_SLOW = {getattr(signal, name, None) for name in ("SIGXCPU", "SIGALRM")}
_REFUSALS: Mapping[str, type[errors.UnreadableFileError]] = {
    "empty": errors.EmptyFileError,
    "encrypted": errors.EncryptedFileError,
    "web_page": errors.WebPageError,
    "foreign": errors.NotASpreadsheetError,
    "binary": errors.BinaryFileError,
    "unsupported": errors.UnsupportedFormatError,
    "damaged": errors.DamagedFileError,
    "inflated": errors.InflatedFileError,
    "entities": errors.EntitiesFileError,
    "far_cell": errors.FarCellError,
    "too_much_memory": errors.TooMuchMemoryError,
    "too_many_columns": errors.TooManyColumnsError,
    "too_many_rows": errors.TooManyRowsError,
    "long_cell": errors.LongCellError,
}


@dataclass(frozen=True, slots=True)
class RawSheet:
    """One sheet as text, nothing interpreted yet.

    ``data`` is an Arrow IPC file: ``row_no`` (int32, row 1 is the first of the sheet) and ``c0`` to
    ``cN`` (large text, trimmed). ``file`` and ``sheet`` are for display only, never paths.
    """

    file: str
    sheet: str
    data: Path
    rows: int
    width: int
    head: tuple[tuple[str, ...], ...]
    notes: tuple[Note, ...] = ()


def read(
    path: Path,
    name: str,
    *,
    workdir: Path,
    limits: Limits | None = None,
    progress: Progress = silent,
) -> list[RawSheet]:
    """Return the sheets of the file at ``path`` that hold something.

    Parameters
    ----------
    path : Path
        Where the upload was stored; the child reads nothing else.
    name : str
        What the user calls it; for display only.
    workdir : Path
        Folder for the Arrow files; the caller deletes it when the sheets are no longer needed.
    limits : Limits, optional
        What the file may ask for.
    progress : Progress
        Asked ten times a second, so that it can stop the child.

    Raises
    ------
    UnreadableFileError
        One of its kinds says why, and what to do.
    FileTooBigError
        The file is larger than ``limits.file_bytes``.
    WriteFailedError
        The disk is full.
    """
    bounds = limits or Limits()
    shown = display_name(name)
    _check_size(path, shown, bounds)
    folder = Path(tempfile.mkdtemp(dir=workdir))
    code = _run(worker.arguments(path.resolve(), folder, bounds), folder, shown, bounds, progress)
    return sheets_in(_summary(folder, code, shown, bounds), folder, shown)


def _check_size(path: Path, shown: str, limits: Limits) -> None:
    size, limit = path.stat().st_size, limits.file_bytes
    if size > limit:
        raise errors.FileTooBigError(file=shown, value=_megabytes(size), limit=_megabytes(limit))


def display_name(name: str) -> str:
    """Return a file's or sheet's name as it can be shown: no folders, no controls, 120 characters.

    >>> display_name("../../etc/2024" + chr(0x202e) + "vsc.csv")
    '2024vsc.csv'
    """
    last = PurePosixPath(name.replace("\\", "/")).name
    return _UNPRINTABLE.sub("", last).strip()[:_NAME_LENGTH] or "-"


def _run(arguments: list[str], folder: Path, shown: str, limits: Limits, progress: Progress) -> int:
    """Run the child to its end, or end it when its time is up or the user stops."""
    with _child(arguments, folder) as child:
        deadline = time.monotonic() + limits.wall_seconds
        while time.monotonic() < deadline:
            progress(0, 1, shown)
            with contextlib.suppress(subprocess.TimeoutExpired):
                return child.wait(_TICK)
    raise errors.TooSlowFileError(file=shown, limit=limits.wall_seconds)


@contextlib.contextmanager
def _child(arguments: list[str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Start a process that inherits neither our secrets nor our input; it never outlives us."""
    kept = {key: os.environ[key] for key in _KEPT_VARIABLES if key in os.environ}
    nothing = subprocess.DEVNULL
    with subprocess.Popen(  # noqa: S603 - our own interpreter and module, a path, a folder, figures
        arguments,
        cwd=folder,
        env={**kept, **_FRUGAL},
        stdin=nothing,
        stdout=nothing,
        stderr=nothing,
    ) as child:
        try:
            yield child
        finally:
            child.kill()


def _summary(folder: Path, code: int, shown: str, limits: Limits) -> dict[str, Any]:
    """Return what the child found.

    A child that was killed asked for too much; one that broke without a word met a broken file.
    """
    if -code in _SLOW:
        raise errors.TooSlowFileError(file=shown, limit=limits.cpu_seconds)
    if code < 0:
        raise errors.TooMuchMemoryError(file=shown)
    try:
        found: dict[str, Any] = json.loads((folder / worker.SUMMARY).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise errors.DamagedFileError(file=shown) from None
    return found


def sheets_in(summary: dict[str, Any], folder: Path, name: str) -> list[RawSheet]:
    """Return the sheets that a child's summary names.

    Raises
    ------
    UnreadableFileError, WriteFailedError
        The summary is a refusal.
    """
    shown = display_name(name)
    if summary.get("refused") == "disk_full":
        raise errors.WriteFailedError(path=str(folder), reason=os.strerror(errno.ENOSPC))
    if "refused" in summary:
        raise _REFUSALS[summary["refused"]](file=shown, **summary["facts"])
    notes = tuple((code, facts) for code, facts in summary["notes"])
    return [_raw(shown, sheet, folder, notes) for sheet in summary["sheets"]]


def _raw(shown: str, sheet: dict[str, Any], folder: Path, notes: tuple[Note, ...]) -> RawSheet:
    return RawSheet(
        file=shown,
        sheet=display_name(sheet["sheet"] or PurePosixPath(shown).stem),
        data=folder / sheet["data"],
        rows=sheet["rows"],
        width=sheet["width"],
        head=tuple(tuple(row) for row in sheet["head"]),
        notes=notes,
    )


def _megabytes(size: int) -> str:
    return f"{size / 2**20:.0f} MB"
