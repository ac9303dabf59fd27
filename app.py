"""The web door: language, workspace, menu, the page, and the one place that shows errors."""

import streamlit as st

from analytics.errors import AnalyticsError
from pages.shared import attending, controls, navigation, render, session, turns, visiting

st.set_page_config(page_title="Leeway · 备货", page_icon="pages/shared/icon.svg", layout="wide")

with turns.taken():
    t = session.begin()
    if session.guest() is not None:
        visiting.frame(t)
        st.stop()
    if not attending.admitted(t):
        st.stop()
    page = navigation.menu(t)
    try:
        session.open_workspace(t)
        moves = navigation.uses_scenario(page)
        if moves:
            with st.sidebar:
                controls.sample_switch(t)
            controls.scenario(t)
        dated = navigation.shows_numbers(page)
        render.header(t, page.title, navigation.question(t, page), moves=moves, dated=dated)
        session.run(page)
    except AnalyticsError as error:
        render.error(t, error)
