"""What to buy first when cash, space, weight or a supplier's minimum does not allow everything."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from analytics.errors import NegativeInputError
from analytics.inventory.programme import Programme, Relaxed, relaxed, whole
from analytics.inventory.segments import Segments

Array = NDArray[np.float64]
Counts = NDArray[np.int64]
LIMITS = ("cash", "volume", "weight")
_ROUNDS = 3  # part of the suppliers that are worth their minimum which is settled at once
_GOOD = 0.995  # of the linear programme's value; below, the whole cartons are searched exactly
_SLACK = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """What an order may take of each limit; None = no limit."""

    cash: float | None = None
    volume: float | None = None
    weight: float | None = None

    def __post_init__(self) -> None:
        for name in LIMITS:
            value = getattr(self, name)
            if value is not None and not value >= 0:  # refuses NaN too
                raise NegativeInputError(name=name, value=value)

    @property
    def named(self) -> dict[str, float]:
        """Return the limits that are set."""
        found = {name: getattr(self, name) for name in LIMITS}
        return {name: float(cap) for name, cap in found.items() if cap is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What one carton of each item takes; shape (n_items,) each, NaN = not known.

    Attributes
    ----------
    cash, volume, weight : ndarray
        Money, m3, kg.
    """

    cash: Array
    volume: Array
    weight: Array

    def known(self, limits: Mapping[str, float]) -> NDArray[np.bool_]:
        """Return whether an item's need of every limit that is set is known, shape (n_items,)."""
        known = np.ones(len(self.cash), dtype=bool)
        for name in limits:
            known &= np.isfinite(getattr(self, name))
        return known


@dataclass(frozen=True, slots=True)
class Allocation:
    """What to buy.

    Attributes
    ----------
    cartons : ndarray of int, shape (n_items,)
        0, or at least the item's minimum.
    value : float
        Expected money that they earn.
    bound : float
        What no choice can exceed: the value of the linear programme with parts of cartons.
    used : mapping of str to float
        Of every limit that is set: money, m3, kg.
    duals : mapping of str to float
        Value of the next unit of every limit that is set; 0 where it does not bind.
    lines : DataFrame
        The purchase list, what is worth most for what it takes first: ``item`` (row), ``rank``,
        ``cartons``, ``value``, ``price`` (what it takes of the limits, at their duals), ``cash``,
        ``volume``, ``weight`` (0 where not known), ``is_bought``. Only pieces that earn something,
        or that a supplier's minimum asks for.
    cut : int
        Lines above the cut line: where ``value`` falls below ``price``. Whole cartons may leave
        single lines above it out, or let single ones below it in.
    unknown : ndarray of bool, shape (n_items,)
        Not looked at, because what it takes of a limit that is set is not known.
    short : ndarray of int
        Suppliers of whom nothing is bought because their minimum is not worth it or does not fit.
    """

    cartons: Counts
    value: float
    bound: float
    used: Mapping[str, float]
    duals: Mapping[str, float]
    lines: pd.DataFrame
    cut: int
    unknown: NDArray[np.bool_]
    short: Counts


