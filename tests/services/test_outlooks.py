"""The forecast as it is kept: the same when read back, and made anew only where data changed."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from analytics import forecasting
from analytics.errors import ForecastBrokeOffError, TooSlowToFitError
from analytics.services import deciding, judgements, outlooks, planning
from analytics.store import Store
from tests.services import catalogues
from tests.services.catalogues import SKUS, TOMORROW, events, listed, monday, weekly

MANY = tuple(f"S{number:03d}" for number in range(120))
PRIME_WEEK = 3  # of the weeks ahead: that of 23 to 26 June 2026
FIGURES = outlooks.FIGURES


@pytest.fixture
def opened(tmp_path):
    """Open workspaces by name, closed in the end."""
    stores = []

    def made(name="own", *sheets):
        stores.append(Store.open(tmp_path / name))
        stores[-1].load(list(sheets))
        return stores[-1]

    yield made
    for store in stores:
        store.close()


@pytest.fixture(scope="module")
def seller(tmp_path_factory):
    """Forty products that nobody changes but by judgements, which each test takes back."""
    with Store.open(tmp_path_factory.mktemp("seller") / "own") as store:
        store.load([weekly(catalogues.units()), listed()])
        yield store


@pytest.fixture
def asked(monkeypatch):
    """How many items the engine was asked for, call by call."""
    counts, project = [], forecasting.project

    def counted(*arguments, rows, **options):
        counts.append(len(rows))
        return project(*arguments, rows=rows, **options)

    monkeypatch.setattr(forecasting, "project", counted)
    return counts


def figures_of(seen):
    return np.stack([getattr(seen.numbers, name) for name in FIGURES])


def figures(store):
    return figures_of(planning.outlook(store))


def moved(before, after):
    """Which items, and which weeks, have another mean."""
    changed = before[0] != after[0]
    return np.flatnonzero(changed.any(axis=1)).tolist(), np.flatnonzero(changed.any(axis=0))


# Kept


def test_what_is_read_back_is_what_was_made_bit_for_bit(opened, asked):
    store = opened("own", weekly(catalogues.units()), listed())
    made, read = planning.outlook(store), planning.outlook(store)
    assert asked == [len(SKUS)]
    for name in (*FIGURES, "weights"):
        assert getattr(made.numbers, name).tobytes() == getattr(read.numbers, name).tobytes()
    assert made.numbers.items.equals(read.numbers.items)
    alike = {"check_exact": True, "check_dtype": False}  # texts come back as texts
    pd.testing.assert_frame_equal(made.numbers.uplifts, read.numbers.uplifts, **alike)
    assert made.numbers.facts == read.numbers.facts
    assert made.background.to_bytes() == read.background.to_bytes()


def test_only_what_changed_is_made_anew(opened, asked):
    """A unit more of one product seldom moves what all teach together; then the rest is kept."""
    table = catalogues.units(MANY)
    store = opened("own", weekly(table, MANY))
    planning.outlook(store)
    for row in (0, 30, 60):
        table[row, -1] += 1
        store.load([weekly(table[[row]], [MANY[row]])])
        kept = figures(store)
    assert asked[0] == len(MANY)
    assert min(asked[1:]) == 1
    scratch = opened("scratch", weekly(table, MANY))
    assert figures(scratch).tobytes() == kept.tobytes()
    assert asked[4:] == [len(MANY)]


def test_a_product_that_changed_takes_nobody_elses_place(opened, asked, monkeypatch):
    """What all taught is held still, so that exactly the changed and the new one are asked for."""
    table = catalogues.units()
    store = opened("own", weekly(table), listed())
    before = planning.outlook(store)
    monkeypatch.setattr(forecasting, "learn", lambda *_, **__: before.background)
    table[7, -1] += 30
    store.load([weekly(table[[7]], [SKUS[7]])])
    after = planning.outlook(store)
    assert asked == [len(SKUS), 1]
    assert after.numbers.mean[7, 0] > before.numbers.mean[7, 0]
    others = np.arange(len(SKUS)) != 7
    for name in FIGURES:
        old, new = getattr(before.numbers, name), getattr(after.numbers, name)
        assert old[others].tobytes() == new[others].tobytes()


def test_products_alike_in_everything_share_one_forecast(opened, asked):
    table = np.repeat(catalogues.units()[[20]], 12, axis=0)
    store = opened("own", weekly(table, SKUS[:12]))
    numbers = planning.outlook(store).numbers
    assert asked == [1]
    assert (numbers.mean == numbers.mean[0]).all()
    assert numbers.items["sku"].tolist() == list(SKUS[:12])


def test_a_change_that_says_nothing_of_demand_is_read_back(opened, asked):
    table = catalogues.units()
    store = opened("own", weekly(table))
    before = figures(store)
    count = {"sku": SKUS[3], "on_hand": 9.0, "date": catalogues.LAST.isoformat()}
    store.load([catalogues.sheet(count, kind="stock", market="US")])
    assert figures(store).tobytes() == before.tobytes()
    assert asked == [len(SKUS)]


def test_an_import_taken_back_finds_its_forecast_again(opened, asked):
    table = catalogues.units()
    store = opened("own", weekly(table))
    before = figures(store)
    table[5] *= 2
    [account] = store.load([weekly(table[[5]], [SKUS[5]])])
    assert figures(store).tobytes() != before.tobytes()
    made = len(asked)
    store.undo(account.import_id)
    assert figures(store).tobytes() == before.tobytes()
    assert len(asked) == made


# Events and prices


def test_an_event_ahead_lifts_just_its_weeks(opened):
    store = opened("own", weekly(catalogues.units()), listed())
    before = figures(store)
    spring, end = TOMORROW + timedelta(days=14), TOMORROW + timedelta(days=20)
    fair = {"name": "Fair", "starts_on": spring.isoformat(), "ends_on": end.isoformat()}
    store.load([events({**fair, "demand_uplift_pct": 50.0, "sku": SKUS[9]})])
    after = figures(store)
    rows, weeks = moved(before, after)
    assert (rows, weeks.tolist()) == ([9], [2])
    assert after[0, 9, 2] == pytest.approx(1.5 * before[0, 9, 2])


def test_an_event_of_a_category_lifts_its_products_alone(opened):
    store = opened("own", weekly(catalogues.units()), listed())
    before = figures(store)
    week = {"starts_on": (TOMORROW + timedelta(days=7)).isoformat(),
            "ends_on": (TOMORROW + timedelta(days=13)).isoformat()}  # fmt: skip
    store.load([events({**week, "name": "Pan days", "category": "Pans", "demand_uplift_pct": 20})])
    after = figures(store)
    rows, weeks = moved(before, after)
    assert rows == [row for row, sku in enumerate(SKUS) if catalogues.category(sku) == "Pans"]
    assert weeks.tolist() == [1]


def test_an_event_of_the_supply_side_moves_no_demand(opened):
    store = opened("own", weekly(catalogues.units()), listed())
    before = figures(store)
    strike = {
        "name": "Port strike", "starts_on": monday(60).isoformat(),
        "ends_on": (TOMORROW + timedelta(days=30)).isoformat(), "delay_days": 21.0,
    }  # fmt: skip
    store.load([events(strike)])
    seen = planning.outlook(store)
    assert "supply" in seen.events.query("name == 'Port strike'")["side"].tolist()
    assert figures(store).tobytes() == before.tobytes()


@pytest.fixture
def say(seller):
    """A way to speak of a built-in event; the word is taken back after the test."""
    standing = []

    def said(code, market, uplift):
        standing.append(judgements.event(seller, code, market, uplift))

    yield said
    for number in standing:
        judgements.withdraw(seller, number)


def test_a_word_on_a_builtin_event_moves_its_week(seller, say):
    """Four days of seven at twice the demand; the season beside it hardly moves."""
    before = figures(seller)
    say("prime_day", "US", 100.0)
    change = figures(seller)[0] / before[0]
    assert (change[:, PRIME_WEEK] > 1.4).all()
    others = np.delete(change, PRIME_WEEK, axis=1)
    assert np.median(others) == pytest.approx(1.0, abs=0.01)
    assert others == pytest.approx(1.0, abs=0.25)  # last year's days are believed to have had some


@pytest.mark.parametrize("market", ["US", ""])
def test_a_builtin_event_counts_until_it_is_switched_off_and_then_again(seller, market):
    before = planning.outlook(seller)
    assert "prime_day" in before.numbers.uplifts["code"].tolist()
    number = judgements.event(seller, "prime_day", market, None)
    after = planning.outlook(seller)
    here = after.events.query("market in ('US', '')")
    assert "prime_day" not in here["code"].tolist()
    assert (after.numbers.mean[:, PRIME_WEEK] != before.numbers.mean[:, PRIME_WEEK]).all()
    judgements.withdraw(seller, number)
    again = planning.outlook(seller)
    assert figures_of(again).tobytes() == figures_of(before).tobytes()


def test_the_word_for_one_market_goes_before_that_for_all(seller, say):
    before = figures(seller)
    say("prime_day", "", None)
    say("prime_day", "US", 100.0)
    assert (figures(seller)[0, :, PRIME_WEEK] > 1.4 * before[0, :, PRIME_WEEK]).all()


def test_what_price_did_to_demand_is_found_in_order_lines(opened):
    """Half the price sold twice as much every fifth week: an elasticity of about -1."""
    rng = np.random.default_rng(3)
    records = []
    for sku in SKUS[:12]:
        for ago in range(70):
            is_cheap = ago % 5 == int(sku[1:]) % 5
            lines = rng.poisson(40 if is_cheap else 20)
            line = {"sku": sku, "quantity": float(lines), "unit_price": 5.0 if is_cheap else 10.0}
            records.append({**line, "date": monday(ago).isoformat(), "currency": "USD"})
    store = opened("own", catalogues.sheet(*(r for r in records if r["quantity"])))
    seen = planning.outlook(store)
    price = seen.numbers.uplifts.query("code == 'price'").iloc[-1]
    assert seen.panel["price"].min() == pytest.approx(5.0)
    assert price["elasticity"] == pytest.approx(-1.0, abs=0.25)
    assert price["low"] < price["elasticity"] < price["high"] < 0


def test_how_much_of_a_week_an_event_takes(seller):
    """Nothing in most weeks, all of it in some; kinds that the history never saw are left out."""
    seen = planning.outlook(seller)
    past = outlooks.history(seen.panel, 0, TOMORROW)
    assert len(past) == catalogues.WEEKS
    assert past["units"].to_numpy() == pytest.approx(catalogues.units()[0])
    known = outlooks.exposures(seen.events, seen.items.iloc[0], past["week"], 13)
    assert len(known) == len(past) + 13
    codes = known.columns[1:]
    assert 0 < len(codes) <= outlooks.MOST_EVENTS
    assert known[codes].to_numpy().min() == 0
    assert 0 < known[codes].to_numpy().max() <= 1
    assert (known.loc[: len(past) - 1, codes].sum() > 0).all()


# Pins


@pytest.fixture
def pinned(seller):
    """A way to pin that is taken back after the test."""
    numbers = []

    def pin(row, member):
        deciding.pin(seller, SKUS[row], "US", member)
        numbers.append(judgements.pins(seller)[SKUS[row], "US"][1])

    yield pin
    for number in numbers:
        judgements.withdraw(seller, number)


@pytest.fixture
def fits(monkeypatch):
    """Every deep fit that is made."""
    made, apart = [], outlooks.apart

    def kept(*arguments, **options):
        made.append(apart(*arguments, **options))
        return made[-1]

    monkeypatch.setattr(outlooks, "apart", kept)
    return made


def test_a_pinned_method_forecasts_its_product_and_no_other(seller, pinned, asked, fits):
    before = planning.outlook(seller)
    pinned(30, "ets")
    after = planning.outlook(seller)
    assert asked == [1]
    assert after.numbers.items["member"].iloc[30] == "ets"
    assert after.source[30] == "pin"
    assert (np.delete(after.source, 30) == "numbers").all()
    assert moved(figures_of(before), figures_of(after))[0] == [30]
    [fit] = fits
    for name in FIGURES:
        assert getattr(after.numbers, name)[30].tolist() == pytest.approx(
            getattr(fit.member("ets").outlook, name)
        )


def test_a_pin_that_is_taken_out_leaves_the_numbers_as_they_were(seller):
    before = figures(seller)
    deciding.pin(seller, SKUS[30], "US", "ets")
    assert figures(seller).tobytes() != before.tobytes()
    deciding.withdraw(seller, [judgements.pins(seller)[SKUS[30], "US"][1]])
    assert figures(seller).tobytes() == before.tobytes()
    assert (planning.outlook(seller).source == "numbers").all()


@pytest.mark.parametrize("member", ["stl", "no_such_method"])
def test_a_method_that_cannot_be_used_leaves_ours(seller, pinned, member):
    """STL needs two cycles, and there are ninety weeks."""
    before = figures(seller)
    pinned(4, member)
    assert figures(seller).tobytes() == before.tobytes()
    assert planning.outlook(seller).source[4] == "numbers"


def test_a_fit_that_broke_off_leaves_ours_and_is_tried_again(seller, pinned, monkeypatch):
    def too_slow(*_, **__):
        raise TooSlowToFitError(limit=60.0)

    before = figures(seller)
    with monkeypatch.context() as patch:
        patch.setattr(outlooks, "apart", too_slow)
        pinned(5, "ets")
        assert figures(seller).tobytes() == before.tobytes()
        assert planning.outlook(seller).source[5] == "numbers"
    assert planning.outlook(seller).source[5] == "pin"
    assert moved(before, figures(seller))[0] == [5]


def test_what_broke_off_is_not_tried_again_at_every_page(opened, monkeypatch):
    tries, now = [], [1_000.0]

    def break_off(*_, **__):
        tries.append(1)
        raise ForecastBrokeOffError

    monkeypatch.setattr(outlooks, "_broke_off", {})
    monkeypatch.setattr(outlooks.time, "monotonic", lambda: now[0])
    store = opened("own", weekly(catalogues.units()), listed())
    with monkeypatch.context() as patch:
        patch.setattr(outlooks.engines, "run", break_off)
        for _ in range(3):
            with pytest.raises(ForecastBrokeOffError):
                planning.outlook(store)
        assert len(tries) == 1
        now[0] += 61
        with pytest.raises(ForecastBrokeOffError):
            planning.outlook(store)
        assert len(tries) == 2
    store.load([weekly(catalogues.units()[[0]] + 1, [SKUS[0]])])
    assert len(planning.outlook(store).numbers.items) == len(SKUS), "other data, another try"
