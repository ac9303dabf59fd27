"""Codes and facts put into words, for pages, command line and files alike."""

import math
import string
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from types import MappingProxyType

import pandas as pd

from analytics.i18n import MISSING, Translator, catalog
from analytics.scenario import Scenario

_SHARES = frozenset(
    {
        "availability",
        "bias",
        "chance",
        "off",
        "peak_share",
        "season_strength",
        "service_level",
        "share",
        "strength",
        "uplift",
        "value_share",
        "variation",
        "cycle_service",
        "fill_rate",
        "reached",
        "target",
    }
)
_UNIT_DIGITS = MappingProxyType({"times": 2, "days": 0, "weeks": 1})
_LEAST_SHARE = 0.0005  # below, one digit of a per cent would show nothing
_NO_CODES: Mapping[str, str] = MappingProxyType({})
_NAMED = 3  # orders that a sentence names; of more it says how many


def fact(t: Translator, name: str, value: object) -> str:
    """Return one fact as the reader writes it: shares in per cent, dates, rounded numbers, lists.

    >>> fact(Translator("en"), "service_level", 0.95), fact(Translator("en"), "on_hand", 1234.5)
    ('95.0%', '1,235')
    """
    if isinstance(value, str):
        return value or MISSING
    if value is None or value is pd.NaT:
        return MISSING
    if isinstance(value, tuple | list):
        return t("format.list").join(fact(t, name, part) for part in value) or MISSING
    if isinstance(value, date):
        return t.date(value)
    number = float(value)  # type: ignore[arg-type]  # whatever is left is a number of some kind
    if name in _SHARES:
        return "<0.1%" if 0 < number < _LEAST_SHARE else t.percent(number)
    whole = not math.isfinite(number) or number == int(number) or abs(number) >= 100
    return t.number(_half_up(number) if whole else number, 0 if whole else 1)


def header(t: Translator, text: str) -> str:
    """Return what a column is called: by its header, or in words where the sheet has none for it.

    >>> header(Translator("en"), "on_hand"), header(Translator("en"), "Qty")
    ('On hand', 'Qty')
    """
    return t(f"column.{text}") if t.has(f"column.{text}") else text


def _half_up(number: float) -> float:
    return math.floor(number + 0.5) if math.isfinite(number) else number


def facts(
    t: Translator, values: Mapping[str, object], codes: Mapping[str, str] = _NO_CODES
) -> dict[str, str]:
    """Return every fact in words; ``codes`` names the section that speaks a fact's codes."""
    return {
        name: _spoken(t, codes[name], value) if name in codes else fact(t, name, value)
        for name, value in values.items()
    }


def _spoken(t: Translator, section: str, code: object) -> str:
    key = f"{section}.{code}"
    return catalog(t.language)[key] if t.has(key) else fact(t, section, code)