def allocate(
    pieces: Segments,
    needs: Needs,
    caps: Caps,
    *,
    supplier: ArrayLike | None = None,
    supplier_minimum: ArrayLike | None = None,
) -> Allocation:
    """Return the order that earns most under the limits, in whole cartons.

    Parameters
    ----------
    pieces : Segments
        What each further carton earns; see `carton_values` and `segments`.
    needs : Needs
        What a carton takes.
    caps : Caps
        What there is.
    supplier : array_like of int, shape (n_items,), optional
        Each item's row in ``supplier_minimum``.
    supplier_minimum : array_like, shape (n_suppliers,), optional
        Money below which a supplier takes no order; 0 = none.

    Raises
    ------
    NegativeInputError
        A need, a limit or a minimum is negative.

    Notes
    -----
    ``max Σ v x`` under ``Σ cost x <= cash``, ``Σ volume x <= ...``, ``0 <= x <= 1`` by HiGHS.
    Pieces are concave, so the linear programme buys each item's in order. Its parts of cartons are
    cut off (no more items than limits have one), items whose minimum would be cut are dropped and
    it is solved once more; what is left is filled by value for priced need. Where that is worth
    less than 99.5 % of the bound, because a few large blocks decide, whole cartons are searched by
    branch and bound among the pieces that can matter (Balas and Zemel, 1980). A supplier's minimum
    that is missed is met in full where that earns more than the duals charge for it, else nothing
    is bought there; small cases are searched exactly.

    Examples
    --------
    Three items under 70 of cash and 0.16 m3; every choice tried gives 3, 1, 2, worth 300.

    >>> from analytics.inventory.segments import segments
    >>> values = [[60, 45, 25, 8], [40, 22, 9, 0], [80, 50, 18, 0]]
    >>> needs = Needs(cash=np.array([10.0, 6, 15]), volume=np.array([0.02, 0.05, 0.01]),
    ...               weight=np.full(3, np.nan))
    >>> found = allocate(segments(values, [1, 1, 1]), needs, Caps(cash=70, volume=0.16))
    >>> found.cartons.tolist(), round(found.value), round(found.used["volume"], 2)
    ([3, 1, 2], 300, 0.13)
    """
    limits = caps.named
    minimum = _minimum(supplier_minimum)
    row = np.full(len(needs.cash), -1) if supplier is None else np.asarray(supplier, dtype=np.int64)
    asked = {**limits, "cash": np.inf} if minimum.any() else limits
    unknown = ~needs.known(asked)
    known = pieces.where(~unknown[pieces.item])
    programme = _programme(known, needs, limits, row, minimum)
    free = relaxed(programme)
    settled, found = _suppliers(programme, free)
    cartons = _bought(settled, found)
    if minimum.any():
        exact = whole(programme, free)
        if exact is not None and programme.worth(exact) > programme.worth(cartons):
            cartons, settled = exact, programme.settled(free, exact)
            found = relaxed(settled)
    lines = _lines(settled, needs, found, cartons)
    is_worth_it = lines["value"] >= lines["price"] - _SLACK * lines["price"].clip(lower=1.0)
    return Allocation(
        cartons=cartons,
        value=programme.worth(cartons),
        bound=free.value,
        used=dict(zip(limits, programme.taken(cartons).tolist(), strict=True)),
        duals=dict(zip(limits, found.duals.tolist(), strict=True)),
        lines=lines,
        cut=int(is_worth_it.sum()),
        unknown=unknown,
        short=settled.left,
    )


def _minimum(supplier_minimum: ArrayLike | None) -> Array:
    if supplier_minimum is None:
        return np.zeros(0)
    minimum = np.nan_to_num(np.asarray(supplier_minimum, dtype=np.float64))
    if (minimum < 0).any():
        raise NegativeInputError(name="supplier_minimum", value=float(minimum.min()))
    return minimum


def _programme(
    pieces: Segments, needs: Needs, limits: Mapping[str, float], supplier: Counts, minimum: Array
) -> Programme:
    """Return the programme of every piece that may be bought."""
    for name in LIMITS:
        least = np.nanmin(getattr(needs, name), initial=0.0)
        if least < 0:
            raise NegativeInputError(name=name, value=float(least))
    kept = pieces.value > 0
    if len(minimum):  # to reach a minimum, what loses money may be bought, too
        kept |= ((supplier >= 0) & (minimum[supplier] > 0))[pieces.item]
    mine = pieces.where(kept)
    use = np.empty((len(limits), len(mine.item)))
    for row, name in enumerate(limits):
        use[row] = getattr(needs, name)[mine.item] * mine.cartons
    return Programme(
        pieces=mine,
        use=use,
        cap=np.array(list(limits.values()), dtype=np.float64),
        names=tuple(limits),
        cash=np.nan_to_num(needs.cash)[mine.item] * mine.cartons,
        supplier=supplier[mine.item],
        minimum=minimum,
        n_items=len(needs.cash),
    )


