"""Files and sheets for the tests: made in memory, read without or with the child process."""

import io
import tempfile
import zipfile
from pathlib import Path

import pyarrow as pa
import xlsxwriter

from analytics.ingest import batches, worker
from analytics.ingest.limits import Limits
from analytics.ingest.reader import RawSheet, read, sheets_in


def workbook(**sheets):
    """Return an xlsx file's bytes; a sheet is a list of rows, None leaves a cell out."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(
        target, {"in_memory": True, "default_date_format": "yyyy-mm-dd hh:mm"}
    )
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for i, row in enumerate(rows):
            for j, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(i, j, cell)
                elif cell is not None:
                    sheet.write(i, j, cell)
    book.close()
    return target.getvalue()


def repacked(content, **changes):
    """Return an archive with some of its parts replaced: name -> bytes, ``/`` written as ``__``."""
    target = io.BytesIO()
    named = {name.replace("__", "/"): data for name, data in changes.items()}
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for part in old.namelist():
            new.writestr(part, named.pop(part, None) or old.read(part))
        for part, data in named.items():
            new.writestr(part, data)
    return target.getvalue()


def sheets_of(content, name="orders.csv", folder=None, limits=None):
    """Read bytes as the app does, in a child process."""
    folder = Path(folder or tempfile.mkdtemp())
    path = folder / "upload"
    path.write_bytes(content)
    return read(path, name, workdir=folder, limits=limits)


def read_here(content, name="orders.csv", limits=None):
    """Read bytes with the child's code in this process: for files that are known to be harmless."""
    folder = Path(tempfile.mkdtemp())
    path = folder / "upload"
    path.write_bytes(content)
    return sheets_in(worker.answer("read", path, folder, limits or Limits()), folder, name)


def raw(rows, file="orders.csv", sheet="orders", notes=()):
    """Return a sheet of text without any file format: a list of rows of equal or unequal length."""
    folder = Path(tempfile.mkdtemp())
    width = max(map(len, rows))
    columns = list(zip(*([*row, *[""] * (width - len(row))] for row in rows), strict=True))
    writer = batches.Writer(batches.Sheet(sheet, "sheet.arrow"), folder, Limits())
    writer.add(len(rows), columns)
    return as_raw(writer.close(), folder, file, notes)


def as_raw(found, folder, file, notes):
    head = tuple(tuple(row) for row in found.head)
    data = folder / found.data
    return RawSheet(file, found.sheet or "orders", data, found.rows, found.width, head, notes)


def cells(sheet):
    """Return a sheet's rows of text."""
    table = pa.ipc.open_file(pa.memory_map(str(sheet.data))).read_all()
    return [list(row.values())[1:] for row in table.to_pylist()]
