"""A guest's visit: the frame of the one page that a link opens, and the answers that it shows.

All of it stands on a workspace that refuses every change (see `session.own_store`); where money is
hidden the services are asked without it, so that there is none to leak.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import streamlit as st
from streamlit.navigation.page import Page

from analytics.errors import AnalyticsError
from analytics.i18n import Translator
from analytics.scenario import Scenario
from analytics.services import delays, frozen_answers, hosting, serving, sharing, workspaces
from pages.shared import assumed, controls, delaying, navigation, plain, session

_LOOK_EVERY = 20  # seconds between two looks at whether the link is still open
_DIGITS = 12  # of a hash that are shown
_OF_MONEY = ("freight_change_pct", "currency_change_pct", "price_change_pct", "service_level_pct")


def frame(t: Translator) -> None:
    """Draw what the guest may see; nothing but a refusal if the link is not open."""
    page = navigation.visit(t)
    session.keep(share=None)
    try:
        found = session.look_at_link()
        if found is None:
            _refuse(t)
            return
    except AnalyticsError:  # the workspace cannot be asked now
        st.error(t("visit.unavailable"))
        return
    session.keep(share=found)
    _look_again(t)
    try:
        _draw(t, found, page)
    except AnalyticsError as problem:
        _say(t, problem)


def _draw(t: Translator, found: sharing.Share, page: Page) -> None:
    session.open_shared(found)
    if not found.is_frozen:
        _begin_with(found)
        controls.scenario(t)
    _header(t, found)
    session.run(page)


def share() -> sharing.Share:
    """Return the link that this visit came by."""
    return cast("sharing.Share", session.get("share"))


@st.fragment(run_every=_LOOK_EVERY)
def _look_again(t: Translator) -> None:
    """Turn away a guest who leaves the page open after the link has ended."""
    try:
        is_over = session.look_at_link() is None
    except AnalyticsError:  # the workspace cannot be asked now; the next look may
        st.error(t("visit.unavailable"))
        return
    if is_over:
        st.rerun()


def _refuse(t: Translator) -> None:
    if session.has_begun():  # as another's, perhaps: whoever it is now begins anew
        session.send_to("/")
    has_run_out = hosting.link_has_run_out(hosting.settings(), session.guest() or "")
    st.info(t("visit.run_out" if has_run_out else "visit.refused"), icon=":material/link_off:")


def _say(t: Translator, problem: AnalyticsError) -> None:
    """Say what the guest's own assumptions cause; the rest is none of their business."""
    is_theirs = isinstance(problem, ValueError)
    st.error(plain.sentence(t, problem) if is_theirs else t("visit.unavailable"))


def _leave(t: Translator) -> None:
    base = serving.base_path(st.get_option("server.baseUrlPath"))
    address = f"{base}/{sharing.SECTION}/leave"
    st.link_button(t("visit.leave"), address, type="tertiary", icon=":material/logout:")


def _begin_with(found: sharing.Share) -> None:
    """Set the sliders to what the link says, unless the address tells where they were moved to."""
    if session.get("begun_with") == found.share_id:
        return
    session.keep(begun_with=found.share_id)
    if not set(st.query_params) & set(Scenario.forms()):
        assumed.take(found.scenario)
        if found.scenario.as_of is not None:
            session.keep(as_of=found.scenario.as_of)
    if found.item in session.items() and "item" not in st.query_params:
        session.keep(item=found.item)


def _header(t: Translator, found: sharing.Share) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="header"):
        st.header(plain.literal(found.name), anchor=False, width="stretch")
        _chips(t, found)
        controls.language(t)
        _leave(t)
    made_on = t.date(found.created_at.date())
    key = "visit.by" if found.author else "visit.by_nobody"
    st.caption(t(key, author=plain.literal(found.author), day=made_on))
    if found.note:
        st.markdown(plain.literal(found.note))
    if found.is_frozen:
        st.caption(t("visit.frozen_note", day=made_on))
    elif found.data_version != session.version():
        st.warning(t("visit.data_moved", day=made_on), icon=":material/update:")
    else:
        st.caption(t("visit.live_note"))
    if found.is_sample:
        st.caption(t("visit.sample"))


def _chips(t: Translator, found: sharing.Share) -> None:
    kind = t(f"share_kind.{found.kind}")
    st.badge(kind, icon=":material/ac_unit:" if found.is_frozen else ":material/bolt:")
    ends = t("visit.ends", day=t.date(found.expires_at.date()))
    st.badge(ends, icon=":material/event:", color="gray", help=t("visit.ends_help"))
    if found.hides_money:
        st.badge(t("visit.no_money"), icon=":material/visibility_off:", color="gray")


# What the page shows


def views(found: sharing.Share) -> Sequence[str]:
    """Return the views that the link has: a frozen one may name no item."""
    if found.is_frozen and not found.item:
        return ("overview", "orders")
    return ("overview", "item", "orders")


def impact(found: sharing.Share) -> delays.Impact:
    """Return what the link shows of the catalogue."""
    if found.is_frozen:
        return _frozen(found).impact
    if found.hides_money:
        return _impact(session.store(), session.version(), _without_prices(found))
    return session.impact(session.scenario())


def item(t: Translator, found: sharing.Share) -> delays.ItemImpact:
    """Return what the link shows of one item; a live link lets the guest choose it."""
    if found.is_frozen:
        return cast("delays.ItemImpact", _frozen(found).item)
    sku, market = controls.item(t)
    if found.hides_money:
        return _item(session.store(), session.version(), _without_prices(found), sku, market)
    return session.impact_item(session.scenario(), sku, market)


def _without_prices(found: sharing.Share) -> Scenario:
    """Return the guest's scenario with the link's own prices: where they turn, margins show."""
    fixed = {name: getattr(found.scenario, name) for name in _OF_MONEY}
    return replace(session.scenario(), **fixed)


def frontier(found: sharing.Share) -> delaying.Asked | None:
    """Return how to ask what cash saves; None where money is hidden, or the link frozen."""
    return None if found.is_frozen or found.hides_money else delaying.frontier


def proof(t: Translator, found: sharing.Share) -> None:
    """Draw the short hashes by which two screens can be compared."""
    if found.is_frozen:
        hashes = {"fingerprint": found.fingerprint[:_DIGITS], "checksum": found.checksum}
        st.caption(t("visit.proof", **hashes), help=t("visit.proof_help"))


def _frozen(found: sharing.Share) -> frozen_answers.Frozen:
    made = f"{found.created_at.isoformat()} {found.checksum}"
    return _kept(session.own_store(), made, found.share_id)


def _impact_without_money(store: workspaces.Store, scenario: Scenario) -> delays.Impact:
    return delays.impact(store, scenario, money=False)


_kept = session.kept(sharing.frozen, max_entries=8)
_impact = session.kept(_impact_without_money)
_item = session.kept(frozen_answers.item_without_money)
