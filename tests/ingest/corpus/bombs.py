"""Archives that stay below every limit for one part, or lie about what they hold."""

import io
import struct
import zipfile
import zlib

from tests.ingest.corpus.tools import DAMAGED, INFLATED, ROWS, add
from tests.ingest.making import workbook

LOCAL, ENTRY = struct.Struct("<4s5H3I2H"), struct.Struct("<4s6H3I5H2I")
BLANK = (
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    b"<sheetData>" + b" " * (10 * 2**20 - 300) + b"</sheetData></worksheet>"
)


def bomb_files():
    """Add what kept a reader busy for many seconds once, two megabytes or less each."""
    add("sheets below the limit.xlsx", lambda: sheets(190), INFLATED)
    add("packed size that lies.xlsx", lambda: sheets(190, claims=200_000), DAMAGED)
    add("parts that overlap.zip", lambda: nested(40), DAMAGED)
    add("a directory alone.xlsx", lambda: directory(100_000), INFLATED)


def sheets(count, claims=None):
    """Return a workbook of blank sheets of 10 MB each; ``claims`` are bytes said to be packed."""
    book = workbook(**{f"S{number}": ROWS for number in range(count)})
    with zipfile.ZipFile(io.BytesIO(book)) as good:
        parts = {name: good.read(name) for name in good.namelist()}
    blank = squeezed(BLANK)
    return written(
        [
            (name, *blank, claims) if name.startswith("xl/worksheets/") else (name, *small, None)
            for name, small in ((name, squeezed(content)) for name, content in parts.items())
        ]
    )


def nested(count):
    """Return a zip whose every member packs all that follow it, down to the same 9 MB of zeros.

    A member's bytes are a stored block that holds the next one's header, then the next one's bytes
    (D. Fifield, A better zip bomb, 2019).
    """
    crc, size, body = squeezed(bytes(9 * 2**20))
    inner, entries = b"", []
    plain = bytes(9 * 2**20)
    for number in reversed(range(count)):
        name = f"{number}.csv".encode()
        if inner:
            quoted = struct.pack("<BHH", 0, len(inner), len(inner) ^ 0xFFFF) + inner
            crc, size, body = zlib.crc32(plain, zlib.crc32(inner)), size + len(inner), quoted + body
            plain = inner + plain
        inner = LOCAL.pack(b"PK\3\4", 20, 0, 8, 0, 0, crc, len(body), size, len(name), 0) + name
        entries.append((name, crc, size, len(body)))
    whole = inner + body
    listed = [
        (name, crc, size, packed, len(whole) - packed - LOCAL.size - len(name))
        for name, crc, size, packed in entries
    ]
    return whole + ends(listed, len(whole))


def directory(count):
    """Return an archive of one header, and of a directory that names it again and again."""
    name = b"[Content_Types].xml"
    header = LOCAL.pack(b"PK\3\4", 20, 0, 0, 0, 0, 0, 0, 0, len(name), 0) + name
    return header + ends([(b"a", 0, 0, 0, 0)] * count, len(header))


def squeezed(content):
    """Return the checksum, the size and the packed bytes of a part."""
    squeezer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return zlib.crc32(content), len(content), squeezer.compress(content) + squeezer.flush()


def written(parts):
    """Return an archive of parts that are packed already; None claims what is true."""
    out, listed = bytearray(), []
    for name, crc, size, body, claims in parts:
        packed, at = claims or len(body), len(out)
        out += LOCAL.pack(b"PK\3\4", 20, 0, 8, 0, 0, crc, packed, size, len(name), 0)
        out += name.encode() + body
        listed.append((name.encode(), crc, size, packed, at))
    return bytes(out) + ends(listed, len(out))


def ends(listed, start):
    """Return the directory of an archive, in the long form where the short one has no room."""
    entries = b"".join(
        ENTRY.pack(b"PK\1\2", 20, 20, 0, 8, 0, 0, crc, packed, size, len(name), 0, 0, 0, 0, 0, at)
        + name
        for name, crc, size, packed, at in listed
    )
    count, many = len(listed), len(listed) > 0xFFFF
    long = struct.pack(
        "<4sQ2H2I4QIIQI", b"PK\6\6", 44, 45, 45, 0, 0, count, count, len(entries), start,
        int.from_bytes(b"PK\6\7", "little"), 0, start + len(entries), 1,
    )  # fmt: skip
    told = (0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF) if many else (count, count, len(entries), start)
    short = struct.pack("<4s2H2H2IH", b"PK\5\6", 0, 0, *told, 0)
    return entries + (long if many else b"") + short
