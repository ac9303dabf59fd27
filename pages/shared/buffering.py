"""Safety stock: one item with the reasons for its reorder point, and the whole catalogue."""

from collections.abc import Mapping
from functools import partial

import pandas as pd
import streamlit as st

from analytics import words
from analytics.charts import buffers as charts
from analytics.i18n import Translator
from analytics.policy import Method
from analytics.scenario import Scenario
from analytics.services import evidence, explaining
from analytics.services.buffers import METHODS, POLICY, Buffers, ItemBuffer
from analytics.services.evidence import Evidence
from analytics.services.explaining import BARS
from analytics.services.workspaces import Store
from pages.shared import plain, render, session

VIEWS = ("item", "catalogue", "replay")
_METHODS = {
    "method": "text", "is_used": "text", "safety_stock": "number", "days": "decimal",
    "cash": "number", "currency": "text", "reorder_point": "number", "warning_line": "number",
    "cycle_service": "percent", "fill_rate": "percent",
}  # fmt: skip
_TOTALS = {
    "method": "text", "safety_stock": "number", "days": "decimal", "cash": "number",
    "currency": "text", "cycle_service": "percent", "fill_rate": "percent", "items": "number",
    "items_left_out": "number",
}  # fmt: skip
_BY_METHOD = ("safety_stock", "reorder_point", "cash", "cycle_service", "fill_rate")
_KINDS = {"cycle_service": "percent", "fill_rate": "percent"}
_ITEMS = {
    "sku": "text", "market": "text", "name": "text", "tier": "text", "method": "text",
    "measure": "text", "service_level": "percent", "target_source": "text",
    **{f"{m}_{name}": _KINDS.get(name, "number") for m in METHODS for name in _BY_METHOD},
    "currency": "text", "cost_per_unit": "decimal", "cost_basis": "text", "route": "text",
    "demand_per_day": "decimal", "demand_mean": "decimal", "demand_max": "number",
    "lead_time_mean": "decimal", "lead_time_max": "number",
}  # fmt: skip
_SECTIONS = {
    "method": "method", "measure": "measure", "target_source": "target", "tier": "tier",
    "cost_basis": "cost_basis", "route": "route", "lead_time_source": "lead_time_source",
    "member": "member", "group_level": "group", "source": "source",
}  # fmt: skip
_RECEIPTS = {
    "order_id": "text", "sku": "text", "supplier": "text", "ordered_on": "date",
    "received_on": "date", "days_taken": "number", "status": "text",
}  # fmt: skip
_SALES = {"file": "text", "sheet": "text", "rows_new": "number", "imported_at": "time"}
_WEEKS = {"week": "date", "mean": "decimal", "cumulative_mean": "decimal"}
_MOVED = {"assumption": "text", "value": "decimal", "units": "decimal"}
_OF_SALES = ("lead_time_demand", "review_demand", "uncertain_demand")


def figures(t: Translator, item: ItemBuffer) -> None:
    """Draw what the method of the item's policy says."""
    used, shown = item.used, _said(t, item.facts)
    render.figures(
        [
            (
                t("buffers.safety_stock"),
                render.needed(t, used.safety_stock),
                t("buffers.safety_stock_help", method=shown["method"]),
            ),
            (
                t("buffers.reorder_point"),
                t.number(used.reorder_point),
                t("buffers.reorder_point_help"),
            ),
            (
                t("buffers.warning_line"),
                t.number(used.warning_line),
                t("buffers.warning_line_help"),
            ),
            (
                t("buffers.promised"),
                shown["service_level"],
                t("buffers.promised_help", **shown),
            ),
            (
                t("buffers.cash"),
                t.money(used.cash, item.currency),
                t("buffers.cash_help", **shown),
            ),
        ]
    )


