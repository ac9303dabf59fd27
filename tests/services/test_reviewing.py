"""A week and a month looked back upon: what changed, what was foreseen, what was kept."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics import kpi
from analytics.errors import NoDataError, NoWholePeriodError, OutOfBoundsError, UnknownFieldError
from analytics.i18n import LANGUAGES, Translator, catalog
from analytics.reporting import review as reporting
from analytics.services import (
    measuring,
    past_stock,
    planning,
    review_changes,
    review_decisions,
    review_periods,
    reviewing,
    stock_take,
)
from analytics.services.review_periods import SPANS, Period
from analytics.store import Store
from tests.services import shops
from tests.store.sheets import sheet

TRUTH = Path(__file__).parents[2] / "data" / "sample" / "truth" / "demand.parquet"
EARLY = date(2026, 4, 15)  # a Wednesday in the sample's last months


@pytest.fixture(scope="module")
def month(sample_store):
    return reviewing.review(sample_store, span="month")


@pytest.fixture(scope="module")
def week(sample_store):
    return reviewing.review(sample_store, EARLY, span="week")


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "own") as opened:
        yield opened


@given(day=st.dates(date(2020, 1, 1), date(2030, 12, 31)), span=st.sampled_from(SPANS))
def test_periods_are_whole_are_over_and_follow_one_another(day, span):
    found = review_periods.last_whole(day, span)
    earlier = review_periods.before(found, span)
    assert found.ends_on <= day
    assert day - found.ends_on < timedelta(days=31)
    assert earlier.ends_on + timedelta(days=1) == found.starts_on
    if span == "week":
        assert (found.starts_on.weekday(), found.days) == (0, 7)
    else:
        assert found.starts_on.day == (found.ends_on + timedelta(days=1)).day == 1


def test_there_is_no_other_span():
    with pytest.raises(UnknownFieldError):
        review_periods.last_whole(EARLY, "year")


def test_sales_are_those_of_the_files(sample_store, month, week):
    sold = sample_store.daily_sales()
    for found in (month, week):
        rows = found.changes.set_index("measure")
        for column, period in (("this_period", found.period), ("last_period", found.before)):
            first, last = pd.Timestamp(period.starts_on), pd.Timestamp(period.ends_on)
            units = sold.loc[sold["date"].between(first, last), "units"].sum()
            assert rows.loc["units_sold", column] == pytest.approx(units)


@pytest.mark.parametrize("value", ["units_sold", "sales_value", "value_now", "days_out"])
def test_tiers_and_markets_add_up_to_the_same(month, value):
    total = month.groups.groupby("by")[[value, f"{value}_before"]].sum()
    assert total.loc["tier"].to_numpy() == pytest.approx(total.loc["market"].to_numpy())


def test_stock_and_service_are_the_measures_of_the_shop(sample_store, month):
    basis = planning.basis(sample_store)
    ledger = past_stock.days(basis, starts_on=month.period.starts_on, ends_on=month.period.ends_on)
    found = kpi.measures(ledger, basis.tiers["tier"]).set_index("group")
    kept = month.service.set_index("tier")
    assert kept["in_stock"].to_numpy() == pytest.approx(
        found.loc[kept.index, "in_stock_rate"].to_numpy(), nan_ok=True
    )
    rows = month.changes.set_index("measure")
    value = measuring.measures(sample_store).table["stock_value"].iloc[0]
    assert rows.loc["stock_value", "this_period"] == pytest.approx(value)


def test_the_forecast_is_judged_by_what_buyers_really_wanted(month):
    """Demand as estimated, stock-outs filled in, against the sample's truth."""
    truth = pd.read_parquet(TRUTH)
    columns = {name.casefold(): name for name in truth.columns}
    day = pd.to_datetime(truth[columns["date"]])
    first, last = (pd.Timestamp(part) for part in (month.period.starts_on, month.period.ends_on))
    mine = truth.loc[day.between(first, last)]
    wanted = mine.groupby(["sku", "market"])[columns["demand"]].sum()
    told = month.accuracy.items.set_index(["sku", "market"])["actual"]
    both = pd.concat([wanted.rename("wanted"), told], axis=1, join="inner")
    assert len(both) > 80
    assert both["actual"].sum() == pytest.approx(both["wanted"].sum(), rel=0.04)
    apart = (both["actual"] - both["wanted"]).abs().sum() / both["wanted"].sum()
    assert apart < 0.06


