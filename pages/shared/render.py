"""Streamlit renderings: the frame's header, figures, charts, tables with downloads, errors."""

import operator
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import reduce
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, cast

import altair as alt
import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from analytics import export, words
from analytics.errors import AnalyticsError, NoDataError
from analytics.i18n import MISSING, Translator
from analytics.services import buffers
from pages.shared import attending, controls, handing, linking, plain, session

if TYPE_CHECKING:
    from streamlit.elements.arrow import DataframeState

_FRESH_DAYS = 14
_MOST = 50_000  # rows that are drawn where none is to be chosen
# Facts that are codes, and the sections of their words.
_CODES = {
    "group_level": "group",
    "lead_time_source": "lead_time_source",
    "member": "member",
    "route": "route",
}
Figure = tuple[str, str, str]  # label, value, how it is worked out
Row = Mapping[str, object]
Sheets = Callable[[], Mapping[str, pd.DataFrame]]  # by name; headings as they are to be read


def _no_sheets() -> Mapping[str, pd.DataFrame]:
    return {}


def header(t: Translator, title: str, question: str, *, moves: bool, dated: bool) -> None:
    """Draw the page's title, what the numbers stand on, and the visit's switches.

    A page that ``moves`` answers to the sliders; one that is ``dated`` shows numbers of a day.
    """
    with st.container(horizontal=True, vertical_alignment="center", key="header"):
        st.header(title, anchor=False, width="stretch")
        if not moves:  # a side bar for this alone would take a quarter of the page
            controls.sample_switch(t)
        if moves:
            _chips(t)
            _link(t)
        elif dated:
            _day(t, session.data_day())
        attending.card(t)
        controls.language(t)
    st.caption(question)
    attending.may_line(t)
    _recovery(t)
    if session.shows_sample():
        _sample_banner(t, way_on=dated)
    elif dated:
        _age(t)
    _link_notes(t)


def _chips(t: Translator) -> None:
    scenario = session.scenario()
    _day(t, scenario.as_of or session.data_day())
    if not scenario.is_at_rest:
        st.badge(t("app.what_if_chip"), icon=":material/experiment:", color="orange")


def _day(t: Translator, day: date) -> None:
    label, told = t("app.as_of_chip", day=t.date(day)), t("app.as_of_chip_help")
    st.badge(label, icon=":material/today:", color="gray", help=told)


def _age(t: Translator) -> None:
    """Say so if the data are old for the real date, which is read here and nowhere else."""
    day = session.data_day()
    days = (datetime.now(UTC).date() - day).days
    if days > _FRESH_DAYS:
        sentence = t("app.data_is_old", day=t.date(day), days=t.number(days))
        st.caption(f":material/history: {sentence}")


def _link(t: Translator) -> None:
    with st.popover(t("link.copy"), icon=":material/link:"):
        st.caption(t("link.copy_help"))
        st.code(linking.address(), language=None, wrap_lines=True)


def _sample_banner(t: Translator, *, way_on: bool) -> None:
    with st.container(
        border=True, horizontal=True, vertical_alignment="center", key="sample_banner"
    ):
        st.markdown(t("app.sample_banner"), width="stretch")
        if way_on:
            label, icon = t("app.sample_import"), ":material/upload_file:"
            st.page_link("pages/import.py", label=label, icon=icon, width="content")


def _recovery(t: Translator) -> None:
    """Say so if the workspace's file was damaged, until somebody has read it."""
    found = session.recovery()
    if found is not None:
        facts = {name: plain.literal(str(value)) for name, value in found.facts.items()}
        st.warning(t(found.code, **facts), icon=":material/healing:")
        if session.may("editor"):
            st.button(t("link.understood"), on_click=session.forget_recovery, key="forget_recovery")


def _link_notes(t: Translator) -> None:
    notes = linking.notes(t)
    for note in notes:
        st.warning(note, icon=":material/link_off:")
    if notes:
        st.button(t("link.understood"), on_click=linking.forget)


def error(t: Translator, problem: AnalyticsError) -> None:
    """Say what went wrong and what to do next."""
    if isinstance(problem, NoDataError):
        empty(t, plain.sentence(t, problem))
    else:
        st.error(plain.sentence(t, problem), icon=":material/error:")


def empty(t: Translator, sentence: str) -> None:
    """Say why there is nothing to see, and show the way on."""
    st.info(sentence, icon=":material/inbox:")
    if session.guest() is not None:  # who came by a link has no other page to go to
        return
    st.page_link("pages/import.py", label=t("app.go_import"), icon=":material/upload_file:")


def figures(entries: Sequence[Figure]) -> None:
    """Draw a row of figures, each opening to how it is worked out."""
    with st.container(horizontal=True):
        for label, value, how in entries:
            st.metric(label, value, help=how, border=True)


