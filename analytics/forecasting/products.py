"""What sets products apart from their group, and a product in one market from the product."""

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import spsolve

from analytics.forecasting.design import Design
from analytics.forecasting.exposure import Cells, Ints
from analytics.forecasting.matrix import Array
from analytics.forecasting.response import Pull

_FARTHEST = 3.0  # standard deviations that a unit may lie off what it belongs to


@dataclass(frozen=True, slots=True)
class Own:
    """How far the effects of products, or of items, lie off those of what they belong to.

    Attributes
    ----------
    unit : ndarray of int, shape (n_items,)
        Each item's product, or the item itself.
    key : ndarray of int, shape (n,)
        ``unit * n_codes + code``, ascending.
    effect : ndarray, shape (n,)
        Difference of the log factor.
    elasticity : ndarray, shape (n_units,)
        Difference of the price elasticity.
    n_codes : int
        Kinds of events.
    """

    unit: Ints
    key: Ints
    effect: Array
    elasticity: Array
    n_codes: int

    def of(self, cells: Cells) -> Array:
        """Return the difference of each entry; 0 where nothing is known."""
        wanted = self.unit[cells.item] * self.n_codes + cells.code
        if not len(self.key):
            return np.zeros(len(wanted))
        place = np.minimum(np.searchsorted(self.key, wanted), len(self.key) - 1)
        return np.asarray(np.where(self.key[place] == wanted, self.effect[place], 0.0))


@dataclass(frozen=True, slots=True)
class Finer:
    """How far units differ from what they belong to, and the turns that are taken to find out."""

    sd: float  # of effects
    price_sd: float  # of elasticities
    turns: int


def none(cells: Cells, unit: Ints, n_codes: int) -> Own:
    """Return differences of nothing for the units of items; `closer` finds them."""
    key = np.unique(unit[cells.item] * n_codes + cells.code)
    return Own(unit, key, np.zeros(len(key)), np.zeros(int(unit.max(initial=-1)) + 1), n_codes)


@dataclass(frozen=True, slots=True)
class Task:
    """What is left to explain: how far weeks lie off, and what pulls at them."""

    under: Design
    now: Pull
    slope: Array  # of each entry
    price: Array | None


def closer(own: Own, finer: Finer, task: Task) -> Own:
    """Return ``own`` after one turn: a ridge regression of the residuals for each unit.

    All units at once, which share no equation; events in the first rows, elasticities below.
    """
    now, under = task.now, task.under
    n_events, n_units = len(own.key), len(own.elasticity)
    change = np.zeros_like(now.weight) if task.price is None else task.price
    root = np.sqrt(now.weight.reshape(-1)[under.flat])
    pulls = _pulls(own, under, task.slope, change, root)
    quiet = now.weight * change
    quiet.reshape(-1)[under.flat] = 0.0
    by_item = np.stack([(quiet * change).sum(axis=1), (quiet * now.residual).sum(axis=1)])
    told, drawn = (np.bincount(own.unit, weights=row, minlength=n_units) for row in by_item)
    normal = pulls.T @ pulls + sparse.diags_array(np.append(np.zeros(n_events), told))
    right = pulls.T @ (root * now.residual.reshape(-1)[under.flat])
    right[n_events:] += drawn
    right += normal @ np.append(own.effect, own.elasticity)
    sd = np.repeat([finer.sd, finer.price_sd], [n_events, n_units])
    found = spsolve(sparse.csc_array(normal + sparse.diags_array(1 / sd**2)), right)
    found = np.clip(found, -_FARTHEST * sd, _FARTHEST * sd)
    return replace(own, effect=found[:n_events], elasticity=found[n_events:])


def _pulls(own: Own, design: Design, slope: Array, change: Array, root: Array) -> sparse.csr_array:
    """Return the weighted regressors of the cells under events: events, then prices, of units."""
    key = own.unit[design.cells.item] * own.n_codes + design.cells.code
    at = change.reshape(-1)[design.flat]
    whose = own.unit[design.flat // max(change.shape[1], 1)]
    values = np.concatenate([slope * root[design.cell], at * root])
    rows = np.concatenate([design.cell, np.arange(len(at))])
    columns = np.concatenate([np.searchsorted(own.key, key), len(own.key) + whose])
    shape = (len(at), len(own.key) + len(own.elasticity))
    return sparse.csr_array((values, (rows, columns)), shape=shape)
