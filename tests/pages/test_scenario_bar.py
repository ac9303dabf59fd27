"""The side bar: every assumption, the presets, what a link asks for, what contradicts itself."""

from dataclasses import fields, replace
from datetime import date, timedelta

import pytest
import streamlit as st

from analytics import presets
from analytics.i18n import Translator
from analytics.scenario import Scenario
from analytics.services import workspaces
from pages.shared import assumed, assumption_bar, session
from tests.test_scenario import ALL_MOVED

PAGES = ("replenish", "delays", "forecast", "safety_stock")
TODAY = date(2026, 5, 31)
EN, ZH = Translator("en"), Translator("zh")


def link_of(app):
    """The address behind "Copy link"."""
    return next(code.value for code in app.get("code") if "lead_time_delay_days=" in code.value)


def preset(app):
    return app.sidebar.selectbox[0]


def headings(app):
    return [expander.label for expander in app.sidebar.expander]


@pytest.mark.parametrize("page", PAGES)
def test_every_page_answers_to_every_preset(visit, page):
    app = visit(page)
    for code in presets.PRESETS:
        preset(app).set_value(code).run()
        assert not app.exception, code
        assert not app.error, code
        assert preset(app).value == code
        assert Scenario.from_link(link_of(app)) == presets.scenario(code, TODAY)
    preset(app).set_value("").run()
    assert Scenario.from_link(link_of(app)) == Scenario(as_of=TODAY)


@pytest.mark.parametrize(
    ("page", "locale"), list(zip(PAGES, ["zh-CN", "en-GB", "en-GB", "zh-CN"], strict=True))
)
def test_a_link_sets_every_assumption(visit, page, locale):
    asked = replace(ALL_MOVED, as_of=date(2026, 5, 20))
    app = visit(page, locale, **asked.to_query())
    assert not app.exception
    assert not app.error
    assert Scenario.from_link(link_of(app)) == asked
    app.button_group(key="lang").set_value("English" if locale == "zh-CN" else "中文").run()
    app.switch_page("pages/import.py").run()
    app.switch_page(f"pages/{page}.py").run()
    assert Scenario.from_link(link_of(app)) == asked


def test_what_is_folded_away_says_how_much_of_it_is_set(visit):
    app = visit("replenish", **replace(ALL_MOVED, as_of=None).to_query())
    folded = ("disruption", "hit", "demand", "money")
    counts = (2, 8, 4, 4)
    assert headings(app) == [
        EN("scenario.group_set", group=EN(f"scenario.group_{group}"), count=count)
        for group, count in zip(folded, counts, strict=True)
    ]
    drawn = 4 + sum(counts) + len(["as_of"])
    assert drawn == len(fields(Scenario))
    app.button[0].click().run()  # back to the plan
    assert headings(app) == [EN(f"scenario.group_{group}") for group in folded]
    assert preset(app).value == ""
    assert app.button[0].disabled


def test_what_is_moved_on_from_a_preset_is_ones_own(visit):
    app = visit("safety_stock", "zh-CN")
    preset(app).set_value("red_sea").run()
    said = [caption.value for caption in app.sidebar.caption]
    assert ZH("preset.red_sea_help") in said
    app.slider(key="lead_time_delay_days").set_value(20).run()
    assert preset(app).value == "own"
    assert ZH("preset.own") in preset(app).options
    assert ZH("preset.red_sea_help") not in [caption.value for caption in app.sidebar.caption]
    expected = replace(presets.scenario("red_sea", TODAY), lead_time_delay_days=20)
    assert Scenario.from_link(link_of(app)) == expected
    app.slider(key="lead_time_delay_days").set_value(12).run()
    assert preset(app).value == "red_sea"


def test_a_second_move_before_the_first_was_answered_undoes_nothing(visit):
    """A browser sends what it shows: what it has not yet seen change is no choice of its own."""
    app = visit("safety_stock")
    seen_at_first = app.slider(key="lead_time_delay_days"), preset(app).set_value("")
    for days in (7, 14):
        seen_at_first[0].set_value(days).run()
        assert preset(app).value == "own"
    assert Scenario.from_link(link_of(app)) == Scenario(lead_time_delay_days=14, as_of=TODAY)


def sent(app, states, **words):
    """Send what a page showed, but for selections, each by its widget's key and wording."""
    told = {key: one for one in states.widgets for key in words if one.id.endswith(f"-{key}")}
    assert {*told} == {*words}
    for key, word in words.items():
        told[key].string_value = word
    app._run(states)


def test_words_of_the_language_before_are_no_choice(visit):
    """Whoever moves on before a switch of language was seen sends the words of the one before."""
    app = visit("safety_stock", "zh-CN")
    rest = {name: EN(f"scenario.{name}_any") for name in ("only_route", "only_stage", "ship_by")}
    sent(app, app._tree.get_widget_states(), preset_0=EN("preset.none"), **rest)
    assert not app.exception
    assert not app.error
    assert Scenario.from_link(link_of(app)) == Scenario(as_of=TODAY)


