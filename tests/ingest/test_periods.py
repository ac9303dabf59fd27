"""Days, weeks and months in names."""

from datetime import date

import pytest

from analytics.ingest.periods import Period, period_in, span_of, year_in


def test_a_month_may_stand_apart_from_its_year():
    june = Period(date(2026, 6, 1), "month")
    assert period_in("6月销量 2026年.xlsx") == june
    assert period_in("6月销量 2026年.xlsx", "6月销量 2026年") == june
    assert period_in("1-6月销量 2026年.xlsx") is None
    assert period_in("1月至6月销量 2026年.xlsx") is None
    assert period_in("6月销量.xlsx") is None


@pytest.mark.parametrize(
    ("names", "day", "grain"),
    [
        (["BusinessReport-20260615.csv"], "2026-06-15", "day"),
        (["report 2026.06.15.xlsx"], "2026-06-15", "day"),
        (["销量2026年6月5日.xlsx"], "2026-06-05", "day"),
        (["Order.all.20260501_20260531.xlsx"], "2026-05-01", "month"),
        (["2026-02-01 to 2026-02-28.csv"], "2026-02-01", "month"),
        (["2026-05-04_2026-05-10.csv"], "2026-05-04", "week"),
        (["sales 2026-05.csv"], "2026-05-01", "month"),
        (["202605.csv"], "2026-05-01", "month"),
        (["2026年5月.xlsx"], "2026-05-01", "month"),
        (["May 2026.xlsx"], "2026-05-01", "month"),
        (["sales_2026_May.xlsx"], "2026-05-01", "month"),
        (["2026-W07.csv"], "2026-02-09", "week"),
        (["2026年第7周.csv"], "2026-02-09", "week"),
        (["sales 2026.xlsx", "5月"], "2026-05-01", "month"),
        (["sales 2026.xlsx", "May"], "2026-05-01", "month"),
        (["export 2026-06-30.xlsx", "2026-05"], "2026-05-01", "month"),
    ],
)
def test_a_name_tells_a_period(names, day, grain):
    assert period_in(*names) == Period(date.fromisoformat(day), grain)


@pytest.mark.parametrize(
    "names",
    [
        ["sales.xlsx", "Sheet1"],
        ["20260501123000.csv"],  # a moment of export has too many digits for a day
        ["2026-05-01_2026-06-17.csv"],  # neither a week nor a month
        ["2026.xlsx"],
        ["W99 2026.csv", "2026-W99"],
        ["20261399.csv"],
    ],
)
def test_a_name_tells_none(names):
    assert period_in(*names) is None


def test_a_year_counts_only_if_it_is_the_only_one():
    assert year_in(["2026 vs 2025"]) is None
    assert year_in(["part 20261"]) is None
    assert year_in(["FY2026", "2026"]) == 2026


def test_headers_that_rise_by_days_are_days_and_numbers_are_none():
    assert span_of(["SKU", "10001", "10002"], None) is None
    assert span_of(["SKU", "2026-01-01", "2026-01-01"], None) is None
    assert span_of(["2025", "2026"], 2026) is None
    assert span_of(["1", "2", "3"], 2026, date(2026, 5, 1)) is None  # fewer than a week


@pytest.mark.parametrize(
    ("cells", "year", "days"),
    [
        (["12月", "1月"], 2026, ["2025-12-01", "2026-01-01"]),
        (["3月", "2月", "1月"], 2026, ["2026-03-01", "2026-02-01", "2026-01-01"]),
        (["10月", "12月", "2月"], 2026, ["2025-10-01", "2025-12-01", "2026-02-01"]),
        (["2025年11月", "12月", "1月"], None, ["2025-11-01", "2025-12-01", "2026-01-01"]),
        (["26年1月", "26年2月"], None, ["2026-01-01", "2026-02-01"]),
        (["6/1-6/7", "6/8-6/14"], 2026, ["2026-06-01", "2026-06-08"]),
        (["6.1~6.7", "6.8~6.14"], 2026, ["2026-06-01", "2026-06-08"]),
        (
            ["12/22-12/28", "12/29-1/4", "1/5-1/11"],
            2026,
            ["2025-12-22", "2025-12-29", "2026-01-05"],
        ),
    ],
)
def test_headers_without_a_year_follow_each_other(cells, year, days):
    assert [f"{day}" for day in span_of(cells, year).days] == days


@pytest.mark.parametrize("cells", [["1月", "3月", "2月", "5月", "4月"], ["12月", "1月", "12月"]])
def test_headers_in_no_order_are_refused(cells):
    assert span_of(cells, 2026) is None


def test_spans_of_a_week_are_weeks_and_others_none():
    assert span_of(["6/1-6/7", "6/8-6/14"], 2026).grain == "week"
    assert span_of(["6/1-6/10", "6/11-6/20"], 2026) is None
