"""Reports of the delay lab: what stands in them, and what cannot get out of them."""

import io
import re
from dataclasses import replace
from html.parser import HTMLParser

import openpyxl
import pandas as pd
import pytest

from analytics import reporting, words
from analytics.i18n import LANGUAGES, Translator
from analytics.scenario import Scenario
from analytics.services import comparing, delays, workspaces
from analytics.services.delays import MONEY_COLUMNS
from analytics.store import Store
from tests.services import shops

LATE = Scenario(lead_time_delay_days=21, disruption_chance_pct=30, disruption_days=20)
SCRIPT = "<script>alert('x')</script>"
FORMULA = '=HYPERLINK("http://evil.example","x")'
HOSTILE = (SCRIPT, FORMULA, "{{ 7 * 7 }}", "</svg><img src=x onerror=alert(1)>", "@SUM(A1)")


@pytest.fixture(scope="module")
def sample_store():
    with workspaces.open_sample() as store:
        yield store


@pytest.fixture(scope="module")
def impact(sample_store):
    return delays.impact(sample_store, LATE)


@pytest.fixture(scope="module")
def item(sample_store, impact):
    return delays.item(sample_store, LATE, *reporting.worst(impact.lines))


@pytest.fixture(scope="module")
def bare(sample_store):
    """The same without money."""
    return delays.impact(sample_store, LATE, money=False)


