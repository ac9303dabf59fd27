"""What is odd is said, what is ordinary is not: gaps, jumps, lonely dates, repeated lines."""

import random
import re
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from analytics.i18n import Translator
from analytics.ingest import clean, oddities, read, recognise
from tests.ingest.making import raw

SAMPLE = Path("data/sample")
ODD = {
    *("gap", "jump", "price_jump", "future_dates", "two_currencies", "lonely_date", "equal_lines"),
    *("cost_above_price", "dates_backwards", "over_received"),
}
HEADER = ["Order ID", "Date", "SKU", "Quantity", "Price", "Currency", "Country"]
START = date(2026, 1, 1)


def lines(days, **changes):
    """Return one order line of each SKU on each of ``days``, given as numbers or dates."""
    found = []
    for number, day in enumerate(days):
        told = day if isinstance(day, date) else START + timedelta(days=day)
        one = {"order": f"O-{number:05d}", "sku": "A", "quantity": "2", "price": "19.90"}
        one |= {"currency": "USD", "market": "US"} | changes
        found.append([one.pop("order"), f"{told}", *one.values()])
    return found


def odd(rows, kind=None, header=HEADER, today=None, **changes):
    sheet = raw([header, *rows])
    cleaned = clean(sheet, recognise(sheet, kind=kind), today=today)
    found = {code: facts for code, facts in cleaned.notes if code in ODD}
    for code, facts in found.items():
        for language in ("zh", "en"):
            assert not re.search(r"[{}]", Translator(language)(f"note.{code}", **facts))
    return found


def test_a_run_of_days_without_any_row_in_a_daily_file():
    days = [*range(40), *range(52, 90)]
    facts = {"days": 12, "starts_on": "2026-02-10", "ends_on": "2026-02-21"}
    assert odd(lines(days)) == {"gap": facts}
    assert odd(lines([*range(40), *range(46, 90)])) == {}  # six days: a holiday
    assert odd(lines([*range(5), *range(17, 22)])) == {}  # too little is known of the rhythm


def test_weeks_that_are_missing_between_weekly_totals():
    weeks = [7 * week for week in (*range(30), *range(34, 60))]
    rows = [[f"{START + timedelta(days=day)}", "A", "5"] for day in weeks]
    found = odd(rows, header=["Week", "SKU", "Quantity"])
    assert found["gap"]["days"] == 28


@pytest.mark.parametrize("share", [0.5, 0.2, 0.05])
def test_a_file_that_sells_rarely_has_no_gaps(share):
    for seed in range(6):
        chance = random.Random(seed)
        days = [day for day in range(720) if chance.random() < share]
        assert "gap" not in odd(lines(days))


def test_closed_on_weekends_and_off_season_is_the_rhythm():
    weekdays = [day for day in range(200) if (START + timedelta(days=day)).weekday() < 5]
    assert odd(lines(weekdays)) == {}
    season = [day for day in range(1100) if day % 365 < 240]
    assert "gap" not in odd(lines(season))


def test_a_date_far_from_all_others_is_lonely_and_no_gap():
    rows = lines([*range(60), date(2016, 5, 4)])
    facts = {
        "count": 1,
        "date": "2016-05-04",
        "starts_on": "2026-01-01",
        "ends_on": "2026-03-01",
    }
    assert odd(rows) == {"lonely_date": facts}
    years_apart = lines([*range(60), *range(3000, 3060)])
    assert "lonely_date" not in odd(years_apart)


def test_a_quantity_that_is_fifty_times_the_usual():
    rows = lines(range(60))
    rows[30][3] = "100"
    facts = {"sku": "A", "row": 32, "value": 100, "usual": 2, "count": 1}
    assert odd(rows) == {"jump": facts}
    rows[30][3] = "99"
    assert odd(rows) == {}
    assert odd([*rows[:5], [*rows[5][:3], "500", *rows[5][4:]]]) == {}  # too few lines to say so
    wholesale = lines(range(60))
    for row in wholesale[::10]:
        row[3] = "200"  # a custom of this SKU
    assert odd(wholesale) == {}


def test_a_jump_is_measured_against_the_skus_own_lines():
    rows = [*lines(range(30), quantity="1"), *lines(range(30), sku="B", quantity="80")]
    for number, row in enumerate(rows):
        row[0] = f"P-{number}"
    assert odd(rows) == {}
    rows[3][3] = "-60"  # a return of that many is no less odd
    assert odd(rows)["jump"]["value"] == 60


def test_a_price_in_cents_among_prices():
    rows = lines(range(30))
    rows[7][4] = "1990"
    facts = {"sku": "A", "row": 9, "value": 1990, "usual": 19.9, "count": 1}
    assert odd(rows) == {"price_jump": facts}
    rows[7][4:6] = ["2990", "JPY"]
    assert "price_jump" not in odd(rows)


