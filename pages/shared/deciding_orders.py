"""Decisions on suggested orders: the form that makes them, and what became of them."""

import zlib
from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from analytics import paperwork
from analytics.charts import shipments as charts
from analytics.errors import AnalyticsError
from analytics.i18n import Translator
from analytics.services import ledger, placing
from pages.shared import handing, plain, render, session, working

_ORDERS = {
    "order_id": "text", "status": "text", "supplier": "text", "market": "text", "route": "text",
    "decided_on": "date", "expected_on": "date", "items": "number", "quantity": "number",
    "open_quantity": "number", "cartons": "number", "volume_m3": "decimal", "weight_kg": "number",
    "order_value": "number", "currency": "text",
}  # fmt: skip
_OWN = {
    "sku": "text", "name": "text", "status": "text", "quantity": "number", "received": "number",
    "open_quantity": "number", "carton_quantity": "number", "order_value": "number",
    "currency": "text", "expected_on": "date", "shipped_on": "date", "received_on": "date",
}  # fmt: skip
_LINES = {
    "decided_on": "date", "act": "text", "status": "text", "sku": "text", "market": "text",
    "name": "text", "suggested_quantity": "number", "quantity": "number", "received": "number",
    "open_quantity": "number", "order_id": "text", "supplier": "text", "route": "text",
    "order_by": "date", "expected_on": "date", "reason": "text", "note": "text",
    "close_reason": "text", "who": "text", "decided_at": "time",
}  # fmt: skip
_ACTS = {
    "acted_at": "time", "step": "text", "order_id": "text", "sku": "text", "market": "text",
    "quantity": "number", "acted_on": "date", "reason": "text", "note": "text", "who": "text",
}  # fmt: skip
Lines = Sequence[Mapping[Any, object]]
_EDITED = ["sku", "market", "name", "route", "suggested_quantity", "order_quantity"]

_orders = session.kept(ledger.orders)
_lines = session.kept(ledger.lines)
_acts = session.kept(placing.acts)
_expected = session.kept(placing.expected)


def can_decide(t: Translator) -> bool:
    """Return whether this visit may decide now; say why not on the sample."""
    if not session.may("editor"):  # the frame says who may
        return False
    if session.shows_sample():
        st.caption(t("ledger.sample_reads_only"))
        return False
    return session.get("change_job") is None


def form(t: Translator, chosen_lines: Lines, *, key: str = "decide") -> None:
    """Draw the form that orders or skips suggestions; each quantity can be changed in it.

    ``chosen_lines`` are rows of the board, of a shipment or of a supplier's order: see
    `placing.decisions`. ``key`` tells apart the forms of one page.
    """
    if not chosen_lines or not session.may("editor"):
        return
    render.section(t("ledger.decide", items=t.number(len(chosen_lines))), t("ledger.decide_help"))
    if not can_decide(t):
        return
    if not session.scenario().is_at_rest:
        st.warning(t("ledger.what_if"), icon=":material/experiment:")
    lines = _suggested(chosen_lines)
    with st.form(f"form_{key}", border=False):
        wanted = _quantities(t, lines, key)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            reason = st.selectbox(
                t("column.reason"),
                ("", *ledger.REASONS),
                format_func=lambda code: t(f"ledger_reason.{code}") if code else "–",
                key=f"reason_{key}",
                width=200,
            )
            note = st.text_input(
                t("ledger.note"), max_chars=200, key=f"note_{key}", help=t("ledger.note_help")
            )
        with st.container(horizontal=True):
            order = st.form_submit_button(
                t("ledger.order"), type="primary", icon=":material/order_approve:"
            )
            skip = st.form_submit_button(t("ledger.skip"), icon=":material/block:")
    if order or skip:
        units = wanted if order else [0.0] * len(lines)
        _decide(t, lines, units, reason=reason, note=note)


def _suggested(chosen: Lines) -> pd.DataFrame:
    """Return the lines with what was suggested, what to order, and when it would arrive."""
    lines = pd.DataFrame([dict(row) for row in chosen])
    units = lines["order_quantity"].astype("float64").fillna(0.0)
    told = lines.get("suggested_quantity", units)
    lines = lines.assign(order_quantity=units, suggested_quantity=told.astype("float64"))
    lines = lines.assign(name=lines.get("name", lines["sku"]), route=lines.get("route", "sea"))
    as_of = session.scenario().as_of
    found: pd.DataFrame = _expected(session.store(), session.version(), lines, as_of)
    return found


