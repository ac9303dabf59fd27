"""Sales as a warehouse books them: what leaves is negative, a return is a line of its own."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from analytics.ingest.columns import Body, Field, Mask, as_mask
from analytics.ingest.fields import Fields
from analytics.ingest.reader import Note
from analytics.ingest.statuses import meaning, movements
from analytics.schema import Status

_MOSTLY = 0.9
_FEW = 3  # lines; fewer may be mere corrections


def with_sales_positive(body: Body, found: Fields) -> Fields:
    """Return sales as positive quantities and booked returns as negative ones, with a note.

    Signs are turned where nearly all sales are negative: those that a column calls so, or, without
    such a column, order numbers and a status, all lines.
    """
    if body.recognition.kind != "sales" or "quantity" not in found.columns:
        return found
    sold, returned = (_called(body, status) for status in (Status.SOLD, Status.RETURNED))
    units = found.columns["quantity"].cells
    notes: tuple[Note, ...] = ()
    if _is_asked(body, found) and _are_negative(units, sold):
        notes = (_note(body, units, sold),)
        units = pc.if_else(pa.array(sold), pc.negate(units), units)
    if movements(body):
        units = pc.if_else(pa.array(returned), pc.negate(pc.abs(units)), units)
    elif not notes:
        return found
    turned = {"quantity": replace(found.columns["quantity"], cells=units)}
    if "unit_price" in body.recognition.line_totals and "unit_price" in found.columns:
        turned["unit_price"] = _signed_like(found.columns["unit_price"], units)
    return replace(found, columns={**found.columns, **turned}, notes=(*found.notes, *notes))


def _called(body: Body, status: Status) -> Mask:
    """Return which rows all columns of movements call so; without any, all are sales."""
    called = np.full(body.rows, status is Status.SOLD or bool(movements(body)))
    for texts in movements(body):
        called &= texts.where(lambda text: _is(text, body, status))
    return called


def _is(text: str, body: Body, status: Status) -> bool:
    found = meaning(text, body.form.words, moves=True)
    return (found.status if found else Status.SOLD) is status


def _is_asked(body: Body, found: Fields) -> bool:
    """Return whether signs are a matter of custom: negative lines of orders take sales back."""
    return bool(movements(body)) or not {"order_id", "status"} & found.columns.keys()


def _are_negative(units: pa.Array, sold: Mask) -> bool:
    known = sold & as_mask(pc.not_equal(units, 0))
    below = int((as_mask(pc.less(units, 0)) & known).sum())
    least = 1 if not sold.all() else _FEW
    return below >= least and below > _MOSTLY * int(known.sum())


def _note(body: Body, units: pa.Array, sold: Mask) -> Note:
    first = int(np.flatnonzero(as_mask(pc.less(units, 0)) & sold)[0])
    example = units[first].as_py()
    facts: dict[str, object] = {
        "header": body.header("quantity"),
        "count": int((as_mask(pc.less(units, 0)) & sold).sum()),
        "example": f"{example:g}",
        "reads": f"{-example:g}",
    }
    return "signs_turned", facts


def _signed_like(total: Field, units: pa.Array) -> Field:
    """Return the lines' amounts with the signs of their quantities, so that prices are positive."""
    amounts = pc.abs(total.cells)
    return replace(total, cells=pc.if_else(pc.less(units, 0), pc.negate(amounts), amounts))
