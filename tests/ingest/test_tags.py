"""Currencies that stand in the cells of prices."""

from dataclasses import replace

import pytest

from analytics.i18n import Translator
from analytics.ingest import clean, recognise
from tests.ingest.making import raw

DAY = "2026-06-01"


def read(*prices, country="DE", chosen=None, more=()):
    header = ["Date", "SKU", "Qty", "Country", "Price", *more[:1]]
    sheet = raw([header, *([DAY, "A", "1", country, price, *more[1:]] for price in prices)])
    found = clean(sheet, replace(recognise(sheet), currency=chosen))
    for code, facts in found.notes:
        for language in ("en", "zh"):
            assert Translator(language)(f"note.{code}", **facts)
    return set(found.rows["currency"].to_pylist()), {code for code, _ in found.notes}


@pytest.mark.parametrize(
    ("prices", "country", "currency"),
    [
        (["1,50 €", "2,75 €"], "DE", "EUR"),
        (["12.5元", "0"], "DE", "CNY"),
        (["¥12.50", "¥9.99"], "CN", "CNY"),
        (["¥1250", "¥990"], "JP", "JPY"),
        (["$29.99", "-$3.50"], "US", "USD"),
        (["A$29.99", "A$3.50"], "DE", "AUD"),
        (["29.99 USD", "3.50 USD"], "DE", "USD"),
        (["£3.50", ""], "GB", "GBP"),
    ],
)
def test_the_sign_of_all_prices_is_the_rows_currency(prices, country, currency):
    assert read(*prices, country=country) == ({currency}, {"currency_by_sign"})


@pytest.mark.parametrize("prices", [["$29.99", "$3.50"], ["€3.50", "4.20"], ["3.50", "4.20"]])
def test_a_sign_of_many_currencies_or_of_some_prices_tells_nothing(prices):
    assert read(*prices) == ({None}, set())


def test_several_signs_are_pointed_at():
    assert read("€3.50", "£4.20") == ({None}, {"mixed_signs"})


def test_a_column_or_a_person_knows_better():
    assert read("€3.50", chosen="PLN") == ({"PLN"}, set())
    assert read("€3.50", more=("Currency", "CHF"))[0] == {"CHF"}


def test_costs_and_prices_of_products_may_differ():
    sheet = raw([["SKU", "品名", "采购价", "售价"], ["A", "杯子", "¥5.50", "€9.90"]])
    found = clean(sheet, recognise(sheet))
    assert found.rows["currency"].to_pylist() == [None]
    assert found.notes[-1] == ("mixed_signs", {"currencies": "¥, €"})
