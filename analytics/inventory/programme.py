"""The linear programme of an order, with parts of cartons, and its exact form for small cases."""

from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from analytics.inventory.segments import Segments

Array = NDArray[np.float64]
Counts = NDArray[np.int64]
_MOST_PIECES = 400  # that branch and bound is given
_MOST_NODES = 4_000
_TINY = 1e-7


@dataclass(frozen=True, slots=True)
class Relaxed:
    """A solution with parts of cartons.

    Attributes
    ----------
    share : ndarray, shape (n_pieces,)
        How much of each piece is bought, 0 to 1.
    value : float
        Money; minus infinity where nothing is feasible.
    duals : ndarray, shape (n_limits,)
        Value of the next unit of each limit.
    """

    share: Array
    value: float
    duals: Array

    @property
    def is_feasible(self) -> bool:
        """Return whether the limits and the minimums to be met allow any order."""
        return bool(np.isfinite(self.value))


def _none() -> Counts:
    return np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """Pieces under limits.

    Attributes
    ----------
    pieces : Segments
        What can be bought.
    use : ndarray, shape (n_limits, n_pieces)
        What each piece takes.
    cap : ndarray, shape (n_limits,)
        What there is.
    names : tuple of str
        Of the limits.
    cash : ndarray, shape (n_pieces,)
        Money that counts towards a supplier's minimum.
    supplier : ndarray of int, shape (n_pieces,)
        Row in ``minimum``; -1 = none.
    minimum : ndarray, shape (n_suppliers,)
        Money.
    n_items : int
        Items, with and without pieces.
    met, left : ndarray of int
        Suppliers whose minimum is to be met, and of whom nothing is bought.
    """

    pieces: Segments
    use: Array
    cap: Array
    names: tuple[str, ...]
    cash: Array
    supplier: Counts
    minimum: Array
    n_items: int
    met: Counts = field(default_factory=_none)
    left: Counts = field(default_factory=_none)

    def kept(self, mask: NDArray[np.bool_]) -> Self:
        """Return the programme of some of its pieces."""
        return replace(
            self,
            pieces=self.pieces.where(mask),
            use=self.use[:, mask],
            cash=self.cash[mask],
            supplier=self.supplier[mask],
        )

    def without(self, items: NDArray[np.bool_]) -> Self:
        """Return the programme without some items."""
        return self.kept(~items[self.pieces.item])

    def closed(self, suppliers: Counts) -> Self:
        """Return the programme that buys nothing of some suppliers."""
        open_ = self.kept(~np.isin(self.supplier, suppliers))
        return replace(open_, left=np.union1d(self.left, suppliers))

    def forced(self, suppliers: Counts) -> Self:
        """Return the programme that meets the minimums of some suppliers."""
        return replace(self, met=np.union1d(self.met, suppliers))

    def spent(self, found: Relaxed) -> Array:
        """Return the money by supplier, shape (n_suppliers,)."""
        return self._by_supplier(self.cash * found.share)

    def spent_on(self, cartons: Counts) -> Array:
        """Return the money by supplier of whole cartons."""
        return self._by_supplier(np.where(self.before(cartons) < 0, self.cash, 0.0))

    def _by_supplier(self, money: Array) -> Array:
        some = self.supplier >= 0
        return np.bincount(
            self.supplier[some], weights=money[some], minlength=len(self.minimum)
        ).astype(np.float64)

    def missed(self, found: Relaxed) -> Counts:
        """Return suppliers of whom something is bought, but less than they take."""
        if not len(self.minimum):
            return _none()
        spent = self.spent(found)
        short = (spent > _TINY) & (spent < self.minimum * (1 - 1e-9))
        short[self.met] = False
        return np.flatnonzero(short)

    def gain(self, found: Relaxed, supplier: int) -> float:
        """Return what a supplier's minimum earns beyond what it takes of the limits, at most.

        Pieces that earn more than their price are bought anyway; then those that lose least for
        the money that is lacking.
        """
        own = np.flatnonzero(self.supplier == supplier)
        net = self.pieces.value[own] - self.price(found)[own]
        cash = self.cash[own]
        per = np.divide(net, cash, out=np.full(len(own), np.inf), where=cash > 0)
        order = np.argsort(-per, kind="stable")
        net, cash = net[order], cash[order]
        lacking = self.minimum[supplier] - np.concatenate([[0.0], cash.cumsum()[:-1]])
        share = np.where(net > 0, 1.0, np.clip(lacking / np.where(cash > 0, cash, 1.0), 0.0, 1.0))
        return float((net * share).sum()) if cash.sum() >= self.minimum[supplier] else -np.inf

    def settled(self, found: Relaxed, cartons: Counts) -> Self:
        """Return the programme whose minimums are met or left as whole cartons have it."""
        spent = self.spent_on(cartons)
        asked = self.minimum > 0
        left = asked & (spent <= 0) & (self.spent(found) > _TINY)
        return self.closed(np.flatnonzero(left)).forced(np.flatnonzero(asked & (spent > 0)))

    def before(self, cartons: Counts) -> Counts:
        """Return how far whole cartons are from the end of each piece; below 0 = it is bought."""
        mine = self.pieces
        end = mine.cartons.cumsum()
        start = np.searchsorted(mine.item, mine.item)
        end = end - (end - mine.cartons)[start] if len(end) else end
        return np.asarray(end - cartons[mine.item] - 1, dtype=np.int64)

    def follows(self, piece: int, cartons: int) -> bool:
        """Return whether a piece is the next one of its item after so many cartons."""
        mine = self.pieces
        first = int(np.searchsorted(mine.item, mine.item[piece]))
        return int(mine.cartons[first:piece].sum()) == int(cartons)

    def taken(self, cartons: Counts) -> Array:
        """Return what whole cartons take of each limit, shape (n_limits,)."""
        return np.asarray(self.use @ (self.before(cartons) < 0).astype(np.float64))

    def worth(self, cartons: Counts) -> float:
        """Return what whole cartons earn."""
        return float(self.pieces.value[self.before(cartons) < 0].sum())

    def price(self, found: Relaxed) -> Array:
        """Return what each piece takes of the limits, at their duals, shape (n_pieces,)."""
        return np.asarray(found.duals @ self.use)

    def order(self, found: Relaxed) -> Counts:
        """Return the pieces, what is worth most for its price first; of each item in order.

        Where no limit binds, the price of a piece is the money that it costs.
        """
        price = self.price(found) if found.duals.any() else self.cash
        value = self.pieces.value
        free = np.where(value > 0, np.inf, -np.inf)
        per = np.divide(value, price, out=free, where=price > 0)
        finite = per[np.isfinite(per)]
        scale = np.abs(finite).max(initial=1.0)
        return np.argsort(-np.round(per / scale, 12), kind="stable")

    def floored(self, found: Relaxed) -> Counts:
        """Return whole cartons by item: parts are cut off, and so are parts of a minimum."""
        mine = self.pieces
        bought = np.bincount(
            mine.item, weights=found.share * mine.cartons, minlength=self.n_items
        ).astype(np.float64)
        return np.where(bought >= self._blocks() - _TINY, np.floor(bought + _TINY), 0).astype(
            np.int64
        )

    def cut_blocks(self, found: Relaxed) -> NDArray[np.bool_]:
        """Return the items of which a part of the minimum is bought, shape (n_items,)."""
        mine = self.pieces
        first = mine.rank == 0
        part = (found.share > _TINY) & (found.share < 1 - _TINY) & first & (mine.cartons > 1)
        out = np.zeros(self.n_items, dtype=bool)
        out[mine.item[part]] = True
        return out

    def _blocks(self) -> Counts:
        blocks = np.ones(self.n_items, dtype=np.int64)
        first = self.pieces.rank == 0
        blocks[self.pieces.item[first]] = self.pieces.cartons[first]
        return blocks

    def honoured(self, cartons: Counts) -> Counts:
        """Return the cartons without those of suppliers whose minimum they miss."""
        if not len(self.minimum):
            return cartons
        spent = self.spent_on(cartons)
        short = (spent > 0) & (spent < self.minimum * (1 - 1e-9))
        out = cartons.copy()
        out[self.pieces.item[np.isin(self.supplier, np.flatnonzero(short))]] = 0
        return out