def methods(t: Translator, item: ItemBuffer) -> None:
    """Draw the three methods side by side, and what is promised."""
    shown = _said(t, item.facts)
    st.markdown(t("buffers.promise", **shown))
    ticks = ["✓" if used else "" for used in item.methods["is_used"]]
    marked = item.methods.assign(is_used=ticks, currency=item.currency)
    render.table(
        t,
        marked,
        _METHODS,
        f"leeway-methods-{item.sku}-{item.market}",
        codes={"method": "method"},
        beside=partial(_sheets, t, item, session.store(), session.scenario()),
    )


def why(t: Translator, item: ItemBuffer) -> None:
    """Draw the reorder point as bars, and what the one that the reader opens stands on."""
    shown = _said(t, {**item.why.facts, "reorder_point": item.why.reorder_point})
    render.section(t("explain.title", **shown), t("explain.question", **shown))
    render.chart(t, charts.waterfall, "waterfall", bars=item.why.waterfall)
    render.reading(t("explain.reading"))
    units = dict(zip(item.why.bars["bar"], item.why.bars["units"], strict=True))
    opened = st.pills(
        t("explain.open"),
        BARS,
        format_func=lambda bar: f"{t(f'explain.{bar}')} {_signed(t, units[bar])}",
        key="explained",
    )
    if opened is not None:
        _opened(t, item, opened)


def _signed(t: Translator, units: float) -> str:
    return f"{'+' if units > 0 else ''}{t.number(units, 1)}"


def _opened(t: Translator, item: ItemBuffer, bar: str) -> None:
    """Draw the inputs of one bar: a sentence, and the rows that it was worked out from."""
    known = session.buffer_evidence(session.scenario().as_of, item.sku, item.market)
    with st.container(border=True):
        st.markdown(_sentence(t, item, known, bar))
        if item.why.method == Method.MAX_AVERAGE.value and bar in _OF_SALES:
            _table(t, known.sales, _SALES, "sales")
        elif bar in _OF_SALES:
            _table(t, known.weeks, _WEEKS, "weeks")
            _table(t, known.sales, _SALES, "sales")
        elif bar == "uncertain_lead_time":
            _table(t, _receipts(t, known), _RECEIPTS, "receipts")
        elif bar == "sliders":
            _table(t, _sliders(t, item), _MOVED, "sliders")


def _table(t: Translator, frame: pd.DataFrame, columns: Mapping[str, str], name: str) -> None:
    """Draw the rows behind a bar, if there are any."""
    if len(frame):
        st.caption(t(f"explain.{name}_table"))
        render.table(t, frame, columns, f"leeway-why-{name}")


def _sentence(t: Translator, item: ItemBuffer, known: Evidence, bar: str) -> str:
    """Return what a bar stands on, by the item's method."""
    facts = _said(t, {**known.facts, **item.why.facts})
    if item.why.method == Method.MAX_AVERAGE.value and t.has(f"explain.rule_{bar}"):
        return t(f"explain.rule_{bar}", **facts)
    if bar == "uncertain_demand":
        return t(f"explain.why_{bar}_{item.why.facts['measure']}", **facts)
    if bar == "sliders" and item.why.sliders.empty:
        return t("explain.at_rest")
    parts = [t(f"explain.why_{bar}", **facts)]
    if bar == "uncertain_lead_time":
        parts.append(t(f"explain.from_{known.facts['lead_time_source']}", **facts))
        if known.facts["lead_time_since"]:
            parts.append(t("explain.since", **facts))
    return "\n\n".join(parts)


def _said(t: Translator, facts: Mapping[str, object]) -> dict[str, str]:
    """Return facts in words, none of which is markup."""
    safe = {
        name: plain.literal(value) if isinstance(value, str) and name not in _SECTIONS else value
        for name, value in facts.items()
    }
    return words.facts(t, safe, _SECTIONS)


def _receipts(t: Translator, known: Evidence) -> pd.DataFrame:
    state = [
        t("explain.still_open" if is_open else "explain.arrived")
        for is_open in known.receipts["is_open"]
    ]
    return known.receipts.assign(status=state)


def _sliders(t: Translator, item: ItemBuffer) -> pd.DataFrame:
    moved = item.why.sliders
    return moved.assign(assumption=[t(f"scenario.{name}") for name in moved["assumption"]])


