"""Days, weeks and months that stand where no column is: in a file's name, in a row of headers."""

import re
from collections.abc import Collection, Sequence
from datetime import date, timedelta
from itertools import chain, pairwise
from typing import NamedTuple

from analytics.ingest import dates
from analytics.ingest.headers import normalised
from analytics.ingest.words import code_of

_DAY = re.compile(r"(?<!\d)(20\d{2})([-_./]?)(0?[1-9]|1[0-2])\2(0?[1-9]|[12]\d|3[01])(?!\d)")
_DAY_ZH = re.compile(r"(20\d{2})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*[日号]")
_MONTH = re.compile(
    r"(?<!\d)(20\d{2})(?:\s*年\s*|[-_./ ]?)(1[0-2]|0?[1-9])(?:\s*月)?(?![\d年])(?![-_./]\d)"
)
_WEEK = re.compile(r"(?i)(?<!\d)(20\d{2})\s*[-_ ]?\s*(?:w|wk|week|年?第)\s*(\d{1,2})(?!\d)")
_NAMED = (
    re.compile(r"(?P<month>[^\W\d_]{3,})[-_. ']*(?P<year>20\d{2})(?!\d)"),
    re.compile(r"(?<!\d)(?P<year>20\d{2})[-_. ]*(?P<month>[^\W\d_]{3,})"),
)
_YEAR = re.compile(r"(?<!\d)(20\d{2})(?!\d)")
_LONE_MONTH = re.compile(r"(1[0-2]|0?[1-9])\s*月份?")
_LONE_WEEK = re.compile(r"(?i)(?:w|wk|week|第)\s*(\d{1,2})\s*[周週]?")
_LONE_DAY = re.compile(r"\s*(\d{1,2})\s*[日号]?\s*")
_LONE_PAIR = re.compile(r"(\d{1,2})[-/.](\d{1,2})")
_DAY_OF_YEAR = re.compile(r"(\d{1,2})\s*月\s*(\d{1,2})\s*[日号]")
_MIDNIGHT = re.compile(r"[T ]0{1,2}:00(?::00)?(?:\.0+)?$")
_SERIAL = re.compile(r"\d{5}(?:\.0+)?")
# What a header may say beside its period: that the figures are units sold.
_BESIDE = re.compile(
    r"(?i)销量|销售数量|销售量|数量|件数"
    r"|units sold|units|sales qty|qty sold|quantity|sales|sold|qty"
)
_WEEK_DAYS = 7
_MONTH_DAYS = 28  # of the shortest


class Period(NamedTuple):
    """The first day of a day, week or month."""

    day: date
    grain: str


class Span(NamedTuple):
    """Periods of a row of headers: where they stand, and their common grain."""

    places: tuple[int, ...]
    days: tuple[date, ...]
    grain: str


def period_in(*names: str) -> Period | None:
    """Return the day, week or month that names tell together, the last name first.

    A range of days counts if it is a whole week or month; else it cannot be placed.

    >>> period_in("BusinessReport-20260401-20260430.csv")
    Period(day=datetime.date(2026, 4, 1), grain='month')
    >>> period_in("sales 2026.xlsx", "5月"), period_in("sales.xlsx", "Sheet1")
    (Period(day=datetime.date(2026, 5, 1), grain='month'), None)
    """
    for name in reversed(names):
        days = sorted(_days_in(name))
        if days:
            return _whole(days[0], days[-1])
        for found in (_week_in(name), _month_in(name)):
            if found:
                return found
    year = next((int(m[1]) for name in names if (m := _YEAR.search(name))), None)
    return _without_year(names[-1], year) if names else None


def year_in(texts: Sequence[str]) -> int | None:
    """Return the only year that stands in ``texts``; None if there is none or several.

    >>> year_in(["销量 2026", "SKU"]), year_in(["2025", "2026"])
    (2026, None)
    """
    years = {int(year) for text in texts for year in _YEAR.findall(text)}
    return years.pop() if len(years) == 1 else None


def span_of(cells: Sequence[str], year: int | None, month: date | None = None) -> Span | None:
    """Return the periods that a row of headers names, if at least two do, in rising order.

    Parameters
    ----------
    cells : sequence of str
        The headers.
    year : int or None
        For headers that name a month, a week, or a day of a month.
    month : date or None
        The first day of the month for headers that are mere days of it, from 1 on.
    """
    found = _placed(cells, year) or _numbered(cells, month)
    if not found or len(found) < 2:
        return None
    grains = [period.grain for period in found.values()]
    grain = max(("month", "week", "day"), key=grains.count)
    kept = {place: period.day for place, period in found.items() if period.grain == grain}
    days = tuple(kept.values())
    if len(set(days)) < 2 or len(set(days)) < len(days):
        return None
    return Span(tuple(kept), days, _coarser(days) if grain == "day" else grain)