def relaxed(programme: Programme) -> Relaxed:
    """Return the best order with parts of cartons, by HiGHS."""
    value = programme.pieces.value
    nothing = Relaxed(np.zeros(len(value)), 0.0, np.zeros(len(programme.cap)))
    if not len(value):
        return nothing if not len(programme.met) else replace(nothing, value=-np.inf)
    rows = sparse.csr_array(np.vstack([programme.use, _minimums(programme)]))
    limit = np.concatenate([programme.cap, -programme.minimum[programme.met]])
    ruled: dict[str, Any] = {"A_ub": rows, "b_ub": limit} if len(limit) else {}
    found = linprog(-value, bounds=(0, 1), method="highs", **ruled)
    if found.x is None:
        return replace(nothing, value=-np.inf)
    duals = -found.ineqlin.marginals[: len(programme.cap)] if ruled else np.zeros(0)
    best = float(value @ found.x)
    return Relaxed(np.asarray(found.x), best, np.maximum(duals, 0.0))


def _minimums(programme: Programme) -> Array:
    """Return minus the money of each supplier whose minimum is to be met, by piece."""
    own = programme.supplier[None, :] == programme.met[:, None]
    return np.where(own, -programme.cash[None, :], 0.0)


def whole(programme: Programme, found: Relaxed) -> Counts | None:
    """Return the best whole cartons among the pieces that can matter; None if they are too many.

    Those are the first ones by value for price, until they would take every limit three times.
    """
    order = programme.order(found)
    share = programme.use[:, order] / np.maximum(programme.cap, _TINY)[:, None]
    filled = share.cumsum(axis=1).max(axis=0, initial=0.0)
    kept = np.zeros(len(order), dtype=bool)
    fits = (programme.use <= programme.cap[:, None] + _TINY).all(axis=0)
    kept[order] = filled <= 3
    if len(order) <= _MOST_PIECES:  # all of them; minimums may need what loses money
        kept[:] = True
    elif programme.minimum.any():
        return None
    kept &= fits
    core = programme.kept(_led(programme, kept))
    if not 0 < len(core.cash) <= _MOST_PIECES:
        return None
    return _searched(core)


