"""Delay lab: what a scenario does to the catalogue, and to the open orders."""

import math
from collections.abc import Callable, Hashable, Mapping
from typing import Any, NamedTuple, Self

import pandas as pd
import streamlit as st

from analytics import words
from analytics.charts import delays as charts
from analytics.i18n import MISSING, Translator
from analytics.services.delays import ACTIONS, Impact
from analytics.services.planning import ITEM_MARK
from pages.shared import plain, render, session
from pages.shared.delayed_item import item

__all__ = [
    "VIEWS", "Asked", "follow", "frontier", "item", "lines", "orders", "overview", "said",
    "sentence",
]  # fmt: skip

Asked = Callable[[], pd.DataFrame]
VIEWS = ("overview", "item", "orders", "compare", "links")
_LINES = {
    "sku": "text", "market": "text", "name": "text", "action": "text", "action_earns": "number",
    "units_short_more": "number", "contribution_at_risk": "number", "air_units": "number",
    "air_route": "text", "air_lands_on": "date", "stockout_before": "date",
    "stockout_on": "date", "stockout_early_on": "date", "order_by_before": "date",
    "order_by": "date", "days_earlier": "number", "order_quantity_before": "number",
    "order_quantity": "number", "order_value": "number", "extra_safety_stock": "number",
    "extra_cash": "number", "air_premium": "decimal", "break_even_premium": "decimal",
    "air_earns": "number", "transfer_units": "number", "expedite_order": "text",
    "left_at_risk": "number", "revenue_at_risk": "number", "currency": "text", "is_hit": "text",
    "tier": "text", "route": "text", "supplier": "text", "on_hand": "number",
    "next_arrival_before": "date", "next_arrival_on": "date",
    "stockout_probability_before": "percent", "stockout_probability": "percent",
    "units_short_before": "number", "units_short": "number", "replanned_short_before": "number",
    "replanned_short": "number", "stake": "text",
}  # fmt: skip
_ORDERS = {
    "order_id": "text", "sku": "text", "market": "text", "name": "text", "open_quantity": "number",
    "eta_before": "date", "eta_on": "date", "days_late": "number", "saved_units": "decimal",
    "saved_contribution": "number", "expedite_cost": "number", "saved_per_money": "decimal",
    "pays": "text", "is_shipped": "text", "ordered_on": "date", "supplier": "text",
    "route": "text",
}  # fmt: skip
_RANKED = (
    "sku", "market", "name", "stake", "unit_contribution", "units_short_before", "units_short",
    "replanned_short_before", "replanned_short",
)  # fmt: skip
_LOST = ("units_short", "revenue_at_risk", "contribution_at_risk")
_LARGE = 1_000  # items
_MOST = 200  # rows that are drawn: a slider moves them all
_TICKS = ("is_hit", "pays", "is_shipped")
_CODES = {
    "action": "action", "air_route": "route", "route": "route", "stake": "compare_plan",
    "tier": "tier",
}  # fmt: skip


class _Case(NamedTuple):
    """What is told of both cases: a row of the totals or of the needs."""

    before: Mapping[Hashable, Any]
    after: Mapping[Hashable, Any]

    @classmethod
    def of(cls, frame: pd.DataFrame) -> Self:
        rows = {row["case"]: row for row in frame.to_dict("records")}
        return cls(rows["baseline"], rows["scenario"])


def follow() -> None:
    """Go to the item that was chosen in a table, before anything is drawn."""
    asked = session.get("asked_item")
    if asked:
        session.keep(asked_item=None, view="item", item=asked)


def sentence(t: Translator, impact: Impact) -> str:
    """Return what the scenario is, and how much of the catalogue it hits."""
    hit = _Case.of(impact.needs).after
    return words.impact(
        t,
        impact.scenario,
        items=impact.n_items,
        items_hit=int(hit["items_hit"]),
        orders_hit=int(hit["orders_hit"]),
        safe=plain.literal,
    )


def frontier() -> pd.DataFrame:
    """Return what cash in safety stock saves under the run's scenario."""
    return session.delay_frontier(session.scenario())