def chart(
    t: Translator,
    draw: Callable[[Translator], alt.LayerChart],
    key: str,
    *,
    place: str = "",
    **frames: pd.DataFrame,
) -> None:
    """Draw a chart, or say what is missing for it: ``empty.<key>``.

    The specification is kept per language; only rows are sent. ``place`` tells apart pictures of
    the same kind on one page.
    """
    if all(frame.empty for frame in frames.values()):
        empty(t, t(f"empty.{key}"))
        return
    spec = _spec(draw, f"{draw.__module__}.{draw.__qualname__}", t.language)
    with st.container(key=f"{key}{place}"):
        st.vega_lite_chart({**spec, "datasets": frames}, alt=t(f"alt.{key}"))


@st.cache_resource(max_entries=64, show_spinner=False)
def _spec(
    _draw: Callable[[Translator], alt.LayerChart],
    name: str,  # noqa: ARG001 - the name of _draw is the key, for functions cannot be one
    language: str,
) -> dict[str, Any]:
    return _draw(Translator(language)).to_dict()


def subtitle(text: str) -> None:
    """Draw a name out of the user's data, letter by letter: none of it is markup."""
    if text:
        st.markdown(f"##### {plain.literal(text)}")


def needed(t: Translator, units: float) -> str:
    """Return a safety stock; one below zero is not needed: the target is met without."""
    return t("buffers.not_needed") if round(units) < 0 else t.number(units)


def reading(sentence: str) -> None:
    """Draw how the picture above is to be read."""
    st.caption(sentence)


def section(title: str, question: str) -> None:
    """Draw the heading of a second part of the page."""
    st.subheader(title, anchor=False, divider="gray")
    st.caption(question)


def explain(t: Translator, subject: str, facts: Mapping[str, object] | None) -> None:
    """Draw how numbers come about: the text ``explain.<subject>``, filled with their inputs."""
    if facts is None:
        return
    with st.expander(t("app.how"), icon=":material/calculate:", expanded=subject == "plan_line"):
        st.markdown(t(f"explain.{subject}", **_shown(t, facts)))


def notes(t: Translator, entries: Sequence[tuple[str, Mapping[str, object]]]) -> None:
    """Draw what was assumed or left out."""
    if not entries:
        return
    with st.expander(t("app.notes"), icon=":material/info:"):
        for entry in entries:
            st.markdown(f"* {note(t, entry)}")


def note(t: Translator, entry: tuple[str, Mapping[str, object]]) -> str:
    """Return in words what was decided, assumed or left out."""
    code, facts = entry
    return t(f"note.{code}", **_shown(t, facts))


def _shown(t: Translator, facts: Mapping[str, object]) -> dict[str, str]:
    if isinstance(header := facts.get("header"), str):
        facts = {**facts, "header": words.header(t, header)}
    safe = {name: value if name in _CODES else _literal(value) for name, value in facts.items()}
    return words.facts(t, safe, _CODES)


def _literal(value: object) -> object:
    """Return a fact without markup: names come out of the user's data."""
    if isinstance(value, tuple | list):
        return [_literal(part) for part in value]
    return plain.literal(value) if isinstance(value, str) else value


def calculator(t: Translator) -> None:
    """Draw the max-average rule with numbers of the reader's own."""
    usual = {"demand_max": 20.0, "lead_time_max": 21.0, "demand_mean": 10.0, "lead_time_mean": 14.0}
    with st.expander(t("buffers.calculator"), icon=":material/calculate:"):
        with st.container(horizontal=True):
            inputs = {
                name: st.number_input(
                    t(f"column.{name}"), 0.0, 1e6, value, key=f"calculator_{name}"
                )
                for name, value in usual.items()
            }
        answer = buffers.max_average(**inputs)
        shown = {name: t.number(value, 1).removesuffix(".0") for name, value in inputs.items()}
        st.markdown(t("buffers.calculator_text", **shown, safety_stock=t.number(answer)))


def labels(t: Translator, columns: Iterable[str]) -> dict[str, str]:
    """Return the headings of canonical columns in the reader's language."""
    return {name: t(f"column.{name}") for name in columns}


def table(
    t: Translator,
    frame: pd.DataFrame,
    columns: Mapping[str, str],
    name: str,
    *,
    codes: Mapping[str, str] = MappingProxyType({}),
    choose: str = "",
    identity: Sequence[str] = ("sku", "market"),
    beside: Sheets = _no_sheets,
    most: int | None = None,
) -> Row | None:
    """Draw a table and its downloads; return the row that the reader chose, if any.

    ``columns`` maps each canonical column to its format (text, wide, number, decimal, percent,
    date, time); ``codes`` maps a column of codes to the section of its words; ``name`` is the
    downloads' file name; ``choose`` is the text that invites to choose a row, told apart from
    others by its ``identity``; ``beside`` makes further sheets of the workbook. Of more than
    ``most`` rows (50,000 where none is to be chosen) the first are drawn; the downloads hold all.
    """
    rows = _drawn(
        t, frame, columns, name, mode="single-row", codes=codes, choose=choose, identity=identity,
        beside=beside, most=most,
    )  # fmt: skip
    return rows[0] if rows else None


