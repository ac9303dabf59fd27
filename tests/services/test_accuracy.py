"""How far off it would have been, worked out again by hand on an account of two products."""

from datetime import timedelta

import numpy as np
import pytest

from analytics.errors import Cancelled, NoDataError, OutOfBoundsError
from analytics.i18n import Translator
from analytics.services import accuracy
from analytics.store import Store
from pages.shared import league
from tests.services.catalogues import LAST, monday, weekly
from tests.services.shops import products

WEEKS = 64
PRICES = {"MUG": 10.0, "PAN": 30.0}
SOLD = {
    "MUG": [20 + 4 * (week % 2) + 12 * (week > 45) for week in range(WEEKS)],
    "PAN": [9 + 3 * (week % 3) for week in range(WEEKS)],
}
ORIGINS = [WEEKS - 9 - back for back in (18, 12, 6, 0)]  # eight weeks are left after the newest


def table(weeks=WEEKS, skus=tuple(SOLD)):
    return np.array([SOLD[sku][-weeks:] for sku in skus], dtype=float)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    with Store.open(tmp_path_factory.mktemp("accuracy") / "own") as opened:
        listed = [{"sku": sku, "price": price, "currency": "USD"} for sku, price in PRICES.items()]
        opened.load([weekly(table(), list(SOLD)), products(*listed)])
        yield opened


@pytest.fixture(scope="module")
def known(store):
    return accuracy.accuracy(store)


def moving_average(sold, origin):
    return [sum(sold[origin - 7 : origin + 1]) / 8] * 8


def same_week_a_year_ago(sold, origin):
    flat = moving_average(sold, origin)
    return [
        sold[origin + step - 52] if origin + step >= 52 else flat[step - 1] for step in range(1, 9)
    ]


def by_hand(method):
    """Errors of the totals, sold units, and signed errors, by SKU over the four origins."""
    off, sold, signed = (dict.fromkeys(SOLD, 0.0) for _ in range(3))
    for sku, units in SOLD.items():
        for origin in ORIGINS:
            actual = units[origin + 1 : origin + 9]
            error = sum(method(units, origin)) - sum(actual)
            off[sku] += abs(error)
            sold[sku] += sum(actual)
            signed[sku] += error
    return off, sold, signed


def valued(amounts):
    return sum(PRICES[sku] * amount for sku, amount in amounts.items())


@pytest.mark.parametrize(
    ("name", "method"),
    [("moving_average", moving_average), ("seasonal_naive", same_week_a_year_ago)],
)
def test_the_plain_methods_are_as_far_off_as_by_hand(known, name, method):
    off, sold, signed = by_hand(method)
    row = known.methods.set_index("method").loc[name]
    assert row["off"] == pytest.approx(valued(off) / valued(sold))
    assert row["bias"] == pytest.approx(valued(signed) / valued(sold))
    assert row["items"] == 2


def test_ours_is_as_far_off_as_its_own_past_forecasts(known):
    past = known.backtest.rolling
    starts = [monday(WEEKS - 1 - origin).isoformat() for origin in ORIGINS]
    assert np.datetime_as_string(past.origins, unit="D").tolist() == starts

    def ours(sku):
        outlooks = past.of(sku, "US")
        return {date.isoformat(): look.mean.sum() for date, look in outlooks.items()}

    off, sold, _ = by_hand(moving_average)
    for sku, units in SOLD.items():
        mine = ours(sku)
        off[sku] = sum(
            abs(mine[start] - sum(units[origin + 1 : origin + 9]))
            for start, origin in zip(starts, ORIGINS, strict=True)
        )
    assert known.facts["off"] == pytest.approx(valued(off) / valued(sold))
    assert known.methods.set_index("method").loc["ours", "off"] == known.facts["off"]
    items = known.items.set_index("sku")
    for sku in SOLD:
        assert items.loc[sku, "off"] == pytest.approx(off[sku] / sold[sku])
        assert items.loc[sku, "error_units"] == pytest.approx(off[sku] / 4)
        assert items.loc[sku, "error_value"] == pytest.approx(off[sku] / 4 * PRICES[sku])
    assert known.items["error_value"].is_monotonic_decreasing


