"""The compare view: save what is on the sliders, set scenarios side by side, take one up again."""

import io

import openpyxl
import pytest
from streamlit.testing.v1 import AppTest

from analytics.i18n import LANGUAGES, Translator
from analytics.scenario import Scenario
from analytics.services import comparing, delays, saved, workspaces
from analytics.store import Store
from pages.shared import reporting, session
from tests.services import shops

EN = Translator("en")
LATE = Scenario(lead_time_delay_days=21)
HOSTILE = "<script>alert(1)</script> **=1+1**"


def view(language):
    from analytics.i18n import Translator
    from pages.shared import comparing

    comparing.show(Translator(language))


@pytest.fixture(scope="module")
def sample_store():
    with workspaces.open_sample() as store:
        yield store


@pytest.fixture
def own(tmp_path):
    with Store.open(tmp_path / "own") as store:
        yield store


@pytest.fixture
def shown(monkeypatch, sample_store, own):
    """The sample's numbers, with the scenario on the sliders that a test sets."""
    monkeypatch.setattr(session, "store", lambda: sample_store)
    monkeypatch.setattr(session, "version", lambda: sample_store.version)
    monkeypatch.setattr(session, "shows_sample", lambda: True)
    monkeypatch.setattr(session, "own_store", lambda: own)

    def slide(scenario):
        monkeypatch.setattr(session, "scenario", lambda: scenario)

    slide(Scenario())
    return slide


def opened(language="en"):
    app = AppTest.from_function(view, args=(language,), default_timeout=60).run()
    assert not app.exception
    return app


def told(app):
    kinds = ("markdown", "caption", "info", "warning", "success", "subheader", "error")
    return " ".join(str(element.value) for kind in kinds for element in app.get(kind))


def press(app, label):
    next(button for button in app.button if button.label == label).click()
    app.run()
    assert not app.exception
    return app


def table(app):
    return next(frame.value for frame in app.dataframe if "c0" in frame.value)


@pytest.mark.parametrize("language", LANGUAGES)
def test_with_nothing_to_compare_the_page_says_how_to_begin(shown, language):
    t = Translator(language)
    app = opened(language)
    assert t("compare.nothing") in told(app)
    assert t("compare.save_at_rest") in told(app)
    assert not app.dataframe


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_on_the_sliders_stands_beside_the_plan(shown, sample_store, language):
    t = Translator(language)
    shown(LATE)
    app = opened(language)
    compared = comparing.compare(sample_store, [("x", LATE)])
    found = dict(zip(table(app)["measure"], table(app)["c0"], strict=True))
    units = compared.differences.set_index("measure").loc["units_short", "c0"]
    assert found[t("compared.units_short")] == t.number(units)
    assert "nan" not in told(app).casefold().split()
    assert len(app.get("vega_lite_chart") or app.get("arrow_vega_lite_chart")) == 5


def test_a_scenario_is_saved_compared_taken_up_and_forgotten(shown, own):
    shown(LATE)
    app = opened()
    app.text_input(key="scenario_name").input("Detour")
    app.text_input(key="scenario_note").input("until June")
    press(app, EN("compare.keep"))
    assert EN("compare.saved", name="Detour") in told(app)
    [row] = saved.table(own).to_dict("records")
    assert (row["name"], row["note"], saved.read(row["query"])) == ("Detour", "until June", LATE)
    shown(Scenario(demand_change_pct=20))
    app.multiselect(key="compared").select(row["scenario_id"]).run()
    assert {"c0", "c1"} <= set(table(app))
    press(app, EN("compare.take"))
    assert app.session_state["lead_time_delay_days"] == 21
    press(app, EN("compare.remove"))
    assert saved.table(own).empty
    assert "c1" not in table(app)


def test_a_scenario_saved_on_other_data_says_so(shown, own):
    shown(LATE)
    app = opened()
    app.text_input(key="scenario_name").input("Today")
    press(app, EN("compare.keep"))
    number = saved.save(own, "Of *old*", LATE, data_version="before")
    app.run()
    said = EN("compare.data_moved", names="Of \\*old\\*")
    assert said not in told(app)
    for chosen in saved.table(own)["scenario_id"]:
        app.multiselect(key="compared").select(chosen).run()
    assert said in told(app)
    app.multiselect(key="compared").unselect(number).run()
    assert said not in told(app)


def test_a_name_that_is_taken_is_replaced_only_when_asked(shown, own):
    saved.save(own, "Detour", Scenario(lead_time_delay_days=3), author="Ann")
    shown(LATE)
    app = opened()
    app.text_input(key="scenario_name").input("detour")
    press(app, EN("compare.keep"))
    assert saved.named(own, "Detour").lead_time_delay_days == 3
    press(app, EN("compare.replace_it"))
    assert saved.named(own, "Detour") == LATE
    assert len(saved.table(own)) == 1
    press(app, EN("compare.keep"))
    assert EN("error.empty_name") in told(app)


def test_names_of_others_are_shown_letter_by_letter(shown, own):
    saved.save(own, HOSTILE, LATE, author="[x](http://evil.example)", note="![x](y)")
    app = opened()
    number = int(saved.table(own)["scenario_id"].iloc[0])
    app.multiselect(key="compared").select(number).run()
    assert not app.exception
    page = told(app)
    assert "<script>" not in page
    assert "](http" not in page.replace("\\", "\\ ")
    assert "![x](y)" not in page


def test_five_saved_ones_are_offered_and_four_beside_the_sliders(shown, own):
    for number in range(6):
        saved.save(own, f"S{number}", Scenario(lead_time_delay_days=number + 1))
    shown(LATE)
    app = opened()
    picker = app.multiselect(key="compared")
    assert len(picker.options) == 6
    assert picker.proto.max_selections == comparing.MOST - 1
    numbers = saved.table(own)["scenario_id"].tolist()
    picker.set_value(numbers[:4]).run()
    assert not app.exception
    assert "c4" in table(app)


def test_a_shop_of_one_item_without_cost_is_compared(shown, own, monkeypatch):
    own.load([shops.sales(), shops.receipts()])
    monkeypatch.setattr(session, "store", lambda: own)
    monkeypatch.setattr(session, "version", lambda: own.version)
    shown(LATE)
    app = opened()
    assert EN("compared.units_short") in table(app)["measure"].tolist()
    assert "nan" not in told(app).casefold().split()


def test_reports_are_made_when_a_button_is_pressed_and_not_before(shown, sample_store, monkeypatch):
    made = []
    monkeypatch.setattr(
        reporting.st, "download_button", lambda label, content, *_, **__: made.append(content)
    )
    impact = delays.impact(sample_store, LATE)
    reporting.buttons(EN, impact)
    page, book = (content() for content in made)
    assert b"<svg" in page
    assert len(openpyxl.load_workbook(io.BytesIO(book)).sheetnames) == 5
    made.clear()
    monkeypatch.setattr(delays, "item", None)  # a frozen answer asks nothing of today's data
    reporting.buttons(EN, impact, made_on="frozen")
    assert b"frozen" in made[0]()
