"""What a terminal shows: tables as columns of text whatever the script, and rows as JSON."""

import sys
import unicodedata
from collections.abc import Sequence
from datetime import datetime

import numpy as np
import pandas as pd


def aligned(rows: Sequence[Sequence[object]]) -> str:
    """Return rows as columns of text; a Chinese character is two columns wide."""
    texts = [[_cell(value) for value in row] for row in rows]
    widths = [max(map(_width, column)) for column in zip(*texts, strict=True)]
    return "\n".join(
        "  ".join(
            text + " " * (width - _width(text)) for text, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in texts
    )


def _cell(value: object) -> str:
    if value is None or value is pd.NaT or value != value:  # noqa: PLR0124 - NaN
        return "-"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d}"
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def tell(sentence: str) -> None:
    """Say something that is no part of the answer."""
    print(sentence, file=sys.stderr, flush=True)


def records(frame: pd.DataFrame) -> list[dict[str, object]]:
    """Return rows as JSON knows them: missing is null."""
    plain = frame.astype(object).where(frame.notna(), None)
    return [{str(name): cell for name, cell in row.items()} for row in plain.to_dict("records")]


def spelled(value: object) -> object:
    """Return what JSON has no type for: days as text, NumPy's numbers as numbers."""
    return value.item() if isinstance(value, np.generic) else f"{value:%Y-%m-%d}"
