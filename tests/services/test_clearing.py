"""What is stuck and what to do with it, from files to the action list."""

import shutil
from datetime import date

import numpy as np
import pandas as pd
import pytest

from analytics import clearance as numbers
from analytics.errors import (
    AmbiguousNameError,
    NoDataError,
    NotADateError,
    OutOfBoundsError,
    ReadOnlyWorkspaceError,
    UnknownFieldError,
    UnknownItemError,
    UnknownMarketError,
)
from analytics.i18n import LANGUAGES, Translator
from analytics.services import assumptions, clearance_fees, clearing, fees, masterdata, planning
from analytics.services.clearance_fees import COLUMNS, Terms
from analytics.store import Store
from tests.services import stuck_shop
from tests.services.shops import products, rates, sales, stock


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("stuck") / "own"
    with Store.open(path) as made:
        made.load(stuck_shop.sheets())
        planning.basis(made)  # its forecast is stored, and copied along
    return path


@pytest.fixture
def store(folder, shop, tmp_path):
    """A copy to write into."""
    shutil.copytree(folder, tmp_path / "own")
    with Store.open(tmp_path / "own") as opened:
        yield opened


@pytest.fixture(scope="module")
def shop(folder):
    with Store.open(folder) as opened:
        yield opened


def fee(**said):
    """A table of fees with one line."""
    line = {**dict.fromkeys(COLUMNS), "market": "US", "starts_on": "2026-01-01", **said}
    return pd.DataFrame([line])


def line(found, sku, market="US"):
    lines = found.lines
    return lines.loc[(lines["sku"] == sku) & (lines["market"] == market)].iloc[0]


def test_what_is_slow_or_dead_is_listed_and_what_sells_is_not(shop):
    found = clearing.clearance(shop)
    assert found.as_of == stuck_shop.AS_OF
    assert dict(zip(found.lines["sku"], found.lines["status"], strict=True)) == {
        "LAMP": "slow",
        "BOWL": "dead",
    }


def test_layers_add_up_to_what_is_on_hand_and_what_is_unexplained_stands_first(shop):
    found = clearing.clearance(shop)
    layers = found.layers
    own = layers.loc[layers["sku"] == "LAMP", ["age", "units"]]
    assert own["units"].tolist() == [100.0, 200.0, 300.0]
    assert own["age"].isna().tolist() == [True, False, False]
    assert own["age"].tolist()[1:] == [200.0, 120.0]
    total = layers.groupby("sku")["units"].sum()
    assert total.to_dict() == {"BOWL": 40.0, "LAMP": 600.0}
    assert (line(found, "LAMP")["age_unknown"], line(found, "LAMP")["oldest_days"]) == (100.0, 200)


def test_layers_add_up_to_stock_on_the_sample(sample_store):
    found = clearing.clearance(sample_store)
    total = found.layers.groupby(["sku", "market"])["units"].sum()
    on_hand = found.lines.set_index(["sku", "market"])["on_hand"]
    assert total.sort_index().to_numpy() == pytest.approx(on_hand.sort_index().to_numpy())


def test_the_values_are_those_of_the_closed_forms(shop):
    """The service hands the formulas what the files say: worked out beside it, by the books."""
    found = clearing.clearance(shop, assumptions=Terms(elasticity={"": 2.5}))
    own = line(found, "LAMP")
    rho = np.log1p(found.rate.annual_pct / 100) / 365
    n, lam, price = 600.0, own["speed"], 20.0
    storage = 30.72 * 0.1 / 10 / 30  # USD 0.87 a cubic foot, published; 0.01 m3 a unit
    assert own["storage_fee"] == pytest.approx(storage)
    decided = clearing._answer(shop, None, Terms(elasticity={"": 2.5})).decided
    row = list(clearing._answer(shop, None, Terms()).names).index(("LAMP", "US"))
    cut = 0.2
    rate, cash = lam * 0.8**-2.5, price * 0.8 * 0.85
    end = n / rate
    selling = cash * rate * (1 - np.exp(-rho * end)) / rho
    held = storage * (n / rho - rate / rho**2 * (1 - np.exp(-rho * end)))
    alone = decided.take(row)
    value = numbers.value_of_discount(alone.case.stuck, alone.interest, cut)
    assert float(value[0]) == pytest.approx(selling - held)
    liquid = 0.07 * price * 0.85 * np.exp(-90 * rho) - 0.30  # 7 %, less 15 %, in 90 days
    assert own["value_liquidate"] == pytest.approx(n * liquid)
    assert own["value_scrap"] == pytest.approx(-0.75 * n)


