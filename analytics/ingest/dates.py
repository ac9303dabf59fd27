"""Dates as people write them; day or month first is decided by the whole column."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from analytics.ingest.words import code_of

FIRST, LAST = date(1990, 1, 1), date(2100, 12, 31)

_EPOCH = date(1899, 12, 30)  # day 0 of Excel's serial numbers
_FEW = 3  # so many mistaken dates are no accident
_ZONE = r"(?:Z|[A-Z]{2,5})?\s*(?:[+\-]\d{1,2}(?::?\d{2})?)?"
_CLOCK = (
    r"(?i)(?:[T\s]+(?:上午|下午|早上|晚上|am|pm)?\s*\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?"
    rf"\s*(?:[ap]\.?m\.?)?\s*{_ZONE}|\s*\d{{1,2}}[时時]\d{{1,2}}分?(?:\d{{1,2}}秒?)?)$"
)
_WEEKDAY = (
    r"(?i)^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+|\s*\(?(?:星期|周|週)[一二三四五六日天]\)?$"
)
_IN_NAME = re.compile(r"(?<!\d)(20\d{2})([-_.]?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])(?!\d)")


class Reading(NamedTuple):
    """What one text alone says: a day, or a pair that is day and month in an open order."""

    day: date | None = None
    grain: str = "day"
    pair: tuple[int, int, int] | None = None  # first figure, second figure, year
    has_dots: bool = False
    is_iso: bool = False


class Evidence(NamedTuple):
    """What speaks for an order of day and month; several columns of one sheet add up."""

    day_first: int = 0
    month_first: int = 0
    either: frozenset[tuple[int, int, int]] = frozenset()
    has_dots: bool = False

    @property
    def order(self) -> bool | None:
        """Whether the day comes first; None where nothing speaks for either."""
        if self.day_first != self.month_first:
            return self.day_first > self.month_first
        return True if self.has_dots else None

    def joined(self, other: "Evidence") -> "Evidence":
        """Return the evidence of both."""
        return Evidence(
            self.day_first + other.day_first,
            self.month_first + other.month_first,
            self.either | other.either,
            self.has_dots or other.has_dots,
        )

    def likelier(self, *, otherwise: bool) -> bool:
        """Return the order whose days lie closer together; ``otherwise`` if neither's do."""
        spans = [_span(self.either, day_first=order) for order in (True, False)]
        return spans[0] < spans[1] if spans[0] != spans[1] else otherwise


@dataclass(frozen=True, slots=True)
class Days:
    """A column of dates: its distinct texts without the time of day, and each row's place there."""

    texts: tuple[str, ...]
    readings: tuple[Reading, ...]
    places: pa.Array

    @property
    def evidence(self) -> Evidence:
        """What the distinct texts say about the order of day and month."""
        pairs = [one.pair for one in self.readings if one.pair]
        return Evidence(
            sum(first > 12 for first, _, _ in pairs),
            sum(second > 12 for _, second, _ in pairs),
            frozenset(pair for pair in pairs if max(pair[:2]) <= 12),
            any(one.has_dots for one in self.readings),
        )

    def decided(self, *, day_first: bool) -> "Days":
        """Return the column with each pair decided; what fits only the other way, goes that way."""
        readings = (
            one._replace(day=_paired(one.pair, day_first=day_first)) if one.pair else one
            for one in self.readings
        )
        return replace(self, readings=tuple(readings))

    @property
    def is_mangled(self) -> bool:
        """Whether a program read the ambiguous dates in the wrong order and left the rest as text.

        Its trace: every date with a slash has a figure above 12, every date that the program took
        for one has a day of at most 12.
        """
        taken = {one.day for one in self.readings if one.is_iso and one.day}
        left = self.evidence
        return (
            len(taken) >= _FEW
            and left.day_first + left.month_first >= _FEW
            and not left.either
            and all(day.day <= 12 for day in taken)
        )

    def mended(self) -> "Days":
        """Return the column with day and month of the mistaken dates exchanged."""
        readings = (
            one._replace(day=one.day.replace(month=one.day.day, day=one.day.month))
            if one.is_iso and one.day
            else one
            for one in self.readings
        )
        return replace(self, readings=tuple(readings))

    def example(self) -> tuple[str, date] | None:
        """Return a text that can be read in either order, and how it was read."""
        for text, one in zip(self.texts, self.readings, strict=True):
            if one.pair and one.day and one.pair[0] != one.pair[1] and max(one.pair[:2]) <= 12:
                return text, one.day
        return None

    def values(self) -> pa.Array:
        """Return each row's day (date32), null where there is none in range."""
        days = [one.day if _is_in_range(one.day) else None for one in self.readings]
        return pa.array(days, pa.date32()).take(self.places)

    def are_out_of_range(self) -> pa.Array:
        """Return whether each row's date was read but is not a date of this trade."""
        outside = [one.day is not None and not _is_in_range(one.day) for one in self.readings]
        return pa.array(outside, pa.bool_()).take(self.places)

    def grains(self) -> pa.Array:
        """Return what each row's text names: a day, a week or a month."""
        return pa.array([one.grain for one in self.readings], pa.string()).take(self.places)


