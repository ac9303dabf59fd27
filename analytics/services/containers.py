"""What a shipment goes in: containers by type, or loose cargo."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import pandas as pd

from analytics.errors import OutOfBoundsError, UnknownFieldError
from analytics.inventory.allocation import Caps
from analytics.policy import Limits
from analytics.services import assumptions
from analytics.store import Store

LOOSE = "LCL"  # parts of a container that others fill too
CONTAINERS = (*assumptions.CONTAINER_TYPES, LOOSE)
INTERVAL = 30  # days until the shipment after this one, where nobody says otherwise
BOUNDS: Mapping[str, Limits] = MappingProxyType(
    {
        "count": Limits(1.0, 20.0),
        "fill_pct": Limits(10.0, 100.0),
        "cash": Limits(0.0, 1e12),
        "volume_m3": Limits(0.0, 10_000.0),
        "weight_kg": Limits(0.0, 1e7),
        "interval_days": Limits(1.0, 120.0),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is to be shipped where, in what, for how much.

    Attributes
    ----------
    market, route : str
        Where it goes, and how.
    container : str
        One of `CONTAINERS`.
    count : int
        Containers.
    fill_pct : float
        Share of room and payload that is used at most.
    cash : float, optional
        What may be spent on the goods, ex works, in the base currency; None = as assumed.
    volume_m3, weight_kg : float, optional
        Limits of a loose shipment; None = none.
    interval_days : int
        Days until the shipment after this one.

    Raises
    ------
    OutOfBoundsError
        A number lies outside `BOUNDS`.
    UnknownFieldError
        There is no such container.
    """

    market: str
    route: str = "sea"
    container: str = "40"
    count: int = 1
    fill_pct: float = 100.0
    cash: float | None = None
    volume_m3: float | None = None
    weight_kg: float | None = None
    interval_days: int = INTERVAL

    def __post_init__(self) -> None:
        if self.container not in CONTAINERS:
            raise UnknownFieldError(name=self.container)
        for name, limits in BOUNDS.items():
            value = getattr(self, name)
            if value is not None and not limits.low <= value <= limits.high:  # refuses NaN too
                raise OutOfBoundsError(name=name, value=value, low=limits.low, high=limits.high)


def caps(store: Store, request: Request) -> Caps:
    """Return what a shipment may take of each limit."""
    if request.container == LOOSE:
        return Caps(cash=request.cash, volume=request.volume_m3, weight=request.weight_kg)
    box = assumptions.containers(store)[request.container]
    share = request.count * request.fill_pct / 100
    return Caps(cash=request.cash, volume=share * box.volume_m3, weight=share * box.weight_kg)


def cost(store: Store, request: Request) -> float:
    """Return what the containers cost, in the base currency; NaN = not said.

    A loose shipment costs nothing as a whole: its freight is paid by the carton.
    """
    if request.container == LOOSE:
        return 0.0
    return request.count * assumptions.containers(store)[request.container].cost


def larger(request: Request) -> Request | None:
    """Return the request with the next larger container, or one more of the largest.

    >>> larger(Request(market="US", container="20")).container
    '40'
    """
    if request.container == LOOSE:
        return None
    sizes = [*assumptions.CONTAINER_TYPES]
    place = sizes.index(request.container) + 1
    if place < len(sizes):
        return replace(request, container=sizes[place])
    more = request.count + 1
    return replace(request, count=more) if more <= BOUNDS["count"].high else None


def smallest(store: Store, request: Request, lines: pd.DataFrame) -> str:
    """Return the smallest type of container that takes all lines; empty if none is known to."""
    volume, weight = (float(lines[name].sum(skipna=False)) for name in ("volume_m3", "weight_kg"))
    share = request.fill_pct / 100
    return next(
        (
            code
            for code, box in assumptions.containers(store).items()
            if volume <= share * box.volume_m3 and weight <= share * box.weight_kg
        ),
        "",
    )
