"""Where one tier ends and the next begins."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Annotated, Self, get_type_hints

from analytics.errors import OutOfBoundsError, UnknownFieldError
from analytics.policy import Limits

_ORDERED = (("class_a_pct", "class_b_pct"), ("class_x", "class_y"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """What the rules compare with.

    Parameters
    ----------
    new_days : int
        Days since an item could first be bought, below which it is new.
    new_weeks : int
        Weeks in stock below which nothing else can be said of an item.
    peak_weeks : int
        Length of a season, in weeks.
    peak_share_pct : float
        Share of a year's units that a season holds at least, in per cent; 8 of 52 weeks of steady
        sales hold 15.4.
    peak_units : float
        Units a year below which a peak may be chance.
    strength : float
        Seasonal strength from which an item is seasonal without such a peak (Wang, Smith and
        Hyndman, 2006; 0.64 is the usual line).
    strength_share_pct : float
        Share of a year that the best weeks of its season hold at least, for `strength` to count. A
        steady item of large volume has a clean season of a few per cent: strong, and no reason to
        buy it once a year.
    class_a_pct, class_b_pct : float
        Cumulative share of value, in per cent, up to which an item is A, and up to which B.
    class_x, class_y : float
        Weekly coefficient of variation up to which sales are X (steady), and up to which Y.
    steady : float
        The same up to which a bestseller's may be Y.
    sold_weeks : int
        Weeks with a sale, of the last 13 in stock, that a bestseller has at least.
    slow_days : int
        Days without a sale, days of cover, and days of age, from which stock is slow.
    surcharge_days : int
        Age from which storage costs more.

    Raises
    ------
    OutOfBoundsError
        A number lies outside its limits, or the end of class B (or Y) before that of A (or X).
    """

    new_days: Annotated[int, Limits(14, 365)] = 90
    new_weeks: Annotated[int, Limits(2, 26)] = 8
    peak_weeks: Annotated[int, Limits(4, 20)] = 8
    peak_share_pct: Annotated[float, Limits(20.0, 95.0)] = 40.0
    peak_units: Annotated[float, Limits(0.0, 10_000.0)] = 60.0
    strength: Annotated[float, Limits(0.3, 0.99)] = 0.64
    strength_share_pct: Annotated[float, Limits(15.0, 95.0)] = 25.0
    class_a_pct: Annotated[float, Limits(30.0, 95.0)] = 80.0
    class_b_pct: Annotated[float, Limits(30.0, 99.9)] = 95.0
    class_x: Annotated[float, Limits(0.1, 2.0)] = 0.5
    class_y: Annotated[float, Limits(0.1, 5.0)] = 1.0
    steady: Annotated[float, Limits(0.1, 5.0)] = 0.7
    sold_weeks: Annotated[int, Limits(1, 13)] = 11
    slow_days: Annotated[int, Limits(30, 365)] = 90
    surcharge_days: Annotated[int, Limits(30, 730)] = 181

    def __post_init__(self) -> None:
        for name, limits in self.limits().items():
            value = getattr(self, name)
            if not limits.low <= value <= limits.high:  # refuses NaN too
                raise OutOfBoundsError(name=name, value=value, low=limits.low, high=limits.high)
        for first, then in _ORDERED:
            low, value, high = getattr(self, first), getattr(self, then), self.limits()[then].high
            if value < low:
                raise OutOfBoundsError(name=then, value=value, low=low, high=high)

    @classmethod
    def limits(cls) -> dict[str, Limits]:
        """Return the limits of each number, by name."""
        hints = get_type_hints(cls, include_extras=True)
        return {field.name: hints[field.name].__metadata__[0] for field in fields(cls)}

    def changed(self, numbers: Mapping[str, float]) -> Self:
        """Return the thresholds with some numbers said anew.

        Raises
        ------
        UnknownFieldError
            There is no such number.
        OutOfBoundsError
            A number lies outside its limits.
        """
        known = {field.name for field in fields(self)}
        for name in numbers:
            if name not in known:
                raise UnknownFieldError(name=name)
        return replace(self, **numbers)  # type: ignore[arg-type]
