"""The report's page: figures, pictures and tables, filled into its template."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

import jinja2
import pandas as pd

from analytics import words
from analytics.charts import delays as charts
from analytics.i18n import MISSING, Translator
from analytics.reporting import measures, pictures, tables
from analytics.reporting.tables import LEAST_UNITS, Made
from analytics.services import comparing
from analytics.services.delays import Impact, ItemImpact

_ITEMS, _ORDERS, _BARS = 10, 8, 12  # rows of the tables and bars of a page; the workbook holds all
_WIDE, _HALF, _HIGH, _LOW = 640, 250, 240, 170  # pixels that a picture draws on
# The figures at the head of the page; those that are hidden make room for the next.
_CARDS = (
    "out_90", "units_short", "contribution_at_risk", "replanned_short", "safety_stock_cash",
    "order_value", "safety_stock", "order_quantity", "stockout_days",
)  # fmt: skip
_CARDS_SHOWN = 6


def html(t: Translator, impact: Impact, made: Made, item: ItemImpact | None) -> str:
    """Return the page; see `analytics.reporting.delay_html`."""
    return _template().render(
        t=t,
        language={"zh": "zh-CN"}.get(t.language, t.language),
        made=made,
        impact=impact,
        scenario=words.scenario(t, impact.scenario),
        figures=_figures(t, impact),
        pictures=_pictures(t, impact, item),
        item=item,
        items=_items(t, impact),
        orders=_orders(t, impact),
        assumptions=tables.assumptions(t, impact.scenario).to_dict("records"),
        notes=[measures.note(t, entry) for entry in impact.notes],
        has_money="contribution_at_risk" in impact.lines,
    )


@cache
def _template() -> jinja2.Template:
    world = jinja2.Environment(
        loader=jinja2.PackageLoader("analytics", "reporting"),
        autoescape=True,  # names are data: none of them is markup
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return world.get_template("delays.html")


def _figures(t: Translator, impact: Impact) -> list[dict[str, str]]:
    """Return the figures of the page's head: at rest, and under the scenario."""
    rows = comparing.differences([impact]).set_index("measure").to_dict("index")
    shown = [code for code in _CARDS if code in rows and pd.notna(rows[code]["c0"])]
    return [_figure(t, code, rows[code], impact.currency) for code in shown[:_CARDS_SHOWN]]


def _figure(t: Translator, code: str, row: Mapping[Any, Any], currency: str) -> dict[str, str]:
    before, after = (
        measures.spoken(t, row[case], row["unit"], currency) for case in ("at_rest", "c0")
    )
    return {"label": t(f"compared.{code}"), "before": before, "after": after}


def _pictures(t: Translator, impact: Impact, item: ItemImpact | None) -> dict[str, Any]:
    """Return the pictures that there is something to draw in."""
    drawn: dict[str, Any] = {}
    ranked = charts.ranked(impact.lines, shown=_BARS)
    if len(ranked):
        draw = charts.tornado if charts.in_money(impact.lines) else charts.tornado_units
        drawn["tornado"] = pictures.svg(t, draw, width=_HALF, height=_HIGH, items=ranked)
    if len(impact.timeline):
        weeks = charts.weekly(impact.timeline)
        drawn["timeline"] = pictures.svg(t, charts.timeline, width=_HALF, height=_HIGH, weeks=weeks)
    if item is not None and len(item.course):
        drawn["item"] = pictures.svg(
            t,
            charts.course,
            width=_WIDE,
            height=_LOW,
            course=charts.courses(item.course),
            arrivals=charts.arriving(item.arrivals),
        )
    return drawn


def _items(t: Translator, impact: Impact) -> list[dict[str, str]]:
    """Return the items that lose most by the scenario, in words."""
    lines = impact.lines
    lost = lines.loc[lines["units_short_more"] >= LEAST_UNITS].head(_ITEMS)
    return [_item(t, row, impact.currency) for row in lost.to_dict("records")]


def _item(t: Translator, row: Mapping[Any, Any], currency: str) -> dict[str, str]:
    plan = "replanned" if row["stake"] == "replanned" else "units"
    short = (t.number(row[f"{plan}_short{case}"]) for case in ("_before", ""))
    return {
        "name": str(row["name"]),
        "sku": str(row["sku"]),
        "market": str(row["market"]),
        "stockout": _change(_day(t, row["stockout_before"]), _day(t, row["stockout_on"])),
        "short": _change(*short),
        "reckoned": t("report.replanned") if plan == "replanned" else "",
        "at_risk": t.money(row.get("contribution_at_risk"), currency),
        "order_by": _change(_day(t, row["order_by_before"]), _day(t, row["order_by"])),
        "action": _spoken(t, "action", row["action"]),
        "way": _way(t, row) if row["action"] == "split_by_air" else "",
        "earns": t.money(row.get("action_earns"), currency),
    }


def _way(t: Translator, row: Mapping[Any, Any]) -> str:
    """Return by which route a part is sent, and when it lands."""
    route = words.by_route(t, str(row["air_route"]))
    units, day = t.number(row["air_units"]), _day(t, row["air_lands_on"])
    return t("report.faster", units=units, route=route, day=day)


def _orders(t: Translator, impact: Impact) -> list[dict[str, str]]:
    """Return the late open orders that are worth their cost, or save something at unknown cost."""
    orders = impact.orders
    worth = orders["saved_units"] >= LEAST_UNITS
    if "expedite_cost" in orders:
        worth &= orders["pays"].astype(bool) | orders["expedite_cost"].isna()
    return [
        _order(t, row, impact.currency) for row in orders[worth].head(_ORDERS).to_dict("records")
    ]


def _order(t: Translator, row: Mapping[Any, Any], currency: str) -> dict[str, str]:
    return {
        "order_id": str(row["order_id"]),
        "sku": str(row["sku"]),
        "market": str(row["market"]),
        "route": _spoken(t, "route", row["route"]),
        "units": t.number(row["units"]),
        "eta": _change(_day(t, row["eta_before"]), _day(t, row["eta_on"])),
        "saved": t.number(row["saved_units"]),
        "worth": t.money(row.get("saved_contribution"), currency),
        "cost": t.money(row.get("expedite_cost"), currency),
    }


def _change(before: str, after: str) -> str:
    return after if before == after else f"{before} → {after}"


def _day(t: Translator, day: date | None) -> str:
    return MISSING if pd.isna(day) else t.date(day)


def _spoken(t: Translator, section: str, code: object) -> str:
    key = f"{section}.{code}"
    return t(key) if t.has(key) else str(code or MISSING)
