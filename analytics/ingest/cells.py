"""A workbook's cells as text, each as it was meant: 21844.0 is 21844 again."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

_LARGEST_WHOLE = 1e21  # beyond it a digit string would only pretend to be exact


def texts(cells: Sequence[Any]) -> Sequence[str]:
    """Return a column's cells as text; each distinct value is written once."""
    kinds = set(map(type, cells))
    if kinds == {str}:
        return cells
    if bool in kinds:  # True equals 1.0, so the two would share one text
        return [text(cell) for cell in cells]
    distinct = {cell: text(cell) for cell in set(cells)}
    return [distinct[cell] for cell in cells]


def text(cell: object) -> str:
    """Return one cell as text: whole numbers without a point, dates as ISO.

    >>> text(21844.0), text(2.95), text(datetime(2024, 5, 1, 10, 30)), text(date(2024, 5, 1))
    ('21844', '2.95', '2024-05-01 10:30:00', '2024-05-01')
    """
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < _LARGEST_WHOLE else repr(cell)
    return _moment(cell)


def _moment(cell: object) -> str:
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d}" if cell.time() == time() else cell.isoformat(" ", "seconds")
    if isinstance(cell, date | time | timedelta | int):
        return str(cell)
    return "" if cell is None else str(cell)
