"""What promotions of single items, and prices, do to demand: pooled, each drawn to its parent."""

from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from analytics.forecasting.design import Design, Nodes, counts, design
from analytics.forecasting.exposure import Cells, Ints
from analytics.forecasting.matrix import Array
from analytics.forecasting.products import Finer, Own, Task, closer, none
from analytics.forecasting.response import HIGH, LOW, Pull, day_factor, day_slope, pull

ELASTICITY = -1.5  # before any price has moved
_ELASTICITY_SD = 0.75
_SD = 1.0  # of an event's log factor, before it was ever seen
_STATED_SD = 0.25  # of its difference from what the user stated
_BRANCH_SD, _PRICE_BRANCH_SD = 0.2, 0.4  # of a group's difference from its parent
_PRODUCT = Finer(sd=0.4, price_sd=0.7, turns=2)  # of a product from its group
_ITEM = Finer(sd=0.1, price_sd=0.2, turns=1)  # of a product in one market from the product
_SHARED = 0.1  # sd of what a group's items share in one week, whatever its cause
_TURNS, _MORE_TURNS = 4, 3
_DIGITS = 3  # of a logarithm: a thousandth
_STEP = 1.0  # farthest that an effect moves in a turn


@dataclass(frozen=True, slots=True)
class Campaigns:
    """Effects of events on single items, and of prices.

    Attributes
    ----------
    effect, sd : ndarray, shape (n_nodes, n_codes + 1)
        Log factor of a day under each kind of event, on top of what was stated; the last column is
        the price elasticity.
    base : ndarray, shape (n_codes,)
        Log factor that the user stated on average; 0 where nothing was.
    own : tuple of Own
        How far products lie off their group, and items off their product.
    price : ndarray, shape (n_codes,)
        Log price over the usual one that came with each kind of event.
    weeks, items : ndarray of int, shape (n_nodes, n_codes + 1)
        Observed item-weeks, and items, behind each effect.
    """

    effect: Array
    sd: Array
    base: Array
    own: tuple[Own, ...]
    price: Array
    weeks: Ints
    items: Ints

    def elasticity(self, node: Ints) -> Array:
        """Return each item's price elasticity; a dearer product never sells more."""
        own = sum((own.elasticity[own.unit] for own in self.own), np.zeros(len(node)))
        return np.asarray(np.minimum(self.effect[node, -1] + own, 0.0))

    def of(self, cells: Cells, node: Ints) -> Array:
        """Return the log factor of a day of each entry, its price apart."""
        stated = np.isnan(cells.stated)
        base = np.where(stated, self.base[cells.code], cells.stated)
        day = base + self.effect[node[cells.item], cells.code]
        for own in self.own:
            day += own.of(cells)
        return np.asarray(np.clip(day, LOW, HIGH))


_Part = TypeVar("_Part", Own, Campaigns)


@dataclass(frozen=True, slots=True)
class Evidence:
    """The history that effects are learnt from, items down, weeks across."""

    units: Array
    weight: Array
    usual: Array  # season and market-wide events
    price: Array | None  # log price over the usual one


def campaigns(
    seen: Evidence,
    cells: Cells,
    groups: Nodes,
    stated: Array,
    *,
    product: Ints | None = None,
    start: Campaigns | None = None,
) -> Campaigns:
    """Return the effects that explain ``seen`` best.

    Parameters
    ----------
    seen : Evidence
        The history.
    cells : Cells
        Which of its weeks are under which event.
    groups : Nodes
        Items that learn together.
    stated : ndarray, shape (n_codes,)
        Mean log factor that the user stated of each kind of event; NaN = none.
    product : ndarray of int, shape (n_items,), optional
        Number of each item's product, whatever its market: what a price does is its own. None =
        only what groups share.
    start : Campaigns, optional
        Where to begin.

    Notes
    -----
    Penalised quasi-likelihood with a logarithmic link: ``E y = level x usual x Π (1 + s (e^β - 1))
    x e^(ε x)`` with ``s`` the share of the week's days under an event and ``x`` the log price
    change. Means are fitted, not logarithms, so no bias is left to correct and zeros count. Each
    turn solves a ridge regression of the residuals for everything together, all items first; each
    market is drawn to all, each category to its market, each product to its category, each item to
    its product.
    """
    n_codes = len(stated)
    under = design(cells, groups, seen.units.shape, n_codes)
    found = _start(stated, *counts(under, seen.weight, seen.price, groups, n_codes))
    if not len(cells.code) and seen.price is None:
        return found
    if start is not None:
        found = replace(found, effect=start.effect)
    prior_sd = np.append(np.where(np.isnan(stated), _SD, _STATED_SD), _ELASTICITY_SD)
    for _ in range(_TURNS if start is None else _MORE_TURNS):
        now = _pull(seen, under, found, groups)
        effect, sd = _solved(_sums(under, now, seen, found, groups), found, groups, prior_sd)
        found = replace(found, effect=effect, sd=sd)
    found = replace(found, price=_price_with(under, seen, n_codes))
    for units in _finer(product):
        found = _with_own(found, units, seen, groups, under)
    own = tuple(_rounded(part, "effect", "elasticity") for part in found.own)
    return _rounded(replace(found, own=own), "effect", "sd", "base", "price")


