"""A week or a month looked back upon, and the sheet for a stock take."""

from datetime import date
from functools import partial

import pandas as pd
import streamlit as st

from analytics.charts import review as charts
from analytics.i18n import MISSING, Translator
from analytics.reporting import review as reporting
from analytics.reporting.tables import Made
from analytics.services import reviewing, stock_take
from analytics.services.reviewing import Review
from pages.shared import handing, plain, render, session, working

VIEWS = ("week", "month", "replay", "stock_take")
_MOST = 200  # rows that are drawn; the downloads hold all
_CHANGES = {
    "figure": "text", "this_period": "number", "last_period": "number", "difference": "number",
    "change": "percent", "unit": "text",
}  # fmt: skip
_GROUPS = {
    "group": "text", "units_sold": "number", "units_sold_before": "number", "sales_value": "number",
    "sales_value_before": "number", "value_now": "number", "value_now_before": "number",
    "days_out": "number", "days_out_before": "number",
}  # fmt: skip
_UNUSUAL = {
    "sku": "text", "market": "text", "name": "text", "tier": "text", "kind": "text",
    "since_on": "date", "sold": "number", "expected": "number", "change": "percent",
    "cause": "wide", "money_per_day": "number",
}  # fmt: skip
_ACCURACY = {
    "sku": "text", "market": "text", "name": "text", "tier": "text", "forecast": "decimal",
    "low": "number", "high": "number", "actual": "decimal", "imputed": "decimal",
    "difference": "decimal", "off": "percent", "is_inside": "text",
}  # fmt: skip
_ACCURACY_BY = {
    "by": "text", "group": "text", "items": "number", "forecast": "number", "actual": "number",
    "imputed": "number", "off": "percent", "bias": "percent", "inside": "percent",
}  # fmt: skip
_SERVICE = {
    "tier": "text", "items": "number", "target": "percent", "in_stock": "percent",
    "in_stock_before": "percent", "days_out": "number", "days_known": "number",
    "units_lost": "number",
}  # fmt: skip
_DECISIONS = {
    "decided_on": "date", "sku": "text", "market": "text", "name": "text", "act": "text",
    "reason": "text", "suggested_quantity": "number", "quantity": "number", "state": "text",
    "units_gained": "number", "contribution_gained": "number", "holding_added": "number",
    "worth": "number", "landed_on": "date", "judged_until": "date", "note": "text", "who": "text",
}  # fmt: skip
_SLOW = {
    "sku": "text", "market": "text", "name": "text", "tier": "text", "moved": "text",
    "status_before": "text", "status": "text", "on_hand": "number", "value_now": "number",
    "aged_units": "number",
}  # fmt: skip
_MOVES = {"sku": "text", "market": "text", "name": "text", "tier_was": "text", "tier": "text"}
_ORDERS = {
    "event": "text", "date": "date", "order_id": "text", "sku": "text", "market": "text",
    "supplier": "text", "route": "text", "quantity": "number",
}  # fmt: skip
_ITEMS = {
    "sku": "text", "market": "text", "name": "text", "opening": "number", "received": "number",
    "sold": "number", "returned": "number", "expected_closing": "number", "counted_on": "date",
    "expected_then": "number", "counted": "number", "difference": "number",
    "difference_value": "number", "opened_on": "date",
}  # fmt: skip
_PLACES = {
    "sku": "text", "market": "text", "warehouse": "text", "counted_on": "date",
    "counted": "number", "reserved": "number",
}  # fmt: skip


def show(t: Translator, span: str) -> None:
    """Draw the last whole week or month; the first time it takes seconds, and says how far."""
    store = session.store()
    if not reviewing.is_possible(store, span=span):
        render.empty(t, t("review.too_short"))
        return
    key = (session.version(), span)
    if reviewing.is_known(store, span=span):
        _draw(t, reviewing.review(store, span=span))
        return
    if not working.is_under_way("review", key):
        working.begin("review", key, partial(reviewing.review, store, span=span), "review")
    found: Review | None = working.outcome(t, "review", key, "review.running")
    if found is not None:
        session.keep(review_job=None)  # the answer is kept with the data
        _draw(t, found)


