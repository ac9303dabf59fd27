"""Which items learn their season together."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.forecasting.matrix import Matrix
from analytics.forecasting.settings import Settings


@dataclass(frozen=True, slots=True)
class Pool:
    """Items whose season is learnt together.

    Attributes
    ----------
    name : str
        ``account``, ``market:<market>`` or ``category:<market>:<category>``.
    parent : int
        Pool that this one is drawn to; -1 for the account.
    rows : ndarray of int
        The mature items that teach the season.
    """

    name: str
    parent: int
    rows: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Pools:
    """All pools, parents first, and the pool of each item, shape (n_items,)."""

    pools: tuple[Pool, ...]
    of_item: NDArray[np.int64]

    @property
    def names(self) -> list[str]:
        """Return the pool's name of each item."""
        return [self.pools[index].name for index in self.of_item]


def pools(matrix: Matrix, settings: Settings) -> Pools:
    """Return the pools: (category, market) with enough mature SKUs, else the market, else all.

    A SKU is mature if it was observed in 60 % of the weeks and sold anything.
    """
    seen = matrix.observed.sum(axis=1)
    mature = (seen >= settings.cover * len(matrix.weeks)) & (matrix.units.sum(axis=1) > 0)
    found = [Pool("account", -1, np.flatnonzero(mature))]
    of_item = np.zeros(len(matrix.items), dtype=np.int64)
    for name, members in _members(matrix):
        teachers = members[mature[members]]
        if len(teachers) >= settings.smallest_pool:
            found.append(Pool(name, int(of_item[members[0]]), teachers))
            of_item[members] = len(found) - 1
    return Pools(tuple(found), of_item)


def _members(matrix: Matrix) -> Iterator[tuple[str, NDArray[np.int64]]]:
    """Yield every market, followed by its categories, with the items that belong to it."""
    market = matrix.items["market"].to_numpy(dtype=object)
    category = matrix.items["group"].to_numpy(dtype=object)
    for name in sorted(set(market)):
        members = np.flatnonzero(market == name)
        yield f"market:{name}", members
        for label in sorted(set(category[members]) - {""}):
            yield f"category:{name}:{label}", members[category[members] == label]
