"""What waits between the reading of an upload and the user's word."""

import shutil
import tempfile
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import NamedTuple

from analytics import ingest
from analytics.errors import AnalyticsError, NotUnderstoodError
from analytics.services.choices import Choice
from analytics.store import SheetAccount

Remark = tuple[str, dict[str, object]]

# What the seller should see before the deed; all else can be looked up.
_STRIKING = frozenset(
    (
        "across_date",
        "across_market",
        "across_sku",
        "across_warehouse",
        "broken_units",
        "no_units_across",
        "not_split",
        "over_new_year",
        "also_found",
        "date_order_ambiguous",
        "dates_mended",
        "decimal_mark_ambiguous",
        "equal_lines",
        "finer_stands",
        "future_dates",
        "gap",
        "has_macros",
        "jump",
        "left_out_rows",
        "lines_gone",
        "lonely_date",
        "mixed_signs",
        "months_by_dates",
        "name_as_sku",
        "no_demand",
        "no_header",
        "offsets",
        "one_per_row",
        "price_jump",
        "remembered_market",
        "remembered_shop",
        "replaces_coarser",
        "rounded_orders",
        "rounded_skus",
        "signs_turned",
        "stock_not_taken",
        "two_currencies",
        "unknown_country",
        "unknown_status",
        "weeks_by_dates",
    )
)


class Glimpse(NamedTuple):
    """A sheet whose first rows were read, and how it is understood."""

    raw: ingest.RawSheet
    recognition: ingest.Recognition

    def family(self, language: str) -> str:
        """Return what readers of ``language`` call the kind of report that it is."""
        return ingest.family_title(self.recognition.family, language)


Look = Callable[[Glimpse], None]


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
    choice : Choice
        What a person decided about it, now or for an earlier file of the same shape.
    shape : str
        What files of the same shape share.
    is_remembered, is_chosen : bool
        Whether the choice is that of an earlier file; whether it was made for this one.
    existing : str
        What happens to cells that hold another value already: ``replace`` or ``add``.
    file_date : date or None
        The day that the user named for a sheet without dates.
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
    choice: Choice
    shape: str
    is_remembered: bool
    is_chosen: bool
    existing: str
    file_date: date | None
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

    @property
    def missing(self) -> tuple[str, ...]:
        """Required columns that were not found."""
        has_day = self.file_date is not None
        return tuple(one for one in self.recognition.missing if one != "date" or not has_day)

    @property
    def lacks_columns(self) -> bool:
        """Whether it looks like a table of ours in which required columns were not found."""
        return type(self.problem) is NotUnderstoodError

    @property
    def striking(self) -> list[Remark]:
        """What should be seen before the deed: codes and facts."""
        return [remark for remark in self._remarks if remark[0] in _STRIKING]

    @property
    def minor(self) -> list[Remark]:
        """What else was decided or left out: codes and facts."""
        return [remark for remark in self._remarks if remark[0] not in _STRIKING]

    @property
    def _remarks(self) -> list[Remark]:
        return [*self._remembered(), *self.cleaned.notes, *self.account.remarks]

    def _remembered(self) -> list[Remark]:
        """Return what was taken over from an earlier file and may be another one's."""
        named = {"market": self.choice.market, "shop": self.choice.shop}
        if not self.is_remembered or self.account.same_as:
            return []
        return [(f"remembered_{name}", {name: text}) for name, text in named.items() if text]

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