def _finer(product: Ints | None) -> list[tuple[Ints, Finer]]:
    """Return the units within groups, coarse to fine."""
    if product is None:
        return []
    own = [(product, _PRODUCT)]
    if len(np.unique(product)) < len(product):
        own.append((np.arange(len(product)), _ITEM))
    return own


def _rounded(part: _Part, *names: str) -> _Part:
    """Return ``part`` rounded, so that a little news far away changes nothing here."""
    return replace(part, **{name: np.round(getattr(part, name), _DIGITS) for name in names})


def factors(
    found: Campaigns, cells: Cells, groups: Nodes, shape: tuple[int, int], change: Array | None
) -> Array:
    """Return the factor in each item's week, shape (n_items, n_weeks); 1 where nothing is on."""
    out = np.ones(shape)
    np.multiply.at(
        out.reshape(-1),
        cells.item * shape[1] + cells.week,
        day_factor(cells.share, found.of(cells, groups.of_item)),
    )
    if change is None:
        return out
    return np.asarray(out * np.exp(found.elasticity(groups.of_item)[:, None] * change))


def _start(stated: Array, weeks: Ints, items: Ints) -> Campaigns:
    effect = np.zeros(weeks.shape)
    effect[:, -1] = ELASTICITY
    sd = np.zeros(weeks.shape)
    sd[:, :-1] = np.where(np.isnan(stated), _SD, _STATED_SD)
    sd[:, -1] = _ELASTICITY_SD
    price = np.zeros(len(stated))
    return Campaigns(effect, sd, np.nan_to_num(stated), (), price, weeks, items)


def _pull(seen: Evidence, under: Design, found: Campaigns, groups: Nodes) -> Pull:
    busy = np.zeros(seen.units.size, dtype=bool)
    busy[under.flat] = True
    now = factors(found, under.cells, groups, seen.units.shape, seen.price)
    return pull(seen.units, seen.weight, seen.usual * now, busy.reshape(seen.units.shape))


def _solved(sums: "_Sums", found: Campaigns, groups: Nodes, prior_sd: Array) -> tuple[Array, Array]:
    """Return the effects after one turn, and their standard deviations."""
    n_nodes, n_effects = found.effect.shape
    effect, sd = np.empty((n_nodes, n_effects)), np.empty((n_nodes, n_effects))
    prior = np.append(np.zeros(n_effects - 1), ELASTICITY)
    branch = np.append(np.full(n_effects - 1, _BRANCH_SD), _PRICE_BRANCH_SD)
    for node, inside in enumerate(groups.contains):
        up = groups.parent[node]
        effect[node] = effect[up] if up >= 0 else prior
        sd[node] = np.hypot(sd[up], branch) if up >= 0 else prior_sd
        if up >= 0 and _is_only_child(node, up, found):
            sd[node] = sd[up]
            continue
        active, matrix, right = sums.within(inside)
        if not len(active):
            continue
        ridge = 1 / (branch if up >= 0 else prior_sd)[active] ** 2
        matrix = matrix + np.diag(ridge)
        to = np.linalg.solve(matrix, right + ridge * effect[node][active])
        step = np.clip(to - found.effect[node][active], -_STEP, _STEP)
        effect[node, active] = found.effect[node][active] + step
        sd[node, active] = np.sqrt(np.diag(np.linalg.inv(matrix)))
        if up >= 0:
            sd[node, active] = np.minimum(sd[node, active], np.hypot(sd[up], branch)[active])
    bounds = np.append(np.full(n_effects - 1, HIGH), 8.0)
    return np.clip(effect, -bounds, bounds), sd


def _is_only_child(node: int, up: np.int64, found: Campaigns) -> bool:
    return bool((found.weeks[node] == found.weeks[up]).all() and found.weeks[up].any())


