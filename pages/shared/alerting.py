"""The alarm inbox: what costs most per day of waiting first, to snooze or to take on."""

import zlib
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import pandas as pd
import streamlit as st

from analytics.errors import AnalyticsError
from analytics.i18n import MISSING, Translator
from analytics.reporting import digest
from analytics.services import alerting
from analytics.services.alerting import Alerts
from pages.shared import plain, render, session

_ICONS = {
    "stockout_ahead": ":material/remove_shopping_cart:", "warning_line": ":material/warning:",
    "order_overdue": ":material/directions_boat:", "sales_up": ":material/trending_up:",
    "sales_down": ":material/trending_down:", "sales_drift": ":material/moving:",
    "ageing_soon": ":material/hourglass_bottom:", "over_order": ":material/stacks:",
}  # fmt: skip
_DAYS = (7, 14, 30)
_COLUMNS = {
    "alert_kind": "text", "sku": "text", "market": "text", "name": "text",
    "money_per_day": "number", "alert_says": "wide", "alert_action": "text", "tier": "text",
    "alert_units": "number", "due_on": "date", "alert_state": "text", "snoozed_until": "date",
    "alert_reason": "text", "who": "text",
}  # fmt: skip
_CODES = {
    "alert_kind": "alert", "tier": "tier", "alert_action": "alert_action",
    "alert_state": "alert_state",
}  # fmt: skip
_HISTORY = {
    "alert_act": "text", "alert_kind": "text", "sku": "text", "market": "text",
    "order_id": "text", "alert_reason": "wide", "snoozed_until": "date", "who": "text",
    "acted_at": "time",
}  # fmt: skip
_MOST_ROWS = 200


def inbox(t: Translator, alerts: Alerts, *, most: int | None = 8) -> None:
    """Draw the alarms that are open, at most ``most``; none = all of them, in a table to act on."""
    found = alerting.marked(alerts, session.own_store(), shown=session.store())
    _problem(t)
    if most is None:
        _whole(t, found)
        return
    open_ = found.table.loc[found.table["state"] == "open"]
    resting = t.number(len(found.table) - len(open_))
    if open_.empty:
        _nothing(t, found)
        return
    shown = t.number(min(most, len(open_)))
    st.caption(t("alarms.shown", shown=shown, all=t.number(len(open_))))
    with st.container(key="inbox", gap="small"):
        for row in open_.head(most).to_dict("records"):
            _card(t, found, {str(name): value for name, value in row.items()})
    if len(open_) < len(found.table):
        st.caption(t("alarms.at_rest", resting=resting))
    for entry in digest.not_to_be_told(found):
        st.caption(f":material/visibility_off: {render.note(t, entry)}")


def _nothing(t: Translator, found: Alerts) -> None:
    """Draw that no alarm is open; all is well only if nothing was hidden from view."""
    resting = t.number(len(found.table))
    said = [t("alarms.none_but", resting=resting)] if len(found.table) else []
    blind = digest.not_to_be_told(found)
    if not blind:
        st.success(*(said or [t("alarms.none")]), icon=":material/check_circle:")
        return
    said = said or [t("alarms.untold")]
    hidden = [render.note(t, entry) for entry in blind]
    st.warning("\n\n".join([*said, *hidden]), icon=":material/visibility_off:")


def history(t: Translator) -> None:
    """Draw what was done about alarms, by whom and when."""
    render.section(t("alarms.history"), t("alarms.history_help"))
    acts = alerting.history(session.own_store())
    acts = acts.loc[acts["is_sample"] == session.shows_sample()]
    if acts.empty:
        st.caption(t("alarms.no_history"))
        return
    shown = acts.rename(
        columns={
            "act": "alert_act", "kind": "alert_kind", "reason": "alert_reason",
            "until": "snoozed_until",
        }
    )  # fmt: skip
    codes = {"alert_act": "alert_act", "alert_kind": "alert"}
    render.table(t, shown, _HISTORY, "leeway-alarm-history", codes=codes, most=_MOST_ROWS)


