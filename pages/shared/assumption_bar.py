"""The side bar: what is assumed, the common in sight, the rest folded away by subject."""

import time
from collections.abc import Callable, Sequence
from datetime import date

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from analytics import presets
from analytics.errors import OutOfBoundsError
from analytics.i18n import Translator
from analytics.scenario import STAGES, Day, Scenario
from analytics.services import scopes
from pages.shared import assumed, linking, plain, session

_IN_SIGHT = (
    "lead_time_delay_days",
    "lead_time_change_pct",
    "lead_time_spread_pct",
    "demand_change_pct",
)
_FOLDED = {
    "disruption": ("disruption_chance_pct", "disruption_days"),
    "hit": (
        "only_route", "only_supplier", "only_market", "only_stage", "only_orders",
        "hits", "hits_from", "hits_until",
    ),
    "demand": ("demand_window_pct", "demand_from", "demand_until", "price_change_pct"),
    "money": ("ship_by", "freight_change_pct", "currency_change_pct", "service_level_pct"),
}  # fmt: skip
# What a guest without money cannot turn: where prices turn, margins show, so the link's own stand.
_OF_MONEY = frozenset(
    {"price_change_pct", "freight_change_pct", "currency_change_pct", "service_level_pct"}
)
_FIRST_DAY, _LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)  # that a window may name
_SEEN = 5.0  # seconds until a browser shows what it was sent, at the latest
_OWN = "own"  # what is assumed is none of the presets

_scopes = session.kept(scopes.scopes)


def draw(t: Translator) -> None:
    """Draw every assumption, and write into the address what Streamlit does not."""
    held = assumed.scenario()
    known = _scopes(session.store(), session.version(), held.as_of)
    with st.sidebar:
        st.subheader(t("scenario.title"), anchor=False)
        _preset(t, held)
        for name in _IN_SIGHT:
            _slider(t, name)
        for group, names in _FOLDED.items():
            shown = [name for name in names if name not in _OF_MONEY or not _hides_money()]
            with _folded(t, group, shown, held):
                for name in shown:
                    _widget(t, name, known)
        _problems(t)
        _as_of(t)
        _reset_button(t)
        st.caption(t("scenario.note"))
    assumed.keep_in_address()


def _preset(t: Translator, held: Scenario) -> None:
    """Draw the choice of a scenario to start from; it shows which one the side bar holds.

    It is another widget whenever that changed but by its own choice. A browser that moves on before
    it was answered sends what it still shows, which of the same widget would look like a choice.
    """
    present = _code(held)
    number, shown = session.get("preset_shown", (0, present))
    number += shown != present
    session.keep(preset_shown=(number, present))
    st.session_state[f"preset_{number}"] = present
    st.selectbox(
        t("scenario.preset"),
        ("", *presets.PRESETS, *([_OWN] if present == _OWN else [])),
        format_func=lambda code: t(f"preset.{code or 'none'}"),
        key=f"preset_{number}",
        on_change=_take_preset,
        args=(number, present),
        help=t("scenario.preset_help"),
    )
    if present in presets.PRESETS:
        first, last = t.date(held.hits_from), t.date(held.hits_until)
        st.caption(t(f"preset.{present}_help", first=first, last=last))


def _code(held: Scenario) -> str:
    """Return the preset that is held; empty at rest."""
    if held == Scenario(as_of=held.as_of):
        return ""
    return presets.matching(held, held.as_of or session.data_day()) or _OWN


def _take_preset(number: int, present: str) -> None:
    """Take what was chosen where ``present`` was shown.

    What is no code is the wording of another language: sent before the switch to this one was seen.
    """
    code = st.session_state[f"preset_{number}"]
    current, last = session.get("preset_shown", (number, present))
    seen = last if number == current else present
    if code in ("", *presets.PRESETS) and code != seen:
        day = assumed.scenario().as_of or session.data_day()
        assumed.take(presets.scenario(code, day) if code else Scenario())
        session.keep(preset_shown=(number, code))


def _hides_money() -> bool:
    """Return whether the page is drawn for a guest whose link hides money."""
    share = session.get("share")
    return share is not None and bool(share.hides_money)


def _folded(t: Translator, group: str, shown: Sequence[str], held: Scenario) -> DeltaGenerator:
    """Return a folded part whose heading says how much inside is not at rest."""
    rest = Scenario()
    count = sum(getattr(held, name) != getattr(rest, name) for name in shown)
    heading = t(f"scenario.group_{group}")
    if count:
        heading = t("scenario.group_set", group=heading, count=t.number(count))
    # With a key it stays open when its heading changes.
    return st.expander(heading, key=f"group_{group}")


def _widget(t: Translator, name: str, known: scopes.Scopes) -> None:
    if name == "service_level_pct":
        if _own_target(t):
            _slider(t, name)
    elif name in Scenario.bounds():
        _slider(t, name)
    elif isinstance(Scenario.forms()[name], Day):
        _window_day(t, name)
    elif name == "hits":
        _hits(t)
    elif name == "only_orders":
        _orders(t, known)
    else:
        _name(t, name, known)


def _slider(t: Translator, name: str) -> None:
    bounds = Scenario.bounds()[name]
    st.slider(
        t(f"scenario.{name}"),
        bounds.low,
        bounds.high,
        assumed.REST[name],
        bounds.step,
        "%.1f" if isinstance(bounds.step, float) else None,
        key=name,
        bind="query-params",
        help=t(f"scenario.{name}_help"),
    )