def test_nothing_later_than_its_eve_is_in_the_forecast(sample_store, week):
    assert week.period == Period(date(2026, 4, 6), date(2026, 4, 12))
    then = planning.outlook(sample_store, date(2026, 4, 5))
    items = week.accuracy.items.set_index(["sku", "market"])
    # 2026-04-05 is a Sunday: the first week ahead is the very period.
    keys = pd.MultiIndex.from_frame(then.items[["sku", "market"]])
    mean = pd.Series(then.forecast.mean[:, 0], keys)
    assert items["forecast"].to_numpy() == pytest.approx(mean.loc[items.index].to_numpy())


def test_errors_add_up(month):
    items, groups = month.accuracy.items, month.accuracy.groups
    whole = groups.iloc[0]
    actual = items["actual"].sum()
    assert whole["off"] == pytest.approx(items["difference"].abs().sum() / actual)
    assert whole["bias"] == pytest.approx(items["difference"].sum() / actual)
    assert whole["inside"] == pytest.approx(items["is_inside"].mean())
    assert 0.7 < whole["inside"] <= 1  # of the range that four in five should end in
    for by in ("tier", "market"):
        part = groups.loc[groups["by"] == by]
        assert part[["items", "forecast", "actual"]].sum().to_numpy() == pytest.approx(
            whole[["items", "forecast", "actual"]].to_numpy(dtype=float)
        )
    left = month.accuracy
    assert len(items) + left.left_out + left.uncovered + left.out_of_stock == 91


def test_slow_movers_are_those_of_both_ends(sample_store, month):
    now, then = (planning.basis(sample_store, day).tiers for day in
                 (month.period.ends_on, month.period.eve))  # fmt: skip
    stand = {"slow", "dead"}
    keys = ["sku", "market"]
    after, before = (
        set(table.loc[table["status"].isin(stand), keys].itertuples(index=False, name=None))
        for table in (now, then)
    )
    moved = {
        name: set(part[keys].itertuples(index=False, name=None))
        for name, part in month.slow.groupby("moved")
    }
    assert moved.get("came", set()) == after - before
    assert moved.get("left", set()) == before - after
    assert moved.get("stayed", set()) == after & before


def test_the_day_of_a_review_decides_what_it_knows(sample_store, week):
    assert week.as_of == EARLY
    assert week.orders["date"].dropna().loc[week.orders["event"] != "overdue"].max() <= (
        pd.Timestamp(week.period.ends_on)
    )
    with pytest.raises(OutOfBoundsError):
        reviewing.review(sample_store, date(2030, 1, 1))


def test_the_first_look_takes_its_time_and_the_second_none(sample_store, month):
    assert reviewing.is_known(sample_store, span="month")
    assert reviewing.review(sample_store, span="month") is month


def test_progress_is_told_from_nothing_to_nearly_all(tmp_path):
    steps = []
    with Store.open(tmp_path / "own") as store:
        store.load([shops.sales()])
        reviewing.review(store, progress=lambda done, total, _: steps.append(done / total))
    assert steps == sorted(steps)
    assert 0 <= steps[0] <= steps[-1] <= 1


def test_sales_alone_are_enough(store):
    store.load([shops.sales()])
    for span in SPANS:
        found = reviewing.review(store, span=span)
        rows = found.changes.set_index("measure")
        assert rows.loc["units_sold", "this_period"] == 4.0 * found.period.days
        assert rows.loc[["stock_value", "orders_placed", "items_out"], "this_period"].isna().all()
        assert found.service["in_stock"].isna().all()
        assert {code for code, _ in found.notes} >= {"review_no_stock", "review_no_orders"}
        for language in LANGUAGES:
            t = Translator(language)
            told = " ".join([*reporting.said(t, found), *reporting.notes(t, found)])
            assert t("review.said_no_stock") in told
            assert "nan" not in told
            assert "{" not in told


def test_a_history_of_some_days_has_no_week_yet(store):
    store.load([shops.sales(days=4)])
    assert not reviewing.is_possible(store, date(2026, 5, 30))
    assert not reviewing.is_possible(store, span="month", as_of=date(2026, 5, 30))
    for span in SPANS:
        with pytest.raises(NoWholePeriodError):
            reviewing.review(store, span=span)


