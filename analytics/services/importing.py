"""Is my data in, and is it right? Uploads are kept, read, cleaned, shown, and loaded as a whole."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from analytics import ingest
from analytics.errors import (
    AnalyticsError,
    EmptyFileError,
    FileTooBigError,
    NotUnderstoodError,
    UnknownMarketError,
    UnreadableFileError,
)
from analytics.i18n import Translator
from analytics.progress import Progress, silent
from analytics.services.staging import Staged, StagedSheet, Upload, Workdir
from analytics.store import SheetAccount, SheetLoad, Store

__all__ = ["Staged", "StagedSheet", "Upload", "load", "revise", "skus", "stage", "worded_issues"]


class _Origin(NamedTuple):
    """Where a sheet is from, and what the user named for rows that name nothing."""

    sha256: str
    upload: int
    place: int
    market: str
    shop: str


def stage(
    store: Store,
    uploads: Sequence[Upload],
    *,
    kind: str | None = None,
    market: str | None = None,
    shop: str | None = None,
    today: date | None = None,
    progress: Progress = silent,
) -> Staged:
    """Return what ``uploads`` hold and what loading them would do; nothing is loaded.

    Every file is kept in the workspace as it came before anything reads it.

    Parameters
    ----------
    store : Store
        The workspace.
    uploads : sequence of Upload
        Files, in the order in which they are to be imported.
    kind : str, optional
        What they hold, a key of `schema.TABLES`; recognised if None.
    market, shop : str, optional
        For rows that name none; a market is a country or its code.
    today : date, optional
        The day of the upload: sales and stock of later days are slips, and raw files that are older
        than the setting allows are deleted on loading. None = neither is looked at.
    progress : Progress
        Told the file in hand.

    Raises
    ------
    UnknownMarketError
        ``market`` is no country that is known.
    ReadOnlyWorkspaceError
        The workspace only reads.
    WriteFailedError
        The disk refused to keep a file.
    """
    ingest.market_of("sales", market)  # refused before anything is kept
    workdir = Workdir()
    sheets: list[StagedSheet] = []
    problems: list[tuple[str, AnalyticsError]] = []
    for done, upload in enumerate(uploads):
        name = ingest.display_name(upload.name)
        step = _step_of(progress, done, len(uploads) + 1, name)
        step(0, 1, "")
        sha256, path = store.keep_raw(upload.data)
        try:
            raws = _sheets_of(path, upload.name, workdir, step)
        except (UnreadableFileError, FileTooBigError) as problem:
            problems.append((name, problem))
            continue
        for place, raw in enumerate(raws):
            origin = _Origin(sha256, done, place, market or "", shop or "")
            sheets.append(_cleaned(store, raw, ingest.recognise(raw, kind=kind), origin, today))
    step = _step_of(progress, len(uploads), len(uploads) + 1, "")
    return _accounted(store, Staged(tuple(sheets), tuple(problems), workdir, today), step)


def _sheets_of(path: Path, name: str, workdir: Workdir, step: Progress) -> list[ingest.RawSheet]:
    raws = ingest.read(path, name, workdir=workdir.path, progress=step)
    if not raws:
        raise EmptyFileError(file=ingest.display_name(name))
    return raws


def revise(
    store: Store,
    staged: Staged,
    index: int,
    *,
    kind: str | None = None,
    columns: Mapping[str, int] | None = None,
    market: str | None = None,
    shop: str | None = None,
) -> Staged:
    """Return ``staged`` with the sheet at ``index`` understood as the user says.

    None leaves a part as it was; an empty ``market`` or ``shop`` takes the user's word back.
    ``columns`` maps canonical names to column indices; all others are unmapped. An unknown market
    becomes the sheet's ``problem``.
    """
    sheet = staged.sheets[index]
    recognition = sheet.recognition
    if kind is not None or columns is not None:
        recognition = ingest.recognise(
            sheet.raw, kind=kind if kind is not None else recognition.kind, columns=columns
        )
    origin = _Origin(
        sheet.sha256,
        sheet.upload,
        sheet.place,
        sheet.market if market is None else market,
        sheet.shop if shop is None else shop,
    )
    revised = _cleaned(store, sheet.raw, recognition, origin, staged.today)
    sheets = (*staged.sheets[:index], revised, *staged.sheets[index + 1 :])
    return _accounted(store, replace(staged, sheets=sheets))


def load(
    store: Store, staged: Staged, *, who: str = "", progress: Progress = silent
) -> list[SheetAccount]:
    """Load every staged sheet that is ready, all in one transaction; return the accounts.

    Uploads that have been kept for long enough are deleted.

    Raises
    ------
    ReadOnlyWorkspaceError
        The workspace only reads.
    WriteFailedError
        The disk refused; nothing was changed.
    Cancelled
        ``progress`` was asked to stop; nothing was changed.
    """
    ready = [_sheet_load(sheet, who) for sheet in staged.sheets if sheet.is_ready]
    accounts = store.load(ready, progress=progress) if ready else []
    if staged.today is not None:
        store.sweep_raw(staged.today)
    return accounts


def skus(sheet: StagedSheet) -> int:
    """Return how many SKUs a sheet names, compared without case."""
    rows = sheet.cleaned.rows
    return int(pc.count_distinct(rows["sku_key"]).as_py()) if "sku_key" in rows.column_names else 0


def worded_issues(t: Translator, rejects: pd.DataFrame) -> pd.DataFrame:
    """Return rejected rows in words: ``row``, ``column``, ``value``, ``reason``."""
    reasons = [
        t(code, **json.loads(facts))
        for code, facts in zip(rejects["code"], rejects["facts"], strict=True)
    ]
    return rejects[["row", "column", "value"]].assign(reason=pd.Series(reasons, rejects.index, str))


def _step_of(progress: Progress, done: int, total: int, item: str) -> Progress:
    """Return a progress that tells each part of one step as that step."""

    def report(_done: int, _total: int, _item: str, /) -> None:
        progress(done, total, item)

    return report


def _cleaned(
    store: Store,
    raw: ingest.RawSheet,
    recognition: ingest.Recognition,
    origin: _Origin,
    today: date | None,
) -> StagedSheet:
    problem = _problem_of(raw, recognition, origin.market)
    if problem is not None:
        cleaned = _nothing_of(raw, recognition)
    else:
        market = origin.market or None
        cleaned = ingest.clean(raw, recognition, market=market, salt=store.salt, today=today)
    return StagedSheet(
        file=raw.file,
        sheet=raw.sheet,
        sha256=origin.sha256,
        raw=raw,
        recognition=recognition,
        cleaned=cleaned,
        account=_nothing_loaded(raw, recognition, cleaned),
        market=origin.market,
        shop=origin.shop,
        place=origin.place,
        problem=problem,
        upload=origin.upload,
    )


def _problem_of(
    raw: ingest.RawSheet, recognition: ingest.Recognition, market: str
) -> AnalyticsError | None:
    """Return why a sheet cannot be cleaned as it is understood, if so."""
    if recognition.missing:
        missing = ", ".join(recognition.missing)
        return NotUnderstoodError(file=raw.file, sheet=raw.sheet, missing=missing)
    try:
        ingest.market_of(recognition.kind, market)
    except UnknownMarketError as problem:
        return problem
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


def _accounted(store: Store, staged: Staged, progress: Progress = silent) -> Staged:
    """Return ``staged`` with what loading would do, in the order in which it would be done."""
    ready = [sheet for sheet in staged.sheets if sheet.is_ready]
    loads = [_sheet_load(sheet, "") for sheet in ready]
    told = store.load(loads, dry_run=True, progress=progress) if loads else []
    accounts = dict(zip(map(id, ready), told, strict=True))
    return replace(
        staged,
        sheets=tuple(
            replace(sheet, account=accounts.get(id(sheet), sheet.account))
            for sheet in staged.sheets
        ),
    )


def _sheet_load(sheet: StagedSheet, who: str) -> SheetLoad:
    return SheetLoad(
        file=sheet.file,
        sheet=sheet.sheet,
        sha256=sheet.sha256,
        kind=sheet.recognition.kind,
        family=sheet.recognition.family,
        shop=sheet.shop,
        rows=sheet.cleaned.rows,
        issues=sheet.cleaned.issues,
        rows_read=sheet.cleaned.rows_read,
        rows_ignored=sheet.cleaned.rows_ignored,
        mapping=_mapping(sheet),
        who=who,
        place=sheet.place,
    )


def _mapping(sheet: StagedSheet) -> dict[str, object]:
    """Return how the sheet is read: the same bytes read otherwise are not the same import."""
    recognition = sheet.recognition
    headers = dict(enumerate(recognition.headers))
    return {
        "columns": {name: headers.get(at, "") for name, at in recognition.columns.items()},
        "header_row": recognition.header_row,
        "grain": recognition.grain,
        "market": ingest.market_of(recognition.kind, sheet.market) or "",
        "days": _days(sheet.cleaned.rows),  # they may come from the file's name
    }


def _days(rows: pa.Table) -> list[str]:
    if "date" not in rows.column_names:
        return []
    found = pc.min_max(rows["date"]).as_py()
    return [str(found["min"]), str(found["max"])]
