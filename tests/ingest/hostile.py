"""Files that were made to break a reader, or that broke one by accident; all made here."""

import os
import struct

from tests.ingest.making import repacked, workbook
from tests.ingest.spreadsheets import compound

_NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_GOOD = workbook(Orders=[["date", "sku", "quantity"], ["2024-01-05", "A", 1]])
_SHEET = "xl__worksheets__sheet1.xml"
_STRINGS = "xl__sharedStrings.xml"


def _sheet(rows, before=""):
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{before}<worksheet xmlns="{_NAMESPACE}">'
        f"<sheetData>{rows}</sheetData></worksheet>"
    ).encode()


def _with_sheet(rows, before=""):
    return repacked(_GOOD, **{_SHEET: _sheet(rows, before)})


def _with_strings(content):
    return repacked(_GOOD, **{_STRINGS: content})


def _forged(content, part, size):
    """Return an archive whose directory lies about the size of ``part``."""
    data = bytearray(content)
    for magic, offset, name_at in ((b"PK\x03\x04", 22, 30), (b"PK\x01\x02", 24, 46)):
        at = data.find(magic)
        while at >= 0:
            if data[at + name_at : at + name_at + len(part)] == part.encode():
                data[at + offset : at + offset + 4] = struct.pack("<I", size)
            at = data.find(magic, at + 4)
    return bytes(data)


def _flagged(content):
    """Return an archive whose entries say that they are encrypted."""
    data = bytearray(content)
    for magic, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(magic)
        while at >= 0:
            data[at + offset] |= 1
            at = data.find(magic, at + 4)
    return bytes(data)


def _crowded():
    parts = {f"xl__media__{i}.xml": b"<a/>" for i in range(5_200)}
    return repacked(_GOOD, **parts)


def _archive(**parts):
    return repacked(_empty_archive(), **parts)


def _empty_archive():
    return b"PK\x05\x06" + b"\0" * 18


_FAR = (
    '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
)
_BOMB = b'<?xml version="1.0"?><sst xmlns="x"><si><t>' + b"A" * (200 * 2**20) + b"</t></si></sst>"
_ENTITIES = '<!DOCTYPE a [<!ENTITY b "bang"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504
_PAGE = b"<!DOCTYPE html><html><body><table><tr><td>sku</td></tr></table></body></html>"
_WIDE = ",".join(f"c{i}" for i in range(20_000)).encode()

# name as uploaded -> (bytes, the code of the refusal; None if it must be read)
FILES = {
    "far cell.xlsx": (_with_sheet(_FAR), "error.far_cell"),
    "far cell in disguise.xlsx": (_with_sheet(_FAR.replace('"', "'")), "error.too_much_memory"),
    "far row.xlsx": (
        _with_sheet(_FAR.replace("XFD", "SF")),
        "error.far_cell",
    ),
    "far cell without a place.xlsx": (
        _with_sheet("<row><c><v>1</v></c></row>" + "<row>" + "<c><v>1</v></c>" * 600 + "</row>"),
        "error.too_many_columns",
    ),
    "bomb.xlsx": (_with_strings(_BOMB), "error.inflated_file"),
    "bomb that lies.xlsx": (
        _forged(_with_strings(_BOMB), "xl/sharedStrings.xml", 4_000),
        "error.inflated_file",
    ),
    "count that lies.xlsx": (
        _with_strings(
            f'<sst xmlns="{_NAMESPACE}" count="4294967295" uniqueCount="4294967295"/>'.encode()
        ),
        "error.damaged_file",
    ),
    "entities.xlsx": (_with_sheet("<row/>", _ENTITIES), "error.entities_file"),
    "entities in utf-16.xlsx": (
        repacked(_GOOD, **{_SHEET: _sheet("<row/>", _ENTITIES).decode().encode("utf-16")}),
        "error.entities_file",
    ),
    "crowded.xlsx": (_crowded(), "error.inflated_file"),
    "locked.xlsx": (
        compound(EncryptedPackage=b"x", EncryptionInfo=b"y"),
        "error.encrypted_file",
    ),
    "locked parts.xlsx": (_flagged(_GOOD), "error.encrypted_file"),
    "cut off.xlsx": (_GOOD[: len(_GOOD) // 2], "error.damaged_file"),
    "broken stream.xlsx": (_GOOD.replace(_GOOD[60:90], os.urandom(30), 1), "error.damaged_file"),
    "broken xml.xlsx": (_with_sheet("<row><c r="), "error.damaged_file"),
    "deep.xlsx": (_with_sheet("<row>" * 100_000), "error.empty_file"),
    "old.xls": (_OLE + "Workbook".encode("utf-16-le") + b"\0" * 2000, "error.damaged_file"),
    "binary.xlsb": (_archive(**{"xl__workbook.bin": b"1"}), "error.damaged_file"),
    "sheet.ods": (_archive(**{"content.xml": b"<a/>"}), "error.damaged_file"),
    "table.parquet": (b"PAR1" + b"\0" * 100, "error.damaged_file"),
    "letter.docx": (_archive(**{"word__document.xml": b"<a/>"}), "error.not_a_spreadsheet"),
    "files.zip": (_archive(**{"a.csv": b"a,b\n1,2\n"}), None),
    "empty.zip": (_empty_archive(), "error.empty_file"),
    "page.xls": (_PAGE, "error.web_page"),
    "page.csv": (b"\xef\xbb\xbf\n  " + _PAGE.lower(), "error.web_page"),
    "login.csv": (b"<?xml version='1.0'?>\n<html><head></head></html>", "error.web_page"),
    "table.xls": (
        b'<?xml version="1.0"?><Workbook><Worksheet/></Workbook>',
        "error.not_a_spreadsheet",
    ),
    "answer.csv": (b'{"error": "not logged in"}', "error.not_a_spreadsheet"),
    "report.csv": (b"%PDF-1.7\n" + b"1 0 obj\n" * 100, "error.not_a_spreadsheet"),
    "program.csv": (b"\x7fELF" + bytes(range(256)), "error.not_a_spreadsheet"),
    "picture.xlsx": (b"\x89PNG\r\n\x1a\n" + bytes(200), "error.not_a_spreadsheet"),
    "noise.csv": (bytes(range(1, 32)) * 500, "error.binary_file"),
    "empty.csv": (b"", "error.empty_file"),
    "empty.xlsx": (workbook(Sheet1=[]), "error.empty_file"),
    "blank.csv": (b"\xef\xbb\xbf \r\n\t\n", "error.empty_file"),
    "nothing.csv": (b"\0" * 5_000, "error.empty_file"),
    "separators.csv": (b",,,\n,,,\n", "error.empty_file"),
    "nul.csv": (b"date,sku,quantity\n2024-01-05,A\0B,1\n", None),
    "wide.csv": (_WIDE + b"\n" + _WIDE, "error.too_many_columns"),
    "long cell.csv": (b"sku,name\nA," + b"x" * (10 * 2**20) + b"\n", "error.long_cell"),
    "open quote.csv": (b'sku,name\nA,"' + b"x,y\n" * 1_000, None),
    "formulas.csv": (b"sku,name\n=cmd|'/C calc'!A0,@SUM(1)\n", None),
    "one column.txt": (b"hello\nworld\n", None),
}