def overview(
    t: Translator, impact: Impact, frontier: Asked | None = None, *, opens: bool = True
) -> None:
    """Draw the catalogue: what is lost and by which items, what it takes, and every item.

    Without a way to ask the ``frontier`` the timeline stands alone; ``opens`` lets a chosen row
    lead to its item.
    """
    said(t, impact)
    _losses(t, impact)
    told = impact.part(_RANKED)  # the list takes longer and is drawn last
    rows = charts.ranked(told)
    if charts.in_money(told):
        render.chart(t, charts.tornado, "tornado", items=rows)
    else:
        render.chart(t, charts.tornado_units, "tornado", items=rows)
    if len(rows):
        render.reading(t("delays.tornado_reading"))
    _needs(t, impact)
    _pictures(t, impact, frontier)
    lines(t, impact, opens=opens)
    render.notes(t, impact.notes)


def said(t: Translator, impact: Impact) -> None:
    """Draw the scenario in words, and what to do where none is chosen."""
    if impact.scenario.is_at_rest:
        st.info(t("delays.at_rest"), icon=":material/tune:")
    else:
        st.markdown(f"##### {sentence(t, impact)}")


def _losses(t: Translator, impact: Impact) -> None:
    """Draw how many items run out, and what that costs."""
    case = _Case.of(impact.totals.query("plan == 'current'"))
    names = [name for name in _LOST if name in case.after]
    left_out = t.number(case.after["items_left_out"])
    with st.container(horizontal=True):
        _metric(t, "run_out", _counts(t, case, "{after}"), _counts(t, case, "{more}"),
                _counts(t, case, "{before}"), items_left_out=left_out)  # fmt: skip
        for name in names:
            _moved(t, impact, name, case)
        replanned = _Case.of(impact.totals.query("plan == 'replanned'"))
        _moved(t, impact, names[-1], replanned, label="replanned")


def _counts(t: Translator, case: _Case, form: str) -> str:
    """Return what is counted at the ends of 30, 60 and 90 days; nothing if it did not move."""
    told = [
        {"after": t.number(case.after[name]), "before": t.number(case.before[name]),
         "more": _signed(t, case.after[name] - case.before[name])}
        for name in ("out_30", "out_60", "out_90")
    ]  # fmt: skip
    if form != "{after}" and all(part["after"] == part["before"] for part in told):
        return ""
    return " · ".join(form.format(**part) for part in told)


def _needs(t: Translator, impact: Impact) -> None:
    """Draw what the scenario asks for: buffer, cash, earlier orders, faster ways."""
    render.section(t("delays.needs"), t("delays.needs_help"))
    needs = _Case.of(impact.needs)
    days = needs.after["median_days_earlier"]
    by_days = t("delays.by_days", days=_short(t, days)) if days > 0 else ""
    with st.container(horizontal=True):
        for name in ("safety_stock", "safety_stock_cash"):
            if name in needs.after:
                _moved(t, impact, name, needs)
        _metric(t, "items_earlier", t.number(needs.after["items_earlier"]), by_days)
        if impact.worth_expediting is not None:
            _metric(t, "worth_expediting", t.number(impact.worth_expediting))
        _metric(t, "units_to_fly", t.number(needs.after["units_to_fly"]))


def _moved(t: Translator, impact: Impact, name: str, case: _Case, *, label: str = "") -> None:
    """Draw a figure under the scenario, and from where it moved."""
    before, after = float(case.before[name]), float(case.after[name])
    currency = impact.currency if name.endswith(("_risk", "_cash")) else ""
    more = round(after) - round(before) if math.isfinite(after - before) else 0
    shown = (_signed(t, more), t.number(before)) if more else ("", "")
    _metric(t, label or name, t.money(after, currency), *shown)


def _metric(
    t: Translator, word: str, value: str, more: str = "", before: str = "", **facts: str
) -> None:
    """Draw one figure of the lab, and beneath it how far it moved and from where."""
    st.metric(
        t(f"delays.{word}"),
        value,
        more or None,
        delta_color="off",
        delta_arrow="off",
        delta_description=t("delays.from", before=before) if before else None,
        help=t(f"delays.{word}_help", **facts),
        border=True,
        height="stretch",
    )


def _signed(t: Translator, more: float) -> str:
    return f"{'+' if more > 0 else ''}{t.number(more)}"


def _short(t: Translator, number: float) -> str:
    return t.number(number, 1).removesuffix(".0")


