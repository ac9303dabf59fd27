"""Products corrected by hand: found by a word, changed, refused, taken back."""

import shutil

import numpy as np
import pandas as pd
import pytest

from analytics.errors import OutOfBoundsError, UnknownFieldError
from analytics.i18n import Translator
from analytics.services import journal, masterdata
from analytics.store import Store
from tests.services.shops import products, sales

CUP = {"sku": "CUP", "name": "Steel cup", "category": "Kitchen", "supplier": "深圳五金",
       "unit_cost": 20.0, "currency": "CNY", "moq": 100.0, "carton_quantity": 24.0}  # fmt: skip


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """A small workspace, made once and copied for every test."""
    folder = tmp_path_factory.mktemp("shop") / "own"
    with Store.open(folder) as made:
        made.load([sales("CUP", days=9), sales("CUP", "DE", days=3), sales("PAN", days=5),
                   products(CUP)])  # fmt: skip
    return folder


@pytest.fixture
def store(shop, tmp_path):
    shutil.copytree(shop, tmp_path / "own")
    with Store.open(tmp_path / "own") as opened:
        yield opened


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("", ["CUP", "PAN", "CUP"]),
        ("cup", ["CUP", "CUP"]),
        ("五金 de", ["CUP"]),
        ("KITCHEN steel", ["CUP", "CUP"]),
        ("c.p", []),  # a word, no pattern
        ("%", []),
    ],
)
def test_items_are_found_by_every_word(store, word, found):
    assert masterdata.items(store, word)["sku"].tolist() == found


def test_what_is_edited_holds_everywhere_and_what_is_emptied_is_the_files_again(store):
    seen = masterdata.items(store, "cup")
    wanted = seen.assign(moq=[300.0, 100.0], note=["new mould", ""], discontinued=[False, True])
    masterdata.save(store, seen, wanted, who="Ann")
    known = store.items().set_index(["sku", "market"])
    assert known.loc[("CUP", "US"), ["moq", "note"]].tolist() == [300.0, "new mould"]
    assert known.loc[("CUP", "DE"), "discontinued"]
    assert not known.loc[("CUP", "US"), "discontinued"]
    assert known.loc[("CUP", "DE"), "moq"] == 100.0
    now = masterdata.items(store, "cup")
    pd.testing.assert_frame_equal(now, wanted, check_dtype=False)
    masterdata.save(store, now, now.assign(moq=np.nan, discontinued=False), who="Bo")
    assert store.items().set_index(["sku", "market"]).loc[("CUP", "US"), "moq"] == 100.0
    told = masterdata.edits(store)
    assert told[["sku", "market", "part", "value", "who"]].to_numpy().tolist() == [
        ["CUP", "US", "note", "new mould", "Ann"]
    ]


def test_what_somebody_else_changed_meanwhile_stays(store):
    seen = masterdata.items(store, "PAN")
    masterdata.change(store, {("PAN", "US"): {"unit_cost": 7.5}}, who="Ann")
    masterdata.save(store, seen, seen.assign(moq=60.0), who="Bo")
    known = store.items().set_index("sku").loc["PAN"]
    assert known[["unit_cost", "moq"]].tolist() == [7.5, 60.0]
    told = masterdata.edits(store)
    assert dict(zip(told["part"], told["who"], strict=True)) == {"unit_cost": "Ann", "moq": "Bo"}
    masterdata.withdraw(store, told["scope"].iloc[0], "unit_cost")
    assert np.isnan(store.items().set_index("sku").loc["PAN", "unit_cost"])
    assert masterdata.edits(store)["part"].tolist() == ["moq"]


@pytest.mark.parametrize(
    ("parts", "kind"),
    [
        ({"unit_cost": -1.0}, OutOfBoundsError),
        ({"moq": 0}, OutOfBoundsError),
        ({"moq": float("inf")}, OutOfBoundsError),
        ({"unit_cost": "cheap"}, OutOfBoundsError),
        ({"lead_time_days": 400.0}, OutOfBoundsError),
        ({"note": "x" * 201}, OutOfBoundsError),
        ({"tier": "gold"}, UnknownFieldError),
        ({"currency": "yuan"}, UnknownFieldError),
        ({"launched_on": "2026-01-01"}, UnknownFieldError),
    ],
)
def test_what_cannot_be_meant_is_refused_and_nothing_is_noted(store, parts, kind):
    with pytest.raises(kind) as refused:
        masterdata.change(store, {("CUP", "US"): {"moq": 50}, ("PAN", "US"): parts})
    assert masterdata.edits(store).empty
    for language in ("zh", "en"):
        assert Translator(language).error(refused.value)


def test_cells_are_kept_as_plain_json(store):
    parts = {"moq": np.float64(50.4), "unit_cost": np.int64(3), "currency": " usd ",
             "tier": "trial", "note": "  ", "discontinued": np.bool_(True)}  # fmt: skip
    masterdata.change(store, {("PAN", "US"): parts})
    [entry] = journal.standing(store, "item")
    assert entry.body == {"moq": 50, "unit_cost": 3.0, "currency": "USD", "tier": "trial",
                          "discontinued": True}  # fmt: skip


def test_an_empty_workspace_has_no_items(tmp_path):
    with Store.open(tmp_path / "none") as empty:
        found = masterdata.items(empty, "cup")
        assert found.empty
        assert [*masterdata.COLUMNS] == [n for n in found if n not in masterdata.LOCKED]
