"""Tables as pages draw them."""

import pytest
from streamlit.testing.v1 import AppTest

from analytics.i18n import Translator


def table():
    import pandas as pd
    import streamlit as st

    from analytics.i18n import Translator
    from pages.shared import render

    rows = pd.DataFrame({"sku": "A-1", "market": "DE", "units": range(st.session_state["rows"])})
    columns = {"sku": "text", "market": "text", "units": "number"}
    choose = st.session_state["choose"]
    render.table(Translator("en"), rows, columns, "leeway-long", choose=choose)


@pytest.mark.parametrize(
    ("rows", "choose", "shown"),
    [(50_000, "", 50_000), (150_001, "", 50_000), (150_001, "delays.open_item", 150_001)],
)
def test_a_table_is_sent_in_one_piece_and_says_what_it_leaves_out(rows, choose, shown):
    t = Translator("en")
    app = AppTest.from_function(table, default_timeout=60)
    app.session_state["rows"], app.session_state["choose"] = rows, choose
    app.run()
    assert not app.exception
    assert len(app.dataframe[0].value) == shown
    assert not app.dataframe[0].proto.HasField("lazy_data")
    said = t("app.first_rows", shown=t.number(shown), rows=t.number(rows))
    assert (said in [one.value for one in app.caption]) == (shown < rows)
