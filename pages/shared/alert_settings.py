"""Settings: when an alarm is worth somebody's time, and who is told of the alarms every day."""

from collections.abc import Callable

import streamlit as st

from analytics import upkeep
from analytics.errors import AnalyticsError
from analytics.i18n import MISSING, Translator
from analytics.services import alert_settings, assumptions, digest
from pages.shared import plain, render, session, settling

_LANGUAGE = {code: name for name, code in session.LANGUAGES.items()}


def rules(t: Translator) -> None:
    """Draw the rules that alarms go by."""
    render.section(t("alarms.settings"), t("alarms.settings_help"))
    settling.is_open(t)
    known = alert_settings.rules(session.store())
    currency = assumptions.currency(session.store(), session.store().items())
    is_locked = session.reads_only()
    money, share = alert_settings.LIMITS["least_money"], alert_settings.LIMITS["late_pct"]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        least = st.number_input(
            t("alarms.least_money", currency=currency or MISSING), money.low, money.high,
            known.least_money, step=10.0, disabled=is_locked, key="alarm_least_money",
            help=t("alarms.least_money_help"),
        )  # fmt: skip
        late = st.number_input(
            t("alarms.late_pct"), share.low, share.high, known.late_pct, step=1.0,
            format="%.1f", disabled=is_locked, key="alarm_late_pct", help=t("alarms.late_pct_help"),
        )  # fmt: skip
    said = {"least_money": float(least), "late_pct": float(late)}
    is_changed = said != {"least_money": known.least_money, "late_pct": known.late_pct}
    if settling.save(t, "alarm_rules", is_changed=is_changed):
        settling.change(
            t, lambda: alert_settings.check(said), alert_settings.settle, said,
            name=t("alarms.settings"), done="settings.assumptions_saved",
        )  # fmt: skip


def daily(t: Translator) -> None:
    """Draw where the daily message goes, and when; addresses are never shown again."""
    if not session.may("owner"):
        return
    render.section(t("digest.settings"), t("digest.settings_help"))
    _told(t)
    if not digest.can_send():
        st.warning(t("digest.not_installed"), icon=":material/extension_off:")
    known = digest.settings(session.own_store())
    with st.form("digest", clear_on_submit=False):
        st.toggle(t("digest.on"), known.is_on, key="digest_on")
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.number_input(t("digest.hour"), 0, 23, known.hour, key="digest_hour")
            st.selectbox(
                t("digest.language"), [*_LANGUAGE], [*_LANGUAGE].index(known.language),
                format_func=lambda code: _LANGUAGE[code], key="digest_language",
            )  # fmt: skip
        st.text_area(
            t("digest.addresses"), key="digest_addresses", help=t("digest.addresses_help"),
            height=100,
        )  # fmt: skip
        st.form_submit_button(
            t("digest.save"), icon=":material/save:", on_click=_do, args=(t, _save, "digest.saved")
        )
    _kept(t, known)


def _kept(t: Translator, known: digest.Settings) -> None:
    """Draw which addresses are kept, as far as they may be shown, and what can be done."""
    if not known.addresses:
        st.caption(t("digest.none_kept"))
    else:
        shown = t("format.list").join(map(digest.masked, known.addresses))
        st.markdown(t("digest.kept", addresses=plain.literal(shown)))
        with st.container(horizontal=True):
            st.button(
                t("digest.test"), key="digest_test", icon=":material/send:",
                disabled=not digest.can_send(), on_click=_do, args=(t, _send, ""),
            )  # fmt: skip
            st.button(
                t("digest.remove"), key="digest_remove", icon=":material/delete:", on_click=_do,
                args=(t, _forget, "digest.saved"),
            )  # fmt: skip
    _went(t, known)
    st.caption(f":material/lock: {t('digest.secret')}")


def _went(t: Translator, known: digest.Settings) -> None:
    """Draw when every address last got the message, and what is wrong since."""
    if known.sent_on is not None:
        st.caption(t("digest.sent_on", day=t.date(known.sent_on)))
    if not known.failure or known.tried_at is None:
        return
    facts = {
        "day": t.date(known.tried_at.date()), "time": f"{known.tried_at:%H:%M}",
        "took": t.number(len(set(known.took) & set(known.addresses))),
        "addresses": t.number(len(known.addresses)), "tries": t.number(known.tries),
        "why": t(f"digest_failure.{known.failure}"),
    }  # fmt: skip
    again = t("digest.failed_again", most=t.number(digest.MOST_TRIES))
    said = "\n\n".join([t("digest.failed", **facts), *[again] * known.is_on])
    st.warning(said, icon=":material/cloud_off:")


def _do(t: Translator, work: Callable[[Translator], str], done: str) -> None:
    """Do something, and keep what is to be said of it; an address is in neither."""
    try:
        said = work(t)
        session.keep(digest_told=said or t(done), digest_problem=None)
    except AnalyticsError as problem:
        session.keep(digest_told=None, digest_problem=problem)


def _save(t: Translator) -> str:
    typed = str(session.get("digest_addresses", "")).splitlines()
    store = session.own_store()
    digest.settle(
        store,
        is_on=bool(session.get("digest_on")),
        hour=int(session.get("digest_hour", 0)),
        language=str(session.get("digest_language", t.language)),
        more=digest.checked(typed),
    )
    session.keep(digest_addresses="")
    return ""


def _forget(t: Translator) -> str:  # noqa: ARG001
    store = session.own_store()
    known = digest.settings(store)
    digest.settle(store, is_on=False, hour=known.hour, language=known.language, addresses=[])
    session.keep(digest_on=False)
    return ""


def _send(t: Translator) -> str:
    session.need("owner")
    known = digest.settings(session.own_store())
    message = upkeep.message(session.store(), known.language)
    return t("digest.sent", addresses=t.number(digest.send(known.addresses, *message)))


def _told(t: Translator) -> None:
    """Draw what became of the last thing done, once."""
    if (problem := session.get("digest_problem")) is not None:
        st.error(plain.sentence(t, problem), icon=":material/error:")
    elif told := session.get("digest_told"):
        st.success(told, icon=":material/check_circle:")
    session.keep(digest_problem=None, digest_told=None)
