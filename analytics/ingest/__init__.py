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
    from analytics.ingest.cleaner import Spare, clean
    from analytics.ingest.cleaning import Cleaned, market_of, problem_of
    from analytics.ingest.dates import date_in_name
    from analytics.ingest.formats import family_title
    from analytics.ingest.headers import fingerprint, normalised
    from analytics.ingest.identifiers import sku_key
    from analytics.ingest.limits import Limits
    from analytics.ingest.reader import RawSheet, display_name, read, unpacked
    from analytics.ingest.recognition import Across, Recognition, recognise

__all__ = [
    "Across",
    "Cleaned",
    "Limits",
    "RawSheet",
    "Recognition",
    "Spare",
    "clean",
    "date_in_name",
    "display_name",
    "family_title",
    "fingerprint",
    "market_of",
    "normalised",
    "problem_of",
    "read",
    "recognise",
    "sku_key",
    "unpacked",
]

_HOMES = {
    "Across": "recognition",
    "Cleaned": "cleaning",
    "Limits": "limits",
    "RawSheet": "reader",
    "Recognition": "recognition",
    "Spare": "cleaner",
    "clean": "cleaner",
    "date_in_name": "dates",
    "display_name": "reader",
    "family_title": "formats",
    "fingerprint": "headers",
    "market_of": "cleaning",
    "normalised": "headers",
    "problem_of": "cleaning",
    "read": "reader",
    "recognise": "recognition",
    "sku_key": "identifiers",
    "unpacked": "reader",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the name stands for
    if name not in _HOMES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
