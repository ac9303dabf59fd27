"""Elasticities from prices whose effect is known: sales drawn by the law that is to be found."""

import numpy as np
import pandas as pd
import pytest

from analytics.clearance.elasticity import learnt
from analytics.services import clearing, clearing_prices, planning
from analytics.store import Store
from tests.services import shops
from tests.store.sheets import sheet

TRUE = {"Light": 3.0, "Table": 1.2}
LAST = pd.Timestamp(shops.LAST)


def drawn(rng, elasticity, *, items=20, days=700, each=8.0):
    """Ten days at 20 or 30 % off, six times an item, and what sold."""
    shift = np.zeros((items, days))
    for row in range(items):
        for start in rng.choice(np.arange(5, days - 15, 15), 6, replace=False):
            shift[row, start : start + 10] = np.log(1 - rng.choice([0.2, 0.3]))
    base = np.full((items, days), each)
    return rng.poisson(base * np.exp(-elasticity * shift)).astype(float), base, shift


@pytest.mark.parametrize("truth", [0.8, 2.0, 3.8])
def test_a_known_elasticity_is_found(truth):
    rng = np.random.default_rng(7)
    units, base, shift = drawn(rng, truth)
    found = learnt(units, base, shift, np.zeros(20, dtype=np.int64), 1, prior=2.0)
    assert found.value[0] == pytest.approx(truth, abs=0.1)
    assert found.is_learnt.tolist() == [True]
    assert found.changes[0] == pytest.approx(120, abs=8)  # two may touch


def test_groups_learn_apart_and_one_without_a_change_keeps_the_default():
    rng = np.random.default_rng(8)
    parts = [drawn(rng, truth) for truth in (3.0, 1.0)]
    units, base, shift = (np.concatenate(part) for part in zip(*parts, strict=True))
    quiet = np.zeros((5, units.shape[1]))
    group = np.repeat([0, 1, 2], [20, 20, 5])
    found = learnt(
        np.vstack([units, quiet + 8.0]), np.vstack([base, quiet + 8.0]),
        np.vstack([shift, quiet]), group, 3, prior=2.0,
    )  # fmt: skip
    assert found.value[:2] == pytest.approx([3.0, 1.0], abs=0.15)
    assert found.is_learnt.tolist() == [True, True, False]
    assert found.changes[2] == 0


def test_a_single_small_change_moves_nothing_far_from_the_prior():
    units, shift = np.full((1, 200), 1.0), np.zeros((1, 200))
    shift[0, 100:103], units[0, 100:103] = np.log(0.9), [0.0, 1.0, 2.0]
    found = learnt(units, np.full((1, 200), 1.0), shift, np.array([0]), 1, prior=2.0)
    assert not found.is_learnt[0]
    assert found.value[0] == pytest.approx(2.0, abs=0.2)
    nothing = learnt(units, np.full((1, 200), 1.0), 0 * shift, np.array([0]), 1, prior=2.0)
    assert (nothing.value[0], nothing.changes[0]) == (2.0, 0)


def season(day):
    return np.exp(0.7 * np.sin(2 * np.pi * (day.day_of_year / 365 - 0.25)))


def history(rng, sku, elasticity, phase):
    """Two years, by a season with its peak in summer; prices are cut in and before the peak."""
    rows = []
    for number, day in enumerate(pd.date_range(end=LAST, periods=730)):
        is_cut = day.month in (5, 6, 7) and (number + phase) % 30 < 10
        price = 14.0 if is_cut else 20.0
        units = rng.poisson(6.0 * season(day) * (price / 20) ** -elasticity)
        if units:
            rows.append({"sku": sku, "quantity": float(units), "date": f"{day:%Y-%m-%d}",
                         "unit_price": price, "currency": "USD"})  # fmt: skip
    return rows


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    rng = np.random.default_rng(9)
    rows, listed = [], []
    for category, truth in TRUE.items():
        for number in range(5):
            sku = f"{category}-{number}"
            rows += history(rng, sku, truth, 6 * number)
            listed.append({"sku": sku, "category": category, "price": 20.0, "currency": "USD"})
    listed.append({"sku": "MUG", "category": "Quiet", "price": 12.0, "currency": "USD"})
    with Store.open(tmp_path_factory.mktemp("prices") / "own") as store:
        store.load([sheet(*rows, market="US"), shops.sales(), shops.products(*listed)])
        yield store


def told_naively(seen, own):
    """Units a day at the lower price over those at the usual one."""
    is_cut, sold = clearing_prices._paid(seen) < 17, clearing_prices._sold(seen)
    rows = np.flatnonzero(own)
    cut, rest = sold[rows][is_cut[rows]].mean(), sold[rows][~is_cut[rows]].mean()
    return np.log(cut / rest) / -np.log(0.7)


def test_a_season_in_which_prices_are_cut_is_not_taken_for_their_doing(shop):
    seen = planning.basis(shop).outlook
    found = clearing_prices.learnt(seen)
    category = seen.items["category"].to_numpy()
    for name, truth in TRUE.items():
        own = category == name
        assert found.is_learnt[own].all()
        assert found.value[own][0] == pytest.approx(truth, abs=0.35)
        assert found.changes[own][0] >= 20
        naive = told_naively(seen, own)  # the year's other days are no measure of the peak's
        assert naive > truth + 1
        assert abs(found.value[own][0] - truth) < (naive - truth) / 2
    assert not found.is_learnt[category == "Quiet"].any()


def test_the_page_is_told_whose_word_it_is_and_how_many_changes_there_were(shop):
    table = clearing.elasticities(shop).set_index("category")
    assert table["elasticity_source"].to_dict() == {
        "Light": "learnt", "Quiet": "default", "Table": "learnt",
    }  # fmt: skip
    assert table.loc["Quiet", ["used", "price_changes"]].tolist() == [2.0, 0]
    assert table.loc["Light", "used"] == table.loc["Light", "learnt"]
    assert table.loc["Light", "price_changes"] >= 20


def test_cuts_of_the_sample_are_as_strong_as_its_promotions(sample_store):
    """Its price cuts sold 1.78 times as much at 14 % less: an elasticity of 3.8 (worked out apart,
    without the season, which is part of it)."""
    table = clearing.elasticities(sample_store)
    assert table["learnt"].between(2.5, 4.5).all()
    assert table["price_changes"].sum() == pytest.approx(71, abs=10)
    assert set(clearing.clearance(sample_store).lines["option"]) >= {"discount"}
