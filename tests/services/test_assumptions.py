"""What is assumed: defaults, what was settled, fees by day, containers, routes changed by hand."""

import shutil
from datetime import date

import numpy as np
import pandas as pd
import pytest

from analytics.errors import (
    AmbiguousNameError,
    NotADateError,
    NotASkuError,
    OutOfBoundsError,
    UnknownFieldError,
    UnknownMarketError,
)
from analytics.i18n import Translator
from analytics.services import assumptions, fees, journal, routes
from analytics.services.assumptions import Assumptions, Container
from analytics.store import Store
from analytics.tiers import Thresholds
from tests.services.shops import products, sales
from tests.store.sheets import sheet


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "own") as opened:
        yield opened


def test_nothing_settled_is_the_defaults(store):
    assert assumptions.of(store) == Assumptions()
    assert assumptions.settled(store) == frozenset()
    assert assumptions.table(store).empty
    assert assumptions.containers(store) == dict(assumptions.CONTAINER_TYPES)


def test_what_is_settled_holds_until_it_is_taken_back(store):
    assumptions.settle(store, {"capital_rate_pct": 20.0, "cash_limit": 5e5}, who="Ann")
    assumptions.settle(store, {"cash_limit": None, "base_currency": "EUR"}, who="Bo")
    found = assumptions.of(store)
    assert (found.capital_rate_pct, found.cash_limit, found.base_currency) == (20.0, None, "EUR")
    told = assumptions.table(store)
    assert told[["name", "value", "who"]].to_numpy().tolist() == [
        ["capital_rate_pct", 20.0, "Ann"],
        ["cash_limit", None, "Bo"],
        ["base_currency", "EUR", "Bo"],
    ]
    assumptions.withdraw(store, told["judgement_id"].iloc[0])
    assumptions.settle(store, {"base_currency": journal.UNSAID})
    assert assumptions.of(store) == Assumptions()
    assert assumptions.settled(store) == {"cash_limit"}


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("capital_rate_pct", -1.0, OutOfBoundsError),
        ("duty_pct", 501.0, OutOfBoundsError),
        ("thresholds", 1, UnknownFieldError),  # `set_thresholds` takes them
        ("cash_limit", float("nan"), OutOfBoundsError),
        ("base_currency", "euro", UnknownFieldError),
        ("mood", 1.0, UnknownFieldError),
    ],
)
def test_what_cannot_be_meant_is_refused_and_nothing_is_noted(store, name, value, kind):
    with pytest.raises(kind) as refused:
        assumptions.settle(store, {"goodwill_pct": 5.0, name: value})
    assert assumptions.table(store).empty
    for language in ("zh", "en"):
        sentence = Translator(language).error(refused.value)
        assert sentence
        assert "_pct" not in sentence


def test_thresholds_are_settled_together_and_defaults_are_not_kept(store):
    wanted = Thresholds(class_a_pct=70.0, class_b_pct=90.0, new_days=60)
    assumptions.set_thresholds(store, wanted, who="Ann")
    assert assumptions.thresholds(assumptions.of(store)) == wanted
    assumptions.set_thresholds(store, Thresholds(new_days=60, slow_days=120), who="Bo")
    told = assumptions.table(store)
    assert told[["name", "scope", "value", "who"]].to_numpy().tolist() == [
        ["threshold", "new_days", 60, "Ann"],
        ["threshold", "slow_days", 120, "Bo"],
    ]
    assumptions.withdraw(store, told["judgement_id"].iloc[0])
    assert assumptions.thresholds(assumptions.of(store)) == Thresholds(slow_days=120)
    assumptions.set_thresholds(store, Thresholds())
    assert assumptions.table(store).empty


def test_thresholds_that_were_settled_among_the_money_still_count(store):
    names = {"season_weeks": 10, "season_share_pct": 55.0, "season_least_units": 100.0}
    journal.note(
        store, assumptions.KIND, {assumptions.scope(name): value for name, value in names.items()}
    )
    wanted = Thresholds(peak_weeks=10, peak_share_pct=55.0, peak_units=100.0)
    assert assumptions.of(store).thresholds == wanted
    assert assumptions.table(store)["scope"].tolist() == [
        "peak_weeks", "peak_share_pct", "peak_units",
    ]  # fmt: skip
    assumptions.set_thresholds(store, Thresholds(peak_weeks=12))
    assert assumptions.of(store).thresholds == Thresholds(peak_weeks=12)
    assert assumptions.table(store)["scope"].tolist() == ["peak_weeks"]


