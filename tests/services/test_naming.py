"""Names that mean the same: edited as tables, kept as imports, taken back like any other."""

import pandas as pd
import pytest

from analytics.errors import AmbiguousNameError, NotASkuError, NotPositiveError, UnknownMarketError
from analytics.services import importing, naming
from analytics.services.importing import Upload
from analytics.store import Store

SALES = Upload(
    "sales.csv",
    b"date,sku,quantity,market\n2026-05-01,OLD-1,2,DE\n2026-05-01,new-1,3,FR\n2026-05-02,SET,1,DE\n",
)


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "own") as opened:
        importing.load(opened, importing.stage(opened, [SALES]))
        yield opened


def sold(store):
    units = store.daily_sales().groupby(["sku", "market"])["units"].sum()
    return {key: float(sum_) for key, sum_ in units.items()}


def aliases(*rows):
    return pd.DataFrame(rows, columns=["alias", "sku"])


def save(store, kind, wanted, **options):
    """Save as one does who looks at the present table."""
    return naming.save(store, kind, naming.table(store, kind), wanted, **options)


def bundle(quantity):
    return pd.DataFrame({"bundle": ["A"], "sku": ["B"], "quantity": [quantity]})


def test_an_alias_joins_two_spellings_and_lets_go_again(store):
    before = sold(store)
    save(store, "aliases", aliases(["old-1", "NEW-1"], [None, ""]), who="Ann")
    assert sold(store) == {("new-1", "DE"): 2, ("new-1", "FR"): 3, ("SET", "DE"): 1}
    assert naming.table(store, "aliases").to_numpy().tolist() == [["old-1", "NEW-1"]]
    assert store.imports()["who"].iloc[0] == "Ann"
    save(store, "aliases", aliases())
    assert sold(store) == before
    assert naming.table(store, "aliases").empty
    save(store, "aliases", aliases(["old-1", "NEW-1"]))
    assert ("OLD-1", "DE") not in sold(store)
    store.undo(int(store.imports()["import_id"].max()))
    assert sold(store) == before


def test_a_bundle_counts_as_its_parts_until_it_is_removed(store):
    before = sold(store)
    parts = pd.DataFrame({"bundle": ["SET", "set"], "sku": ["A", "B"], "quantity": [1, 2.0]})
    save(store, "bundles", parts)
    assert {key: units for key, units in sold(store).items() if key[0] in "AB"} == {
        ("A", "DE"): 1,
        ("B", "DE"): 2,
    }
    save(store, "bundles", parts.head(1))
    assert ("B", "DE") not in sold(store)
    save(store, "bundles", parts.head(0))
    assert sold(store) == before


def test_countries_of_one_stock_are_one_market(store):
    before = sold(store)
    pooled = pd.DataFrame({"country": ["德国", "fr"], "market": ["eu", "EU"]})
    save(store, "markets", pooled)
    assert {market for _, market in sold(store)} == {"EU"}
    save(store, "markets", pooled.head(0))
    assert sold(store) == before


def test_nothing_changed_is_no_import(store):
    imports = len(store.imports())
    save(store, "aliases", aliases(["old-1", "NEW-1"]))
    save(store, "aliases", aliases(["OLD-1 ", "NEW-1"]))
    assert len(store.imports()) == imports + 2  # the other spelling is a change, the same is none
    save(store, "aliases", naming.table(store, "aliases"))
    assert len(store.imports()) == imports + 2


@pytest.mark.parametrize(
    ("kind", "frame", "error"),
    [
        ("aliases", aliases(["A", ""]), NotASkuError),
        ("aliases", aliases([None, "B"]), NotASkuError),
        ("markets", pd.DataFrame({"country": ["Oz"], "market": ["EU"]}), UnknownMarketError),
        ("bundles", bundle(0), NotPositiveError),
        ("bundles", bundle(float("nan")), NotPositiveError),
        ("bundles", bundle(float("inf")), NotPositiveError),
        ("bundles", pd.concat([bundle(1), bundle(2)]), AmbiguousNameError),
        ("aliases", aliases(["A", "B"], ["a ", "C"]), AmbiguousNameError),
    ],
)
def test_a_line_that_cannot_be_meant_is_refused(store, kind, frame, error):
    version = store.version
    with pytest.raises(error):
        naming.check(frame, kind)
    with pytest.raises(error):
        save(store, kind, frame)
    assert store.version == version


def test_what_another_person_added_meanwhile_stays(store):
    seen = naming.table(store, "aliases")
    naming.save(store, "aliases", seen, aliases(["old-1", "NEW-1"]))
    naming.save(store, "aliases", seen, aliases(["SET", "KIT"]))
    assert naming.table(store, "aliases")["alias"].tolist() == ["old-1", "SET"]
