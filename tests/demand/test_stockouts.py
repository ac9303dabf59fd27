"""Days without stock: what snapshots, sales and receipts prove."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.demand.movements import Movements
from analytics.demand.stockouts import stockout_days


def found(sold, snapshots, arrived=None):
    """Days found out of stock for one item; ``snapshots`` and ``arrived`` by day."""
    days = len(sold)
    selling = [day for day in range(days) if sold[day] > 0]
    sales = moved(selling, [sold[day] for day in selling])
    counted = moved(list(snapshots), list(snapshots.values()))
    received = moved(list(arrived or {}), list((arrived or {}).values()))
    return stockout_days(sales, counted, received, days).day.tolist()


def moved(days, units):
    return Movements.of(
        np.zeros(len(days), dtype=np.int64),
        np.array(days, dtype=np.int64),
        np.array(units, dtype=np.float64),
    )


@pytest.mark.parametrize(
    ("why", "sold", "snapshots", "arrived", "expected"),
    [
        ("between two empty counts", [2, 0, 0, 0, 0], {1: 0, 4: 0}, {}, [1, 2, 3, 4]),
        ("until sales resume", [2, 0, 0, 0, 3, 0, 0], {1: 0}, {}, [1, 2, 3]),
        ("until stock is counted", [2, 0, 0, 0, 0, 0], {1: 0, 4: 9}, {}, [1, 2, 3]),
        ("until something arrives", [2, 0, 0, 0, 0, 0], {1: 0}, {3: 20}, [1, 2]),
        ("a count used up by sales", [0, 3, 2, 0, 0, 4, 0], {0: 5}, {}, [3, 4]),
        ("since the last sale before an empty count", [4, 0, 0, 0, 0], {3: 0}, {}, [1, 2, 3, 4]),
        ("not where stock stood", [1, 0, 0, 1, 0, 0], {0: 50}, {}, []),
        ("not without any count", [1, 0, 0, 0, 0, 1], {}, {}, []),
        ("negative stock is none", [2, 0, 0, 0], {1: -3}, {}, [1, 2, 3]),
        ("a sale on the day of the empty count", [2, 2, 0, 0], {1: 0}, {}, [2, 3]),
    ],
)
def test_days_without_stock(why, sold, snapshots, arrived, expected):
    assert found(sold, snapshots, arrived) == expected, why


@given(
    st.lists(st.integers(0, 3), min_size=3, max_size=40),
    st.dictionaries(st.integers(0, 2), st.integers(0, 9), max_size=3),
)
def test_a_day_with_a_sale_was_never_out_of_stock(sold, snapshots):
    assert not {day for day in found(sold, snapshots) if sold[day] > 0}


def test_items_do_not_meddle():
    nothing = Movements.none()
    snapshots = Movements.of(np.array([0, 2]), np.array([0, 0]), np.array([0.0, 5.0]))
    out = stockout_days(nothing, snapshots, nothing, 3)
    assert set(out.item.tolist()) == {0}
    assert stockout_days(nothing, nothing, nothing, 3).day.size == 0