@pytest.mark.parametrize("value", ["x", None, 1e9, [8], True])
def test_a_threshold_that_means_nothing_is_passed_over(store, value):
    said = {assumptions.scope("threshold:class_x"): value,
            assumptions.scope("threshold:new_weeks"): 6,
            assumptions.scope("threshold:colour"): 3}  # fmt: skip
    journal.note(store, assumptions.KIND, said)
    found = assumptions.of(store).thresholds
    assert found.new_weeks == 6
    assert found.class_x == 0.5 or value is True  # to a computer, true is 1


def test_the_base_currency_is_as_settled_else_the_commonest(store):
    store.load([sales(days=3), products({"sku": "MUG", "unit_cost": 3.0, "currency": "CNY"})])
    assert assumptions.currency(store, store.items()) == "CNY"
    assumptions.settle(store, {"base_currency": "USD"})
    assert assumptions.currency(store, store.items()) == "USD"


def test_containers_can_be_told_what_fits_and_what_they_cost(store):
    assumptions.set_containers(store, {"40HQ": Container(70.0, 25_000.0, 21_000.0)})
    found = assumptions.containers(store)
    assert found["40HQ"] == Container(70.0, 25_000.0, 21_000.0)
    assert found["20"].volume_m3 == 28.0
    assert assumptions.table(store)[["name", "scope"]].to_numpy().tolist() == [
        ["container", "40HQ"]
    ]
    with pytest.raises(OutOfBoundsError):
        assumptions.set_containers(store, {"20": Container(0.0, 1000.0)})
    with pytest.raises(UnknownFieldError):
        assumptions.set_containers(store, {"jumbo": Container(90.0, 1000.0)})


def lines(*rows):
    frame = pd.DataFrame([dict(zip(fees.COLUMNS, row, strict=True)) for row in rows])
    return frame.assign(starts_on=pd.to_datetime(frame["starts_on"]))


