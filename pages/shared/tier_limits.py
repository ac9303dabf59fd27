"""Where one tier ends and the next begins: numbers to move, and who moves with them."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from analytics.errors import AnalyticsError
from analytics.i18n import Translator
from analytics.services import assumptions, tiering
from analytics.services.tiering import Thresholds
from pages.shared import plain, render, session, settling
from pages.shared import tiering as tiers_page

_GROUPS = {
    "new": ("new_days", "new_weeks"),
    "value": ("class_a_pct", "class_b_pct", "class_x", "class_y", "steady", "sold_weeks"),
    "season": ("peak_weeks", "peak_share_pct", "peak_units", "strength", "strength_share_pct"),
    "slow": ("slow_days", "surcharge_days"),
}
_MOVED = {
    "sku": "text", "market": "text", "name": "text", "tier_before": "text", "tier_after": "text",
    "tier_evidence": "wide", "stock_before": "text", "stock_after": "text",
}  # fmt: skip
_CODES = {
    **tiers_page.EVIDENCE,
    "tier_before": "tier",
    "tier_after": "tier",
    "stock_before": "stock_status",
    "stock_after": "stock_status",
}
_SHOWN = 200  # rows: a browser draws more only slowly
_WIDE = 200  # pixels of a number
_USUAL = Thresholds()


def thresholds(t: Translator) -> None:
    """Draw every threshold to move, who would move with it, and the way to save."""
    render.section(t("tiers.thresholds"), t("tiers.thresholds_help"))
    present = tiering.thresholds(session.store())
    typed = _typed(t, present)
    try:
        wanted = present.changed(typed)
    except AnalyticsError as problem:
        st.error(t.error(problem), icon=":material/error:")  # its facts are numbers of ours
        return
    st.markdown(f"**{t('tiers.preview')}**")
    _preview(t, present, wanted)
    _save(t, present, wanted)


def _typed(t: Translator, present: Thresholds) -> dict[str, Any]:
    """Draw the numbers, group by group; return them as they stand."""
    typed: dict[str, Any] = {}
    for place, (group, names) in zip(_places(), _GROUPS.items(), strict=True):
        with place.container(border=True, height="stretch"):
            st.markdown(f"**{t(f'threshold.group_{group}')}**")
            with st.container(horizontal=True, vertical_alignment="bottom"):
                typed |= {name: _number(t, name, getattr(present, name)) for name in names}
    return typed


def _places() -> list[Any]:
    """Return the places of the groups, two beside each other, the small ones on the left."""
    return [*st.columns(2), *reversed(st.columns(2))]


def _number(t: Translator, name: str, value: float) -> float:
    """Draw one threshold; what is typed is void once another value is in force."""
    low, high = Thresholds.limits()[name]
    usual = settling.amount(t, getattr(_USUAL, name))
    told = f"{t(f'threshold.{name}_help')} {t('tiers.default', value=usual)}"
    key, label = f"threshold_{name}_{value}", t(f"column.{name}")
    if isinstance(value, int):
        return st.number_input(
            label, int(low), int(high), value, 1, key=key, help=told, width=_WIDE
        )
    is_share = name.endswith("_pct")
    step, shown = (1.0, "%.1f") if is_share else (10.0, "%.0f") if high > 100 else (0.05, "%.2f")
    return st.number_input(
        label, low, high, value, step, format=shown, key=key, help=told, width=_WIDE
    )


def _preview(t: Translator, present: Thresholds, wanted: Thresholds) -> None:
    """Draw who would move, from where to where, and why."""
    if wanted == present:
        st.caption(t("tiers.unchanged"))
        return
    moved = tiering.preview(session.store(), wanted)
    if moved.empty:
        st.caption(t("tiers.preview_none"))
        return
    changes = moved["tier_before"] != moved["tier_after"]
    status = moved["status_before"] != moved["status_after"]
    counts = {"items": len(moved), "tiers": int(changes.sum()), "statuses": int(status.sum())}
    st.markdown(t("tiers.preview_count", **{name: t.number(n) for name, n in counts.items()}))
    _flows(t, moved.loc[changes])
    shown = moved.assign(
        tier_evidence=moved["reason"],
        stock_before=moved["status_before"],
        stock_after=moved["status_after"],
    )
    render.table(t, shown, _MOVED, "leeway-tiers-preview", codes=_CODES, most=_SHOWN)


def _flows(t: Translator, moved: pd.DataFrame) -> None:
    """Draw how many go from each tier to each other one, the most first."""
    ways = moved["tier_before"] + ">" + moved["tier_after"]
    with st.container(horizontal=True):
        for way, items in ways.value_counts().to_dict().items():
            before, _, after = str(way).partition(">")
            move = t("tiers.move", before=t(f"tier.{before}"), after=t(f"tier.{after}"))
            st.badge(f"{move}: {t.number(items)}", color="gray")


def _save(t: Translator, present: Thresholds, wanted: Thresholds) -> None:
    """Draw the buttons that save what was typed, and that go back to the defaults."""
    if not settling.is_open(t):
        return
    with st.container(horizontal=True):
        pressed = settling.save(t, "thresholds", is_changed=wanted != present)
        resets = st.button(
            t("tiers.reset"),
            key="reset_thresholds",
            icon=":material/restart_alt:",
            disabled=present == _USUAL,
        )
    if pressed or resets:
        settling.change(
            t,
            settling.nothing,
            tiering.set_thresholds,
            _USUAL if resets else wanted,
            name=t("view.thresholds"),
            done="tiers.saved",
        )


def said(t: Translator) -> None:
    """Draw the thresholds that are other than default; each can be taken back."""
    if session.shows_sample():
        return
    rows = assumptions.table(session.store())
    rows = rows.loc[rows["name"] == "threshold"]
    labels = [t(f"column.{name}") for name in rows["scope"]]
    shown = rows.assign(
        about=labels,
        part=[t("column.threshold")] * len(rows),
        value=[settling.amount(t, value) for value in rows["value"]],
    )
    settling.said(t, shown, "thresholds", lambda row: _take_back(t, row))


def _take_back(t: Translator, row: Mapping[str, Any]) -> None:
    settling.change(
        t,
        settling.nothing,
        assumptions.withdraw,
        int(row["judgement_id"]),
        name=plain.literal(str(row["about"])),
        done="settings.taken_back",
    )
