"""Text columns in, typed rows out, and a reason for every row that is not among them."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from analytics import schema
from analytics.errors import (
    MoneyTableError,
    NoTableError,
    NotUnderstoodError,
    SpanInNameError,
    UnknownMarketError,
    UnneededReportError,
)
from analytics.ingest import dates, guesses, periods, wide, words
from analytics.ingest.buyers import without_buyers
from analytics.ingest.columns import Body, Mask, Rows, Texts
from analytics.ingest.fields import Fields, fields
from analytics.ingest.formats import PLAIN, Format, format_of
from analytics.ingest.headers import normalised
from analytics.ingest.identifiers import are_scientific, rounded_numbers, sku_key
from analytics.ingest.oddities import oddities
from analytics.ingest.outbound import with_sales_positive
from analytics.ingest.oversold import without_debts
from analytics.ingest.reader import Note, RawSheet
from analytics.ingest.recognition import NO_HEADER, Recognition, counts_rows
from analytics.ingest.rejects import faults_of, is_faulty, issues_of
from analytics.ingest.sales import Sales, sales
from analytics.ingest.tags import with_currency
from analytics.ingest.unused import left_out, unused
from analytics.schema import Column, Kind, Status

if TYPE_CHECKING:
    import pandas as pd  # only for the answer: the process that cleans big sheets does without

AUTO = "auto"
_TYPES = {Kind.NUMBER: pa.float64(), Kind.INTEGER: pa.float64(), Kind.DATE: pa.date32()}
_PROBLEMS = {
    guesses.OTHER: UnneededReportError,
    guesses.TEXT: NoTableError,
    guesses.MONEY: MoneyTableError,
}
_PROBED = 20_000  # rows that are asked first whether order numbers are rounded
_DATED = {"month": "month_by_name", "week": "week_by_name"}
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
    issues: "pd.DataFrame"
    rows_read: int
    rows_ignored: int
    notes: tuple[Note, ...]


class Parts(NamedTuple):
    """What is cleaned, before it is handed out: as `Cleaned`, the issues still as Arrow."""

    rows: pa.Table
    issues: pa.Table
    rows_read: int
    rows_ignored: int
    notes: tuple[Note, ...]


def parts(
    sheet: RawSheet,
    recognition: Recognition,
    *,
    market: str | None = None,
    salt: str = "",
    file_date: date | None = None,
    today: date | None = None,
) -> Parts:
    """Return what `cleaner.clean` is made of, see there."""
    is_dated = file_date is not None and recognition.missing == ("date",)
    problem = None if is_dated else problem_of(sheet, recognition)
    if problem is not None:
        raise problem
    form = format_of(recognition.family, recognition.kind)
    market_of_all = market_of(form.kind, market)
    body = Body(sheet, recognition, _fixed(sheet, recognition, file_date, market_of_all))
    body.read_ahead()
    found = _found(body, salt)
    faults = faults_of(body, found, today)
    faulty = is_faulty(faults, body.rows)
    by_rule, rule_notes = left_out(body)
    ignored = by_rule | unused(body, form.words, faulty & ~by_rule)
    kept = ~(faulty | ignored)
    extra = sales(body, found, form.words) if form.kind == "sales" else None
    whole = _rows(body, found, extra, market_of_all)
    rows = whole if kept.all() else whole.filter(pa.array(kept))
    issues = issues_of(body, faults, ignored)
    return Parts(
        rows=rows,
        issues=issues,
        rows_read=body.rows,
        rows_ignored=int(ignored.sum()),
        notes=(
            *sheet.notes,
            *found.notes,
            *rule_notes,
            *_notes(body, found, extra, kept),
            *_row_notes(rows),
            *_demand_notes(body, rows, by_rule),
            *oddities(body, rows, issues),
        ),
    )


def _found(body: Body, salt: str) -> Fields:
    """Return the typed columns, set right where the sheet as a whole says how they are meant."""
    found = with_currency(body, without_buyers(body, fields(body, salt)))
    found = with_sales_positive(body, found)
    return without_debts(body, found)


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


def problem_of(sheet: RawSheet, recognition: Recognition) -> NotUnderstoodError | None:
    """Return why a sheet cannot be cleaned as it is understood; None if it can."""
    if not recognition.missing:
        return None
    missing = ", ".join(recognition.missing)
    span = periods.span_in(sheet.file, sheet.sheet)
    if span and span[0] < span[1] and (recognition.kind, missing) == ("sales", "date"):
        first, last = map(str, span)
        return SpanInNameError(
            file=sheet.file, sheet=sheet.sheet, missing=missing, first=first, last=last
        )
    error = _PROBLEMS.get(recognition.content, NotUnderstoodError)
    return error(file=sheet.file, sheet=sheet.sheet, missing=missing)


def _fixed(
    sheet: RawSheet, recognition: Recognition, file_date: date | None, market: str | None
) -> dict[str, str]:
    """Return what every row means although no column says so."""
    form = format_of(recognition.family, recognition.kind)
    fixed = dict(form.fixed)
    if market is not None:
        fixed.pop("market", None)  # the user knows better than the family
    if counts_rows(form, recognition.columns):
        fixed["quantity"] = "1"
    day = file_date or _day_in_name(sheet, form)
    return {**fixed, **({"date": f"{day}"} if day is not None else {})}


def _day_in_name(sheet: RawSheet, form: Format) -> date | None:
    """Return the day of a sheet without dates: the last of stock, of sales the first."""
    if form.kind == "stock":
        return dates.date_in_name(sheet.file) or dates.date_in_name(sheet.sheet)
    if form.kind != "sales":
        return None
    month_first = form.month_first_in_name
    period = periods.period_in(sheet.file, sheet.sheet, month_first=month_first)
    return period.day if period else None


def _rows(body: Body, found: Fields, extra: Sales | None, market: str | None) -> pa.Table:
    columns: dict[str, pa.Array] = {"row_no": body.row_numbers}
    for column in schema.TABLES[body.recognition.kind].columns:
        columns[column.name] = _typed(column, found, body.rows)
        if column.kind is Kind.SKU:
            skus = Texts.of(columns[column.name])
            columns[f"{column.name}_key"] = _keys(skus.distinct).take(skus.places)
    if market := market or (words.UNSPECIFIED if body.recognition.kind == "sales" else None):
        columns["market"] = columns["market"].fill_null(market)
    if body.recognition.currency and "currency" in columns:
        columns["currency"] = columns["currency"].fill_null(body.recognition.currency)
    if extra is not None:
        columns |= {"status": extra.status, "grain": extra.grain, "date": extra.date}
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
    return [*notes, *_reading_notes(body), *_broken_notes(body, found, kept)]


def _broken_notes(body: Body, found: Fields, kept: Mask) -> list[Note]:
    """Return a note on broken numbers where a wide table should hold units: perhaps it does not."""
    across = body.recognition.across
    if across is None:
        return []
    units = found.columns[across.value].cells.filter(pa.array(kept))
    broken = units.filter(pc.not_equal(units, pc.floor(units)))
    if not len(broken):
        return []
    return [("broken_units", {"count": len(broken), "example": broken[0].as_py()})]


def _reading_notes(body: Body) -> list[Note]:
    """Return notes on what the sheet does not say itself, or not in columns of its own."""
    notes: list[Note] = []
    recognition = body.recognition
    if "date" in body.fixed and "date" not in recognition.columns:
        code = _DATED.get(recognition.grain, "dated_by_name")
        notes.append((code, {"date": body.fixed["date"]}))
    if counts_rows(body.form, recognition.columns):
        notes.append(("one_per_row", {}))
    if recognition.header_row == NO_HEADER:
        notes.append(("no_header", {}))
    notes += _stock_notes(body)
    across = recognition.across
    if across is not None:
        texts = wide.said(across, recognition.headers)
        code = f"across_{across.role}"
        notes.append((code, {"count": len(texts), "first": texts[0], "last": texts[-1]}))
        notes += across.notes
    return [*notes, *_named_notes(body)]


def _stock_notes(body: Body) -> list[Note]:
    """Return a note on stock in a list of products, which a person may import as such."""
    stock = format_of(body.form.family, "stock")
    if body.form.kind != "products" or not (stock.by_hand and stock.family == body.form.family):
        return []
    places = body.places(stock.columns["on_hand"])[:1]
    filled = [place for place in places if not body.at(place).blank.all()]
    return [("stock_not_taken", {"header": body.recognition.headers[i]}) for i in filled]


def _named_notes(body: Body) -> list[Note]:
    """Return a note on rows whose key is a further column's, such as the name."""
    own, final = body.recognition.columns.get("sku"), body.text("sku")
    further = body.recognition.also.get("sku", ())
    stands_in = normalised(body.header("sku")) in body.form.also.get("sku", ())
    if own is None or final is None or not (further or stands_in):
        return []
    named = np.flatnonzero((stands_in | body.at(own).blank) & ~final.blank)
    if not len(named):
        return []
    header = body.header("sku") if stands_in else body.recognition.headers[further[0]]
    example = final.at(named[:1])[0].as_py()
    return [("name_as_sku", {"count": len(named), "example": example, "header": header})]