def _draw(t: Translator, review: Review) -> None:
    # Pictures have a place per period: a picture whose rows are exchanged keeps their old order.
    period, before = reporting.title(t, review), review.before
    render.section(period, _against(t, review, before.starts_on, before.ends_on))
    _sales(t, review)
    _figures(t, review)
    st.markdown("\n".join(f"* {text}" for text in reporting.said(t, review)))
    _buttons(t, review)
    _changed(t, review)
    _unusual(t, review)
    _foreseen(t, review)
    _kept(t, review)
    _decided(t, review)
    _stood(t, review)
    _ordered(t, review)
    render.notes(t, review.notes)


def _against(t: Translator, review: Review, starts_on: date, ends_on: date) -> str:
    facts = {"starts_on": t.date(starts_on), "ends_on": t.date(ends_on)}
    return t("review.against", **facts, as_of=t.date(review.as_of))


def _sales(t: Translator, review: Review) -> None:
    by = st.segmented_control(
        t("review.by"),
        ["tier", "market"],
        default="tier",
        required=True,
        format_func=lambda name: t(f"review_by.{name}"),
        key="review_by",
        label_visibility="collapsed",
    )
    value = "sales_value" if review.groups["sales_value"].notna().any() else "units_sold"
    st.caption(t(f"review.drawn_{value}", currency=plain.literal(review.currency)))
    rows = charts.periods(review.groups, str(by), value)
    render.chart(t, charts.sales, "sales", place=f"-{review.span}-{by}", groups=rows)


def _figures(t: Translator, review: Review) -> None:
    with st.container(horizontal=True):
        for figure in reporting.figures(t, review):
            st.metric(
                figure.label,
                figure.value,
                figure.change or None,
                delta_color="normal" if figure.is_good else "off",
                help=figure.how,
                border=True,
                height="stretch",
            )


def _buttons(t: Translator, review: Review) -> None:
    made = Made(version=session.version(), is_sample=session.shows_sample())
    name = f"leeway-review-{review.span}-{review.period.ends_on:%Y-%m-%d}"
    with st.container(horizontal=True):
        st.download_button(
            t("review.html"),
            handing.noted(lambda: reporting.review_html(t, review, made).encode(), f"{name}.html"),
            f"{name}.html",
            "text/html",
            key="review_html",
            icon=":material/download:",
            on_click="ignore",
            help=t("review.report_help"),
        )
        st.download_button(
            t("review.xlsx"),
            handing.noted(lambda: reporting.review_xlsx(t, review, made), f"{name}.xlsx"),
            f"{name}.xlsx",
            key="review_xlsx",
            icon=":material/download:",
            on_click="ignore",
        )


def _table(
    t: Translator, frame: pd.DataFrame, columns: dict[str, str], name: str, missing: str = ""
) -> None:
    """Draw a table, or say why there is none."""
    if frame.empty and missing:
        st.caption(t(f"review.{missing}"))
        return
    codes = {code: section for code, section in reporting.CODES.items() if code in columns}
    render.table(t, frame, columns, f"leeway-review-{name}", codes=codes, most=_MOST)


def _coin(t: Translator, review: Review) -> str:
    return t("app.money_in", currency=plain.literal(review.currency or MISSING))


def _changed(t: Translator, review: Review) -> None:
    render.section(t("review.changes"), f"{t('review.changes_help')} {_coin(t, review)}")
    _table(t, reporting.changes(review), _CHANGES, "changes")
    for by in ("tier", "market"):
        with st.expander(t(f"review_by.{by}"), icon=":material/table_rows:"):
            _table(t, review.groups.loc[review.groups["by"] == by], _GROUPS, f"by-{by}")
    with st.expander(t("review.moves"), icon=":material/swap_vert:"):
        _table(t, review.moves, _MOVES, "moves", "no_moves")


