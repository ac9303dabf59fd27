"""Stock below zero: more was sold than was counted, and nothing lies on the shelf."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from analytics.ingest.columns import Body, as_mask
from analytics.ingest.fields import Fields


def without_debts(body: Body, found: Fields) -> Fields:
    """Return the columns of stock with 0 on hand where the sheet says less, and a note on it."""
    field = found.columns.get("on_hand")
    texts = body.text("on_hand")
    if body.recognition.kind != "stock" or field is None or texts is None:
        return found
    below = pc.less(field.cells, 0)
    rows = np.flatnonzero(as_mask(below))
    if not len(rows):
        return found
    none = pa.scalar(0, field.cells.type)
    levelled = replace(
        field, cells=pc.if_else(pc.fill_null(below, fill_value=False), none, field.cells)
    )
    facts: dict[str, object] = {"count": len(rows), "example": texts.at(rows[:1])[0].as_py()}
    return replace(
        found,
        columns={**found.columns, "on_hand": levelled},
        notes=(*found.notes, ("negative_stock", facts)),
    )
