"""The ledger: what was decided of suggested orders, and what became of it."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd
import pyarrow as pa

from analytics.errors import UnknownJudgementError
from analytics.store import deeds
from analytics.store.cursors import answered, named, one, with_incoming
from analytics.store.outlooks import Outlooks
from analytics.store.version import renew

_TEXT, _NUMBER = pa.string(), pa.float64()
_STATED = {
    "sku": _TEXT,
    "market": _TEXT,
    "name": _TEXT,
    "supplier": _TEXT,
    "route": _TEXT,
    "quantity": _NUMBER,
    "suggested_quantity": _NUMBER,
    "order_by": pa.date32(),
    "expected_on": pa.date32(),
    "unit_cost": _NUMBER,
    "currency": _TEXT,
    "carton_quantity": _NUMBER,
    "carton_volume_m3": _NUMBER,
    "carton_weight_kg": _NUMBER,
    "reason": _TEXT,
    "note": _TEXT,
}


class Ledgers(Outlooks):
    """What a workspace keeps of decisions on orders; each of them moves the version."""

    def ledger(self) -> pd.DataFrame:
        """Return every decision and what became of it, the newest first.

        Columns ``line_id``; ``order_id`` (missing = skipped); ``status`` (``open``, ``received``,
        ``closed``, ``skipped``, ``taken_back``); ``sku``, ``market``, ``name``, ``supplier``,
        ``route``; ``quantity``, ``suggested_quantity``, ``received``, ``open_quantity`` (units);
        ``is_imported`` (a file tells of it: what came and what is open are the file's word);
        ``order_by``, ``decided_on``, ``expected_on``, ``shipped_on``, ``received_on``,
        ``closed_on``; ``close_reason``; ``unit_cost``, ``currency``, ``carton_quantity``,
        ``carton_volume_m3``, ``carton_weight_kg`` (as of that day); ``reason``, ``note``, ``who``,
        ``decided_at`` (UTC).
        """
        return self._frame("ledger")

    def ledger_acts(self) -> pd.DataFrame:
        """Return what was noted of the ledger's lines, the newest first; also what was undone.

        Columns ``act_id``, ``line_id``, ``act`` (``ship``, ``receive``, ``close``,
        ``take_back``), ``quantity``, ``acted_on``, ``reason``, ``note``, ``who``, ``acted_at``,
        ``undone_at``, ``undone_by``.
        """
        return self._frame("ledger_acts")

    @deeds.deed("decide", about=deeds.several("lines"))
    def decide(self, lines: pd.DataFrame, *, decided_on: date, who: str = "") -> list[int]:
        """Note decisions, all of them or none; return their numbers.

        Parameters
        ----------
        lines : DataFrame
            ``sku``, ``market``, ``route``, ``quantity`` (0 = skipped), and where known ``name``,
            ``supplier``, ``suggested_quantity``, ``order_by``, ``expected_on``, ``unit_cost``,
            ``currency``, ``carton_quantity``, ``carton_volume_m3``, ``carton_weight_kg``,
            ``reason``, ``note``.
        decided_on : date
            The plan's day.
        who : str
            Who decides.

        Notes
        -----
        The lines of one supplier, market and route become one order, numbered by the day: an order
        number holds a SKU once, so that a file that names both tells of one line.
        """
        prefix = f"LW{decided_on:%y%m%d}-"
        with self._database.turnstile.held(who), self._database.transaction() as cursor:
            last = named(cursor, "last_numbers", {"prefix": prefix})
            rows = _numbered(lines.reset_index(drop=True), prefix, last)
            facts = {"decided_on": decided_on, "who": who}
            with_incoming(cursor, rows, "insert_ledger_lines", facts)
            renew(cursor)
        self._snapshot_or_warn()
        numbers: list[int] = rows["line_id"].to_pylist()
        return numbers

    @deeds.deed("act_on", about=deeds.several("quantities", "act"))
    def act_on(
        self,
        act: str,
        quantities: Mapping[int, float | None],
        *,
        acted_on: date | None = None,
        reason: str = "",
        note: str = "",
        who: str = "",
    ) -> list[int]:
        """Note what became of lines, of all of them or none; return the numbers of the acts.

        Parameters
        ----------
        act : str
            ``ship``, ``receive``, ``close`` or ``take_back``.
        quantities : mapping of int to float or None
            Lines, with the units that came where some did.
        acted_on : date, optional
            The day of it.
        reason, note, who : str
            Why, and by whom.

        Raises
        ------
        UnknownJudgementError
            One of the lines is not open, or its decision does not stand.
        """
        said = {"act": act, "acted_on": acted_on, "reason": reason, "note": note, "who": who}
        line_ids = [int(line_id) for line_id in quantities]
        rows = pa.table(
            {
                "place": pa.array(range(len(line_ids)), pa.int32()),
                "line_id": pa.array(line_ids, pa.int32()),
                "quantity": pa.array(quantities.values(), pa.float64()),
            }
        )
        with self._database.turnstile.held(who), self._database.transaction() as cursor:
            noted = dict(answered(cursor, rows, "insert_ledger_acts", said))
            missing = sorted({*line_ids} - {*noted.values()})
            if missing:
                raise UnknownJudgementError(judgement_id=missing[0])
            renew(cursor)
        self._snapshot_or_warn()
        return sorted(noted)

    @deeds.deed("undo_acts", about=deeds.several("act_ids"))
    def undo_acts(self, act_ids: Sequence[int], *, who: str = "") -> None:
        """Undo what was noted of lines: all of it, or nothing.

        Raises
        ------
        UnknownJudgementError
            One of the acts does not exist, or was undone already.
        """
        with self._database.turnstile.held(who), self._database.transaction() as cursor:
            for act_id in dict.fromkeys(int(number) for number in act_ids):
                if not one(cursor, "undo_ledger_act", {"act_id": act_id, "who": who}):
                    raise UnknownJudgementError(judgement_id=act_id)
            renew(cursor)
        self._snapshot_or_warn()


def _numbered(lines: pd.DataFrame, prefix: str, last: Mapping[str, int]) -> pa.Table:
    """Return decisions as the ledger holds them, with the numbers of lines and orders."""
    columns: dict[str, pa.Array] = {
        name: pa.array(_cells(lines, name), dtype) for name, dtype in _STATED.items()
    }
    columns["sku_key"] = pa.array([sku.casefold() for sku in columns["sku"].to_pylist()], _TEXT)
    for name in ("reason", "note"):
        columns[name] = columns[name].fill_null("")
    first = last["line_id"] + 1
    columns["line_id"] = pa.array(range(first, first + len(lines)), pa.int32())
    columns["order_id"] = pa.array(_order_numbers(columns, prefix, last["number"]), _TEXT)
    return pa.table(columns)


def _order_numbers(columns: Mapping[str, pa.Array], prefix: str, last: int) -> list[str | None]:
    """Return the order number of each line; none where nothing is ordered."""
    names = ("supplier", "market", "route", "sku_key", "quantity")
    given: dict[tuple[object, ...], str] = {}
    seen: dict[tuple[object, ...], int] = {}
    numbers: list[str | None] = []
    for supplier, market, route, sku, quantity in zip(
        *(columns[name].to_pylist() for name in names), strict=True
    ):
        if not quantity:
            numbers.append(None)
            continue
        line = (supplier, market, route, sku)
        seen[line] = seen.get(line, 0) + 1  # the same SKU again goes to an order of its own
        order = (supplier, market, route, seen[line])
        numbers.append(given.setdefault(order, f"{prefix}{last + len(given) + 1:02d}"))
    return numbers


def _cells(lines: pd.DataFrame, name: str) -> list[Any]:
    """Return a column's values, None where there are none."""
    if name not in lines:
        return [None] * len(lines)
    cells = lines[name].astype(object)
    plain = [None if pd.isna(cell) else cell for cell in cells]
    return [cell.date() if isinstance(cell, pd.Timestamp) else cell for cell in plain]
