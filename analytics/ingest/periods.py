"""Days, weeks and months that stand where no column is: in a file's name, in a row of headers."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from itertools import chain, pairwise
from typing import NamedTuple

from analytics.ingest import dates
from analytics.ingest.headers import normalised
from analytics.ingest.measures import without_measures
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
_MONTH_WITHIN = re.compile(
    r"(?<![\d年~～〜至到—–./-])(1[0-2]|0?[1-9])\s*月(?:份)?(?![\d~～〜至到—–-])"
)
_MONTH_FIRST = re.compile(r"(?<!\d)(\d{1,2})-(\d{1,2})-(\d{2})(?!\d)")
_LONE_WEEK = re.compile(r"(?i)(?:w|wk|week|第)\s*(\d{1,2})\s*[周週]?")
_LONE_DAY = re.compile(r"\s*(\d{1,2})\s*[日号]?\s*")
_LONE_PAIR = re.compile(r"(\d{1,2})[-/.](\d{1,2})")
_LONE_SPAN = re.compile(r"(\d{1,2})[/.](\d{1,2})\s*[-~–—至到]\s*(\d{1,2})[/.](\d{1,2})")
_SHORT_YEAR = re.compile(r"^['’]?(\d{2})\s*年(?=\s*\d)")
_DAY_OF_YEAR = re.compile(r"(\d{1,2})\s*月\s*(\d{1,2})\s*[日号]")
_MIDNIGHT = re.compile(r"[T ]0{1,2}:00(?::00)?(?:\.0+)?$")
_SERIAL = re.compile(r"\d{5}(?:\.0+)?")
_CHANCE = 2
_WEEK_DAYS = 7
_MONTH_DAYS = 28  # of the shortest
_ANY_YEAR = 2020  # with a 29th of February and a 53rd week
_DECEMBER = 12
_ROUND = " ()（）[]-_:："  # what may stand around a period

_Pair = tuple[int, int, int]  # two figures whose order is open, and the year


class Period(NamedTuple):
    """The first day of a day, week or month."""

    day: date
    grain: str


class Span(NamedTuple):
    """Periods of a row of headers: where they stand, and their common grain."""

    places: tuple[int, ...]
    days: tuple[date, ...]
    grain: str
    is_over_new_year: bool = False  # and no header says so


class _Lone(NamedTuple):
    """A period of a header that does not name its year."""

    grain: str
    of_year: Callable[[int], date | None]


_Told = dict[int, Period | _Lone]  # by place


def period_in(*names: str, month_first: bool = False) -> Period | None:
    """Return the day, week or month that names tell together, the last name first.

    A range of days counts if it is a whole week or month; else it cannot be placed. With
    ``month_first``, 11-21-26 is the 21st of November 2026.

    >>> period_in("BusinessReport-20260401-20260430.csv")
    Period(day=datetime.date(2026, 4, 1), grain='month')
    >>> period_in("sales 2026.xlsx", "5月"), period_in("sales.xlsx", "Sheet1")
    (Period(day=datetime.date(2026, 5, 1), grain='month'), None)
    """
    for name in reversed(names):
        days = sorted(_days_in(name) or (_short_days_in(name) if month_first else ()))
        if days:
            return _whole(days[0], days[-1])
        for found in (_week_in(name), _month_in(name)):
            if found:
                return found
    year = next((int(m[1]) for name in names if (m := _YEAR.search(name))), None)
    if year is None:
        return None
    apart = (_within(name, year) for name in reversed(names))
    return _without_year(names[-1], year) or next(filter(None, apart), None)


def year_in(texts: Sequence[str]) -> int | None:
    """Return the only year that stands in ``texts``; None if there is none or several.

    >>> year_in(["销量 2026", "SKU"]), year_in(["2025", "2026"])
    (2026, None)
    """
    years = {int(year) for text in texts for year in _YEAR.findall(text)}
    return years.pop() if len(years) == 1 else None


def places(cells: Sequence[str], year: int | None) -> tuple[int, ...]:
    """Return which headers name a day, week or month, perhaps of the year that is known."""
    return tuple(_told(cells, year))


def is_period(text: str) -> bool:
    """Return whether a header names a day, week or month, with or without its year.

    >>> is_period("Jan"), is_period("2026-05"), is_period("SKU")
    (True, True, False)
    """
    return bool(_told([text], _ANY_YEAR))


def span_of(cells: Sequence[str], year: int | None, month: date | None = None) -> Span | None:
    """Return the periods that a row of headers names, if at least two do, in rising order.

    Headers without a year follow those that have one. Where none has, they are of the year that is
    known; if they run over New Year, that is the year of the last ones.

    Parameters
    ----------
    cells : sequence of str
        The headers.
    year : int or None
        For headers that name a month, a week, or a day of a month.
    month : date or None
        The first day of the month for headers that are mere days of it, from 1 on.
    """
    told: _Told = _told(cells, year) or {**_numbered(cells, month)}
    grains = [one.grain for one in told.values()]
    grain = max(("month", "week", "day"), key=grains.count)
    kept = {place: one for place, one in told.items() if one.grain == grain}
    found = _dated(kept, year)
    days = tuple(found.values())
    if len(set(days)) < 2 or len(set(days)) < len(days):
        return None
    is_over = year is not None and any(
        isinstance(one := kept[place], _Lone) and one.of_year(year) != day
        for place, day in found.items()
    )
    return Span(tuple(found), days, _coarser(days) if grain == "day" else grain, is_over)


def _told(cells: Sequence[str], year: int | None) -> _Told:
    """Return the period of each header that is one; dates with an open order are told together."""
    found: _Told = {}
    pairs: dict[int, tuple[_Pair, ...]] = {}
    lone: set[int] = set()
    for place, cell in enumerate(cells):
        text = _MIDNIGHT.sub("", without_measures(cell).strip(_ROUND)).strip()
        text = _SHORT_YEAR.sub(r"20\1年", text)
        read = dates.Reading() if _SERIAL.fullmatch(text) else dates.reading(text)
        if read.pair:
            pairs[place] = (read.pair,)
        elif match := _LONE_SPAN.fullmatch(text) or _LONE_PAIR.fullmatch(text):
            if year is not None:
                lone.add(place)
                pairs[place] = _pairs(match, year)
        elif read.day:
            found[place] = Period(read.day, read.grain)
        elif told := _without_year(text, _ANY_YEAR):
            found[place] = _Lone(told.grain, partial(_day_in, text))
    found |= _ordered(pairs, lone)
    return dict(sorted(found.items()))


def _pairs(match: re.Match[str], year: int) -> tuple[_Pair, ...]:
    figures = [int(figure) for figure in match.groups()]
    return tuple((figures[at], figures[at + 1], year) for at in range(0, len(figures), 2))


def _ordered(pairs: Mapping[int, tuple[_Pair, ...]], lone: Collection[int]) -> _Told:
    """Return the days, and the weeks from one day to another, in the order that all suggest."""
    found: _Told = {}
    day_first = _is_day_first([pair for those in pairs.values() for pair in those])
    for place, those in pairs.items():
        first, last = those[0], those[-1]
        of_year = partial(_first_of, those, day_first)
        told = of_year(first[2])
        if told and place in lone:
            found[place] = _Lone("day" if first is last else "week", of_year)
        elif told:
            found[place] = Period(told, "day")
    return found


def _first_of(pairs: Sequence[_Pair], day_first: bool, year: int) -> date | None:  # noqa: FBT001 - bound
    """Return the only day, or the first one of a whole week."""
    first, *others = (_ordered_day(pair, year, day_first=day_first) for pair in pairs)
    if not first or not others:
        return first
    last = others[0]
    if last and last < first:  # over New Year
        last = _ordered_day(pairs[-1], year + 1, day_first=day_first)
    return first if last and (last - first).days == _WEEK_DAYS - 1 else None


def _ordered_day(pair: _Pair, year: int, *, day_first: bool) -> date | None:
    first, second, _ = pair
    month, day = (second, first) if day_first else (first, second)
    return _date(year, month, day) or _date(year, day, month)


def _day_in(text: str, year: int) -> date | None:
    told = _without_year(text, year)
    return told.day if told else None


def _dated(told: Mapping[int, Period | _Lone], year: int | None) -> dict[int, date]:
    """Return the first day of each period; nothing if those without a year cannot be placed."""
    known = {place: one.day for place, one in told.items() if isinstance(one, Period)}
    if known:
        return _beside(told, known)
    if year is None:
        return {}
    lone = {place: one for place, one in told.items() if isinstance(one, _Lone)}
    days = {place: day for place, one in lone.items() if (day := one.of_year(year))}
    years = dict(zip(days, _years(list(days.values()), year), strict=False))
    rolled = {place: lone[place].of_year(of_year) for place, of_year in years.items()}
    return {place: day for place, day in rolled.items() if day}


def _beside(told: Mapping[int, Period | _Lone], known: Mapping[int, date]) -> dict[int, date]:
    """Return the days of headers some of which name a year: the others lead up to or follow it."""
    found = dict(known)
    start = min(known)
    places = sorted(told)
    for step, order in ((1, places), (-1, places[::-1])):
        near = known[start]
        for place in order:
            one = told[place]
            if (place - start) * step <= 0:
                continue
            if isinstance(one, _Lone):
                options = (one.of_year(near.year), one.of_year(near.year + step))
                day = next((d for d in options if d and (d > near) == (step > 0)), None)
                if day is None or day == near:
                    continue
                found[place] = day
            near = found[place]
    return dict(sorted(found.items()))


def _years(days: Sequence[date], year: int) -> list[int]:
    """Return the year of each of ``days`` of one year, which may fall once: over New Year."""
    falls = [at for at, (one, next_) in enumerate(pairwise(days), 1) if next_ < one]
    newest_first = len(falls) == len(days) - 1
    is_new_year = len(days) == 2 and days[0].month == _DECEMBER and days[1].month == 1
    if not falls or (newest_first and not is_new_year):
        return [year] * len(days)
    if len(falls) == 1 and days[-1] < days[0]:
        return [year - 1] * falls[0] + [year] * (len(days) - falls[0])
    back = days[::-1]
    rises = [at for at, (one, next_) in enumerate(pairwise(back), 1) if next_ < one]
    if len(rises) == 1 and back[-1] < back[0]:
        return ([year - 1] * rises[0] + [year] * (len(days) - rises[0]))[::-1]
    return []


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


def grain_of(days: Collection[date]) -> str:
    """Return what the distinct days of totals stand for: two may be apart by chance.

    >>> grain_of([date(2026, 1, 1), date(2026, 2, 1), date(2026, 4, 1)])
    'month'
    """
    return _coarser(list(days)) if len(days) > _CHANCE else "day"


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


def span_in(*names: str) -> tuple[date, date] | None:
    """Return the first and last day that the last name with any tells."""
    days = next((found for name in reversed(names) if (found := sorted(_days_in(name)))), [])
    return (days[0], days[-1]) if days else None


def _short_days_in(name: str) -> set[date]:
    found = (_date(2000 + int(m[3]), int(m[1]), int(m[2])) for m in _MONTH_FIRST.finditer(name))
    return {day for day in found if day}


def _within(name: str, year: int) -> Period | None:
    """Return the only month that a name tells apart from its year, as in 6月销量 2026年."""
    months = {int(match[1]) for match in _MONTH_WITHIN.finditer(name)}
    return Period(date(year, months.pop(), 1), "month") if len(months) == 1 else None


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
