"""Spreadsheets in: bytes to text columns, to a recognised table, to typed rows.

    for sheet in ingest.read(path, "orders.xlsx", workdir=folder):
        recognition = ingest.recognise(sheet)
        cleaned = ingest.clean(sheet, recognition)

Names are loaded when first used: the child process that opens the files imports this package too,
and must not pay for pandas.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from analytics.ingest.cleaning import Cleaned, clean, market_of
    from analytics.ingest.dates import date_in_name
    from analytics.ingest.formats import family_title
    from analytics.ingest.identifiers import sku_key
    from analytics.ingest.limits import Limits
    from analytics.ingest.reader import RawSheet, display_name, read
    from analytics.ingest.recognition import Recognition, recognise

__all__ = [
    "Cleaned",
    "Limits",
    "RawSheet",
    "Recognition",
    "clean",
    "date_in_name",
    "display_name",
    "family_title",
    "market_of",
    "read",
    "recognise",
    "sku_key",
]

_HOMES = {
    "Cleaned": "cleaning",
    "Limits": "limits",
    "RawSheet": "reader",
    "Recognition": "recognition",
    "clean": "cleaning",
    "date_in_name": "dates",
    "display_name": "reader",
    "family_title": "formats",
    "market_of": "cleaning",
    "read": "reader",
    "recognise": "recognition",
    "sku_key": "identifiers",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the name stands for
    if name not in _HOMES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
