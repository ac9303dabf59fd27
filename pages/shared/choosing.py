"""What the user may change of one sheet before the deed."""

import zlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import TypeVar
from zoneinfo import available_timezones

import streamlit as st

from analytics.i18n import Translator
from analytics.schema import TABLES
from analytics.services import importing
from pages.shared import handing, plain, session, working

_T = TypeVar("_T")
_NO_COLUMN = -1
_MARKS = {".": "1,234.5", ",": "1.234,5"}
_TAKES_MARKET = ("sales", "stock", "purchase_orders")
_NEAR = ("Asia/Shanghai", "America/Los_Angeles", "America/New_York", "Europe/London",
         "Europe/Berlin", "Asia/Tokyo", "Asia/Singapore", "Asia/Jakarta", "UTC")  # fmt: skip


def places(t: Translator, recognition: importing.Recognition) -> dict[int, str]:
    """Return what each column is called; of a wide table also what stands across and below."""
    names = {
        place: header or t("import.unnamed", number=place + 1)
        for place, header in enumerate(recognition.headers)
    }
    if across := recognition.across:
        first, last = (
            recognition.headers[across.columns[0]],
            recognition.headers[across.columns[-1]],
        )
        width = len(recognition.headers)
        names[width] = t("import.across", first=first, last=last)
        names[width + 1] = t("import.cells", first=first, last=last)
    return names


def worded(t: Translator, choice: importing.Choice) -> str:
    """Return in words what was chosen for a sheet."""
    columns = [f"{t(f'column.{name}')} ← {text}" for name, text in (choice.columns or {}).items()]
    values = {
        "market": choice.market,
        "shop": choice.shop,
        "day_first": "" if choice.day_first is None else _order(t, day_first=choice.day_first),
        "decimal_mark": _MARKS.get(choice.decimal_mark or "", ""),
        "grain": t(f"import.grain_{choice.grain}") if choice.grain else "",
        "time_zone": choice.time_zone or "",
        "currency": choice.currency or "",
        "header_row": "" if choice.header_row is None else str(choice.header_row),
    }
    return "; ".join(
        [*columns, *(f"{t(f'import.{name}')}: {text}" for name, text in values.items() if text)]
    )


def _order(t: Translator, *, day_first: bool) -> str:
    return t("import.day_first_true" if day_first else "import.day_first_false")


def replace_or_add(t: Translator, found: importing.Staged, index: int) -> None:
    """Ask what happens to days that hold another value already."""
    sheet = found.sheets[index]
    if not sheet.account.cells_changed and sheet.existing == "replace":
        return
    ways = ("replace", "add")
    chosen = st.radio(
        t("import.existing"),
        ways,
        ways.index(sheet.existing),
        format_func=lambda way: t(f"import.existing_{way}"),
        key=f"existing_{_mark(sheet, index)}",
    )
    if chosen != sheet.existing:
        working.read_again(found, index, existing=chosen)


def change(t: Translator, found: importing.Staged, index: int) -> None:
    """Draw how the sheet is read, open to change; read it again as the user says."""
    sheet = found.sheets[index]
    mark = _mark(sheet, index)
    is_open = sheet.lacks_columns or sheet.missing == ("date",)
    with st.expander(t("import.change"), icon=":material/tune:", expanded=is_open):
        st.caption(t("import.choose"))
        kind = st.selectbox(
            t("column.kind"),
            list(TABLES),
            list(TABLES).index(sheet.recognition.kind),
            format_func=lambda name: t(f"kind.{name}"),
            key=f"kind_{mark}",
        )
        if kind != sheet.recognition.kind:
            working.read_again(found, index, choice=replace(sheet.choice, kind=kind, columns=None))
        with st.form(f"form_{mark}", border=False):
            choice, day = _decisions(t, sheet, mark)
            columns = _columns(t, sheet, mark)
            if st.form_submit_button(t("import.apply"), icon=":material/refresh:"):
                if columns != dict(sheet.recognition.columns):
                    spelled = importing.spelled(sheet.recognition, columns)
                    choice = replace(choice, kind=kind, columns=spelled)
                working.read_again(found, index, choice=choice, file_date=day)
        _memory(t, found, index, mark)


def _mark(sheet: importing.StagedSheet, index: int) -> str:
    """Return what tells this sheet's widgets from all others, also once it is read otherwise."""
    reading = f"{sheet.recognition} {sheet.choice} {sheet.existing} {sheet.file_date}"
    return f"{sheet.sha256[:12]}_{index}_{zlib.crc32(reading.encode())}"


