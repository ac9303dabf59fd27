"""What a file is, by its bytes and not by its name."""

import re
from pathlib import Path

from analytics.ingest import archives, compound
from analytics.ingest.limits import RefusedError

HEAD = 65_536
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PARQUET, _PARQUET_LOCKED = b"PAR1", b"PARE"
_FOREIGN = {b"%PDF": "PDF", b"{\\rtf": "RTF"}
_FOREIGN_BINARY = {
    b"\x7fELF": "ELF",
    b"MZ": "EXE",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF8": "GIF",
    b"RIFF": "RIFF",
    b"SQLite format 3": "SQLite",
}
_PACKED = {
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"7z\xbc\xaf\x27\x1c": "7z",
    b"Rar!": "rar",
    b"\xfd7zXZ": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
}
_TAR_AT, _TAR = 257, b"ustar"
_OLD_EXCEL = (b"\x09\x00\x04\x00", b"\x09\x02\x06\x00", b"\x09\x04\x06\x00", b"\x09\x08\x08\x00")
_FOREIGN_ARCHIVES = {"word/document.xml": "DOCX", "ppt/presentation.xml": "PPTX"}
_NUMBERS = ("Index.zip", "Index/Document.iwa")
_PAGE = re.compile(
    rb"\A\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*"
    rb"<(?:!doctype\s+html|html|head|body|table|meta|script|style|div|p\b)",
    re.IGNORECASE | re.DOTALL,
)
_MARKUP = re.compile(rb"\A\s*<(?:\?xml|!DOCTYPE|svg|rss|[\w:]*Workbook)", re.IGNORECASE)
_SPREADSHEET_2003 = re.compile(rb"urn:schemas-microsoft-com:office:spreadsheet|Excel\.Sheet")
_OBJECT = re.compile(rb'\A\s*(?:\[\s*)?\{\s*(?:"|\})')
_TEXT_CONTROLS = b"\t\n\x0b\x0c\r\x1a\x1b"


def kind_of(path: Path) -> str:
    """Return ``text``, ``xlsx``, ``xlsb``, ``ods``, ``xls``, ``parquet``, or ``zip`` of others.

    Raises
    ------
    RefusedError
        The bytes are empty, of another kind of file, or of a kind that is not read.
    """
    with path.open("rb") as file:
        head = file.read(HEAD)
    if not head.strip(b"\0 \t\r\n\xef\xbb\xbf\xfe\xff"):
        raise RefusedError("empty")
    if head.startswith(_ZIP):
        return _kind_of_archive(path)
    if head.startswith(_OLE):
        return _kind_of_compound(path)
    if head.startswith(_PARQUET):
        return "parquet"
    _refuse_foreign(head)
    return "text"


def is_binary(head: bytes) -> bool:
    r"""Return whether ``head`` holds more control characters than a text would.

    >>> is_binary(b"a,b\n1,2\n"), is_binary(bytes(range(256)))
    (False, True)
    """
    controls = sum(head.count(bytes([code])) for code in range(32) if code not in _TEXT_CONTROLS)
    return controls > 2 + len(head) // 200


def has_macros(path: Path, kind: str) -> bool:
    """Return whether a workbook carries macros; they are never run."""
    if kind == "xls":
        return "_VBA_PROJECT_CUR" in compound.names(path)
    return any(part.filename.endswith("vbaProject.bin") for part in archives.parts_of(path))


def _kind_of_archive(path: Path) -> str:
    names = {part.filename for part in archives.parts_of(path)}
    for name, kind in (
        ("xl/workbook.xml", "xlsx"),
        ("xl/workbook.bin", "xlsb"),
        ("content.xml", "ods"),
    ):
        if name in names:
            return kind
    for name, found in _FOREIGN_ARCHIVES.items():
        if name in names:
            raise RefusedError("foreign", found=found)
    if not names.isdisjoint(_NUMBERS):
        raise RefusedError("unsupported", found="Numbers")
    return "zip"


def _kind_of_compound(path: Path) -> str:
    """Tell an old workbook from an encrypted one, and both from letters and pictures."""
    names = compound.names(path)
    if "EncryptedPackage" in names:
        raise RefusedError("encrypted")
    if names.isdisjoint(("Workbook", "Book")):
        raise RefusedError("foreign", found="OLE")
    return "xls"


def _refuse_foreign(head: bytes) -> None:
    if head.startswith(_PARQUET_LOCKED):
        raise RefusedError("encrypted")
    if head.startswith(_OLD_EXCEL):
        raise RefusedError("unsupported", found="Excel 4")
    for magic, name in _FOREIGN.items():
        if head.startswith(magic):
            raise RefusedError("foreign", found=name)
    if is_binary(head):  # two letters may start a table's header just as well
        _refuse_binary(head)
    _refuse_markup(head.lstrip(b"\xef\xbb\xbf\xff\xfe").replace(b"\0", b""))


def _refuse_binary(head: bytes) -> None:
    for magic, name in _PACKED.items():
        if head.startswith(magic):
            raise RefusedError("packed", found=name)
    if head[_TAR_AT:].startswith(_TAR):
        raise RefusedError("packed", found="tar")
    for magic, name in _FOREIGN_BINARY.items():
        if head.startswith(magic):
            raise RefusedError("foreign", found=name)


def _refuse_markup(text: bytes) -> None:
    if _PAGE.match(text):
        raise RefusedError("web_page")
    if _MARKUP.match(text):
        if _SPREADSHEET_2003.search(text):
            raise RefusedError("unsupported", found="XML Spreadsheet 2003")
        raise RefusedError("foreign", found="XML")
    if _OBJECT.match(text):
        raise RefusedError("foreign", found="JSON")
