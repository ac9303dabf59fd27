"""The morning page: the same numbers as its services, in both languages, and the ways on."""

import pytest

from analytics import words
from analytics.i18n import MISSING, Translator
from analytics.services import measuring, overview, workspaces
from pages.shared import session

LOCALES = {"zh-CN": Translator("zh"), "en-GB": Translator("en")}
EN = LOCALES["en-GB"]
ROW = (*measuring.ARTICLE[:3], "stockout_demand_share", "stock_value")


@pytest.fixture(scope="module", autouse=True)
def looked_back(workspace):
    """The past forecasts are at hand, so that the third picture is drawn at once."""
    overview.against(session._sample_store())


@pytest.fixture(scope="module")
def found():
    with workspaces.open_sample() as store:
        return overview.overview(store), measuring.measures(store)


@pytest.mark.parametrize("locale", LOCALES)
def test_the_morning_page_opens_first_and_says_what_the_services_say(visit, found, locale):
    t = LOCALES[locale]
    morning, measures = found
    app = visit("overview", locale)
    assert not app.exception
    assert app.header[0].value == t("page.overview")
    assert [metric.label for metric in app.metric] == [t(f"kpi.{code}") for code in ROW]
    for metric, code in zip(app.metric, ROW, strict=True):
        unit = measuring.UNITS[code]
        assert metric.value == words.measured(t, measures.value(code), unit, measures.currency)
        assert t(f"kpi_help.{code}") in metric.help
    assert len(app.get("vega_lite_chart")) == 3
    said = " ".join(text.value for text in app.markdown)
    for name in ("out", "too_late", "order_now"):
        assert f"**{t.number(morning.facts[name])}**" in said
    assert t.money(morning.facts["order_value"], morning.currency) in said
    assert t("app.as_of_chip", day=t.date(morning.as_of)) in said


@pytest.mark.parametrize("code", measuring.MEASURES)
def test_every_measure_opens_with_its_inputs_its_groups_and_its_items(visit, found, code):
    _, measures = found
    app = visit("overview")
    app.session_state["view"], app.session_state["measure"] = "measures", code
    app.run()
    assert not app.exception
    value = measures.value(code)
    shown = words.measured(EN, value, measuring.UNITS[code], measures.currency)
    assert app.metric[0].value == shown
    said = " ".join(text.value for text in (*app.markdown, *app.info))
    assert EN(f"kpi_help.{code}") in said
    if shown == MISSING:
        assert EN("missing.orders") in said
    else:
        assert f"**{shown}**" in said
    groups, items, every = app.dataframe[0].value, app.dataframe[1].value, app.dataframe[2].value
    assert len(groups) == measures.items["market"].nunique()
    assert len(items) == min(len(measures.items), 200)
    assert len(every) == len(measuring.MEASURES)


@pytest.mark.parametrize("by", [name for name in measuring.BY if name])
def test_a_measure_is_compared_by_every_kind_of_group(visit, by):
    app = visit("overview")
    app.session_state["view"] = "measures"
    app.run()
    app.button_group(key="measured_by").set_value(by).run()
    assert not app.exception
    with workspaces.open_sample() as store:
        table = measuring.measures(store, None, by).table
    assert len(app.dataframe[0].value) == (~table["is_all"]).sum()


def test_a_figure_opens_what_is_behind_it(visit):
    app = visit("overview")
    app.button(key="open_slow_share").click().run()
    assert app.button_group(key="view").value == "measures"
    assert app.selectbox(key="measure").value == "slow_share"
    app = visit("overview")
    app.button(key="open_stockout_rate").click().run()  # what stands in is what opens
    assert app.selectbox(key="measure").value == "stockout_demand_share"


def test_all_alarms_are_one_click_away(visit):
    app = visit("overview")
    label = EN("overview.all_alerts")
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception
    assert app.button_group(key="view").value == "alerts"
    assert len(app.dataframe) >= 1


def test_what_is_up_to_date_is_said_in_one_line(visit, found):
    app = visit("overview")
    morning, _ = found
    assert (morning.freshness["state"] == "fine").all()
    (line,) = [text.value for text in app.markdown if "check_circle" in text.value]
    for table in overview.TABLES:
        assert EN(f"kind.{table}") in line
