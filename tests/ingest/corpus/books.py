"""Hostile and broken xls, xlsb and ods files."""

import io
import struct
import zipfile

from tests.ingest.corpus.tools import (
    ANY,
    DAMAGED,
    EMPTY,
    ENTITIES,
    FAR,
    FOREIGN,
    INFLATED,
    LAUGHS,
    LOCKED,
    LONG,
    MEMORY,
    ROWS,
    TALL,
    WIDE,
    XXE,
    add,
    cut,
    flipped,
    patched,
)
from tests.ingest.making import repacked
from tests.ingest.spreadsheets import END, biff, compound, ods, ods_of, xls, xlsb, xlsb_record


def chained(content, sector, value):
    """Return a compound file one of whose sectors is followed by another one."""
    data = bytearray(content)
    struct.pack_into("<I", data, 512 + 4 * sector, value)
    return bytes(data)


def xls_files():
    good = xls(Orders=ROWS)
    add("good.xls", good)
    add("circle.xls", chained(good, 3, 2), DAMAGED)
    add("circle of one.xls", chained(good, 4, 4), DAMAGED)
    add("circle in the directory.xls", chained(good, 1, 1), DAMAGED)
    add("chain that leaves.xls", chained(good, 3, 10**6), DAMAGED)
    add("chain that ends early.xls", chained(good, 2, END), frozenset({None, DAMAGED, EMPTY}))
    add("sector of a byte.xls", patched(good, 30, "<H", 0), DAMAGED)
    add("sector of two gigabytes.xls", patched(good, 30, "<H", 31), DAMAGED)
    add("table of 4 billion.xls", patched(good, 44, "<I", 0xFFFFFFF0), frozenset({None, DAMAGED}))
    add("tables in a circle.xls", patched(good, 68, "<II", 0, 2**31), DAMAGED)
    add("directory far away.xls", patched(good, 48, "<I", 2**24), DAMAGED)
    add("only a header.xls", good[:512], DAMAGED)
    add(
        "locked.old.xls",
        compound(Workbook=biff({"S": ROWS}, extra=b"\x2f\x00\x06\x00" + b"\1" * 6)),
        LOCKED,
    )
    add("letter.doc.xls", compound(WordDocument=b"x"), FOREIGN)
    add("nothing in it.xls", compound(Workbook=b""), frozenset({DAMAGED, EMPTY}))
    book = biff({"Orders": ROWS})
    add(
        "sheet beyond the end.xls",
        compound(Workbook=patched(book, book.index(b"\x85\x00") + 4, "<I", 2**31)),
        DAMAGED,
    )
    far = struct.pack("<HHHHHd", 0x203, 14, 65535, 255, 15, 1.0)
    add(
        "far cell.xls",
        compound(Workbook=book[:-4] + far + book[-4:]),
        frozenset({None, FAR, MEMORY}),
    )
    add(
        "text longer than its record.xls",
        compound(
            Workbook=book.replace(
                struct.pack("<HB", 4, 1) + b"d", struct.pack("<HB", 65000, 1) + b"d"
            )
        ),
        frozenset({None, DAMAGED}),
    )
    add(
        "record longer than the file.xls",
        compound(Workbook=book[:-4] + b"\x04\x02\xff\xff"),
        frozenset({None, DAMAGED}),
    )
    texts = struct.pack("<HHII", 0xFC, 8, 2**32 - 1, 2**32 - 1)
    add(
        "4 billion texts.xls",
        compound(Workbook=biff({"Orders": ROWS}, extra=texts)),
        frozenset({None, DAMAGED, MEMORY}),
    )
    for i, share in enumerate((0.3, 0.6, 0.9)):
        add(f"cut {i}.xls", cut(good, share), ANY)
    for seed in range(4):
        add(f"flipped {seed}.xls", flipped(good, seed, 6), ANY)


