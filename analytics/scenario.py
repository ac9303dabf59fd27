"""The assumptions a user varies, as one immutable value.

A field's name is also its URL parameter and its widget key; its form gives the slider's range, the
codes to choose from, the validation and the documentation.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, NamedTuple, Self, get_type_hints
from urllib.parse import parse_qsl, urlsplit

import tomli_w

from analytics.errors import (
    AnalyticsError,
    EndsBeforeItStartsError,
    NotADateError,
    OutOfBoundsError,
    TooLongTextError,
    UnknownCodeError,
    UnknownFieldError,
)

# Parameters of a link that are no assumption: which item, whose data, which words.
_NOT_ASSUMPTIONS = frozenset({"item", "lang", "sample", "data_version", "own_target"})
_TRACKING = "utm_"  # what mail and chat programs hang on a link
_BETWEEN = "|"  # order numbers in a link; where one stands inside, it is written as %7C
STAGES = ("production", "quality_check", "booking", "transit", "customs", "check_in")


class Bounds(NamedTuple):
    """The closed range a number is meant for, and the step of its slider."""

    low: float
    high: float
    step: float

    def parsed(self, name: str, text: str) -> float:
        """Return the number that a link spells."""
        number = float if isinstance(self.step, float) else int
        try:
            return number(text)
        except ValueError:
            raise self._refusal(name, text) from None

    def check(self, name: str, value: object) -> None:
        """Refuse what lies outside, and NaN."""
        if not self.low <= value <= self.high:  # type: ignore[operator]
            raise self._refusal(name, value)

    def _refusal(self, name: str, value: object) -> OutOfBoundsError:
        return OutOfBoundsError(name=name, value=value, low=self.low, high=self.high)


class OneOf(NamedTuple):
    """The codes to choose from; an empty one stands for no choice."""

    codes: tuple[str, ...]

    def parsed(self, name: str, text: str) -> str:
        """Return the code that a link spells."""
        self.check(name, text)
        return text

    def check(self, name: str, value: object) -> None:
        """Refuse a code that is not offered."""
        if value not in self.codes:
            known = ", ".join(code for code in self.codes if code)
            raise UnknownCodeError(name=name, value=value, known=known)


class Name(NamedTuple):
    """A name out of the data, empty for every one; what the data do not know hits nothing."""

    longest: int

    def parsed(self, _name: str, text: str) -> str:
        """Return the name that a link spells."""
        return text

    def check(self, name: str, value: object) -> None:
        """Refuse a text that is no name."""
        if len(str(value)) > self.longest:
            raise TooLongTextError(name=name, longest=self.longest)


class Names(NamedTuple):
    """Several names out of the data; none of them stands for no choice."""

    longest: int

    def parsed(self, _name: str, text: str) -> tuple[str, ...]:
        """Return the names that a link spells."""
        return tuple(_unescaped(part.strip()) for part in text.split(_BETWEEN) if part.strip())

    def check(self, name: str, value: object) -> None:
        """Refuse more than a person would choose."""
        if len(_spell(value)) > self.longest:
            raise TooLongTextError(name=name, longest=self.longest)


class Day(NamedTuple):
    """A date; none = not limited."""

    def parsed(self, name: str, text: str) -> date:
        """Return the date that a link spells."""
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise NotADateError(name=name, value=text) from None

    def check(self, _name: str, _value: object) -> None:
        """Refuse nothing: whether the data cover a day is known by who asks them."""


Form = Bounds | OneOf | Name | Names | Day


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """Assumptions the user varies; the default is "everything goes as it did".

    Parameters
    ----------
    lead_time_delay_days : int
        Days that every shipment in scope takes longer than it used to.
    lead_time_change_pct : int
        Change of lead times in scope, or of the stage ``only_stage`` alone, in per cent; before the
        delay is added.
    lead_time_spread_pct : int
        Change of how much lead times in scope vary (their sd), in per cent, about the same mean.
    disruption_chance_pct : int
        Chance of a disruption that makes shipments in scope later still, in per cent. Orders that
        are open meet it together; of orders to come each meets its own.
    disruption_days : int
        Days that a disruption costs on average; they vary by `DISRUPTION_CV`.
    hits : str
        Which day of an order decides whether it falls within the window: ``shipped`` or
        ``ordered``.
    hits_from, hits_until : date, optional
        The window: first and last day; none = not limited.
    only_route, only_supplier, only_market : str
        Orders that are in scope; empty = all.
    only_stage : str
        The stage that is hit, one of `STAGES`: orders beyond it are out of scope, and
        ``lead_time_change_pct`` changes that stage alone; empty = the whole way.
    only_orders : tuple of str
        Numbers of the open orders that are in scope, and nothing else; empty = all.
    ship_by : str
        The route that items are ordered by wherever they have it, such as ``air``; empty = as they
        usually are.
    demand_change_pct : int
        Change of all future demand, in per cent.
    demand_window_pct : int
        Change of demand within the days from ``demand_from`` to ``demand_until``, in per cent, on
        top of ``demand_change_pct``.
    demand_from, demand_until : date, optional
        Those days; none = not limited.
    price_change_pct : int
        Change of every price, in per cent; demand follows by each item's elasticity.
    service_level_pct : float, optional
        Service to aim at, in per cent, by the measure of each item's policy (cycle service or
        fill rate); none = as each item's policy says.
    freight_change_pct : int
        Change of what freight costs, in per cent.
    currency_change_pct : int
        Change of what every other currency is worth in the base currency, in per cent.
    as_of : date, optional
        The day the plan is made on; none = the last day that any market's sales cover.

    Raises
    ------
    OutOfBoundsError
        A value lies outside its bounds.
    UnknownCodeError
        A code is none of those that can be chosen.
    TooLongTextError
        A name is too long to be one.
    EndsBeforeItStartsError
        A window ends before it starts.

    Examples
    --------
    >>> link = Scenario(lead_time_delay_days=14).to_query()
    >>> Scenario.from_query(link).lead_time_delay_days
    14
    """

    lead_time_delay_days: Annotated[int, Bounds(0, 90, 1)] = 0
    lead_time_change_pct: Annotated[int, Bounds(-50, 100, 5)] = 0
    lead_time_spread_pct: Annotated[int, Bounds(-100, 200, 10)] = 0
    disruption_chance_pct: Annotated[int, Bounds(0, 100, 5)] = 0
    disruption_days: Annotated[int, Bounds(1, 90, 1)] = 14
    hits: Annotated[str, OneOf(("shipped", "ordered"))] = "shipped"
    hits_from: Annotated[date | None, Day()] = None
    hits_until: Annotated[date | None, Day()] = None
    only_route: Annotated[str, Name(60)] = ""
    only_supplier: Annotated[str, Name(120)] = ""
    only_market: Annotated[str, Name(60)] = ""
    only_stage: Annotated[str, OneOf(("", *STAGES))] = ""
    only_orders: Annotated[tuple[str, ...], Names(1500)] = ()
    ship_by: Annotated[str, Name(60)] = ""
    demand_change_pct: Annotated[int, Bounds(-50, 100, 5)] = 0
    demand_window_pct: Annotated[int, Bounds(-100, 200, 5)] = 0
    demand_from: Annotated[date | None, Day()] = None
    demand_until: Annotated[date | None, Day()] = None
    price_change_pct: Annotated[int, Bounds(-50, 50, 1)] = 0
    service_level_pct: Annotated[float | None, Bounds(80.0, 99.9, 0.1)] = None
    freight_change_pct: Annotated[int, Bounds(-50, 300, 5)] = 0
    currency_change_pct: Annotated[int, Bounds(-30, 30, 1)] = 0
    as_of: Annotated[date | None, Day()] = None

    def __post_init__(self) -> None:
        for name, form in self.forms().items():
            value = getattr(self, name)
            if value is not None:
                form.check(name, value)
        for first, last in (("hits_from", "hits_until"), ("demand_from", "demand_until")):
            starts, ends = getattr(self, first), getattr(self, last)
            if starts is not None and ends is not None and ends < starts:
                raise EndsBeforeItStartsError(name=last, starts=starts, ends=ends)

    @classmethod
    def forms(cls) -> dict[str, Form]:
        """Return what each field may hold, in the order they are shown."""
        return dict(_forms())

    @classmethod
    def bounds(cls) -> dict[str, Bounds]:
        """Return the bounds of each number, in the order they are shown."""
        return {name: form for name, form in cls.forms().items() if isinstance(form, Bounds)}

    @property
    def is_at_rest(self) -> bool:
        """Whether nothing but the day differs from the plan itself.

        A window or a scope alone changes nothing, nor do the days of a disruption without a chance.
        """
        moved = {name: getattr(self, name) for name in _MOVES}
        return Scenario(**moved, as_of=self.as_of) == Scenario(as_of=self.as_of)

    @property
    def changes_lead_times(self) -> bool:
        """Whether any lead time is other than it used to be."""
        calm = replace(
            Scenario(),
            **{name: getattr(self, name) for name in _MOVES if name.startswith(("lead", "disrup"))},
        )
        return calm != Scenario()

    def to_query(self) -> dict[str, str]:
        """Return every field, defaults included, so that a link outlives a change of default."""
        return {field.name: _spell(getattr(self, field.name)) for field in fields(self)}

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> Self:
        """Read the fields out of URL parameters; an absent one keeps its default.

        An empty one means none where a field can be none, whatever its default is or will be.

        Raises
        ------
        OutOfBoundsError
            A value is no number, or lies outside its bounds.
        NotADateError
            A day is no date.
        UnknownCodeError
            A code is none of those that can be chosen.
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
        forms = cls.forms()
        values: dict[str, object] = {
            name: empty for name, empty in _empties().items() if query.get(name, "-").strip() == ""
        }
        problems: list[AnalyticsError] = []
        for name, text in query.items():
            if name in _NOT_ASSUMPTIONS or _is_tracking(name) or not text.strip():
                continue
            try:
                if name not in forms:
                    raise UnknownFieldError(name=name)
                value = forms[name].parsed(name, text.strip())
                cls(**{**values, name: value})  # type: ignore[arg-type]  # checks what it makes of them
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
        return cls.from_toml(path.read_text(encoding="utf-8"))

    @classmethod
    def from_toml(cls, text: str) -> Self:
        """Read the text of a TOML file whose keys are the fields' names."""
        return cls.from_query({name: _spell(value) for name, value in tomllib.loads(text).items()})

    def to_toml(self) -> str:
        r"""Return the fields that are not at their default, as the text of a scenario file.

        >>> Scenario(lead_time_delay_days=14, only_orders=("PO-7",)).to_toml()
        'lead_time_delay_days = 14\nonly_orders = [\n    "PO-7",\n]\n'
        """
        rest = Scenario()
        moved = {field.name: getattr(self, field.name) for field in fields(self)}
        return tomli_w.dumps(
            {
                name: list(value) if isinstance(value, tuple) else value
                for name, value in moved.items()
                if value != getattr(rest, name)
            }
        )


