"""Groups of items, and which cell of the history is under what."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.forecasting.exposure import Cells, Ints
from analytics.forecasting.matrix import Array


@dataclass(frozen=True, slots=True)
class Nodes:
    """Groups of items: all of them, each market, each category of a market; parents first.

    Attributes
    ----------
    market, group : tuple of str
        Names; empty = every.
    parent : ndarray of int, shape (n_nodes,)
        -1 for the first.
    of_item : ndarray of int, shape (n_items,)
        Each item's category.
    """

    market: tuple[str, ...]
    group: tuple[str, ...]
    parent: Ints
    of_item: Ints

    @property
    def contains(self) -> NDArray[np.bool_]:
        """Return whether a node holds another one, or is it, shape (n_nodes, n_nodes)."""
        holds = np.eye(len(self.parent), dtype=bool)
        for node in range(len(self.parent) - 1, 0, -1):
            holds[self.parent[node]] |= holds[node]
        return holds


@dataclass(frozen=True, slots=True)
class Design:
    """Which cell of the history is under what; columns are kinds of events within a group.

    Attributes
    ----------
    cells : Cells
        The entries: a cell under two events has two.
    cell : ndarray of int
        Each entry's place among the distinct cells.
    flat : ndarray of int
        Place of the distinct cells in the matrix.
    column : ndarray of int
        Each entry's column.
    leaf, code : ndarray of int
        Group and event of each column.
    shared : ndarray of int
        Number of the cells' group and week.
    """

    cells: Cells
    cell: Ints  # row of each entry among the distinct cells
    flat: Ints  # place of the distinct cells in the matrix
    column: Ints  # of each entry
    leaf: Ints  # group of each column
    code: Ints  # event of each column
    shared: Ints  # cells of one group in one week


def nodes(market: Ints, markets: tuple[str, ...], group: NDArray[np.object_]) -> Nodes:
    """Return the groups of items by market and category."""
    pair = [(int(m), str(g)) for m, g in zip(market, group, strict=True)]
    leaves = sorted(set(pair))
    place = {key: 1 + len(markets) + index for index, key in enumerate(leaves)}
    parent = [-1, *[0] * len(markets), *[1 + number for number, _ in leaves]]
    return Nodes(
        ("", *markets, *[markets[number] for number, _ in leaves]),
        ("", *[""] * len(markets), *[name for _, name in leaves]),
        np.array(parent, dtype=np.int64),
        np.array([place[key] for key in pair], dtype=np.int64),
    )


def design(cells: Cells, groups: Nodes, shape: tuple[int, int], n_codes: int) -> Design:
    """Return which cells of a matrix of the given shape are under what."""
    flat, cell = np.unique(cells.item * shape[1] + cells.week, return_inverse=True)
    pair = groups.of_item[cells.item] * max(n_codes, 1) + cells.code
    used, column = np.unique(pair, return_inverse=True)
    week = groups.of_item[flat // max(shape[1], 1)] * shape[1] + flat % max(shape[1], 1)
    _, shared = np.unique(week, return_inverse=True)
    leaf, code = used // max(n_codes, 1), used % max(n_codes, 1)
    return Design(cells, cell, flat, column, leaf, code, shared)


def counts(
    under: Design, weight: Array, price: Array | None, groups: Nodes, n_codes: int
) -> tuple[Ints, Ints]:
    """Return the observed item-weeks and items behind each effect of each node."""
    shape = (len(groups.parent), n_codes + 1)
    known = (weight.reshape(-1)[under.flat] > 0)[under.cell]
    pairs = np.stack([groups.of_item[under.cells.item], under.cells.code])[:, known]
    weeks, items = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    np.add.at(weeks, tuple(pairs), 1)
    whose = np.stack([under.cells.code, under.cells.item])[:, known]
    once = np.unique(whose, axis=1)
    np.add.at(items, (groups.of_item[once[1]], once[0]), 1)
    if price is not None:
        moved = (price != 0) & (weight > 0)
        np.add.at(weeks[:, -1], groups.of_item, moved.sum(axis=1))
        np.add.at(items[:, -1], groups.of_item, moved.any(axis=1))
    for node in range(shape[0] - 1, 0, -1):
        weeks[groups.parent[node]] += weeks[node]
        items[groups.parent[node]] += items[node]
    return weeks, items
