"""Backups: one zip with the whole database, what it is, and the hash that proves it."""

import hashlib
import io
import json
import re
import shutil
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from analytics.errors import BadBackupError, NewerBackupError
from analytics.store import durable, snapshots, sql_files

FORMAT = "leeway-backup"
DATABASE = "leeway.duckdb"
MANIFEST = "manifest.json"
_CHUNK = 1 << 20  # bytes
_MOST_MANIFEST = 1 << 16  # bytes
_MOST_RATIO = 200  # unpacked to packed; databases reach 30, small empty ones more
_SMALL = 100 << 20  # bytes below which no ratio is looked at
_STAMP = "%Y%m%dT%H%M%S.%fZ"
_MOST_NUMBER = 1 << 53  # what a count or a size can be
_MOST_MEMBERS = 20_000
_MOST_AT_ONCE = 4 << 20  # bytes; the list of that many members has fewer
_HOW_PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_NAME = re.compile(r"(backup|nightly)-(\d{8}T\d{6}\.\d{6}Z)-(\w+)\.zip", re.ASCII)
_VERSION = re.compile(r"\w{1,64}", re.ASCII)
_DIGEST = re.compile(r"[0-9a-f]{64}")
_RAW = re.compile(r"raw/([0-9a-f]{2})/(\1[0-9a-f]{62})")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds.

    Attributes
    ----------
    schema : int
        Version of the database's shape.
    version : str
        The data version.
    taken_at : str
        UTC, ISO 8601.
    imports, lines : int
        Imports in the history, taken back or not; lines of sales that stand.
    sha256 : str
        Of the database.
    size : int
        Of the database, in bytes.
    raw : int
        Uploads that are in it as they came.
    """

    schema: int
    version: str
    taken_at: str
    imports: int
    lines: int
    sha256: str
    size: int
    raw: int = 0
    format: str = FORMAT


@dataclass(frozen=True, slots=True)
class Unpacked:
    """A backup that was taken out of its zip, and proved."""

    manifest: Manifest | None
    database: Path
    raw: tuple[Path, ...]


def name_of(version: str, now: datetime, *, nightly: bool = False, number: int = 0) -> str:
    """Return the file name of a backup; those of the night are told apart from those by hand.

    Those that older versions made have no number.
    """
    kind = "nightly" if nightly else "backup"
    numbered = f"{version}_{number}" if number else version
    return f"{kind}-{now.astimezone(UTC).strftime(_STAMP)}-{numbered}.zip"


def path_in(folder: Path, version: str, now: datetime, *, nightly: bool = False) -> Path:
    """Return the path of the next backup in ``folder``."""
    number = snapshots.next_number(folder)
    return folder / name_of(version, now, nightly=nightly, number=number)


def newest_first(folder: Path, *, nightly: bool = False) -> list[Path]:
    """Return the backups in ``folder``, or only those of the nights, newest first.

    Their numbers decide, so that a clock that was ahead does not; those of older versions, which
    have none, come last, by their time. What is named like one, with a time that never was, is
    none.
    """
    if not folder.is_dir():
        return []
    names = ((path, _NAME.fullmatch(path.name)) for path in folder.iterdir())
    wanted = [path for path, name in names if name and (not nightly or name[1] == "nightly")]
    timed = [path for path in wanted if snapshots.time_of(path, _NAME) is not None]
    return sorted(timed, key=_order, reverse=True)


def _order(path: Path) -> tuple[int, datetime, str]:
    return snapshots.order_of(path, taken_at(path))


def taken_at(path: Path) -> datetime:
    """Return when a backup was taken, by its name.

    >>> taken_at(Path("backup-20261122T170800.250000Z-9f3c.zip")).isoformat()
    '2026-11-22T17:08:00.250000+00:00'
    """
    time = snapshots.time_of(path, _NAME)
    if time is None:
        raise ValueError(path.name)
    return time


def version_of(path: Path) -> str:
    """Return the data version of a backup, by its name."""
    return snapshots.version_of(path, _NAME)


def copies(folder: Path) -> list[tuple[Path, datetime]]:
    """Return all that a workspace can be restored from, with its time, newest first."""
    found = [(path, snapshots.taken_at(path)) for path in snapshots.newest_first(folder)]
    found += [(path, taken_at(path)) for path in newest_first(folder)]
    return sorted(found, key=lambda copy: snapshots.order_of(*copy), reverse=True)


def write(
    database: Path, target: Path, facts: dict[str, Any], raw: Sequence[Path] = ()
) -> Manifest:
    """Write ``database``, a copy that nobody changes, into the zip ``target``; return what it is.

    Raises
    ------
    WriteFailedError
        The disk refused; there is no half file.
    """
    manifest = Manifest(
        **facts, sha256=_digest(database), size=database.stat().st_size, raw=len(raw)
    )
    with (
        durable.made_aside(target) as file,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
    ):
        archive.writestr(MANIFEST, json.dumps(asdict(manifest), indent=1))
        archive.write(database, DATABASE)
        for path in raw:
            archive.write(path, f"raw/{path.parent.name}/{path.name}")
    return manifest


def read(path: Path) -> Manifest:
    """Return what a backup says it holds.

    Raises
    ------
    BadBackupError
        It is none of ours.
    NewerBackupError
        It was written by a newer version.
    """
    with _opened(path) as archive:
        return _manifest(path, archive)


def unpack(path: Path, folder: Path) -> Unpacked:
    """Take a backup out of its zip into a new folder within ``folder``, and prove it.

    No name of the zip becomes a path: the members are known, uploads are named by their hashes.

    Raises
    ------
    BadBackupError
        It is none of ours, or what is in it is not what it says.
    NewerBackupError
        It was written by a newer version.
    WriteFailedError
        The disk refused.
    """
    with durable.refused_by_disk(folder):
        home = Path(tempfile.mkdtemp(dir=folder, prefix="unpacked-"))
    with _opened(path) as archive:
        manifest = _manifest(path, archive)
        members = _members(path, archive, manifest)
        database = home / DATABASE
        with durable.refused_by_disk(folder):
            digest = _extract(path, archive, members[0], database, manifest.size)
            if digest != manifest.sha256:
                raise BadBackupError(file=path.name, reason=f"{DATABASE}: sha256")
            raw = tuple(_uploads(path, archive, members[1:], home))
    return Unpacked(manifest, database, raw)


def prove(path: Path) -> Manifest:
    """Read a backup to its end without unpacking it to disk; return what it is.

    Raises
    ------
    BadBackupError
        What is in it is not what it says.
    """
    with _opened(path) as archive:
        manifest = _manifest(path, archive)
        _members(path, archive, manifest)
        digest = hashlib.sha256()
        for chunk in _chunks(path, archive, archive.getinfo(DATABASE)):
            digest.update(chunk)
        if digest.hexdigest() != manifest.sha256:
            raise BadBackupError(file=path.name, reason=f"{DATABASE}: sha256")
    return manifest


# What the reader of zips raises for what is no zip, or a broken one.
_BROKEN = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OverflowError,
    RuntimeError,
    ValueError,
    OSError,
)


class _Sparing(io.BufferedReader):
    """A file of which nobody reads so much at once as an endless list of members would take."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > _MOST_AT_ONCE:
            raise zipfile.BadZipFile(size)
        return super().read(size)


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """Open a zip; what is wrong with it, in our words."""
    try:
        with _Sparing(io.FileIO(path)) as file, zipfile.ZipFile(file) as archive:
            yield archive
    except BadBackupError:
        raise
    except _BROKEN as fault:
        raise BadBackupError(file=path.name, reason=_reason(fault)) from fault


