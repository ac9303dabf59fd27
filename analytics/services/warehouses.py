"""What each warehouse is for: the marketplace's own, one overseas, or one near the factory."""

from collections.abc import Mapping

import pandas as pd

from analytics.errors import UnknownFieldError
from analytics.inventory import Place, place_of
from analytics.services import assumptions, journal
from analytics.store import Store

PLACES = tuple(place.value for place in Place)
_NAME = "warehouse"


def named(store: Store) -> dict[str, str]:
    """Return what the seller says of warehouses: `Place` by name."""
    return {
        name: str(entry.body)
        for entry, [name] in assumptions.keyed(store, _NAME, 1)
        if entry.body in PLACES
    }


def table(store: Store) -> pd.DataFrame:
    """Return the warehouses of the stock lists that belong to a market.

    Returns
    -------
    DataFrame
        ``warehouse``, ``market``, ``place`` (one of `PLACES`), ``is_said`` (somebody said so; else
        it is told from the name). A store of no market is always near the factory.
    """
    said = named(store)
    stock = store.stock_places()
    known = stock.loc[stock["warehouse"].notna() & stock["market"].notna(), ["warehouse", "market"]]
    rows = known.drop_duplicates().sort_values(["market", "warehouse"]).astype(str)
    place = [
        place_of(warehouse, market, named=said).value
        for warehouse, market in rows.itertuples(index=False)
    ]
    is_said = rows["warehouse"].isin(list(said)).to_numpy()
    return rows.reset_index(drop=True).assign(place=place, is_said=is_said)


def check(wanted: Mapping[str, str]) -> None:
    """Refuse what `save` could not take.

    Raises
    ------
    UnknownFieldError
        There is no such place.
    """
    for place in wanted.values():
        if place not in PLACES:
            raise UnknownFieldError(name=str(place))


def save(store: Store, wanted: Mapping[str, str], *, who: str = "") -> None:
    """Settle what warehouses are for, by name.

    Raises
    ------
    UnknownFieldError
        There is no such place.
    ReadOnlyWorkspaceError
        The workspace only reads.
    """
    check(wanted)
    entries: dict[journal.Scope, object] = {
        assumptions.scope(f"{_NAME}:{name}"): place for name, place in wanted.items()
    }
    journal.note(store, assumptions.KIND, entries, who=who)
