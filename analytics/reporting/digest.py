"""Alarms in words: one sentence each, and the message that a team's group gets every day."""

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from analytics import words
from analytics.i18n import Translator
from analytics.services import measuring
from analytics.services.alerting import Alerts
from analytics.services.measuring import Measures
from analytics.services.planning import Note

MOST = 8  # alarms that a message tells in full
_CODES = {"cause": "sales_cause_says"}
_SHOWN = ("inventory_turnover", "days_of_inventory", "slow_share", "stockout_rate")


def sentences(t: Translator, table: pd.DataFrame, safe: Callable[[str], str] = str) -> list[str]:
    """Return what each alarm says, one sentence per row of `Alerts.table`.

    ``safe`` makes names out of the data harmless where the text is going.
    """
    return [sentence(t, row, safe) for row in table.to_dict("records")]


def sentence(t: Translator, row: Mapping[Any, Any], safe: Callable[[str], str] = str) -> str:
    """Return what one alarm says."""
    told = row["facts"]
    facts = dict(told) if isinstance(told, Mapping) else {}
    named = {
        name: safe(value) if isinstance(value, str) and name not in _CODES else value
        for name, value in facts.items()
    }
    says = str(facts.get("says", row["kind"]))
    return t(f"alert_help.{says}", **words.facts(t, {**named, "units": row["units"]}, _CODES))


def per_day(t: Translator, money: object, currency: str) -> str:
    """Return what waiting costs; nothing where that is not known or not worth a word."""
    amount = float(money)  # type: ignore[arg-type]
    return t.money(amount, currency) if amount >= 1 else ""


def compose(
    t: Translator, alerts: Alerts, measures: Measures | None = None, *, most: int = MOST
) -> tuple[str, str]:
    """Return title and body of the daily message, plain text.

    Parameters
    ----------
    t : Translator
        The team's language.
    alerts : Alerts
        Those that are open are told, what costs most per day of waiting first.
    measures : Measures, optional
        The four figures beside them.
    most : int
        Alarms that are told in full; the rest is counted.
    """
    table = alerts.table
    open_ = table.loc[table["state"] == "open"]
    day = t.date(alerts.as_of)
    if open_.empty:
        is_blind = not_to_be_told(alerts) != ()
        parts = [t("digest.untold" if is_blind else "digest.nothing")]
        title = t("digest.title_untold" if is_blind else "digest.title_none", day=day)
    else:
        title = t("digest.title", open=t.number(len(open_)), day=day)
        rows = open_.head(most).to_dict("records")
        lines = [_line(t, n, row, alerts.currency) for n, row in enumerate(rows, start=1)]
        parts = [t("digest.top"), *lines]
        if len(open_) > most:
            parts.append(t("digest.more", more=t.number(len(open_) - most)))
    resting = len(table) - len(open_)
    if resting:
        parts.append(t("digest.at_rest", resting=t.number(resting)))
    return title, "\n".join([*parts, *_blind(t, alerts), *_figures(t, measures)])


def not_to_be_told(alerts: Alerts) -> tuple[Note, ...]:
    """Return the notes on items of which nobody can tell whether they run out: no stock is known.

    Without them no alarm means that nothing needs anybody; with them it does not.
    """
    return tuple(note for note in alerts.notes if note[0] == "alerts_without_stock")


def _blind(t: Translator, alerts: Alerts) -> list[str]:
    """Return what could not be looked at, and which table is missing."""
    told = [
        t(f"note.{code}", **words.facts(t, facts))
        for code, facts in alerts.notes
        if code.startswith("alerts_without_")
    ]
    return ["", t("digest.blind"), *told] if told else []


def _line(t: Translator, number: int, row: Mapping[Any, Any], currency: str) -> str:
    money = per_day(t, row["money_per_day"], currency)
    by_order = row["kind"] == "order_overdue"
    return t(
        "digest.line_order" if by_order else "digest.line",
        number=number,
        item=f"{row['sku']} · {row['market']}",
        alert=t(f"alert.{row['kind']}"),
        sentence=sentence(t, row),
        action=t(f"alert_action.{row['action']}"),
        money=t("digest.money", money=money) if money else "",
    )


def _figures(t: Translator, measures: Measures | None) -> list[str]:
    """Return the article's figures, as far as they could be computed."""
    if measures is None or measures.table.empty:
        return []
    whole = measures.table.iloc[0]
    known = [name for name in _SHOWN if name in whole and pd.notna(whole[name])]
    lines = [
        t(
            "digest.measure",
            name=t(f"kpi.{name}"),
            value=words.measured(t, float(whole[name]), measuring.UNITS[name], measures.currency),
        )
        for name in known
    ]
    return ["", t("digest.measures"), *lines] if lines else []
