"""What a file is, by its bytes and not by its name."""

import re
import struct
import zipfile
from pathlib import Path

from analytics.ingest.limits import RefusedError

HEAD = 65_536
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_FOREIGN = {
    b"%PDF": "PDF",
    b"\x7fELF": "ELF",
    b"MZ": "EXE",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF8": "GIF",
    b"RIFF": "RIFF",
    b"BZh": "BZIP2",
    b"\x1f\x8b": "GZIP",
    b"7z\xbc\xaf\x27\x1c": "7Z",
    b"Rar!": "RAR",
    b"SQLite format 3": "SQLite",
    b"{\\rtf": "RTF",
}
_ARCHIVES = {"word/document.xml": "DOCX", "ppt/presentation.xml": "PPTX"}
_PAGE = re.compile(
    rb"\A\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*"
    rb"<(?:!doctype\s+html|html|head|body|table|meta|script|style|div|p\b)",
    re.IGNORECASE | re.DOTALL,
)
_MARKUP = re.compile(rb"\A\s*<(?:\?xml|!DOCTYPE|svg|rss)", re.IGNORECASE)
_OBJECT = re.compile(rb'\A\s*(?:\[\s*)?\{\s*(?:"|\})')
_TEXT_CONTROLS = b"\t\n\x0b\x0c\r\x1a\x1b"


def kind_of(path: Path) -> str:
    """Return ``workbook`` or ``text``.

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
    _refuse_foreign(head)
    return "text"


def is_binary(head: bytes) -> bool:
    r"""Return whether ``head`` holds more control characters than a text would.

    >>> is_binary(b"a,b\n1,2\n"), is_binary(bytes(range(256)))
    (False, True)
    """
    controls = sum(head.count(bytes([code])) for code in range(32) if code not in _TEXT_CONTROLS)
    return controls > 2 + len(head) // 200


def parts_of(path: Path) -> list[zipfile.ZipInfo]:
    """Return the directory of an archive.

    Raises
    ------
    RefusedError
        There is none: the file is cut off or damaged.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, struct.error):
        raise RefusedError("damaged") from None


def _refuse_foreign(head: bytes) -> None:
    if head.startswith(_OLE):
        _refuse_compound(head)
    if head.startswith(b"PAR1"):
        raise RefusedError("unsupported", found="Parquet")
    for magic, name in _FOREIGN.items():
        if head.startswith(magic):
            raise RefusedError("foreign", found=name)
    _refuse_markup(head.lstrip(b"\xef\xbb\xbf\xff\xfe").replace(b"\0", b""))


def _refuse_compound(head: bytes) -> None:
    """Tell an encrypted workbook from an old one by the names in the compound file's directory."""
    if "EncryptedPackage".encode("utf-16-le") in head:
        raise RefusedError("encrypted")
    if any(name.encode("utf-16-le") in head for name in ("Workbook", "Book")):
        raise RefusedError("unsupported", found="xls")
    raise RefusedError("foreign", found="OLE")


def _refuse_markup(text: bytes) -> None:
    if _PAGE.match(text):
        raise RefusedError("web_page")
    if _MARKUP.match(text):
        raise RefusedError("foreign", found="XML")
    if _OBJECT.match(text):
        raise RefusedError("foreign", found="JSON")


def _kind_of_archive(path: Path) -> str:
    names = {part.filename for part in parts_of(path)}
    if "xl/workbook.xml" in names:
        return "workbook"
    if "xl/workbook.bin" in names:
        raise RefusedError("unsupported", found="xlsb")
    if "content.xml" in names:
        raise RefusedError("unsupported", found="ods")
    raise RefusedError(
        "foreign", found=next((_ARCHIVES[n] for n in names & _ARCHIVES.keys()), "ZIP")
    )
