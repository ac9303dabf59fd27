"""From where an alarm is worth somebody's time, as the team settled it."""

from collections.abc import Mapping
from types import MappingProxyType

from analytics.errors import UnknownFieldError
from analytics.policy import Limits
from analytics.services import journal, typed
from analytics.services.alert_rules import Rules
from analytics.store import Store

KIND = "alarm"
LIMITS: Mapping[str, Limits] = MappingProxyType(
    {"least_money": Limits(0.0, 1e9), "late_pct": Limits(50.0, 99.9)}
)


def rules(store: Store) -> Rules:
    """Return the rules as settled, else the defaults; what is none of ours is passed over."""
    said: dict[str, float] = {}
    for entry in journal.standing(store, KIND):
        name, value = entry.scope.get("name", ""), entry.body
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if name in LIMITS and is_number and LIMITS[name].low <= value <= LIMITS[name].high:
            said[name] = float(value)
    return Rules(**said)


def check(said: Mapping[str, float]) -> None:
    """Refuse what `settle` could not take; errors are those of it."""
    for name, value in said.items():
        if name not in LIMITS:
            raise UnknownFieldError(name=name)
        typed.number(name, value, LIMITS[name])


def settle(store: Store, said: Mapping[str, float], *, who: str = "") -> None:
    """Settle rules by name, all of them or none; the alarms change, and so the data version.

    Raises
    ------
    UnknownFieldError
        There is no such rule.
    OutOfBoundsError
        A number lies outside its limits.
    ReadOnlyWorkspaceError
        The workspace only reads.
    """
    check(said)
    entries = {journal.scope_of({"name": name}): float(value) for name, value in said.items()}
    journal.note(store, KIND, entries, who=who)
