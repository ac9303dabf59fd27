"""Saved scenarios: named, with author and note, and kept in one's own workspace."""

from urllib.parse import parse_qsl, urlencode

import pandas as pd

from analytics.errors import EmptyNameError, TooLongTextError, UnknownScenarioError
from analytics.scenario import Scenario
from analytics.store import Store

LONGEST_NAME = 80
LONGEST_NOTE = 500


def save(
    store: Store,
    name: str,
    scenario: Scenario,
    *,
    author: str = "",
    note: str = "",
    data_version: str = "",
    replaces: bool = False,
) -> int:
    """Keep ``scenario`` under ``name``; return its number.

    Parameters
    ----------
    store : Store
        One's own workspace: the sample keeps nothing.
    name : str
        Up to `LONGEST_NAME` characters; told from others without regard to case.
    scenario : Scenario
        Every field is kept, so that it means the same after a default changes.
    author, note : str
        By whom, and what it is about.
    data_version : str
        Of the data that were looked at; empty if nobody knows.
    replaces : bool
        It takes the place, and the number, of one that has this name.

    Raises
    ------
    EmptyNameError, TooLongTextError
        The name is none; it, or the note, is too long.
    TakenNameError
        Another one has this name, and is not to be replaced.
    ReadOnlyWorkspaceError
        The workspace only reads.
    """
    name, note = checked(name, note)
    query = urlencode(scenario.to_query())
    return store.save_scenario(
        name, query, note=note, author=author, data_version=data_version, replaces=replaces
    )


def table(store: Store) -> pd.DataFrame:
    """Return the saved scenarios, by name.

    Returns
    -------
    DataFrame
        ``scenario_id``, ``name``, ``author``, ``note``, ``created_at`` (UTC), ``query`` (as a link
        spells it), ``data_version``, ``toml`` (as a scenario file).
    """
    found = store.scenarios()
    files = [read(query).to_toml() for query in found["query"]]
    return found.assign(toml=pd.Series(files, index=found.index, dtype="str"))


def scenario(store: Store, scenario_id: int) -> Scenario:
    """Return a saved scenario.

    Raises
    ------
    UnknownScenarioError
        No scenario has this number.
    """
    found = store.scenarios()
    return _only(found.loc[found["scenario_id"] == scenario_id, "query"], scenario_id)


def named(store: Store, name: str) -> Scenario:
    """Return the scenario that is called ``name``, however its letters are written.

    Raises
    ------
    UnknownScenarioError
        No scenario has this name.
    """
    found = store.scenarios()
    is_meant = found["name"].str.casefold() == _spaced(name).casefold()
    return _only(found.loc[is_meant, "query"], name)


def remove(store: Store, scenario_id: int, *, who: str = "") -> None:
    """Forget a saved scenario.

    Raises
    ------
    UnknownScenarioError
        No scenario has this number.
    """
    store.remove_scenario(scenario_id, who=who)


def read(query: str) -> Scenario:
    """Return the scenario that a query spells; what this version does not know is left out.

    >>> read("lead_time_delay_days=14&a_field_of_the_past=1").lead_time_delay_days
    14
    """
    return Scenario.salvage(dict(parse_qsl(query, keep_blank_values=True)))[0]


def checked(name: str, note: str) -> tuple[str, str]:
    """Return a name and a note as they are kept.

    Raises
    ------
    EmptyNameError, TooLongTextError
        The name is none; it, or the note, is too long.
    """
    name, note = _spaced(name), note.strip()
    if not name:
        raise EmptyNameError
    for field, text, longest in (("name", name, LONGEST_NAME), ("note", note, LONGEST_NOTE)):
        if len(text) > longest:
            raise TooLongTextError(name=field, longest=longest)
    return name, note


def _spaced(name: str) -> str:
    return " ".join(name.split())


def _only(queries: "pd.Series[str]", name: object) -> Scenario:
    if queries.empty:
        raise UnknownScenarioError(name=name)
    return read(queries.iloc[0])
