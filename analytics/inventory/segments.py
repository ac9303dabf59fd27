"""What each further carton of an item earns: concave segments, the block of the minimum first."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Segments:
    """Pieces that an order can be made of, each item's in the order in which they are bought.

    Attributes
    ----------
    item : ndarray of int, shape (n_segments,)
        Row of the item, ascending.
    rank : ndarray of int, shape (n_segments,)
        0 = the item's first piece, which holds its minimum order.
    cartons : ndarray of int, shape (n_segments,)
        In the piece.
    value : ndarray, shape (n_segments,)
        Expected money that the whole piece earns; per carton it never rises with the rank.
    """

    item: Counts
    rank: Counts
    cartons: Counts
    value: Array

    def where(self, kept: NDArray[np.bool_]) -> "Segments":
        """Return some of the pieces."""
        return Segments(self.item[kept], self.rank[kept], self.cartons[kept], self.value[kept])


def carton_losses(
    loss: Callable[[Array], Array], position: ArrayLike, carton: ArrayLike, cartons: int
) -> Array:
    """Return the expected loss at the position, and after each of the next cartons.

    Parameters
    ----------
    loss : callable
        Expected units short, shape (n_items,), of a level of stock of that shape, over the
        protection interval of this shipment.
    position, carton : array_like, shape (n_items,)
        Inventory position and units of a carton.
    cartons : int
        How many cartons to look at.

    Returns
    -------
    ndarray, shape (n_items, cartons + 1)
        Units.

    Examples
    --------
    >>> carton_losses(lambda stock: np.maximum(10.0 - stock, 0.0), [2.0], [5.0], 2).tolist()
    [[8.0, 3.0, 0.0]]
    """
    start = np.asarray(position, dtype=np.float64)
    pack = np.asarray(carton, dtype=np.float64)
    return np.stack([loss(start + count * pack) for count in range(cartons + 1)], axis=1)


def carton_values(
    losses: ArrayLike, carton: ArrayLike, underage: ArrayLike, overage: ArrayLike
) -> Array:
    """Return what each next carton is expected to earn.

    Parameters
    ----------
    losses : array_like, shape (n_items, n_cartons + 1)
        Expected units short at the position and after each carton; convex in the cartons.
    carton : array_like, shape (n_items,)
        Units of a carton.
    underage, overage : array_like, shape (n_items,)
        Money lost per unit short (contribution and goodwill), and per unit left (landed cost less
        salvage, and holding).

    Returns
    -------
    ndarray, shape (n_items, n_cartons)
        Money; never rises from one carton to the next.

    Notes
    -----
    ``v_j = Cu (EL(s) - EL(s + pack)) - Co (pack - (EL(s) - EL(s + pack)))``,
    ``s = IP + (j-1) pack``: the newsvendor's marginal profit, carton by carton. The loss is convex,
    so values fall; what rounding adds to that is taken away.

    Examples
    --------
    >>> carton_values([[8.0, 3.0, 0.0]], [5.0], [4.0], [1.0]).tolist()
    [[20.0, 10.0]]
    """
    sold = -np.diff(np.asarray(losses, dtype=np.float64), axis=1)
    pack, cu, co = (
        np.asarray(part, dtype=np.float64)[:, None] for part in (carton, underage, overage)
    )
    return np.minimum.accumulate(cu * sold - co * (pack - sold), axis=1)


def segments(values: ArrayLike, minimum: ArrayLike) -> Segments:
    """Return the pieces of an order: the minimum as one block, then single cartons.

    Parameters
    ----------
    values : array_like, shape (n_items, n_cartons)
        Money that each next carton earns, never rising.
    minimum : array_like of int, shape (n_items,)
        Cartons of the smallest order, at least 1; an item whose minimum lies beyond
        ``n_cartons`` has no piece.

    Notes
    -----
    The block is worth the sum of its cartons. As values never rise, its average is no less than
    what follows: the pieces are concave.

    Examples
    --------
    >>> pieces = segments([[9.0, 5.0, 2.0, 1.0]], [2])
    >>> pieces.cartons.tolist(), pieces.value.tolist()
    ([2, 1, 1], [14.0, 2.0, 1.0])
    """
    value = np.asarray(values, dtype=np.float64)
    n_items, n_cartons = value.shape
    block = np.maximum(np.asarray(minimum, dtype=np.int64), 1)
    column = np.arange(n_cartons)[None, :]
    total = value.cumsum(axis=1)
    is_block = column == block[:, None] - 1
    item, place = np.nonzero((column >= block[:, None] - 1) & np.ones((n_items, 1), dtype=bool))
    first = is_block[item, place]
    return Segments(
        item=item.astype(np.int64),
        rank=(place - block[item] + 1).astype(np.int64),
        cartons=np.where(first, block[item], 1),
        value=np.where(first, total[item, place], value[item, place]),
    )
