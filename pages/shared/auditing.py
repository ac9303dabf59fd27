"""Share & team: what was done in the workspace, by whom and when."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from analytics.i18n import MISSING, Translator
from analytics.services import hosting
from analytics.words import deed
from pages.shared import acting, render

_COLUMNS = {
    "acted_at": "time", "who": "text", "deed": "text", "deed_object": "text",
    "deed_counts": "wide",
}  # fmt: skip
# Deeds whose object is a code, and where its words may be.
_SAID = {
    "sign_in": ("role",), "secret_set": ("role",), "secret_forgotten": ("role",),
    "act_on": ("ledger_step",), "act_on_alerts": ("alert_act",), "save_setting": ("settings",),
    "judge": ("judged",),
}  # fmt: skip
_MOST = 500
_DRAWN = 200


def show(t: Translator) -> None:
    """Draw the newest deeds, and whether the record of them is whole."""
    render.section(t("team.audit"), t("team.audit_help"))
    if not acting.owned(t, "team.only_owner_sees"):
        return
    rows = acting.here(hosting.audit)
    if not rows:
        st.caption(t("team.audit_none"))
        return
    frame = pd.DataFrame(
        [
            (row.number, pd.Timestamp(row.at).tz_localize(None), row.who or MISSING,
             deed(t, row.act), thing(t, row.act, row.object) or MISSING,
             counted(t, row.counts) or MISSING)
            for row in rows
        ],
        columns=["number", *_COLUMNS],
    )  # fmt: skip
    render.table(t, frame, _COLUMNS, "leeway-audit", most=_DRAWN)
    if len(rows) == _MOST:
        st.caption(t("team.audit_more", rows=t.number(_MOST)))


def thing(t: Translator, act: str, named: str) -> str:
    """Return what a deed was done to: a code in words, a name as it is."""
    sections = (section for section in _SAID.get(act, ()) if t.has(f"{section}.{named}"))
    return next((t(f"{section}.{named}") for section in sections), named)


def counted(t: Translator, counts: Mapping[str, int]) -> str:
    """Return how many of what; what there were none of is not said."""
    told = [
        t("act.counted", what=t(f"column.{name}") if t.has(f"column.{name}") else name,
          count=t.number(number))
        for name, number in counts.items() if number
    ]  # fmt: skip
    return t("format.list").join(told)
