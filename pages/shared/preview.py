"""What was understood of each sheet, before the deed: a card per sheet, changeable."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from analytics.charts import importing as charts
from analytics.i18n import Translator
from analytics.services import importing
from pages.shared import choosing, plain, render

REJECTS = {
    "file": "text", "sheet": "text", "row": "number", "column": "text", "value": "text",
    "reason": "wide",
}  # fmt: skip
CHANGES = {
    "row": "number", "order_id": "text", "sku": "text", "market": "text", "date": "date",
    "quantity_before": "decimal", "quantity": "decimal", "unit_price_before": "decimal",
    "unit_price": "decimal", "status_before": "text", "status": "text",
}  # fmt: skip
ACCOUNT = ("rows_read", "rows_new", "rows_updated", "rows_identical", "rows_rejected",
           "rows_ignored")  # fmt: skip
_HEAD_ROWS = 8


def sheets(t: Translator, found: importing.Staged) -> None:
    """Draw a card per sheet, and a sentence per file that could not be read."""
    for file, problem in found.problems:
        where = "" if file in str(problem) else f"**{plain.literal(file)}** · "
        st.error(f"{where}{plain.sentence(t, problem)}", icon=":material/error:")
    for index, sheet in enumerate(found.sheets):
        with st.container(border=True, key=f"sheet_{index}"):
            _title(t, sheet)
            if _account(t, sheet):
                _weeks(t, sheet, index)
                _remarks(t, sheet)
            choosing.replace_or_add(t, found, index)
            choosing.change(t, found, index)
            _look(t, sheet)
            _changes(t, sheet, index)
            _rejected(t, sheet, index)


def glimpses(t: Translator, seen: Sequence[importing.Glimpse]) -> None:
    """Draw what the first rows of sheets show while the rest is read."""
    for one in tuple(seen):  # the list grows meanwhile
        _glimpse(t, one)


def _glimpse(t: Translator, seen: importing.Glimpse) -> None:
    with st.container(border=True):
        _name(seen.raw.file, seen.raw.sheet)
        kind, family = t(f"kind.{seen.recognition.kind}"), seen.family(t.language)
        st.markdown(t("import.understood_as", kind=kind, family=family))
        st.caption(_columns_found(t, seen.recognition))
        st.dataframe(_head(seen.raw, seen.recognition), hide_index=True)


def _name(file: str, sheet: str) -> None:
    """Draw what a sheet is called; a text file is its only sheet."""
    names = [file] if sheet and file.startswith(sheet) else [file, sheet]
    st.subheader(" · ".join(map(plain.literal, names)), anchor=False)


def _title(t: Translator, sheet: importing.StagedSheet) -> None:
    _name(sheet.file, sheet.sheet)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.badge(t(f"kind.{sheet.recognition.kind}"), icon=":material/table:", color="blue")
        st.badge(plain.literal(sheet.family(t.language)), color="gray")
        if sheet.is_remembered:
            st.badge(t("import.as_last_time"), icon=":material/history:", color="gray",
                     help=t("import.as_last_time_help"))  # fmt: skip
        if sheet.account.covers_from:
            first, last = t.date(sheet.account.covers_from), t.date(sheet.account.covers_to)
            skus = t.number(importing.skus(sheet))
            st.caption(t("import.period", first=first, last=last, skus=skus))
    st.caption(_columns_found(t, sheet.recognition))


def _columns_found(t: Translator, recognition: importing.Recognition) -> str:
    names = choosing.places(t, recognition)
    return " · ".join(
        f"{t(f'column.{name}')} ← {plain.literal(names[place])}"
        for name, place in recognition.columns.items()
    )


def _account(t: Translator, sheet: importing.StagedSheet) -> bool:
    """Draw what would become of every row; return whether there is anything to tell."""
    account = sheet.account
    if account.same_as:
        st.info(t("import.seen_before", import_id=account.same_as), icon=":material/task_alt:")
    if sheet.problem:
        if sheet.lacks_columns:
            missing = ", ".join(t(f"column.{name}") for name in sheet.missing)
            st.warning(t("import.columns_missing", columns=missing), icon=":material/rule:")
        else:
            st.error(plain.sentence(t, sheet.problem), icon=":material/error:")
        return False
    with st.container(horizontal=True):
        for name in ACCOUNT:
            label, how = t(f"column.{name}"), t(f"import.{name}_help")
            st.metric(label, t.number(getattr(account, name)), help=how)
    return True


def _weeks(t: Translator, sheet: importing.StagedSheet, index: int) -> None:
    rows = importing.weekly(sheet)
    if len(rows) > 1:
        render.chart(t, charts.weeks, "weeks", place=f"_{index}", weeks=rows)


def _remarks(t: Translator, sheet: importing.StagedSheet) -> None:
    """Draw what is worth a second look before the deed."""
    said = [render.note(t, remark) for remark in sheet.striking]
    account = sheet.account
    if account.rows_updated and not account.cells_changed:
        said.append(t("import.replaces", count=t.number(account.rows_updated)))
    if sheet.recognition.kind == "events":
        said.append(t("import.events_kept"))
    if not account.rows_read:
        said.append(t("import.no_rows"))
    if said:
        st.warning("\n".join(f"* {sentence}" for sentence in said))
    render.notes(t, sheet.minor)


def _look(t: Translator, sheet: importing.StagedSheet) -> None:
    with st.expander(t("import.look"), icon=":material/table:"):
        st.dataframe(_head(sheet.raw, sheet.recognition), hide_index=True)


def _head(raw: importing.RawSheet, recognition: importing.Recognition) -> pd.DataFrame:
    """Return the first rows below the header, numbered columns telling equal headers apart."""
    start = recognition.header_row + 1
    rows = pd.DataFrame(raw.head[start : start + _HEAD_ROWS])
    names = recognition.headers[: rows.shape[1]]
    rows.columns = [f"{place + 1} · {name}" for place, name in enumerate(names)]
    return rows


def _changes(t: Translator, sheet: importing.StagedSheet, index: int) -> None:
    """Draw the lines that replace an earlier version: what they were, what they become."""
    rows = sheet.account.changes
    if rows.empty:
        return
    shown = {name: kind for name, kind in CHANGES.items() if name in rows}
    label = t("import.changes", count=t.number(sheet.account.rows_updated))
    with st.expander(label, icon=":material/published_with_changes:"):
        codes = {"status": "sale", "status_before": "sale"}
        render.table(t, rows, shown, f"leeway-changes-{index + 1}", codes=codes)


def _rejected(t: Translator, sheet: importing.StagedSheet, index: int) -> None:
    """Draw the rows that cannot be used: where they stand, what they hold, and why."""
    rows = sheet.account.rejects
    if rows.empty:
        return
    place = {"file": sheet.file, "sheet": sheet.sheet}
    listed = importing.worded_issues(t, rows).assign(**place)[list(REJECTS)]
    with st.expander(t("import.rejected", count=t.number(len(rows))), icon=":material/rule:"):
        name = f"leeway-upload-rejected-{index + 1}"
        render.table(t, listed, REJECTS, name, codes={"column": "column"})
