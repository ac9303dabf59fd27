"""Who is here: the way in and out of a visit, the team that is worked for, and its switch."""

import streamlit as st

from analytics.i18n import Translator
from analytics.services import hosting
from pages.shared import navigation, plain, seats, session

_LOOK_EVERY = 20  # seconds between two looks at whether a silent tab may stay


def admitted(t: Translator) -> bool:
    """Return whether this visit may go on; say why not, or send it away, if it may not."""
    if session.get("seat") is not None:
        if not hosting.settings().is_open:
            _look_again(session.seat().role)
        return True
    navigation.visit(t)
    if session.has_begun():  # it was let in before: the door says what is the matter
        session.send_to("/")
    st.info(t("team.out"), icon=":material/logout:")
    return False


@st.fragment(run_every=_LOOK_EVERY)
def _look_again(role: str) -> None:
    """Turn away a tab that is left open after the visit has ended; draw it anew in another role."""
    found = session.look()
    if found is None or found.role != role:
        st.rerun()


def card(t: Translator) -> None:
    """Draw who is here and for which team, the switch to another one, and the way out."""
    is_open = hosting.settings().is_open
    here = session.seat()
    if is_open and len(here.rooms) == 1:
        return
    label = room_name(t, here.room)
    with st.popover(label, icon=":material/group:", key="card", help=t("team.card_help")):
        if not is_open:
            role = t(f"role.{here.role}")
            st.markdown(t("team.you_are", name=plain.literal(here.visitor.name), role=role))
        _switch(t, here)
        if not is_open and st.button(t("team.sign_out"), key="sign_out", icon=":material/logout:"):
            session.send_to("/sign-out")


def _switch(t: Translator, here: seats.Seat) -> None:
    """Draw the choice among the teams that are open to the visitor."""
    names = {room.workspace_id: spoken(t, room) for room, _ in here.rooms}
    if len(names) == 1:
        return
    chosen = st.selectbox(
        t("team.switch"), [*names], [*names].index(here.room.workspace_id),
        format_func=lambda room_id: names.get(room_id, ""), key="room_choice",
    )  # fmt: skip
    if chosen != here.room.workspace_id:
        session.enter(chosen)


def may_line(t: Translator) -> None:
    """Say to somebody who may only look who may do more."""
    if not session.may("editor"):
        st.caption(f":material/visibility: {t('team.looks_only')}")


def spoken(t: Translator, room: hosting.Room) -> str:
    """Return what a workspace is called; the first one has no name until somebody gives it one."""
    is_unnamed = room.workspace_id == room.name == hosting.MAIN
    return t("team.first_room") if is_unnamed else room.name


def room_name(t: Translator, room: hosting.Room) -> str:
    """Return `spoken` for markdown."""
    return plain.literal(spoken(t, room))
