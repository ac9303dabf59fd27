"""The order board as a reader meets it: what is due, an item opened, and the calendar."""

from datetime import date

import pandas as pd
import pytest

from analytics.i18n import Translator
from analytics.scenario import Scenario
from analytics.services import ordering, orders_ahead, replenishment, workspaces
from pages.shared import ordering as views
from pages.shared import render

LOCALES = {"zh-CN": Translator("zh"), "en-GB": Translator("en")}


@pytest.fixture(scope="module")
def sample():
    with workspaces.open_sample() as store:
        yield store


def choose(monkeypatch, *numbers):
    """Let the reader have chosen rows of the board: the test tool cannot click into a table."""
    drawn = render.choices

    def chosen(t, frame, columns, name, **more):
        drawn(t, frame, columns, name, **more)
        return [frame.iloc[number].to_dict() for number in numbers]

    monkeypatch.setattr(render, "choices", chosen)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("view", views.VIEWS)
def test_every_view_opens_on_the_sample(visit, locale, view):
    app = visit("replenish", locale)
    app.button_group(key="view").set_value(view).run()
    assert not app.exception
    assert not app.error
    t = LOCALES[locale]
    assert app.header[0].value == t("page.replenish")
    words = [*(text.value for text in app.markdown), *(text.value for text in app.caption)]
    assert not any("{" in word for word in words)


def test_the_figures_are_those_of_the_plan(visit, sample):
    app = visit("replenish", lead_time_delay_days="14")
    plan = replenishment.plan(sample, Scenario(lead_time_delay_days=14))
    summary = replenishment.summary(plan)
    threatened = plan.lines["alert"].isin(["out", "runs_out"]).sum()
    shown = [metric.value for metric in app.metric]
    assert shown == [
        f"{summary.order_now:,}",
        f"{summary.units:,.0f}",
        f"{plan.currency} {plan.order_value:,.0f}",
        f"{threatened:,}",
        f"{summary.units_at_risk:,.0f}",
    ]  # all stock of the sample is known


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("row", [0, 90])
def test_an_item_opens(visit, monkeypatch, sample, locale, row):
    choose(monkeypatch, row)
    app, t = visit("replenish", locale), LOCALES[locale]
    assert not app.exception
    line = replenishment.plan(sample).lines.iloc[row]
    found = ordering.detail(sample, Scenario(), line["sku"], line["market"])
    said = "\n".join(text.value for text in app.markdown)
    assert t("replenish.places") in said
    assert t(f"route.{found.advice[1]['slow']}") in said
    assert "{" not in said
    assert "nan" not in said
    assert any(line["sku"] in heading.value for heading in app.subheader)
    charts = len(app.get("vega_lite_chart"))
    assert charts == 2


def test_several_lines_are_decided_together_and_none_is_opened(visit, monkeypatch):
    choose(monkeypatch, 0, 1, 2)
    app, t = visit("replenish"), LOCALES["en-GB"]
    assert not app.exception
    headings = [heading.value for heading in app.subheader]
    assert t("ledger.decide", items="3") in headings
    assert t("replenish.routes") not in headings


def test_what_was_skipped_stands_apart(visit, monkeypatch, sample):
    plan = replenishment.plan(sample)
    skipped = plan.lines.assign(is_skipped=plan.lines.index == 0)
    one = replenishment.Plan(**{**_fields(plan), "lines": skipped})
    monkeypatch.setattr(views.session, "plan", lambda _: one)
    app, t = visit("replenish"), LOCALES["en-GB"]
    assert not app.exception
    assert t("replenish.skipped", items="1") in [box.label for box in app.expander]
    boards = [table.value for table in app.dataframe if "reorder_point" in table.value]
    assert len(boards[0]) == len(plan.lines) - 1


def _fields(plan):
    return {name: getattr(plan, name) for name in plan.__slots__}


@pytest.mark.parametrize("locale", LOCALES)
def test_the_calendar_says_what_the_service_says(visit, sample, locale):
    app, t = visit("replenish", locale), LOCALES[locale]
    app.button_group(key="view").set_value("calendar").run()
    found = orders_ahead.orders_ahead(sample)
    shown = [metric.value for metric in app.metric]
    assert shown[0] == f"{found.currency} {found.paid:,.0f}"
    assert shown[1] == f"{len(found.orders):,}"
    assert t("replenish.ahead_list") in [heading.value for heading in app.subheader]
    frames = [table.value for table in app.dataframe]
    orders = next(frame for frame in frames if "deposit" in frame)
    assert len(orders) == len(found.orders)
    assert pd.Timestamp(orders["order_by"].min()).date() >= date(2026, 5, 31)