def _quantities(t: Translator, lines: pd.DataFrame, key: str) -> list[float]:
    """Draw the table whose quantities can be changed; return them."""
    mark = zlib.crc32("\n".join(lines["sku"] + lines["market"] + lines["route"]).encode())
    spoken = lines.assign(
        route=[t(f"route.{code}") if t.has(f"route.{code}") else code for code in lines["route"]]
    )
    headings = render.labels(t, _EDITED) | {"order_quantity": t("ledger.quantity")}
    numbers = ("suggested_quantity", "order_quantity")
    config = {
        name: st.column_config.NumberColumn(
            headings[name],
            format="%,.0f",
            min_value=0,
            max_value=int(ledger.MOST_UNITS),
            step=1,
            required=True,
            pinned=False,
        )
        if name in numbers
        else st.column_config.TextColumn(headings[name])
        for name in _EDITED
    }
    edited = st.data_editor(
        spoken[_EDITED],
        hide_index=True,
        column_config=config,
        disabled=[name for name in _EDITED if name != "order_quantity"],
        key=f"quantities_{key}_{mark}",
    )
    return edited["order_quantity"].astype("float64").fillna(0.0).tolist()


def _decide(
    t: Translator, lines: pd.DataFrame, units: Sequence[float], *, reason: str, note: str
) -> None:
    """Note what is ordered; what was suggested and is not ordered is skipped."""
    rows = lines.to_dict("records")
    pairs = [
        (row, quantity)
        for row, quantity in zip(rows, units, strict=True)
        if quantity > 0 or row["suggested_quantity"] > 0
    ]
    try:
        said = placing.decisions(
            [row for row, _ in pairs],
            [quantity for _, quantity in pairs],
            reason=reason,
            note=note,
        )
    except AnalyticsError as problem:
        st.error(plain.sentence(t, problem), icon=":material/error:")
        return
    if not said:
        st.warning(t("ledger.nothing_to_note"), icon=":material/info:")
        return
    _change(placing.decide, said, _today(), name=said[0].sku)


def _today() -> date:
    return session.scenario().as_of or session.data_day()


def _change(work: working.Change, *arguments: object, name: str) -> None:
    working.change(work, *arguments, name=name, label="ledger.deciding", done="ledger.decided")


def show(t: Translator) -> None:
    """Draw the orders that were made, every decision, and what became of them."""
    store, version = session.store(), session.version()
    lines: pd.DataFrame = _lines(store, version)
    if lines.empty:
        st.info(t("ledger.none"), icon=":material/inbox:")
        return
    orders: pd.DataFrame = _orders(store, version)
    _figures(t, orders, lines)
    open_ = orders.loc[(orders["status"] == "open") & orders["expected_on"].notna()]
    if len(open_):
        render.chart(t, charts.arrivals, "arrivals", orders=open_)
    if len(orders):
        _placed(t, orders, lines)
    _decided(t, lines)
    _done(t)


def _figures(t: Translator, orders: pd.DataFrame, lines: pd.DataFrame) -> None:
    open_ = orders.loc[orders["status"] == "open"]
    late = open_["expected_on"] < pd.Timestamp(_today())
    values = open_.dropna(subset=["currency", "order_value"]).groupby("currency")["order_value"]
    told = [t.money(float(value), str(code)) for code, value in values.sum().items()]
    skipped = int((lines["status"] == "skipped").sum())
    render.figures(
        [
            (t("ledger.open"), t.number(len(open_)), t("ledger.open_help")),
            (
                t("column.open_quantity"),
                t.number(float(open_["open_quantity"].sum())),
                t("ledger.units_help"),
            ),
            (t("column.order_value"), " + ".join(told) or "–", t("ledger.value_help")),
            (t("ledger.overdue"), t.number(int(late.sum())), t("ledger.overdue_help")),
            (t("ledger.skipped"), t.number(skipped), t("ledger.skipped_help")),
        ]
    )


def _placed(t: Translator, orders: pd.DataFrame, lines: pd.DataFrame) -> None:
    """Draw the orders, and the one that is chosen."""
    render.section(t("ledger.orders"), t("ledger.orders_help"))
    chosen = render.table(
        t,
        orders,
        _ORDERS,
        "leeway-orders",
        codes={"status": "ledger_status", "route": "route"},
        choose="ledger.choose_order",
        identity=("order_id",),
    )
    order_id = str(chosen["order_id"]) if chosen else str(orders["order_id"].iloc[0])
    st.markdown(f"**{plain.literal(order_id)}**")
    _papers(t, order_id)
    own = lines.loc[(lines["order_id"] == order_id) & (lines["status"] != "taken_back")]
    rows = render.choices(
        t,
        own,
        _OWN,
        f"leeway-order-{order_id}",
        codes={"status": "ledger_status"},
        choose=render.offered("ledger.choose_lines"),
        identity=("line_id",),
    )
    open_ = own.loc[own["status"] == "open"]
    picked = open_.loc[open_["line_id"].isin([row["line_id"] for row in rows])] if rows else open_
    if len(picked) and can_decide(t):
        _progress(t, order_id, picked)