@cache
def _forms() -> dict[str, Form]:
    hints = get_type_hints(Scenario, include_extras=True)
    return {name: hint.__metadata__[0] for name, hint in hints.items()}


@cache
def _empties() -> dict[str, object]:
    """Return what an empty parameter means, of the fields that can be empty."""
    kinds: dict[object, object] = {
        float | None: None,
        date | None: None,
        str: "",
        tuple[str, ...]: (),
    }
    hints = get_type_hints(Scenario)
    chosen = {"hits"}  # one of two: never empty
    return {n: kinds[kind] for n, kind in hints.items() if kind in kinds and n not in chosen}


DISRUPTION_CV = 0.4  # sd of a disruption's days over their mean: 20 days vary by 8
# What makes a difference by itself; the rest says where, when and to what it does.
_MOVES = (
    "lead_time_delay_days", "lead_time_change_pct", "lead_time_spread_pct",
    "disruption_chance_pct", "ship_by", "demand_change_pct", "demand_window_pct",
    "price_change_pct", "service_level_pct", "freight_change_pct", "currency_change_pct",
)  # fmt: skip


def parameters_of(link: str) -> dict[str, str]:
    """Return everything that a link carries, assumptions or not."""
    return dict(parse_qsl(urlsplit(link).query, keep_blank_values=True))


def _is_tracking(name: str) -> bool:
    return name.casefold().startswith(_TRACKING)


def _escaped(name: str) -> str:
    return name.replace("%", "%25").replace(_BETWEEN, "%7C")


def _unescaped(text: str) -> str:
    return text.replace("%7C", _BETWEEN).replace("%25", "%")


def _spell(value: object) -> str:
    if isinstance(value, tuple | list):
        return _BETWEEN.join(_escaped(str(part)) for part in value)
    return "" if value is None else str(value)
