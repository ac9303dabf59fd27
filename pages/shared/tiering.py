"""The Tiers page: where products stand and why, and tiers that people set by hand."""

from collections.abc import Mapping, Sequence
from functools import partial

import pandas as pd
import streamlit as st

from analytics.charts import tiers as charts
from analytics.i18n import Translator
from analytics.services import planning, tiering
from pages.shared import plain, render, session, settling

VIEWS = ("overview", "by_hand", "thresholds", "policies")
EVIDENCE = {
    "tier": "tier",
    "proposed": "tier",
    "tier_evidence": "tier_reason",
    "stock_status": "stock_status",
}  # columns of codes, and the sections of their words
_LISTED = {
    "sku": "text", "market": "text", "name": "text", "tier": "text", "tier_evidence": "wide",
    "abc": "text", "xyz": "text", "stock_status": "text", "value_share": "percent",
    "on_hand": "number", "cover_left": "number",
}  # fmt: skip
_HELD = {
    "sku": "text", "market": "text", "name": "text", "tier": "text", "proposed": "text",
    "tier_evidence": "wide",
}  # fmt: skip
_SAID = {
    "sku": "text", "market": "text", "tier": "text", "reason": "wide", "who": "text",
    "made_at": "time",
}  # fmt: skip
_SHOWN = 200  # rows: a browser draws more only slowly
_LONGEST = 200  # characters of a reason
_FAR = 9999  # days that stock lasts, from which nobody counts
Item = tuple[str, str]


def pictures(t: Translator, table: pd.DataFrame) -> None:
    """Draw the nine fields, what each tier holds, and whose stock stands still."""
    fields = tiering.matrix(table)
    shown = fields if fields["items"].any() else fields.iloc[:0]
    left, right = st.columns(2)
    with left:
        st.markdown(f"**{t('tiers.matrix')}**")
        render.chart(t, charts.matrix, "tier_matrix", matrix=shown)
    with right:
        st.markdown(f"**{t('tiers.shares')}**")
        render.chart(t, charts.shares, "tier_shares", shares=tiering.by_tier(table))
    basis = t(f"value_basis.{table['basis'].iloc[0]}") if len(table) else ""
    render.reading(t("tiers.reading", basis=basis, day=t.date(session.data_day())))
    if unclassed := len(table) - int(fields["items"].sum()):
        render.reading(t("tiers.unclassed", items=t.number(unclassed)))
    st.markdown(f"**{t('tiers.standing')}**")
    render.chart(t, charts.standing, "tier_standing", standing=tiering.standing_still(table))
    render.reading(t("tiers.standing_reading"))


def held(t: Translator, table: pd.DataFrame) -> None:
    """Draw which items the newest review alone would move, to where, and when they move."""
    rows = tiering.held(table)
    if rows.empty:
        render.reading(t("tiers.held_none"))
        return
    with st.expander(t("tiers.held", items=t.number(len(rows))), icon=":material/hourglass_top:"):
        day = tiering.next_review(session.data_day())
        st.caption(t("tiers.held_help", day=t.date(day)))
        shown = rows.assign(tier_evidence=rows["proposed_evidence"])
        render.table(t, shown, _HELD, "leeway-tiers-held", codes=EVIDENCE, most=_SHOWN)


def products(t: Translator, table: pd.DataFrame) -> None:
    """Draw every product with its tier and its evidence; one that is chosen can be moved."""
    render.section(t("tiers.list"), t("tiers.list_help"))
    found = _filtered(t, listed(table)).sort_values(
        "value", ascending=False, kind="stable", ignore_index=True
    )
    if found.empty:
        st.caption(t("tiers.nothing_found"))
        return
    chosen = render.table(
        t,
        found,
        _LISTED,
        "leeway-tiers",
        codes=EVIDENCE,
        choose=render.offered("tiers.choose"),
        most=_SHOWN,
    )
    if chosen:
        sku, market = str(chosen["sku"]), str(chosen["market"])
        render.subtitle(f"{sku}{planning.ITEM_MARK}{market}")
        if settling.is_open(t):
            _form(t, [(sku, market)], "chosen")