def _papers(t: Translator, order_id: str) -> None:
    """Draw the buttons that hand out an order as the supplier reads it."""
    with st.container(horizontal=True):
        for language in placing.LANGUAGES:
            st.download_button(
                t(f"ledger.xlsx_{language}"),
                handing.noted(
                    partial(paperwork.purchase_order_xlsx, session.store(), order_id, language),
                    f"{order_id}-{language}.xlsx",
                ),
                f"{order_id}-{language}.xlsx",
                key=f"paper_{language}",
                icon=":material/download:",
                on_click="ignore",
            )


def _progress(t: Translator, order_id: str, lines: pd.DataFrame) -> None:
    """Draw the form that notes what became of open lines."""
    count = t.number(len(lines))
    with st.form(f"progress_{order_id}", border=False):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            day = st.date_input(
                t("ledger.day"), _today(), format="YYYY-MM-DD", key=f"day_{order_id}", width=160
            )
            reason = st.selectbox(
                t("column.close_reason"),
                ledger.CLOSE_REASONS,
                format_func=lambda code: t(f"close_reason.{code}"),
                key=f"close_{order_id}",
                width=220,
            )
            note = st.text_input(t("ledger.note"), max_chars=200, key=f"close_note_{order_id}")
        with st.container(horizontal=True):
            names = ("ship", "receive", "close", "take_back")
            pressed = [
                name
                for name in names
                if st.form_submit_button(
                    t(f"ledger.{name}", items=count), help=t(f"ledger.{name}_help")
                )
            ]
    if pressed:
        _act(pressed[0], lines, {"day": day, "reason": reason, "note": note}, order_id)


def _act(name: str, lines: pd.DataFrame, said: dict[str, Any], order_id: str) -> None:
    numbers = [int(number) for number in lines["line_id"]]
    if name == "ship":
        _change(placing.ship, numbers, said["day"], name=order_id)
    elif name == "receive":
        units = dict(zip(numbers, lines["open_quantity"].astype(float), strict=True))
        _change(placing.receive, units, said["day"], name=order_id)
    elif name == "close":
        arguments = (numbers, said["reason"], said["note"], said["day"])
        _change(placing.close, *arguments, name=order_id)
    else:
        _change(placing.take_back, numbers, name=order_id)


def _decided(t: Translator, lines: pd.DataFrame) -> None:
    """Draw every decision; those that stand can be taken back."""
    render.section(t("ledger.all"), t("ledger.all_help"))
    rows = render.choices(
        t,
        lines,
        _LINES,
        "leeway-decisions",
        codes={
            "act": "ledger_act", "status": "ledger_status", "route": "route",
            "reason": "ledger_reason", "close_reason": "close_reason",
        },
        choose=render.offered("ledger.choose_decisions"),
        identity=("line_id",),
    )  # fmt: skip
    stands = [row for row in rows if row["status"] != "taken_back"]
    if stands and can_decide(t):
        label = t("ledger.take_back", items=t.number(len(stands)))
        if st.button(label, icon=":material/undo:", key="take_back_decisions"):
            numbers = [int(str(row["line_id"])) for row in stands]
            _change(placing.take_back, numbers, name=str(stands[0]["sku"]))


def _done(t: Translator) -> None:
    """Draw what was noted of decisions; each can be undone."""
    acts: pd.DataFrame = _acts(session.store(), session.version())
    if acts.empty:
        return
    render.section(t("ledger.acts"), t("ledger.acts_help"))
    rows = render.choices(
        t,
        acts.assign(step=acts["act"]),
        _ACTS,
        "leeway-decisions-noted",
        codes={"step": "ledger_step", "reason": "close_reason"},
        choose=render.offered("ledger.choose_acts"),
        identity=("act_id",),
    )
    if rows and can_decide(t):
        label = t("ledger.undo", items=t.number(len(rows)))
        if st.button(label, icon=":material/undo:", key="undo_acts"):
            numbers = [int(str(row["act_id"])) for row in rows]
            _change(placing.undo, numbers, name=str(rows[0]["sku"]))