def test_dates_in_the_future_are_counted():
    rows = lines([*range(30), date(2062, 1, 1)])
    found = odd(rows, today=date(2026, 6, 1))
    assert found == {"future_dates": {"count": 1, "example": "2062-01-01"}}


def test_two_currencies_in_one_market_are_odd_and_in_two_markets_are_not():
    rows = [*lines(range(3)), *lines(range(3, 5), currency="EUR")]
    assert odd(rows) == {"two_currencies": {"currencies": "USD (3), EUR (2)"}}
    rows = [*lines(range(3)), *lines(range(3, 5), currency="EUR", market="DE")]
    assert odd(rows) == {}
    nowhere = [row[:-1] for row in [*lines(range(3)), *lines(range(3, 5), currency="EUR")]]
    assert "two_currencies" in odd(nowhere, header=HEADER[:-1])


def test_lines_that_are_there_twice_are_kept_and_said():
    rows = lines(range(30))
    assert odd([*rows, rows[3], rows[4], rows[4]]) == {"equal_lines": {"count": 3, "row": 32}}
    assert odd([*rows, [*rows[3][:4], "18.90", *rows[3][5:]]]) == {}


def test_lines_that_differ_in_a_column_that_is_not_read_are_not_equal():
    header = [*HEADER, "Line"]
    rows = [[*row, f"{number}"] for number, row in enumerate([*lines(range(9)), *lines(range(9))])]
    assert odd(rows, header=header) == {}


def test_equal_lines_without_order_numbers_are_odd_only_if_the_sheet_is_there_twice():
    rows = [row[1:] for row in lines(range(30))]
    header = HEADER[1:]
    assert odd([*rows, rows[3]], header=header) == {}
    assert odd([*rows, *rows], header=header)["equal_lines"]["count"] == 30


def test_repeated_orders_are_found_in_a_big_sheet_too(monkeypatch):
    monkeypatch.setattr(oddities, "_SMALL", 100)
    rows = lines(range(700))
    assert odd([*rows, *rows[:650]])["equal_lines"] == {"count": 650, "row": 702}
    assert "equal_lines" not in odd(rows)
    bare = [row[1:] for row in rows]
    assert odd([*bare, *bare], header=HEADER[1:])["equal_lines"]["count"] == 700
    assert "equal_lines" not in odd([*bare, *bare[:100]], header=HEADER[1:])


def test_products_that_cost_more_than_they_bring():
    header = ["SKU", "Name", "Unit Cost", "Price"]
    rows = [[f"S{i}", f"Mug {i}", "5.5", "19.9"] for i in range(9)]
    facts = {"count": 1, "sku": "S9", "unit_cost": 25.5, "price": 19.9}
    dear = ["S9", "Mug 9", "25.5", "19.9"]
    assert odd([*rows, dear], "products", header) == {"cost_above_price": facts}
    assert (
        odd([dear, *rows[:2]], "products", header) == {}
    )  # costs in one currency, prices in another


def test_orders_whose_dates_or_quantities_run_backwards():
    header = ["PO", "SKU", "Quantity", "Ordered On", "Received On", "Quantity Received"]
    rows = [[f"P{i}", "A", "100", "2026-01-05", "2026-02-05", "100"] for i in range(5)]
    assert odd(rows, "purchase_orders", header) == {}
    rows[2][4] = "2025-12-30"
    rows[3][5] = "130"
    assert odd(rows, "purchase_orders", header) == {
        "dates_backwards": {
            "count": 1,
            "row": 4,
            "step": "2025-12-30",
            "ordered_on": "2026-01-05",
        },
        "over_received": {"count": 1, "sku": "A", "quantity_received": 130, "quantity": 100},
    }


@pytest.mark.parametrize(
    "name",
    [
        *("amazon_us.txt", "orders_us.xlsx", "orders_de_id.xlsx", "stock.csv", "products.xlsx"),
        *("purchase_orders.xlsx", "rates.csv", "events.csv"),
    ],
)
def test_the_sample_seller_has_nothing_odd(name, tmp_path):
    for sheet in read(SAMPLE / name, name, workdir=tmp_path):
        cleaned = clean(sheet, recognise(sheet), today=date(2026, 6, 1))
        assert cleaned.rows.num_rows
        assert [note for note in cleaned.notes if note[0] in ODD] == []


def test_a_lumpy_catalogue_with_a_season_has_nothing_odd():
    rng = np.random.default_rng(5)
    rows = []
    for day in range(365):
        season = 1 + 0.9 * np.sin(2 * np.pi * day / 365)
        for sku in range(40):
            if rng.random() < 0.08 * season:  # few orders, of very different sizes
                size = int(np.ceil(rng.lognormal(1.0, 0.9)))
                price = f"{9 + sku * 11:.2f}"
                told = f"{START + timedelta(days=day)}"
                rows.append([f"L-{len(rows)}", told, f"S{sku}", f"{size}", price, "USD", "US"])
    assert len(rows) > 500
    assert odd(rows) == {}
