"""Workbooks of the rarer kinds, written by hand: xls, xlsb, ods; and parquet."""

import io
import struct
import zipfile
from xml.sax.saxutils import escape

import pyarrow as pa
import pyarrow.parquet as pq

SECTOR = 512
END, FREE, TABLE = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
_MANIFEST = '<?xml version="1.0"?><m:manifest xmlns:m="urn:oasis:manifest">%s</m:manifest>'
_OFFICE = "urn:oasis:names:tc:opendocument:xmlns"


def archive(parts, packing=zipfile.ZIP_DEFLATED):
    """Return a zip's bytes; parts are name -> bytes."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", packing) as out:
        for name, content in parts.items():
            out.writestr(name, content)
    return target.getvalue()


def compound(**streams):
    """Return a compound file's bytes: streams of at least 4,096 bytes, each in one chain."""
    streams = {name: content.ljust(4_096, b"\0") for name, content in streams.items()}
    counts = [-(-len(content) // SECTOR) for content in streams.values()]
    folders = -(-(len(streams) + 1) * 128 // SECTOR)
    tables = -(-(sum(counts) + folders + 4) // (SECTOR // 4))
    table = [TABLE] * tables
    starts = []
    for count in (folders, *counts):
        starts.append(len(table))
        table += [*range(len(table) + 1, len(table) + count), END]
    table += [FREE] * (tables * SECTOR // 4 - len(table))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16
    header += struct.pack(
        "<HHHHH6xIIIIIIIIII", 62, 3, 0xFFFE, 9, 6, 0, tables, starts[0], 0, 4096, END, 0, END, 0, 0
    )
    header = header[:-4] + struct.pack("<109I", *range(tables), *[FREE] * (109 - tables))
    entries = [_entry("Root Entry", 5, END, 0, child=1)]
    for i, (name, content) in enumerate(streams.items(), 1):
        right = i + 1 if i < len(streams) else FREE
        entries.append(_entry(name, 2, starts[i], len(content), right=right))
    body = struct.pack(f"<{len(table)}I", *table) + b"".join(entries).ljust(folders * SECTOR, b"\0")
    for content, count in zip(streams.values(), counts, strict=True):
        body += content.ljust(count * SECTOR, b"\0")
    return header + body


def _entry(name, kind, start, size, right=FREE, child=FREE):
    text = name.encode("utf-16-le") + b"\0\0"
    return text.ljust(64, b"\0") + struct.pack(
        "<HBBIII36xIII", len(text), kind, 1, FREE, right, child, start, size, 0
    )


def _record(code, content):
    return struct.pack("<HH", code, len(content)) + content


def xls(**sheets):
    """Return an xls file's bytes; a sheet is a list of rows of texts and numbers, None is blank."""
    return compound(Workbook=biff(sheets))


def biff(sheets, extra=b""):
    """Return the stream of an old workbook; ``extra`` records stand before the sheets' names."""
    names = [name.encode("latin-1") for name in sheets]
    bodies = [_biff_sheet(rows) for rows in sheets.values()]
    start = _record(0x809, struct.pack("<HHHHII", 0x600, 5, 0, 1997, 0, 6)) + extra
    start += _record(0x42, struct.pack("<H", 1200))
    offset = len(start) + sum(4 + 8 + len(name) for name in names) + 4
    for name, body in zip(names, bodies, strict=True):
        start += _record(0x85, struct.pack("<IBBBB", offset, 0, 0, len(name), 0) + name)
        offset += len(body)
    return start + _record(0x0A, b"") + b"".join(bodies)


def _biff_sheet(rows):
    records = [_record(0x809, struct.pack("<HHHHII", 0x600, 16, 0, 1997, 0, 6))]
    for i, row in enumerate(rows):
        for j, cell in enumerate(row):
            place = struct.pack("<HHH", i, j, 15)
            if isinstance(cell, str):
                text = cell.encode("utf-16-le")
                records.append(_record(0x204, place + struct.pack("<HB", len(cell), 1) + text))
            elif cell is not None:
                records.append(_record(0x203, place + struct.pack("<d", cell)))
    return b"".join([*records, _record(0x0A, b"")])


def xlsb_record(code, content=b""):
    """Return one record of a binary workbook."""
    kind = bytes([code]) if code < 128 else bytes([code & 0x7F | 0x80, code >> 7])
    size, left = b"", len(content)
    while True:
        size += bytes([left & 0x7F | (0x80 if left > 0x7F else 0)])
        left >>= 7
        if not left:
            return kind + size + content


def _wide(text):
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def xlsb(rows, name="Orders", area=(0, 9, 0, 9)):
    """Return an xlsb file's bytes with one sheet; ``area`` is what it says of its own extent."""
    book = b"".join(
        xlsb_record(code, content)
        for code, content in (
            (131, b""),
            (143, b""),
            (156, struct.pack("<II", 0, 1) + _wide("rId1") + _wide(name)),
            (144, b""),
            (132, b""),
        )
    )
    extent = xlsb_record(148, struct.pack("<4I", *area))
    records = [xlsb_record(129), extent, xlsb_record(145)]
    for i, row in enumerate(rows):
        records.append(xlsb_record(0, struct.pack("<I", i) + b"\0" * 13))
        for j, cell in enumerate(row):
            place = struct.pack("<II", j, 0)
            if isinstance(cell, str):
                records.append(xlsb_record(6, place + _wide(cell)))
            elif cell is not None:
                records.append(xlsb_record(5, place + struct.pack("<d", cell)))
    sheet = b"".join([*records, xlsb_record(146), xlsb_record(130)])
    return archive({**_XLSB, "xl/workbook.bin": book, "xl/worksheets/sheet1.bin": sheet})


_KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_LINK = f'<Relationship Id="rId1" Type="{_KIND}/%s" Target="%s"/>'
_LINKS = (
    '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
    'relationships">%s</Relationships>'
)
_XLSB = {
    "[Content_Types].xml": b'<?xml version="1.0"?><Types/>',
    "_rels/.rels": (_LINKS % (_LINK % ("officeDocument", "xl/workbook.bin"))).encode(),
    "xl/_rels/workbook.bin.rels": (
        _LINKS % (_LINK % ("worksheet", "worksheets/sheet1.bin"))
    ).encode(),
}


def ods(rows, name="Orders", manifest=""):
    """Return an ods file's bytes with one sheet of texts and numbers."""
    return ods_of(
        "".join(
            f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows
        ),
        name,
        manifest,
    )


def ods_of(body, name="Orders", manifest="", before=""):
    """Return an ods file's bytes with one sheet, its rows given as XML."""
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?>{before}<office:document-content '
        f'xmlns:office="{_OFFICE}:office:1.0" xmlns:table="{_OFFICE}:table:1.0" '
        f'xmlns:text="{_OFFICE}:text:1.0"><office:body><office:spreadsheet>'
        f'<table:table table:name="{name}">{body}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    return archive(
        {
            "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
            "META-INF/manifest.xml": (_MANIFEST % manifest).encode(),
            "content.xml": content.encode(),
        }
    )


def _ods_cell(cell):
    if cell is None:
        return "<table:table-cell/>"
    kind = "string" if isinstance(cell, str) else "float"
    value = "" if isinstance(cell, str) else f' office:value="{cell}"'
    text = f"<text:p>{escape(str(cell))}</text:p>"
    return f'<table:table-cell office:value-type="{kind}"{value}>{text}</table:table-cell>'


def parquet(**columns):
    """Return a parquet file's bytes; a column is a list or an Arrow array."""
    target = io.BytesIO()
    pq.write_table(pa.table(columns), target)
    return target.getvalue()