def test_p15b_through_the_service(store):
    """600 lamps at 0.5 a day, 20 less 15 % less 4, 0.02 a day, elasticity 2.5, 40 % a year."""
    assumptions.settle(store, {"capital_rate_pct": 40.0, "fulfilment_fee": 4.0})
    terms = Terms(
        fees=clearance_fees._frame(
            [{"market": "US", "starts_on": "2026-01-01", "storage_fee_unit": 0.6,
              "liquidation_fee": 0.5, "scrap_fee": 0.35, "currency": "USD"}],
            COLUMNS, clearance_fees.PARTS,
        ),
        ageing=clearance_fees._frame(
            [{"market": "US", "starts_on": "2026-01-01", "over_days": 180.0, "fee_unit": 0.0}],
            clearance_fees.AGEING_COLUMNS, ("over_days", *clearance_fees.AGEING_PARTS),
        ),
        elasticity={"Light": 2.5},
    )  # fmt: skip
    answer = clearing._answer(store, None, terms)
    row = list(answer.names).index(("LAMP", "US"))
    own = answer.decided.take(row)
    half = own.case.stuck.faster(0.5 / own.case.stuck.demand_mean)  # the forecast is not the book's
    best = numbers.decide(
        half, own.interest, liquidation_fee=own.case.liquidation_fee,
        scrap_fee=own.case.scrap_fee, recovery=own.case.recovery, ageing=own.case.ageing,
    )  # fmt: skip
    values = {name: float(value[0]) for name, value in best.values.items()}  # noqa: PD011
    assert values["keep"] == pytest.approx(-424.149441, abs=1e-6)
    assert values["discount"] == pytest.approx(1384.659375, abs=1e-6)
    assert values["liquidate"] == pytest.approx(357.153222, abs=1e-6)
    assert values["scrap"] == pytest.approx(-210.0)
    assert (best.tail_discount.tolist(), best.keep.tolist()) == ([0.1], [277.0])
    assert values["keep_some"] == pytest.approx(1742.237718, abs=5e-4)  # in whole units


def test_the_cash_released_is_the_sum_of_the_lines_to_the_cent(shop, sample_store):
    for store in (shop, sample_store):
        found = clearing.clearance(store)
        for name in ("cash_soon", "cash_released"):
            cents = [round(amount * 100) for amount in found.lines[name]]
            assert cents == [pytest.approx(amount * 100) for amount in found.lines[name]]
            assert round(found.totals[name] * 100) == sum(cents)
            assert round(found.options[name].sum() * 100) == sum(cents)
    assert found.options["items"].sum() == len(found.lines)


def test_the_price_that_goods_were_bought_for_moves_no_rank_and_no_value(store):
    answers = [clearing.clearance(store).lines]
    for cost in (0.5, 19.0):
        said = {("LAMP", "US"): {"unit_cost": cost}, ("BOWL", "US"): {"unit_cost": 20 - cost}}
        masterdata.change(store, said)
        answers.append(clearing.clearance(store).lines)
    sunk = ["book_value", "book_loss", "tier"]  # tiers rank by what items earn
    for other in answers[1:]:
        pd.testing.assert_frame_equal(
            answers[0].drop(columns=sunk), other.drop(columns=sunk), check_exact=True
        )
        assert not answers[0]["book_value"].equals(other["book_value"])