@dataclass(frozen=True, slots=True)
class _Sums:
    """Normal equations by group of items, of absolute effects; they add up over groups.

    Columns are kinds of events within a group; of pairs of columns, ``first`` and ``second``.
    """

    leaf: Ints
    code: Ints
    right: Array
    beside_price: Array
    first: Ints
    second: Ints
    product: Array
    price_square: Array  # by group
    price_right: Array
    n_effects: int

    def within(self, inside: NDArray[np.bool_]) -> tuple[Ints, Array, Array]:
        """Return the effects seen in some groups, their normal matrix and right-hand side."""
        own = inside[self.leaf]
        square = float(self.price_square[inside].sum())
        active = np.unique(self.code[own])
        if square > 0:
            active = np.append(active, self.n_effects - 1)
        place = np.full(self.n_effects, -1)
        place[active] = np.arange(len(active))
        matrix, right = np.zeros((len(active), len(active))), np.zeros(len(active))
        pair = own[self.first]
        rows, columns = place[self.code[self.first[pair]]], place[self.code[self.second[pair]]]
        np.add.at(matrix, (rows, columns), self.product[pair])
        np.add.at(right, place[self.code[own]], self.right[own])
        if square > 0:
            np.add.at(matrix[-1], place[self.code[own]], self.beside_price[own])
            matrix[:-1, -1] = matrix[-1, :-1]
            matrix[-1, -1] = square
            right[-1] = self.price_right[inside].sum()
        return active, matrix, right


def _sums(under: Design, now: Pull, seen: Evidence, found: Campaigns, groups: Nodes) -> _Sums:
    weight = now.weight.reshape(-1)[under.flat]
    together = np.bincount(under.shared, weights=weight)[under.shared] if len(weight) else weight
    root = np.sqrt(weight / (1 + _SHARED**2 * together))
    slope = day_slope(under.cells.share, found.of(under.cells, groups.of_item))
    pulls = sparse.csr_array(
        (slope * root[under.cell], (under.cell, under.column)),
        shape=(len(under.flat), len(under.leaf)),
    )
    cross = sparse.coo_array(pulls.T @ pulls)
    current = found.effect[under.leaf, under.code]
    right = pulls.T @ (root * now.residual.reshape(-1)[under.flat]) + cross @ current
    beside, square, price_right = np.zeros(len(current)), *np.zeros((2, len(groups.parent)))
    if seen.price is not None:
        beside = np.asarray(pulls.T @ (root * seen.price.reshape(-1)[under.flat]))
        weights = now.weight.copy()
        weights.reshape(-1)[under.flat] = root**2
        elasticity = found.effect[:, -1]
        drawn = weights * seen.price
        np.add.at(square, groups.of_item, (drawn * seen.price).sum(axis=1))
        np.add.at(price_right, groups.of_item, (drawn * now.residual).sum(axis=1))
        right = right + beside * elasticity[under.leaf]
        price_right += square * elasticity
        np.add.at(price_right, under.leaf, beside * current)
    first, second = (np.asarray(side, dtype=np.int64) for side in cross.coords)
    return _Sums(
        leaf=under.leaf,
        code=under.code,
        right=np.asarray(right),
        beside_price=beside,
        first=first,
        second=second,
        product=cross.data,
        price_square=square,
        price_right=price_right,
        n_effects=found.effect.shape[1],
    )


def _with_own(
    found: Campaigns, units: tuple[Ints, Finer], seen: Evidence, groups: Nodes, under: Design
) -> Campaigns:
    """Return ``found`` with what sets products, or single items, apart from what they belong to."""
    unit, finer = units
    own = none(under.cells, unit, len(found.base))
    for _ in range(finer.turns):
        now = replace(found, own=(*found.own, own))
        slope = day_slope(under.cells.share, now.of(under.cells, groups.of_item))
        task = Task(under, _pull(seen, under, now, groups), slope, seen.price)
        own = closer(own, finer, task)
    return replace(found, own=(*found.own, own))


def _price_with(under: Design, seen: Evidence, n_codes: int) -> Array:
    """Return the price change that came with a day of each kind of event."""
    if seen.price is None:
        return np.zeros(n_codes)
    cells = under.cells
    change = np.expm1(seen.price.reshape(-1)[under.flat][under.cell])
    below = np.bincount(cells.code, weights=cells.share**2, minlength=n_codes)
    above = np.bincount(cells.code, weights=cells.share * change, minlength=n_codes)
    rate = np.where(below > 0, above / np.where(below > 0, below, 1.0), 0.0)
    return np.asarray(np.log1p(np.clip(rate, -0.9, 1.0)))