def _manifest(path: Path, archive: zipfile.ZipFile) -> Manifest:
    try:
        member = archive.getinfo(MANIFEST)
        if member.file_size > _MOST_MANIFEST or member.compress_type not in _HOW_PACKED:
            raise BadBackupError(file=path.name, reason=MANIFEST)
        with archive.open(member) as file:
            manifest = _typed(Manifest(**json.loads(file.read(_MOST_MANIFEST))))
    except (KeyError, TypeError, *_BROKEN) as fault:
        if isinstance(fault, BadBackupError):
            raise
        raise BadBackupError(file=path.name, reason=MANIFEST) from fault
    known = len(sql_files.migrations())
    if manifest.schema > known:
        raise NewerBackupError(file=path.name, found=manifest.schema, known=known, reason="")
    return manifest


def _typed(manifest: Manifest) -> Manifest:
    """Return a manifest of which every fact is what it should be; its time as we write it."""
    numbers = (manifest.schema, manifest.imports, manifest.lines, manifest.size, manifest.raw)
    if not all(type(number) is int and 0 <= number <= _MOST_NUMBER for number in numbers):
        raise ValueError("number")
    if not (_VERSION.fullmatch(manifest.version) and _DIGEST.fullmatch(manifest.sha256)):
        raise ValueError("hash")
    if manifest.format != FORMAT:
        raise ValueError("format")
    time = datetime.fromisoformat(manifest.taken_at)
    time = time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    return replace(manifest, taken_at=time.isoformat(timespec="seconds"))


