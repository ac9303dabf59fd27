"""Reports of a review: what stands in them, and what cannot get out of them."""

import re
from dataclasses import replace
from datetime import timedelta

import pandas as pd
import pytest

from analytics import reporting
from analytics.i18n import LANGUAGES, Translator
from analytics.reporting import review as told
from analytics.services import ledger, reviewing, workspaces
from analytics.store import Store
from tests.reporting.test_delay_report import HOSTILE, _Tags, assert_harmless, cells, opened
from tests.services import shops
from tests.services.test_review_decisions import DECIDED, decided, filled


@pytest.fixture(scope="module")
def month():
    with workspaces.open_sample() as store:
        yield reviewing.review(store, span="month")


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A shop with one decision that can be judged."""
    with Store.open(tmp_path_factory.mktemp("shop") / "own") as store:
        filled(store)
        line = decided(store, 40.0, reason="cash")
        ledger.receive(store, {line: 40.0}, received_on=DECIDED + timedelta(days=10))
        yield reviewing.review(store, span="month")


def text_of(page):
    return " ".join(_Tags(page).text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_says_what_happened(month, language):
    t = Translator(language)
    page = reporting.review_html(t, month, reporting.Made(version="abc123", is_sample=True))
    assert_harmless(page)
    text = text_of(page)
    assert page.count("<svg") == 3
    assert page.count("aria-label=") >= 3
    for figure in told.figures(t, month):
        assert figure.label in text
        assert figure.value in text
    for part in (told.title(t, month), *told.said(t, month), t("report.sample"), "abc123"):
        assert part in text
    assert "nan" not in re.findall(r"[a-z]+", text.casefold())
    codes = {*month.changes["measure"], *month.slow["moved"], *month.orders["event"]}
    assert not {code for code in codes if "_" in code and code in text}


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_decision_was_worth_stands_in_it_with_a_picture(small, language):
    t = Translator(language)
    page = reporting.review_html(t, small, reporting.Made())
    text = text_of(page)
    assert t("review_report.picture_worth") in text
    assert t.money(small.decisions["worth"].iloc[0], "USD") in text
    assert t("review_state.so_far") in text


def test_each_language_is_written_in_itself(small):
    texts = {language: text_of(reporting.review_html(Translator(language), small, reporting.Made()))
             for language in LANGUAGES}  # fmt: skip
    assert not re.search("[一-鿿]", re.sub(r"\{[^}]*\}", "", texts["en"]))
    assert len(re.findall("[一-鿿]", texts["zh"])) > 200


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_workbook_holds_every_row(month, language):
    t = Translator(language)
    book = opened(reporting.review_xlsx(t, month, reporting.Made(version="v")))
    frames = {
        "changes": month.changes, "accuracy": month.accuracy.items, "service": month.service,
        "slow": month.slow, "orders": month.orders, "groups": month.groups,
    }  # fmt: skip
    for name, frame in frames.items():
        assert book[t(f"review_report.sheet_{name}")].max_row == len(frame) + 1
    rows = list(book[t("review_report.sheet_accuracy")].values)
    sheet = pd.DataFrame(rows[1:], columns=rows[0])
    assert sheet[t("column.forecast")].sum() == pytest.approx(
        month.accuracy.items["forecast"].sum()
    )
    heads = {cell.value for page in book for cell in page[1]}
    codes = {str(head) for head in heads if re.fullmatch("[a-z]+(_[a-z]+)+", str(head))}
    assert codes == set()  # every heading is in words


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_stands_there_as_it_is_and_does_nothing(small, name):
    t = Translator("en")

    def renamed(frame):
        known = [column for column in ("sku", "market", "name", "note", "who") if column in frame]
        return frame.assign(**dict.fromkeys(known, name))

    accuracy = replace(small.accuracy, items=renamed(small.accuracy.items))
    hostile = replace(
        small,
        accuracy=accuracy,
        decisions=renamed(small.decisions),
        slow=renamed(small.slow),
        groups=small.groups.assign(group=name),
    )
    page = reporting.review_html(t, hostile, reporting.Made(version="v"))
    assert_harmless(page)
    assert name in text_of(page)
    book = opened(reporting.review_xlsx(t, hostile, reporting.Made(version="v")))
    mine = [cell for cell in cells(book) if cell.value == name]
    assert mine
    assert {cell.data_type for cell in mine} == {"s"}  # text, no formula
    assert all(cell.hyperlink is None for cell in mine)


@pytest.mark.parametrize("language", LANGUAGES)
def test_sales_alone_have_a_report(tmp_path, language):
    t = Translator(language)
    with Store.open(tmp_path / "own") as store:
        store.load([shops.sales()])
        found = reviewing.review(store)
    page = reporting.review_html(t, found, reporting.Made())
    assert_harmless(page)
    assert t("review.said_no_stock") in text_of(page)
    words = set(re.findall(r"[a-z]+", text_of(page).casefold()))
    assert not {"nan", "inf", "nat"} & words
    assert ">None<" not in page
    book = opened(reporting.review_xlsx(t, found, reporting.Made()))
    assert not [cell for cell in cells(book) if str(cell.value).casefold() in ("nan", "inf", "nat")]


def test_the_same_answer_gives_the_same_file(small):
    t, made = Translator("zh"), reporting.Made(version="v")
    for draw in (reporting.review_html, reporting.review_xlsx):
        assert draw(t, small, made) == draw(t, small, made)
