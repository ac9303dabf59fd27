"""What is due of each supplier, its smallest order, and what fills an order up."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from analytics.charts import shipments as charts
from analytics.i18n import Translator
from analytics.services import minimums, placing, supplying
from pages.shared import deciding_orders, plain, render, session, working

_SUPPLIERS = {
    "supplier": "text", "status": "text", "order_by": "date", "items": "number",
    "order_quantity": "number", "cartons": "number", "volume_m3": "decimal", "weight_kg": "number",
    "order_value": "number", "currency": "text", "minimum_value": "number",
    "minimum_units": "number", "short_value": "number", "short_units": "number",
    "items_soon": "number", "unmeasured": "number",
}  # fmt: skip
_DUE = {
    "sku": "text", "market": "text", "name": "text", "route": "text", "order_by": "date",
    "order_quantity": "number", "cartons": "number", "volume_m3": "decimal", "weight_kg": "number",
    "order_value": "number", "currency": "text",
}  # fmt: skip
_FILL = {
    "sku": "text", "market": "text", "name": "text", "cartons": "number",
    "order_quantity": "number", "base_value": "number", "earns": "number", "days_covered": "number",
}  # fmt: skip

_asked = session.kept(supplying.suppliers)
_filled = session.kept(supplying.fill_up)


def show(t: Translator) -> None:
    """Draw the suppliers, and the one that is chosen."""
    scenario = session.scenario()
    found: supplying.Suppliers = _asked(session.store(), session.version(), scenario)
    if found.lines.empty:
        st.info(t("supplier.none"), icon=":material/inbox:")
        return
    _figures(t, found)
    some = found.lines["items"] > 0
    if some.any():
        render.chart(t, charts.due, "due", suppliers=found.lines.loc[some])
        render.reading(t("supplier.reading", currency=found.currency))
    else:
        st.info(t("empty.due"), icon=":material/check:")
    chosen = render.table(
        t,
        found.lines,
        _SUPPLIERS,
        "leeway-suppliers",
        codes={"status": "supplier_status"},
        choose="supplier.choose",
        identity=("supplier",),
    )
    name = str(chosen["supplier"]) if chosen else str(found.lines["supplier"].iloc[0])
    line = found.lines.loc[found.lines["supplier"] == name].iloc[0].to_dict()
    _one(t, found, line)


def _figures(t: Translator, found: supplying.Suppliers) -> None:
    lines = found.lines
    below = int((lines["status"] == "below_minimum").sum())
    first = lines.loc[lines["items"] > 0, "order_by"].min()
    value = t.money(float(lines["base_value"].sum()), found.currency)
    render.figures(
        [
            (
                t("supplier.due"),
                t.number(int((lines["items"] > 0).sum())),
                t("supplier.due_help"),
            ),
            (t("supplier.value"), value, t("supplier.value_help")),
            (t("supplier.below"), t.number(below), t("supplier.below_help")),
            (t("supplier.order_by"), t.date(first), t("supplier.order_by_help")),
        ]
    )


def _one(t: Translator, found: supplying.Suppliers, line: Mapping[Any, Any]) -> None:
    """Draw one supplier: what is due, what fills it up, its smallest order."""
    name = str(line["supplier"])
    render.section(plain.literal(name or t("supplier.unnamed")), t("supplier.section_help"))
    own = found.items.loc[found.items["supplier"] == name]
    due = own.loc[own["is_due"]]
    if due.empty:
        st.info(t("supplier.nothing_due", day=t.date(line["order_by"])), icon=":material/check:")
    else:
        render.table(t, due, _DUE, f"leeway-due-{name}", codes={"route": "route"})
    more = _fill_up(t, line) if line["status"] == "below_minimum" else None
    _minimum(t, line)
    order = supplying.order(found, name, more)
    if len(order):
        deciding_orders.form(t, order.to_dict("records"), key=f"supplier_{name}")


def _fill_up(t: Translator, line: Mapping[Any, Any]) -> supplying.FillUp | None:
    """Draw what would reach the minimum; return it if it is to be ordered too."""
    name = str(line["supplier"])
    found: supplying.FillUp = _filled(session.store(), session.version(), session.scenario(), name)
    short = [t.money(line["short_value"], str(line["currency"]))]
    if line["short_units"] > 0:
        short = [t("supplier.units", units=t.number(line["short_units"]))]
    st.warning(t("supplier.short", short=short[0]), icon=":material/production_quantity_limits:")
    if found.lines.empty:
        st.caption(t("supplier.no_fill"))
        return None
    words = "supplier.fill" if found.earns >= 0 else "supplier.fill_costs"
    value, earns = (t.money(abs(part), found.currency) for part in (found.base_value, found.earns))
    st.markdown(t(words, value=value, earns=earns))
    if not found.is_enough:
        st.caption(t("supplier.not_enough"))
    render.table(t, found.lines, _FILL, f"leeway-fill-{name}")
    wanted = st.toggle(t("supplier.add_fill"), key=f"add_fill_{name}")
    return found if wanted else None


def _minimum(t: Translator, line: Mapping[Any, Any]) -> None:
    """Draw the form of the smallest order that the supplier takes."""
    if session.reads_only() or session.get("change_job") is not None:
        return
    name = str(line["supplier"])
    now = {part: _or_nothing(line[part]) for part in ("minimum_value", "minimum_units")}
    with st.expander(t("supplier.minimum"), icon=":material/rule:"):
        with (
            st.form(f"minimum_{name}", border=False),
            st.container(horizontal=True, vertical_alignment="bottom"),
        ):
            said = {
                part: st.number_input(
                    t(f"supplier.{part}", currency=line["currency"]),
                    low,
                    high,
                    now[part],
                    100.0,
                    "%.0f",
                    key=f"{part}_{name}",
                    width=220,
                )
                for part, (low, high) in minimums.LIMITS.items()
            }
            pressed = st.form_submit_button(t("supplier.save"), icon=":material/save:")
        st.caption(t("supplier.minimum_help"))
        _said(t, name)
    if pressed:
        working.change(
            placing.set_minimum,
            name,
            said["minimum_value"],
            said["minimum_units"],
            str(line["currency"]),
            name=name,
            label="ledger.deciding",
            done="ledger.decided",
        )


_minimums = session.kept(minimums.table)


def _said(t: Translator, supplier: str) -> None:
    """Say who noted the minimum, and when."""
    noted: pd.DataFrame = _minimums(session.store(), session.version())
    for row in noted.loc[noted["supplier"] == supplier].to_dict("records"):
        who = plain.literal(str(row["who"] or "–"))
        st.caption(t("supplier.noted", who=who, day=t.date(row["made_at"])))


def _or_nothing(value: object) -> float:
    return 0.0 if pd.isna(value) else float(value)  # type: ignore[call-overload,arg-type]
