"""Forecasts, kept item by item, and what people judge better than the numbers."""

from collections.abc import Mapping, Sequence

import pandas as pd
import pyarrow as pa

from analytics.errors import UnknownJudgementError
from analytics.store import sql_files
from analytics.store.cursors import one, with_incoming
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
        self._refuse_if_read_only()
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
            ``override``, ``pin``, ``launch`` or ``event``.
        said : mapping of str to str
            What each is about, and what it says, both as JSON.
        reason, who : str
            Why, and by whom.
        replaces : bool
            An earlier one of the same kind on the same thing no longer stands.
        """
        self._refuse_if_read_only()
        numbers: list[int] = []
        with self._database.turnstile.held(who), self._database.transaction() as cursor:
            for scope, body in said.items():
                facts: dict[str, object] = {"kind": kind, "scope": scope, "who": who}
                if replaces:
                    cursor.execute(sql_files.step("replace_judgement"), facts)
                noted = {**facts, "body": body, "reason": reason}
                numbers += one(cursor, "insert_judgement", noted)
            renew(cursor)
        self._snapshot_or_warn()
        return numbers

    def withdraw(self, judgement_id: int, *, who: str = "") -> None:
        """Let a judgement stand no longer.

        Raises
        ------
        UnknownJudgementError
            There is no such judgement, or it was withdrawn already.
        """
        self._refuse_if_read_only()
        facts = {"judgement_id": judgement_id, "who": who}
        with self._database.turnstile.held(who), self._database.transaction() as cursor:
            if not one(cursor, "withdraw_judgement", facts):
                raise UnknownJudgementError(judgement_id=judgement_id)
            renew(cursor)
        self._snapshot_or_warn()

    def _arrow(self, name: str, **params: object) -> pa.Table:
        with self._database.cursor() as cursor:
            return cursor.sql(sql_files.question(name), params=params).to_arrow_table()
