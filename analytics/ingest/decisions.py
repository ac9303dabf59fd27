"""Columns whose reading is decided by the whole column: day or month first, which decimal mark.

A column that leaves it open follows the others of its sheet; what was decided is noted.
"""

from collections.abc import Mapping
from functools import reduce

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from analytics import schema
from analytics.ingest import dates, numerals
from analytics.ingest.columns import Body, Field, Mask, Texts, as_mask
from analytics.ingest.reader import Note
from analytics.schema import Kind

Columns = Mapping[str, Texts]  # by canonical name

_TIMED = r"^\s*\d{4}-\d{2}-\d{2}[T\s]+\S"
_MIDNIGHT = r"[T\s]0?0:00(?::00(?:\.0+)?)?\s*$"
_SHOWN = 4  # offsets in a note


def days(
    body: Body, columns: Columns, *, month_first: bool
) -> tuple[dict[str, Field], pa.Array | None, list[Note]]:
    """Return the date columns, the grain of ``date``, and notes.

    Parameters
    ----------
    body : Body
        The sheet; its recognition may fix the order, and name a time zone.
    columns : mapping of str to Texts
        Texts by canonical name.
    month_first : bool
        The region's custom, for dates that nothing else decides.
    """
    read = {name: _days_of(one) for name, one in columns.items()}
    together = reduce(
        dates.Evidence.joined, (one.evidence for one in read.values()), dates.Evidence()
    )
    found: dict[str, Field] = {}
    notes: list[Note] = []
    for name, column in read.items():
        order, is_sure = _order(body, column.evidence, together, month_first=month_first)
        decided = column.decided(day_first=order)
        if body.recognition.day_first is None:
            notes += _order_notes(body.header(name), decided, is_sure=is_sure)
            decided, mended_notes = _mended(body.header(name), decided, columns[name])
            notes += mended_notes
        values, zone_notes = _in_zone(decided, body.header(name), body.recognition.time_zone)
        notes += zone_notes
        found[name] = _day_field(values, decided, columns[name])
    return found, read["date"].grains() if "date" in read else None, notes


def _days_of(texts: Texts) -> dates.Days:
    if texts.is_encoded:
        return dates.days(texts.distinct, texts.places)
    return dates.days(texts.cells)


def _in_zone(column: dates.Days, header: str, zone: str | None) -> tuple[pa.Array, list[Note]]:
    """Return the days, in the time zone where one is chosen, and a note if times have offsets."""
    written, offsets = column.values(), column.clock.offsets
    if not offsets:
        return written, []
    if zone is None:
        shown = ", ".join(offsets[:_SHOWN])
        return written, [("offsets", {"header": header, "offsets": shown})]
    values = column.values_in(zone)
    moved = pc.sum(pc.not_equal(values, written)).as_py() or 0
    return values, [("time_zone", {"header": header, "zone": zone, "count": moved})]


def _order(
    body: Body, own: dates.Evidence, together: dates.Evidence, *, month_first: bool
) -> tuple[bool, bool]:
    """Return whether the day comes first, and whether that is sure."""
    chosen = body.recognition.day_first
    if chosen is not None:
        return chosen, True
    for evidence in (own, together):
        if evidence.order is not None:
            return evidence.order, not (evidence.day_first and evidence.month_first)
    return together.likelier(otherwise=not month_first), False


def _mended(header: str, column: dates.Days, texts: Texts) -> tuple[dates.Days, list[Note]]:
    """Return the column with what a program swapped put right; a time of day is no trace of one."""
    if not column.is_mangled or _are_timed(texts):
        return column, []
    text, day = column.mended_example()
    facts: dict[str, object] = {"header": header, "example": text, "reads": f"{day}"}
    return column.mended(), [("dates_mended", facts)]


def _are_timed(texts: Texts) -> bool:
    """Return whether an ISO date has a time of day other than midnight."""
    timed = pc.match_substring_regex(texts.distinct, _TIMED)
    midnight = pc.match_substring_regex(texts.distinct, _MIDNIGHT)
    return bool(pc.any(pc.and_not(timed, midnight)).as_py())