def _rival_notes(body: Body) -> list[Note]:
    """Return notes on columns that could have been read instead of a required one.

    Families know which column they mean; what lies across has no header to name.
    """
    recognition = body.recognition
    if recognition.family != PLAIN:
        return []
    headers = recognition.headers
    return [
        (
            "also_found",
            {"header": headers[own], "others": ", ".join(headers[i] for i in others)},
        )
        for name, others in recognition.rivals.items()
        if (own := recognition.columns[name]) < len(headers)
    ]


def _left_blank(body: Body, name: str, rows: Rows) -> Note:
    index = body.recognition.columns.get(name, body.recognition.line_totals.get(name))
    example = "" if index is None else body.at(index).at(rows[:1])[0].as_py()
    is_market = name == "market" and body.recognition.kind == "sales"
    code = "unknown_country" if is_market else "left_blank"
    return code, {"header": body.header(name), "count": len(rows), "example": example}


def _demand_notes(body: Body, rows: pa.Table, by_rule: Mask) -> list[Note]:
    """Return a note on sales of which no line counts as sold."""
    lines = rows.num_rows + int(by_rule.sum())
    if body.recognition.kind != "sales" or not lines:
        return []
    wanted = pc.is_in(rows["status"], value_set=pa.array([Status.SOLD, Status.RETURNED]))
    if pc.any(pc.and_(wanted, pc.greater(rows["quantity"], 0))).as_py():
        return []
    return [("no_demand", {"count": lines})]


def _row_notes(rows: pa.Table) -> list[Note]:
    notes: list[Note] = []
    if "status" in rows.column_names:
        no_product = pc.sum(pc.equal(rows["status"], Status.NOT_PRODUCT)).as_py()
        if no_product:
            notes.append(("not_product", {"count": no_product}))
    if "sku" in rows.column_names:
        is_rounded = Texts.of(rows["sku"]).each(are_scientific)
        rounded = rows["sku"].filter(is_rounded)
        if len(rounded):
            facts = {"count": len(rounded), "example": rounded[0].as_py()}
            notes.append(("rounded_skus", facts))
    if "order_id" in rows.column_names:
        notes += _rounded_orders(rows["order_id"])
    return notes


def _rounded_orders(orders: pa.ChunkedArray) -> list[Note]:
    """Return a note on order numbers whose last digits a program has lost."""
    if not len(rounded_numbers(orders.slice(0, _PROBED))):
        return []
    rounded = rounded_numbers(orders)
    if not len(rounded):
        return []
    return [("rounded_orders", {"count": len(rounded), "example": rounded[0].as_py()})]
