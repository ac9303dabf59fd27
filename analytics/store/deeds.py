"""Deeds: whatever changes a workspace, with the role that it takes and the record that it leaves.

Each is declared once, above the method that does it; whether somebody may is settled before
anything happens, and what was done is told after it is done.
"""

import inspect
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar, cast

from analytics import logs
from analytics.actor import Actor
from analytics.errors import AnalyticsError, NotAllowedError
from analytics.store.sheets import SheetAccount, SheetLoad

_P = ParamSpec("_P")
_R = TypeVar("_R")
Told = tuple[str, dict[str, int]]  # the object of a deed, and counts
Teller = Callable[[Mapping[str, Any], Any], Told]

_SIGNED = "who"  # the argument, or the fact, that says who acts
_LONGEST = 120  # characters of an object
# Settings by which data are lost or go elsewhere; whoever may save others may not save these.
OWNERS_SETTINGS = frozenset({"raw_days", "backup_days"})

_log = logging.getLogger(__name__)


class Acting(Protocol):
    """A workspace in somebody's hands."""

    actor: Actor
    read_only: bool
    is_lent: bool

    def _refuse_if_read_only(self) -> None: ...


_S = TypeVar("_S", bound=Acting)


@dataclass(frozen=True, slots=True)
class Deed:
    """What a method of a workspace changes.

    Attributes
    ----------
    act : str
        Its name, in the audit too; that of the method.
    by : str
        The role that it takes.
    is_told : bool
        Whether the audit hears of it: what follows by itself from another deed is not told.
    """

    act: str
    by: str
    is_told: bool


ALL: dict[str, Deed] = {}


def deed(
    act: str,
    *,
    by: str = "editor",
    about: Teller | None = None,
    is_told: bool = True,
    reads: bool = False,
) -> Callable[[Callable[Concatenate[_S, _P], _R]], Callable[Concatenate[_S, _P], _R]]:
    """Return a decorator for a method that changes a workspace.

    Parameters
    ----------
    act : str
        The method's name.
    by : str
        The role that it takes.
    about : callable, optional
        Given the arguments by name and the answer, returns what the audit hears: the object, and
        counts; never a cell's value. Where it returns an object of no length and no counts above
        zero, it still was done.
    is_told : bool
        Whether the audit hears of it.
    reads : bool
        The data stay as they are: a store that only reads does it too, unless it was lent.

    Raises
    ------
    NotAllowedError
        By the method: the actor's role does not reach.
    ReadOnlyWorkspaceError
        By the method: the store only reads.
    """
    ALL[act] = Deed(act, by, is_told)

    def declared(
        method: Callable[Concatenate[_S, _P], _R],
    ) -> Callable[Concatenate[_S, _P], _R]:
        signature = inspect.signature(method)

        @wraps(method)
        def done(self: _S, /, *args: _P.args, **kwargs: _P.kwargs) -> _R:
            bound = signature.bind(self, *args, **kwargs)
            bound.apply_defaults()
            _refuse(self, act, by, bound.arguments, reads=reads)
            _sign(bound.arguments, self.actor.name)
            answer = cast("Callable[..., _R]", method)(*bound.args, **bound.kwargs)
            if is_told and not bound.arguments.get("dry_run"):
                _tell(self.actor, act, bound.arguments, answer, about)
            return answer

        return done

    return declared


def _refuse(store: Acting, act: str, by: str, said: Mapping[str, Any], *, reads: bool) -> None:
    """Refuse what the actor may not, and what nobody may with a store that only reads."""
    needed = "owner" if act == "save_setting" and said["name"] in OWNERS_SETTINGS else by
    if not store.actor.may_still(needed):
        raise NotAllowedError(role=needed)
    if store.is_lent or not reads:
        store._refuse_if_read_only()


def _sign(said: dict[str, Any], name: str) -> None:
    """Put the actor's name wherever the deed names who acts; whoever has none is believed."""
    if not name:
        return
    if _SIGNED in said:
        said[_SIGNED] = name
    facts, sheets, acts = said.get("facts"), said.get("sheets"), said.get("acts")
    if isinstance(facts, Mapping) and _SIGNED in facts:
        said["facts"] = {**facts, _SIGNED: name}
    if sheets is not None:
        said["sheets"] = [replace(sheet, who=name) for sheet in sheets]
    if acts is not None:
        said["acts"] = [{**facts, "who": name} for facts in acts]


def _tell(
    actor: Actor,
    act: str,
    said: Mapping[str, Any],
    answer: Any,  # noqa: ANN401
    about: Teller | None,
) -> None:
    """Tell what was done; it is done, whatever becomes of the record of it."""
    thing, counts = about(said, answer) if about is not None else ("", {})
    try:
        actor.record(act, thing[:_LONGEST], counts)
    except (AnalyticsError, OSError) as problem:
        _log.error("Done, but not recorded (%s): %s", logs.Plain(act), problem)


# What the audit hears


def number(name: str) -> Teller:
    """Return a teller of the argument that is a number."""
    return lambda said, _: (f"#{said[name]}", {})


def text(name: str) -> Teller:
    """Return a teller of an argument that is a word of ours: a code, a name of a setting."""
    return lambda said, _: (str(said[name]), {})


def fact(name: str) -> Teller:
    """Return a teller of one of the facts that is a word of ours."""
    return lambda said, _: (str(said["facts"][name]), {})


def given(_: Mapping[str, Any], answer: Any) -> Told:  # noqa: ANN401
    """Tell the number that the deed gave out."""
    return f"#{answer}", {}


def several(name: str, what: str = "") -> Teller:
    """Return a teller of how many there were in an argument, and perhaps of a word beside it."""
    return lambda said, _: (str(said[what]) if what else "", {"lines": len(said[name])})


def alike(name: str, what: str) -> Teller:
    """Return a teller of how many facts there were in an argument, and of a word of the first."""
    return lambda said, _: (
        str(said[name][0][what]) if said[name] else "",
        {"lines": len(said[name])},
    )


def path(name: str) -> Teller:
    """Return a teller of the name of a file, without its folder; of the answer if none is named."""

    def told(said: Mapping[str, Any], answer: Any) -> Told:  # noqa: ANN401
        found = said[name] or answer
        return found.name, {}

    return told


def loaded(said: Mapping[str, Sequence[SheetLoad]], accounts: Sequence[SheetAccount]) -> Told:
    """Tell the files that were imported, and what became of their rows."""
    files = dict.fromkeys(sheet.file for sheet in said["sheets"])
    counts = {
        "sheets": len(accounts),
        "rows_read": sum(sheet.rows_read for sheet in said["sheets"]),
        **{name: sum(getattr(account, name) for account in accounts) for name in _COUNTED},
    }
    return ", ".join(files), counts


_COUNTED = ("rows_new", "rows_updated", "rows_identical", "rows_rejected")
