"""Scenarios that have a name. They say nothing of the data, and so do not move the version."""

import pandas as pd

from analytics.errors import TakenNameError, UnknownScenarioError
from analytics.store import deeds, sql_files
from analytics.store.cursors import one
from analytics.store.ledgers import Ledgers


class Scenarios(Ledgers):
    """What a workspace keeps of named scenarios."""

    def scenarios(self) -> pd.DataFrame:
        """Return the scenarios that have a name, by name.

        Columns ``scenario_id``, ``name``, ``author``, ``note``, ``created_at`` (UTC), ``query``
        (as a link spells it), ``data_version`` (of the data that were looked at; may be empty).
        """
        return self._frame("scenarios")

    @deeds.deed("save_scenario", about=deeds.text("name"))
    def save_scenario(
        self,
        name: str,
        query: str,
        *,
        note: str = "",
        author: str = "",
        data_version: str = "",
        replaces: bool = False,
    ) -> int:
        """Keep a scenario under ``name``; return its number.

        Parameters
        ----------
        name : str
            Told from others without regard to case.
        query : str
            The scenario as a link spells it.
        note, author : str
            What it is about, and by whom.
        data_version : str
            Of the data that were looked at.
        replaces : bool
            It takes the place, and the number, of one that has this name.

        Raises
        ------
        TakenNameError
            Another one has this name, and is not to be replaced.
        """
        key = {"name_key": name.casefold()}
        facts = {
            "name": name,
            "query": query,
            "note": note,
            "author": author,
            "data_version": data_version,
        }
        with self._database.turnstile.held(author), self._database.transaction() as cursor:
            found = one(cursor, "scenario_named", key)
            if found and not replaces:
                raise TakenNameError(name=name)
            if found:
                number = int(found[0])
                cursor.execute(sql_files.step("replace_scenario"), facts | {"scenario_id": number})
            else:
                number = int(one(cursor, "insert_scenario", facts | key)[0])
        self._snapshot_or_warn()
        return number

    @deeds.deed("remove_scenario", about=deeds.number("scenario_id"))
    def remove_scenario(self, scenario_id: int, *, who: str = "") -> None:
        """Take the name from a scenario.

        Raises
        ------
        UnknownScenarioError
            No scenario has this number.
        """
        facts = {"scenario_id": scenario_id, "who": who}
        with self._database.turnstile.held(who), self._database.transaction() as cursor:
            if not one(cursor, "remove_scenario", facts):
                raise UnknownScenarioError(name=scenario_id)
        self._snapshot_or_warn()