def worded(
    t: Translator, frame: pd.DataFrame, codes: Mapping[str, str], source: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return ``frame`` with each column of codes put into words.

    A text with placeholders is filled from the same row of ``source`` (default: ``frame``), whose
    own columns of codes are spoken too.
    """
    rows = frame if source is None else source
    spoken = {
        column: _sentences(t, section, rows, column, codes)
        for column, section in codes.items()
        if column in frame
    }
    return frame.assign(**spoken)


def _sentences(
    t: Translator, section: str, rows: pd.DataFrame, column: str, codes: Mapping[str, str]
) -> Sequence[str]:
    series = rows[column]
    place, found = pd.factorize(series)  # a catalogue has thousands of rows, and few codes
    texts = {code: _spoken(t, section, code) for code in found}
    needed = {name for text in texts.values() for name in _placeholders(text)}
    if not needed:
        words = [*texts.values(), MISSING]
        return [words[code] for code in place]
    filled: dict[str, list[str]] = {
        name: [_word(t, name, codes)(value) for value in rows[name]] for name in sorted(needed)
    }
    return [
        texts[code].format(**{name: column[row] for name, column in filled.items()})
        if code in texts
        else MISSING
        for row, code in enumerate(series)
    ]


def _word(t: Translator, name: str, codes: Mapping[str, str]) -> Callable[[object], str]:
    if name in codes:
        return lambda value: _spoken(t, codes[name], value)
    return lambda value: fact(t, name, value)


def _placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def measured(t: Translator, value: float, unit: str, currency: str) -> str:
    """Return a measure of the shop with its unit; a dash where it cannot be said.

    ``unit`` is one of the codes of ``kpi_unit``.

    >>> t = Translator("en")
    >>> measured(t, 4.0612, "times", ""), measured(t, 0.125, "share", "")
    ('4.06 × a year', '12.5%')
    """
    if not math.isfinite(value):
        return MISSING
    if unit == "share":
        return t.percent(value)
    if unit == "money":
        return t.money(value, currency)
    return t(f"kpi_unit.{unit}", value=t.number(value, _UNIT_DIGITS[unit]))


def scenario(t: Translator, assumed: Scenario, safe: Callable[[str], str] = str) -> str:
    """Return in words what is assumed: which shipments are hit and how, then all else.

    ``safe`` makes names out of the data harmless where the text is going: `str` leaves them as
    they are.

    >>> scenario(Translator("en"), Scenario(lead_time_delay_days=14, only_route="sea"))
    'Shipments by sea: 14 days later'
    >>> scenario(Translator("en"), Scenario())
    'Everything goes as it did: this is the plan itself'
    """
    moved = _lead_times(t, assumed)
    parts = []
    if moved:
        who = t("said.between").join(_scope(t, assumed, safe))
        what = t("said.what").join(moved)
        parts.append(t("said.some" if who else "said.every", who=who, what=what))
    parts += _all_else(t, assumed, safe)
    told = t("said.join").join(parts) or t("said.at_rest")
    return told[:1].upper() + told[1:]


def impact(
    t: Translator,
    assumed: Scenario,
    *,
    items: int,
    items_hit: int,
    orders_hit: int,
    safe: Callable[[str], str] = str,
) -> str:
    """Return in words what is assumed, and how much of the catalogue it hits.

    >>> late = Scenario(lead_time_delay_days=1)
    >>> impact(Translator("en"), late, items=128, items_hit=31, orders_hit=12)
    'All shipments: 1 day later. Hit: 31 of 128 items, 12 open order lines.'
    """
    told = scenario(t, assumed, safe)
    if not assumed.changes_lead_times:
        return t("said.full_stop", scenario=told)
    code = "hit" if items_hit or orders_hit else "nothing_hit"
    counts = {"items": items, "items_hit": items_hit, "orders_hit": orders_hit}
    return t(f"said.{code}", scenario=told, **{name: t.number(n) for name, n in counts.items()})


def _lead_times(t: Translator, assumed: Scenario) -> list[str]:
    """Return what becomes of the shipments in scope."""
    parts = []
    if days := assumed.lead_time_delay_days:
        parts.append(t("said.one_day_later" if days == 1 else "said.days_later", days=days))
    if change := assumed.lead_time_change_pct:
        stage = t(f"said.stage_{assumed.only_stage or 'none'}")
        parts.append(t("said.lead_time_change", change=f"{change:+}", stage=stage))
    if change := assumed.lead_time_spread_pct:
        parts.append(t("said.lead_time_spread", change=f"{change:+}"))
    if chance := assumed.disruption_chance_pct:
        one = "said.disruption_day" if assumed.disruption_days == 1 else "said.disruption"
        parts.append(t(one, chance=chance, days=assumed.disruption_days))
    return parts


def _scope(t: Translator, assumed: Scenario, safe: Callable[[str], str]) -> list[str]:
    """Return which shipments are hit; nothing if all of them are."""
    parts = []
    if route := assumed.only_route:
        parts.append(by_route(t, route, safe))
    if assumed.only_supplier:
        parts.append(t("said.only_supplier", supplier=safe(assumed.only_supplier)))
    if assumed.only_market:
        parts.append(t("said.only_market", market=safe(assumed.only_market)))
    if orders := assumed.only_orders:
        named = t("format.list").join(safe(order) for order in orders[:_NAMED])
        code = "only_orders" if len(orders) <= _NAMED else "only_more_orders"
        parts.append(t(f"said.{code}", orders=named, more=len(orders) - _NAMED))
    if assumed.only_stage:
        parts.append(t("said.only_stage", stage=t(f"said.stage_{assumed.only_stage}")))
    window = _window(t, assumed.hits_from, assumed.hits_until)
    if window:
        parts.append(t(f"said.{assumed.hits}", window=window))
    return parts


def by_route(t: Translator, route: str, safe: Callable[[str], str] = str) -> str:
    """Return by which route something comes, within a sentence.

    >>> by_route(Translator("en"), "rail"), by_route(Translator("zh"), "rail")
    ('by rail', '走铁路')
    """
    known = f"said.by_{route.casefold()}"
    return t(known) if t.has(known) else t("said.by_route", route=safe(route))


def deed(t: Translator, act: str) -> str:
    """Return a deed of the audit in words; its name, if a newer version did it.

    >>> deed(Translator("en"), "undo"), deed(Translator("en"), "beam_up")
    ('took an import back', 'beam_up')
    """
    return t(f"act.{act}") if t.has(f"act.{act}") else act


def _window(t: Translator, first: date | None, last: date | None) -> str:
    """Return a span of days in words; nothing if it is not limited."""
    if first is None and last is None:
        return ""
    code = "from" if last is None else "until" if first is None else "span"
    return t(f"said.{code}", first=t.date(first), last=t.date(last))


def _all_else(t: Translator, assumed: Scenario, safe: Callable[[str], str]) -> list[str]:
    """Return what is assumed of routes, demand, money and service."""
    parts = []
    if assumed.ship_by:
        parts.append(t("said.ship_by", route=by_route(t, assumed.ship_by, safe)))
    parts += [
        t(f"said.{name}", change=f"{change:+}")
        for name in ("demand_change", "price_change", "freight_change", "currency_change")
        if (change := getattr(assumed, f"{name}_pct"))
    ]
    if change := assumed.demand_window_pct:
        window = _window(t, assumed.demand_from, assumed.demand_until) or t("said.always")
        parts.append(t("said.demand_window", change=f"{change:+}", window=window))
    if (target := assumed.service_level_pct) is not None:
        parts.append(t("said.service_level", target=f"{target:g}"))
    return parts
