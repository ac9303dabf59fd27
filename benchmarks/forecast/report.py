"""How the figures are printed."""

import os
import platform
import subprocess
from collections.abc import Sequence
from importlib.metadata import version
from itertools import groupby
from operator import itemgetter

import pandas as pd

from analytics import forecasting
from benchmarks.forecast.rows import Row

MARKS = ("<!-- measured -->", "<!-- end of what was measured -->")
HEADER = ("figure", "value", "bar", "aim", "met")
_CELL = {
    "weekly": "wk/ETS",
    "total": "tot/ETS",
    "rmsse": "rmsse",
    "pinball": "pinb",
    "weekly_best": "wk/best",
    "weekly_who": "who",
    "total_best": "tot/best",
    "total_who": "who ",
    "weekly_wape": "wk",
    "total_wape": "tot",
    "bias": "bias",
    "fair_80": "c80",
    "fair_95": "c95",
    "fair_99": "c99",
    "fair_total_80": "t80",
    "fair_total_95": "t95",
    "fair_total_99": "t99",
    "seconds": "cpu s",
}


def cells(found: pd.DataFrame) -> pd.DataFrame:
    """Return the cells' ratios with short names."""
    return found.set_index("cell")[list(_CELL)].rename(columns=_CELL)


def show(table: pd.DataFrame) -> None:
    """Print a table whole."""
    print("\n" + table.round(3).to_string(), flush=True)


def versions(python: str) -> str:
    """Return what was measured, with what and on what; ``python`` is the peers' interpreter."""
    ask = "from importlib.metadata import version as v; print(v('statsforecast'), v('pandas'))"
    theirs = subprocess.run([python, "-c", ask], check=True, capture_output=True, text=True)
    statsforecast, older = theirs.stdout.split()
    mine = ", ".join(f"{name} {version(name)}" for name in ("numpy", "scipy", "pandas"))
    return (
        f"engine {forecasting.ENGINE}, Python {platform.python_version()}, {mine}; "
        f"statsforecast {statsforecast} with pandas {older}; "
        f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}"
    )


def text(table: Sequence[tuple[str, Row]]) -> str:
    """Return (part, row) pairs as one aligned table of plain text, a blank line between parts."""
    lines = [HEADER, *(row.cells() for _, row in table)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADER))]
    out, last = [], ""
    for part, line in zip(["", *(part for part, _ in table)], lines, strict=True):
        if part != last:
            out += ["", part]
        last = part
        cells = [cell.ljust(width) for cell, width in zip(line, widths, strict=True)]
        out.append("  ".join(cells).rstrip())
    return "\n".join(out)


def markdown(table: Sequence[tuple[str, Row]]) -> str:
    """Return (part, row) pairs as a table per part."""
    out = ""
    for part, rows in groupby(table, key=itemgetter(0)):
        lines = [HEADER, ("---",) * len(HEADER), *(row.cells() for _, row in rows)]
        body = "".join("| " + " | ".join(cell.strip() for cell in line) + " |\n" for line in lines)
        out += f"### {part.capitalize()}\n\n{body}\n"
    return out


def into(document: str, table: str) -> str:
    """Return ``document`` with what stands between its two marks replaced by ``table``."""
    before, rest = document.split(MARKS[0])
    _, after = rest.split(MARKS[1])
    return f"{before}{MARKS[0]}\n\n{table.strip()}\n\n{MARKS[1]}{after}"