def test_what_is_chosen_and_chosen_back_before_an_answer_is_taken_back(visit, monkeypatch):
    """The run between the two choices is overtaken before it draws the choice anew."""
    app = visit("safety_stock")
    shown = app._tree.get_widget_states()
    with monkeypatch.context() as patch:
        patch.setattr(assumption_bar, "draw", lambda _: st.stop())
        sent(app, shown, preset_0=EN("preset.red_sea"))
        assert app.session_state["lead_time_delay_days"] > 0
    sent(app, shown, preset_0=EN("preset.none"))
    assert preset(app).value == ""
    assert Scenario.from_link(link_of(app)) == Scenario(as_of=TODAY)


def test_the_day_follows_the_data_whatever_is_still_shown(visit, monkeypatch):
    """The day before an import comes once more from a browser that has not seen the new one."""
    first, last = date(2024, 6, 1), TODAY - timedelta(days=1)
    with monkeypatch.context() as patch:
        patch.setattr(session, "period", lambda: (first, last))
        app = visit("safety_stock")
        assert app.session_state["as_of"] == last
        shown = app._tree.get_widget_states()
    for _ in range(2):
        sent(app, shown)
        assert app.session_state["as_of"] == TODAY
    app.date_input(key="as_of").set_value(date(2026, 5, 20)).run()
    assert app.session_state["as_of"] == date(2026, 5, 20)


def test_a_preset_is_known_at_once_by_the_links_own_day(visit):
    asked = presets.scenario("port_strike", date(2026, 5, 20))
    app = visit("replenish", **asked.to_query())
    assert preset(app).value == "port_strike"
    assert Scenario.from_link(link_of(app)) == asked


def test_codes_and_names_are_chosen_and_kept_in_the_address(visit):
    app = visit("replenish")
    app.selectbox(key="only_route").set_value("sea").run()
    app.selectbox(key="only_market").set_value("DE").run()
    app.selectbox(key="only_stage").set_value("customs").run()
    app.selectbox(key="ship_by").set_value("air").run()
    app.button_group(key="hits").set_value("ordered").run()
    with workspaces.open_sample() as store:
        lines = store.purchase_orders()
    number = lines.loc[lines["open_quantity"] > 0, "order_id"].iloc[0]
    app.multiselect(key="only_orders").set_value([number]).run()
    assert not app.exception
    chosen = {
        "only_route": "sea", "only_market": "DE", "only_stage": "customs", "ship_by": "air",
        "hits": "ordered", "only_orders": number,
    }  # fmt: skip
    held = dict(app.query_params)
    assert {name: held.get(name) for name in chosen} == chosen
    app.selectbox(key="only_route").set_value("").run()
    assert "only_route" not in app.query_params


def test_a_name_is_found_whatever_its_capitals(visit):
    app = visit("replenish", only_route="SEA", only_market="de")
    assert (app.selectbox(key="only_route").value, app.selectbox(key="only_market").value) == (
        "sea",
        "DE",
    )
    assert not app.sidebar.warning


def test_a_name_that_the_data_do_not_know_is_kept_and_said(visit):
    app = visit("replenish", lead_time_delay_days="9", only_supplier="[Nobody](x)")
    assert app.selectbox(key="only_supplier").value == "[Nobody](x)"
    said = [warning.value for warning in app.sidebar.warning]
    assert said == [EN("scenario.unknown_name", names=r"\[Nobody\]\(x\)")]
    assert not app.exception
    assert Scenario.from_link(link_of(app)).only_supplier == "[Nobody](x)"
    app.multiselect(key="only_orders").set_value([]).run()
    assert not app.exception


@pytest.mark.parametrize(
    ("first", "last"), [("hits_from", "hits_until"), ("demand_from", "demand_until")]
)
def test_a_window_that_ends_before_it_starts_is_said_and_its_end_not_used(visit, first, last):
    app = visit("replenish", demand_change_pct="10")
    app.date_input(key=first).set_value(date(2026, 7, 10)).run()
    app.date_input(key=last).set_value(date(2026, 7, 1)).run()
    assert not app.exception
    assert not app.error
    assert [EN(f"scenario.{last}") in warning.value for warning in app.sidebar.warning] == [True]
    linked = Scenario.from_link(link_of(app))
    assert (getattr(linked, first), getattr(linked, last)) == (date(2026, 7, 10), None)
    app.date_input(key=last).set_value(date(2026, 7, 10)).run()
    assert not app.sidebar.warning


def test_what_a_link_asks_for_beyond_all_days_is_named(visit):
    app = visit("replenish", "zh-CN", hits_from="1850-01-01", demand_until="soon", only_stage="sea")
    said = " ".join(warning.value for warning in app.warning)
    for name in ("hits_from", "demand_until", "only_stage"):
        assert ZH(f"scenario.{name}") in said
    assert Scenario.from_link(link_of(app)) == Scenario(as_of=TODAY)


def test_every_field_is_either_tied_to_the_address_or_kept_in_it():
    names = [field.name for field in fields(Scenario)]
    assert sorted((*assumed.TIED, *assumed.NAMED)) == sorted(names)
    assert set(assumed.REST) == set(names)