GAP = float("nan")
ALL = ("", "2026-01-01", 12.0, GAP, 5.0, GAP, GAP, "")
OLD = ("DE", "2025-01-01", 15.0, 3.0, GAP, 4.0, 2.5, "EUR")
NEW = ("DE", "2026-03-01", 15.5, GAP, GAP, GAP, 25.0, "")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A small workspace, made once and copied for every test."""
    folder = tmp_path_factory.mktemp("shop") / "own"
    with Store.open(folder) as opened:
        opened.load([sales(days=3), sales(days=3, market="DE")])
    return folder


@pytest.fixture
def shop(made, tmp_path):
    shutil.copytree(made, tmp_path / "shop")
    with Store.open(tmp_path / "shop") as opened:
        yield opened


def test_the_latest_line_of_a_market_counts_part_by_part(shop):
    fees.save(shop, fees.table(shop), lines(NEW, ALL, OLD), who="Ann")
    known = fees.table(shop)
    assert known["market"].tolist() == ["", "DE", "DE"]
    assert known["starts_on"].dt.strftime("%Y-%m-%d").tolist() == [
        "2026-01-01", "2025-01-01", "2026-03-01",
    ]  # fmt: skip
    found = fees.of(shop, ["DE", "US", "DE"], date(2026, 5, 31))
    assert found.index.tolist() == ["DE", "US"]
    german = found.loc["DE"]
    assert german[[*fees.PARTS]].tolist() == [15.5, 3.0, 5.0, 4.0, 25.0]
    assert german["currency"] == "EUR"
    assert set(german[[f"{part}_source" for part in fees.PARTS]]) == {"setting"}
    american = found.loc["US"]
    assert american[[*fees.PARTS]].tolist() == [12.0, 0.0, 5.0, 0.0, 0.0]
    assert american["fulfilment_fee_source"] == "default"
    early = fees.of(shop, ["DE"], date(2026, 2, 28)).loc["DE"]  # the new tariff does not hold yet
    assert early[["referral_pct", "duty_pct"]].tolist() == [15.0, 2.5]
    before = fees.of(shop, ["DE"], date(2024, 12, 31)).loc["DE"]
    assert before["referral_pct"] == 15.0
    assert before["referral_pct_source"] == "default"


def test_a_table_of_fees_keeps_what_somebody_else_changed_meanwhile(shop):
    seen = fees.table(shop)
    fees.save(shop, seen, lines(OLD), who="Ann")
    fees.save(shop, seen, lines(ALL), who="Bo")  # Bo had not seen Ann's line
    assert len(fees.table(shop)) == 2
    now = fees.table(shop)
    fees.save(shop, now, now.loc[now["market"] == "DE"])
    assert fees.table(shop)["market"].tolist() == ["DE"]
    assert assumptions.table(shop)[["name", "scope", "who"]].to_numpy().tolist() == [
        ["fees", "DE · 2025-01-01", "Ann"]
    ]


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (("DE", None, 15.0, GAP, GAP, GAP, GAP, ""), NotADateError),
        (("DE", "2026-01-01", 101.0, GAP, GAP, GAP, GAP, ""), OutOfBoundsError),
        (("DE", "2026-01-01", GAP, -1.0, GAP, GAP, GAP, ""), OutOfBoundsError),
        (("DE", "2026-01-01", 15.0, GAP, GAP, GAP, GAP, "euro"), UnknownFieldError),
        (("Atlantis", "2026-01-01", 15.0, GAP, GAP, GAP, GAP, ""), UnknownMarketError),
        (OLD, AmbiguousNameError),
    ],
)
def test_a_line_that_cannot_be_meant_is_refused(shop, line, kind):
    with pytest.raises(kind) as refused:
        fees.save(shop, fees.table(shop), lines(OLD, line))
    assert fees.table(shop).empty
    assert Translator("zh").error(refused.value)


def test_blank_lines_are_left_out_and_countries_are_known_by_name(shop):
    blank = ("", None, GAP, GAP, GAP, GAP, GAP, "")
    fees.save(shop, fees.table(shop), lines(blank, ("德国", *OLD[1:])))
    assert fees.table(shop)["market"].tolist() == ["DE"]


def way(market, route, **more):
    return {**dict.fromkeys(routes.COLUMNS), "market": market, "route": route, **more}


@pytest.fixture
def ways(shop):
    record = {"market": "DE", "route": "sea", "transit_days": 30.0, "transit_days_worst": 42.0,
              "cost_per_m3": 900.0, "currency": "CNY"}  # fmt: skip
    shop.load([sheet(record, kind="routes")])
    return shop


def test_a_route_is_changed_cell_by_cell_on_top_of_the_file(ways):
    seen = routes.table(ways)
    pd.testing.assert_frame_equal(seen, ways.routes())
    wanted = seen.assign(transit_days=33.0)
    routes.save(ways, seen, wanted, who="Ann")
    assert routes.table(ways)[["transit_days", "transit_days_worst"]].to_numpy().tolist() == [
        [33.0, 42.0]
    ]
    newer = {"market": "DE", "route": "sea", "transit_days": 31.0, "transit_days_worst": 50.0,
             "cost_per_m3": 950.0, "currency": "CNY"}  # fmt: skip
    ways.load([sheet(newer, kind="routes")])  # the rest follows the file
    assert routes.table(ways)[["transit_days", "transit_days_worst", "cost_per_m3"]].to_numpy(
    ).tolist() == [[33.0, 50.0, 950.0]]  # fmt: skip
    now = routes.table(ways)
    routes.save(ways, now, now.assign(transit_days=np.nan))  # emptied: as the file says
    assert routes.table(ways)["transit_days"].tolist() == [31.0]
    assert assumptions.table(ways).empty


def test_a_route_is_added_removed_and_brought_back(ways):
    seen = routes.table(ways)
    air = pd.DataFrame([way("US", " AIR ", transit_days=8.0, cost_per_kg=45.0)])
    routes.save(ways, seen, pd.concat([seen, air], ignore_index=True))
    assert routes.table(ways)[["market", "route"]].to_numpy().tolist() == [
        ["DE", "sea"], ["US", "air"],
    ]  # fmt: skip
    assert list(routes.table(ways)) == list(ways.routes())
    now = routes.table(ways)
    routes.save(ways, now, now.iloc[:0])
    assert routes.table(ways).empty
    told = assumptions.table(ways)
    assert told[["name", "scope"]].to_numpy().tolist() == [["route", "DE · sea"]]
    routes.save(ways, routes.table(ways), pd.DataFrame([way("DE", "sea", transit_days=29.0)]))
    assert routes.table(ways)[["transit_days", "cost_per_m3"]].to_numpy().tolist() == [
        [29.0, 900.0]
    ]
    assumptions.withdraw(ways, assumptions.table(ways)["judgement_id"].iloc[0])
    assert routes.table(ways)["transit_days"].tolist() == [30.0]


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (way("DE", None, transit_days=3.0), NotASkuError),
        (way(None, "air", transit_days=3.0), NotASkuError),
        (way("Atlantis", "air"), UnknownMarketError),
        (way("DE", "air", transit_days=400.0), OutOfBoundsError),
        (way("DE", "air", cost_per_kg=-1.0), OutOfBoundsError),
        (way("DE", "Sea"), AmbiguousNameError),
    ],
)
def test_a_route_that_cannot_be_meant_is_refused(ways, line, kind):
    seen = routes.table(ways)
    with pytest.raises(kind):
        routes.save(ways, seen, pd.concat([seen, pd.DataFrame([line])], ignore_index=True))
    assert assumptions.table(ways).empty
