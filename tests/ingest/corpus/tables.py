"""Hostile and broken parquet and text files, and archives of files."""

import io
import zipfile

import pyarrow as pa
import pyarrow.parquet as pq

from tests.ingest.corpus.tools import (
    ANY,
    DAMAGED,
    EMPTY,
    FOREIGN,
    GOOD,
    INFLATED,
    LONG,
    MAKERS,
    MEMORY,
    ROWS,
    TALL,
    WIDE,
    add,
    cut,
    flipped,
    overlapping,
    patched,
)
from tests.ingest.spreadsheets import archive, parquet, xls


def parquet_files():
    good = parquet(sku=["A", "B"] * 50, quantity=[1, 2] * 50)
    add("good.parquet", good)
    add("footer that lies.parquet", patched(good, len(good) - 8, "<I", 2**31 - 1), DAMAGED)
    add("footer of nothing.parquet", patched(good, len(good) - 8, "<I", 0), DAMAGED)
    add("without a footer.parquet", good[:-8], DAMAGED)
    add("only a mark.parquet", b"PAR1PAR1", DAMAGED)
    add(
        "too many rows.parquet",
        lambda: _parquet(pa.table({"a": pa.nulls(5_100_000, pa.int8())})),
        TALL,
    )
    add("wide.parquet", lambda: parquet(**{f"c{i}": [1] for i in range(3_000)}), WIDE)
    add("long cell.parquet", lambda: parquet(a=["x" * 10**7]), LONG)
    add(
        "bomb.parquet",
        lambda: _parquet(pa.table({"a": pa.array(["x" * 10**7] * 9)}), compression="zstd"),
        LONG,
        MEMORY,
        INFLATED,
    )
    add(
        "many long texts.parquet",
        lambda: _parquet(
            pa.table(
                {f"c{i}": pa.array(["x" * 32_000] * 1_500).dictionary_encode() for i in range(9)}
            ),
            compression="zstd",
        ),
        frozenset({None, MEMORY, INFLATED, DAMAGED}),
    )
    nested = pa.array([[1]])
    for _ in range(60):
        nested = pa.ListArray.from_arrays(pa.array([0, len(nested)], pa.int32()), nested)
    add("nested.parquet", lambda: parquet(a=nested), frozenset({None, DAMAGED}))
    for i, share in enumerate((0.3, 0.6, 0.9)):
        add(f"cut {i}.parquet", cut(good, share), ANY)
    for seed in range(4):
        add(f"flipped {seed}.parquet", flipped(good, seed, 6), ANY | {LONG, TALL, WIDE})


def _parquet(table, **options):
    target = io.BytesIO()
    pq.write_table(table, target, **options)
    return target.getvalue()