def offered(choose: str) -> str:
    """Return the text that invites to choose rows to change; none to who may only look."""
    return choose if session.may("editor") else ""


def choices(
    t: Translator,
    frame: pd.DataFrame,
    columns: Mapping[str, str],
    name: str,
    *,
    choose: str,
    codes: Mapping[str, str] = MappingProxyType({}),
    identity: Sequence[str] = ("sku", "market"),
) -> list[Row]:
    """Draw `table` so that several rows can be chosen; return them."""
    return _drawn(
        t, frame, columns, name, mode="multi-row", codes=codes, choose=choose, identity=identity
    )


def _drawn(
    t: Translator,
    frame: pd.DataFrame,
    columns: Mapping[str, str],
    name: str,
    *,
    mode: Literal["single-row", "multi-row"],
    codes: Mapping[str, str],
    choose: str,
    identity: Sequence[str],
    beside: Sheets = _no_sheets,
    most: int | None = None,
) -> list[Row]:
    shown = words.worded(t, frame[list(columns)], codes, frame)
    headings = labels(t, columns)
    bound = most or (len(shown) if choose else _MOST)
    event = st.dataframe(
        _without_minus_zero(shown.head(bound), columns),
        lazy=False,  # the door lets no pieces through
        hide_index=True,
        placeholder=MISSING,
        column_config={column: _column(headings[column], kind) for column, kind in columns.items()},
        key=f"table_{name}_{_order(frame, identity) if choose else ''}",
        on_select="rerun" if choose else "ignore",
        selection_mode=mode,
        alt=name,
    )
    downloads(t, shown, headings, name, beside)
    if len(shown) > bound:
        st.caption(t("app.first_rows", shown=t.number(bound), rows=t.number(len(shown))))
    if not choose:
        return []
    st.caption(t(choose))
    chosen = cast("DataframeState", event).selection.rows
    return [{str(name): fact for name, fact in frame.iloc[row].items()} for row in chosen]


def _without_minus_zero(frame: pd.DataFrame, columns: Mapping[str, str]) -> pd.DataFrame:
    """Return numbers rounded as they are shown, so that -0.3 is 0 and not -0."""
    whole = [name for name, kind in columns.items() if kind == "number"]
    rounded = {name: pd.to_numeric(frame[name]).round() + 0.0 for name in whole}
    shares = [name for name, kind in columns.items() if kind == "percent"]
    rounded |= {name: pd.to_numeric(frame[name]).round(3) + 0.0 for name in shares}
    return frame.assign(**rounded)


def _order(frame: pd.DataFrame, identity: Sequence[str]) -> int:
    """Return a mark of which rows stand where: a choice of a row is void when they move."""
    names = (frame[name].astype(str) for name in identity)
    return zlib.crc32("\n".join(reduce(operator.add, names)).encode())


def _column(heading: str, kind: str) -> ColumnConfig:
    if kind in ("text", "wide"):
        return st.column_config.TextColumn(heading, width="large" if kind == "wide" else None)
    if kind == "date":
        return st.column_config.DateColumn(heading, format="YYYY-MM-DD")
    if kind == "time":
        return st.column_config.DatetimeColumn(heading, format="YYYY-MM-DD HH:mm")
    formats = {"number": "%,.0f", "decimal": "%,.2f", "percent": "percent"}
    return st.column_config.NumberColumn(heading, format=formats[kind])


def downloads(
    t: Translator,
    frame: pd.DataFrame,
    headings: Mapping[str, str],
    name: str,
    beside: Sheets = _no_sheets,
) -> None:
    """Draw the buttons that hand out ``frame``, made only when one is pressed."""

    def as_xlsx() -> bytes:
        return export.xlsx({name: frame, **beside()}, labels=headings)

    with st.container(horizontal=True):
        st.download_button(
            t("app.download_xlsx"),
            handing.noted(as_xlsx, f"{name}.xlsx"),
            f"{name}.xlsx",
            key=f"xlsx_{name}",
            type="tertiary",
            icon=":material/download:",
            on_click="ignore",
        )
        st.download_button(
            t("app.download_csv"),
            handing.noted(lambda: export.csv(frame, labels=headings), f"{name}.csv"),
            f"{name}.csv",
            "text/csv",
            key=f"csv_{name}",
            type="tertiary",
            icon=":material/download:",
            on_click="ignore",
        )
