"""A lake: a folder of Parquet files that holds a workspace's history, and the list that proves it.

::

    manifest.json                                every file: rows, units, bytes, SHA-256
    sales/market=DE/year=2025/part-0.parquet     lines that stand, by day
    replaced/market=DE/year=2025/part-0.parquet  lines that do not: replaced, or taken back
    tables/imports.parquet                       every small table

Market and day stand in the files as well; the folders are for people and for other readers.
"""

import hashlib
import json
import os
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

from analytics.errors import BadLakeError, NewerLakeError
from analytics.progress import Progress, silent

FORMAT = "leeway-lake-1"
MANIFEST = "manifest.json"
PARTS = ("sales", "replaced")
# What is written beside the sales. Links that others hold, secrets and kept forecasts stay at home;
# what is derived is derived again.
TABLES = (
    "acts", "alert_acts", "aliases_lines", "bundles_lines", "covers", "events_lines", "grains",
    "imports", "judgements", "ledger_acts", "ledger_lines", "mappings", "markets_lines",
    "products_lines", "purchase_orders_lines", "rates_lines", "rejects", "routes_lines",
    "scenarios", "settings", "skus", "stock_lines",
)  # fmt: skip
_NAME = re.compile(
    r"(?:(?P<part>sales|replaced)/market=[\w.~%-]{1,200}/year=\d{4,5}/part-\d{1,6}"
    r"|tables/(?P<table>[a-z_]{1,40}))\.parquet",
    re.ASCII,
)
_DIGEST = re.compile(r"[0-9a-f]{64}")
_MOST_MANIFEST = 64 << 20  # bytes; a quarter of a million files
_MOST_NUMBER = 1 << 53


