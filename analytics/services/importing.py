"""Is my data in, and is it right? Uploads are kept, read, cleaned, shown, and loaded as a whole."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from analytics import ingest
from analytics.i18n import Translator
from analytics.ingest import RawSheet, Recognition, display_name
from analytics.progress import Progress, silent
from analytics.services import choices, opening
from analytics.services.choices import GRAINS, Choice, spelled
from analytics.services.staging import Glimpse, Look, Staged, StagedSheet, Upload, Workdir
from analytics.store import SheetAccount, SheetLoad, Store

__all__ = [
    "GRAINS",
    "Choice",
    "Glimpse",
    "RawSheet",
    "Recognition",
    "SheetAccount",
    "Staged",
    "StagedSheet",
    "Upload",
    "Workdir",
    "display_name",
    "forget",
    "load",
    "mapping_file",
    "revise",
    "skus",
    "spelled",
    "stage",
    "weekly",
    "worded_issues",
]

_STEPS = 1_000  # of one file


def _ignore(_seen: Glimpse) -> None:
    """Let nobody look; the default."""


def stage(
    store: Store,
    uploads: Sequence[Upload],
    *,
    said: Choice | None = None,
    known: Mapping[str, Choice] | None = None,
    today: date | None = None,
    look: Look = _ignore,
    progress: Progress = silent,
) -> Staged:
    """Return what ``uploads`` hold and what loading them would do; nothing is loaded.

    Every file is kept in the workspace as it came before anything reads it. A zip is read file by
    file.

    Parameters
    ----------
    store : Store
        The workspace.
    uploads : sequence of Upload
        Files, in the order in which they are to be imported.
    said : Choice, optional
        What holds for all of them; it goes before what is remembered.
    known : mapping of str to Choice, optional
        How sheets of known shapes are read; it goes before what the workspace remembers.
    today : date, optional
        The day of the upload: sales and stock of later days are slips, and raw files that are older
        than the setting allows are deleted on loading. None = neither is looked at.
    look : callable
        Shown each sheet, and how it is understood, as soon as its first rows are read.
    progress : Progress
        Told the file in hand, in thousandths of a file.

    Raises
    ------
    UnknownMarketError
        The market that was said is no country that is known.
    ReadOnlyWorkspaceError
        The workspace only reads.
    WriteFailedError
        The disk refused to keep a file.
    """
    workdir = Workdir()
    sheets: list[StagedSheet] = []
    problems: list[opening.Problem] = []
    with ingest.Spare(workdir.path) as spare:
        desk = opening.Desk(store, workdir, said or Choice(), known or {}, today, look, spare)
        ingest.market_of("sales", desk.said.market)  # refused before anything is kept
        for done, upload in enumerate(uploads):
            step = _part_of(progress, done, len(uploads) + 1, ingest.display_name(upload.name))
            found, unread = opening.opened(desk, upload, step)
            problems += unread
            sheets += [opening.staged(desk, one, done, step) for one in found]
    step = _part_of(progress, len(uploads), len(uploads) + 1, "")
    return _accounted(store, Staged(tuple(sheets), tuple(problems), desk.workdir, today), step)


def revise(
    store: Store,
    staged: Staged,
    index: int,
    *,
    choice: Choice | None = None,
    existing: str | None = None,
    file_date: date | None = None,
    progress: Progress = silent,
) -> Staged:
    """Return ``staged`` with the sheet at ``index`` understood as the user says.

    None leaves a part as it was. An unknown market becomes the sheet's ``problem``.

    Parameters
    ----------
    choice : Choice, optional
        How the sheet is read; it replaces the earlier choice as a whole, and is remembered for
        files of the same shape once the sheet is loaded.
    existing : str, optional
        ``replace`` or ``add``: what happens to days that hold another value already.
    file_date : date, optional
        The day of a sheet without dates.
    progress : Progress
        Told the file in hand.
    """
    sheet = staged.sheets[index]
    origin = opening.Origin(
        sheet.sha256,
        sheet.upload,
        sheet.place,
        sheet.shape,
        sheet.choice if choice is None else choice,
        sheet.is_remembered and choice is None,
        sheet.is_chosen or choice is not None,
        existing or sheet.existing,
        file_date or sheet.file_date,
    )
    step = _part_of(progress, 0, 2, sheet.file)
    revised = opening.cleaned(store, sheet.raw, origin, staged.today, step)
    sheets = (*staged.sheets[:index], revised, *staged.sheets[index + 1 :])
    step = _part_of(progress, 1, 2, sheet.file)
    return _accounted(store, replace(staged, sheets=sheets), step)


def load(
    store: Store, staged: Staged, *, who: str = "", progress: Progress = silent
) -> list[SheetAccount]:
    """Load every staged sheet that is ready, all in one transaction; return the accounts.

    How the user wanted sheets to be read is remembered. Uploads that two looks found old
    are deleted.

    Raises
    ------
    ReadOnlyWorkspaceError
        The workspace only reads.
    WriteFailedError
        The disk refused; nothing was changed.
    Cancelled
        ``progress`` was asked to stop; nothing was changed.
    """
    ready = [sheet for sheet in staged.sheets if sheet.is_ready]
    accounts = (
        store.load([_sheet_load(one, who) for one in ready], progress=progress) if ready else []
    )
    for sheet in ready:
        if sheet.is_chosen and sheet.choice.is_made:
            store.save_mapping(sheet.shape, choices.to_json(sheet.choice))
    if staged.today is not None:
        store.sweep_raw(staged.today)
    return accounts


def forget(store: Store, sheet: StagedSheet) -> None:
    """Forget what was chosen for sheets of this shape; they are read as they look again."""
    store.forget_mapping(sheet.shape)


def mapping_file(sheets: Sequence[StagedSheet]) -> str:
    """Return how ``sheets`` are read, as a file for the command line."""
    chosen = {sheet.shape: choices.as_read(sheet.recognition, sheet.choice) for sheet in sheets}
    titles = {sheet.shape: f"{sheet.file} · {sheet.sheet}" for sheet in sheets}
    return choices.to_toml(chosen, titles)


def skus(sheet: StagedSheet) -> int:
    """Return how many SKUs a sheet names, compared without case."""
    rows = sheet.cleaned.rows
    return int(pc.count_distinct(rows["sku_key"]).as_py()) if "sku_key" in rows.column_names else 0


def weekly(sheet: StagedSheet) -> pd.DataFrame:
    """Return the units of a sales sheet: ``week`` (Monday), ``status``, ``units``.

    A week without a line is there with 0. Lines that are no product are left out; a month's total
    stands at its first week.
    """
    rows = sheet.cleaned.rows
    if sheet.recognition.kind != "sales" or not rows.num_rows:
        return pd.DataFrame(columns=["week", "status", "units"])
    week = pc.floor_temporal(rows["date"], unit="week")
    units = pa.table({"week": week, "status": rows["status"], "units": pc.abs(rows["quantity"])})
    sums = units.group_by(["week", "status"]).aggregate([("units", "sum")])
    found: pd.DataFrame = sums.rename_columns(["week", "status", "units"]).to_pandas()
    found = found[found["status"] != "not_product"]
    weeks = pd.to_datetime(found["week"])
    every = pd.date_range(weeks.min(), weeks.max(), freq="7D") if len(weeks) else []
    quiet = pd.DataFrame({"week": every, "status": "sold", "units": 0.0})
    quiet = quiet[~quiet["week"].isin(weeks)]
    return pd.concat([found.assign(week=weeks), quiet]).sort_values(["week", "status"])


def worded_issues(t: Translator, rejects: pd.DataFrame) -> pd.DataFrame:
    """Return rejected rows in words: ``row``, ``column``, ``value``, ``reason``."""
    reasons = [
        t(code, **_named(t, json.loads(facts)))
        for code, facts in zip(rejects["code"], rejects["facts"], strict=True)
    ]
    return rejects[["row", "column", "value"]].assign(reason=pd.Series(reasons, rejects.index, str))


def _named(t: Translator, facts: dict[str, object]) -> dict[str, object]:
    """Return facts with a column in words where the sheet has no header for it."""
    key = f"column.{facts.get('header')}"
    return {**facts, "header": t(key)} if t.has(key) else facts


def _part_of(progress: Progress, done: int, total: int, item: str) -> Progress:
    """Return a progress that tells its own parts as parts of step ``done`` of ``total``."""

    def report(part: int, parts: int, _item: str, /) -> None:
        within = _STEPS * part // max(parts, 1)
        progress(done * _STEPS + min(within, _STEPS), total * _STEPS, item)

    return report


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
        shop=sheet.choice.shop,
        rows=sheet.cleaned.rows,
        issues=sheet.cleaned.issues,
        rows_read=sheet.cleaned.rows_read,
        rows_ignored=sheet.cleaned.rows_ignored,
        mapping=_mapping(sheet),
        who=who,
        place=sheet.place,
        existing=sheet.existing,
    )


def _grain(sheet: StagedSheet) -> str:
    """Return what one row stands for; where nothing tells it, what the dates of the rows told."""
    rows = sheet.cleaned.rows
    if sheet.recognition.is_grain_told or "grain" not in rows.column_names or not rows.num_rows:
        return sheet.recognition.grain
    return ",".join(sorted(set(rows["grain"].unique().to_pylist())))


def _mapping(sheet: StagedSheet) -> dict[str, object]:
    """Return how the sheet is read: the same bytes read otherwise are not the same import."""
    recognition = sheet.recognition
    read = {
        "columns": choices.spelled(recognition, recognition.columns),
        "header_row": recognition.header_row,
        "grain": _grain(sheet),
        "market": ingest.market_of(recognition.kind, sheet.choice.market) or "",
        "days": _days(sheet.cleaned.rows),  # they may come from the file's name
    }
    decided = ("day_first", "decimal_mark", "time_zone", "currency")
    return read | {
        name: part for name in decided if (part := getattr(sheet.choice, name)) is not None
    }


def _days(rows: pa.Table) -> list[str]:
    if "date" not in rows.column_names:
        return []
    found = pc.min_max(rows["date"]).as_py()
    return [str(found["min"]), str(found["max"])]
