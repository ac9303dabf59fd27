"""The review page: both languages, all views, with and without what it needs."""

import io
from datetime import timedelta

import openpyxl
import pytest
from streamlit.testing.v1 import AppTest

from analytics.i18n import LANGUAGES, MISSING, Translator
from analytics.reporting import review as reporting
from analytics.services import reviewing, stock_take, workspaces
from pages.shared import session
from tests.services import shops
from tests.services.test_review_decisions import DECIDED, decided, filled

LOCALES = {"zh-CN": Translator("zh"), "en-GB": Translator("en")}


@pytest.fixture(scope="module")
def store():
    with workspaces.open_sample() as opened:
        for span in reviewing.SPANS:  # so that the page finds it known: that is what is looked at
            reviewing.review(opened, span=span)
        yield opened


def said(app: AppTest) -> str:
    return " ".join(text.value for text in (*app.markdown, *app.caption, *app.info))


def awaited(app: AppTest) -> AppTest:
    """Run until the review is there: the first look runs beside the page."""
    for _ in range(100):
        if "review_job" not in app.session_state or app.session_state["review_job"] is None:
            return app
        app.session_state["review_job"].is_done_within(30)
        app.run()
    return app


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("span", reviewing.SPANS)
def test_a_period_is_told_in_figures_and_sentences(visit, store, locale, span):
    t = LOCALES[locale]
    app = awaited(visit("review", locale))
    if span == "month":
        app.session_state["view"] = "month"
        app = awaited(app.run())
    assert not app.exception
    found = reviewing.review(store, span=span)
    assert reporting.title(t, found) in [text.value for text in app.subheader]
    figures = {metric.label: metric.value for metric in app.metric}
    assert figures == {figure.label: figure.value for figure in reporting.figures(t, found)}
    for sentence in reporting.said(t, found):
        assert sentence in said(app)
    shown = app.dataframe[0].value
    assert len(shown) == len(found.changes)
    assert all("nan" not in str(cell).casefold() for cell in figures.values())


@pytest.mark.parametrize("locale", LOCALES)
def test_the_sheet_for_a_stock_take_is_by_month(visit, store, locale):
    t = LOCALES[locale]
    app = visit("review", locale, view="stock_take")
    app.session_state["view"] = "stock_take"
    app.run()
    assert not app.exception
    newest = stock_take.sheet(store, stock_take.months(store)[0])
    figures = {metric.label: metric.value for metric in app.metric}
    counted = t.number(newest.totals()["items_counted"])
    assert figures[t("review.items_counted")] == counted
    app.selectbox(key="stock_take_month").select_index(1).run()
    earlier = stock_take.sheet(store, stock_take.months(store)[1])
    assert app.dataframe[0].value.iloc[:, 5].tolist() == earlier.items["sold"].tolist()


def test_the_replay_stands_here_too(visit):
    app = visit("review", "en-GB")
    app.session_state["view"] = "replay"
    app.run()
    assert not app.exception
    assert LOCALES["en-GB"]("replay.title") in [text.value for text in app.subheader]


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A workspace of one's own; what is loaded is shown."""
    monkeypatch.setenv("LEEWAY_WORKSPACE", str(tmp_path / "own"))
    session.own_store.clear()
    yield session.own_store()
    session.own_store().close()
    session.own_store.clear()


@pytest.mark.parametrize("locale", ["zh-CN"])
def test_what_a_decision_was_worth_is_shown(visit, own, locale):
    t = LOCALES[locale]
    filled(own)
    line = decided(own, 40.0, reason="cash")
    own.act_on("receive", {line: 40.0}, acted_on=DECIDED + timedelta(days=10))
    app = awaited(visit("review", locale))
    assert not app.exception
    found = reviewing.review(own, span="week")
    figures = {metric.label: metric.value for metric in app.metric}
    assert figures[t("review_figure.worth")] == t.money(found.worth["worth"], "USD")
    assert found.worth["worth"] < -200
    tables = [frame.value for frame in app.dataframe]
    told = next(table for table in tables if t("review_state.so_far") in table.to_numpy())
    assert t("ledger_act.change") in told.to_numpy()


@pytest.mark.parametrize(("locale", "days"), [("zh-CN", 4), ("en-GB", 60)])
def test_sales_alone_are_enough(visit, own, locale, days):
    t = LOCALES[locale]
    own.load([shops.sales(days=days)])
    app = awaited(visit("review", locale))
    for view in ("month", "stock_take", "replay"):
        app.session_state["view"] = view
        app = awaited(app.run())
        assert not app.exception
        assert not app.error
    app.session_state["view"] = "month"
    app = awaited(app.run())
    if days == 60:
        assert t("review.said_no_stock") in said(app)
        assert MISSING in {metric.value for metric in app.metric}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_sheet_can_be_written_into(store, language):
    t = Translator(language)
    found = stock_take.sheet(store, stock_take.months(store)[0])
    book = openpyxl.load_workbook(io.BytesIO(reporting.stock_take_xlsx(t, found)))
    page = book[t("review_report.sheet_stock_take")]
    heads = [cell.value for cell in page[1]]
    blank = heads.index(t("column.count_by_hand"))
    assert {row[blank].value for row in page.iter_rows(min_row=2)} == {None}
    assert page.max_row == len(found.items) + 1