@dataclass(frozen=True, slots=True)
class LakeFile:
    """One file of a lake.

    Attributes
    ----------
    name : str
        Path within the lake.
    rows : int
    units : float
        Sum of the quantities; 0 for a small table.
    size : int
        In bytes.
    sha256 : str
    """

    name: str
    rows: int
    units: float
    size: int
    sha256: str

    @property
    def part(self) -> str:
        """``sales``, ``replaced`` or ``tables``."""
        return self.name.split("/", 1)[0]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a lake holds.

    Attributes
    ----------
    schema : int
        Shape of the workspace that it was written from.
    version : str
        The data version of that workspace.
    taken_at : str
        UTC, ISO 8601.
    imports : int
        Number of the last import whose sales are in it.
    first, last : str
        The first and last day of its sales, ISO 8601; empty without sales.
    files : tuple of LakeFile
    identity : str
        SHA-256 of the list itself, as it stands on the disk.
    """

    schema: int
    version: str
    taken_at: str
    imports: int
    first: str
    last: str
    files: tuple[LakeFile, ...]
    identity: str = ""
    format: str = FORMAT

    @property
    def lines(self) -> int:
        """Lines of sales that stand."""
        return sum(file.rows for file in self.files if file.part == "sales")

    @property
    def units(self) -> float:
        """Units on these lines, those that came back taken off."""
        return sum(file.units for file in self.files if file.part == "sales")

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)

    def paths(self, folder: Path, part: str) -> list[Path]:
        """Return the files of one part within ``folder``."""
        return [folder / file.name for file in self.files if file.part == part]

    def all_paths(self, folder: Path) -> list[Path]:
        """Return every file that a question may read within ``folder``."""
        parts = [path for part in PARTS for path in self.paths(folder, part)]
        return [*parts, folder / "tables" / "skus.parquet"]

    def as_json(self) -> bytes:
        """Return the list as it is written; its own hash is no part of it."""
        content = asdict(self)
        del content["identity"]
        return json.dumps(content, indent=1, ensure_ascii=False).encode()


def name_of(part: str, market: str, year: int, number: int) -> str:
    """Return where the lines of a market and a year lie.

    >>> name_of("sales", "DE", 2025, 0), name_of("sales", "a/b", 2025, 1)[:20]
    ('sales/market=DE/year=2025/part-0.parquet', 'sales/market=a%2Fb/y')
    """
    return f"{part}/market={quote(market, safe='')}/year={year:04d}/part-{number}.parquet"


def read(folder: Path) -> Manifest:
    """Return what the lake in ``folder`` says it holds; every file is there, at its size.

    Raises
    ------
    BadLakeError
        There is none, or a file of it is missing or of another size.
    NewerLakeError
        It was written by a newer version.
    """
    try:
        with (folder / MANIFEST).open("rb") as listed:
            content = listed.read(_MOST_MANIFEST)  # one that is longer breaks off
        facts = dict(json.loads(content))
    except OSError as fault:
        raise BadLakeError(folder=str(folder), reason=_reason(fault)) from fault
    except (ValueError, TypeError, RecursionError) as fault:
        raise BadLakeError(folder=str(folder), reason=MANIFEST) from fault
    found = str(facts.get("format"))
    if found != FORMAT and found.startswith("leeway-lake-"):
        raise NewerLakeError(folder=str(folder), found=found, known=FORMAT)
    try:
        manifest = _typed(facts, hashlib.sha256(content).hexdigest())
    except (ValueError, TypeError, KeyError, AttributeError) as fault:
        raise BadLakeError(folder=str(folder), reason=MANIFEST) from fault
    for file in manifest.files:
        _refuse_absent(folder, file)
    return manifest


def check(folder: Path, manifest: Manifest, progress: Progress = silent) -> None:
    """Read every file of a lake to its end and compare its SHA-256.

    Raises
    ------
    BadLakeError
        A file does not hold what was written to it.
    """
    for done, file in enumerate(manifest.files):
        progress(done, len(manifest.files), file.name)
        try:
            found = digest(folder / file.name)
        except OSError as fault:
            raise BadLakeError(
                folder=str(folder), reason=f"{file.name}: {fault.strerror}"
            ) from fault
        if found != file.sha256:
            raise BadLakeError(folder=str(folder), reason=f"{file.name}: sha256")
    progress(len(manifest.files), len(manifest.files), "")


def digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _typed(facts: dict[str, Any], identity: str) -> Manifest:
    """Return a list of which every fact is what it should be."""
    files = tuple(LakeFile(**file) for file in facts.pop("files"))
    manifest = Manifest(**facts, files=files, identity=identity)
    numbers = [manifest.schema, manifest.imports]
    numbers += [number for file in files for number in (file.rows, file.size)]
    days = [day for day in (manifest.first, manifest.last) if day]
    is_ours = (
        manifest.format == FORMAT
        and all(type(number) is int and 0 <= number <= _MOST_NUMBER for number in numbers)
        and all(_NAME.fullmatch(file.name) and _DIGEST.fullmatch(file.sha256) for file in files)
        and all(isinstance(file.units, int | float) for file in files)
        and len({file.name for file in files}) == len(files)
        and isinstance(manifest.version, str)
        and set(_tables(files)) == set(TABLES)
        and all(date.fromisoformat(day) for day in days)
    )
    if not is_ours:
        raise ValueError(MANIFEST)
    return manifest


def _tables(files: tuple[LakeFile, ...]) -> Iterator[str]:
    for file in files:
        match = _NAME.fullmatch(file.name)
        if match is not None and match["table"]:
            yield match["table"]


def _refuse_absent(folder: Path, file: LakeFile) -> None:
    """Refuse a lake of which a file is missing, of another size, or lies somewhere else."""
    path = folder / file.name
    try:
        size = path.stat().st_size
    except OSError as fault:
        raise BadLakeError(folder=str(folder), reason=f"{file.name}: {_reason(fault)}") from fault
    is_inside = os.path.realpath(path).startswith(os.path.realpath(folder) + os.sep)
    if size != file.size or not is_inside:
        raise BadLakeError(folder=str(folder), reason=f"{file.name}: {size} != {file.size}")


def _reason(fault: OSError) -> str:
    return fault.strerror or str(fault)