def _placed(cells: Sequence[str], year: int | None) -> dict[int, Period]:
    """Return the period of each header that is one; dates with an open order are told together."""
    found: dict[int, Period] = {}
    pairs: dict[int, tuple[int, int, int]] = {}
    for place, cell in enumerate(cells):
        text = _MIDNIGHT.sub("", _BESIDE.sub("", cell).strip(" ()（）[]-_:：")).strip()
        read = dates.Reading() if _SERIAL.fullmatch(text) else dates.reading(text)
        if read.pair:
            pairs[place] = read.pair
        elif year is not None and (lone_day := _LONE_PAIR.fullmatch(text)):
            pairs[place] = (int(lone_day[1]), int(lone_day[2]), year)
        elif read.day:
            found[place] = Period(read.day, read.grain)
        elif lone := _without_year(text, year):
            found[place] = lone
    day_first = _is_day_first(pairs.values())
    for place, (first, second, of_year) in pairs.items():
        month, day = (second, first) if day_first else (first, second)
        if told := _date(of_year, month, day) or _date(of_year, day, month):
            found[place] = Period(told, "day")
    return dict(sorted(found.items()))


def _numbered(cells: Sequence[str], month: date | None) -> dict[int, Period]:
    """Return the days of headers 1, 2, 3 and so on, if there are as many as a week has."""
    told = [(place, m[1]) for place, cell in enumerate(cells) if (m := _LONE_DAY.fullmatch(cell))]
    if month is None or len(told) < _WEEK_DAYS:
        return {}
    if [int(number) for _, number in told] != list(range(1, len(told) + 1)):
        return {}
    days = ((place, _date(month.year, month.month, int(number))) for place, number in told)
    return {place: Period(day, "day") for place, day in days if day}


def _is_day_first(pairs: Collection[tuple[int, int, int]]) -> bool:
    """Return whether the day comes first, as a figure says, or an order in which they rise."""
    if any(first > 12 for first, _, _ in pairs) or any(second > 12 for _, second, _ in pairs):
        return any(first > 12 for first, _, _ in pairs)
    day_first = [(year, second, first) for first, second, year in pairs]
    month_first = [(year, first, second) for first, second, year in pairs]
    if (day_first == sorted(day_first)) != (month_first == sorted(month_first)):
        return day_first == sorted(day_first)
    return _months(day_first) < _months(month_first)


def _months(days: Collection[tuple[int, int, int]]) -> int:
    """Return over how many months days spread."""
    months = [year * 12 + month for year, month, _ in days]
    return max(months, default=0) - min(months, default=0)


def _coarser(days: Sequence[date]) -> str:
    """Return what headers stand for that are days: the first ones of weeks or months, perhaps."""
    steps = [(later - earlier).days for earlier, later in pairwise(sorted(days))]
    if all(day.day == 1 for day in days) and min(steps) >= _MONTH_DAYS:
        return "month"
    return "week" if set(steps) == {_WEEK_DAYS} else "day"


def _whole(first: date, last: date) -> Period | None:
    if first == last:
        return Period(first, "day")
    if (last - first).days == _WEEK_DAYS - 1:
        return Period(first, "week")
    is_month = first.day == 1 and (last + timedelta(days=1)).day == 1
    if is_month and (first.year, first.month) == (last.year, last.month):
        return Period(first, "month")
    return None


def _days_in(name: str) -> set[date]:
    found = [(m[1], m[3], m[4]) for m in _DAY.finditer(name) if m[2] or len(m[0]) == 8]
    found += [(m[1], m[2], m[3]) for m in _DAY_ZH.finditer(name)]
    told = (_date(int(year), int(month), int(day)) for year, month, day in found)
    return {day for day in told if day}


def _week_in(name: str) -> Period | None:
    match = _WEEK.search(name)
    return _week(int(match[1]), int(match[2])) if match else None


def _month_in(name: str) -> Period | None:
    if match := _MONTH.search(name):
        return Period(date(int(match[1]), int(match[2]), 1), "month")
    for match in chain.from_iterable(pattern.finditer(name) for pattern in _NAMED):
        month = code_of("months", match["month"])
        if month:
            return Period(date(int(match["year"]), int(month), 1), "month")
    return None


def _without_year(text: str, year: int | None) -> Period | None:
    if year is None:
        return None
    if match := _LONE_MONTH.fullmatch(text.strip()):
        return Period(date(year, int(match[1]), 1), "month")
    if match := _DAY_OF_YEAR.fullmatch(text.strip()):
        day = _date(year, int(match[1]), int(match[2]))
        return Period(day, "day") if day else None
    if match := _LONE_WEEK.fullmatch(text.strip()):
        return _week(year, int(match[1]))
    month = code_of("months", text) if not normalised(text).isdigit() else None
    return Period(date(year, int(month), 1), "month") if month else None


def _week(year: int, number: int) -> Period | None:
    try:
        return Period(date.fromisocalendar(year, number, 1), "week")
    except ValueError:
        return None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