def _card(t: Translator, found: Alerts, row: Mapping[str, Any]) -> None:
    """Draw one alarm: what, what it costs, what to do, and the way to deal with it."""
    mark = _mark([str(row["alert_id"])])
    money = digest.per_day(t, row["money_per_day"], found.currency)
    with st.container(border=True, key=f"alarm_{mark}"):
        # Columns stand one below the other where a phone has no room for both.
        said, dealt = st.columns([2, 1], vertical_alignment="center")
        with said.container(gap=None):
            kind, action = t(f"alert.{row['kind']}"), t(f"alert_action.{row['action']}")
            st.markdown(f"{_ICONS[row['kind']]} **{kind}** {_item(row)}")
            st.caption(f"{digest.sentence(t, row, plain.literal)} **{action}**")
        with dealt.container(
            horizontal=True, horizontal_alignment="right", vertical_alignment="center"
        ):
            if money:
                st.markdown(
                    plain.literal(t("alarms.per_day", money=money)),
                    width="content",
                    help=t("alarms.per_day_help"),
                )
            if session.may("editor"):
                with st.popover(t("alarms.do"), icon=":material/done:", key=f"do_{mark}"):
                    _deal(t, found, [str(row["alert_id"])], mark)


def _item(row: Mapping[str, Any]) -> str:
    if row["kind"] == "order_overdue":
        return ""
    name = "" if row["name"] == row["sku"] else f" · {row['name']}"
    return plain.literal(f"{row['sku']} · {row['market']}{name}")


def _deal(t: Translator, found: Alerts, names: Sequence[str], mark: str) -> None:
    """Draw what can be done about alarms: rest for some days with a reason, or take them on."""
    st.text_input(
        t("alarms.reason"), key=f"why_{mark}", placeholder=t("alarms.reason_example"),
        max_chars=alerting.LONGEST_REASON,
    )  # fmt: skip
    if not session.is_signed_in():
        session.keep(**{f"who_{mark}": _me()})
        st.text_input(
            t("alarms.who"), key=f"who_{mark}", placeholder=t("alarms.who_example"),
            max_chars=alerting.LONGEST_NAME, on_change=_called, args=(mark,),
        )  # fmt: skip
    st.segmented_control(
        t("alarms.days"), _DAYS, default=_DAYS[0], required=True, key=f"days_{mark}",
        format_func=lambda days: t("alarms.days_of", days=days),
    )  # fmt: skip
    with st.container(horizontal=True):
        for act, icon, work in (
            ("snooze", ":material/snooze:", _snooze),
            ("take_on", ":material/person_check:", _take_on),
        ):
            st.button(
                t(f"alarms.{act}"), key=f"{act}_{mark}", icon=icon, on_click=_do,
                args=(work, found, names, mark), type="primary" if act == "snooze" else "secondary",
            )  # fmt: skip


def _me() -> str:
    """Return who acts: as they said during this visit, else who runs the app."""
    return str(session.get("alarm_who", session.who()))


def _called(mark: str) -> None:
    session.keep(alarm_who=session.get(f"who_{mark}", ""))


def _do(
    work: Callable[[Alerts, Sequence[str], str], object],
    found: Alerts,
    names: Sequence[str],
    mark: str,
) -> None:
    """Do something about alarms, all or none; what is refused is said on the page."""
    _called(mark)
    try:
        work(found, names, mark)
    except AnalyticsError as problem:
        session.keep(alarm_problem=problem)


def _snooze(found: Alerts, names: Sequence[str], mark: str) -> None:
    alerting.snooze(
        session.store(), names,
        until=found.as_of + timedelta(days=int(session.get(f"days_{mark}", _DAYS[0]))),
        reason=session.get(f"why_{mark}", ""), who=_me(), as_of=found.as_of,
        own=session.own_store(),
    )  # fmt: skip


