"""Clearance: fees, ageing and elasticities that are reckoned with, to edit."""

import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from analytics.i18n import Translator
from analytics.services import clearance_fees, clearing
from pages.shared import render, session, settling

HEADS = (clearance_fees.FEES, clearance_fees.AGEING, clearance_fees.ELASTICITY)
_FORCE = {
    "market": "text", "fee_part": "text", "over_days": "number", "fee_amount": "decimal",
    "source": "text", "since": "date",
}  # fmt: skip
_READ = ("category", "items", "price_changes", "learnt", "used", "elasticity_source")


def one_fee(t: Translator) -> None:
    """Draw the way to set a single fee without a table."""
    if not session.may("editor"):
        return
    render.section(t("clearance_fee.one"), t("clearance_fee.one_help"))
    store, locked = session.store(), session.shows_sample()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        market, part, amount = _typed(t)
        day = st.date_input(
            t("column.starts_on"), session.data_day(), key="fee_day", disabled=locked, width=180
        )
        pressed = st.button(
            t("clearance_fee.set"),
            key="set_fee",
            icon=":material/save:",
            disabled=locked or amount is None,
        )
    if pressed:
        present = clearance_fees.settled(store).fees
        wanted = clearance_fees.with_one(present, market, day, {part: amount})
        settling.change(
            t,
            lambda: clearance_fees.check_fees(store, wanted),
            clearance_fees.save_fees,
            present,
            wanted,
            name=t("clearance_fee.fees"),
            done="settings.assumptions_saved",
        )


def _typed(t: Translator) -> tuple[str, str, float | None]:
    """Draw the choice of a market and a fee, and what it is; return them."""
    locked = session.shows_sample()
    markets = ["", *sorted(set(session.store().items()["market"].astype(str)))]
    market = st.selectbox(
        t("column.market"),
        markets,
        key="fee_market",
        disabled=locked,
        width=180,
        format_func=lambda code: code or t("clearance_fee.every_market"),
    )
    part = str(
        st.selectbox(
            t("clearance_fee.which"),
            clearance_fees.PARTS,
            key="fee_part",
            disabled=locked,
            format_func=lambda name: t(f"column.{name}"),
            width=300,
        )
    )
    low, high = clearance_fees.LIMITS[part]
    amount = st.number_input(
        t("clearance_fee.amount"),
        low,
        high,
        None,
        key=f"fee_amount_{part}",
        width=180,
        disabled=locked,
    )
    return str(market), part, amount


def fees(t: Translator) -> None:
    """Draw the fees of storing, letting go and moving, by market and day, to edit."""
    render.section(t("clearance_fee.fees"), t("clearance_fee.fees_help"))
    store = session.store()
    present = clearance_fees.settled(store).fees
    edited = settling.editor(
        t, present, "clearance_fees", _columns(t, clearance_fees.PARTS), rows="dynamic"
    )
    if settling.save(t, "clearance_fees", is_changed=not edited.equals(present)):
        settling.change(
            t, lambda: clearance_fees.check_fees(store, edited), clearance_fees.save_fees,
            present, edited, name=t("clearance_fee.fees"), done="settings.assumptions_saved",
        )  # fmt: skip


def ageing(t: Translator) -> None:
    """Draw the steps of the fee on aged stock, to edit."""
    render.section(t("clearance_fee.ageing"), t("clearance_fee.ageing_help"))
    store = session.store()
    present = clearance_fees.settled(store).ageing
    parts = ("over_days", *clearance_fees.AGEING_PARTS)
    edited = settling.editor(t, present, "clearance_ageing", _columns(t, parts), rows="dynamic")
    if settling.save(t, "clearance_ageing", is_changed=not edited.equals(present)):
        settling.change(
            t, lambda: clearance_fees.check_ageing(store, edited), clearance_fees.save_ageing,
            present, edited, name=t("clearance_fee.ageing"), done="settings.assumptions_saved",
        )  # fmt: skip


def _columns(t: Translator, parts: tuple[str, ...]) -> dict[str, ColumnConfig]:
    day = st.column_config.DateColumn(t("column.starts_on"), format="YYYY-MM-DD")
    numbers = {
        part: st.column_config.NumberColumn(
            t(f"column.{part}"),
            min_value=clearance_fees.LIMITS[part].low,
            max_value=clearance_fees.LIMITS[part].high,
            help=t(f"clearance_fee.{part}_help"),
        )
        for part in parts
    }
    return {"starts_on": day, **numbers}


def elasticities(t: Translator) -> None:
    """Draw how demand answers to prices by category, to edit."""
    render.section(t("clearance_fee.elasticity"), t("clearance_fee.elasticity_help"))
    present = clearing.elasticities(session.store())
    shown = present.assign(
        elasticity_source=[t(f"clearance_source.{code}") for code in present["elasticity_source"]]
    )[[*_READ, "elasticity"]]
    limits = clearance_fees.LIMITS["elasticity"]
    own = st.column_config.NumberColumn(
        t("column.elasticity_own"), min_value=limits.low, max_value=limits.high
    )
    numbers = {
        name: st.column_config.NumberColumn(t(f"column.{name}"), format="%.2f")
        for name in ("learnt", "used")
    }
    edited = settling.editor(
        t, shown, "clearance_elasticity", {"elasticity": own, **numbers}, locked=_READ
    )
    said = _said(shown, edited)
    if settling.save(t, "clearance_elasticity", is_changed=bool(said)):
        settling.change(
            t, lambda: clearance_fees.check_elasticity(said), clearance_fees.save_elasticity,
            said, name=t("clearance_fee.elasticity"), done="settings.assumptions_saved",
        )  # fmt: skip


def _said(before: pd.DataFrame, after: pd.DataFrame) -> dict[str, float | None]:
    """Return what was typed; an emptied cell is None."""
    rows = zip(before["category"], before["elasticity"], after["elasticity"], strict=True)
    return {
        str(category): None if pd.isna(new) else float(new)
        for category, old, new in rows
        if not (old == new or (pd.isna(old) and pd.isna(new)))
    }


def in_force(t: Translator) -> None:
    """Draw every fee that holds on the plan's day, and whose word it is."""
    render.section(t("clearance_fee.in_force"), t("clearance_fee.in_force_help"))
    codes = {"fee_part": "column", "source": "clearance_source"}
    found = clearing.fees_in_force(session.store())
    found = found.rename(columns={"part": "fee_part", "amount": "fee_amount"})
    render.table(t, found, _FORCE, "leeway-clearance-fees", codes=codes)