def _members(path: Path, archive: zipfile.ZipFile, manifest: Manifest) -> list[zipfile.ZipInfo]:
    """Return the members, the database first; refuse a zip that holds anything else."""
    members = {info.filename: info for info in archive.infolist()}
    names = [info.filename for info in archive.infolist()]
    if len(names) > _MOST_MEMBERS:
        raise BadBackupError(file=path.name, reason=f"{len(names)} > {_MOST_MEMBERS}")
    uploads = [name for name in names if _RAW.fullmatch(name)]
    strange = sorted(set(names) - {MANIFEST, DATABASE, *uploads})
    if strange or len(members) != len(names) or DATABASE not in members:
        reason = strange[0] if strange else DATABASE
        raise BadBackupError(file=path.name, reason=reason[:80])
    if len(uploads) != manifest.raw or members[DATABASE].file_size != manifest.size:
        raise BadBackupError(file=path.name, reason=MANIFEST)
    found = [members[DATABASE], *(members[name] for name in uploads)]
    _refuse_bombs(path, found)
    return found


def _refuse_bombs(path: Path, members: Sequence[zipfile.ZipInfo]) -> None:
    for info in members:
        too_big = info.file_size > max(_SMALL, info.compress_size * _MOST_RATIO)
        if too_big or info.compress_type not in _HOW_PACKED:
            raise BadBackupError(file=path.name, reason=f"{info.filename[:80]}: {info.file_size}")
    size, free = sum(info.file_size for info in members), shutil.disk_usage(path.parent).free
    if size > free:
        raise BadBackupError(file=path.name, reason=f"{size >> 20} MB > {free >> 20} MB")


def _uploads(
    path: Path, archive: zipfile.ZipFile, members: Sequence[zipfile.ZipInfo], home: Path
) -> Iterator[Path]:
    for number, info in enumerate(members):
        target = home / f"raw-{number}"
        if _extract(path, archive, info, target, info.file_size) != info.filename[7:]:
            raise BadBackupError(file=path.name, reason=info.filename)
        yield target


def _extract(
    path: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path, size: int
) -> str:
    """Write a member to ``target``, no more than ``size`` bytes; return its SHA-256."""
    digest, written = hashlib.sha256(), 0
    with target.open("wb") as file:
        for chunk in _chunks(path, archive, info):
            written += len(chunk)
            if written > size:
                raise BadBackupError(file=path.name, reason=f"{info.filename}: > {size}")
            digest.update(chunk)
            file.write(chunk)
    return digest.hexdigest()


def _chunks(path: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield what a member holds; a disk that cannot be read is not one that cannot be written."""
    try:
        with archive.open(info) as source:
            while chunk := source.read(_CHUNK):
                yield chunk
    except OSError as fault:
        raise BadBackupError(file=path.name, reason=_reason(fault)) from fault


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _reason(fault: BaseException) -> str:
    return (str(fault).splitlines() or [type(fault).__name__])[0][:200]