def listed(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table as it is read: no state of a stock that is not known, no endless cover."""
    known = table["on_hand"].notna()
    cover = table["cover_days"].where(known & (table["cover_days"] < _FAR))
    return table.assign(
        tier_evidence=table["evidence"],
        stock_status=table["status"].where(known, None),
        cover_left=cover,
    )


def _filtered(t: Translator, table: pd.DataFrame) -> pd.DataFrame:
    """Draw the filters; return the rows that pass them."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        word = st.text_input(
            t("tiers.search"), key="tiers_search", icon=":material/search:", max_chars=100,
            width=320,
        )  # fmt: skip
        tiers = _pills(t, table["tier"], "tier", [tier.value for tier in tiering.Tier], "tier")
        stock = table["stock_status"]
        statuses = _pills(t, stock, "stock_status", tiering.STATUSES, "stock_status")
        markets = sorted(table["market"].unique())
        wanted = _pills(t, table["market"], "market", markets, "") if len(markets) > 1 else []
    return tiering.found(table, search=word, tiers=tiers, statuses=statuses, markets=wanted)


def _pills(
    t: Translator, codes: pd.Series, name: str, order: Sequence[str], section: str
) -> list[str]:
    """Draw the choice among the codes that occur, each with how many items have it."""
    counts = codes.value_counts()

    def word(code: str) -> str:
        said = t(f"{section}.{code}") if section else plain.literal(code)
        return f"{said} {t.number(int(counts[code]))}"

    return st.pills(
        t(f"column.{name}"),
        [code for code in order if code in counts],
        selection_mode="multi",
        format_func=word,
        key=f"tiers_{name}",
    )


def by_hand(t: Translator) -> None:
    """Draw the way to put products into a tier, whatever their sales say."""
    if not session.may("editor"):
        return
    render.section(t("tiers.by_hand"), t("tiers.by_hand_help"))
    if not settling.is_open(t):
        return
    chosen = st.multiselect(
        t("tiers.items"),
        session.items(),
        key="tier_items",
        placeholder=t("tiers.choose_items"),
    )
    _form(t, [_item(label) for label in chosen], "several")


def _item(label: str) -> Item:
    sku, _, market = label.rpartition(planning.ITEM_MARK)
    return sku, market


def _form(t: Translator, items: Sequence[Item], place: str) -> None:
    """Draw the tier and the reason to give to products, and the way back to the numbers."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        tier = st.selectbox(
            t("tiers.tier"),
            [tier.value for tier in tiering.Tier],
            format_func=lambda code: t(f"tier.{code}"),
            key=f"tier_to_{place}",
            width=200,
        )
        reason = st.text_input(
            t("tiers.reason"),
            placeholder=t("tiers.reason_example"),
            max_chars=_LONGEST,
            key=f"tier_why_{place}",
            width=360,
        )
        sets = st.button(
            t("tiers.override"),
            key=f"tier_set_{place}",
            type="primary",
            icon=":material/push_pin:",
            disabled=not items,
        )
        frees = st.button(
            t("tiers.release"),
            key=f"tier_free_{place}",
            icon=":material/undo:",
            help=t("tiers.release_help"),
            disabled=not items,
        )
    if sets:
        work = partial(tiering.override, reason=reason.strip())
        name = plain.literal(items[0][0])
        settling.change(t, settling.nothing, work, items, tier, name=name, done="tiers.overridden")
    if frees:
        _release(t, items)


def _release(t: Translator, items: Sequence[Item]) -> None:
    name = plain.literal(items[0][0])
    settling.change(t, settling.nothing, tiering.release, items, name=name, done="tiers.released")


def said(t: Translator) -> None:
    """Draw which tiers were set by hand, by whom and why; those chosen go by the numbers again."""
    if session.shows_sample():
        return
    render.section(t("tiers.said"), t("tiers.practice"))
    rows = tiering.said(session.store())
    if rows.empty:
        st.caption(t("tiers.said_none"))
        return
    choose = render.offered("tiers.choose_said")
    chosen: list[Mapping[str, object]] = render.choices(
        t, rows, _SAID, "leeway-tiers-by-hand", choose=choose, codes={"tier": "tier"}
    )
    items = [(str(row["sku"]), str(row["market"])) for row in chosen]
    with st.container(horizontal=True, vertical_alignment="center"):
        if items and st.button(t("tiers.release"), key="tier_free_said", icon=":material/undo:"):
            _release(t, items)
        _to_board(t)


def practice(t: Translator) -> None:
    """Draw what a tier's practice is for, and the way to the board that follows it."""
    render.reading(t("tiers.practice"))
    _to_board(t)


def _to_board(t: Translator) -> None:
    label = t("tiers.to_board")
    st.page_link("pages/replenish.py", label=label, icon=":material/shopping_cart:")
