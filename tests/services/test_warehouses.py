"""What warehouses are for: told from the name, and in the seller's own word."""

import pytest

from analytics.errors import UnknownFieldError
from analytics.services import planning, warehouses
from analytics.store import Store
from tests.services.shops import day, sales
from tests.store.sheets import sheet


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "own") as opened:
        counted = [
            {"sku": "MUG", "warehouse": name, "on_hand": units, "date": day(0)}
            for name, units in (("FBA-ONT8", 30.0), ("Long Beach", 200.0))
        ]
        opened.load([sales(), sheet(*counted, kind="stock", market="US")])
        yield opened


def places(store):
    frame = planning.basis(store).positions
    return frame[["at_marketplace", "at_overseas"]].iloc[0].tolist()


def test_a_name_tells_and_the_sellers_word_goes_before_it(store):
    found = warehouses.table(store).set_index("warehouse")["place"].to_dict()
    assert found == {"FBA-ONT8": "marketplace", "Long Beach": "overseas"}
    assert places(store) == [30.0, 200.0]
    warehouses.save(store, {"Long Beach": "marketplace"}, who="Ann")
    assert warehouses.named(store) == {"Long Beach": "marketplace"}
    assert places(store) == [230.0, 0.0]


def test_a_place_that_there_is_not_is_refused(store):
    with pytest.raises(UnknownFieldError):
        warehouses.save(store, {"Long Beach": "moon"})
    assert warehouses.named(store) == {}