def days(texts: pa.Array, places: pa.Array) -> Days:
    """Return a column of dates, each distinct text read as far as it alone allows.

    Parameters
    ----------
    texts : pa.Array
        Distinct texts.
    places : pa.Array
        For each row its text's place.
    """
    plain = pc.utf8_trim_whitespace(pc.utf8_normalize(texts, form="NFKC"))
    plain = pc.replace_substring_regex(plain, _CLOCK, "")
    plain = pc.utf8_trim_whitespace(pc.replace_substring_regex(plain, _WEEKDAY, ""))
    distinct = plain.dictionary_encode()
    found = tuple(distinct.dictionary.to_pylist())
    return Days(found, tuple(map(reading, found)), distinct.indices.take(places))


def reading(text: str) -> Reading:
    """Return what ``text``, a date without time of day, says.

    >>> reading("2024年1月5日").day, reading("Jul-21-25").day, reading("3/4/2024").pair
    (datetime.date(2024, 1, 5), datetime.date(2025, 7, 21), (3, 4, 2024))
    """
    for pattern, read in _PATTERNS:
        match = pattern.fullmatch(text)
        if match:
            return read(match)
    return Reading()


def date_in_name(name: str) -> date | None:
    """Return the last day that stands in a file's name.

    >>> date_in_name("BusinessReport-20260401-20260430.csv"), date_in_name("stock.csv")
    (datetime.date(2026, 4, 30), None)
    """
    found = (_day(int(m[1]), int(m[3]), int(m[4])) for m in _IN_NAME.finditer(name))
    return max((day for day in found if day), default=None)


def _is_in_range(day: date | None) -> bool:
    return day is not None and FIRST <= day <= LAST


def _span(pairs: frozenset[tuple[int, int, int]], *, day_first: bool) -> int:
    read = [day for pair in pairs if (day := _paired(pair, day_first=day_first))]
    return (max(read) - min(read)).days if read else 0


def _paired(pair: tuple[int, int, int], *, day_first: bool) -> date | None:
    first, second, year = pair
    as_day_first, as_month_first = _day(year, second, first), _day(year, first, second)
    one, other = (as_day_first, as_month_first) if day_first else (as_month_first, as_day_first)
    return one or other


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _year(text: str) -> int:
    year = int(text)
    if len(text) == 4:
        return year
    return year + (2000 if year < 70 else 1900)


def _year_first(match: re.Match[str]) -> Reading:
    is_iso = match[2] == "-" and len(match[0]) == len("2024-01-05")
    return Reading(_day(int(match[1]), int(match[3]), int(match[4])), is_iso=is_iso)


def _compact(match: re.Match[str]) -> Reading:
    return Reading(_day(int(match[1]), int(match[2]), int(match[3])))


def _month(match: re.Match[str]) -> Reading:
    return Reading(_day(int(match[1]), int(match[2]), 1), "month")


def _week(match: re.Match[str]) -> Reading:
    try:
        return Reading(date.fromisocalendar(int(match[1]), int(match[2]), 1), "week")
    except ValueError:
        return Reading()


def _year_last(match: re.Match[str]) -> Reading:
    first, second, year = int(match[1]), int(match[3]), _year(match[4])
    if not (_day(year, second, first) or _day(year, first, second)):
        return Reading()
    return Reading(pair=(first, second, year), has_dots=match[2] == ".")


def _day_name(match: re.Match[str]) -> Reading:
    return _named(match[3], match[2], match[1])


def _name_day(match: re.Match[str]) -> Reading:
    return _named(match[3], match[1], match[2])


def _name_year(match: re.Match[str]) -> Reading:
    return _named(match[2], match[1], "1")._replace(grain="month")


def _named(year: str, month: str, day: str) -> Reading:
    number = code_of("months", month)
    return Reading(_day(_year(year), int(number), int(day)) if number else None)


def _serial(match: re.Match[str]) -> Reading:
    return Reading(_EPOCH + timedelta(days=int(match[1])))


_PATTERNS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Reading]], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), read)
    for pattern, read in (
        (r"(\d{4})\s*([-/.年])\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?", _year_first),
        (r"((?:19|20)\d{2})(\d{2})(\d{2})", _compact),
        (r"(\d{1,2})\s*([-/. ])\s*(\d{1,2})\s*[-/. ]\s*(\d{4}|\d{2})", _year_last),
        (r"(\d{1,2})(?:st|nd|rd|th|\.)?[-/., ]*([^\W\d_]{3,})\.?[-/., ']*(\d{4}|\d{2})", _day_name),
        (r"([^\W\d_]{3,})\.?[-/., ]*(\d{1,2})(?:st|nd|rd|th)?[-/., ]+(\d{4}|\d{2})", _name_day),
        (r"([^\W\d_]{3,})\.?[-/., ']*(\d{4}|\d{2})", _name_year),
        (r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*月?份?", _month),
        (r"(20\d{2})(0[1-9]|1[0-2])", _month),
        (r"(\d{4})\s*(?:[-/ ]?\s*(?:W|WK|Week)|年?第)\s*(\d{1,2})\s*[周週]?", _week),
        (r"(\d{5})(?:\.\d+)?", _serial),
    )
)
