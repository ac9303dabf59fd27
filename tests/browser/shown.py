"""A page that draws every naughty name in every way in which pages draw names."""

import streamlit as st

from pages.shared import plain
from tests.naughty import NAMES

for place, name in enumerate(NAMES):
    text = plain.literal(name)
    st.markdown(text)
    st.caption(f"* {text}: 12:30:45")
    match place % 6:
        case 0:
            st.button(text, key=f"b{place}")
        case 1:
            st.expander(text)
        case 2:
            st.metric(text, "1")
        case 3:
            st.info(text)
        case 4:
            st.badge(text)
        case _:
            st.checkbox(text, key=f"c{place}")
st.header("over")
