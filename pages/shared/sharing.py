"""Delay lab: links that show the scenario to others, made and closed."""

from urllib.parse import urlsplit

import pandas as pd
import streamlit as st

from analytics import words
from analytics.errors import AnalyticsError
from analytics.i18n import Translator
from analytics.services import hosting, saved, serving, sharing
from pages.shared import plain, render, session

_DAYS = 30
_COLUMNS = {
    "name": "text", "share_kind": "text", "share_state": "text", "money_shown": "text",
    "views": "number", "last_viewed_at": "time", "created_at": "time", "expires_at": "time",
    "author": "text", "note": "text",
}  # fmt: skip
_CODES = {
    "share_kind": "share_kind",
    "share_state": "share_state",
    "money_shown": "share_money",
}


def links(t: Translator) -> None:
    """Draw what makes a link, the link that was just made, and all that there are."""
    _warn(t)
    if session.may("editor"):  # the frame says who may
        _made(t)
        _form(t)
    _table(t)


def sent(t: Translator) -> None:
    """Draw all links of the workspace, and the way to where they are made."""
    _warn(t)
    if session.may("editor"):
        st.page_link("pages/delays.py", label=t("share.go_make"), icon=":material/add_link:")
    _table(t)


def _warn(t: Translator) -> None:
    is_reached = not serving.is_loopback(st.get_option("server.address"))
    if is_reached and hosting.settings().is_open:
        st.warning(t("share.not_served"), icon=":material/lock:")


def _form(t: Translator) -> None:
    render.section(t("share.title"), t("share.help"))
    scenario = words.scenario(t, session.scenario(), plain.literal)
    st.markdown(t("share.what", scenario=scenario))
    with st.form("make_share"):
        st.text_input(
            t("share.name"),
            key="share_name",
            max_chars=saved.LONGEST_NAME,
            placeholder=t("share.name_example"),
        )
        st.radio(
            t("share.kind"),
            sharing.KINDS,
            format_func=lambda code: t(f"share_kind.{code}"),
            captions=[t(f"share.{kind}_help") for kind in sharing.KINDS],
            key="share_kind",
            horizontal=True,
        )
        st.toggle(t("share.hides_money"), key="hides_money", help=t("share.hides_money_help"))
        with st.container(horizontal=True):
            st.number_input(t("share.days"), 1, sharing.MOST_DAYS, _DAYS, key="share_days")
            items, how = session.items(), t("share.item_help")
            st.selectbox(t("share.item"), items, None, key="share_item", help=how)
        st.text_input(
            t("share.author"),
            key="share_author",
            max_chars=saved.LONGEST_NAME,
            help=t("share.author_help"),
        )
        st.text_input(t("share.note"), key="share_note", max_chars=saved.LONGEST_NOTE)
        if st.form_submit_button(t("share.make"), type="primary", icon=":material/add_link:"):
            _make(t)


def _make(t: Translator) -> None:
    try:
        with st.spinner(t("share.making")):
            made = sharing.create(
                session.own_store(),
                session.store(),
                session.scenario(),
                kind=session.get("share_kind"),
                hides_money=bool(session.get("hides_money")),
                days=int(session.get("share_days", _DAYS)),
                name=session.get("share_name", ""),
                note=session.get("share_note", ""),
                author=session.get("share_author", ""),
                item=session.get("share_item") or "",
            )
    except AnalyticsError as problem:
        st.error(plain.sentence(t, problem), icon=":material/error:")
        return
    session.keep(made_share=(made.share.name, _address(made.token)))
    st.rerun()


def _address(token: str) -> str:
    """Return the whole address that opens the link."""
    here = urlsplit(st.context.url or "")
    base = serving.base_path(st.get_option("server.baseUrlPath"))
    told = sharing.in_room(session.seat().room.workspace_id, token)
    return f"{here.scheme}://{here.netloc}{base}/{sharing.SECTION}/{told}"


def _made(t: Translator) -> None:
    """Draw the link that was just made, until it is said that it was copied."""
    made = session.get("made_share")
    if made is None:
        return
    name, address = made
    with st.container(border=True, key="made_share"):
        st.success(t("share.made", name=plain.literal(name)), icon=":material/link:")
        st.code(address, language=None, wrap_lines=True)
        st.button(t("share.copied"), on_click=session.keep, kwargs={"made_share": None})


def _table(t: Translator) -> None:
    render.section(t("share.existing"), t("share.existing_help"))
    told = session.get("closed_share")
    if told:
        st.caption(t("share.revoked", name=plain.literal(told)))
    known = sharing.links(session.own_store())
    if known.empty:
        st.caption(t("share.none"))
        return
    chosen = render.table(
        t,
        _shown(known),
        _COLUMNS,
        "leeway-links",
        codes=_CODES,
        choose=render.offered("share.choose"),
        identity=("share_id",),
    )
    if chosen and chosen["share_state"] == "open":
        st.button(
            t("share.revoke", name=plain.literal(str(chosen["name"]))),
            on_click=_close,
            args=(int(str(chosen["share_id"])), str(chosen["name"])),
            icon=":material/link_off:",
            key="close_share",
        )


def _shown(known: pd.DataFrame) -> pd.DataFrame:
    money = known["hides_money"].map({True: "hidden", False: "shown"})
    return known.rename(columns={"kind": "share_kind", "state": "share_state"}).assign(
        money_shown=money
    )


def _close(share_id: int, name: str) -> None:
    sharing.revoke(session.own_store(), share_id, who=session.who())
    session.keep(closed_share=name)
