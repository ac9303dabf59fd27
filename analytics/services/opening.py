"""From an upload to its sheets: kept, unpacked, read, understood as remembered, cleaned."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import NamedTuple

import pandas as pd
import pyarrow as pa

from analytics import ingest
from analytics.errors import (
    AnalyticsError,
    EmptyFileError,
    FileTooBigError,
    UnknownMarketError,
    UnreadableFileError,
)
from analytics.progress import Progress, silent
from analytics.services import choices
from analytics.services.choices import Choice
from analytics.services.staging import Glimpse, Look, StagedSheet, Upload, Workdir
from analytics.store import SheetAccount, Store

Problem = tuple[str, AnalyticsError]
_BIG = 4 * 2**20  # bytes of a file that may hold more rows than are cleaned in no time


class Origin(NamedTuple):
    """Where a sheet is from, and how it is to be read."""

    sha256: str
    upload: int
    place: int
    shape: str
    choice: Choice
    is_remembered: bool = False
    is_chosen: bool = False
    existing: str = "replace"
    file_date: date | None = None


class Found(NamedTuple):
    """A sheet of one file, as text."""

    sha256: str
    place: int
    raw: ingest.RawSheet


@dataclass(frozen=True)
class Desk:
    """What reading needs to know beside the files."""

    store: Store
    workdir: Workdir
    said: Choice
    known: Mapping[str, Choice]
    today: date | None
    look: Look
    spare: ingest.Spare

    @cached_property
    def imports(self) -> dict[tuple[str, int], tuple[str, str]]:
        """Market and shop that were named for each sheet that stands, by bytes and place."""
        rows = self.store.readings()[["sha256", "place", "market", "shop"]].to_numpy()
        return {(sha256, int(place)): (market, shop) for sha256, place, market, shop in rows}

    def choice(self, recognition: ingest.Recognition, shape: str) -> tuple[Choice, bool]:
        """Return how a sheet is to be read, and whether that is remembered."""
        remembered = choices.fitting(recognition, shape, self.known)
        if remembered is None and (kept := self.store.mapping(shape)):
            remembered = choices.from_json(kept)
        return choices.merged(remembered, self.said), remembered is not None

    def glance(self, raw: ingest.RawSheet) -> None:
        """Show a sheet whose first rows were read."""
        recognition = ingest.recognise(raw)
        choice, _ = self.choice(recognition, choices.shape_of(recognition))
        self.look(Glimpse(raw, choices.understood(raw, choice)))


def opened(desk: Desk, upload: Upload, step: Progress) -> tuple[list[Found], list[Problem]]:
    """Return the sheets of an upload, and which of its files could not be read."""
    step(0, 1, "")
    found: list[Found] = []
    problems: list[Problem] = []
    folder = desk.workdir.path
    _, kept = desk.store.keep_raw(upload.data)
    try:
        files = ingest.unpacked(kept, upload.name, workdir=folder, progress=step)
    except (UnreadableFileError, FileTooBigError) as problem:
        return [], [(ingest.display_name(upload.name), problem)]
    for name, unpacked in files:
        sha256, path = desk.store.keep_raw(unpacked) if unpacked != kept else (kept.name, kept)
        if path.stat().st_size > _BIG:
            desk.spare.start()
        try:
            raws = ingest.read(path, name, workdir=folder, progress=step, first_look=desk.glance)
            if not raws:
                raise EmptyFileError(file=ingest.display_name(name))
        except (UnreadableFileError, FileTooBigError) as problem:
            problems.append((ingest.display_name(name), problem))
        else:
            found += [Found(sha256, place, raw) for place, raw in enumerate(raws)]
    return found, problems


def staged(desk: Desk, found: Found, upload: int, step: Progress) -> StagedSheet:
    """Return a sheet, cleaned as it was said, or remembered, or else as it looks."""
    automatic = ingest.recognise(found.raw)
    shape = choices.shape_of(automatic)
    choice, is_remembered = desk.choice(automatic, shape)
    choice = _as_imported(desk, found, choice)
    origin = Origin(found.sha256, upload, found.place, shape, choice, is_remembered)
    return cleaned(desk.store, found.raw, origin, desk.today, step, spare=desk.spare)


def _as_imported(desk: Desk, found: Found, choice: Choice) -> Choice:
    """Return the choice with market and shop of an import of the same bytes that stands, if any.

    What is remembered of other files of this shape may name another shop: the same file again must
    not become that one's.
    """
    earlier = desk.imports.get((found.sha256, found.place))
    if earlier is None:
        return choice
    said = desk.said
    return replace(choice, market=said.market or earlier[0], shop=said.shop or earlier[1])


def cleaned(
    store: Store,
    raw: ingest.RawSheet,
    origin: Origin,
    today: date | None,
    progress: Progress = silent,
    *,
    spare: ingest.Spare | None = None,
) -> StagedSheet:
    """Return a sheet as ``origin`` says that it is to be read; what hinders that is its problem."""
    recognition = choices.understood(raw, origin.choice)
    problem = _problem_of(raw, recognition, origin)
    if problem is not None:
        rows = _nothing_of(raw, recognition)
    else:
        rows = ingest.clean(
            raw,
            recognition,
            market=origin.choice.market or None,
            salt=store.salt,
            file_date=origin.file_date,
            today=today,
            spare=spare,
            progress=progress,
        )
    return StagedSheet(
        file=raw.file,
        sheet=raw.sheet,
        raw=raw,
        recognition=recognition,
        cleaned=rows,
        account=_nothing_loaded(raw, recognition, rows),
        problem=problem,
        **origin._asdict(),
    )


def _problem_of(
    raw: ingest.RawSheet, recognition: ingest.Recognition, origin: Origin
) -> AnalyticsError | None:
    """Return why a sheet cannot be cleaned as it is understood, if so."""
    is_dated = recognition.missing == ("date",) and origin.file_date is not None
    problem = None if is_dated else ingest.problem_of(raw, recognition)
    if problem is not None:
        return problem
    try:
        ingest.market_of(recognition.kind, origin.choice.market)
    except UnknownMarketError as unknown:
        return unknown
    return None


def _nothing_of(raw: ingest.RawSheet, recognition: ingest.Recognition) -> ingest.Cleaned:
    below = max(raw.rows - recognition.header_row - 1, 0)
    return ingest.Cleaned(
        rows=pa.table({"row_no": pa.array([], pa.int32())}),
        issues=pd.DataFrame(columns=["row", "column", "value", "code", "facts"]),
        rows_read=below,
        rows_ignored=below,
        notes=(),
    )


def _nothing_loaded(
    raw: ingest.RawSheet, recognition: ingest.Recognition, cleaned: ingest.Cleaned
) -> SheetAccount:
    return SheetAccount(
        import_id=0,
        file=raw.file,
        sheet=raw.sheet,
        kind=recognition.kind,
        columns=tuple(recognition.columns),
        rows_read=cleaned.rows_read,
        rows_new=0,
        rows_updated=0,
        rows_identical=0,
        rows_rejected=cleaned.rows_read,
        rows_ignored=0,
        covers_from=None,
        covers_to=None,
        same_as=None,
        rejects=cleaned.issues,
    )