def _sheets(
    t: Translator, item: ItemBuffer, store: Store, scenario: Scenario
) -> dict[str, pd.DataFrame]:
    """Return the card as sheets: the bars, the receipts, the sales and the weeks behind them.

    It runs when somebody asks for the file, outside the visit: nothing may be read from that.
    """
    known = evidence.evidence(store, scenario.as_of, item.sku, item.market)
    drawn = item.why.waterfall
    said = [
        _sentence(t, item, known, bar).replace("\\", "").replace("**", "").replace("\n\n", "\n")
        if bar in BARS
        else ""
        for bar in drawn["bar"]
    ]
    card = pd.DataFrame(
        {
            t("explain.part"): [t(f"explain.{bar}") for bar in drawn["bar"]],
            t("explain.units"): drawn["units"],
            t("explain.sum"): drawn["ends_at"],
            t("explain.stands_on"): said,
        }
    )
    parts = {
        "sliders": (_sliders(t, item), _MOVED),
        "receipts": (_receipts(t, known), _RECEIPTS),
        "sales": (known.sales, _SALES),
        "weeks": (known.weeks, _WEEKS),
    }
    return {t("explain.sheet"): card} | {
        t(f"explain.{name}_sheet"): frame[[*columns]].rename(columns=render.labels(t, columns))
        for name, (frame, columns) in parts.items()
        if len(frame)
    }


def catalogue(t: Translator, known: Buffers) -> None:
    """Draw what the methods hold, cost and reach in all, and every item."""
    totals = {row["method"]: row for row in known.totals.to_dict("records")}
    policy, rule = totals[POLICY], totals[Method.MAX_AVERAGE.value]
    key = "buffers.catalogue_help" if known.is_costed else "buffers.catalogue_no_cost"
    render.section(t("buffers.catalogue"), t(key, currency=known.currency))
    drawn = known.totals if known.is_costed else known.totals.iloc[:0]
    render.chart(t, charts.cash, "cash", totals=drawn)
    render.figures(
        [
            (
                t("buffers.total_cash"),
                t.money(policy["cash"], known.currency),
                t("buffers.total_cash_help", items=t.number(policy["items_left_out"])),
            ),
            (
                t("buffers.total_days"),
                t.number(policy["days"], 1),
                t("buffers.total_days_help"),
            ),
            (
                t("buffers.reached"),
                t.percent(policy["reached"]),
                t("buffers.reached_help", promised=t.percent(policy["service_level"])),
            ),
            (
                t("buffers.rule_more"),
                t.money(rule["cash"] - policy["cash"], known.currency),
                t("buffers.rule_more_help"),
            ),
        ]
    )
    render.table(t, known.totals, _TOTALS, "leeway-safety-stock-totals", codes={"method": "method"})
    render.section(t("buffers.frontier"), t("buffers.frontier_help"))
    paid = session.buffer_service_cost(session.scenario())
    render.chart(t, charts.frontier, "frontier", frontier=paid.curve, points=paid.points)
    render.reading(t("buffers.frontier_reading"))
    render.section(t("buffers.items"), t("buffers.items_help"))
    codes = {name: section for name, section in _SECTIONS.items() if name in _ITEMS}
    render.table(
        t,
        known.lines,
        _ITEMS,
        "leeway-safety-stock",
        codes=codes,
        beside=partial(_whys, t, session.store(), session.scenario()),
    )
    render.notes(t, known.notes)


def _whys(t: Translator, store: Store, scenario: Scenario) -> dict[str, pd.DataFrame]:
    """Return every item's bars as a sheet; see `_sheets` for when it runs."""
    told = words.worded(t, explaining.table(store, scenario), {"method": "method"})
    headings = render.labels(t, ("sku", "market", "method")) | {
        name: t(f"explain.{name}") for name in (*BARS, "reorder_point")
    }
    return {t("explain.sheet"): told.rename(columns=headings)}
