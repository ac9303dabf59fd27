"""Share & team: who may come in, as what, and who is here now."""

from functools import partial

import pandas as pd
import streamlit as st

from analytics.i18n import Translator
from analytics.services import hosting
from pages.shared import acting, plain, render, session

_ROLES = ("owner", "editor", "viewer")
_SECRETS = {"role": "text", "secret_state": "text", "changed_at": "time"}
_MEMBERS = {"address": "text", "role": "text", "added_at": "time", "added_by": "text"}
_SESSIONS = {
    "person": "text", "address": "text", "role": "text", "began_at": "time", "seen_at": "time",
}  # fmt: skip
_CODES = {"role": "role", "secret_state": "secret_state"}
_LONGEST = 200


def show(t: Translator) -> None:
    """Draw what fits the way in which this server lets people in."""
    acting.told(t)
    mode = hosting.settings().mode
    render.section(t("team.members"), t(f"team.mode_{mode}"))
    if mode == "open":
        st.info(t("team.modes"), icon=":material/key:")
    elif acting.owned(t, "team.only_owner_sees"):
        if mode == "password":
            _secrets(t)
        else:
            _members(t)
        _sessions(t)


# Team secrets


def _secrets(t: Translator) -> None:
    known = acting.here(hosting.secrets)
    states = ["set" if role in known else "unset" for role in _ROLES]
    frame = pd.DataFrame(
        {
            "role": [*_ROLES],
            "secret_state": states,
            "changed_at": [acting.at(known.get(r)) for r in _ROLES],
        }
    )
    render.table(t, frame, _SECRETS, "leeway-secrets", codes=_CODES, identity=("role",))
    with st.form("secret", clear_on_submit=True):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.selectbox(
                t("column.role"), _ROLES, format_func=partial(_role, t), key="secret_role",
                width=200,
            )  # fmt: skip
            st.text_input(
                t("team.new_secret"), type="password", key="secret_new", max_chars=_LONGEST,
                help=t("team.secret_help"), autocomplete="new-password",
            )  # fmt: skip
        st.form_submit_button(t("team.set_secret"), on_click=_set_secret, icon=":material/key:")
    with st.container(horizontal=True):
        for role in (role for role in _ROLES if role in known and role != "owner"):
            st.button(
                t("team.forget_secret", role=_role(t, role)), on_click=_forget_secret, args=(role,),
                key=f"forget_{role}", icon=":material/key_off:",
            )  # fmt: skip


def _set_secret() -> None:
    role, secret = str(session.get("secret_role")), str(session.get("secret_new", ""))
    acting.do(partial(acting.here, hosting.set_secret, role, secret), "team.secret_set")


def _forget_secret(role: str) -> None:
    acting.do(partial(acting.here, hosting.forget_secret, role), "team.secret_forgotten")


# Members by address


def _members(t: Translator) -> None:
    with st.form("member", clear_on_submit=True):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.text_input(t("column.address"), key="member_address", max_chars=_LONGEST)
            st.selectbox(
                t("column.role"), _ROLES, _ROLES.index("editor"), format_func=partial(_role, t),
                key="member_role", width=200,
            )  # fmt: skip
        st.caption(t("team.member_help"))
        st.form_submit_button(t("team.set_member"), on_click=_set_member, icon=":material/person:")
    chosen = _member_table(t)
    if chosen is not None:
        address = str(chosen["address"])
        st.button(
            t("team.remove_member", address=plain.literal(address)), on_click=_remove,
            args=(address,), key="remove_member", icon=":material/person_remove:",
        )  # fmt: skip


def _member_table(t: Translator) -> render.Row | None:
    found = acting.here(hosting.members)
    frame = pd.DataFrame(
        [(one.address, one.role, acting.at(one.added_at), one.added_by) for one in found],
        columns=[*_MEMBERS],
    )
    return render.table(
        t, frame, _MEMBERS, "leeway-members", codes=_CODES, choose="team.choose_member",
        identity=("address",),
    )  # fmt: skip


def _set_member() -> None:
    address, role = str(session.get("member_address", "")), str(session.get("member_role"))
    work = partial(acting.here, hosting.set_member, address, role)
    acting.do(work, "team.member_set", address=address)


def _remove(address: str) -> None:
    work = partial(acting.here, hosting.remove_member, address)
    acting.do(work, "team.member_removed", address=address)


# Who is signed in


def _sessions(t: Translator) -> None:
    render.section(t("team.sessions"), t("team.sessions_help"))
    found = acting.here(hosting.sessions)
    frame = pd.DataFrame(
        [
            (one.name, one.address, one.role, acting.at(one.created_at), acting.at(one.seen_at),
             one.session_id)
            for one in found
        ],
        columns=[*_SESSIONS, "session_id"],
    )  # fmt: skip
    without = set() if hosting.settings().mode == "oidc" else {"address"}
    columns = {name: kind for name, kind in _SESSIONS.items() if name not in without}
    chosen = render.table(
        t, frame, columns, "leeway-sessions", codes=_CODES, choose="team.choose_session",
        identity=("session_id",),
    )  # fmt: skip
    if chosen is not None:
        name = str(chosen["person"])
        st.button(
            t("team.end_session", name=plain.literal(name)), on_click=_end,
            args=(str(chosen["session_id"]), name), key="end_session", icon=":material/logout:",
        )  # fmt: skip


def _end(session_id: str, name: str) -> None:
    work = partial(acting.here, hosting.end_session, session_id)
    acting.do(work, "team.session_ended", name=name)


def _role(t: Translator, role: str) -> str:
    return t(f"role.{role}")
