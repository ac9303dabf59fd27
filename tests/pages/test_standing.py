"""What is said of events and launches is shown beside the forms, and taken back there."""

import time

import pytest
from streamlit.testing.v1 import AppTest

from analytics.i18n import Translator
from analytics.services import judgements, standing
from analytics.services.judgements import Launch
from analytics.store import Store
from pages.shared import judging, session

EN = Translator("en")


def page():
    from types import SimpleNamespace

    import pandas as pd

    from analytics.i18n import Translator
    from pages.shared import judging, working

    t = Translator("en")
    item = SimpleNamespace(sku="NEW", market="US", overrides=pd.DataFrame(), facts={"pinned": ""})
    if not working.changing(t):
        judging.standing(t, item)


@pytest.fixture
def own(tmp_path, monkeypatch):
    with Store.open(tmp_path / "own") as opened:
        for name in ("store", "own_store"):
            monkeypatch.setattr(session, name, lambda: opened)
        monkeypatch.setattr(session, "version", lambda: opened.version)
        monkeypatch.setattr(judging.deciding.workspaces, "follow", lambda *_: None)
        yield opened


def until(app, is_so):
    end = time.monotonic() + 10
    while not is_so() and time.monotonic() < end:
        time.sleep(0.1)
        app.run()
    assert not app.exception
    assert is_so()


def test_nothing_is_drawn_where_nothing_is_said(own):
    app = AppTest.from_function(page).run()
    assert not app.exception
    assert not app.dataframe
    assert not app.button


def test_an_event_that_does_not_count_is_visible_and_can_be_taken_back(own, monkeypatch):
    judgements.event(own, "prime_day", "DE", 40.0)
    judgements.event(own, "black_friday", "US", None)
    app = AppTest.from_function(page).run()
    assert not app.exception
    shown = app.dataframe[0].value
    assert shown["event"].tolist() == ["Prime Day", "Black Friday"]
    assert shown["status"].tolist() == [EN("forecast.event_holds"), EN("forecast.event_ignored")]
    chosen = standing.events(own).assign(event="Black Friday").iloc[1].to_dict()
    monkeypatch.setattr(judging.render, "table", lambda *_, **__: chosen)
    app.run()
    app.button(key="withdraw_event").click().run()
    until(app, lambda: judgements.event_edits(own) == {("prime_day", "DE"): 40.0})


def test_a_launch_is_told_and_can_be_taken_back(own):
    judgements.launch(own, "NEW", "US", Launch(like_sku="*MUG*", multiplier=1.5))
    judgements.launch(own, "OTHER", "US", Launch())
    app = AppTest.from_function(page).run()
    assert not app.exception
    [told] = [text.value for text in app.markdown]
    assert r"\*MUG\*, times 1.50" in told
    next(b for b in app.button if b.label == EN("forecast.launch_withdraw")).click().run()
    until(app, lambda: judgements.launches(own)["sku"].tolist() == ["OTHER"])