def test_a_fee_that_is_edited_moves_the_advice(store):
    before = clearing.clearance(store)
    assert line(before, "BOWL")["exit"] == "liquidate"
    table = clearance_fees.settled(store).fees
    clearance_fees.save_fees(store, table, fee(liquidation_fee=30.0, scrap_fee=0.01), who="Ann")
    after = clearing.clearance(store)
    assert line(after, "BOWL")["exit"] == "scrap"
    assert line(after, "BOWL")["value_liquidate"] < line(before, "BOWL")["value_liquidate"]


def test_fees_hold_from_their_day_on_and_the_nearest_word_counts(store):
    wanted = pd.concat(
        [fee(scrap_fee=1.0), fee(scrap_fee=2.0, starts_on="2026-05-01"),
         fee(scrap_fee=9.0, starts_on="2027-01-01"), fee(market="", transfer_days=12.0)]
    )  # fmt: skip
    clearance_fees.save_fees(store, clearance_fees.settled(store).fees, wanted)
    terms = clearance_fees.settled(store)

    def told(day, part, market="US"):
        row = clearance_fees.in_force(terms, [market], day, {"USD": 1.0}).loc[market]
        return row[part], row[f"{part}_source"]

    assert told(date(2026, 4, 30), "scrap_fee") == (1.0, "setting")
    assert told(date(2026, 5, 31), "scrap_fee") == (2.0, "setting")
    assert told(date(2026, 5, 31), "transfer_days") == (12.0, "setting")
    assert told(date(2026, 5, 31), "liquidation_fee") == (0.3, "default")
    assert told(date(2026, 5, 31), "scrap_fee", "JP")[1] == "unknown"
    clearance_fees.save_fees(store, terms.fees, terms.fees.iloc[:0])
    assert clearance_fees.settled(store).fees.empty


def test_an_amount_without_a_rate_counts_as_not_known():
    rows = clearance_fees.in_force(Terms(), ["US"], date(2026, 5, 31), {"CNY": 1.0})
    assert rows.loc["US", "scrap_fee_source"] == "no_rate"
    assert np.isnan(rows.loc["US", "scrap_fee"])
    assert rows.loc["US", "recovery_pct"] == 7.0


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({"starts_on": None, "scrap_fee": 1.0}, NotADateError),
        ({"scrap_fee": -1.0}, OutOfBoundsError),
        ({"recovery_pct": 101.0}, OutOfBoundsError),
        ({"currency": "dollars"}, UnknownFieldError),
        ({"market": "Atlantis"}, UnknownMarketError),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(store, said, error):
    version = store.version
    with pytest.raises(error):
        clearance_fees.save_fees(store, clearance_fees.settled(store).fees, fee(**said))
    twice = pd.concat([fee(scrap_fee=1.0), fee(scrap_fee=2.0)])
    with pytest.raises(AmbiguousNameError):
        clearance_fees.save_fees(store, clearance_fees.settled(store).fees, twice)
    with pytest.raises(OutOfBoundsError):
        clearance_fees.save_elasticity(store, {"Light": 11.0})
    assert store.version == version


def test_who_only_reads_settles_nothing(shop):
    with shop.as_reader() as reader, pytest.raises(ReadOnlyWorkspaceError):
        clearance_fees.save_elasticity(reader, {"Light": 3.0})


def test_elasticity_is_settled_by_category_and_taken_back(store):
    clearance_fees.save_elasticity(store, {"Light": 3.0}, who="Ann")
    found = clearing.clearance(store)
    told = line(found, "LAMP")
    assert (told["elasticity"], told["elasticity_source"]) == (3.0, "setting")
    assert line(found, "BOWL")["elasticity_source"] == "default"
    assert line(found, "BOWL")["elasticity"] == numbers.ELASTICITY
    table = clearing.elasticities(store).set_index("category")
    assert table.loc["Light", "elasticity"] == 3.0
    clearance_fees.save_elasticity(store, {"Light": None})
    assert line(clearing.clearance(store), "LAMP")["elasticity_source"] == "default"