def xlsb_files():
    good = xlsb(ROWS)
    add("good.xlsb", good)
    add("giant extent.xlsb", xlsb(ROWS, area=(0, 1_048_575, 0, 16_383)), frozenset({None, MEMORY}))
    add(
        "impossible extent.xlsb",
        xlsb(ROWS, area=(0, 2**32 - 1, 0, 2**32 - 1)),
        frozenset({None, MEMORY, DAMAGED}),
    )
    add("extent backwards.xlsb", xlsb(ROWS, area=(9, 0, 9, 0)), frozenset({None, DAMAGED}))
    add(
        "far cell.xlsb",
        lambda: _xlsb_with(
            xlsb_record(0, struct.pack("<I", 1_048_575) + b"\0" * 13)
            + xlsb_record(5, struct.pack("<IId", 16_383, 0, 1.0))
        ),
        MEMORY,
        FAR,
    )
    add(
        "4 billion letters.xlsb",
        lambda: _xlsb_with(xlsb_record(6, struct.pack("<III", 0, 0, 2**32 - 1))),
        frozenset({DAMAGED, MEMORY}),
    )
    add(
        "size without end.xlsb",
        lambda: _xlsb_with(b"\x05\xff\xff\xff\xff\xff\xff"),
        frozenset({DAMAGED, MEMORY, None}),
    )
    add(
        "xxe.xlsb",
        lambda: repacked(
            good,
            **{"xl___rels__workbook.bin.rels": f"<?xml?>{XXE}<Relationships/>".encode()},
        ),
        ENTITIES,
    )
    add(
        "bomb.xlsb",
        lambda: repacked(good, **{"xl__sharedStrings.bin": b"\0" * (60 * 2**20)}),
        INFLATED,
    )
    for i, share in enumerate((0.3, 0.6, 0.9)):
        add(f"cut {i}.xlsb", cut(good, share), ANY)
    for seed in range(2):
        add(f"flipped {seed}.xlsb", flipped(good, seed), ANY)


def _xlsb_with(records):
    with zipfile.ZipFile(io.BytesIO(xlsb(ROWS))) as book:
        sheet = book.read("xl/worksheets/sheet1.bin")
    end = xlsb_record(146)
    return repacked(xlsb(ROWS), **{"xl__worksheets__sheet1.bin": sheet.replace(end, records + end)})


def ods_files():
    good = ods(ROWS)
    one = '<table:table-cell{} office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    row = "<table:table-row{}>{}</table:table-row>"

    def repeated(rows, columns, text="x"):
        return ods_of(
            row.format(
                f' table:number-rows-repeated="{rows}"',
                one.format(f' table:number-columns-repeated="{columns}"', text),
            )
        )

    add("good.ods", good)
    add("columns repeated.ods", repeated(1, 16_384), WIDE)
    add("rows repeated.ods", repeated(200_000, 1))
    add("both repeated.ods", repeated(1_048_576, 16_384), MEMORY, DAMAGED)
    add("repeated without end.ods", repeated(2**62, 2**62), frozenset({MEMORY, DAMAGED}))
    add("repeated less than once.ods", repeated(-1, -1), frozenset({None, DAMAGED, EMPTY}))
    blank = row.format(
        ' table:number-rows-repeated="1048570"',
        '<table:table-cell table:number-columns-repeated="16384"/>',
    )
    add(
        "blank rows between.ods",
        ods_of(row.format("", one.format("", "x")) + blank + row.format("", one.format("", "y"))),
        frozenset({None, MEMORY, TALL}),
    )
    add(
        "far to the right.ods",
        ods_of(
            row.format(
                "",
                '<table:table-cell table:number-columns-repeated="16383"/>' + one.format("", "x"),
            )
        ),
        WIDE,
    )
    add(
        "2 billion spaces.ods",
        repeated(1, 1, 'a<text:s text:c="2000000000"/>b'),
        frozenset({None, MEMORY, LONG}),
    )
    add("long cell.ods", lambda: ods_of(row.format("", one.format("", "x" * 10**7))), LONG)
    add("xxe.ods", ods_of("", before=XXE), ENTITIES)
    add("laughs.ods", ods_of(row.format("", one.format("", "&i;")), before=LAUGHS), ENTITIES)
    add("deep.ods", ods_of("<table:table-row>" * 50_000), frozenset({DAMAGED, EMPTY}))
    add("locked.ods", ods(ROWS, manifest="<manifest:encryption-data/>"), LOCKED)
    add("bomb.ods", lambda: ods_of(" " * (60 * 2**20)), INFLATED)
    add(
        "formula.ods",
        ods_of(
            row.format(
                "",
                one.format(
                    ' table:formula="of:=DDE(&quot;cmd&quot;;&quot;/C calc&quot;;&quot;a&quot;)"',
                    "x",
                ),
            )
        ),
    )
    for i, share in enumerate((0.3, 0.6, 0.9)):
        add(f"cut {i}.ods", cut(good, share), ANY)
    for seed in range(2):
        add(f"flipped {seed}.ods", flipped(good, seed), ANY)