def _led(programme: Programme, kept: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the kept pieces without those whose predecessor is not kept."""
    mine = programme.pieces
    gone = (~kept).cumsum()
    start = np.searchsorted(mine.item, mine.item)
    before = (gone - ~kept)[start] if len(gone) else gone
    return np.asarray(gone == before)


def _searched(core: Programme) -> Counts | None:
    """Return the best whole cartons by branch and bound."""
    n, mine = len(core.cash), core.pieces
    closing = np.flatnonzero(core.minimum > 0)
    follows = np.flatnonzero((mine.rank[1:] > 0) & (mine.item[1:] == mine.item[:-1])) + 1
    width = n + len(closing)
    rules = []
    if len(core.cap):
        rules.append(LinearConstraint(_wide(core.use, width), ub=core.cap))
    if len(follows):
        chain = np.zeros((len(follows), width))
        chain[np.arange(len(follows)), follows] = 1.0
        chain[np.arange(len(follows)), follows - 1] = -1.0
        rules.append(LinearConstraint(sparse.csr_array(chain), ub=0.0))
    for place, supplier in enumerate(closing):
        own = core.supplier == supplier
        money = np.zeros(width)
        money[:n][own] = -core.cash[own]
        money[n + place] = core.minimum[supplier]
        joined = np.zeros((int(own.sum()), width))
        joined[np.arange(len(joined)), np.flatnonzero(own)] = 1.0
        joined[:, n + place] = -1.0
        rules.append(LinearConstraint(np.vstack([money, joined]), ub=0.0))
    found = milp(
        np.concatenate([-mine.value, np.zeros(len(closing))]),
        integrality=np.ones(width, dtype=np.int64),
        bounds=Bounds(0, 1),
        constraints=rules,
        options={"node_limit": _MOST_NODES, "mip_rel_gap": 1e-3},
    )
    if found.x is None:
        return None
    taken = (found.x[:n] > 0.5) * mine.cartons
    return np.bincount(mine.item, weights=taken, minlength=core.n_items).astype(np.int64)


def _wide(use: Array, width: int) -> Array:
    return np.hstack([use, np.zeros((len(use), width - use.shape[1]))])