class _Tags(HTMLParser):
    """Every tag of a page with its attributes, and its text."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.text = [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text.append(data)


def opened(content):
    return openpyxl.load_workbook(io.BytesIO(content))


def cells(book):
    return [cell for page in book for row in page.iter_rows() for cell in row]


def assert_harmless(page):
    """Nothing in it runs, loads or leads anywhere."""
    found = _Tags(page)
    names = {tag for tag, _ in found.tags}
    assert not names & {"script", "img", "iframe", "object", "embed", "link", "form", "a", "image"}
    for tag, attributes in found.tags:
        assert not [name for name in attributes if name.startswith("on")], tag
        assert not {"href", "src", "xlink:href", "action", "srcset"} & set(attributes), tag
    assert "@import" not in page
    assert re.findall(r"url\((?!#)", page) == []  # a picture may point at parts of itself
    assert "default-src 'none'" in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_says_what_was_asked_and_what_comes_of_it(impact, item, language):
    t = Translator(language)
    made = reporting.Made(version="abc123", name="Detour in June", is_sample=True)
    page = reporting.delay_html(t, impact, made, item)
    text = " ".join(_Tags(page).text)
    assert_harmless(page)
    assert page.count("<svg") == 3
    table = comparing.differences([impact]).set_index("measure")
    short = t.number(table.loc["units_short", "c0"])
    for part in (words.scenario(t, LATE), short, impact.checksum, "abc123", "Detour in June"):
        assert part in text
    assert t("report.sample") in text
    assert str(impact.lines["sku"].iloc[0]) in text
    assert "nan" not in re.findall(r"[a-z]+", text.casefold())
    assert all(measure not in text for measure in comparing.MEASURES)  # a code is not a word


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_row_names_the_plan_that_loses_more_and_the_faster_route(impact, language):
    t = Translator(language)
    first = impact.lines.head(10)
    text = " ".join(_Tags(reporting.delay_html(t, impact, reporting.Made())).text)
    assert text.count(t("report.replanned")) == (first["stake"] == "replanned").sum() > 0
    for row in first.to_dict("records"):
        plan = "replanned_short" if row["stake"] == "replanned" else "units_short"
        assert f"→ {t.number(row[plan])}" in text
        if row["action"] == "split_by_air":
            assert f"{words.by_route(t, row['air_route'])}" in text
            assert t.date(row["air_lands_on"]) in text
    book = opened(reporting.delay_xlsx(t, impact, reporting.Made()))
    rows = list(book[t("report.sheet_items")].values)
    sheet = pd.DataFrame(rows[1:], columns=rows[0])
    sent = impact.lines["air_route"].to_numpy() != ""
    assert set(sheet.loc[sent, t("column.air_route")]) <= {
        t(f"route.{route}") for route in impact.lines.loc[sent, "air_route"]
    }
    assert sheet.loc[sent, t("column.air_lands_on")].notna().all()
    plans = {t("compare_plan.current"), t("compare_plan.replanned")}
    assert set(sheet[t("column.stake")]) == plans


def test_each_language_is_written_in_itself(impact):
    texts = {}
    for language in LANGUAGES:
        t = Translator(language)
        latin = replace(impact, lines=impact.lines.assign(name="Kettle"))
        page = reporting.delay_html(t, latin, reporting.Made())
        texts[language] = " ".join(_Tags(page).text)
        assert f'lang="{language}' in page
    assert not re.search("[一-鿿]", re.sub(r"\{[^}]*\}", "", texts["en"]))
    assert len(re.findall("[一-鿿]", texts["zh"])) > 200


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_money_no_amount_is_in_any_file(impact, bare, language):
    t, made = Translator(language), reporting.Made(version="v")
    page = reporting.delay_html(t, bare, made)
    book = opened(reporting.delay_xlsx(t, bare, made))
    told = page + " ".join(str(cell.value) for cell in cells(book))
    assert impact.currency not in told
    assert t("report.no_money") in page
    worth = impact.lines["contribution_at_risk"].dropna()
    assert all(t.number(amount) not in page for amount in worth[worth > 1000])
    heads = {cell.value for cell in cells(book)}
    assert not {words.header(t, name) for name in MONEY_COLUMNS if name in impact.lines} & heads


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_workbook_holds_every_item_and_every_order(impact, language):
    t = Translator(language)
    book = opened(reporting.delay_xlsx(t, impact, reporting.Made(version="v")))
    assert book[t("report.sheet_items")].max_row == len(impact.lines) + 1
    assert book[t("report.sheet_orders")].max_row == len(impact.orders) + 1
    figures = {row[0].value: row for row in book[t("report.sheet_figures")].iter_rows()}
    table = comparing.differences([impact]).set_index("measure")
    found = figures[t("compared.units_short")]
    assert (found[2].value, found[3].value) == pytest.approx(
        tuple(table.loc["units_short", ["at_rest", "c0"]])
    )
    about = [cell.value for cell in book[t("report.sheet_about")]["B"]]
    assert words.scenario(t, LATE) in about
    assert impact.checksum in about


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_stands_there_as_it_is_and_does_nothing(impact, item, name):
    t = Translator("en")
    lines, orders = impact.lines.copy(), impact.orders.copy()
    for column in ("sku", "name", "supplier", "market"):
        lines[column] = name
    for column in ("order_id", "sku", "name", "supplier"):
        orders[column] = name
    hostile = replace(
        impact,
        lines=lines,
        orders=orders,
        scenario=replace(LATE, only_supplier=name, only_orders=(name,)),
    )
    made = reporting.Made(version="v", name=name)
    page = reporting.delay_html(t, hostile, made, replace(item, sku=name, name=name))
    assert_harmless(page)
    assert name in " ".join(_Tags(page).text)
    book = opened(reporting.delay_xlsx(t, hostile, made))
    told = [cell for cell in cells(book) if cell.value == name]
    assert len(told) > 2 * len(lines)
    assert {cell.data_type for cell in told} == {"s"}  # text, no formula
    assert all(cell.hyperlink is None for cell in told)


def test_a_comparison_leaves_as_text_too(sample_store):
    names = [FORMULA, SCRIPT, "[a]:b*?/\\", "name", "case"]
    compared = comparing.compare(sample_store, [(name, LATE) for name in names])
    for language in LANGUAGES:
        t = Translator(language)
        book = opened(reporting.comparison_xlsx(t, compared))
        told = [cell.value for cell in cells(book) if cell.data_type != "f"]
        assert len(told) == len(cells(book))
        assert set(names) <= set(told)
        assert book[t("report.sheet_items")].max_row == len(compared.lines) + 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_at_rest_the_page_says_that_nothing_is_lost_by_it(sample_store, language):
    t = Translator(language)
    page = reporting.delay_html(t, delays.impact(sample_store), reporting.Made())
    assert_harmless(page)
    for text in ("said.at_rest", "report.no_items", "report.no_orders"):
        assert t(text) in page


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("has_stock", [True, False])
def test_a_shop_of_one_item_without_cost_has_a_report(tmp_path, language, has_stock):
    t = Translator(language)
    with Store.open(tmp_path / "own") as store:
        store.load([shops.sales(), shops.receipts(), *([shops.stock(("MUG", 50))] * has_stock)])
        found = delays.impact(store, LATE)
        page = reporting.delay_html(t, found, reporting.Made(version=store.version))
        book = opened(reporting.delay_xlsx(t, found, reporting.Made()))
    assert_harmless(page)
    text = " ".join(_Tags(page).text)
    assert not {"nan", "inf", "nat"} & set(re.findall(r"[a-z]+", text.casefold()))
    assert not [cell for cell in cells(book) if str(cell.value).casefold() in ("nan", "inf", "nat")]


def test_the_same_answer_gives_the_same_file(impact, item):
    t, made = Translator("zh"), reporting.Made(version="v")
    for draw in (reporting.delay_html, reporting.delay_xlsx):
        arguments = (t, impact, made, item) if draw is reporting.delay_html else (t, impact, made)
        assert draw(*arguments) == draw(*arguments)


def test_the_worst_item_is_one_that_loses_by_the_scenario(sample_store, impact):
    sku, market = reporting.worst(impact.lines)
    line = impact.lines.set_index(["sku", "market"]).loc[(sku, market)]
    assert line["units_short_more"] > 0
    assert reporting.worst(delays.impact(sample_store).lines) is None
    assert reporting.worst(impact.lines.iloc[:0]) is None


def test_assumptions_are_told_in_words_and_only_those_that_moved():
    told = reporting.tables.assumptions(
        Translator("en"), replace(LATE, only_stage="customs", service_level_pct=97.5)
    )
    assert told["value"].tolist() == ["21", "30", "20", "customs", "97.5"]
    assert reporting.tables.assumptions(Translator("en"), Scenario()).empty
    assert isinstance(told, pd.DataFrame)
