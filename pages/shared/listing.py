"""Products and what is known of them, found by a word and open to editing."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from analytics.i18n import Translator
from analytics.schema import Tier
from analytics.services import masterdata, planning
from pages.shared import plain, render, session, settling

_SHOWN = 500  # rows: a browser edits more only slowly
_TINY = 0.1  # of a price, in whatever currency
_items = session.kept(masterdata.items)


def items(t: Translator) -> None:
    """Draw the products that a word is found in, to edit."""
    render.section(t("settings.items"), t("settings.items_help"))
    word = st.text_input(
        t("settings.search"), key="settings_search", icon=":material/search:", max_chars=100
    )
    found = _items(session.store(), session.version(), word)
    if found.empty:
        st.caption(t("settings.no_items"))
        return
    if len(found) > _SHOWN:
        count, shown = t.number(len(found)), t.number(_SHOWN)
        st.caption(t("settings.more_items", count=count, shown=shown))
    present = found.head(_SHOWN)
    present = present.assign(price=_cents(present["price"]))
    edited = settling.editor(t, present, "items", _config(t), locked=masterdata.LOCKED)
    if settling.save(t, "items", is_changed=not edited.equals(present)):
        settling.change(
            t,
            lambda: masterdata.changes(present, edited),
            masterdata.save,
            present,
            edited,
            name=t("view.items"),
            done="settings.items_saved",
        )


def _cents(prices: pd.Series) -> pd.Series:
    """Return prices with two decimals, for a mean has any number; tiny ones as they are."""
    return prices.where(prices < _TINY, prices.round(2))


def _config(t: Translator) -> dict[str, ColumnConfig]:
    named = {
        name: st.column_config.TextColumn(t(f"column.{name}"), pinned=name != "name")
        for name in masterdata.NAMED
    }
    return {**named, **{name: _column(t, name) for name in masterdata.COLUMNS}}


def _column(t: Translator, name: str) -> ColumnConfig:
    label, kind = t(f"column.{name}"), masterdata.COLUMNS[name]
    if kind in masterdata.LIMITS:
        low, high = masterdata.LIMITS[kind]
        step = 1 if kind == "whole" else None
        return st.column_config.NumberColumn(
            label, min_value=low, max_value=high, step=step, format="localized"
        )
    if kind == "flag":
        return st.column_config.CheckboxColumn(label)
    if kind == "tier":
        return st.column_config.SelectboxColumn(
            label, options=[tier.value for tier in Tier], format_func=lambda code: t(f"tier.{code}")
        )
    longest = 3 if kind == "currency" else masterdata.LONGEST_TEXT
    return st.column_config.TextColumn(label, max_chars=longest)


def said(t: Translator) -> None:
    """Draw what was changed of products; each value can be taken back."""
    if session.shows_sample():
        return
    rows = masterdata.edits(session.store())
    pairs = zip(rows["part"], rows["value"], strict=True)
    shown = rows.assign(
        about=[
            f"{sku}{planning.ITEM_MARK}{market}"
            for sku, market in zip(rows["sku"], rows["market"], strict=True)
        ],
        value=[_worded(t, part, value) for part, value in pairs],
        part=[t(f"column.{part}") for part in rows["part"]],
        code=rows["part"],
    )
    settling.said(t, shown, "items", lambda row: _take_back(t, row))


def _take_back(t: Translator, row: Mapping[str, Any]) -> None:
    settling.change(
        t,
        settling.nothing,
        masterdata.withdraw,
        row["scope"],
        row["code"],
        name=plain.literal(str(row["about"])),
        done="settings.taken_back",
    )


def _worded(t: Translator, part: str, value: object) -> str:
    kind = masterdata.COLUMNS.get(part)
    if kind in masterdata.LIMITS:
        return settling.amount(t, value)
    if kind == "flag":
        return t("settings.yes") if value else t("settings.no")
    return t(f"tier.{value}") if kind == "tier" else str(value)
