"""The assumptions that the side bar holds: put together, set, and kept in the address.

Numbers and days live in widgets that Streamlit ties to the address. Codes and names cannot: what
such a widget writes there is the option's wording, which changes with the language and the data.
So they are kept beside, read once from the link, and written to the address here.
"""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, cast

import streamlit as st

from analytics.errors import AnalyticsError
from analytics.scenario import Bounds, Day, Scenario

_FORMS = Scenario.forms()
TIED = tuple(name for name, form in _FORMS.items() if isinstance(form, Bounds | Day))
NAMED = tuple(name for name in _FORMS if name not in TIED)
_TARGET = 95.0  # where the slider of the service level stands while each policy decides
# Where each widget rests.
REST: Mapping[str, Any] = {
    field.name: _TARGET if field.name == "service_level_pct" else field.default
    for field in fields(Scenario)
}


def scenario() -> Scenario:
    """Return the assumptions that the side bar holds, without those that contradict others."""
    return _read()[0]


def problems() -> list[AnalyticsError]:
    """Return what of the side bar could not be used, such as a window that ends too early."""
    return _read()[1]


def _read() -> tuple[Scenario, list[AnalyticsError]]:
    values = _values()
    try:
        return Scenario(**values), []
    except AnalyticsError:
        return _pieced(values)


def _values() -> dict[str, Any]:
    """Return what is assumed, in the order of the fields: a widget's value, else the link's."""
    state, asked = st.session_state, _asked()
    is_own = state.get("own_target", asked.service_level_pct is not None)
    values = {name: state.get(name, getattr(asked, name)) for name in TIED} | named()
    if not is_own:
        values["service_level_pct"] = None  # each item's own policy decides
    if values["as_of"] == state.get("data_day"):
        values["as_of"] = None
    return {name: values[name] for name in _FORMS}


def _asked() -> Scenario:
    """Return what the link asked for that opened the visit."""
    if "asked" not in st.session_state:
        st.session_state["asked"], _ = Scenario.salvage(st.query_params.to_dict())
    return cast("Scenario", st.session_state["asked"])


def _pieced(values: Mapping[str, Any]) -> tuple[Scenario, list[AnalyticsError]]:
    """Use one value after the other, and return beside it why some could not be used."""
    used: dict[str, Any] = {}
    refused = []
    for name, value in values.items():
        try:
            Scenario(**used, **{name: value})
        except AnalyticsError as problem:
            refused.append(problem)
        else:
            used[name] = value
    return Scenario(**used), refused


def named() -> dict[str, Any]:
    """Return the codes and names that are chosen; at first those of the link."""
    if "named" not in st.session_state:
        asked = _asked()
        st.session_state["named"] = {name: getattr(asked, name) for name in NAMED}
    return cast("dict[str, Any]", st.session_state["named"])


def choose(name: str, value: object) -> None:
    """Choose a code or a name."""
    st.session_state["named"] = {**named(), name: value}


def take(chosen: Scenario) -> None:
    """Set every assumption but the plan's day; from a callback, or before the side bar is drawn."""
    for name in TIED:
        if name != "as_of":
            value = getattr(chosen, name)
            st.session_state[name] = REST[name] if value is None else value
    st.session_state["own_target"] = chosen.service_level_pct is not None
    st.session_state["named"] = {name: getattr(chosen, name) for name in NAMED}


def keep_in_address() -> None:
    """Write the codes and names into the address, as Streamlit does with numbers and days."""
    spelled, rest = scenario().to_query(), Scenario().to_query()
    wanted = {name: spelled[name] for name in NAMED if spelled[name] != rest[name]}
    for name in NAMED:
        if name not in wanted and name in st.query_params:
            del st.query_params[name]
    if any(st.query_params.get(name) != text for name, text in wanted.items()):
        st.query_params.update(wanted)
