"""Dates as people write them; day or month first is decided by the whole column."""

import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from analytics.ingest import clocks, digits

FIRST, LAST = date(1990, 1, 1), date(2100, 12, 31)

_EPOCH = date(1899, 12, 30)  # day 0 of Excel's serial numbers
_FEW = 3  # so many mistaken dates are no accident
_BUDDHIST = range(2440, 2644)  # years that can only be counted as in Thailand
_BUDDHIST_AHEAD = 543
_GUARD = r"""^(?:="([^"]*)"|'(.*))$"""
_CLOCK = (
    r"(?i)(?:[T\s]+(?:at|um|à|alle|às|a las|pukul|lúc|เวลา)?\s*"
    r"(?:上午|下午|早上|晚上|中午|凌晨|午前|午後|am|pm)?\s*"
    rf"{clocks.TIME}(?:\s*(?:Uhr|น\.?))?"
    r"|\s*\d{1,2}[时時点點]\d{1,2}分?(?:\d{1,2}秒?)?"
    r"|\s+\d{1,2}h\d{2}"
    r"|(\b\d{4})[\s,]+(?:pukul\s*)?\d{1,2}\.\d{2}(?:\.\d{2})?(?:\s*WI(?:B|TA|T))?)$"
)
_CLOCK_IN_FRONT = r"^\d{1,2}:\d{2}(?::\d{2})?[\s,]+"
_WEEKDAY = (
    r"(?i)^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+"
    r"|\s*\(?(?:星期|周|週)[一二三四五六日天]\)?$|\s*\([月火水木金土日]\)$|\s*[月火水木金土日]曜日$"
)
# Weekdays in the languages of the months; tried last, for "mar." is a Tuesday and a March.
_WEEKDAY_ELSEWHERE = re.compile(
    r"(?:mo|di|mi|do|fr|sa|so|lu|ma|me|je|ve|sá|sa|dim|dom|mi[ée]|jue|vie|gio|seg|ter|qua|qui|sex"
    r"|sen|sel|rab|kam|jum|min|sab|thứ|chủ nhật|วัน)[^\d,]*?[.,]*\s*(?:ngày|ที่)?\s*(?=\d)",
    re.IGNORECASE,
)
_SPAN = re.compile(
    r"(.+?)\s*(?:~|至|到|–|—|\s-\s|\s(?:to|bis|s/d)\s|(?<=[\d/.]{8})-(?=[\d/.]{8}))\s*(.+)"
)
_NO_YEAR = (
    r"(?i)^\s*(?:\d{1,2}\s*[月월]\s*(?:\d{1,2}\s*[日号號일]?)?|\d{1,2}\s*[-/]\s*\d{1,2}"
    r"|[a-z]{3,9}\.?[ -]\d{1,2}(?:st|nd|rd|th)?|\d{1,2}(?:st|nd|rd|th)?\.?[ -][a-z]{3,9}\.?)\s*$"
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
    clock: clocks.Split
    rows: pa.Array | None  # each row's place in ``clock``; None = they are the same rows

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
        for one has a day of at most 12, and lies nearer to the others with day and month swapped.
        """
        taken = {one.day for one in self.readings if one.is_iso and one.day}
        left = self.evidence
        is_traced = (
            len(taken) >= _FEW
            and left.day_first + left.month_first >= _FEW
            and not left.either
            and all(day.day <= 12 for day in taken)
        )
        if not is_traced:
            return False
        others = [one.day for one in self.readings if one.pair and one.day]
        return _apart(map(_swapped, taken), others) < _apart(taken, others)

    def mended(self) -> "Days":
        """Return the column with day and month of the mistaken dates exchanged."""
        readings = (
            one._replace(day=_swapped(one.day)) if one.is_iso and one.day else one
            for one in self.readings
        )
        return replace(self, readings=tuple(readings))

    def mended_example(self) -> tuple[str, date]:
        """Return the first text that `mended` reads anew, and how."""
        found = zip(self.texts, self.readings, strict=True)
        return next((text, _swapped(one.day)) for text, one in found if one.is_iso and one.day)

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

    def values_in(self, zone: str) -> pa.Array:
        """Return the same in a time zone; a text without an offset keeps the day that it names.

        Raises
        ------
        UnknownTimeZoneError
            There is no such zone.
        """
        if self.rows is None:
            return self.clock.moved(self.values(), zone)
        return self.clock.taken(self.rows).moved(self.values(), zone)

    def are_out_of_range(self) -> pa.Array:
        """Return whether each row's date was read but is not a date of this trade."""
        outside = [one.day is not None and not _is_in_range(one.day) for one in self.readings]
        return pa.array(outside, pa.bool_()).take(self.places)

    def grains(self) -> pa.Array:
        """Return what each row's text names: a day, a week or a month."""
        return pa.array([one.grain for one in self.readings], pa.string()).take(self.places)


def days(texts: pa.Array, places: pa.Array | None = None) -> Days:
    """Return a column of dates, each distinct text read as far as it alone allows.

    Parameters
    ----------
    texts : pa.Array
        Texts; of each row, or those that ``places`` points at.
    places : pa.Array, optional
        For each row its text's place.
    """
    plain = pc.utf8_trim_whitespace(pc.utf8_normalize(digits.western(texts), form="NFKC"))
    split = clocks.split(plain)
    dated = dates_alone(split.distinct).dictionary_encode()
    found = tuple(dated.dictionary.to_pylist())
    whose = dated.indices.take(pa.array(split.places))
    rows = whose if places is None else whose.take(places)
    return Days(found, tuple(map(reading, found)), rows, split, places)


def dates_alone(texts: pa.Array) -> pa.Array:
    """Return texts without times of day, weekdays and guards, as far as these are written apart."""
    plain = pc.replace_substring_regex(texts, _GUARD, r"\1\2")
    plain = pc.utf8_trim_whitespace(pc.replace_substring_regex(plain, _CLOCK, r"\1"))
    plain = pc.replace_substring_regex(plain, _CLOCK_IN_FRONT, "")
    plain = pc.utf8_trim_whitespace(pc.replace_substring_regex(plain, _WEEKDAY, ""))
    return pc.utf8_rtrim(plain, ", ")


def reading(text: str) -> Reading:
    """Return what ``text``, a date without time of day, says.

    >>> reading("2024年1月5日").day, reading("Jul-21-25").day, reading("3/4/2024").pair
    (datetime.date(2024, 1, 5), datetime.date(2025, 7, 21), (3, 4, 2024))
    """
    found = _simple(text)
    if found == Reading() and (named := _WEEKDAY_ELSEWHERE.match(text)):
        found = _simple(text[named.end() :])
    if found == Reading() and (span := _SPAN.fullmatch(text)):
        found = _spanned(_simple(span[1]).day, _simple(span[2]).day)
    return found


def _simple(text: str) -> Reading:
    for pattern, read in _PATTERNS:
        match = pattern.fullmatch(text)
        if match:
            return read(match)
    return Reading()


def _spanned(first: date | None, last: date | None) -> Reading:
    """Return the period between two days: a day, seven days, or a calendar month."""
    if first is None or last is None:
        return Reading()
    after = last + timedelta(days=1)
    if first.day == after.day == 1 and (after - first).days in range(28, 32):
        return Reading(first, "month")
    grain = {1: "day", 7: "week"}.get((after - first).days)
    return Reading(first, grain) if grain else Reading()


def lack_years(texts: pa.Array) -> pa.Array:
    """Return which texts name a day or month, but no year: 6月4日, 04/06, 4 June.

    >>> lack_years(pa.array(["6月4日", "06/04", "Jun 4", "2026-06-04", "soon"])).to_pylist()
    [True, True, True, False, False]
    """
    return pc.match_substring_regex(texts, _NO_YEAR)


def date_in_name(name: str) -> date | None:
    """Return the last day that stands in a file's name.

    >>> date_in_name("BusinessReport-20260401-20260430.csv"), date_in_name("stock.csv")
    (datetime.date(2026, 4, 30), None)
    """
    found = (_day(int(m[1]), int(m[3]), int(m[4])) for m in _IN_NAME.finditer(name))
    return max((day for day in found if day), default=None)


def _is_in_range(day: date | None) -> bool:
    return day is not None and FIRST <= day <= LAST


def _swapped(day: date) -> date:
    return day.replace(month=day.day, day=day.month)


def _apart(days: Iterable[date], others: Sequence[date]) -> int:
    """Return how many days lie between ``days`` and the stretch of the others, taken together."""
    first, last = min(others), max(others)
    return sum(max((first - day).days, (day - last).days, 0) for day in days)


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
        return date(year - _BUDDHIST_AHEAD * (year in _BUDDHIST), month, day)
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


def _plain(match: re.Match[str]) -> Reading:
    return Reading(_day(int(match["year"]), int(match["month"]), int(match["day"])))


def _month(match: re.Match[str]) -> Reading:
    return Reading(_day(int(match["year"]), int(match["month"]), 1), "month")


def _week(match: re.Match[str]) -> Reading:
    weekday = match.groupdict().get("weekday")
    try:
        day = date.fromisocalendar(int(match["year"]), int(match["week"]), int(weekday or 1))
    except ValueError:
        return Reading()
    return Reading(day, "day" if weekday else "week")


def _year_last(match: re.Match[str]) -> Reading:
    first, second, year = int(match[1]), int(match[3]), _year(match[4])
    if not (_day(year, second, first) or _day(year, first, second)):
        return Reading()
    return Reading(pair=(first, second, year), has_dots=match[2] == ".")


def _named(match: re.Match[str]) -> Reading:
    number = _months().get(_spelt(match["name"]))
    if number is None:
        return Reading()
    day = match.groupdict().get("day")
    is_thai = len(match["year"]) == 2 and "\u0e00" < match["name"][0] < "\u0e7f"
    year = int(match["year"]) + 2500 if is_thai else _year(match["year"])
    return Reading(_day(year, number, int(day or 1)), "day" if day else "month")


@cache
def _months() -> Mapping[str, int]:
    """Return the number of each month's name, as `_spelt`."""
    text = files("analytics.ingest.words").joinpath("months.toml").read_text(encoding="utf-8")
    named = tomllib.loads(text).items()
    return {_spelt(name): int(number) for number, names in named for name in names}


def _spelt(name: str) -> str:
    """Return a month's name without case, accents and dots; the vowels of Thai stay."""
    plain = unicodedata.normalize("NFKC", name).casefold().replace(".", "").replace(" ", "")
    return _ACCENTS.sub("", unicodedata.normalize("NFD", plain))


def _serial(match: re.Match[str]) -> Reading:
    return Reading(_EPOCH + timedelta(days=int(match[1])))


_ACCENTS = re.compile(r"[\u0300-\u036f]")
_YEAR = r"(?P<year>\d{4})"
_ANY_YEAR = r"(?P<year>\d{4}|\d{2})"
_NAME = r"(?P<name>[^\W\d_][^\s\d/,_\-']+?)"
_OF = r"(?:de |del |พ\.ศ\.\s*)?"
_NTH = r"(?:st|nd|rd|th|er|[oa](?=[ .])|\.)?"
_WEEKS = r"(?:W|WK|Week|KW|CW)\.?"
_PATTERNS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Reading]], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), read)
    for pattern, read in (
        (r"(\d{4})\s*([-/.年년])\s*(\d{1,2})\s*[-/.月월]\s*(\d{1,2})\s*[日号號일]?", _year_first),
        (r"(?P<year>(?:19|2[015])\d{2})(?P<month>\d{2})(?P<day>\d{2})", _plain),
        (r"(\d{1,2})\s*([-/. ])\s*(\d{1,2})\s*[-/. ]\s*(\d{4}|\d{2})", _year_last),
        (rf"{_YEAR}-?W(?P<week>\d{{2}})-?(?P<weekday>[1-7])", _week),
        (rf"{_YEAR}\s*(?:[-/ ]?\s*{_WEEKS}|年?第)\s*(?P<week>\d{{1,2}})\s*[周週]?", _week),
        (rf"{_WEEKS}\s*(?P<week>\d{{1,2}})[-/., ]*{_YEAR}", _week),
        (rf"(?P<day>\d{{1,2}}){_NTH}[-/., ]*{_OF}{_NAME}\.?[-/., ']*{_OF}{_ANY_YEAR}", _named),
        (rf"{_NAME}\.?[-/., ]*(?P<day>\d{{1,2}}){_NTH}[-/., ]+{_ANY_YEAR}", _named),
        (rf"{_YEAR}[-/., ]*{_NAME}\.?[-/., ]*(?P<day>\d{{1,2}})", _named),
        (rf"{_NAME}\.?[-/., ']*{_OF}{_ANY_YEAR}", _named),
        (
            r"(?:ngày\s*)?(?P<day>\d{1,2})[\s,.]*(?:tháng|thg|th)[\s.]*(?P<month>\d{1,2})"
            rf"[\s,]*(?:năm\s*)?{_YEAR}",
            _plain,
        ),
        (rf"(?:tháng|thg|th)[\s.]*(?P<month>\d{{1,2}})[\s,/\-]*(?:năm\s*)?{_YEAR}", _month),
        (rf"{_YEAR}\s*[-/.年년]\s*(?P<month>\d{{1,2}})\s*[月월]?份?", _month),
        (r"(?P<year>20\d{2})(?P<month>0[1-9]|1[0-2])", _month),
        (rf"(?P<month>0?[1-9]|1[0-2])\s*[-/.]\s*{_YEAR}", _month),
        (r"(\d{5})(?:[.,]\d+)?", _serial),
    )
)
