"""A second look at names in sales: what changes from line to line of one SKU names the buyer."""

from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from analytics.ingest.columns import Body
from analytics.ingest.fields import Fields

_LINES = 5  # of a SKU, from which on its names prove something
_NAMES = 3  # spellings of one product's name, on average


def without_buyers(body: Body, found: Fields) -> Fields:
    """Return the columns of sales without ``name`` if it cannot be the product's.

    It cannot if the SKUs with at least 5 lines have more than 3 names each, on average.
    """
    if body.recognition.kind != "sales" or "name" not in found.columns:
        return found
    if _names_per_sku(found) <= _NAMES:
        return found
    columns = {name: field for name, field in found.columns.items() if name != "name"}
    facts: dict[str, object] = {"header": body.header("name")}
    return replace(found, columns=columns, notes=(*found.notes, ("name_left_out", facts)))


def _names_per_sku(found: Fields) -> float:
    """Return the mean number of names over the SKUs with enough lines; 0 without any."""
    cells = {name: found.columns[name].cells for name in ("sku", "name")}
    skus = pa.table(cells).drop_null().group_by("sku")
    counts = skus.aggregate([("name", "count"), ("name", "count_distinct")])
    told = counts.filter(pc.greater_equal(counts["name_count"], _LINES))
    return float(pc.mean(told["name_count_distinct"]).as_py() or 0.0)
