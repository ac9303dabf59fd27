"""Backups: one zip with the whole database, what it is, and the hash that proves it."""

import hashlib
import json
import re
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

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
_NAME = re.compile(r"backup-(\d{8}T\d{6}\.\d{6}Z)-(\w+)\.zip")
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


def name_of(version: str, now: datetime) -> str:
    """Return the file name of a backup; names sort by time."""
    return f"backup-{now.astimezone(UTC).strftime(_STAMP)}-{version}.zip"


def newest_first(folder: Path) -> list[Path]:
    """Return the backups in ``folder``, newest first."""
    if not folder.is_dir():
        return []
    return sorted((path for path in folder.iterdir() if _NAME.fullmatch(path.name)), reverse=True)


def taken_at(path: Path) -> datetime:
    """Return when a backup was taken, by its name.

    >>> taken_at(Path("backup-20261122T170800.250000Z-9f3c.zip")).isoformat()
    '2026-11-22T17:08:00.250000+00:00'
    """
    match = _NAME.fullmatch(path.name)
    if match is None:
        raise ValueError(path.name)
    return datetime.strptime(match.group(1), _STAMP).replace(tzinfo=UTC)


def version_of(path: Path) -> str:
    """Return the data version of a backup, by its name."""
    match = _NAME.fullmatch(path.name)
    return match.group(2) if match else ""


def copies(folder: Path) -> list[tuple[Path, datetime]]:
    """Return all that a workspace can be restored from, with its time, newest first."""
    found = [(path, snapshots.taken_at(path)) for path in snapshots.newest_first(folder)]
    found += [(path, taken_at(path)) for path in newest_first(folder)]
    return sorted(found, key=lambda copy: copy[1], reverse=True)


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
        with archive.open(DATABASE) as file:
            for chunk in _chunks(file):
                digest.update(chunk)
        if digest.hexdigest() != manifest.sha256:
            raise BadBackupError(file=path.name, reason=f"{DATABASE}: sha256")
    return manifest


class _opened:  # noqa: N801 - reads like the function that it stands for
    """Open a zip; what is wrong with it, in our words."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> zipfile.ZipFile:
        try:
            self._archive = zipfile.ZipFile(self._path)
        except (OSError, zipfile.BadZipFile, ValueError) as fault:
            raise BadBackupError(file=self._path.name, reason=_reason(fault)) from fault
        return self._archive

    def __exit__(self, kind: object, fault: BaseException | None, trace: object) -> None:
        self._archive.close()
        broken = (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, EOFError, RuntimeError)
        if isinstance(fault, (*broken, ValueError)) and not isinstance(fault, BadBackupError):
            raise BadBackupError(file=self._path.name, reason=_reason(fault)) from fault


def _manifest(path: Path, archive: zipfile.ZipFile) -> Manifest:
    try:
        member = archive.getinfo(MANIFEST)
        if member.file_size > _MOST_MANIFEST:
            raise BadBackupError(file=path.name, reason=MANIFEST)
        with archive.open(member) as file:
            told = json.loads(file.read(_MOST_MANIFEST))
        manifest = Manifest(**told)
        if manifest.format != FORMAT or not _is_typed(manifest):
            raise BadBackupError(file=path.name, reason=MANIFEST)
    except (KeyError, TypeError, ValueError, zipfile.BadZipFile) as fault:
        if isinstance(fault, BadBackupError):
            raise
        raise BadBackupError(file=path.name, reason=MANIFEST) from fault
    known = len(sql_files.migrations())
    if manifest.schema > known:
        raise NewerBackupError(file=path.name, found=manifest.schema, known=known, reason="")
    return manifest


def _is_typed(manifest: Manifest) -> bool:
    numbers = (manifest.schema, manifest.imports, manifest.lines, manifest.size, manifest.raw)
    texts = (manifest.version, manifest.taken_at, manifest.sha256)
    return all(type(n) is int and n >= 0 for n in numbers) and all(
        isinstance(text, str) for text in texts
    )


def _members(path: Path, archive: zipfile.ZipFile, manifest: Manifest) -> list[zipfile.ZipInfo]:
    """Return the members, the database first; refuse a zip that holds anything else."""
    members = {info.filename: info for info in archive.infolist()}
    names = [info.filename for info in archive.infolist()]
    uploads = [name for name in names if _RAW.fullmatch(name)]
    strange = sorted(set(names) - {MANIFEST, DATABASE, *uploads})
    if strange or len(members) != len(names) or DATABASE not in members:
        reason = strange[0] if strange else DATABASE
        raise BadBackupError(file=path.name, reason=reason[:80])
    if len(uploads) != manifest.raw or members[DATABASE].file_size != manifest.size:
        raise BadBackupError(file=path.name, reason=MANIFEST)
    found = [members[DATABASE], *(members[name] for name in uploads)]
    for info in found:
        if info.file_size > max(_SMALL, info.compress_size * _MOST_RATIO):
            raise BadBackupError(file=path.name, reason=f"{info.filename[:80]}: {info.file_size}")
    free = shutil.disk_usage(path.parent).free
    if sum(info.file_size for info in found) > free:
        raise BadBackupError(file=path.name, reason=f"{manifest.size >> 20} MB > {free >> 20} MB")
    return found


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
    with archive.open(info) as source, target.open("wb") as file:
        for chunk in _chunks(source):
            written += len(chunk)
            if written > size:
                raise BadBackupError(file=path.name, reason=f"{info.filename}: > {size}")
            digest.update(chunk)
            file.write(chunk)
    return digest.hexdigest()


def _chunks(source: IO[bytes]) -> Iterator[bytes]:
    while chunk := source.read(_CHUNK):
        yield chunk


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _reason(fault: BaseException) -> str:
    return (str(fault).splitlines() or [type(fault).__name__])[0][:200]
