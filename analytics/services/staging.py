"""What waits between the reading of an upload and the user's word."""

import shutil
import tempfile
import weakref
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from analytics import ingest
from analytics.errors import AnalyticsError
from analytics.store import SheetAccount


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as the user named it, and its bytes or where they are."""

    name: str
    data: bytes | Path


@dataclass(frozen=True, slots=True, eq=False)
class StagedSheet:
    """One sheet, read and cleaned, and what loading it would do.

    Attributes
    ----------
    file, sheet : str
        Display names.
    sha256 : str
        Of the whole file, which is kept in the workspace.
    raw : RawSheet
        Its cells as text.
    recognition : Recognition
        How it is understood.
    cleaned : Cleaned
        Its rows; none if a required column is missing.
    account : SheetAccount
        What would become of its rows; all rejected if a required column is missing.
    market, shop : str
        What the user named for rows that name none; empty if nothing.
    place : int
        Which sheet of the file it is, from 0.
    problem : AnalyticsError or None
        Why the sheet cannot be loaded as it is understood.
    upload : int
        Which of the uploads it is from, from 0; their names may be equal.
    """

    file: str
    sheet: str
    sha256: str
    raw: ingest.RawSheet
    recognition: ingest.Recognition
    cleaned: ingest.Cleaned
    account: SheetAccount
    market: str
    shop: str
    place: int
    problem: AnalyticsError | None
    upload: int

    @property
    def has_rows(self) -> bool:
        """Whether any row is data, of use or not; a sheet without is not loaded."""
        return self.cleaned.rows_read > self.cleaned.rows_ignored

    @property
    def is_ready(self) -> bool:
        """Whether loading would take this sheet in."""
        return self.problem is None and self.has_rows

    def family(self, language: str) -> str:
        """Return what readers of ``language`` call the kind of report that it is."""
        return ingest.family_title(self.recognition.family, language)


class Workdir:
    """A private folder that goes when nobody refers to it any more."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="leeway-"))
        weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)


@dataclass(frozen=True, slots=True, eq=False)
class Staged:
    """An upload that waits for the user's word.

    Attributes
    ----------
    sheets : tuple of StagedSheet
        In the order of the files.
    problems : tuple of (str, AnalyticsError)
        Files that could not be read, and why; the others are not held up.
    today : date or None
        The day of the upload; None = nobody said.
    """

    sheets: tuple[StagedSheet, ...]
    problems: tuple[tuple[str, AnalyticsError], ...]
    workdir: Workdir
    today: date | None