def _own_target(t: Translator) -> bool:
    """Draw the switch between each policy's service and one for all; a link with one turns it."""
    if "own_target" not in st.session_state and st.query_params.get("service_level_pct"):
        st.session_state["own_target"] = True
    return st.toggle(
        t("scenario.own_target"),
        key="own_target",
        bind="query-params",
        help=t("scenario.own_target_help"),
    )


def _window_day(t: Translator, name: str) -> None:
    _check_asked_day(name, _FIRST_DAY, _LAST_DAY)
    st.date_input(
        t(f"scenario.{name}"),
        None,
        _FIRST_DAY,
        _LAST_DAY,
        key=name,
        bind="query-params",
        format="YYYY-MM-DD",
        help=t(f"scenario.{name}_help"),
    )


def _hits(t: Translator) -> None:
    st.session_state["hits"] = assumed.named()["hits"]
    st.segmented_control(
        t("scenario.hits"),
        ("shipped", "ordered"),
        format_func=lambda code: t(f"scenario.hits_{code}"),
        key="hits",
        required=True,
        on_change=_chosen,
        args=("hits",),
        help=t("scenario.hits_help"),
    )


def _name(t: Translator, name: str, known: scopes.Scopes) -> None:
    """Draw the choice of a code or a name; what only a link knows is kept, and said."""
    options, word = _offered(t, name, known)
    chosen = _as_offered(assumed.named()[name], options)
    offered = ("", *options, *([chosen] if chosen and chosen not in options else []))
    st.session_state[name] = chosen
    st.selectbox(
        t(f"scenario.{name}"),
        offered,
        format_func=lambda code: word(code) if code else t(f"scenario.{name}_any"),
        key=name,
        on_change=_chosen,
        args=(name, offered),
        help=t(f"scenario.{name}_help"),
    )
    _strangers(t, [chosen] if chosen else [], options)


def _orders(t: Translator, known: scopes.Scopes) -> None:
    options = known.orders
    chosen = [_as_offered(name, options) for name in assumed.named()["only_orders"]]
    st.session_state["only_orders"] = chosen
    st.multiselect(
        t("scenario.only_orders"),
        list(dict.fromkeys((*options, *chosen))),
        key="only_orders",
        on_change=_chosen,
        args=("only_orders",),
        placeholder=t("scenario.only_orders_any"),
        help=t("scenario.only_orders_help"),
    )
    _strangers(t, chosen, options)


def _chosen(name: str, offered: Sequence[str] | None = None) -> None:
    """Keep what was chosen, if it is on offer and not the wording of another language."""
    value = st.session_state[name]
    if offered is None or value in offered:
        assumed.choose(name, tuple(value) if isinstance(value, list) else value)


def _offered(
    t: Translator, name: str, known: scopes.Scopes
) -> tuple[Sequence[str], Callable[[str], str]]:
    """Return what can be chosen of a code or a name, and how each is called."""
    if name == "only_stage":
        return STAGES, lambda code: t(f"scenario.stage_{code}")
    if name in ("only_route", "ship_by"):
        return known.routes, lambda code: t(f"route.{code}") if t.has(f"route.{code}") else code
    return (known.suppliers if name == "only_supplier" else known.markets), str


def _as_offered(name: str, options: Sequence[str]) -> str:
    """Return a name as the data spell it: capitals make no difference."""
    wanted = name.casefold()
    return next((option for option in options if option.casefold() == wanted), name)


def _strangers(t: Translator, chosen: Sequence[str], options: Sequence[str]) -> None:
    """Say so of names that the data do not know: nothing is hit by them."""
    unknown = [name for name in chosen if name not in options]
    if unknown:
        names = t("format.list").join(plain.literal(name) for name in unknown)
        st.warning(t("scenario.unknown_name", names=names), icon=":material/help:")


def _problems(t: Translator) -> None:
    for problem in assumed.problems():
        st.warning(plain.sentence(t, problem), icon=":material/date_range:")


def _as_of(t: Translator) -> None:
    first, last = session.period()
    _check_asked_day("as_of", first, last)
    _follow_data_day(first, last)
    st.date_input(
        t("scenario.as_of"),
        last,
        first,
        last,
        key="as_of",
        bind="query-params",
        format="YYYY-MM-DD",
        help=t("scenario.as_of_help", last=t.date(last)),
    )


def _follow_data_day(first: date, last: date) -> None:
    """Move the plan's day along with the data, unless the reader has chosen another one.

    The day before, from a browser that has not seen the new one yet, was not chosen.
    """
    chosen, followed = session.get("as_of"), session.get("data_day")
    if followed not in (None, last):
        session.keep(day_before=(followed, time.monotonic()))
    before, moved = session.get("day_before", (None, 0.0))
    is_late = chosen == before and time.monotonic() - moved < _SEEN
    if chosen is not None and (chosen == followed or is_late or not first <= chosen <= last):
        session.keep(as_of=last)
    session.keep(data_day=last)


def _check_asked_day(name: str, first: date, last: date) -> None:
    """Report a link's day out of reach: the widget alone would fall back in silence."""
    if name in st.session_state or name not in st.query_params:
        return
    asked = getattr(Scenario.salvage({name: st.query_params[name]})[0], name)
    if asked and not first <= asked <= last:
        linking.report(OutOfBoundsError(name=name, value=asked, low=first, high=last))


def _reset_button(t: Translator) -> None:
    st.button(
        t("scenario.reset"),
        on_click=_reset,
        disabled=assumed.scenario() == Scenario(),
        icon=":material/restart_alt:",
        width="stretch",
    )


def _reset() -> None:
    assumed.take(Scenario())
    st.session_state["as_of"] = session.data_day()
