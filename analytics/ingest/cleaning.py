"""Text columns in, typed rows out, and a reason for every row that is not among them."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from analytics import schema
from analytics.errors import NotUnderstoodError, UnknownMarketError
from analytics.ingest import dates, words
from analytics.ingest.buyers import without_buyers
from analytics.ingest.columns import Body, Mask, Rows, Texts
from analytics.ingest.fields import Fields, fields
from analytics.ingest.formats import Format, format_of
from analytics.ingest.identifiers import are_scientific, sku_key
from analytics.ingest.oversold import without_debts
from analytics.ingest.reader import Note, RawSheet
from analytics.ingest.recognition import Recognition
from analytics.ingest.rejects import faults_of, is_faulty, issues_of
from analytics.ingest.sales import Sales, sales
from analytics.ingest.unused import unused
from analytics.schema import Column, Kind, Status

AUTO = "auto"
_TYPES = {Kind.NUMBER: pa.float64(), Kind.INTEGER: pa.float64(), Kind.DATE: pa.date32()}
_TAKES_MARKET = frozenset(("sales", "stock", "purchase_orders"))  # elsewhere none means all


@dataclass(frozen=True, slots=True)
class Cleaned:
    """Rows that can be loaded, and an account of all others.

    ``rows_read = rows.num_rows + len(issues) + rows_ignored``.

    Attributes
    ----------
    rows : pa.Table
        ``row_no`` and all canonical columns of the kind (text, float64, date32); every SKU column
        ``x`` also as ``x_key``; sales with ``status`` (`schema.Status`) and ``grain``, and with
        ``customer`` hashed.
    issues : pd.DataFrame
        ``row, column, value, code, facts``: the first fault of each rejected row; facts are JSON.
    rows_read, rows_ignored : int
        Rows below the header; of these, blank ones, totals, footers and descriptions.
    notes : tuple of (str, dict)
        Codes and facts: what was decided, and what was left out.
    """

    rows: pa.Table
    issues: pd.DataFrame
    rows_read: int
    rows_ignored: int
    notes: tuple[Note, ...]


def clean(
    sheet: RawSheet,
    recognition: Recognition,
    *,
    market: str | None = None,
    salt: str = "",
    file_date: date | None = None,
    today: date | None = None,
) -> Cleaned:
    """Return the sheet's rows, typed.

    Parameters
    ----------
    sheet, recognition : RawSheet, Recognition
        The text, and how it is understood.
    market : str, optional
        The market of rows that name none, a country or its code; "auto" or None leaves it to the
        sheet. Products, events, rates and routes take none.
    salt : str
        Key of the hashes that stand for buyers.
    file_date : date, optional
        The day of a sheet without a date column; default: the day in the file's name.
    today : date, optional
        The day of the upload: sales and stock of days after the next are rejected. None = all days
        are possible.

    Raises
    ------
    UnknownMarketError
        ``market`` is no country that is known.
    NotUnderstoodError
        A required column is missing.
    """
    _check_columns(sheet, recognition)
    form = format_of(recognition.family, recognition.kind)
    body = Body(sheet, recognition, _fixed(sheet, form, file_date))
    market_of_all = market_of(form.kind, market)
    found = without_debts(body, without_buyers(body, fields(body, salt)))
    faults = faults_of(body, found, today)
    faulty = is_faulty(faults, body.rows)
    ignored = unused(body, form.words, faulty)
    kept = ~(faulty | ignored)
    extra = sales(body, found, form.words) if form.kind == "sales" else None
    rows = _rows(body, found, extra, market_of_all).filter(pa.array(kept))
    return Cleaned(
        rows=rows,
        issues=issues_of(body, faults, ignored),
        rows_read=body.rows,
        rows_ignored=int(ignored.sum()),
        notes=(*sheet.notes, *found.notes, *_notes(body, found, extra, kept), *_row_notes(rows)),
    )


def market_of(kind: str, market: str | None) -> str | None:
    """Return the code of the market named for a sheet; None if none is, or its kind takes none.

    Raises
    ------
    UnknownMarketError
        It is no country that is known.

    >>> market_of("sales", "德国"), market_of("stock", "auto"), market_of("products", "DE")
    ('DE', None, None)
    """
    if not market or not market.strip() or market == AUTO or kind not in _TAKES_MARKET:
        return None
    code = words.country(market)
    if code is None:
        raise UnknownMarketError(market=market)
    return code


def _check_columns(sheet: RawSheet, recognition: Recognition) -> None:
    if recognition.missing:
        missing = ", ".join(recognition.missing)
        raise NotUnderstoodError(file=sheet.file, sheet=sheet.sheet, missing=missing)


def _fixed(sheet: RawSheet, form: Format, file_date: date | None) -> dict[str, str]:
    """Return what every row means although no column says so."""
    day = file_date or dates.date_in_name(sheet.file) or dates.date_in_name(sheet.sheet)
    has_day = day is not None and (form.dated_by_name or form.kind == "stock")
    return {**form.fixed, **({"date": f"{day}"} if has_day else {})}


def _rows(body: Body, found: Fields, extra: Sales | None, market: str | None) -> pa.Table:
    columns: dict[str, pa.Array] = {"row_no": body.row_numbers}
    for column in schema.TABLES[body.recognition.kind].columns:
        columns[column.name] = _typed(column, found, body.rows)
        if column.kind is Kind.SKU:
            columns[f"{column.name}_key"] = Texts.of(columns[column.name]).each(_keys)
    if market := market or (words.UNSPECIFIED if body.recognition.kind == "sales" else None):
        columns["market"] = columns["market"].fill_null(market)
    if extra is not None:
        columns |= {"status": extra.status, "grain": extra.grain}
        columns["unit_price"] = extra.unit_price or columns["unit_price"]
    return pa.table(columns)


def _typed(column: Column, found: Fields, rows: int) -> pa.Array:
    kind = _TYPES.get(column.kind, pa.string())
    if column.name not in found.columns:
        return pa.nulls(rows, kind)
    return found.columns[column.name].cells.cast(kind)


def _keys(skus: pa.Array) -> pa.Array:
    return pa.array(
        [None if sku is None else sku_key(sku) for sku in skus.to_pylist()], pa.string()
    )


def _notes(body: Body, found: Fields, extra: Sales | None, kept: Mask) -> list[Note]:
    """Return notes on optional values that were left blank, and on what sales' words mean."""
    required = schema.TABLES[body.recognition.kind].required
    notes = [*_rival_notes(body), *(extra.notes if extra else ())]
    for name, field in found.columns.items():
        left_out = np.flatnonzero(field.is_faulty & kept)
        if len(left_out) and name not in required and name != "status":
            notes.append(_left_blank(body, name, left_out))
    if "date" in body.fixed and "date" not in body.recognition.columns:
        notes.append(("dated_by_name", {"date": body.fixed["date"]}))
    return notes