def test_steps_of_the_fee_on_age_are_charged_on_the_fifteenth(store):
    steps = pd.DataFrame(
        [{"market": "US", "starts_on": "2026-01-01", "over_days": 180, "fee_m3": None,
          "fee_unit": 2.0, "currency": "USD"}]
    )  # fmt: skip
    clearance_fees.save_ageing(store, clearance_fees.settled(store).ageing, steps)
    own = clearing.item(store, "lamp", "US")
    kept = own.charges.loc[own.charges["plan"] == "keep"].iloc[0]
    assert kept["date"] == pd.Timestamp("2026-06-15")
    speed = float(own.line["speed"])
    old = 300 - 15 * speed  # 100 of unknown age and 200 of 200 days; the others are 135 days old
    assert kept["fee"] == pytest.approx(2.0 * old)
    assert own.line["act_by"] == pd.Timestamp("2026-06-15")


def test_a_fee_by_room_without_a_volume_is_said_and_weighs_in_once_it_is_known(tmp_path):
    """Of the fee on age by the m3; once it is known, keeping is worth less."""
    found, values = {}, {}
    boxes = {"carton_quantity": 10.0, "carton_volume_m3": 0.1}
    for name, bowl in (("bare", stuck_shop.BOWL), ("boxed", {**stuck_shop.BOWL, **boxes})):
        with Store.open(tmp_path / name) as store:
            store.load(stuck_shop.sheets(bowl=bowl))
            found[name] = clearing.clearance(store)
            values[name] = clearing.item(store, "BOWL", "US")
    told = dict(found["bare"].notes)["clearance_age_fee_unknown"]
    assert told == {"items": 1, "names": ("BOWL · US",)}
    assert line(found["bare"], "BOWL")["age_fee_source"] == "unknown"
    assert line(found["bare"], "LAMP")["age_fee_source"] == "default"
    assert not any(code.startswith("clearance_age_fee") for code, _ in found["boxed"].notes)
    assert values["boxed"].charges["fee"].sum() > values["bare"].charges["fee"].sum()
    kept = [line(found[name], "BOWL")["value_keep"] for name in ("boxed", "bare")]
    assert kept[0] < kept[1]


def test_a_fee_by_the_unit_needs_no_volume(store):
    steps = pd.DataFrame(
        [{"market": "US", "starts_on": "2026-01-01", "over_days": 180, "fee_m3": None,
          "fee_unit": 2.0, "currency": "USD"}]
    )  # fmt: skip
    clearance_fees.save_ageing(store, clearance_fees.settled(store).ageing, steps)
    found = clearing.clearance(store)
    assert not any(code.startswith("clearance_age_fee") for code, _ in found.notes)
    assert set(found.lines["age_fee_source"]) == {"setting"}


def test_an_item_opens_in_full(shop):
    own = clearing.item(shop, "lamp", "US")
    assert own.options["is_best"].tolist() == [True, *[False] * 5]
    assert own.options["option"].iloc[0] == own.line["option"]
    assert own.layers["units"].sum() == own.line["on_hand"] == 600.0
    assert own.curve["discount"].iloc[0] == 0.0
    assert own.curve["value"].iloc[0] == pytest.approx(own.line["value_keep"])
    assert (own.curve["value_keep_some"] >= own.curve["value"] - 1e-9).all()
    assert (own.regret["regret"] >= 0).all()
    assert own.regret["units_per_day"].is_monotonic_increasing
    assert own.regret["regret"].iloc[[0, 2]].tolist() == pytest.approx(
        [own.line["regret_low"], own.line["regret_high"]]
    )
    with pytest.raises(UnknownItemError):
        clearing.item(shop, "MUG", "US")