def test_the_first_week_has_none_before_it(store):
    store.load([shops.sales(days=9)])
    found = reviewing.review(store)
    assert found.changes["last_period"].isna().all()
    assert found.accuracy.items.empty
    assert ("review_no_before", {}) in found.notes


def test_an_empty_workspace_says_so(store):
    for ask in (reviewing.review, reviewing.is_possible, stock_take.months):
        with pytest.raises(NoDataError):
            ask(store)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_has_words(language):
    keys = catalog(language)
    sections = {
        "review_measure": review_changes.MEASURES,
        "review_unit": review_changes.UNITS,
        "review_moved": review_changes.SLOW_CHANGES,
        "review_state": review_decisions.STATES,
        "note": reviewing.NOTES,
        "view": ("week", "month", "replay", "stock_take"),
    }
    for section, codes in sections.items():
        assert [code for code in codes if f"{section}.{code}" not in keys] == []


class TestStockTake:
    """Mugs at four a day; 100 counted on the last day of April, 300 came on the tenth of May."""

    @pytest.fixture
    def taken(self, store):
        store.load(
            [
                shops.sales(),
                sheet(
                    {"sku": "MUG", "on_hand": 100.0, "date": "2026-04-30", "warehouse": "FBA"},
                    {"sku": "MUG", "on_hand": 290.0, "date": "2026-05-20", "warehouse": "FBA"},
                    kind="stock",
                    market="US",
                ),
                shops.products({"sku": "MUG", "unit_cost": 10.0, "currency": "USD"}),
                sheet(
                    {
                        "sku": "MUG", "order_id": "A", "quantity": 300.0,
                        "quantity_received": 300.0, "ordered_on": "2026-04-01",
                        "received_on": "2026-05-10",
                    },
                    kind="purchase_orders", market="US",
                ),
            ]
        )  # fmt: skip
        return stock_take.sheet(store, date(2026, 5, 7))

    def test_the_sheet_is_what_a_pencil_says(self, taken):
        [row] = taken.items.to_dict("records")
        assert (row["opening"], row["received"], row["sold"]) == (100.0, 300.0, 124.0)
        assert row["expected_closing"] == 100 + 300 - 31 * 4
        assert row["opened_on"] == pd.Timestamp("2026-04-30")
        assert (row["counted_on"], row["counted"]) == (pd.Timestamp("2026-05-20"), 290.0)
        assert row["expected_then"] == 100 + 300 - 20 * 4
        assert row["difference"] == -30.0
        assert row["difference_value"] == -300.0
        assert taken.totals() == {
            "items_counted": 1.0, "items_differ": 1.0, "difference_value": -300.0,
            "missing_value": -300.0,
        }  # fmt: skip
        [place] = taken.places.to_dict("records")
        assert (place["warehouse"], place["counted"]) == ("FBA", 290.0)

    def test_a_month_opens_where_the_one_before_closed(self, store, taken):
        april = stock_take.sheet(store, date(2026, 4, 1)).items.iloc[0]
        assert np.isnan(april["opening"])  # nobody had counted before
        assert (april["counted"], april["counted_on"]) == (100.0, pd.Timestamp("2026-04-30"))
        assert taken.items["opening"].iloc[0] == april["counted"]

    def test_a_month_that_no_sale_covers_is_refused(self, store, taken):
        with pytest.raises(OutOfBoundsError):
            stock_take.sheet(store, date(2031, 1, 1))
        assert stock_take.months(store)[0] == date(2026, 5, 1)


def test_the_sample_counts_what_it_should(sample_store):
    """Its files are of one world: what was counted is what should have been there."""
    found = stock_take.sheet(sample_store, date(2026, 4, 1))
    assert found.items["counted"].notna().mean() > 0.95
    assert (found.items["difference"].dropna().abs() < 0.5).mean() > 0.95
    said = found.items
    closing = said["opening"] + said["received"] - said["sold"]
    assert said["expected_closing"].to_numpy() == pytest.approx(closing.to_numpy(), nan_ok=True)


def test_without_stock_a_sheet_can_be_filled_in_by_hand(store):
    store.load([shops.sales()])
    found = stock_take.sheet(store, date(2026, 5, 1))
    assert found.items[["opening", "expected_closing", "counted"]].isna().all(axis=None)
    assert found.items["sold"].tolist() == [124.0]
    assert found.places.empty
    assert np.isnan(found.totals()["difference_value"])


