"""The assumptions a user varies, as one immutable value.

A field's name is also its URL parameter and its widget key; its bounds give the slider's range,
the validation and the documentation.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import Annotated, NamedTuple, Self, get_type_hints
from urllib.parse import parse_qsl, urlsplit

from analytics.errors import AnalyticsError, NotADateError, OutOfBoundsError, UnknownFieldError

# Parameters of a link that are no assumption: which item, whose data, which words.
_NOT_ASSUMPTIONS = frozenset({"item", "lang", "sample", "data_version", "own_target"})
_TRACKING = "utm_"  # what mail and chat programs hang on a link


class Bounds(NamedTuple):
    """The closed range an assumption is meant for, and the step of its slider."""

    low: float
    high: float
    step: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """Assumptions the user varies; the default is "everything goes as it did".

    Parameters
    ----------
    lead_time_delay_days : int
        Days that every shipment takes longer than it used to.
    lead_time_change_pct : int
        Change of every lead time, in per cent; before the delay is added.
    lead_time_spread_pct : int
        Change of how much lead times vary (their sd), in per cent, about the same mean.
    demand_change_pct : int
        Change of all future demand, in per cent.
    service_level_pct : float, optional
        Service to aim at, in per cent, by the measure of each item's policy (cycle service or
        fill rate); none = as each item's policy says.
    as_of : date, optional
        The day the plan is made on; none = the last day that any market's sales cover.

    Raises
    ------
    OutOfBoundsError
        A value lies outside its bounds.

    Examples
    --------
    >>> link = Scenario(lead_time_delay_days=14).to_query()
    >>> Scenario.from_query(link).lead_time_delay_days
    14
    """

    lead_time_delay_days: Annotated[int, Bounds(0, 90, 1)] = 0
    lead_time_change_pct: Annotated[int, Bounds(-50, 100, 5)] = 0
    lead_time_spread_pct: Annotated[int, Bounds(-100, 200, 10)] = 0
    demand_change_pct: Annotated[int, Bounds(-50, 100, 5)] = 0
    service_level_pct: Annotated[float | None, Bounds(80.0, 99.9, 0.1)] = None
    as_of: date | None = None

    def __post_init__(self) -> None:
        for name, bounds in self.bounds().items():
            value = getattr(self, name)
            if value is not None and not bounds.low <= value <= bounds.high:  # refuses NaN too
                raise OutOfBoundsError(name=name, value=value, low=bounds.low, high=bounds.high)

    @classmethod
    def bounds(cls) -> dict[str, Bounds]:
        """Return the bounds of each numeric field, in the order they are shown."""
        hints = get_type_hints(cls, include_extras=True)
        return {
            field.name: hints[field.name].__metadata__[0]
            for field in fields(cls)
            if hasattr(hints[field.name], "__metadata__")
        }

    @property
    def is_at_rest(self) -> bool:
        """Whether every assumption but the day is at its default: the plan itself."""
        return self == Scenario(as_of=self.as_of)

    def to_query(self) -> dict[str, str]:
        """Return every field, defaults included, so that a link outlives a change of default."""
        return {field.name: _spell(getattr(self, field.name)) for field in fields(self)}

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> Self:
        """Read the fields out of URL parameters; an absent or empty one keeps its default.

        Raises
        ------
        OutOfBoundsError
            A value is no number, or lies outside its bounds.
        NotADateError
            ``as_of`` is no date.
        UnknownFieldError
            A parameter is no assumption.
        """
        scenario, problems = cls.salvage(query)
        if problems:
            raise problems[0]
        return scenario

    @classmethod
    def salvage(cls, query: Mapping[str, str]) -> tuple[Self, list[AnalyticsError]]:
        """Read what can be used of a link, and return beside it what could not, by name."""
        values: dict[str, object] = {}
        problems: list[AnalyticsError] = []
        for name, text in query.items():
            if name in _NOT_ASSUMPTIONS or _is_tracking(name) or not text.strip():
                continue
            try:
                value = _parse(cls, name, text.strip())
                cls(**{name: value})  # type: ignore[arg-type]  # checks this field's bounds
            except AnalyticsError as problem:
                problems.append(problem)
            else:
                values[name] = value
        return cls(**values), problems  # type: ignore[arg-type]

    @classmethod
    def from_link(cls, link: str) -> Self:
        """Read a whole link, such as one that a teammate sent."""
        return cls.from_query(parameters_of(link))

    @classmethod
    def from_file(cls, path: Path) -> Self:
        """Read a TOML file whose keys are the fields' names."""
        entries = tomllib.loads(path.read_text(encoding="utf-8"))
        return cls.from_query({name: str(value) for name, value in entries.items()})


def parameters_of(link: str) -> dict[str, str]:
    """Return everything that a link carries, assumptions or not."""
    return dict(parse_qsl(urlsplit(link).query, keep_blank_values=True))


def _is_tracking(name: str) -> bool:
    return name.casefold().startswith(_TRACKING)


def _spell(value: object) -> str:
    return "" if value is None else str(value)


def _parse(cls: type[Scenario], name: str, text: str) -> object:
    if name == "as_of":
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise NotADateError(name=name, value=text) from None
    bounds = cls.bounds().get(name)
    if bounds is None:
        raise UnknownFieldError(name=name)
    number = float if isinstance(bounds.step, float) else int
    try:
        return number(text)
    except ValueError:
        raise OutOfBoundsError(name=name, value=text, low=bounds.low, high=bounds.high) from None
