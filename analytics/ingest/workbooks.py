"""Reads workbooks into text, cell by cell as the cell was meant: 21844.0 is 21844 again."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import python_calamine as calamine

from analytics.ingest import batches
from analytics.ingest.limits import Limits, RefusedError

_LARGEST_WHOLE = 1e21  # beyond it a digit string would only pretend to be exact


def read(path: Path, folder: Path, limits: Limits) -> tuple[list[batches.Sheet], list[str]]:
    """Write every visible sheet that holds something; return these and the names left out.

    Raises
    ------
    RefusedError
        The workbook is encrypted, damaged or beyond a limit.
    """
    try:
        return _read(path, folder, limits)
    except calamine.PasswordError:
        raise RefusedError("encrypted") from None
    except (calamine.CalamineError, calamine.ZipError, calamine.XmlError):
        raise RefusedError("damaged") from None


def _read(path: Path, folder: Path, limits: Limits) -> tuple[list[batches.Sheet], list[str]]:
    found: list[batches.Sheet] = []
    skipped: list[batches.Sheet] = []
    with calamine.CalamineWorkbook.from_path(str(path)) as workbook:
        for index, about in enumerate(workbook.sheets_metadata):
            sheet = batches.Sheet(about.name, f"sheet-{index}.arrow")
            if _is_table(about):
                source = partial(_batches, workbook.get_sheet_by_name(about.name))
                batches.write(source, sheet, folder, limits)
            (found if sheet.width else skipped).append(sheet)
    return found, [sheet.sheet for sheet in skipped]


def _is_table(about: calamine.SheetMetadata) -> bool:
    return (
        about.typ == calamine.SheetTypeEnum.WorkSheet
        and about.visible == calamine.SheetVisibleEnum.Visible
    )


def _batches(sheet: calamine.CalamineSheet) -> Iterator[batches.Batch]:
    rows = sheet.iter_rows()
    while chunk := list(islice(rows, batches.BATCH)):
        yield batches.batch(len(chunk), [_texts(column) for column in zip(*chunk, strict=True)])


def _texts(cells: Sequence[Any]) -> Sequence[str]:
    """Return a column's cells as text; each distinct value is written once."""
    kinds = set(map(type, cells))
    if kinds == {str}:
        return cells
    if bool in kinds:  # True equals 1.0, so the two would share one text
        return [text(cell) for cell in cells]
    distinct = {cell: text(cell) for cell in set(cells)}
    return [distinct[cell] for cell in cells]


def text(cell: object) -> str:
    """Return one cell as text: whole numbers without a point, dates as ISO.

    >>> text(21844.0), text(2.95), text(datetime(2024, 5, 1, 10, 30)), text(date(2024, 5, 1))
    ('21844', '2.95', '2024-05-01 10:30:00', '2024-05-01')
    """
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < _LARGEST_WHOLE else repr(cell)
    return _moment(cell)


def _moment(cell: object) -> str:
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d}" if cell.time() == time() else cell.isoformat(" ", "seconds")
    if isinstance(cell, date | time | timedelta | int):
        return str(cell)
    return "" if cell is None else str(cell)
