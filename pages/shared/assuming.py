"""What is assumed of money: rates, fees by market and day, containers."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import pandas as pd
import streamlit as st

from analytics.i18n import Translator
from analytics.services import assumptions, fees, journal, routes
from analytics.services.assumptions import Assumptions, Container
from pages.shared import plain, render, routing, session, settling

_DEFAULTS = {field.name: field.default for field in fields(Assumptions)}
_RATES = {"currency": "text", "rate": "decimal", "date": "date"}
_MONEY = ("fees", "container", "supplier", *assumptions.NAMES)


def money(t: Translator) -> None:
    """Draw what holds for every product where nothing nearer is said."""
    render.section(t("settings.money"), t("settings.money_help"))
    known = assumptions.of(session.store())
    if not session.may("editor"):
        _widgets(t, known)
        return
    with st.form("assumptions", border=False):
        typed = _widgets(t, known)
        label = t("settings.save")
        pressed = st.form_submit_button(
            label, icon=":material/save:", disabled=session.shows_sample()
        )
    said = {name: value for name, value in typed.items() if value != getattr(known, name)}
    if pressed and said:
        parts = {
            name: journal.UNSAID if value == _DEFAULTS[name] else value
            for name, value in said.items()
        }
        settling.change(
            t,
            lambda: known.changed(said),
            assumptions.settle,
            parts,
            name=t("view.money"),
            done="settings.assumptions_saved",
        )


def _widgets(t: Translator, known: Assumptions) -> dict[str, Any]:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        return {name: _widget(t, known, name) for name in assumptions.NAMES}


def _widget(t: Translator, known: Assumptions, name: str) -> Any:  # noqa: ANN401 - as the field is
    label, key, value = t(f"column.{name}"), f"assumption_{name}", getattr(known, name)
    locked = session.reads_only()
    if name == "base_currency":
        derived = assumptions.currency(session.store(), session.store().items())
        text = st.text_input(
            label, value, max_chars=3, key=key, placeholder=derived, width=240, disabled=locked
        )
        return text.strip().upper()
    if isinstance(value, bool):
        return st.toggle(label, value, key=key, width=300, disabled=locked)
    low, high = Assumptions.limits()[name]
    if isinstance(value, int):
        return st.number_input(
            label, int(low), int(high), value, 1, key=key, width=240, disabled=locked
        )
    shown = "%.1f" if name.endswith("_pct") else "%.0f" if name != "fulfilment_fee" else "%.2f"
    return st.number_input(
        label, low, high, value, format=shown, key=key, width=240, disabled=locked
    )


def by_market(t: Translator) -> None:
    """Draw fees and duty by market and day, to edit."""
    render.section(t("settings.fees"), t("settings.fees_help"))
    store = session.store()
    present = fees.table(store)
    day = st.column_config.DateColumn(t("column.starts_on"), format="YYYY-MM-DD")
    numbers = {
        name: st.column_config.NumberColumn(t(f"column.{name}"), min_value=low, max_value=high)
        for name, (low, high) in fees.LIMITS.items()
    }
    edited = settling.editor(t, present, "fees", {"starts_on": day, **numbers}, rows="dynamic")
    if settling.save(t, "fees", is_changed=not edited.equals(present)):
        settling.change(
            t,
            lambda: fees.check(store, edited),
            fees.save,
            present,
            edited,
            name=t("settings.fees"),
            done="settings.assumptions_saved",
        )


def containers(t: Translator) -> None:
    """Draw what fits into a container and what it costs, to edit."""
    render.section(t("settings.containers"), t("settings.containers_help"))
    known = assumptions.containers(session.store())
    rows = [(code, one.volume_m3, one.weight_kg, one.cost) for code, one in known.items()]
    present = pd.DataFrame(rows, columns=["container", "volume_m3", "weight_kg", "cost"])
    edited = settling.editor(t, present, "containers", {}, locked=["container"])
    said = {
        str(after[0]): Container(*(float(number) for number in after[1:]))
        for before, after in zip(rows, edited.itertuples(index=False, name=None), strict=True)
        if repr(before) != repr(after)
    }
    if settling.save(t, "containers", is_changed=bool(said)):
        settling.change(
            t,
            lambda: assumptions.check_containers(said),
            assumptions.set_containers,
            said,
            name=t("settings.containers"),
            done="settings.assumptions_saved",
        )


def rates(t: Translator) -> None:
    """Draw the exchange rates that count."""
    render.section(t("settings.rates"), t("settings.rates_help"))
    known = assumptions.rates(session.store())
    if known.empty:
        st.caption(t("settings.no_rates"))
    else:
        render.table(t, known, _RATES, "leeway-rates")


def said(t: Translator, *heads: str) -> None:
    """Draw what was settled under the names ``heads`` (none = money); it can be taken back."""
    if session.shows_sample():
        return
    rows = assumptions.table(session.store())
    rows = rows.loc[rows["name"].isin(heads or _MONEY)]
    shown = rows.assign(
        about=[
            _about(t, name, scope) for name, scope in zip(rows["name"], rows["scope"], strict=True)
        ],
        part=[t(f"column.{name}") for name in rows["name"]],
        value=[
            t(f"stock_place.{value}") if name == "warehouse" else _worded(t, value)
            for name, value in zip(rows["name"], rows["value"], strict=True)
        ],
    )
    settling.said(t, shown, "-".join(("assumptions", *heads)), lambda row: _take_back(t, row))


def _about(t: Translator, name: str, scope: str) -> str:
    """Return what an entry is about; a route by its name."""
    if name != "route":
        return scope
    *market, route = scope.split(assumptions.MARK)
    return assumptions.MARK.join((*market, routing.word(t, route)))


def _take_back(t: Translator, row: Mapping[str, Any]) -> None:
    settling.change(
        t,
        settling.nothing,
        assumptions.withdraw,
        int(row["judgement_id"]),
        name=plain.literal(str(row["part"])),
        done="settings.taken_back",
    )


def _worded(t: Translator, value: object) -> str:
    if isinstance(value, dict):
        cells = [_cell(t, str(name), cell) for name, cell in value.items()]
        return t("format.list").join(cell for cell in cells if cell)
    if isinstance(value, bool):
        return t("settings.yes") if value else t("settings.no")
    if isinstance(value, int | float):
        return settling.amount(t, value)
    return str(value or "")


def _cell(t: Translator, name: str, value: object) -> str:
    """Return one cell of a row that was settled: what it is called, and what it says."""
    if name == routes.GONE:
        return t("settings.removed")
    return "" if value in (None, "") else f"{t(f'column.{name}')} {_worded(t, value)}"
