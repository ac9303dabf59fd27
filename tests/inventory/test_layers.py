"""Layers of stock by age: the worked case, what is not known, and that nothing is lost."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.errors import NegativeInputError
from analytics.inventory import fifo_layers


def test_p14_layers_of_five_hundred_units():
    found = fifo_layers([500], [0] * 4, [10, 45, 100, 200], [120, 200, 150, 300])
    left = dict(zip(found.age.tolist(), found.units.tolist(), strict=True))
    assert left == {10: 120, 45: 200, 100: 150, 200: 30}
    assert found.mean_age.tolist() == [pytest.approx(62.4)]
    assert found.older_than(90).tolist() == [180]
    assert found.older_than(180).tolist() == [30]
    assert found.unknown.tolist() == [0]


def test_units_that_no_receipt_explains_are_of_unknown_age():
    found = fifo_layers([50, 7, 0], [0, 0], [5, 30], [20, 10])
    assert found.unknown.tolist() == [20, 7, 0]
    assert found.units.tolist() == [10, 20]
    assert np.isnan(found.mean_age[1:]).all()


def test_items_do_not_mix():
    found = fifo_layers([5, 100], [1, 0, 1, 0], [3, 9, 60, 1], [40, 4, 80, 3])
    assert found.item.tolist() == [0, 0, 1, 1]
    assert found.age.tolist() == [9, 1, 60, 3]
    assert found.units.tolist() == [2, 3, 60, 40]


def test_nothing_at_all():
    found = fifo_layers([], [], [], [])
    assert (len(found.units), len(found.mean_age), len(found.older_than(90))) == (0, 0, 0)


@pytest.mark.parametrize(("name", "stock", "age", "units"), [
    ("on_hand", -1, 1, 1), ("age", 1, -1, 1), ("units", 1, 1, -1),
])  # fmt: skip
def test_what_cannot_be_is_refused(name, stock, age, units):
    with pytest.raises(NegativeInputError, match=name):
        fifo_layers([stock], [0], [age], [units])


receipt = st.tuples(st.integers(0, 2), st.integers(0, 400), st.integers(0, 50))


@given(st.lists(st.integers(0, 120), min_size=3, max_size=3), st.lists(receipt, max_size=12))
def test_layers_and_what_is_unknown_add_up_to_the_stock(stock, receipts):
    item, age, units = np.array(receipts).reshape(-1, 3).T
    found = fifo_layers(stock, item, age, units)
    known = np.bincount(found.item, weights=found.units, minlength=3)
    assert (known + found.unknown).tolist() == stock
    assert (found.units > 0).all()
    for row in range(3):
        received = units[item == row].sum()
        assert found.unknown[row] == max(stock[row] - received, 0)
        oldest = found.age[found.item == row]
        newer = age[(item == row) & (units > 0)]
        assert not len(oldest) or set(newer[newer < oldest.max()]) <= set(
            oldest
        )  # newest stay whole
