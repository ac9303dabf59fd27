"""Every page, in both languages, as a reader meets it: words, figures, pictures, no traceback."""

import pytest

from analytics.i18n import Translator
from analytics.scenario import Scenario
from analytics.services import replenishment, workspaces
from pages.shared import plain, session

LOCALES = {"zh-CN": Translator("zh"), "en-GB": Translator("en")}
CHARTS = {"replenish": 1, "forecast": 2, "safety_stock": 2, "import": 0, "settings": 0}


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("page", CHARTS)
def test_a_page_opens_on_the_sample(visit, page, locale):
    t = LOCALES[locale]
    app = visit(page, locale)
    assert not app.exception
    assert not app.error
    assert app.header[0].value == t(f"page.{page}")
    assert len(app.get("vega_lite_chart")) == CHARTS[page]
    assert t("app.sample_banner") in [text.value for text in app.markdown]


def test_a_page_says_the_same_as_the_service(visit):
    app = visit("replenish", lead_time_delay_days="14")
    with workspaces.open_sample() as store:
        plan = replenishment.plan(store, Scenario(lead_time_delay_days=14))
    board = replenishment.summary(plan)
    assert app.metric[0].value == f"{board.order_now:,}"
    assert app.metric[1].value == f"{board.units:,.0f}"
    assert app.metric[2].value == f"{plan.currency} {plan.order_value:,.0f}"


def test_a_hostile_link_is_shown_letter_by_letter(visit):
    """Markdown in a parameter must neither become a link nor fetch a picture."""
    app = visit("forecast", **{"![x](http://e.test/x.png)": "1", "lead_time_delay_days": "[a](b)"})
    assert not app.exception
    said = " ".join(warning.value for warning in app.warning)
    assert r"\!\[x\]\(http" in said
    assert r"\[a\]\(b\)" in said


@pytest.mark.parametrize("locale", LOCALES)
def test_a_link_out_of_bounds_is_explained_and_the_rest_is_used(visit, locale):
    app = visit("safety_stock", locale, lead_time_delay_days="999", demand_change_pct="20")
    t = LOCALES[locale]
    name = t("scenario.lead_time_delay_days")
    expected = t("error.out_of_bounds", name=name, value="999", low=0, high=90)
    assert expected in [warning.value for warning in app.warning]
    assert app.slider(key="demand_change_pct").value == 20


def test_the_language_can_be_switched(visit):
    app = visit("replenish", "zh-CN")
    app.button_group(key="lang").set_value("English").run()
    assert app.header[0].value == "Replenish"


def test_sliders_go_back_to_the_plan(visit):
    app = visit("replenish")
    at_rest = [metric.value for metric in app.metric]
    app.slider(key="lead_time_delay_days").set_value(30).run()
    assert [metric.value for metric in app.metric] != at_rest
    next(button for button in app.button if button.label == "Back to the plan").click().run()
    assert [metric.value for metric in app.metric] == at_rest


def test_services_with_equal_arguments_keep_their_own_answers():
    """Closures of one factory share Streamlit's function key unless they are named apart."""

    def first(_store, word):
        return f"first {word}"

    def second(_store, word):
        return f"second {word}"

    ask_first, ask_second = session.kept(first), session.kept(second)
    answers = [ask(None, "v1", "x") for ask in (ask_first, ask_second, ask_first)]
    assert answers == ["first x", "second x", "first x"]


MARKUP = ["![x](http://a.b)", "**bold**", "$x$", ":red[x]", "<b>", "[a](b)"]


@pytest.mark.parametrize("text", MARKUP)
def test_names_out_of_data_are_not_markup(text):
    shown = plain.literal(text)
    assert shown.replace("\\", "").replace("\u2060", "") == text
    assert all(shown[place - 1] == "\\" for place, sign in enumerate(shown) if sign in "[]*$:<")
