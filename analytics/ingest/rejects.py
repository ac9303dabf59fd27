"""Rows that cannot be used, and why: the first fault of each, with a code and facts."""

import json
from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from analytics import schema
from analytics.ingest.columns import Body, Mask, Rows, as_mask
from analytics.ingest.fields import Fields

_SHAPE = pa.schema(
    [
        ("row", pa.int64()),
        *((name, pa.string()) for name in ("column", "value", "code", "facts")),
    ]
)
_VALUE_LENGTH = 120
_NEVER_NEGATIVE = {
    "products": ("unit_cost", "price", "moq", "carton_quantity"),
    "stock": ("inbound", "reserved"),
    "purchase_orders": ("quantity",),
}
_ALWAYS_POSITIVE = {"rates": ("rate",), "bundles": ("quantity",)}
_ALREADY_PAST = frozenset(("sales", "stock"))


class Fault(NamedTuple):
    """One thing that can be wrong with one column, and the rows where it is."""

    column: str
    code: str
    rows: Mask


def faults_of(body: Body, found: Fields, today: date | None) -> list[Fault]:
    """Return why rows cannot be used, in the order in which it is reported."""
    faults: list[Fault] = []
    for name in schema.TABLES[body.recognition.kind].required:
        field = found.columns.get(name)
        if field is None:
            faults.append(Fault(name, "issue.missing_value", np.ones(body.rows, np.bool_)))
            continue
        empty = ~as_mask(field.cells.is_valid()) & ~field.is_faulty
        faults.append(Fault(name, "issue.missing_value", empty))
        faults += [Fault(name, code, rows) for code, rows in field.faults.items()]
    kind = body.recognition.kind
    return faults + _contradictions(kind, found) + _future(kind, found, today)


def _contradictions(kind: str, found: Fields) -> list[Fault]:
    """Return what single columns cannot show, and numbers below what they can mean."""
    columns = found.columns
    faults = [
        Fault(name, "issue.negative", as_mask(pc.less(columns[name].cells, 0)))
        for name in _NEVER_NEGATIVE.get(kind, ())
        if name in columns
    ]
    for name in _ALWAYS_POSITIVE.get(kind, ()):
        too_low = as_mask(pc.less_equal(columns[name].cells, 0))
        faults.append(Fault(name, "issue.not_positive", too_low))
    if kind == "events":
        backwards = pc.less(columns["ends_on"].cells, columns["starts_on"].cells)
        faults.append(Fault("ends_on", "issue.ends_before_start", as_mask(backwards)))
    return faults


def _future(kind: str, found: Fields, today: date | None) -> list[Fault]:
    """Return what cannot have happened yet; tomorrow has begun somewhere."""
    if today is None or kind not in _ALREADY_PAST or "date" not in found.columns:
        return []
    latest = pa.scalar(today + timedelta(days=1), pa.date32())
    later = pc.greater(found.columns["date"].cells.cast(pa.date32()), latest)
    return [Fault("date", "issue.future_date", as_mask(later))]


def is_faulty(faults: Sequence[Fault], rows: int) -> Mask:
    """Return which rows have any fault."""
    found = np.zeros(rows, np.bool_)
    for fault in faults:
        found |= fault.rows
    return found


def issues_of(body: Body, faults: Sequence[Fault], ignored: Mask) -> pa.Table:
    """Return one line per rejected row: its number, column, value, code and facts."""
    open_rows = ~ignored
    parts: list[pa.Table] = [_SHAPE.empty_table()]
    for fault in faults:
        rows = np.flatnonzero(fault.rows & open_rows)
        open_rows &= ~fault.rows
        if len(rows):
            parts.append(_issues(body, fault, rows))
    return pa.concat_tables(parts).sort_by("row")


def _issues(body: Body, fault: Fault, rows: Rows) -> pa.Table:
    texts = body.text(fault.column)
    values = [""] * len(rows) if texts is None else texts.at(rows).to_pylist()
    shown = [value[:_VALUE_LENGTH] for value in values]
    headers = body.headers_at(fault.column, rows)
    facts = {told: _json(*told) for told in set(zip(shown, headers, strict=True))}
    return pa.table(
        {
            "row": body.row_numbers.to_numpy()[rows].astype(np.int64),
            "column": [fault.column] * len(rows),
            "value": shown,
            "code": [fault.code] * len(rows),
            "facts": [facts[told] for told in zip(shown, headers, strict=True)],
        },
        schema=_SHAPE,
    )


def _json(value: str, header: str) -> str:
    return json.dumps({"value": value, "header": header}, ensure_ascii=False)