def test_stock_goes_to_the_market_that_sells_it_and_only_one_at_a_time(tmp_path):
    more = [
        stuck_shop.sparse("LAMP", 1, units=6.0, market="DE"),
        stock(("LAMP", 60), market="DE"),
        stuck_shop.sparse("LAMP", 3, market="GB"),
        stock(("LAMP", 900), market="GB"),
        stuck_shop.received("LAMP", (150, 900), market="GB"),
    ]
    with Store.open(tmp_path / "own") as store:
        store.load([*stuck_shop.sheets(), *more])
        table = fee(market="", transfer_cost=1.0, transfer_days=20.0)
        clearance_fees.save_fees(store, clearance_fees.settled(store).fees, table)
        found = clearing.clearance(store)
        moved = found.lines.loc[found.lines["option"] == "transfer"]
        assert moved[["transfer_market", "transfer_source"]].to_numpy().tolist() == [
            ["DE", "setting"]
        ]
        dear = fee(market="", transfer_cost=100.0, transfer_days=20.0)
        clearance_fees.save_fees(store, clearance_fees.settled(store).fees, dear)
        after = clearing.clearance(store)
        assert "transfer" not in set(after.lines["option"])


def test_a_warehouse_overseas_is_a_way_once_its_costs_are_known(store):
    assert line(clearing.clearance(store), "LAMP")["transfer_place"] == ""
    dear_here = fee(storage_fee_unit=6.0, overseas_cost=0.2, overseas_fee=0.03)
    clearance_fees.save_fees(store, clearance_fees.settled(store).fees, dear_here)
    own = line(clearing.clearance(store), "LAMP")
    assert (own["option"], own["transfer_place"], own["transfer_market"]) == (
        "transfer", "overseas", "US",
    )  # fmt: skip


def test_a_cash_limit_that_leaves_good_orders_out_makes_waiting_dearer(store):
    assert clearing.clearance(store).rate.source == "default"
    assumptions.settle(store, {"capital_rate_pct": 12.0})
    assert clearing.clearance(store).rate.source == "setting"
    assumptions.settle(store, {"cash_limit": 50.0})
    found = clearing.clearance(store).rate
    assert found.source == "cash"
    assert found.annual_pct == found.cash_pct > found.hurdle_pct == 12.0
    assumptions.settle(store, {"cash_limit": 1e9})
    free = clearing.clearance(store).rate
    assert (free.source, free.annual_pct, free.cash_pct) == ("setting", 12.0, 0.0)


def test_without_a_price_an_item_is_listed_last_and_said(tmp_path):
    bare = {name: fact for name, fact in stuck_shop.BOWL.items() if name != "price"}
    with Store.open(tmp_path / "own") as store:
        store.load(stuck_shop.sheets(bowl=bare))
        found = clearing.clearance(store)
    last = found.lines.iloc[-1]
    assert (last["sku"], last["option"], last["reason"]) == ("BOWL", "", "price_unknown")
    assert ("clearance_price_unknown", {"items": 1}) in found.notes
    assert found.layers.groupby("sku")["units"].sum()["BOWL"] == 40.0


def test_nothing_stuck_no_stock_and_no_sales_are_answered(tmp_path):
    with Store.open(tmp_path / "empty") as store, pytest.raises(NoDataError):
        clearing.clearance(store)
    with Store.open(tmp_path / "sales") as store:
        store.load([sales()])
        found = clearing.clearance(store)
        assert found.lines.empty
        assert found.options.empty
        assert found.totals["cash_released"] == 0.0
        assert clearing.elasticities(store)["items"].sum() == 1
        assert len(clearing.fees_in_force(store))
        store.load([stock(("MUG", 30)), products({"sku": "MUG", "name": "Mug"})])
        assert clearing.clearance(store).lines.empty


def test_every_code_has_words_in_both_languages(shop, sample_store):
    for language in LANGUAGES:
        t = Translator(language)
        for reason in clearing.REASONS:
            assert t.has(f"clearance_reason.{reason}")
        for option in clearing.OPTIONS:
            assert t.has(f"clearance_option.{option}")
        for store in (shop, sample_store):
            for code, facts in clearing.clearance(store).notes:
                assert t.has(f"note.{code}")
                assert "{" not in t(f"note.{code}", **{k: str(v) for k, v in facts.items()})


