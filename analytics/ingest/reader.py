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
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from analytics import errors
from analytics.ingest import worker
from analytics.ingest.limits import Limits
from analytics.ingest.telling import WHOLE, Listener
from analytics.progress import Progress, silent

Note = tuple[str, dict[str, object]]

_TICK = 0.1  # seconds between two looks at the child; a request to stop waits no longer
_NAME_LENGTH = 120
_INSIDE = " › "  # between an archive and its member; in no name a separator of folders
_STEPS = 3
_HEADER_SIZE = 30  # of a zip's first part, whose name follows
_FIRST_PARTS = (b"[content_types].xml", b"_rels/", b"xl/", b"docprops/", b"mimetype")
_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS)  # as a child's exit code
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
    "packed": errors.PackedFileError,
    "too_many_files": errors.TooManyFilesError,
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


def unpacked(
    path: Path,
    name: str,
    *,
    workdir: Path,
    limits: Limits | None = None,
    progress: Progress = silent,
) -> list[tuple[str, Path]]:
    """Return the files in a zip of files, each as its name for display and where it was unpacked.

    Any other file comes back as it is. Folders, links and what operating systems leave in archives
    are left out. Parameters and errors are those of `read`.
    """
    bounds = limits or Limits()
    shown = display_name(name)
    _check_size(path, shown, bounds)
    if not _may_be_zip(path):
        return [(shown, path)]
    folder = _new_folder(workdir)
    job = _Job(path, folder, shown, bounds, progress)
    summary = _asked("unpack", job)
    members = summary["members"]
    return [(_member_name(shown, one), folder / file) for one, file in members] or [(shown, path)]


def read(
    path: Path,
    name: str,
    *,
    workdir: Path,
    limits: Limits | None = None,
    progress: Progress = silent,
    first_look: Callable[[RawSheet], None] | None = None,
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
        Told ten times a second how far the file is read, in thousandths; it can stop the child.
    first_look : callable, optional
        Given each sheet once, as soon as its first rows are known: ``head`` and ``width`` are those
        of the rows so far, and ``data`` is not yet whole.

    Raises
    ------
    UnreadableFileError
        One of its kinds says why, and what to do.
    FileTooBigError
        The file is larger than ``limits.file_bytes``.
    WriteFailedError
        The disk is full, or ``workdir`` cannot be written.
    """
    bounds = limits or Limits()
    shown = display_name(name)
    _check_size(path, shown, bounds)
    folder = _new_folder(workdir)
    looked: set[str] = set()

    def look(sheet: dict[str, Any]) -> None:
        if first_look and sheet["data"] not in looked:
            looked.add(sheet["data"])
            first_look(_raw(shown, sheet, folder, ()))

    job = _Job(path, folder, shown, bounds, progress, look)
    return sheets_in(_asked("read", job), folder, shown)


def _nothing(_sheet: dict[str, Any]) -> None:
    """Look at nothing."""


@dataclass(frozen=True, slots=True)
class _Job:
    """What a child is to do, and who is told meanwhile."""

    path: Path
    folder: Path
    shown: str
    limits: Limits
    progress: Progress
    look: Callable[[dict[str, Any]], None] = _nothing

    @property
    def seconds(self) -> float:
        """How long it may take by the clock."""
        return self.limits.clock_for(self.path.stat().st_size)


def _asked(task: str, job: _Job) -> dict[str, Any]:
    """Return the summary of a child that was asked to do a task."""
    code = _run(worker.arguments(task, job.path.resolve(), job.folder, job.limits), job)
    return _unless_refused(_summary(code, job), job.folder, job.shown)


def _unless_refused(summary: dict[str, Any], folder: Path, shown: str) -> dict[str, Any]:
    if summary.get("refused") == "write_failed":
        raise _write_failed(folder, summary["facts"]["errno"])
    if "refused" in summary:
        raise _REFUSALS[summary["refused"]](file=shown, **summary["facts"])
    return summary


def _new_folder(workdir: Path) -> Path:
    try:
        return Path(tempfile.mkdtemp(dir=workdir))
    except OSError as error:
        raise _write_failed(workdir, error.errno or errno.EIO) from None


def _write_failed(folder: Path, number: int) -> errors.WriteFailedError:
    return errors.WriteFailedError(path=str(folder), reason=os.strerror(number))


def _check_size(path: Path, shown: str, limits: Limits) -> None:
    size, limit = path.stat().st_size, limits.file_bytes
    if size > limit:
        raise errors.FileTooBigError(file=shown, value=_megabytes(size), limit=_megabytes(limit))


def _may_be_zip(path: Path) -> bool:
    """Return whether a file may be a zip of files: not a workbook, by the name of its first part.

    A look at one header; whether it is one, the child finds out.
    """
    with path.open("rb") as file:
        head = file.read(_HEADER_SIZE + _NAME_LENGTH)
    name = head[_HEADER_SIZE:].lower()
    return head.startswith(b"PK") and not name.startswith(_FIRST_PARTS)


def _member_name(archive: str, member: str) -> str:
    """Return the name of a file in an archive.

    >>> _member_name("orders.zip", "../2024/jan.csv")
    'orders.zip › 2024 › jan.csv'
    """
    steps = [display_name(step) for step in member.replace("\\", "/").split("/")]
    inside = [step for step in steps if step not in ("-", ".", "..")]
    return _INSIDE.join([archive, *inside[-_STEPS:]])


def display_name(name: str) -> str:
    """Return a file's or sheet's name as it can be shown: no folders, no controls, 120 characters.

    >>> display_name("../../etc/2024" + chr(0x202e) + "vsc.csv")
    '2024vsc.csv'
    """
    last = PurePosixPath(name.replace("\\", "/")).name
    return _UNPRINTABLE.sub("", last).strip()[:_NAME_LENGTH] or "-"


def _run(arguments: list[str], job: _Job) -> int:
    """Run the child to its end, or end it when its time is up or the user stops."""
    news = Listener(job.folder)
    with _child(arguments, job.folder) as child:
        deadline = time.monotonic() + job.seconds
        while time.monotonic() < deadline:
            for sheet in news.looks():
                job.look(sheet)
            job.progress(news.done, WHOLE, job.shown)
            with contextlib.suppress(subprocess.TimeoutExpired):
                code = child.wait(_TICK)
                for sheet in news.looks():
                    job.look(sheet)
                return code
    raise _too_slow(job)


def _too_slow(job: _Job) -> errors.TooSlowFileError:
    return errors.TooSlowFileError(file=job.shown, limit=round(job.seconds))


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


def _summary(code: int, job: _Job) -> dict[str, Any]:
    """Return what the child found.

    A child that was killed asked for too much; one that broke without a word met a broken file.
    """
    if -code in _SLOW:
        raise _too_slow(job)
    if code < 0:
        raise errors.TooMuchMemoryError(file=job.shown)
    if code in _DISK:
        raise _write_failed(job.folder, code)
    try:
        found: dict[str, Any] = json.loads((job.folder / worker.SUMMARY).read_text("utf-8"))
    except (OSError, ValueError):
        raise errors.DamagedFileError(file=job.shown) from None
    return found


def sheets_in(summary: dict[str, Any], folder: Path, name: str) -> list[RawSheet]:
    """Return the sheets that a child's summary names; its refusal is raised."""
    shown = display_name(name)
    _unless_refused(summary, folder, shown)
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
