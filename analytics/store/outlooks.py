"""Forecasts, kept item by item, and what people judge better than the numbers."""

from collections.abc import Mapping, Sequence

import pandas as pd
import pyarrow as pa

from analytics.errors import UnknownJudgementError
from analytics.store import deeds, sql_files
from analytics.store.cursors import answered, one, with_incoming
from analytics.store.safekeeping import Safekeeping
from analytics.store.version import renew

RUNS_KEPT = 4


class Outlooks(Safekeeping):
    """What a workspace keeps of the future."""

    # Forecasts: made again whenever they are missing, so that they do not move the version

    def forecast_background(self, run: str) -> bytes | None:
        """Return what a run taught all items together, or None if it is not kept."""
        found = self._frame("forecast_background", run=run)["background"]
        return None if found.empty else bytes(found.iloc[0])

    def run_forecasts(self, run: str) -> pa.Table:
        """Return a run's forecasts, one row per item, in the order in which they were saved.

        Columns ``key``, ``group``, ``season_strength``, ``member``, and the
        lists ``weights``, ``mean``, ``sd``, ``cumulative_mean``, ``cumulative_sd``.
        """
        return self._arrow("run_forecasts", run=run)

    def known_forecasts(self, keys: Sequence[str]) -> pa.Table:
        """Return the forecasts that are kept under ``keys``, as `run_forecasts` does."""
        return self._arrow("known_forecasts", keys=list(keys))

    @deeds.deed("save_forecasts", is_told=False)
    def save_forecasts(
        self, run: str, background: bytes, keys: Sequence[str], made: pa.Table
    ) -> None:
        """Keep a run; of older ones the newest few stay.

        Parameters
        ----------
        run : str
            What all of it depends on.
        background : bytes
            What all items taught together.
        keys : sequence of str
            What each item's forecast depends on, in the items' order.
        made : pa.Table
            The forecasts that were made anew, with the columns of `run_forecasts`.
        """
        places = pa.table({"place": pa.array(range(len(keys)), pa.int32()), "key": list(keys)})
        with self._database.turnstile.held(run), self._database.transaction() as cursor:
            cursor.execute(sql_files.step("drop_forecast_run"), {"run": run})
            cursor.execute(sql_files.step("forget_forecast_places"))
            cursor.execute(
                sql_files.step("insert_forecast_run"), {"run": run, "background": background}
            )
            with_incoming(cursor, places, "insert_forecast_places", {"run": run})
            with_incoming(cursor, made, "insert_forecasts", {})
            cursor.execute(sql_files.step("forget_forecast_runs"), {"keep": RUNS_KEPT})
            cursor.execute(sql_files.step("forget_forecast_places"))
            cursor.execute(sql_files.step("forget_forecasts"))

    # Judgements: they move the numbers, and so the version

    def judgements(self, kind: str) -> pd.DataFrame:
        """Return what stands of one kind, the oldest first.

        Columns ``judgement_id``, ``scope``, ``body`` (JSON), ``reason``, ``who``, ``made_at``.
        """
        return self._frame("judgements", kind=kind)

    def all_judgements(self) -> pd.DataFrame:
        """Return all that was ever judged, the newest first; also what was withdrawn."""
        return self._frame("all_judgements")

    @deeds.deed("judge", about=deeds.several("said", "kind"))
    def judge(
        self,
        kind: str,
        said: Mapping[str, str],
        *,
        reason: str = "",
        who: str = "",
        replaces: bool = True,
    ) -> list[int]:
        """Note judgements, all of them or none; return their numbers.

        Parameters
        ----------
        kind : str
            ``override``, ``pin``, ``launch``, ``event``, ``item`` (see `items`), ``policy`` or
            ``assumption``.
        said : mapping of str to str
            What each is about, and what it says, both as JSON.
        reason, who : str
            Why, and by whom.
        replaces : bool
            An earlier one of the same kind on the same thing no longer stands.
        """
        facts = {"kind": kind, "who": who}
        rows = pa.table(
            {
                "place": pa.array(range(len(said)), pa.int32()),
                "scope": pa.array(said.keys(), pa.string()),
                "body": pa.array(said.values(), pa.string()),
            }
        )
        with self._database.turnstile.held(who), self._database.transaction() as cursor:
            if replaces:
                with_incoming(cursor, rows, "replace_judgements", facts)
            noted = answered(cursor, rows, "insert_judgements", {**facts, "reason": reason})
            renew(cursor)
        self._snapshot_or_warn()
        return sorted(number for (number,) in noted)

    @deeds.deed("withdraw", is_told=False)
    def withdraw(self, judgement_id: int, *, who: str = "") -> None:
        """Let a judgement stand no longer; refusals are those of `withdraw_many`."""
        self.withdraw_many([judgement_id], who=who)

    @deeds.deed("withdraw_many", about=deeds.several("judgement_ids"))
    def withdraw_many(self, judgement_ids: Sequence[int], *, who: str = "") -> None:
        """Let judgements stand no longer: all of them, or none.

        Raises
        ------
        UnknownJudgementError
            One of them does not exist, or was withdrawn already.
        """
        with self._database.turnstile.held(who), self._database.transaction() as cursor:
            for number in dict.fromkeys(int(number) for number in judgement_ids):
                if not one(cursor, "withdraw_judgement", {"judgement_id": number, "who": who}):
                    raise UnknownJudgementError(judgement_id=number)
            renew(cursor)
        self._snapshot_or_warn()

    def _arrow(self, name: str, **params: object) -> pa.Table:
        with self._database.cursor() as cursor:
            return cursor.sql(sql_files.question(name), params=params).to_arrow_table()