def test_the_facts_say_what_was_judged(known):
    facts = known.facts
    assert (facts["origins"], facts["horizon"], facts["weeks"], facts["items"]) == (4, 8, 26, 2)
    assert facts["starts_on"] == monday(25)
    assert facts["ends_on"] == monday(0)
    off = known.methods.set_index("method")["off"]
    assert known.methods["off"].is_monotonic_increasing
    assert set(off.index) == {"ours", "last_year", "seasonal_naive", "moving_average", "ets"}
    rivals = off[["seasonal_naive", "moving_average"]]
    assert (facts["rival"], facts["rival_off"]) == (rivals.idxmin(), rivals.min())


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_sentence_says_the_same_numbers(known, language):
    t = Translator(language)
    said = league.sentence(t, known)
    assert t.number(26) in said
    assert t.percent(known.facts["off"]) in said
    assert t.percent(known.facts["rival_off"]) in said
    assert t(f"benchmark.{known.facts['rival']}") in said


def test_a_past_day_is_judged_with_what_was_known_then(store):
    judged = accuracy.accuracy(store, LAST - timedelta(days=7 * 8))
    assert judged.facts["ends_on"] == monday(8)
    rolling = judged.backtest.rolling.of("MUG", "US")
    assert max(rolling) == monday(16)


def test_it_is_worked_out_once_per_version_and_day(store, known):
    assert accuracy.is_known(store)
    assert accuracy.is_known(store, LAST)
    assert not accuracy.is_known(store, LAST - timedelta(days=1))
    assert accuracy.accuracy(store, LAST) is known
    assert known.nbytes > 0


def test_progress_is_told_after_each_origin(store):
    told = []
    day = LAST - timedelta(days=7)
    accuracy.accuracy(store, day, progress=lambda *step: told.append(step))
    assert [step[:2] for step in told[-4:]] == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_a_record_that_was_stopped_can_be_asked_for_again(store):
    def stop(*_):
        raise Cancelled

    day = LAST - timedelta(days=14)
    with pytest.raises(Cancelled):
        accuracy.accuracy(store, day, progress=stop)
    assert not accuracy.is_known(store, day)
    assert accuracy.accuracy(store, day).facts["origins"] == 4


def test_a_day_that_no_sales_cover_is_refused(store):
    with pytest.raises(OutOfBoundsError):
        accuracy.accuracy(store, LAST + timedelta(days=1))


# Little to judge


@pytest.fixture
def young(tmp_path):
    with Store.open(tmp_path / "young") as opened:
        yield opened


@pytest.mark.parametrize("weeks", [1, 8, 20])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_short_history_is_said_to_be_short(young, weeks, language):
    young.load([weekly(table(weeks), list(SOLD))])
    known = accuracy.accuracy(young)
    assert known.facts["origins"] == 0
    assert known.items.empty
    t = Translator(language)
    assert league.sentence(t, known) == t("forecast.record_short")


def test_a_few_months_are_judged_at_fewer_origins(young):
    young.load([weekly(table(30), list(SOLD))])
    known = accuracy.accuracy(young)
    assert 0 < known.facts["origins"] < 4
    assert 0 <= known.facts["off"] < 1
    assert "%" in league.sentence(Translator("en"), known)


def test_without_prices_units_count(young):
    young.load([weekly(table(40), list(SOLD))])
    known = accuracy.accuracy(young)
    assert known.items["error_value"].isna().all()
    assert known.items["error_units"].is_monotonic_decreasing
    assert known.backtest.facts["weighted_by"] == "units"


def test_without_sales_there_is_nothing_to_judge(young):
    with pytest.raises(NoDataError):
        accuracy.accuracy(young)
