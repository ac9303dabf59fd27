"""Reads workbooks into text: xlsx slice by slice, all other kinds sheet by sheet."""

import shutil
import zipfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import python_calamine as calamine

from analytics.ingest import archives, cells, preflight, slices
from analytics.ingest.batches import BATCH, Sheet, Writer
from analytics.ingest.books import STRINGS, Book, UncutError
from analytics.ingest.limits import Limits, RefusedError
from analytics.ingest.telling import Teller

_BROKEN = (calamine.CalamineError, calamine.ZipError, calamine.XmlError, OSError)

Found = tuple[list[Sheet], list[str]]


def read(path: Path, kind: str, folder: Path, limits: Limits, teller: Teller) -> Found:
    """Write every visible sheet that holds something; return these and the names left out.

    ``kind`` is the ending that such files have: the spreadsheet code goes by it.

    Raises
    ------
    RefusedError
        The workbook is encrypted, damaged or beyond a limit.
    """
    try:
        with calamine.CalamineWorkbook.from_path(str(_named(path, kind, folder))) as workbook:
            return _read(workbook, folder, limits, teller)
    except calamine.PasswordError:
        raise RefusedError("encrypted") from None
    except _BROKEN:
        raise RefusedError("damaged") from None


def read_sliced(path: Path, folder: Path, limits: Limits, teller: Teller) -> Found:
    """Do the same for an xlsx workbook, with a few rows in memory at a time.

    Raises
    ------
    RefusedError
        The workbook is encrypted, damaged, hostile or beyond a limit.
    """
    parts = archives.parts_of(path)
    archives.check_directory(path, parts, limits, limits.unpacked_bytes)
    try:
        return _Sliced(path, folder, limits, teller).read(Book.of(path, parts, limits))
    except UncutError:
        preflight.check_workbook(path, parts, limits)
        return read(path, "xlsx", folder, limits, teller)


class _Sliced:
    """One xlsx workbook on its way through the slices."""

    def __init__(self, path: Path, folder: Path, limits: Limits, teller: Teller) -> None:
        self._path = path
        self._folder = folder
        self._limits = limits
        self._teller = teller

    def read(self, book: Book) -> Found:
        """Write the sheets of ``book``."""
        found: list[Sheet] = []
        skipped: list[str] = []
        sheets = book.about()
        tables = {about.name: book.home(about.name) for about in sheets if _is_table(about)}
        self._teller.expect(sum(part.file_size for part in tables.values()))
        strings = self._strings(book, next(iter(tables), ""))
        for index, about in enumerate(sheets):
            sheet = Sheet(about.name, f"sheet-{index}.arrow")
            if about.name in tables:
                writer = Writer(sheet, self._folder, self._limits, self._teller)
                rows = self._chunks(tables[about.name])
                slices.read(book, about.name, rows, strings, writer)
                writer.close()
            if sheet.width:
                found.append(sheet)
            else:
                skipped.append(about.name)
        return found, skipped

    def _strings(self, book: Book, sheet: str) -> slices.Strings:
        part = book.parts.get(STRINGS)
        chunks = archives.unpacked(self._path, part, self._limits) if part else iter((b"<sst/>",))
        return slices.Strings(book, sheet, chunks)

    def _chunks(self, part: zipfile.ZipInfo) -> Iterator[bytes]:
        for chunk in archives.unpacked(self._path, part, self._limits):
            yield chunk
            self._teller.did(len(chunk))


def _read(
    workbook: calamine.CalamineWorkbook, folder: Path, limits: Limits, teller: Teller
) -> Found:
    found: list[Sheet] = []
    skipped: list[str] = []
    sheets = workbook.sheets_metadata
    teller.expect(len(sheets))
    for index, about in enumerate(sheets):
        sheet = Sheet(about.name, f"sheet-{index}.arrow")
        if _is_table(about):
            writer = Writer(sheet, folder, limits, teller)
            _write(workbook.get_sheet_by_name(about.name), writer)
            writer.close()
        teller.did(1)
        if sheet.width:
            found.append(sheet)
        else:
            skipped.append(about.name)
    return found, skipped


def _write(sheet: calamine.CalamineSheet, writer: Writer) -> None:
    rows = sheet.iter_rows()
    left = sheet.start[1] if sheet.start else 0
    while chunk := list(islice(rows, BATCH)):
        columns = [cells.texts(column) for column in zip(*chunk, strict=True)]
        writer.add(len(chunk), [[""] * len(chunk)] * left + columns)


def _named(path: Path, kind: str, folder: Path) -> Path:
    """Return a name for ``path`` that ends as files of its kind do."""
    name = folder / f"source.{kind}"
    try:
        name.symlink_to(path.resolve())
    except OSError:  # not every system lets everybody make links
        shutil.copyfile(path, name)
    return name


def _is_table(about: calamine.SheetMetadata) -> bool:
    return (
        about.typ == calamine.SheetTypeEnum.WorkSheet
        and about.visible == calamine.SheetVisibleEnum.Visible
    )