def _pictures(t: Translator, impact: Impact, frontier: Asked | None) -> None:
    """Draw when items run out, and beside it what cash would save, or what is missing for it.

    Of a large catalogue the latter is drawn when it is asked for: no slider has to wait for it.
    """
    if frontier is None:
        render.section(t("delays.timeline"), t("delays.timeline_help"))
        render.chart(t, charts.timeline, "timeline", weeks=charts.weekly(impact.timeline))
        return
    left, right = st.columns(2)
    with left:
        render.section(t("delays.timeline"), t("delays.timeline_help"))
        render.chart(t, charts.timeline, "timeline", weeks=charts.weekly(impact.timeline))
    with right:
        render.section(t("delays.frontier"), t("delays.frontier_help"))
        if impact.n_items <= _LARGE or st.toggle(t("delays.show_frontier"), key="frontier"):
            render.chart(t, charts.frontier, "delay_frontier", frontier=frontier())


def lines(t: Translator, impact: Impact, *, opens: bool) -> None:
    """Draw every item with what to do about it; a chosen one leads to its own view."""
    render.section(t("delays.items"), t("delays.items_help"))
    chosen = render.table(
        t,
        _ticked(_by_action(t, impact.lines)),
        _known(_LINES, impact.lines),
        "leeway-delays",
        codes=_CODES,
        choose="delays.open_item" if opens else "",
        most=_MOST,
    )
    st.caption(t("delays.checksum", checksum=impact.checksum))
    if chosen is not None:
        asked = f"{chosen['sku']}{ITEM_MARK}{chosen['market']}"
        session.keep(asked_item=asked)
        st.query_params["item"] = asked  # a new picker goes by what a run begins with
        st.rerun()


def _by_action(t: Translator, known: pd.DataFrame) -> pd.DataFrame:
    """Draw the choice among the actions that occur; return the items that have the chosen one."""
    counts = known["action"].value_counts()
    chosen = st.pills(
        t("column.action"),
        [action for action in ACTIONS if action in counts],
        format_func=lambda action: f"{t(f'action.{action}')} {t.number(counts[action])}",
        key="action",
        label_visibility="collapsed",
    )
    return known if chosen is None else known[known["action"] == chosen]


def _ticked(frame: pd.DataFrame) -> pd.DataFrame:
    """Return ``frame`` with a tick for yes."""
    marks = {name: frame[name].map({True: "✓", False: ""}) for name in _TICKS if name in frame}
    return frame.assign(**marks)


def _known(columns: Mapping[str, str], frame: pd.DataFrame) -> dict[str, str]:
    """Return the columns that the answer has: without money it has fewer."""
    return {name: kind for name, kind in columns.items() if name in frame}


def orders(t: Translator, impact: Impact) -> None:
    """Draw the open orders that come late, what hurrying each would save, and what it costs."""
    said(t, impact)
    late = impact.orders
    if late.empty:
        key = "delays.no_orders_at_rest" if impact.scenario.is_at_rest else "delays.no_orders"
        st.info(t(key), icon=":material/inventory:")
        return
    _order_figures(t, impact)
    rows = charts.worth(late)
    has_money = "saved_contribution" in late and bool(late["saved_contribution"].notna().any())
    draw = charts.orders if has_money else charts.orders_units
    if len(rows):
        render.chart(t, draw, "late_orders", orders=rows)
        render.reading(t("delays.orders_reading" if has_money else "delays.orders_units_reading"))
    else:
        st.info(t("empty.late_orders"), icon=":material/check:")
    told = {"currency": impact.currency or MISSING}
    render.section(t("delays.late_orders"), t("delays.late_orders_help", **told))
    shown = _ticked(late.rename(columns={"units": "open_quantity"}))
    columns = _known(_ORDERS, shown)
    render.table(t, shown, columns, "leeway-late-orders", codes={"route": "route"})


def _order_figures(t: Translator, impact: Impact) -> None:
    late = impact.orders
    entries = [
        (t("delays.orders_hit"), t.number(len(late)), t("delays.orders_hit_help")),
        (t("delays.units_late"), t.number(late["units"].sum()), t("delays.units_late_help")),
        (
            t("delays.days_late"),
            _short(t, late["days_late"].median()),
            t("delays.days_late_help"),
        ),
    ]
    if "pays" in late:
        paying = late[late["pays"].astype(bool)]
        worth, how = t("delays.worth_expediting"), t("delays.worth_expediting_help")
        entries.append((worth, t.number(len(paying)), how))
        if "saved_contribution" in late:
            is_known = bool(late["saved_contribution"].notna().any())
            saved = paying["saved_contribution"].sum() if is_known else math.nan
            told = t.money(saved, impact.currency)
            entries.append((t("delays.saved"), told, t("delays.saved_help")))
    render.figures(entries)
