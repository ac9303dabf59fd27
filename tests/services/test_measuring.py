"""The measures, from files to figures: against a pencil, and whatever is missing."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from analytics.errors import OutOfBoundsError
from analytics.i18n import LANGUAGES, Translator
from analytics.services import importing, measured_trend, measuring, past_stock, planning
from analytics.services.importing import Upload
from analytics.services.measuring import MEASURES
from analytics.store import Store
from tests.services import shops
from tests.services.shops import LAST
from tests.store.sheets import sheet

EARLIER = [(LAST - timedelta(days=ago)).isoformat() for ago in range(120, 3, -1)]


def lines(heading, *rows):
    return "\n".join([heading, *(",".join(map(str, row)) for row in rows)]).encode()


# Stock at the end of 27 May: 10 mugs, 1 bowl, 20 vases. Then, by day:
#
#         |  28 May  |  29 May  |  30 May            |  31 May  |  mean
#   MUG   |  sells 2 |  sells 3 |  4 come            |  sells 5 |
#         |  8 stand |  5 stand |  9 stand           |  4 stand |  26 / 4 = 6.5, at 5.00 = 32.50
#   BOWL  |  sells 1, and is out on the three days after                  |   0
#   VASE  |  20 stand, and have not sold since February                   |  20, at 10.00 = 200.00
#
# A mug costs 5.00 and sells at 8.00, a bowl 2.00 and 3.00, a vase 10.00 and 15.00.
FILES = [
    Upload(
        "sales.csv",
        lines(
            "date,sku,quantity,market",
            *((day, "MUG", 1, "US") for day in EARLIER),
            (EARLIER[0], "VASE", 1, "US"),
            (EARLIER[-1], "BOWL", 1, "US"),
            ("2026-05-28", "MUG", 2, "US"), ("2026-05-29", "MUG", 3, "US"),
            ("2026-05-31", "MUG", 5, "US"), ("2026-05-28", "BOWL", 1, "US"),
        ),
    ),
    Upload(
        "stock.csv",
        lines(
            "date,sku,market,on_hand",
            ("2026-05-27", "MUG", "US", 10), ("2026-05-27", "BOWL", "US", 1),
            ("2026-05-27", "VASE", "US", 20),
        ),
    ),
    Upload(
        "products.csv",
        lines(
            "sku,name,category,supplier,unit_cost,price,currency",
            ("MUG", "Mug", "Kitchen", "Hua", 5, 8, "USD"),
            ("BOWL", "Bowl", "Kitchen", "Hua", 2, 3, "USD"),
            ("VASE", "Vase", "Living", "Ming", 10, 15, "USD"),
        ),
    ),
    Upload(
        "purchase_orders.csv",
        lines(
            "order_id,sku,market,supplier,quantity,quantity_received,ordered_on,received_on",
            ("P1", "MUG", "US", "Hua", 4, 4, "2026-04-20", "2026-05-30"),
        ),
    ),
]  # fmt: skip


@pytest.fixture(scope="module")
def pencil(tmp_path_factory):
    """The shop above, imported from files as a seller would."""
    with Store.open(tmp_path_factory.mktemp("pencil") / "own") as store:
        importing.load(store, importing.stage(store, FILES))
        yield store


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "own") as opened:
        yield opened


def test_the_four_measures_to_the_cent(pencil):
    found = measuring.measures(pencil, days=4)
    assert (found.starts_on, found.as_of, found.days) == (date(2026, 5, 28), LAST, 4)
    goods = 10 * 5.00 + 1 * 2.00 + 0 * 10.00
    stock = 32.50 + 0.00 + 200.00
    assert (goods, stock) == (52.00, 232.50)
    turnover = found.facts["inventory_turnover"]
    assert turnover.denominator == pytest.approx(232.50, abs=1e-9)
    assert turnover.numerator == pytest.approx(52.00 * 365 / 4, abs=1e-9)  # 4,745.00 a year
    assert turnover.value == pytest.approx(4745.00 / 232.50, abs=1e-9)  # 20.41 times
    assert round(turnover.value, 2) == 20.41
    days = found.facts["days_of_inventory"]
    assert (round(days.numerator, 2), round(days.denominator, 2)) == (232.50, 13.00)
    assert round(days.value, 2) == 17.88
    slow = found.facts["slow_share"]
    assert (slow.numerator, slow.denominator, slow.value) == (1.0, 3.0, 1 / 3)  # the vase
    # No file tells which orders found nothing: the bowl, which sells one on a day in stock,
    # missed three of the 10 + 1 + 3 units that were wanted.
    assert np.isnan(found.value("stockout_rate"))
    assert found.missing["stockout_rate"] == ("orders",)
    stand_in = found.facts[measuring.STANDS_IN["stockout_rate"]]
    assert (stand_in.numerator, stand_in.denominator) == (3.0, 14.0)
    assert stand_in.value == pytest.approx(3 / 14)


def test_their_honest_variants_to_the_cent(pencil):
    found = measuring.measures(pencil, days=4)
    assert found.value("slow_share_stocked") == 1 / 2  # of mug and vase
    assert found.value("stock_value") == 4 * 5.00 + 20 * 10.00
    assert found.value("slow_share_value") == pytest.approx(200 / 220)
    assert found.value("stockout_share") == pytest.approx(3 / 12)
    assert found.value("in_stock_rate") == pytest.approx(11 / 14)
    earned = 10 * 3.00 + 1 * 1.00
    assert found.value("gmroi") == pytest.approx(earned * 365 / 4 / 232.50)
    assert found.value("sell_through") == pytest.approx(11 / (10 + 4 + 1 + 20))
    ahead = found.items["demand_ahead"].sum()
    assert found.value("weeks_of_cover") == pytest.approx(24 / ahead)
    assert found.currency == "USD"
    assert not any(found.missing[code] for code in MEASURES if code != "stockout_rate")


def test_each_item_carries_what_the_pencil_wrote_down(pencil):
    items = measuring.measures(pencil, days=4).items.set_index("sku")
    named = ["sold", "cost_of_goods", "mean_stock", "mean_value", "stock_now", "value_now",
             "days_active", "days_known", "days_out", "opening", "received", "unit_cost",
             "price"]  # fmt: skip
    assert items.loc["MUG", named].tolist() == [10, 50, 6.5, 32.5, 4, 20, 4, 4, 0, 10, 4, 5, 8]
    assert items.loc["BOWL", named].tolist() == [1, 2, 0, 0, 0, 0, 4, 4, 3, 1, 0, 2, 3]
    assert items.loc["VASE", named].tolist() == [0, 0, 20, 200, 20, 200, 4, 4, 0, 20, 0, 10, 15]
    assert items["status"].to_dict() == {"BOWL": "none", "MUG": "none", "VASE": "dead"}


def test_groups_and_the_items_behind(pencil):
    found = measuring.measures(pencil, None, "category", days=4)
    table = found.table.set_index("group")
    assert found.table["is_all"].tolist() == [True, False, False]
    assert table.loc["Kitchen", "inventory_turnover"] == pytest.approx(4745 / 32.5)
    assert table.loc["Living", "inventory_turnover"] == 0.0
    assert table.loc["Kitchen", "stock_value"] + table.loc["Living", "stock_value"] == 220.0
    behind = measuring.items_behind(found, "inventory_turnover")
    assert behind["sku"].tolist() == ["VASE", "MUG", "BOWL"]
    assert behind["below"].tolist() == [200.0, 32.5, 0.0]
    assert behind["value"].iloc[1] == pytest.approx(50 * 365 / 4 / 32.5)
    out = measuring.items_behind(found, "stockout_demand_share")
    assert out["sku"].iloc[0] == "BOWL"
    assert out[["above", "below"]].iloc[0].tolist() == [3.0, 4.0]


def test_money_by_place_and_age_adds_up_to_the_stock(pencil):
    found = measuring.measures(pencil, days=4)
    here = found.cash_places.loc[found.cash_places["is_on_hand"]]
    assert here["value"].sum() == found.cash_ages["value"].sum() == found.value("stock_value")
    assert here["units"].sum() == found.cash_ages["units"].sum() == 24
    young = found.cash_ages.loc[found.cash_ages["over"] == 0]
    assert young["units"].sum() == 4  # the mugs that came on 30 May; nobody knows of the vases
    assert found.cash_ages.loc[found.cash_ages["over"].isna(), "units"].sum() == 20


def test_a_period_longer_than_the_files_is_shortened_and_said(pencil):
    found = measuring.measures(pencil)
    assert found.days == 121
    assert dict(found.notes)["annualised"] == {"days": 121}
    assert dict(found.notes)["freight_left_out"] == {"items": 3}
    assert dict(found.notes)["price_listed"] == {"items": 3}
    known = dict(found.notes)["stock_part"]["share"]  # counted once; rolled 14 days back
    items = found.items.set_index("sku")
    assert known == pytest.approx(items["days_known"].sum() / items["days_active"].sum())
    sold = 117 + 10
    assert items.loc["MUG", "cost_of_goods"] == 5 * sold


@pytest.mark.parametrize("by", measuring.BY)
def test_every_group_of_the_sample_adds_up(sample_store, by):
    found = measuring.measures(sample_store, None, by)
    rows = found.table.loc[~found.table["is_all"]]
    if by:
        assert rows["items"].sum() == found.table["items"].iloc[0]
        assert rows["stock_value"].sum() == pytest.approx(found.value("stock_value"))
    assert found.by == by
    for code in MEASURES:
        fact = found.facts[code]
        value = fact.numerator if code == "stock_value" else fact.numerator / fact.denominator
        assert fact.value == pytest.approx(value, nan_ok=True)
        assert fact.items_used + fact.items_left_out == len(found.items)
        behind = measuring.items_behind(found, code)
        assert behind["above"].sum() == pytest.approx(np.nan_to_num(fact.numerator))


def test_the_sample_in_one_piece(sample_store):
    found = measuring.measures(sample_store)
    basis = planning.basis(sample_store)
    assert found.days == 365
    assert found is measuring.measures(sample_store)
    on_hand = basis.positions["on_hand"].to_numpy()
    assert found.items["stock_now"].to_numpy() == pytest.approx(on_hand)
    here = found.cash_places.loc[found.cash_places["is_on_hand"], "value"].sum()
    assert here == pytest.approx(found.value("stock_value"))
    assert found.cash_ages["value"].sum() == pytest.approx(found.value("stock_value"))
    assert found.value("inventory_turnover") * found.value("days_of_inventory") == (
        pytest.approx(365.0)
    )
    slow = basis.tiers["status"].isin(["slow", "dead"]).sum()
    assert found.facts["slow_share"].numerator == slow


def test_the_course_has_whole_months_and_ends_on_today_s_stock(sample_store):
    found = measuring.measures(sample_store)
    table = found.trend.set_index(["month", "measure"])["value"].unstack()  # noqa: PD010
    assert list(table.index) == list(pd.date_range("2025-06-01", periods=12, freq="MS"))
    assert set(table) == set(measuring.TREND)
    assert table["stock_value"].iloc[-1] == pytest.approx(found.value("stock_value"))
    turned = (table["inventory_turnover"] * table["days_of_inventory"]).to_numpy()
    assert turned == pytest.approx(np.full(12, 365.0))
    months = measuring.measures(sample_store, date(2026, 5, 30)).trend["month"]
    assert months.max() == pd.Timestamp("2026-04-01")


def test_a_past_month_is_judged_as_today_is(sample_store):
    """The rule of the past, put to today, agrees with that of the forecast on nine of ten items."""
    basis = planning.basis(sample_store)
    ledger = past_stock.days(basis)
    rule = measured_trend.Rule.of(basis)
    then = measured_trend.slow(rule, ledger, ledger.n_days, basis.outlook.as_of)
    assert (then == ledger.is_slow).mean() > 0.9


LACKING = {
    "stock": [c for c in MEASURES if c != "stockout_rate"],
    "products": ["inventory_turnover", "days_of_inventory", "slow_share_value", "gmroi",
                 "stock_value"],
    "purchase_orders": ["sell_through"],
}  # fmt: skip


@pytest.mark.parametrize("table", LACKING)
def test_what_cannot_be_said_names_the_table_that_is_missing(store, table):
    files = [file for file in FILES if file.name != f"{table}.csv"]
    importing.load(store, importing.stage(store, files))
    found = measuring.measures(store, days=4)
    told = [code for code in MEASURES if table in found.missing[code]]
    assert told == LACKING[table]
    assert all(np.isnan(found.value(code)) for code in told)
    assert [c for c in MEASURES if np.isnan(found.value(c))] == [
        code for code in MEASURES if found.missing[code]
    ]


def test_sales_alone_are_enough_to_be_told_what_else_is_needed(store):
    importing.load(store, importing.stage(store, FILES[:1]))
    for by in measuring.BY:
        found = measuring.measures(store, None, by)
        assert found.table[list(MEASURES)].isna().all(axis=None)
        assert all(found.missing.values())
        assert found.cash_places.empty
        assert found.cash_ages.empty
        assert found.trend.empty
        assert len(measuring.items_behind(found, "slow_share")) == 3


def test_items_whose_cost_or_stock_is_unknown_are_left_out_and_said(store):
    store.load(
        [shops.sales("MUG"), shops.sales("CUP"), shops.sales("JAR"),
         shops.stock(("MUG", 40.0), ("CUP", 40.0)),
         shops.products({"sku": "MUG", "unit_cost": 5.0, "currency": "CNY"},
                        {"sku": "JAR", "unit_cost": 5.0, "currency": "CNY"})]
    )  # fmt: skip
    found = measuring.measures(store)
    turnover = found.facts["inventory_turnover"]
    assert (turnover.items_used, turnover.items_left_out) == (1, 2)
    assert dict(found.notes)["cost_left_out"] == {"items": 1}
    assert found.value("stock_value") == 200.0
    assert found.value("slow_share") == 0.0
    assert found.facts["slow_share"].items_left_out == 1


def test_costs_in_another_currency_are_converted_or_left_out_and_said(store):
    goods = shops.products({"sku": "MUG", "unit_cost": 5.0, "currency": "CNY"},
                           {"sku": "CUP", "unit_cost": 2.0, "currency": "USD"},
                           {"sku": "JAR", "unit_cost": 2.0, "currency": "CNY"})  # fmt: skip
    stock = shops.stock(("MUG", 10.0), ("CUP", 10.0), ("JAR", 10.0))
    store.load([shops.sales("MUG"), shops.sales("CUP"), shops.sales("JAR"), stock, goods])
    found = measuring.measures(store)
    assert found.value("stock_value") == 70.0
    assert dict(found.notes)["rate_left_out"] == {"items": 1}
    store.load([shops.rates(("USD", 3, 7.0))])
    again = measuring.measures(store)
    assert again.value("stock_value") == 70.0 + 140.0
    assert "rate_left_out" not in dict(again.notes)


def test_margin_goes_by_what_was_paid_and_not_by_the_price_list(store):
    """A mug is listed at 8.00 and went at 6.00, then at 1.00 USD, which is 7.00."""
    mugs = {"sku": "MUG", "quantity": 3.0}
    priced = [
        sheet({**mugs, "date": "2026-05-28", "unit_price": 6.0}, currency="CNY"),
        sheet({**mugs, "date": "2026-05-30", "unit_price": 1.0}, currency="USD"),
    ]
    goods = shops.products({"sku": "MUG", "unit_cost": 5.0, "price": 8.0, "currency": "CNY"})
    store.load([shops.sales("CUP", days=40), *priced, goods, shops.stock(("MUG", 10.0))])
    mug = measuring.measures(store, days=4).items.set_index("sku").loc["MUG"]
    assert (mug["price"], mug["revenue"]) == (6.0, 36.0)  # of the dollar nobody knows the rate
    store.load([shops.rates(("USD", 3, 7.0))])
    found = measuring.measures(store, days=4)
    mug = found.items.set_index("sku").loc["MUG"]
    assert mug["price"] == pytest.approx(6.5)
    assert mug["revenue"] == pytest.approx(3 * 6 + 3 * 7)
    assert "price_listed" not in dict(found.notes)
    assert found.value("gmroi") == pytest.approx((39 - 30) * 365 / 4 / mug["mean_value"])


def test_a_day_that_no_sales_cover_is_refused(pencil):
    with pytest.raises(OutOfBoundsError):
        measuring.measures(pencil, date(2030, 1, 1))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_has_its_words(language):
    t = Translator(language)
    for code in MEASURES:
        facts = {"numerator": 1, "denominator": 2, "value": 3, "items": 4}
        assert t(f"kpi.{code}")
        assert len(t(f"kpi_help.{code}")) > 15
        assert str(facts["value"]) in t(f"kpi_formula.{code}", **facts)
        assert t(f"kpi_unit.{measuring.UNITS[code]}", value="9").count("9") == 1
    for table in measuring.MISSING:
        assert t(f"missing.{table}")
    for note in measuring.NOTES:
        assert t(f"kpi_note.{note}", days=1, items=2, share=3)
