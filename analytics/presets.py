"""What has happened to sellers before, each as a scenario to start from.

The numbers are of the size that was seen; the reason stands beside each. They set sliders, which
the reader moves on from there.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from functools import cache

from analytics.calendars import builtin
from analytics.errors import UnknownCodeError
from analytics.scenario import Scenario

_STRIKE_NOTICE = 30  # days
_SAILINGS = 14  # days within which what is booked meets the ship that does not sail
_RUSH = 42  # days before the closure in which orders queue for the factory's last weeks
# Chinese New Year lies between 21 January and 20 February; factories shut about ten days before it
# and are back about two weeks after.
_EARLIEST, _LATEST = (1, 11), (3, 6)


def _red_sea(_as_of: date) -> Scenario:
    """Sail around the Cape of Good Hope.

    It adds some 3,500 nautical miles from Shanghai to Rotterdam, ten to fourteen days at the usual
    speeds, as carriers announced in December 2023. Spot freight on that way more than doubled in
    weeks (UNCTAD, "Navigating troubled waters", February 2024); most sellers pay a mix of contract
    and spot, so it is put at +60 %.
    """
    return Scenario(
        lead_time_delay_days=12, only_route="sea", only_stage="transit", freight_change_pct=60
    )


def _port_strike(as_of: date) -> Scenario:
    """Let docks stand still.

    Walk-outs have lasted 3 days (US east coast, October 2024), 10 (US west coast, 2002) and 13
    (British Columbia, July 2023), and what waits takes several days to clear for each day lost:
    two weeks is the middle. That an announced strike comes about is put a little above even. It
    meets what is at sea now as well as what sails within the notice.
    """
    return Scenario(
        disruption_chance_pct=60,
        disruption_days=14,
        only_route="sea",
        only_stage="transit",
        hits_until=as_of + timedelta(_STRIKE_NOTICE),
    )


def _customs_inspection(_as_of: date) -> Scenario:
    """Open containers and look inside.

    A scan costs a day or two; being emptied at an examination site one to two weeks with the wait
    and the way there. Only a few in a hundred are examined of a known importer; 15 % is what a
    product or a country under scrutiny meets.
    """
    return Scenario(disruption_chance_pct=15, disruption_days=14, only_stage="customs")


def _peak_season(_as_of: date) -> Scenario:
    """Crowd the ports before the holidays.

    Ships wait for a berth and containers for a lorry, so that the way takes about a quarter longer
    (four weeks at sea become five) and days scatter more.
    """
    return Scenario(lead_time_change_pct=25, lead_time_spread_pct=20, only_stage="transit")


def _chinese_new_year(as_of: date) -> Scenario:
    """Let factories come back slowly.

    The closure itself is in the plan's calendar. On top of it, whoever orders in the weeks before
    waits behind everybody else's last orders, and lines run short of people for about two weeks
    after.
    """
    first, last = _next_closure(as_of)
    return Scenario(
        lead_time_delay_days=15,
        only_stage="production",
        hits="ordered",
        hits_from=first - timedelta(_RUSH),
        hits_until=last,
    )


def _missed_sailing(as_of: date) -> Scenario:
    """Let the ship leave without the goods, or not at all.

    Liner services call once a week, so the next one leaves seven days later.
    """
    return Scenario(
        lead_time_delay_days=7,
        only_route="sea",
        only_stage="booking",
        hits_from=as_of + timedelta(1),
        hits_until=as_of + timedelta(_SAILINGS),
    )


def _by_air(_as_of: date) -> Scenario:
    """Order by air what can fly: days and freight are those of that route."""
    return Scenario(ship_by="air")


_MADE: dict[str, Callable[[date], Scenario]] = {
    "red_sea": _red_sea,
    "port_strike": _port_strike,
    "customs_inspection": _customs_inspection,
    "peak_season": _peak_season,
    "chinese_new_year": _chinese_new_year,
    "missed_sailing": _missed_sailing,
    "by_air": _by_air,
}
PRESETS = tuple(_MADE)


def scenario(code: str, as_of: date) -> Scenario:
    """Return what a preset assumes on a day.

    Parameters
    ----------
    code : str
        One of `PRESETS`.
    as_of : date
        The plan's day, from which windows of days are counted.

    Returns
    -------
    Scenario
        As of that day.

    Raises
    ------
    UnknownCodeError
        There is no such preset.

    Examples
    --------
    >>> scenario("missed_sailing", date(2026, 5, 31)).hits_until
    datetime.date(2026, 6, 14)
    """
    if code not in _MADE:
        raise UnknownCodeError(name="preset", value=code, known=", ".join(PRESETS))
    return replace(_MADE[code](as_of), as_of=as_of)


def matching(assumed: Scenario, as_of: date) -> str:
    """Return the preset that assumes just this on that day; empty if none does.

    The plan's day of ``assumed`` itself does not count.

    >>> matching(Scenario(ship_by="air"), date(2026, 5, 31))
    'by_air'
    """
    wanted = replace(assumed, as_of=as_of)
    return next((code for code in PRESETS if scenario(code, as_of) == wanted), "")


def _next_closure(as_of: date) -> tuple[date, date]:
    """Return first and last day of the factories' closure that has not ended yet."""
    this_year = _closure(as_of.year)
    return this_year if this_year[1] > as_of else _closure(as_of.year + 1)


@cache
def _closure(year: int) -> tuple[date, date]:
    """Return the closure of a year; of years beyond the calendar, the days it may lie between."""
    events = builtin()
    shut = events.loc[(events["code"] == "cny_closure") & (events["ends_on"].dt.year == year)]
    if shut.empty:
        return date(year, *_EARLIEST), date(year, *_LATEST)
    return shut["starts_on"].iloc[0].date(), shut["ends_on"].iloc[0].date()
