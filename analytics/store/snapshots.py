"""Copies of the workspace that others may read while a server holds it."""

import re
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from analytics.errors import WriteFailedError
from analytics.store import copying
from analytics.store.durable import force_folder, make_folder, refused_by_disk

KEPT = 3
_NAME = re.compile(r"snapshot-(\d{8}T\d{6}\.\d{6}Z)-(\w+)\.duckdb", re.ASCII)
_NUMBER = re.compile(r"[a-z]+-[^-]+-[0-9A-Za-z]+_(\d{1,12})\.(?:zip|duckdb)", re.ASCII)
_STAMP = "%Y%m%dT%H%M%S.%fZ"


def take(database: Path, folder: Path, version: str) -> Path:
    """Copy ``database``, and its log if it has one, into ``folder``; return the copy.

    The caller holds the turnstile, so that nobody writes meanwhile. An older copy of the same data
    version is replaced; of the others the newest `KEPT` stay.

    Raises
    ------
    WriteFailedError
        The disk refused.
    """
    with refused_by_disk(folder):
        make_folder(folder)
        _sweep(folder)
        stamp = datetime.now(UTC).strftime(_STAMP)
        name = f"snapshot-{stamp}-{version}_{next_number(folder)}.duckdb"
        copy_database(database, folder / name)
        force_folder(folder)
        _prune(folder, folder / name, version)
    return folder / name


def log_of(database: Path) -> Path:
    """Return where DuckDB keeps what is committed and not yet in the file itself."""
    return database.with_name(f"{database.name}.wal")


def keep_schema(database: Path, folder: Path, schema: int, now: datetime) -> Path:
    """Keep a copy of a database before it is brought to a newer shape; nothing deletes it.

    Raises
    ------
    WriteFailedError
        The disk refused.
    """
    made = folder / f"schema-{schema}-{now.strftime(_STAMP)}.duckdb"
    with refused_by_disk(folder):
        make_folder(folder)
        _sweep(folder)
        copy_database(database, made)
        force_folder(folder)
    return made


def copy_database(database: Path, target: Path) -> None:
    """Copy a database, and its log if it has one, by another process; whole, or not at all.

    Raises
    ------
    WriteFailedError
        The disk refused.
    """
    sources = {target: database}
    if log_of(database).exists():
        sources = {log_of(target): log_of(database), **sources}
    aside = {new: new.with_name(f".new-{new.name}") for new in sources}
    _copy({sources[new]: made for new, made in aside.items()})
    for new, made in aside.items():  # the database last: it makes the copy visible
        made.rename(new)


def newest_first(folder: Path) -> list[Path]:
    """Return the snapshots in ``folder``, newest first."""
    if not folder.is_dir():
        return []
    found = ((path, time_of(path, _NAME)) for path in folder.iterdir())
    timed = [(path, time) for path, time in found if time is not None]
    return [path for path, _ in sorted(timed, key=lambda copy: order_of(*copy), reverse=True)]


def number_of(path: Path) -> int:
    """Return which copy of its workspace this is, by its name; 0 if it is older than the numbers.

    Copies are numbered in the order in which they are made, for a clock may be wrong.

    >>> number_of(Path("snapshot-20261122T170800.250000Z-9f3c_12.duckdb"))
    12
    """
    found = _NUMBER.fullmatch(path.name)
    return int(found[1]) if found else 0


def next_number(folder: Path) -> int:
    """Return the number of the next copy in ``folder``, snapshot or backup."""
    names = folder.iterdir() if folder.is_dir() else ()
    return 1 + max((number_of(path) for path in names), default=0)


def order_of(path: Path, time: datetime) -> tuple[int, datetime, str]:
    """Return what copies are ordered by: their number, and among those that have none their time.

    A number that two processes gave at once is decided by the time, too.
    """
    return number_of(path), time, path.name


def taken_at(path: Path) -> datetime:
    """Return when a snapshot was taken, in UTC.

    >>> taken_at(Path("snapshot-20261122T170800.250000Z-9f3c.duckdb")).isoformat()
    '2026-11-22T17:08:00.250000+00:00'
    """
    time = time_of(path, _NAME)
    if time is None:
        raise ValueError(path.name)
    return time


def time_of(path: Path, pattern: re.Pattern[str]) -> datetime | None:
    """Return the time that stands in a file's name after the first dash; None if there is none."""
    if pattern.fullmatch(path.name) is None:
        return None
    try:
        return datetime.strptime(path.name.split("-")[1], _STAMP).replace(tzinfo=UTC)
    except ValueError:  # a month 13
        return None


def version_of(path: Path, pattern: re.Pattern[str]) -> str:
    """Return the data version that stands in a file's name after the second dash, if any."""
    if pattern.fullmatch(path.name) is None:
        return ""
    return path.stem.split("-")[2].partition("_")[0]


def _copy(targets: Mapping[Path, Path]) -> None:
    pairs = [str(path) for pair in targets.items() for path in pair]
    command = [sys.executable, "-I", copying.__file__, *pairs]
    outcome = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if outcome.returncode != 0:
        reason = (outcome.stderr.strip().splitlines() or ["the copying process was stopped"])[-1]
        raise WriteFailedError(path=str(next(iter(targets.values())).parent), reason=reason)


def _sweep(folder: Path) -> None:
    """Remove what a killed process left half-copied."""
    for kind in ("snapshot", "schema"):
        for path in folder.glob(f".new-{kind}-*"):
            path.unlink(missing_ok=True)


def _prune(folder: Path, newest: Path, version: str) -> None:
    others = [path for path in newest_first(folder) if path != newest]
    same = [path for path in others if version_of(path, _NAME) == version]
    older = [path for path in others if path not in same]
    for path in [*same, *older[KEPT - 1 :]]:
        path.unlink(missing_ok=True)
        log_of(path).unlink(missing_ok=True)
