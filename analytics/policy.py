"""What is promised of an item and how it is ordered: a policy per tier, each part changeable."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Any, NamedTuple, Self, get_type_hints

from analytics.errors import OutOfBoundsError, UnknownFieldError
from analytics.schema import Tier


class Method(StrEnum):
    """How a safety stock is worked out."""

    QUANTILE = "quantile"
    NORMAL = "normal"
    MAX_AVERAGE = "max_average"


class Measure(StrEnum):
    """What a service level is a share of."""

    CYCLE = "cycle"  # of the orders that arrive before the stock is used up
    FILL = "fill"  # of the units that buyers ask for


class Trigger(StrEnum):
    """At which inventory position an order is due."""

    REORDER_POINT = "reorder_point"
    WARNING_LINE = "warning_line"


class Order(StrEnum):
    """How much an order is for."""

    COVER = "cover"  # up to a level: the reorder point and some days of forecast
    BATCH = "batch"  # the smallest batch that the supplier makes, again and again
    SEASON = "season"  # once, for the rest of a season


class Limits(NamedTuple):
    """The closed range that a number is meant for."""

    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How an item is bought.

    Parameters
    ----------
    method : Method
        Of the safety stock.
    measure : Measure
        What ``service_level_pct`` measures.
    service_level_pct : float
        What is promised, in per cent.
    by_profit : bool
        The promise follows from margin, holding and stock-out cost where they are known
        (the critical ratio), and ``service_level_pct`` is for items of which they are not.
    review_days : int
        Days from one look at an item to the next; 1 = every day.
    order : Order
        How much an order is for.
    cover_days : int
        Days of forecast that an order covers beyond the reorder point.
    trigger : Trigger
        At which position an order is due.
    cap_weeks : float, optional
        No order lifts the position above the demand of lead time, review period and so many weeks
        more: a hit must not be over-ordered. None = no cap.

    Raises
    ------
    OutOfBoundsError
        A number lies outside its limits.

    Examples
    --------
    >>> Policy(service_level_pct=98, measure=Measure.FILL).changed({"review_days": 1}).review_days
    1
    """

    method: Method = Method.QUANTILE
    measure: Measure = Measure.CYCLE
    service_level_pct: Annotated[float, Limits(50.0, 99.9)] = 95.0
    by_profit: bool = False
    review_days: Annotated[int, Limits(1, 60)] = 7
    order: Order = Order.COVER
    cover_days: Annotated[int, Limits(1, 180)] = 30
    trigger: Trigger = Trigger.REORDER_POINT
    cap_weeks: Annotated[float | None, Limits(1.0, 52.0)] = None

    def __post_init__(self) -> None:
        for name, limits in self.limits().items():
            value = getattr(self, name)
            if value is not None and not limits.low <= value <= limits.high:  # refuses NaN too
                raise OutOfBoundsError(name=name, value=value, low=limits.low, high=limits.high)

    @classmethod
    def limits(cls) -> dict[str, Limits]:
        """Return the limits of each number, by name."""
        hints = get_type_hints(cls, include_extras=True)
        return {
            field.name: hints[field.name].__metadata__[0]
            for field in fields(cls)
            if hasattr(hints[field.name], "__metadata__")
        }

    def changed(self, parts: Mapping[str, Any]) -> Self:
        """Return the policy with some of its parts said anew, as JSON or TOML would hold them.

        Raises
        ------
        UnknownFieldError
            A policy has no such part, or the part knows no such word.
        OutOfBoundsError
            A number lies outside its limits.
        """
        said: dict[str, Any] = {}
        words = {"method": Method, "measure": Measure, "order": Order, "trigger": Trigger}
        for name, value in parts.items():
            if name not in {field.name for field in fields(self)}:
                raise UnknownFieldError(name=name)
            if name in words and value not in set(words[name]):
                raise UnknownFieldError(name=f"{name} = {value}")
            said[name] = words[name](value) if name in words else value
        return replace(self, **said)


# A seller's practice by tier (inventory.md, o): a bestseller is looked at every day and promised
# most, a seasonal product is bought once ahead, a new one in the smallest batches.
POLICIES: Mapping[Tier, Policy] = MappingProxyType(
    {
        Tier.BESTSELLER: Policy(
            measure=Measure.FILL, service_level_pct=98.0, review_days=1, cap_weeks=26.0
        ),
        Tier.REGULAR: Policy(measure=Measure.FILL, service_level_pct=95.0),
        Tier.SEASONAL: Policy(by_profit=True, order=Order.SEASON),
        Tier.TRIAL: Policy(order=Order.BATCH, service_level_pct=90.0),
    }
)