def _take_on(found: Alerts, names: Sequence[str], mark: str) -> None:
    alerting.acknowledge(
        session.store(), names, note=session.get(f"why_{mark}", ""), who=_me(),
        as_of=found.as_of, own=session.own_store(),
    )  # fmt: skip


def _reopen(found: Alerts, names: Sequence[str], mark: str) -> None:  # noqa: ARG001 - as the others
    alerting.reopen(
        session.store(), names, who=_me(), as_of=found.as_of, own=session.own_store()
    )  # fmt: skip


def _problem(t: Translator) -> None:
    """Draw why the last act was refused, once."""
    problem = session.get("alarm_problem")
    if problem is not None:
        st.error(plain.sentence(t, problem), icon=":material/error:")
        session.keep(alarm_problem=None)


def _whole(t: Translator, found: Alerts) -> None:
    """Draw every alarm in a table; chosen rows can be snoozed, taken on, opened again."""
    render.notes(t, found.notes)
    if found.table.empty:
        _nothing(t, found)
        return
    if session.shows_sample():
        st.caption(t("alarms.sample_note"))
    is_open = found.table["state"] == "open"
    counts = {"open": t.number(is_open.sum()), "resting": t.number((~is_open).sum())}
    coin = t("app.money_in", currency=plain.literal(found.currency or MISSING))
    st.caption(f"{t('alarms.whole', **counts)} {coin}")
    table = _folded(t, _of_kind(t, found.table), found.table).head(_MOST_ROWS)
    chosen = render.choices(
        t, _presentable(t, table), _COLUMNS, "leeway-alarms", codes=_CODES,
        choose=render.offered("alarms.choose"), identity=("alert_id", "alert_state"),
    )  # fmt: skip
    names = [str(row["alert_id"]) for row in chosen]
    if not names:
        return
    with st.container(border=True, key="deal_with_chosen"):
        st.markdown(t("alarms.chosen", count=t.number(len(names))))
        mark = _mark(names)
        _deal(t, found, names, mark)
        if any(row["alert_state"] != "open" for row in chosen):
            st.button(
                t("alarms.reopen"), key=f"reopen_{mark}", icon=":material/undo:", on_click=_do,
                args=(_reopen, found, names, mark),
            )  # fmt: skip


def _of_kind(t: Translator, table: pd.DataFrame) -> pd.DataFrame:
    """Draw the choice among the kinds that occur; return the alarms of the chosen one."""
    counts = table["kind"].value_counts()
    kind = st.pills(
        t("alarms.which"), [code for code in alerting.KINDS if code in counts],
        format_func=lambda code: f"{t(f'alert.{code}')} {t.number(counts[code])}",
        key="alarm_kind", label_visibility="collapsed",
    )  # fmt: skip
    return table if kind is None else table.loc[table["kind"] == kind]


def _folded(t: Translator, table: pd.DataFrame, whole: pd.DataFrame) -> pd.DataFrame:
    """Draw the way to the smaller alarms; return those that hold nearly all the money.

    Only the whole list is folded: who chose a kind wants to see it.
    """
    small = alerting.small(table)
    if len(table) < len(whole) or not small.any():
        return table
    money = table["money_per_day"]
    told = {"count": t.number(small.sum()), "share": t.percent(money[small].sum() / money.sum())}
    return table if st.toggle(t("alarms.small", **told), key="alarm_small") else table.loc[~small]


def _presentable(t: Translator, table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(
        alert_kind=table["kind"], alert_says=digest.sentences(t, table),
        alert_action=table["action"], alert_state=table["state"], alert_units=table["units"],
        alert_reason=table["reason"],
    )  # fmt: skip


def _mark(names: Sequence[str]) -> str:
    """Return a short name of alarms for the keys of widgets: no data get into those."""
    return f"{zlib.crc32(chr(10).join(names).encode()):08x}"
