"""A second look at names in sales: what changes from line to line of one SKU names the buyer."""

from dataclasses import replace

import numpy as np
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
    skus, names = (found.columns[name].cells.dictionary_encode() for name in ("sku", "name"))
    is_told = np.asarray(pc.and_(skus.is_valid(), names.is_valid()))
    of_sku = skus.indices.fill_null(0).to_numpy()[is_told].astype(np.int64)
    spelt = names.indices.fill_null(0).to_numpy()[is_told]
    pairs = pa.array(of_sku * len(names.dictionary) + spelt).dictionary_encode().dictionary
    lines = np.bincount(of_sku, minlength=len(skus.dictionary))
    spellings = np.bincount(pairs.to_numpy() // max(len(names.dictionary), 1), minlength=len(lines))
    told = spellings[lines >= _LINES]
    return float(told.mean()) if len(told) else 0.0
