"""The policy of an item: its tier's practice, what was said of the tier, what was said of it."""

import numpy as np
import pandas as pd
import pytest

from analytics.errors import OutOfBoundsError, ReadOnlyWorkspaceError, UnknownFieldError
from analytics.i18n import Translator
from analytics.policy import POLICIES, Measure, Method
from analytics.schema import Tier
from analytics.services import journal, policies
from analytics.store import Store
from tests.store.sheets import sheet

ITEMS = pd.DataFrame({"sku": ["CUP", "PAN", "Mug", "NEW"], "market": ["US", "DE", "US", "DE"]})
TIERS = ["bestseller", "regular", "seasonal", "trial"]


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "own") as opened:
        yield opened


def test_every_tier_has_its_own_practice(store):
    found = policies.resolved(store, ITEMS, TIERS)
    assert found.service_level.tolist() == [0.98, 0.95, 0.95, 0.90]
    assert found.measure.tolist() == ["fill", "fill", "cycle", "cycle"]
    assert found.review_days.tolist() == [1, 7, 7, 7]
    assert found.order.tolist() == ["cover", "cover", "season", "batch"]
    assert found.by_profit.tolist() == [False, False, True, False]
    caps = [POLICIES[Tier(tier)].cap_weeks for tier in TIERS]
    assert [None if np.isnan(cap) else cap for cap in found.cap_weeks] == caps
    assert set(found.source) == {"default"}
    for name in policies.Policies.__dataclass_fields__:
        assert getattr(found, name).shape == (4,)


@pytest.mark.parametrize("tier", ["", None, "gold", float("nan")])
def test_without_a_tier_the_default_policy_holds(store, tier):
    found = policies.resolved(store, ITEMS[:1], np.array([tier], dtype=object))
    assert found.service_level.tolist() == [0.95]
    assert found.measure.tolist() == ["cycle"]
    assert found.review_days.tolist() == [7]


def test_no_items_have_no_policies(store):
    found = policies.resolved(store, ITEMS[:0], [])
    assert found.method.shape == found.service_level.shape == (0,)


def test_the_nearest_word_wins_part_by_part(store):
    policies.set_tier(store, Tier.REGULAR, {"service_level_pct": 92.0, "review_days": 14})
    policies.set_item(store, [("PAN", "DE")], {"service_level_pct": 99.0})
    policies.set_item(store, [("mUG", "US")], {"method": Method.NORMAL})  # compared without case
    found = policies.resolved(store, ITEMS, TIERS)
    assert found.service_level.tolist() == [0.98, 0.99, 0.95, 0.90]
    assert found.review_days.tolist() == [1, 14, 7, 7]
    assert found.method.tolist() == ["quantile", "quantile", "normal", "quantile"]
    assert found.source.tolist() == ["default", "item", "item", "default"]
    assert policies.resolved(store, ITEMS, ["regular"] * 4).source.tolist() == [
        "tier", "item", "item", "tier",
    ]  # fmt: skip
    assert policies.of_tiers(store)[Tier.REGULAR].review_days == 14
    assert policies.of_tiers(store)[Tier.TRIAL] == POLICIES[Tier.TRIAL]


def test_a_cap_can_be_taken_away_and_a_change_be_unsaid(store):
    policies.set_tier(store, Tier.BESTSELLER, {"cap_weeks": None, "cover_days": 45})
    assert policies.of_tiers(store)[Tier.BESTSELLER].cap_weeks is None
    policies.set_tier(store, Tier.BESTSELLER, {"cap_weeks": journal.UNSAID})
    changed = policies.of_tiers(store)[Tier.BESTSELLER]
    assert (changed.cap_weeks, changed.cover_days) == (POLICIES[Tier.BESTSELLER].cap_weeks, 45)
    policies.set_tier(store, Tier.BESTSELLER, {"cover_days": journal.UNSAID})
    assert policies.of_tiers(store) == dict(POLICIES)
    assert policies.table(store).empty


