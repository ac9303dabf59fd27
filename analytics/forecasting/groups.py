"""Which items learn their season together."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.forecasting.matrix import Matrix
from analytics.forecasting.settings import Settings


@dataclass(frozen=True, slots=True)
class Pool:
    """Items whose season is learnt together.

    Attributes
    ----------
    name : str
        ``account``, ``market:<market>``, ``category:*:<category>`` (in every market) or
        ``category:<market>:<category>``.
    parent : int
        Pool that this one is drawn to; -1 for the account.
    rows : ndarray of int
        The mature items that teach the season; none: it is the parents' alone.
    beside : int
        Pool whose difference from the account is added to the parent's season; -1 = none. So a
        category in a market is what the category is everywhere, and what the market is.
    """

    name: str
    parent: int
    rows: NDArray[np.int64]
    beside: int = -1


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
    """Return the pools: the account, its markets, its categories, and categories in markets.

    A pool needs enough mature SKUs to teach a season: those that were observed in 60 % of the weeks
    and sold anything. An item belongs to its category in its market; where that is too small, to
    its category in every market, as far as the market differs from the account; else to its
    market, else to the account.
    """
    seen = matrix.observed.sum(axis=1)
    mature = (seen >= settings.cover * len(matrix.weeks)) & (matrix.units.sum(axis=1) > 0)
    market, markets = pd.factorize(matrix.items["market"], sort=True)
    label, labels = pd.factorize(matrix.items["group"].replace("", None), sort=True)
    made = _Made([Pool("account", -1, np.flatnonzero(mature))], mature, settings.smallest_pool)
    of_market = [made.add(f"market:{name}", market == k) for k, name in enumerate(markets)]
    of_label = [
        made.add(f"category:*:{name}", label == k) if len(set(market[label == k])) > 1 else 0
        for k, name in enumerate(labels)
    ]
    of_item = np.array(of_market, dtype=np.int64)[market]
    cells = sorted(set(zip(market[label >= 0], label[label >= 0], strict=True)))
    for k, j in cells:
        inside = (market == k) & (label == j)
        name = f"category:{markets[k]}:{labels[j]}"
        of_item[inside] = made.cell(name, inside, of_market[k], of_label[j], str(labels[j]))
    return Pools(tuple(made.found), of_item)


@dataclass(frozen=True, slots=True)
class _Made:
    """Pools made so far."""

    found: list[Pool]
    mature: NDArray[np.bool_]
    smallest: int

    def add(self, name: str, inside: NDArray[np.bool_], parent: int = 0, beside: int = -1) -> int:
        """Return the new pool's place, or its parent's if too few items could teach it."""
        teachers = np.flatnonzero(inside & self.mature)
        if len(teachers) < self.smallest:
            return parent
        self.found.append(Pool(name, parent, teachers, beside))
        return len(self.found) - 1

    def cell(
        self, name: str, inside: NDArray[np.bool_], market: int, everywhere: int, label: str
    ) -> int:
        """Return the place of a category in a market."""
        if not everywhere:
            return self.add(name, inside, market)
        beside = market if market else -1
        own = self.add(name, inside, everywhere, beside)
        if own != everywhere or beside < 0:
            return own
        self.found.append(Pool(f"category:*:{label}", everywhere, np.flatnonzero([]), beside))
        return len(self.found) - 1