def _unusual(t: Translator, review: Review) -> None:
    render.section(t("review.unusual"), t("review.unusual_help"))
    _table(t, review.unusual, _UNUSUAL, "unusual", "no_unusual")


def _foreseen(t: Translator, review: Review) -> None:
    eve = t.date(review.period.eve)
    render.section(t("review.accuracy"), t("review.accuracy_help", eve=eve))
    rows = charts.farthest(review.accuracy.items)
    render.chart(t, charts.foreseen, "foreseen", place=f"-{review.span}", items=rows)
    if rows.empty:
        return
    render.reading(t("review.accuracy_reading"))
    groups = review.accuracy.groups
    named = groups.assign(by=groups["by"].where(groups["by"] != "", "all"))
    _table(t, named, _ACCURACY_BY, "accuracy-by")
    with st.expander(t("review.by_item"), icon=":material/table_rows:"):
        ticks = review.accuracy.items["is_inside"].map({True: "✓", False: ""})
        _table(t, review.accuracy.items.assign(is_inside=ticks), _ACCURACY, "accuracy")


def _kept(t: Translator, review: Review) -> None:
    render.section(t("review.service"), t("review.service_help"))
    rows = charts.tiers(review.service)
    render.chart(t, charts.kept, "kept", place=f"-{review.span}", tiers=rows)
    if len(rows):
        render.reading(t("review.service_reading"))
        _table(t, reporting.service(t, review), _SERVICE, "service")


def _decided(t: Translator, review: Review) -> None:
    render.section(t("review.decisions"), t("review.decisions_help"))
    if review.decisions.empty:
        st.caption(t("review.no_decisions"))
        return
    rows = charts.weighed(review.decisions)
    if len(rows):
        render.chart(t, charts.worth, "worth", place=f"-{review.span}", decisions=rows)
    else:
        st.caption(t("empty.worth"))
    _table(t, review.decisions, _DECISIONS, "decisions")
    st.caption(t("review.decisions_details"))


def _stood(t: Translator, review: Review) -> None:
    render.section(t("review.slow"), t("review.slow_help"))
    _table(t, review.slow, _SLOW, "slow", "no_slow")


def _ordered(t: Translator, review: Review) -> None:
    with st.expander(t("review.orders"), icon=":material/local_shipping:"):
        _table(t, review.orders, _ORDERS, "orders", "no_orders")


def take(t: Translator) -> None:
    """Draw the stock-take sheet of a month."""
    render.section(t("review.stock_take"), t("review.stock_take_help"))
    months = stock_take.months(session.store())
    month = st.selectbox(
        t("review.month"),
        months,
        format_func=lambda day: f"{day:%Y-%m}",
        key="stock_take_month",
        width=220,
    )
    found = stock_take.sheet(session.store(), month)
    name = f"leeway-stock-take-{month:%Y-%m}"
    _taken(t, found)
    st.download_button(
        t("review.stock_take_xlsx"),
        handing.noted(lambda: reporting.stock_take_xlsx(t, found), f"{name}.xlsx"),
        f"{name}.xlsx",
        key="stock_take_xlsx",
        icon=":material/download:",
        on_click="ignore",
    )
    render.table(t, found.items, _ITEMS, name, most=_MOST)
    st.caption(t("review.stock_take_details"))
    with st.expander(t("review.places"), icon=":material/warehouse:"):
        _table(t, found.places, _PLACES, "places", "no_places")


def _taken(t: Translator, found: stock_take.StockTake) -> None:
    """Draw how much of the stock was counted, and what it differs by."""
    totals = found.totals()
    money = {"difference_value", "missing_value"}
    render.figures(
        [
            (
                t(f"review.{name}"),
                t.money(value, found.currency) if name in money else t.number(value),
                t(f"review.{name}_help"),
            )
            for name, value in totals.items()
        ]
    )