def sold_until(market, ago, units):
    """Sales of every day that ended so many days ago."""
    days = [shops.day(number) for number in range(ago, 210)]
    return sheet(*({"sku": "MUG", "quantity": units, "date": day} for day in days), market=market)


class TestAMarketWhoseFilesEndEarly:
    """Four a day in the US; six a day in DE, whose files end ten days before the others."""

    @pytest.fixture
    def found(self, store):
        store.load([shops.sales(), sold_until("DE", 10, 6.0)])
        return reviewing.review(store)

    def test_no_demand_is_invented_for_it(self, found):
        assert found.accuracy.items["market"].tolist() == ["US"]
        assert found.accuracy.uncovered == 1
        assert found.accuracy.groups["actual"].iloc[0] == pytest.approx(28.0)

    def test_sales_are_compared_where_both_periods_are_known(self, found):
        row = found.changes.set_index("measure").loc["units_sold"]
        assert (row["this_period"], row["last_period"], row["change"]) == (28.0, 28.0, 0.0)
        markets = found.groups.loc[found.groups["by"] == "market"].set_index("group")
        assert np.isnan(markets.loc["DE", ["units_sold", "units_sold_before"]].astype(float)).all()

    def test_it_is_named_with_its_last_day(self, found):
        ends = date(2026, 5, 21)
        assert ("review_ends_early", {"market": "DE", "ends_on": ends}) in found.notes
        assert ("review_uncovered", {"items": 1}) in found.notes
        for language in LANGUAGES:
            t = Translator(language)
            told = " ".join(reporting.notes(t, found))
            assert "DE" in told
            assert t.date(ends) in told


def test_what_stood_without_stock_for_most_of_a_week_is_not_held_against_the_forecast(store):
    """Cups sold five a day until they ran out nine days ago; mugs sell on."""
    cups = sheet(
        *({"sku": "CUP", "quantity": 5.0, "date": shops.day(ago)} for ago in range(9, 210)),
        market="US",
    )
    counts = sheet(
        *({"sku": "CUP", "on_hand": 0.0, "date": shops.day(ago)} for ago in range(9)),
        *({"sku": "MUG", "on_hand": 500.0, "date": shops.day(ago)} for ago in range(9)),
        kind="stock", market="US",
    )  # fmt: skip
    store.load([shops.sales(), cups, counts])
    found = reviewing.review(store)
    assert found.accuracy.items["sku"].tolist() == ["MUG"]
    assert (found.accuracy.out_of_stock, found.accuracy.uncovered) == (1, 0)
    assert ("review_out_of_stock", {"items": 1}) in found.notes


def test_units_put_in_for_days_without_stock_are_shown(store):
    """Two days of seven without stock: their share of a week at five a day is put in, and said."""
    gone = (2, 3)
    cups = sheet(
        *({"sku": "CUP", "quantity": 5.0, "date": shops.day(ago)} for ago in range(210)
          if ago not in gone), market="US",
    )  # fmt: skip
    counts = sheet(
        *({"sku": "CUP", "on_hand": 0.0 if ago in gone else 90.0, "date": shops.day(ago)}
          for ago in range(9)), kind="stock", market="US",
    )  # fmt: skip
    store.load([cups, counts, shops.sales()])
    found = reviewing.review(store)
    row = found.accuracy.items.set_index("sku").loc["CUP"]
    assert row["actual"] == pytest.approx(35.0, rel=0.05)
    assert row["imputed"] == pytest.approx(row["actual"] - 25.0)
    notes = dict(found.notes)
    assert notes["review_imputed"]["units"] == pytest.approx(row["imputed"])


def test_review_and_overview_leave_out_the_same_weeks(sample_store):
    """A week that the weekly panel knows nothing of is in neither."""
    found = reviewing.review(sample_store)
    panel = planning.outlook(sample_store, found.period.ends_on).panel
    own = panel.loc[panel["week"] == pd.Timestamp(found.period.starts_on)]
    known = own.loc[own["units"].notna(), ["sku", "market"]].itertuples(index=False, name=None)
    told = found.accuracy.items[["sku", "market"]].itertuples(index=False, name=None)
    assert set(told) <= set(known)