def _suppliers(programme: Programme, free: Relaxed) -> tuple[Programme, Relaxed]:
    """Return the programme with every missed minimum either met or left, and its solution.

    What a supplier's minimum would earn beyond what it takes elsewhere is told by the duals; those
    that would lose are left, of the others the best are met, and the duals are looked at again.
    """
    now, found = programme, free
    while len(missed := now.missed(found)):
        gain = np.array([now.gain(found, supplier) for supplier in missed.tolist()])
        losing = missed[gain <= 0]
        if len(losing):
            now = now.closed(losing)
            found = relaxed(now)
            continue
        best = missed[np.argsort(-gain, kind="stable")][: -(-len(missed) // _ROUNDS)]
        met, solved = now.forced(best), relaxed(now.forced(best))
        now = met if solved.is_feasible else now.closed(best)
        found = solved if solved.is_feasible else relaxed(now)
    return now, found


def _bought(programme: Programme, found: Relaxed) -> Counts:
    """Return whole cartons by item."""
    best = _filled(programme, programme.floored(found), found)
    cut = programme.cut_blocks(found)
    if cut.any():
        uncut = programme.without(cut)
        again = relaxed(uncut)
        if again.is_feasible:
            other = _filled(programme, uncut.floored(again), again)
            best = max(best, other, key=programme.worth)
    if programme.worth(best) < _GOOD * found.value:
        exact = whole(programme, found)
        if exact is not None and programme.worth(exact) > programme.worth(best):
            best = exact
    return best


def _filled(programme: Programme, cartons: Counts, found: Relaxed) -> Counts:
    """Return the cartons and those that still fit, the best for their price first."""
    out = cartons.copy()
    left = programme.cap - programme.taken(out)
    order = programme.order(found)
    out, left = _topped_up(programme, out, left, order)
    mine = programme.pieces
    fits = (programme.use <= left[:, None] + _SLACK).all(axis=0)
    wanted = order[((mine.value > 0) & fits & (programme.before(out) >= 0))[order]]
    ended: set[int] = set()
    for piece in wanted.tolist():
        item = int(mine.item[piece])
        if item in ended:
            continue
        use = programme.use[:, piece]
        if (use <= left + _SLACK).all() and programme.follows(piece, out[item]):
            out[item] += mine.cartons[piece]
            left = left - use
        else:
            ended.add(item)
    return programme.honoured(out)


def _topped_up(
    programme: Programme, cartons: Counts, left: Array, order: Counts
) -> tuple[Counts, Array]:
    """Return the cartons with the minimums met that were to be met, as far as that fits."""
    out, mine = cartons.copy(), programme.pieces
    for supplier in programme.met.tolist():
        spent = programme.spent_on(out)[supplier]
        own = order[programme.supplier[order] == supplier]
        for piece in own.tolist():
            if spent >= programme.minimum[supplier] - _SLACK:
                break
            item = int(mine.item[piece])
            fits = (programme.use[:, piece] <= left + _SLACK).all()
            if fits and programme.follows(piece, out[item]):
                out[item] += mine.cartons[piece]
                left = left - programme.use[:, piece]
                spent += programme.cash[piece]
    out = programme.honoured(out)
    return out, programme.cap - programme.taken(out)


def _lines(programme: Programme, needs: Needs, found: Relaxed, cartons: Counts) -> pd.DataFrame:
    mine = programme.pieces
    need = {name: np.nan_to_num(getattr(needs, name)) for name in LIMITS}
    frame = pd.DataFrame(
        {
            "item": mine.item,
            "rank": mine.rank,
            "cartons": mine.cartons,
            "value": mine.value,
            "price": programme.price(found),
            **{name: values[mine.item] * mine.cartons for name, values in need.items()},
            "is_bought": programme.before(cartons) < 0,
        }
    )
    return frame.iloc[programme.order(found)].reset_index(drop=True)