def _order_notes(header: str, column: dates.Days, *, is_sure: bool) -> list[Note]:
    example = column.example()
    if example is None:
        return []
    text, day = example
    facts: dict[str, object] = {
        "header": header,
        "example": text,
        "reads": f"{day}",
        "other": f"{day.replace(month=day.day, day=day.month)}",
    }
    return [("date_order" if is_sure else "date_order_ambiguous", facts)]


def _day_field(values: pa.Array, column: dates.Days, texts: Texts) -> Field:
    outside = as_mask(column.are_out_of_range())
    no_date = texts.unreadable(values) & ~outside
    no_year = np.zeros(len(no_date), np.bool_)
    if no_date.any():
        no_year = no_date & as_mask(texts.each(dates.lack_years))
    faults = {
        "issue.not_a_date": no_date & ~no_year,
        "issue.no_year": no_year,
        "issue.date_out_of_range": outside,
    }
    return Field(values, faults)


def numbers(
    body: Body, columns: Columns, *, dot_in_thousands: bool
) -> tuple[dict[str, Field], list[Note]]:
    """Return the number columns, line totals under the name of what they become, and notes.

    Parameters
    ----------
    body : Body
        The sheet; its recognition may fix the decimal mark.
    columns : mapping of str to Texts
        Texts by canonical name.
    dot_in_thousands : bool
        The currency's custom, for numbers that nothing else decides.
    """
    totals = {name: body.at(index) for name, index in body.recognition.line_totals.items()}
    columns = {**columns, **totals}
    read = {name: numerals.figures(texts.distinct) for name, texts in columns.items()}
    together = sum((one.evidence for one in read.values()), start=numerals.Evidence())
    found: dict[str, Field] = {}
    notes: list[Note] = []
    for name, figures in read.items():
        about = schema.TABLES[body.recognition.kind].column(name)
        own = figures.evidence
        of_units = _mark_of_units(figures) if about.unit == "units" else None
        chosen = body.recognition.decimal_mark or own.mark or of_units or together.mark
        mark = chosen or ("," if dot_in_thousands else ".")
        distinct = figures.values(mark, percent_is_unit=about.unit == "%")
        values = distinct.take(columns[name].places)
        found[name] = _number_field(values, columns[name], is_whole=about.kind is Kind.INTEGER)
        notes += _mark_notes(body.header(name), own, mark, is_sure=chosen is not None)
    return found, notes


def _mark_of_units(figures: numerals.Figures) -> str | None:
    """Return the decimal mark with which a column of pieces holds whole numbers; 2.824 is none.

    None where neither mark breaks a piece: 1.000 may be one, or a thousand.
    """
    if figures.evidence.mark:
        return None
    whole = {mark for mark in ".," if _are_whole(figures.values(mark, percent_is_unit=True))}
    return whole.pop() if len(whole) == 1 else None


def _are_whole(values: pa.Array) -> bool:
    return bool(pc.all(pc.equal(values, pc.floor(values))).as_py())


def _number_field(values: pa.Array, texts: Texts, *, is_whole: bool) -> Field:
    faults: dict[str, Mask] = {"issue.not_a_number": texts.unreadable(values)}
    if is_whole:
        broken = pc.not_equal(values, pc.floor(values))
        faults["issue.not_whole"] = as_mask(broken)
        values = pc.if_else(broken, None, values)
    return Field(values, faults)


def _mark_notes(header: str, own: numerals.Evidence, mark: str, *, is_sure: bool) -> list[Note]:
    if not own.open or (mark == "." and is_sure):
        return []  # nothing to tell: the value stands as it is written
    figures = numerals.figures(pa.array([own.open], pa.large_string()))
    read, other = (
        figures.values(m, percent_is_unit=True)[0].as_py() for m in (mark, ",."[mark == ","])
    )
    facts: dict[str, object] = {
        "header": header,
        "example": own.open,
        "reads": f"{read:g}",
        "other": f"{other:g}",
    }
    return [("decimal_mark" if is_sure else "decimal_mark_ambiguous", facts)]