def in_yuan(*more):
    """The stuck shop with its own money in yuan; the marketplace's fees are in dollars."""
    lamp, bowl, mug = (
        {**item, "currency": "CNY"} for item in (stuck_shop.LAMP, stuck_shop.BOWL, stuck_shop.MUG)
    )
    own = stuck_shop.sheets()[:-2]  # without its products and rates
    return [*own, products(lamp, bowl, mug), *more]


def test_a_fee_in_a_currency_without_a_rate_is_no_free_lunch(tmp_path):
    with Store.open(tmp_path / "own") as store:
        store.load(in_yuan())
        found = clearing.clearance(store)
        assert found.currency == "CNY"
        assert found.lines["reason"].tolist() == ["rate_unknown"] * 2
        values = found.lines[[f"value_{option}" for option in clearing.OPTIONS]]
        assert values.isna().all(axis=None)
        told = {code: facts for code, facts in found.notes if code.startswith("clearance_no_rate")}
        dollars = {"currency": "USD", "items": 2}
        assert told == {
            "clearance_no_rate_storage": {"currency": "USD", "items": 1},  # the bowl has no volume
            "clearance_no_rate_ageing": dollars,
            "clearance_no_rate_exit": dollars,
        }
        assert found.totals["cash_released"] == 0.0
    with Store.open(tmp_path / "rated") as store:
        store.load(in_yuan(rates(("USD", 10, 7.0))))
        found = clearing.clearance(store)
        assert not any(code.startswith("clearance_no_rate") for code, _ in found.notes)
        assert line(found, "BOWL")["value_scrap"] == pytest.approx(-0.75 * 7 * 40)


def test_a_fulfilment_fee_without_a_rate_takes_the_advice_away(store):
    told = {**dict.fromkeys(fees.COLUMNS), "market": "US", "starts_on": "2026-01-01"}
    said = pd.DataFrame([{**told, "fulfilment_fee": 6.0, "currency": "GBP"}])
    fees.save(store, fees.table(store), said)
    found = clearing.clearance(store)
    assert set(found.lines["reason"]) == {"rate_unknown"}
    note = ("clearance_no_rate_fulfilment", {"currency": "GBP", "items": 2})
    assert note in found.notes


def test_fees_that_nobody_settled_are_named_one_by_one(store):
    notes = dict(clearing.clearance(store).notes)
    assert notes["clearance_referral_pct_default"] == {"referral_pct": 15.0, "items": 2}
    assert notes["clearance_fulfilment_fee_default"] == {"fulfilment_fee": 0.0, "items": 2}
    assumptions.settle(store, {"fulfilment_fee": 4.0})
    after = dict(clearing.clearance(store).notes)
    assert "clearance_fulfilment_fee_default" not in after
    assert "clearance_referral_pct_default" in after


def test_a_fee_that_is_edited_moves_the_ranking(tmp_path):
    """Of bowls there are more; vases are dear, and liquidators pay a share of the price."""
    dead = [
        sheet for sku, units in (("BOWL", 43), ("VASE", 40)) for sheet in
        (stuck_shop.sparse(sku, 3, since=120), stuck_shop.received(sku, (208, units + 40)))
    ]  # fmt: skip
    listed = [
        {"sku": "BOWL", "price": 9.0, "unit_cost": 2.0, "currency": "USD"},
        {"sku": "VASE", "price": 40.0, "unit_cost": 2.0, "currency": "USD"},
    ]
    with Store.open(tmp_path / "own") as store:
        store.load(
            [sales(units=4.0), *dead, stock(("BOWL", 43), ("VASE", 40)), products(*listed),
             rates(("USD", 10, 1.0))]
        )  # fmt: skip
        before = clearing.clearance(store).lines["sku"].tolist()
        none = clearance_fees.settled(store).fees
        clearance_fees.save_fees(store, none, fee(recovery_pct=60.0))
        after = clearing.clearance(store).lines["sku"].tolist()
    assert (before, after) == (["BOWL", "VASE"], ["VASE", "BOWL"])
