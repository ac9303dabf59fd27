"""The same plan by every route that an item can take."""

from collections.abc import Sequence
from dataclasses import fields, replace

import numpy as np
from numpy.typing import NDArray

from analytics.inventory import LeadTimes
from analytics.services import economics
from analytics.services.planning import Basis, Outlook
from analytics.services.policies import Policies
from analytics.store import Store

Rows = NDArray[np.int64]


def routed(store: Store, basis: Basis, items: Sequence[int] | None = None) -> Basis:
    """Return the basis with one row per item and route, the default route of an item first.

    Parameters
    ----------
    store : Store
        The workspace, which is asked what freight costs on each route.
    basis : Basis
        One row per item.
    items : sequence of int, optional
        Rows of ``basis``; none = all of them.

    Notes
    -----
    Open orders, and so arrivals, belong to an item whatever its route: they stand with each.
    """
    every = basis.by_route.lines
    wanted = np.arange(len(basis.outlook.items)) if items is None else np.asarray(items)
    lines = np.flatnonzero(np.isin(every["item"].to_numpy(), wanted))
    item = every["item"].to_numpy(dtype=np.int64)[lines]
    chosen = every.iloc[lines].reset_index(drop=True)
    seen = _outlook(basis.outlook, item)
    return replace(
        basis,
        outlook=seen,
        kernel=basis.kernel.take(item),
        demand_by_day=basis.demand_by_day[item],
        sd_by_day=basis.sd_by_day[item],
        recent=basis.recent.iloc[item].reset_index(drop=True),
        lead_times=LeadTimes(chosen, basis.by_route.probabilities, basis.by_route.row[lines]),
        stages=basis.stages.iloc[lines].reset_index(drop=True),
        positions=basis.positions.iloc[item].reset_index(drop=True),
        central=basis.central.iloc[item].reset_index(drop=True),
        tiers=basis.tiers.iloc[item].reset_index(drop=True),
        policies=_policies(basis.policies, item),
        economics=economics.of(
            store, seen.items, chosen["route"].tolist(), seen.as_of, basis.changes
        ),
        row_of_item=item,
        is_observed=basis.is_observed[item],
        elasticity=basis.elasticity[item],
    )


def _outlook(seen: Outlook, item: Rows) -> Outlook:
    whole = seen.forecast
    forecast = replace(
        whole,
        items=whole.items.iloc[item].reset_index(drop=True),
        mean=whole.mean[item],
        sd=whole.sd[item],
        cumulative_mean=whole.cumulative_mean[item],
        cumulative_sd=whole.cumulative_sd[item],
        weights=whole.weights[:0],
    )
    items = seen.items.iloc[item].reset_index(drop=True)
    return replace(seen, items=items, forecast=forecast, source=seen.source[item])


def _policies(rules: Policies, item: Rows) -> Policies:
    return Policies(**{field.name: getattr(rules, field.name)[item] for field in fields(rules)})
