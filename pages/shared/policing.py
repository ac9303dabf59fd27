"""How products are bought: the practice of each tier, and rules for single products."""

from collections.abc import Mapping
from typing import Any

import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from analytics.i18n import Translator
from analytics.policy import Measure, Method, Order, Policy, Trigger
from analytics.schema import Tier
from analytics.services import planning, policies
from pages.shared import plain, render, session, settling

_WORDS: Mapping[str, type[Method | Measure | Order | Trigger]] = {
    "method": Method,
    "measure": Measure,
    "order": Order,
    "trigger": Trigger,
}
_WIDTHS = {"measure": 172}  # pixels
_STEPS = {"service_level_pct": 0.1, "cap_weeks": 0.5}


def tiers(t: Translator) -> None:
    """Draw each tier's policy as a table to edit."""
    render.section(t("policy.tiers"), t("policy.tiers_help"))
    present = policies.practice(session.store())
    edited = settling.editor(t, present, "policies", _config(t), locked=["tier"])
    said = policies.changes(present, edited)
    if settling.save(t, "policies", is_changed=bool(said)):
        settling.change(
            t,
            lambda: policies.check(said.values()),
            policies.set_tiers,
            said,
            name=t("view.policies"),
            done="settings.policies_saved",
        )


def _config(t: Translator) -> dict[str, ColumnConfig]:
    named = st.column_config.SelectboxColumn(
        t("column.tier"),
        options=list(Tier),
        format_func=lambda code: t(f"tier.{code}"),
        pinned=True,
    )
    return {"tier": named, **{part: _column(t, part) for part in policies.PARTS}}


def _column(t: Translator, part: str) -> ColumnConfig:
    label, told = t(f"column.{part}"), t(f"policy.{part}_help")
    if part in _WORDS:
        return st.column_config.SelectboxColumn(
            label,
            help=told,
            options=[word.value for word in _WORDS[part]],
            format_func=lambda code: t(f"{part}.{code}"),
            required=True,
            width=_WIDTHS.get(part, 132),
        )
    if part == "by_profit":
        return st.column_config.CheckboxColumn(label, help=told)
    low, high = Policy.limits()[part]
    return st.column_config.NumberColumn(
        label, help=told, min_value=low, max_value=high, step=_STEPS.get(part, 1)
    )


def own(t: Translator) -> None:
    """Draw the rule that one product follows instead of its tier's."""
    if not settling.is_open(t):
        return
    render.section(t("policy.own"), t("policy.own_help"))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        item = st.selectbox(t("app.item"), session.items(), key="policy_item", width=320)
        part = st.selectbox(
            t("column.part"),
            policies.PARTS,
            index=policies.PARTS.index("service_level_pct"),
            format_func=lambda name: t(f"column.{name}"),
            key="policy_part",
            help=t("policy.own_help"),
            width=240,
        )
        value = _value(t, part)
        pressed = st.button(t("policy.save_own"), key="save_policy_own", icon=":material/rule:")
    if pressed and item:
        sku, _, market = item.rpartition(planning.ITEM_MARK)
        parts = {part: value}
        settling.change(
            t,
            lambda: policies.check([parts]),
            policies.set_item,
            [(sku, market)],
            parts,
            name=sku,
            done="settings.policies_saved",
        )


def _value(t: Translator, part: str) -> object:
    """Draw the widget that takes a value of one part of a policy."""
    label, key = t("policy.new_value"), f"policy_value_{part}"
    if part in _WORDS:
        words = [word.value for word in _WORDS[part]]
        return st.selectbox(
            label, words, format_func=lambda code: t(f"{part}.{code}"), key=key, width=220
        )
    if part == "by_profit":
        return st.toggle(t("column.by_profit"), value=True, key=key)
    low, high = Policy.limits()[part]
    resting = getattr(Policy(), part)
    if part in _STEPS:
        return st.number_input(label, low, high, resting, _STEPS[part], key=key, width=220)
    return st.number_input(label, int(low), int(high), resting, 1, key=key, width=220)


def said(t: Translator) -> None:
    """Draw what was changed of policies; each part can be taken back."""
    rows = policies.table(session.store())
    if session.shows_sample():
        return
    about = [
        t(f"tier.{tier}") if tier else f"{sku}{planning.ITEM_MARK}{market}"
        for tier, sku, market in zip(rows["tier"], rows["sku"], rows["market"], strict=True)
    ]
    pairs = zip(rows["part"], rows["value"], strict=True)
    shown = rows.assign(
        about=about,
        value=[_worded(t, part, value) for part, value in pairs],
        part=[t(f"column.{part}") for part in rows["part"]],
        code=rows["part"],
    )
    settling.said(t, shown, "policies", lambda row: _take_back(t, row))


def _take_back(t: Translator, row: Mapping[str, Any]) -> None:
    settling.change(
        t,
        settling.nothing,
        policies.withdraw,
        row["scope"],
        row["code"],
        name=plain.literal(str(row["about"])),
        done="settings.taken_back",
    )


def _worded(t: Translator, part: str, value: object) -> str:
    if value is None:
        return t("policy.no_cap")
    if isinstance(value, bool):
        return t("settings.yes") if value else t("settings.no")
    return t(f"{part}.{value}") if part in _WORDS else settling.amount(t, value)