def test_what_was_said_names_who_and_is_taken_back_part_by_part(store):
    policies.set_tier(store, Tier.REGULAR, {"review_days": 14}, who="Ann")
    policies.set_tier(store, Tier.REGULAR, {"measure": Measure.CYCLE}, who="Bo")
    policies.set_item(store, [("PAN", "DE")], {"service_level_pct": 99.0}, who="Cy")
    told = policies.table(store)
    assert told[["tier", "sku", "market", "part", "value", "who"]].to_numpy().tolist() == [
        ["regular", "", "", "review_days", 14, "Ann"],  # Bo's word did not make it his
        ["regular", "", "", "measure", "cycle", "Bo"],
        ["", "PAN", "DE", "service_level_pct", 99.0, "Cy"],
    ]
    assert told["made_at"].notna().all()
    policies.withdraw(store, told["scope"].iloc[0], "review_days", who="Di")
    assert policies.table(store)["part"].tolist() == ["measure", "service_level_pct"]
    policies.withdraw(store, told["scope"].iloc[2], "service_level_pct")
    assert policies.resolved(store, ITEMS, TIERS).source.tolist() == [
        "default", "tier", "default", "default",
    ]  # fmt: skip


def test_what_was_taken_back_and_said_again_is_the_last_ones_word(store):
    policies.set_tier(store, Tier.TRIAL, {"review_days": 14}, who="Ann")
    policies.set_tier(store, Tier.TRIAL, {"review_days": journal.UNSAID}, who="Ann")
    policies.set_tier(store, Tier.TRIAL, {"review_days": 14}, who="Bo")
    assert policies.table(store)["who"].tolist() == ["Bo"]


@pytest.mark.parametrize(
    ("parts", "kind"),
    [
        ({"service_level_pct": 100.0}, OutOfBoundsError),
        ({"service_level_pct": float("nan")}, OutOfBoundsError),
        ({"review_days": 0}, OutOfBoundsError),
        ({"cap_weeks": 0.5}, OutOfBoundsError),
        ({"service_level_pct": None}, UnknownFieldError),
        ({"mood": 1}, UnknownFieldError),
        ({"method": "guess"}, UnknownFieldError),
    ],
)
def test_what_cannot_be_meant_is_refused_with_a_sentence_and_nothing_is_noted(store, parts, kind):
    said = {Tier.TRIAL: {"cover_days": 20}, Tier.REGULAR: parts}
    with pytest.raises(kind) as refused:
        policies.set_tiers(store, said)
    with pytest.raises(kind):
        policies.set_item(store, [("CUP", "US")], parts)
    assert policies.table(store).empty
    for language in ("zh", "en"):
        assert Translator(language).error(refused.value)


def test_a_part_of_an_older_journal_that_no_longer_fits_is_passed_over(store):
    scope = journal.scope_of({"tier": "regular"})
    journal.note(store, "policy", {scope: {"review_days": 900, "mood": 3, "cover_days": 60}})
    found = policies.of_tiers(store)[Tier.REGULAR]
    assert (found.review_days, found.cover_days) == (7, 60)


def test_a_word_on_a_country_holds_for_the_market_it_was_pooled_into(store):
    policies.set_item(store, [("CUP", "FR")], {"review_days": 3})
    store.load([sheet({"country": "FR", "market": "EU"}, kind="markets")])
    items = pd.DataFrame({"sku": ["CUP"], "market": ["EU"]})
    assert policies.resolved(store, items, ["regular"]).review_days.tolist() == [3]


def test_a_workspace_that_only_reads_refuses(tmp_path):
    with Store.open(tmp_path / "own"):
        pass
    with Store.open(tmp_path / "own", read_only=True) as reading:
        with pytest.raises(ReadOnlyWorkspaceError):
            policies.set_tier(reading, Tier.REGULAR, {"review_days": 14})
        assert set(policies.resolved(reading, ITEMS, TIERS).source) == {"default"}
