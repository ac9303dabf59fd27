"""Is a workbook's archive safe to open? Asked before any spreadsheet code sees it."""

import re
import zipfile
from pathlib import Path

from analytics.ingest import archives
from analytics.ingest.limits import Limits, RefusedError

_XML = (".xml", ".rels", ".vml")
_BINARY = ".bin"
_TAIL = 64
# One cell far to the right makes the reader ask for 16,384 columns times every row.
_BEYOND_COLUMN_500 = re.compile(rb' r="((?:[A-Z]{3}|[T-Z][A-Z]|S[G-Z])\d{1,7})"')
_LOCKED = b"manifest:encryption-data"


def check_workbook(path: Path, parts: list[zipfile.ZipInfo], limits: Limits) -> None:
    """Refuse an archive that unpacks to more than a workbook does, or that defines entities.

    The directory is checked first; then every part that is read is unpacked and counted, because
    the sizes in the directory can lie.

    Raises
    ------
    RefusedError
        ``encrypted``, ``inflated``, ``entities``, ``far_cell`` or ``damaged``.
    """
    archives.check_directory(path, parts, limits, limits.unpacked_bytes)
    for part in parts:
        name = part.filename.lower()
        if name.endswith((*_XML, _BINARY)):
            _check_part(path, part, limits, is_text=name.endswith(_XML))


def check_markup(content: bytes) -> None:
    """Refuse XML that defines words of its own: no spreadsheet program does, and bombs have to.

    Raises
    ------
    RefusedError
        ``entities``.
    """
    if b"\0" in content[:_TAIL]:  # UTF-16 would hide the words
        content = content.replace(b"\0", b"")
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise RefusedError("entities")


def check_cells(content: bytes) -> None:
    """Refuse a cell that is far to the right of any table.

    Raises
    ------
    RefusedError
        ``far_cell``.
    """
    if cell := _BEYOND_COLUMN_500.search(content):
        raise RefusedError("far_cell", value=cell[1].decode())


def _check_part(path: Path, part: zipfile.ZipInfo, limits: Limits, *, is_text: bool) -> None:
    name = part.filename.lower()
    tail = b""
    for chunk in archives.unpacked(path, part, limits):
        if not is_text:
            continue
        content = tail + chunk
        check_markup(content)
        if name.startswith("xl/worksheets/"):
            check_cells(content)
        if name == "meta-inf/manifest.xml" and _LOCKED in content:
            raise RefusedError("encrypted")
        tail = chunk[-_TAIL:]
