"""What a scenario can be narrowed to: the names that the data know."""

from datetime import date
from typing import NamedTuple

import pandas as pd

from analytics.inventory.history import DEFAULT_ROUTE, route_codes
from analytics.inventory.position import open_lines
from analytics.services import routes
from analytics.store import Store

_KNOWN_ROUTES = ("sea", "rail", "air", "express")  # slowest first


class Scopes(NamedTuple):
    """Names to choose from, each once.

    Attributes
    ----------
    routes : tuple of str
        Codes of routes that orders took or that the routes table knows; sea always.
    suppliers : tuple of str
        By name.
    markets : tuple of str
        What sold most first.
    orders : tuple of str
        Numbers of the open orders, the newest first.
    """

    routes: tuple[str, ...]
    suppliers: tuple[str, ...]
    markets: tuple[str, ...]
    orders: tuple[str, ...]


def scopes(store: Store, as_of: date | None = None) -> Scopes:
    """Return what the assumptions of a scenario may be narrowed to.

    Parameters
    ----------
    store : Store
        The workspace.
    as_of : date, optional
        The plan's day, on which an order is open or not; none = the last day that is known.
    """
    items, orders = store.items(), store.purchase_orders()
    today = pd.Timestamp(as_of) if as_of else pd.Timestamp.max
    placed = open_lines(items, orders, today, None)
    newest = placed.sort_values(["ordered_on", "order_id"], ascending=False, kind="stable")
    return Scopes(
        routes=_routes(route_codes(orders["route"]), routes.table(store)["route"]),
        suppliers=tuple(sorted(_names(pd.concat([items["supplier"], orders["supplier"]])))),
        markets=_names(_by_units(items)),
        orders=_names(newest["order_id"]),
    )


def _routes(ordered: pd.Series, stated: pd.Series) -> tuple[str, ...]:
    """Return the routes' codes: those that everybody knows first, slowest first."""
    known = {DEFAULT_ROUTE, *ordered, *route_codes(stated)}
    usual = [code for code in _KNOWN_ROUTES if code in known]
    return (*usual, *sorted(known.difference(usual)))


def _by_units(items: pd.DataFrame) -> pd.Series:
    sold = items.groupby("market")["units"].sum().sort_values(ascending=False, kind="stable")
    return pd.Series(sold.index, dtype=object)


def _names(column: pd.Series) -> tuple[str, ...]:
    """Return the texts of a column that are there, each once, in its order."""
    texts = column.dropna().astype(str)
    return tuple(dict.fromkeys(texts.loc[texts != ""]))