def _rival_notes(body: Body) -> list[Note]:
    """Return notes on columns that could have been read instead of a required one."""
    headers = body.recognition.headers
    return [
        (
            "also_found",
            {"header": body.header(name), "others": ", ".join(headers[i] for i in others)},
        )
        for name, others in body.recognition.rivals.items()
    ]


def _left_blank(body: Body, name: str, rows: Rows) -> Note:
    index = body.recognition.columns.get(name, body.recognition.line_totals.get(name))
    example = "" if index is None else body.at(index).at(rows[:1])[0].as_py()
    is_market = name == "market" and body.recognition.kind == "sales"
    code = "unknown_country" if is_market else "left_blank"
    return code, {"header": body.header(name), "count": len(rows), "example": example}


def _row_notes(rows: pa.Table) -> list[Note]:
    notes: list[Note] = []
    if "status" in rows.column_names:
        no_product = pc.sum(pc.equal(rows["status"], Status.NOT_PRODUCT)).as_py()
        if no_product:
            notes.append(("not_product", {"count": no_product}))
    if "sku" in rows.column_names:
        rounded = rows["sku"].filter(are_scientific(rows["sku"]))
        if len(rounded):
            facts = {"count": len(rounded), "example": rounded[0].as_py()}
            notes.append(("rounded_skus", facts))
    return notes
