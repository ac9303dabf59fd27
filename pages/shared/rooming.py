"""Share & team: the workspaces of this host, made, renamed, deleted and brought back."""

from functools import partial

import pandas as pd
import streamlit as st

from analytics.i18n import MISSING, Translator
from analytics.services import hosting
from pages.shared import acting, attending, plain, render, session

_ROOMS = {
    "room": "text", "role": "text", "room_state": "text", "created_at": "time",
    "created_by": "text", "gone_at": "time",
}  # fmt: skip
_CODES = {"role", "room_state"}
_OF_DELETED = {"room_state", "gone_at"}  # which say nothing while all of them stand
_LONGEST = 60


def show(t: Translator) -> None:
    """Draw the workspaces that are open to the visitor, and what can be done about this one."""
    acting.told(t)
    render.section(t("team.rooms"), t("team.rooms_help"))
    here = session.seat()
    gone = hosting.deleted_rooms(hosting.settings(), here.visitor)
    known = [(room, role) for room, role in here.rooms] + [(room, "owner") for room in gone]
    frame = pd.DataFrame(
        [
            (attending.spoken(t, room), role, "deleted" if room.deleted_at else "standing",
             acting.at(room.created_at), room.created_by or MISSING, acting.at(room.gone_at),
             room.workspace_id)
            for room, role in known
        ],
        columns=[*_ROOMS, "workspace_id"],
    )  # fmt: skip
    columns = {name: kind for name, kind in _ROOMS.items() if gone or name not in _OF_DELETED}
    codes: dict[str, str] = {name: name for name in columns if name in _CODES}
    render.table(t, frame, columns, "leeway-workspaces", codes=codes, identity=("workspace_id",))
    for room in gone:
        _bring_back(t, room)
    if any(role == "owner" for _, role in here.rooms):
        _create(t)
    if acting.owned(t):
        _this(t, here.room)


def _bring_back(t: Translator, room: hosting.Room) -> None:
    st.button(
        t("team.bring_back", name=plain.literal(room.name)), on_click=_brought_back, args=(room,),
        key=f"bring_back_{room.workspace_id}", icon=":material/restore_from_trash:",
    )  # fmt: skip


def _brought_back(room: hosting.Room) -> None:
    seat = session.seat()
    work = partial(hosting.bring_back_room, hosting.settings(), seat.visitor, room.workspace_id)
    acting.do(work, "team.brought_back", name=room.name)


def _create(t: Translator) -> None:
    render.section(t("team.create"), t("team.create_help"))
    with st.form("create_room", border=False, clear_on_submit=True):
        st.text_input(t("team.name"), key="room_name", max_chars=_LONGEST, width=320)
        st.form_submit_button(t("team.create"), on_click=_created, icon=":material/add:")


def _created() -> None:
    name = str(session.get("room_name", ""))
    work = partial(hosting.create_room, hosting.settings(), session.seat().visitor, name)
    acting.do(work, "team.created", name=name)


def _this(t: Translator, room: hosting.Room) -> None:
    """Draw the new name of this workspace, and the way to delete it."""
    name = attending.room_name(t, room)
    render.section(t("team.this_room", name=name), t("team.this_room_help"))
    with st.form("rename_room", border=False, clear_on_submit=True):
        st.text_input(t("team.new_name"), key="room_new_name", max_chars=_LONGEST, width=320)
        st.form_submit_button(t("team.rename"), on_click=_renamed, icon=":material/edit:")
    if room.workspace_id == hosting.MAIN:
        st.caption(t("team.main_stays"))
        return
    with st.popover(t("team.delete"), icon=":material/delete:", key="delete_room"):
        st.markdown(t(_undone_by(), name=name, days=t.number(hosting.GRACE_DAYS)))
        typed = st.text_input(t("team.delete_type"), key="room_to_delete", max_chars=_LONGEST)
        st.button(
            t("team.delete_now"), on_click=_deleted, args=(room.name,), key="delete_room_now",
            disabled=typed != room.name, icon=":material/delete_forever:",
        )  # fmt: skip


def _undone_by() -> str:
    """Return the text that says who could bring this workspace back."""
    if len(session.seat().rooms) == 1:
        return "team.delete_help_only"
    by_secret = hosting.settings().mode == "password"  # what a secret opened ends with the visit
    return "team.delete_help_visit" if by_secret else "team.delete_help"


def _renamed() -> None:
    name = str(session.get("room_new_name", ""))
    acting.do(partial(acting.here, hosting.rename_room, name), "team.renamed", name=name)


def _deleted(name: str) -> None:
    acting.do(partial(acting.here, hosting.delete_room), "team.deleted", name=name)
