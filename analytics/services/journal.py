"""What people settle, as the workspace's journal holds it: who said what of what, and when."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import pandas as pd

from analytics.store import Store

Scope = tuple[tuple[str, str], ...]  # (name, value) pairs in the order of the names


class Unsaid(Enum):
    """What a part is changed to so that nothing is said of it any more."""

    UNSAID = "unsaid"


UNSAID = Unsaid.UNSAID


@dataclass(frozen=True, slots=True)
class Noted:
    """One entry that stands.

    Attributes
    ----------
    judgement_id : int
    scope : mapping of str to str
        What it is about.
    body : object
        What it says, as JSON holds it.
    reason, who : str
    made_at : Timestamp
        UTC.
    """

    judgement_id: int
    scope: Mapping[str, str]
    body: Any
    reason: str
    who: str
    made_at: pd.Timestamp


def standing(store: Store, kind: str) -> list[Noted]:
    """Return what stands of one kind, the oldest first; what is no JSON is passed over."""
    return [*_read(store.judgements(kind))]


def _read(frame: pd.DataFrame) -> Iterator[Noted]:
    for row in frame.to_dict("records"):
        try:
            scope, body = json.loads(row["scope"]), json.loads(row["body"])
        except ValueError:
            continue
        if isinstance(scope, dict):
            yield Noted(
                int(row["judgement_id"]), scope, body, str(row["reason"] or ""),
                str(row["who"] or ""), row["made_at"],
            )  # fmt: skip


def spelled(value: object) -> str:
    """Return ``value`` as JSON, always spelled alike: equal scopes must be equal texts.

    >>> spelled({"sku": "杯", "market": "DE"})
    '{"market": "DE", "sku": "杯"}'
    """
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def note(
    store: Store, kind: str, said: Mapping[Scope, Any], *, reason: str = "", who: str = ""
) -> list[int]:
    """Note entries, all of them or none; each replaces what stands on the same scope.

    Raises
    ------
    ReadOnlyWorkspaceError
        The workspace only reads.
    """
    texts = {spelled(dict(scope)): spelled(body) for scope, body in said.items()}
    return store.judge(kind, texts, reason=reason, who=who) if texts else []


def merge(
    store: Store,
    kind: str,
    said: Mapping[Scope, Mapping[str, Any]],
    *,
    reason: str = "",
    who: str = "",
) -> None:
    """Note parts of what stands on each scope; a part that is `UNSAID` is no longer said.

    What is said of other parts stays. A scope of which nothing is left is withdrawn.

    Raises
    ------
    ReadOnlyWorkspaceError
        The workspace only reads.
    """
    stands = {scope_of(entry.scope): entry for entry in standing(store, kind)}
    wanted: dict[Scope, dict[str, Any]] = {}
    empty: list[int] = []
    for scope, parts in said.items():
        entry = stands.get(scope)
        before = dict(entry.body) if entry is not None else {}
        after = {name: value for name, value in {**before, **parts}.items() if value is not UNSAID}
        if after and after != before:
            wanted[scope] = after
        elif entry is not None and not after:
            empty.append(entry.judgement_id)
    note(store, kind, wanted, reason=reason, who=who)
    take_back(store, empty, who=who)


def scope_of(names: Mapping[str, str]) -> Scope:
    """Return a scope as `note` and `merge` take it.

    >>> scope_of({"sku": "MUG", "market": "DE"})
    (('market', 'DE'), ('sku', 'MUG'))
    """
    return tuple(sorted((str(name), str(value)) for name, value in names.items()))


def take_back(store: Store, numbers: Sequence[int], *, who: str = "") -> None:
    """Let entries stand no longer: all of them, or none.

    Raises
    ------
    UnknownJudgementError
        One of them does not stand.
    """
    if numbers:
        store.withdraw_many([int(number) for number in numbers], who=who)


def parts(store: Store, kind: str) -> pd.DataFrame:
    """Return every part that stands of one kind whose bodies are mappings, and who said it when.

    Returns
    -------
    DataFrame
        ``judgement_id``, ``scope`` (a `Scope`), ``part``, ``value``, ``who``, ``made_at``: of the
        entry that said it first, for an entry carries over what was said of other parts. The oldest
        word first.
    """
    columns = ["judgement_id", "scope", "part", "value", "who", "made_at"]
    every = store.all_judgements()
    every = every.loc[every["kind"] == kind].iloc[::-1]  # the oldest first
    withdrawn = dict(zip(every["judgement_id"], every["withdrawn_at"], strict=True))
    told: dict[Scope, dict[str, dict[str, Any]]] = {}
    for entry in _read(every):
        if not isinstance(entry.body, dict):
            continue
        scope = scope_of(entry.scope)
        before = told.get(scope, {})
        told[scope] = {
            name: _carried(before.get(name), entry, name, value, withdrawn)
            for name, value in entry.body.items()
        }
    rows = [
        row
        for said in told.values()
        for row in said.values()
        if pd.isna(withdrawn[row["judgement_id"]])
    ]
    found = pd.DataFrame(rows, columns=columns)
    return found.sort_values("made_at", kind="stable", ignore_index=True)


def _carried(
    before: dict[str, Any] | None,
    entry: Noted,
    name: str,
    value: object,
    withdrawn: Mapping[int, pd.Timestamp],
) -> dict[str, Any]:
    """Return one part of an entry, by whoever said it first without a break."""
    row = {"judgement_id": entry.judgement_id, "scope": scope_of(entry.scope), "part": name,
           "value": value, "who": entry.who, "made_at": entry.made_at}  # fmt: skip
    if before is None or before["value"] != value:
        return row
    is_carried = withdrawn[before["judgement_id"]] >= entry.made_at  # replaced, not taken back
    return {**row, "who": before["who"], "made_at": before["made_at"]} if is_carried else row