def _decisions(
    t: Translator, sheet: importing.StagedSheet, mark: str
) -> tuple[importing.Choice, date | None]:
    """Draw all but the columns; return the choice, and the day of a sheet without dates."""
    choice, kind, day = sheet.choice, sheet.recognition.kind, sheet.file_date
    with st.container(horizontal=True):
        if kind in _TAKES_MARKET:
            market = st.text_input(t("import.market"), choice.market, key=f"market_{mark}",
                                   help=t("import.market_help"))  # fmt: skip
            choice = replace(choice, market=market.strip())
        if kind == "sales":
            shop = st.text_input(t("import.shop"), choice.shop, key=f"shop_{mark}",
                                 help=t("import.shop_help"))  # fmt: skip
            choice = replace(choice, shop=shop.strip())
        if "date" not in sheet.recognition.columns and kind in ("sales", "stock"):
            day = st.date_input(t("import.file_date"), day, key=f"day_{mark}", format="YYYY-MM-DD",
                                help=t("import.file_date_help"))  # fmt: skip
    with st.container(horizontal=True):
        choice = _reading(t, choice, mark)
        present = sheet.recognition.header_row + 1
        last = max(len(sheet.raw.head), present)
        row = st.number_input(t("import.header_row"), 0, last, present, key=f"row_{mark}",
                              help=t("import.header_row_help"))  # fmt: skip
    if row != present:
        choice = replace(choice, header_row=row, columns=None)
    return choice, day


def _reading(t: Translator, choice: importing.Choice, mark: str) -> importing.Choice:
    """Draw how dates and numbers are read; a choice left open is the sheet's own."""
    orders = {order: _order(t, day_first=order) for order in (True, False)}
    grains = {grain: t(f"import.grain_{grain}") for grain in importing.GRAINS}
    zones = {zone: zone for zone in (*_NEAR, *sorted(available_timezones() - set(_NEAR)))}
    currency = st.text_input(
        t("import.currency"),
        choice.currency or "",
        3,
        key=f"currency_{mark}",
        placeholder=t("import.by_sheet"),
    )
    return replace(
        choice,
        day_first=_among(t, "day_first", orders, choice.day_first, mark),
        decimal_mark=_among(t, "decimal_mark", _MARKS, choice.decimal_mark, mark),
        grain=_among(t, "grain", grains, choice.grain, mark),
        time_zone=_among(t, "time_zone", zones, choice.time_zone, mark),
        currency=currency.strip().upper() or None,
    )


def _among(
    t: Translator, name: str, words: Mapping[_T, str], chosen: _T | None, mark: str
) -> _T | None:
    """Draw one decision; None leaves it to the sheet."""
    options = [None, *words]
    return st.selectbox(
        t(f"import.{name}"),
        options,
        options.index(chosen),
        format_func=lambda one: t("import.by_sheet") if one is None else words[one],
        key=f"{name}_{mark}",
    )


def _columns(t: Translator, sheet: importing.StagedSheet, mark: str) -> dict[str, int]:
    """Draw one choice per canonical column; return those that are there."""
    recognition = sheet.recognition
    headers = {_NO_COLUMN: t("import.no_column"), **places(t, recognition)}
    grid = st.columns(3)
    chosen = {}
    for position, column in enumerate(TABLES[recognition.kind].columns):
        star = " *" if column.required else ""
        with grid[position % 3]:
            chosen[column.name] = st.selectbox(
                t(f"column.{column.name}") + star,
                list(headers),
                list(headers).index(recognition.columns.get(column.name, _NO_COLUMN)),
                format_func=lambda place: headers[place],
                key=f"column_{mark}_{column.name}",
            )
    return {name: place for name, place in chosen.items() if place != _NO_COLUMN}


def _memory(t: Translator, found: importing.Staged, index: int, mark: str) -> None:
    """Draw how the reading is handed on: as a file for the command line, or forgotten."""
    sheet = found.sheets[index]
    with st.container(horizontal=True):
        st.download_button(
            t("import.mapping"),
            handing.noted(lambda: importing.mapping_file([sheet]), "leeway-mapping.toml"),
            "leeway-mapping.toml",
            "application/toml",
            key=f"mapping_{mark}",
            type="tertiary",
            icon=":material/download:",
            help=t("import.mapping_help", file=plain.literal(sheet.file)),
            on_click="ignore",
        )
        if sheet.choice.is_made and st.button(
            t("import.forget"), key=f"forget_{mark}", type="tertiary", icon=":material/undo:"
        ):
            importing.forget(session.own_store(), sheet)
            working.read_again(found, index, choice=importing.Choice())
