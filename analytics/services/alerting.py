"""What cannot wait: the inbox of alarms, what was done about them, and who did it.

What people did is read anew each time, for it does not move the data version.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pandas as pd

from analytics.errors import (
    EmptyReasonError,
    OutOfBoundsError,
    TooLongTextError,
    UnknownAlertError,
)
from analytics.services.alert_causes import CAUSES
from analytics.services.alert_table import (
    ACTIONS,
    COLUMNS,
    KINDS,
    STATES,
    Alerts,
    computed,
)
from analytics.store import Store

__all__ = [
    "ACTIONS", "ACTS", "CAUSES", "COLUMNS", "KINDS", "LONGEST_NAME", "LONGEST_REASON", "STATES",
    "Alerts", "acknowledge", "alerts", "history", "marked", "reopen", "small", "snooze",
    "unusual_sales",
]  # fmt: skip
ACTS = ("snooze", "acknowledge", "reopen")
LONGEST_REASON = 500
LONGEST_NAME = 80
LONGEST_SNOOZE = 365  # days
WORSE = 1.5  # times the money at which an alarm that rests comes back
_SMALL = 0.05  # share of all that waiting costs, below which alarms are folded
_FIRST = 8  # never are
_HOLDS = 30  # days of the data for which an acknowledgement holds
_HOLDS_SALES = 14  # of unusual sales: those of a later week are others
_MILDER = {"warning_line": "stockout_ahead"}  # who took on the worse one knows of the milder
_ACTED = ("state", "snoozed_until", "reason", "who", "acted_at")


def alerts(store: Store, as_of: date | None = None, *, own: Store | None = None) -> Alerts:
    """Return what cannot wait, what costs most per day of waiting first.

    Parameters
    ----------
    store : Store
        The workspace that is looked at; the plan at rest.
    as_of : date, optional
        None = the last day that any market's sales cover.
    own : Store, optional
        One's own workspace, where snoozes and acknowledgements are kept; none = in ``store``.

    Raises
    ------
    NoDataError
        No sales have been imported.
    OutOfBoundsError
        The sales do not cover that day.

    Notes
    -----
    One item appears once per reason: what runs out is not told a second time as below its warning
    line, an overdue order not if all it brings runs out and says so, a drift not beside an unusual
    week, and nothing is too much that runs out.
    """
    return marked(computed(store, as_of).alerts, own or store, shown=store)


def unusual_sales(store: Store, as_of: date | None = None) -> pd.DataFrame:
    """Return all unusual sales of the seven days up to a day, explained or not.

    Returns
    -------
    DataFrame
        ``sku``, ``market``, ``name``, ``tier``, ``kind`` (``sales_up``, ``sales_down``,
        ``sales_drift``), ``since_on``, ``sold``, ``expected``, ``change`` (share), ``units``,
        ``money_per_day`` (contribution gained or missed), ``cause``, ``is_alarm`` (nothing
        explains it); most money first.
    """
    return computed(store, as_of).sales.copy()


def small(table: pd.DataFrame) -> "pd.Series[bool]":
    """Return which alarms can stay folded: together they are at most 5 % of what waiting costs.

    ``table`` as in `Alerts`. Never the first eight, and none without a price.
    """
    money = table["money_per_day"].astype(np.float64)
    behind = money.where(money.notna(), 0.0)[::-1].cumsum()[::-1]
    is_small = money.notna() & (behind <= _SMALL * money.sum())
    return is_small & (np.arange(len(table)) >= _FIRST)


# What people do about them


def marked(found: Alerts, own: Store, *, shown: Store | None = None) -> Alerts:
    """Return alarms with what was done about them.

    Parameters
    ----------
    found : Alerts
        Of ``shown``.
    own : Store
        Where acts are kept.
    shown : Store, optional
        What the alarms are of: ``own``, or the sample.

    Notes
    -----
    A snooze ends with its day, by the data's calendar. An acknowledgement holds for 30 days of the
    data, of unusual sales for 14. Both end as soon as waiting costs half as much again as when
    somebody looked, or, where money is unknown, as soon as that many more units are concerned. A
    look at a past day knows no later act.
    """
    acts = _newest(own, found.as_of, is_sample=_is_sample(own, shown))
    table = found.table
    if not acts or table.empty:
        return found
    concerned = table.loc[table["alert_id"].isin(_concerned(acts))]
    rows = [_state(_named_row(row), acts, found.as_of) for row in concerned.to_dict("records")]
    marks = pd.DataFrame(rows, columns=[*_ACTED], index=concerned.index)
    times = {
        name: pd.to_datetime(marks[name]).astype("datetime64[us]").reindex(table.index)
        for name in ("snoozed_until", "acted_at")
    }
    texts = {
        name: marks[name].astype(object).reindex(table.index).fillna(usual)
        for name, usual in (("state", "open"), ("reason", ""), ("who", ""))
    }
    return replace(found, table=table.assign(**{**texts, **times}))


def _concerned(acts: Mapping[str, object]) -> set[str]:
    """Return the alarms that acts speak of: their own, and the milder ones of the same item."""
    milder = {
        name.replace(worse, mild, 1)
        for mild, worse in _MILDER.items()
        for name in acts
        if name.startswith(worse)
    }
    return {*acts, *milder}


def _is_sample(own: Store, shown: Store | None) -> bool:
    return shown is not None and shown.folder != own.folder


def _newest(own: Store, as_of: date, *, is_sample: bool) -> dict[str, Mapping[str, object]]:
    """Return the newest act on each alarm that a day knows of."""
    acts = own.alert_acts()
    known = acts.loc[(acts["is_sample"] == is_sample) & (acts["as_of"] <= pd.Timestamp(as_of))]
    rows = known.drop_duplicates("alert_id").to_dict("records")
    return {str(row["alert_id"]): _named_row(row) for row in rows}


def _named_row(row: Mapping[Any, object]) -> Mapping[str, object]:
    return {str(name): value for name, value in row.items()}


def _state(
    row: Mapping[str, object], acts: Mapping[str, Mapping[str, object]], as_of: date
) -> tuple[object, ...]:
    """Return what holds of an alarm, as `_ACTED` names it."""
    name = str(row["alert_id"])
    kind = str(row["kind"])
    act = acts.get(name) or acts.get(name.replace(kind, _MILDER.get(kind, kind), 1))
    nothing = ("open", pd.NaT, "", "", pd.NaT)
    if act is None or act["act"] == "reopen" or _is_worse(row, act):
        return nothing
    today = pd.Timestamp(as_of)
    said = (act["reason"], act["who"], act["acted_at"])
    if act["act"] == "snooze":
        return ("snoozed", act["until"], *said) if today <= act["until"] else nothing  # type: ignore[operator]
    days = _HOLDS_SALES if kind.startswith("sales_") else _HOLDS
    holds = today <= act["as_of"] + pd.Timedelta(days=days)  # type: ignore[operator]
    return ("acknowledged", pd.NaT, *said) if holds else nothing


def _is_worse(row: Mapping[str, object], act: Mapping[str, object]) -> bool:
    """Return whether waiting costs half as much again as when somebody looked."""
    for name in ("money_per_day", "units"):
        now, then = float(row[name]), float(act[name])  # type: ignore[arg-type]
        if math.isfinite(now) and math.isfinite(then):
            return now > WORSE * then + 1e-9 and now > 0
    return False


def snooze(
    store: Store, alert_ids: str | Sequence[str], *, until: date, reason: str, who: str = "",
    as_of: date | None = None, own: Store | None = None, now: datetime | None = None,
) -> list[int]:  # fmt: skip
    """Let alarms rest until a day of the data, or until they have become worse: all or none.

    Parameters
    ----------
    store : Store
        The workspace that the alarms are of.
    alert_ids : str or sequence of str
        Which, see `Alerts`.
    until : date
        Last day on which they rest; after ``as_of``, at most a year.
    reason, who : str
        Why, and by whom; the reason must not be empty.
    as_of : date, optional
        The day whose alarms they are; none = the last day.
    own : Store, optional
        Where the acts are kept; none = in ``store``.
    now : datetime, optional
        UTC; none = the clock's.

    Returns
    -------
    list of int
        Numbers of the acts.

    Raises
    ------
    UnknownAlertError
        There is no such alarm on that day.
    EmptyReasonError, TooLongTextError
        The reason is none, or it or the name is too long.
    OutOfBoundsError
        The day is none that they may rest until.
    ReadOnlyWorkspaceError
        The workspace only reads.
    """
    if not reason.strip():
        raise EmptyReasonError
    found = computed(store, as_of).alerts
    days = (until - found.as_of).days
    if not 1 <= days <= LONGEST_SNOOZE:
        raise OutOfBoundsError(name="snooze_days", value=days, low=1, high=LONGEST_SNOOZE)
    said = {"act": "snooze", "reason": reason, "until": until}
    return _act(found, store, alert_ids, said, who=who, own=own, now=now)


def acknowledge(
    store: Store, alert_ids: str | Sequence[str], *, who: str, note: str = "",
    as_of: date | None = None, own: Store | None = None, now: datetime | None = None,
) -> list[int]:  # fmt: skip
    """Say that somebody looks after alarms; arguments and errors are those of `snooze`."""
    found = computed(store, as_of).alerts
    said = {"act": "acknowledge", "reason": note, "until": None}
    return _act(found, store, alert_ids, said, who=who, own=own, now=now)


def reopen(
    store: Store, alert_ids: str | Sequence[str], *, who: str = "", as_of: date | None = None,
    own: Store | None = None, now: datetime | None = None,
) -> list[int]:  # fmt: skip
    """Take back what was said of alarms; arguments and errors are those of `snooze`."""
    found = computed(store, as_of).alerts
    said = {"act": "reopen", "reason": "", "until": None}
    return _act(found, store, alert_ids, said, who=who, own=own, now=now)


def _act(
    found: Alerts, store: Store, alert_ids: str | Sequence[str], said: Mapping[str, object], *,
    who: str, own: Store | None, now: datetime | None,
) -> list[int]:  # fmt: skip
    names = [alert_ids] if isinstance(alert_ids, str) else [*dict.fromkeys(alert_ids)]
    known = {str(row["alert_id"]): _named_row(row) for row in found.table.to_dict("records")}
    if unknown := [name for name in names if name not in known]:
        raise UnknownAlertError(alert_id=unknown[0])
    reason, who = str(said["reason"]).strip(), " ".join(who.split())
    for field, text, longest in (("reason", reason, LONGEST_REASON), ("who", who, LONGEST_NAME)):
        if len(text) > longest:
            raise TooLongTextError(name=field, longest=longest)
    keeper = own or store
    shared = {
        **said, "reason": reason, "who": who, "as_of": found.as_of,
        "is_sample": _is_sample(keeper, store), "acted_at": now or datetime.now(UTC),
    }  # fmt: skip
    acts = [shared | {"alert_id": name} | _measured(known[name]) for name in names]
    return keeper.act_on_alerts(acts, who=who)


def _measured(row: Mapping[str, object]) -> dict[str, object]:
    """Return what an alarm amounts to as somebody looks; none = not known."""
    numbers = {name: float(row[name]) for name in ("money_per_day", "units")}  # type: ignore[arg-type]
    return {name: value if math.isfinite(value) else None for name, value in numbers.items()}


def history(store: Store) -> pd.DataFrame:
    """Return what was done about alarms, the newest first.

    Returns
    -------
    DataFrame
        ``act_id``, ``alert_id``, ``kind``, ``sku``, ``market``, ``order_id``, ``act`` (one of
        `ACTS`), ``as_of``, ``until``, ``money_per_day``, ``reason``, ``who``, ``is_sample``,
        ``acted_at`` (UTC).
    """
    acts = store.alert_acts()
    names = ["kind", "sku", "market", "order_id"]
    parts = [_parts(str(name)) for name in acts["alert_id"]]
    told = pd.DataFrame(parts, columns=names, index=acts.index, dtype=object)
    kept = ["act_id", "alert_id", *names, "act", "as_of", "until", "money_per_day", "reason",
            "who", "is_sample", "acted_at"]  # fmt: skip
    return pd.concat([acts, told], axis=1)[kept]


def _parts(alert_id: str) -> tuple[str, str, str, str]:
    """Return kind, SKU, market and order of an alarm's name; a SKU may hold the mark, too.

    >>> _parts("sales_up|A|B|US|")
    ('sales_up', 'A|B', 'US', '')
    """
    kind, _, rest = alert_id.partition("|")
    if kind == "order_overdue":
        return kind, "", "", rest.removeprefix("||")
    sku, market, order = (*rest.rsplit("|", 2), "", "")[:3]
    return kind, sku, market, order