def text_files():
    add("one line of 50 MB.csv", lambda: b"a,b," * (50 * 2**18), WIDE)
    add("one cell of 50 MB.csv", lambda: b"x" * (50 * 2**20), LONG)
    add("only quotes.csv", lambda: b'"' * (50 * 2**20), LONG)
    add("an odd number of quotes.csv", lambda: b'"' * (20 * 2**20 + 1), LONG)
    add("a quote per line.csv", lambda: b'"\n' * 2**21, EMPTY)
    add("quotes never closed.csv", lambda: b'a,"b\n' * 2**16)
    add("quotes closed too late.csv", lambda: b'a","b\n' * 2**16)
    add("quotes in quotes.csv", lambda: b'""","\n' * 2**16, None)
    add("newlines.csv", lambda: b"\n" * (6 * 2**20), EMPTY, TALL)
    add("blanks.csv", lambda: b" \n" * 2**20, EMPTY)
    add("ragged.csv", "\n".join("a," * (i % 400) for i in range(4_000)).encode())
    add("a million columns.csv", lambda: b"," * 10**6 + b"x\n", WIDE)
    add("half the rows wide.csv", lambda: (b"a,b\n" + b"a," * 499 + b"\n") * 4_000)
    add("no utf-8.csv", b"sku,name\nA,\xff\xfe\xfd\n" * 90)
    add("mixed encodings.csv", "订单号,数量\n".encode() * 9 + "订单号,数量\n".encode("gb18030") * 9)
    add("nul everywhere.csv", b"a\0,\0b\n\0" * 900, frozenset({None, "error.binary_file"}))
    add(
        "odd utf-16.csv",
        "\ufeffsku,quantity\n".encode("utf-16-le") + b"\x00",
        frozenset({None, "error.binary_file"}),
    )
    add("half a surrogate.csv", b"\xff\xfea\0,\0\x00\xd8\n\0", ANY)
    add("utf-32 of nothing.csv", b"\xff\xfe\0\0" + b"\xff" * 400, ANY)
    add("only a mark.csv", b"\xef\xbb\xbf", EMPTY)
    add("sep only.csv", b"sep=;\n")
    add("sep quote.csv", b'sep="\na"b\n1"2\n')
    add("sep wide.csv", "sep=；\na；b\n1；2\n".encode())
    add("sep space.csv", b"sep= \na b\n1 2\n")
    add("carriage.csv", b"\r" * 90 + b"sku,quantity\rA,1\r")
    add("controls.csv", b"sku,na\x1b[31mme\nA,\x07\n")
    add("bidi.csv", "sku,\u202ename\nA,\u2066x\n".encode())
    add(
        "commands.csv",
        b"sku,name\n=1+1,=HYPERLINK(\"http://127.0.0.1:9\")\n+cmd|' /C calc'!A0,-2\n",
    )
    add("markup.csv", b"sku,<script>alert(1)</script>\n![x](http://127.0.0.1:9/),1\n")
    add(
        "spreadsheet 2003.xls",
        b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>',
        "error.unsupported_format",
    )
    add("packed.csv.gz", b"\x1f\x8b\x08" + bytes(200), "error.packed_file")
    add("database.csv", b"SQLite format 3\0" + bytes(200), FOREIGN)
    add("photo.xls", b"\xff\xd8\xff\xe0" + bytes(200), FOREIGN)
    add("workbook.csv", GOOD)
    add("table.xlsx", b"sku,quantity\nA,1\n")
    add("old.csv", xls(Orders=ROWS))


def zip_files():
    good = {"a.csv": b"sku,quantity\nA,1\n"}
    add("good.zip", archive(good))
    add(
        "path.zip",
        archive({"../../../tmp/evil.csv": good["a.csv"], "/etc/evil.csv": good["a.csv"]}),
    )
    add(
        "controls in names.zip",
        archive(
            {"a\u202e\n.csv": good["a.csv"], "con.csv": good["a.csv"], "x" * 5_000: good["a.csv"]}
        ),
    )
    add("nested.zip", archive({"inner.zip": archive({"inner.zip": archive(good)})}), FOREIGN)
    add("bomb in zip.zip", lambda: archive({"a.csv": b"a,b\n" * (15 * 2**20)}), INFLATED)
    add("bomb workbook.zip", lambda: archive({"a.xlsx": MAKERS["bomb in sheet.xlsx"]()}), INFLATED)
    add(
        "1000 members.zip",
        archive({f"{i}.csv": b"a,b\n" for i in range(1_000)}),
        "error.too_many_files",
    )
    add(
        "20000 members.zip",
        lambda: archive(dict.fromkeys(map(str, range(20_000)), b"")),
        "error.too_many_files",
    )
    add("overlapping.zip", lambda: overlapping(100), DAMAGED)
    add("links.zip", _links, EMPTY)
    add("cut.zip", cut(archive(good), 0.7), DAMAGED)
    add("programs.zip", archive({"a.exe": b"MZ" + bytes(90), "b.pdf": b"%PDF-1.7\n"}), FOREIGN)
    for seed in range(2):
        add(f"flipped {seed}.zip", flipped(archive(good), seed), ANY)


def _links():
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as out:
        for name in ("a.csv", "b/c.csv"):
            link = zipfile.ZipInfo(name)
            link.create_system, link.external_attr = 3, 0o120777 << 16
            out.writestr(link, "/etc/passwd")
    return target.getvalue()
