"""A closer look and the record, when they are stopped or fail: told once, and asked for again."""

import os
import threading
import time
from types import SimpleNamespace

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from analytics import jobs
from analytics.errors import FitBrokeOffError
from analytics.i18n import Translator
from pages.shared import league, outlook, session

EN = Translator("en")


def look():
    from types import SimpleNamespace

    from analytics.i18n import Translator
    from pages.shared import league

    item = SimpleNamespace(sku="MUG", market="US", as_of=None)
    league.closer_look(Translator("en"), item)


def record():
    from analytics.i18n import Translator
    from pages.shared import league

    league.record(Translator("en"))


@pytest.fixture
def answers(monkeypatch):
    """What the services do: an error is raised, and everything else waited for."""
    done = []

    def answer(*_asked, progress, **_options):
        fault = done.pop(0)
        while fault is None:
            progress(0, 1, "")
            time.sleep(0.01)
        raise fault

    monkeypatch.setattr(league.closer, "look", answer)
    monkeypatch.setattr(league.accuracy, "accuracy", answer)
    monkeypatch.setattr(league.accuracy, "is_known", lambda *_: False)
    monkeypatch.setattr(session, "store", lambda: None)
    monkeypatch.setattr(session, "version", lambda: "1")
    monkeypatch.setattr(session, "scenario", lambda: SimpleNamespace(as_of=None))
    return done


def labels(app):
    return [button.label for button in app.button]


def press(app, label):
    next(button for button in app.button if button.label == label).click().run()


def test_a_look_that_fails_is_told_and_can_be_asked_for_again(answers):
    answers += [FitBrokeOffError(), FitBrokeOffError()]
    app = AppTest.from_function(look).run()
    for _ in range(2):
        press(app, EN("forecast.look"))
        assert [warning.value for warning in app.warning] == [str(FitBrokeOffError())]
        assert EN("forecast.look") in labels(app)
    assert not answers


def test_a_look_that_is_stopped_can_be_asked_for_again(answers):
    answers += [None, None]
    app = AppTest.from_function(look).run()
    for _ in range(2):
        press(app, EN("forecast.look"))
        assert EN("forecast.look") not in labels(app)
        press(app, EN("import.stop"))
        app.run()
        assert EN("forecast.look") in labels(app)
    assert not answers


@pytest.mark.parametrize(("page", "way"), [(look, "forecast.look"), (record, "forecast.try_again")])
def test_a_bug_is_raised_once(answers, page, way):
    answers += [KeyError("bug"), FitBrokeOffError()]
    app = AppTest.from_function(page).run()
    if page is look:
        press(app, EN(way))
    assert len(app.exception) == 1
    app.run()
    assert not app.exception
    press(app, EN(way))
    assert not app.exception
    assert app.warning


def test_a_record_that_fails_or_is_stopped_is_tried_again_only_when_asked(answers):
    answers += [FitBrokeOffError(), None, FitBrokeOffError()]
    app = AppTest.from_function(record).run()
    assert [warning.value for warning in app.warning] == [str(FitBrokeOffError())]
    app.run()
    assert len(answers) == 2
    press(app, EN("forecast.try_again"))
    assert EN("forecast.try_again") not in labels(app)
    press(app, EN("import.stop"))
    app.run()
    assert EN("forecast.try_again") in labels(app)
    press(app, EN("forecast.try_again"))
    assert app.warning
    assert not answers


def test_a_look_at_another_item_is_not_behind_the_one_that_was_left(answers):
    answers += [None]
    app = AppTest.from_function(look).run()
    press(app, EN("forecast.look"))
    job = app.session_state["look_job"]
    app.session_state["look_key"] = ("another",)
    app.run()
    answers += [FitBrokeOffError()]
    press(app, EN("forecast.look"))
    assert job.is_done_within(5)
    assert job.state == "cancelled"
    assert app.warning


def test_who_waits_for_other_teams_learns_nothing_of_them(answers):
    answers += [None]
    opens = threading.Event()

    def busy(*, progress):
        opens.wait(30)

    try:
        for room in range(jobs.MOST["reading"]):
            jobs.start(busy, name="BIRCH-1", lane="reading", room=f"birch {room}")
        app = AppTest.from_function(look).run()
        press(app, EN("forecast.look"))
        assert [bar.proto.text for bar in app.get("progress")] == [EN("import.waiting_others")]
        job = app.session_state["look_job"]
        assert (job.state, job.room) == ("waiting", os.environ["LEEWAY_WORKSPACE"])
        press(app, EN("import.stop"))
        assert job.state == "cancelled"
    finally:
        opens.set()


def test_the_price_is_told_from_an_event_of_that_name():
    nan = float("nan")
    uplifts = pd.DataFrame(
        {
            "code": ["price", "price", "summer"],
            "uplift": [0.3, nan, 0.2],
            "elasticity": [nan, -1.8, nan],
        }
    )
    assert outlook._is_price(uplifts).tolist() == [False, True, False]
