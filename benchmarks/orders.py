"""Invented order lines of any number, as a shop's export has them: for measuring only."""

import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np

HEADER = (
    *("order-id", "purchase-date", "sku", "product-name", "quantity", "item-price", "currency"),
    *("ship-country", "order-status", "note"),
)
_FIRST = datetime(2025, 1, 1)  # noqa: DTZ001 - as exports write it
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001
_BATCH = 50_000
_SKUS = 2_000
_NUMBERS = {4, 5}
_DATE = 1


def write(path: Path, rows: int, seed: int = 11) -> Path:
    """Write ``rows`` order lines of 2,000 SKUs to ``path``, csv or xlsx by its ending."""
    lines = _lines(rows, np.random.default_rng(seed))
    if path.suffix == ".csv":
        with path.open("w", encoding="utf-8", newline="") as file:
            file.write(",".join(HEADER) + "\n")
            file.writelines(f"{','.join(line)}\n" for line in lines)
    else:
        _workbook(path, lines)
    return path


def _lines(rows: int, rng: np.random.Generator) -> Iterator[tuple[str, ...]]:
    """Yield order lines: every order number its own, times to the second, in the order of time."""
    seconds = np.sort(rng.integers(0, 365 * 86_400, rows)).tolist()
    tails = rng.integers(1_000_000, 9_999_999, rows).tolist()
    skus = (rng.zipf(1.3, rows) % _SKUS).tolist()
    quantities = rng.choice(["1", "1", "1", "1", "2", "3"], rows).tolist()
    places = rng.integers(0, 3, rows).tolist()
    states = rng.choice(["Shipped", "Shipped", "Shipped", "Cancelled"], rows).tolist()
    for number in range(rows):
        sku, place = skus[number], places[number]
        yield (
            f"{100 + number % 900}-{number:07d}-{tails[number]}",
            f"{_FIRST + timedelta(seconds=seconds[number])}",
            f"KT-{sku:05d}",
            f"Bottle {sku} ml",
            quantities[number],
            f"{9 + sku % 90}.{(99, 49, 0)[place]:02d}",
            ("USD", "EUR", "GBP")[place],
            ("US", "DE", "GB")[place],
            states[number],
            "",
        )


def _workbook(path: Path, lines: Iterator[tuple[str, ...]]) -> None:
    """Write a workbook as spreadsheet programs do: texts shared, dates and amounts as numbers."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as book:
        for name, text in _PARTS.items():
            book.writestr(name, text)
        texts: dict[str, int] = {}
        with book.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            sheet.write(f"{_XML}<worksheet {_MAIN}><sheetData>".encode())
            sheet.write(_row(1, HEADER, texts, is_header=True).encode())
            pieces: list[str] = []
            for number, line in enumerate(lines, 2):
                pieces.append(_row(number, line, texts))
                if len(pieces) == _BATCH:
                    sheet.write("".join(pieces).encode())
                    pieces.clear()
            sheet.write(("".join(pieces) + "</sheetData></worksheet>").encode())
        with book.open("xl/sharedStrings.xml", "w", force_zip64=True) as shared:
            shared.write(f"{_XML}<sst {_MAIN} uniqueCount='{len(texts)}'>".encode())
            shared.write("".join(f"<si><t>{escape(text)}</t></si>" for text in texts).encode())
            shared.write(b"</sst>")


def _row(
    number: int, line: tuple[str, ...], texts: dict[str, int], *, is_header: bool = False
) -> str:
    cells = []
    for index, cell in enumerate(line):
        at = f"{'ABCDEFGHIJ'[index]}{number}"
        if is_header or (cell and index != _DATE and index not in _NUMBERS):
            place = texts.setdefault(cell, len(texts))
            cells.append(f'<c r="{at}" t="s"><v>{place}</v></c>')
        elif index == _DATE:
            serial = (datetime.fromisoformat(cell) - _EPOCH) / timedelta(days=1)
            cells.append(f'<c r="{at}" s="1"><v>{serial:.9f}</v></c>')
        elif cell:
            cells.append(f'<c r="{at}"><v>{cell}</v></c>')
    return f'<row r="{number}">{"".join(cells)}</row>'


_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_FORMATS = "http://schemas.openxmlformats.org"
_MAIN = f'xmlns="{_FORMATS}/spreadsheetml/2006/main"'
_RELATIONS = f'xmlns="{_FORMATS}/package/2006/relationships"'
_TYPE = f"{_FORMATS}/officeDocument/2006/relationships"
_CONTENT = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS = {
    "[Content_Types].xml": f"""{_XML}<Types xmlns="{_FORMATS}/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/xl/workbook.xml" ContentType="{_CONTENT}.sheet.main+xml"/>
<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_CONTENT}.worksheet+xml"/>
<Override PartName="/xl/sharedStrings.xml" ContentType="{_CONTENT}.sharedStrings+xml"/>
<Override PartName="/xl/styles.xml" ContentType="{_CONTENT}.styles+xml"/></Types>""",
    "_rels/.rels": f"""{_XML}<Relationships {_RELATIONS}>
<Relationship Id="r1" Type="{_TYPE}/officeDocument" Target="xl/workbook.xml"/></Relationships>""",
    "xl/_rels/workbook.xml.rels": f"""{_XML}<Relationships {_RELATIONS}>
<Relationship Id="r1" Type="{_TYPE}/worksheet" Target="worksheets/sheet1.xml"/>
<Relationship Id="r2" Type="{_TYPE}/sharedStrings" Target="sharedStrings.xml"/>
<Relationship Id="r3" Type="{_TYPE}/styles" Target="styles.xml"/></Relationships>""",
    "xl/workbook.xml": f"""{_XML}<workbook {_MAIN} xmlns:r="{_TYPE}"><sheets>
<sheet name="orders" sheetId="1" r:id="r1"/></sheets></workbook>""",
    "xl/styles.xml": f"""{_XML}<styleSheet {_MAIN}>
<fonts count="1"><font/></fonts>
<fills count="1"><fill><patternFill patternType="none"/></fill></fills>
<borders count="1"><border/></borders>
<cellStyleXfs count="1"><xf/></cellStyleXfs>
<cellXfs count="2"><xf/><xf numFmtId="22" applyNumberFormat="1"/></cellXfs>
<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>
</styleSheet>""",
}
