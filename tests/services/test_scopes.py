"""What a scenario can be narrowed to: the names of the data, and nothing of what is closed."""

from datetime import timedelta

import pytest

from analytics.services import planning, scopes
from analytics.store import Store
from tests.services import shops
from tests.store.sheets import sheet


@pytest.fixture
def shop(tmp_path):
    orders = [
        {"sku": "MUG", "order_id": "PO-1", "quantity": 50.0, "ordered_on": shops.day(40),
         "supplier": "Ning Bo", "route": "Sea"},
        {"sku": "MUG", "order_id": "PO-2", "quantity": 50.0, "ordered_on": shops.day(10),
         "supplier": "Yi Wu", "route": "AIR"},
        {"sku": "JUG", "order_id": "PO-2", "quantity": 20.0, "ordered_on": shops.day(10),
         "supplier": "Yi Wu", "route": "truck"},
        {"sku": "MUG", "order_id": None, "quantity": 5.0, "ordered_on": shops.day(9),
         "supplier": None, "route": None},
    ]  # fmt: skip
    with Store.open(tmp_path) as store:
        store.load(
            [
                shops.sales(),
                shops.sales("JUG", "DE", units=9.0),
                shops.receipts(route="rail", supplier="Ning Bo"),
                sheet(*orders[:2], orders[3], kind="purchase_orders", market="US"),
                sheet(orders[2], kind="purchase_orders", market="DE"),
            ]
        )
        yield store


def test_names_are_those_of_the_data_each_once(shop):
    found = scopes.scopes(shop, shops.LAST)
    assert found.routes == ("sea", "rail", "air", "truck")
    assert found.suppliers == ("Ning Bo", "Yi Wu")
    assert found.markets == ("DE", "US")
    assert found.orders == ("PO-2", "PO-1")


def test_an_order_is_open_or_not_on_the_plans_day(shop):
    earlier = shops.LAST - timedelta(days=20)
    assert scopes.scopes(shop, earlier).orders[-1] != "PO-2"
    assert "PO-1" in scopes.scopes(shop, earlier).orders
    assert "PO-2" not in scopes.scopes(shop, earlier).orders
    assert scopes.scopes(shop) == scopes.scopes(shop, shops.LAST)


def test_an_empty_shop_knows_the_default_route_alone(tmp_path):
    with Store.open(tmp_path) as store:
        assert scopes.scopes(store) == (("sea",), (), (), ())


def test_every_name_offered_hits_something_that_the_plan_knows(sample_store):
    found = scopes.scopes(sample_store)
    basis = planning.basis(sample_store)
    assert set(found.routes) == set(basis.by_route.lines["route"])
    assert set(found.markets) == set(basis.outlook.items["market"])
    assert set(found.suppliers) == set(basis.outlook.items["supplier"]) - {""}
    assert set(found.orders) == set(basis.arrivals["order_id"].dropna())
