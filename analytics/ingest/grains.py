"""What one row of sales stands for: an order's line, or the total of a day, a week or a month."""

import pyarrow as pa
import pyarrow.compute as pc

from analytics.ingest import periods
from analytics.ingest.columns import Body
from analytics.ingest.fields import Fields
from analytics.ingest.headers import normalised
from analytics.ingest.reader import Note

_LAST_DAY = 6  # of a week, counted from 0
_ENDS = frozenset(
    map(
        normalised,
        ("week ending", "week end", "week ended", "week ending date", "周结束日期", "周末日期"),
    )
)


def grains(body: Body, fields: Fields) -> tuple[pa.Array, list[Note]]:
    """Return each row's grain, and notes on what its dates tell.

    Dates that name a week or month say it themselves. Where nothing says what a row's day stands
    for, days that are all the first of a month, or all a week apart, stand for months or weeks.
    """
    usual = body.recognition.grain
    dated = fields.columns.get("date")
    if usual == "line" or fields.grains is None or dated is None:
        return _all_of(usual, body.rows), []
    is_day = pc.equal(fields.grains, "day")
    notes: list[Note] = []
    if not body.recognition.is_grain_told and pc.all(is_day).as_py():
        days = sorted(pc.unique(dated.cells.drop_null()).to_pylist())
        usual = periods.grain_of(days)
        if usual != "day":
            facts = {"first": f"{days[0]}", "last": f"{days[-1]}", "count": len(days)}
            notes = [(f"{usual}s_by_dates", {**facts, "header": body.header("date")})]
    return pc.if_else(is_day, _all_of(usual, body.rows), fields.grains), notes


def begun(body: Body, fields: Fields, grain: pa.Array) -> tuple[pa.Array, list[Note]]:
    """Return each row's first day, and a note where the sheet names the last one of its week."""
    days = fields.columns["date"].cells.cast(pa.date32())
    header = body.header("date")
    if normalised(header) not in _ENDS or fields.grains is None:
        return days, []
    is_end = pc.and_(pc.equal(grain, "week"), pc.equal(fields.grains, "day"))
    if not pc.any(is_end).as_py():
        return days, []
    earlier = pc.subtract(days.cast(pa.int32()), pa.scalar(_LAST_DAY, pa.int32()))
    return pc.if_else(is_end, earlier.cast(pa.date32()), days), [
        ("week_ending", {"header": header})
    ]


def _all_of(grain: str, rows: int) -> pa.Array:
    return pa.repeat(pa.scalar(grain, pa.string()), rows)
