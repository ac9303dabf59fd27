"""Ways from supplier to shelf: days of each stage, freight, warehouses; open to editing."""

import pandas as pd
import streamlit as st

from analytics.i18n import Translator
from analytics.services import routes, warehouses
from pages.shared import render, session, settling

_NAMED = ("sea", "rail", "air", "express")  # any other route is called what its owner calls it


def ways(t: Translator) -> None:
    """Draw the routes as a table to edit."""
    render.section(t("settings.routes"), t("settings.routes_help"))
    store = session.store()
    present = routes.table(store)
    if present.empty:
        st.caption(t("settings.no_routes"))
    numbers = {
        name: st.column_config.NumberColumn(t(f"column.{name}"), min_value=0)
        for name in routes.NUMBERS
    }
    keys = {
        name: st.column_config.TextColumn(t(f"column.{name}"), pinned=True, required=True)
        for name in routes.KEY
    }
    shown = _renamed(present, [word(t, code) for code in present["route"]])
    edited = _coded(
        t, settling.editor(t, shown, "routes", {**keys, **numbers}, rows="dynamic"), present
    )
    if settling.save(t, "routes", is_changed=not edited.equals(present)):
        settling.change(
            t,
            lambda: routes.check(store, edited),
            routes.save,
            present,
            edited,
            name=t("view.routes"),
            done="settings.routes_saved",
        )


def word(t: Translator, route: object) -> str:
    """Return what a route is called; its code, if nobody gave it a name."""
    return t(f"route.{route}") if t.has(f"route.{route}") else str(route)


def _coded(t: Translator, edited: pd.DataFrame, present: pd.DataFrame) -> pd.DataFrame:
    """Return a table with the routes' codes for their names; other texts are codes themselves."""
    codes = {word(t, code).casefold(): str(code) for code in (*_NAMED, *present["route"])}
    named: list[object] = [
        route if pd.isna(route) else codes.get(str(route).strip().casefold(), route)
        for route in edited["route"]
    ]
    return _renamed(edited, named)


def _renamed(table: pd.DataFrame, names: list[object]) -> pd.DataFrame:
    return table.assign(route=pd.Series(names, table.index, table["route"].dtype))


def places(t: Translator) -> None:
    """Draw what each warehouse is for; a word of the seller's goes before its name."""
    render.section(t("settings.places"), t("settings.places_help"))
    present = warehouses.table(session.store())[["warehouse", "market", "place"]]
    if present.empty:
        st.caption(t("settings.no_places"))
        return
    words = {place: t(f"stock_place.{place}") for place in warehouses.PLACES}
    shown = present.assign(place=present["place"].map(words))
    column = st.column_config.SelectboxColumn(
        t("column.stock_place"), options=[*words.values()], required=True
    )
    edited = settling.editor(t, shown, "places", {"place": column}, locked=("warehouse", "market"))
    changed = edited.loc[edited["place"] != shown["place"]]
    codes = {word: place for place, word in words.items()}
    wanted = {str(row["warehouse"]): codes[row["place"]] for _, row in changed.iterrows()}
    if settling.save(t, "places", is_changed=bool(wanted)):
        settling.change(
            t,
            lambda: warehouses.check(wanted),
            warehouses.save,
            wanted,
            name=t("settings.places"),
            done="settings.places_saved",
        )
