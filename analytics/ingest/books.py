"""The small parts of an xlsx workbook, and workbooks of a few rows that are made with them."""

import io
import posixpath
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

import python_calamine as calamine

from analytics.ingest import archives, preflight
from analytics.ingest.limits import Limits

STRINGS = "xl/sharedStrings.xml"
_BOOK, _LINKS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
_SMALL = ("[Content_Types].xml", "_rels/.rels", _BOOK, _LINKS, "xl/styles.xml")
_AT_MOST = 2**23
_SHEET = (
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>',
    b"</sheetData></worksheet>",
)
_TEXTS = (b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">', b"</sst>")


class UncutError(Exception):
    """The workbook is written in a way that only the spreadsheet code itself knows to read."""


@dataclass(frozen=True, slots=True)
class Book:
    """A workbook without its cells: its small parts, and which part holds which sheet."""

    small: Mapping[str, bytes]
    parts: Mapping[str, zipfile.ZipInfo]
    homes: Mapping[str, str]

    @classmethod
    def of(cls, path: Path, parts: list[zipfile.ZipInfo], limits: Limits) -> "Book":
        """Return the workbook at ``path``.

        Raises
        ------
        UncutError
            A part is missing, or far larger than it is in other workbooks.
        RefusedError
            A part is damaged or hostile.
        """
        named = {part.filename: part for part in parts}
        if len(named) < len(parts):
            raise UncutError
        small = {}
        for name in _SMALL:
            if name in named:
                if named[name].file_size > _AT_MOST:
                    raise UncutError
                small[name] = b"".join(archives.unpacked(path, named[name], limits))
                preflight.check_markup(small[name])
        return cls(small, named, _homes(small))

    def about(self) -> list[calamine.SheetMetadata]:
        """Return what the workbook says about its sheets, without opening one."""
        return list(self._opened({}).sheets_metadata)

    def home(self, sheet: str) -> zipfile.ZipInfo:
        """Return the part that holds a sheet.

        Raises
        ------
        UncutError
            There is none.
        """
        part = self.parts.get(self.homes.get(sheet, ""))
        if part is None:
            raise UncutError
        return part

    def some(self, sheet: str, rows: bytes, texts: bytes | None = None) -> calamine.CalamineSheet:
        """Return ``sheet`` as if it held only ``rows``, and the workbook only ``texts``."""
        content = {self.homes[sheet]: rows.join(_SHEET)}
        if texts is not None:
            content[STRINGS] = texts.join(_TEXTS)
        return self._opened(content).get_sheet_by_name(sheet)

    def _opened(self, more: Mapping[str, bytes]) -> calamine.CalamineWorkbook:
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w") as archive:
            for name, content in {**self.small, **more}.items():
                archive.writestr(name, content)
        target.seek(0)
        try:
            return calamine.CalamineWorkbook.from_filelike(target)
        except calamine.CalamineError:
            raise UncutError from None


def _homes(small: Mapping[str, bytes]) -> dict[str, str]:
    """Return the part of each sheet, by the sheet's name."""
    try:
        book = ET.fromstring(small[_BOOK])  # noqa: S314 - without definitions, a few MB
        links = ET.fromstring(small[_LINKS])  # noqa: S314
    except (KeyError, ET.ParseError, ValueError, LookupError):
        raise UncutError from None
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    homes = {}
    for sheet in book.iterfind("{*}sheets/{*}sheet"):
        link = next((sheet.get(key) for key in sheet.keys() if key.endswith("}id")), None)  # noqa: SIM118
        target = targets.get(link, "")
        homes[sheet.get("name", "")] = posixpath.normpath(posixpath.join("/xl", target))[1:]
    return homes
