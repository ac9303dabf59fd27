"""Decisions on suggested orders, noted and followed by the plan that they change."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

from analytics.progress import Progress, silent
from analytics.services import ledger, minimums, planning, workspaces
from analytics.services.ledger import Decision
from analytics.store import SheetAccount, Store

LANGUAGES = ("zh", "en")  # of a supplier's papers, the usual one first


def decisions(
    lines: Iterable[Mapping[Any, object]],
    quantities: Sequence[float],
    *,
    reason: str = "",
    note: str = "",
) -> list[Decision]:
    """Return what is decided of suggestions.

    Parameters
    ----------
    lines : iterable of mapping
        Suggestions, as rows of the board, of a shipment or of a supplier's order: ``sku``,
        ``market``; where known ``route``, ``suggested_quantity`` (else ``order_quantity``),
        ``order_by``, ``arrives_on`` or ``expected_on``.
    quantities : sequence of float
        Units to order of each; 0 = it is skipped.
    reason, note : str
        Why, see `Decision`.

    Raises
    ------
    OutOfBoundsError
        A quantity is negative, no number, or far too large.
    UnknownFieldError
        There is no such reason.
    """
    return [
        Decision(
            sku=str(line["sku"]),
            market=str(line["market"]),
            quantity=float(quantity),
            suggested_quantity=_units(line.get("suggested_quantity", line.get("order_quantity"))),
            route=str(line.get("route") or "sea"),
            order_by=_day(line.get("order_by")),
            expected_on=_day(line.get("arrives_on", line.get("expected_on"))),
            reason=reason,
            note=note,
        )
        for line, quantity in zip(lines, quantities, strict=True)
    ]


def _units(value: object) -> float | None:
    return None if pd.isna(value) else float(value)  # type: ignore[call-overload,arg-type]


def _day(value: object) -> date | None:
    return None if pd.isna(value) else pd.Timestamp(value).date()  # type: ignore[call-overload,arg-type]


def expected(store: Store, lines: pd.DataFrame, as_of: date | None = None) -> pd.DataFrame:
    """Return suggestions with the day on which an order of today arrives, where none is said.

    Raises
    ------
    NoDataError
        No sales have been imported.
    """
    if "arrives_on" in lines or "expected_on" in lines:
        return lines
    basis = planning.basis(store, as_of)
    known = basis.lead_times.lines.assign(sku=basis.outlook.items["sku"])
    days = lines[["sku", "market"]].merge(
        known[["sku", "market", "lead_time_mean"]], on=["sku", "market"], how="left", sort=False
    )["lead_time_mean"]
    today = pd.Timestamp(basis.outlook.as_of)
    arrival = today + pd.to_timedelta(days.round().to_numpy(), unit="D")
    return lines.assign(expected_on=arrival)


def decide(
    store: Store,
    said: Sequence[Decision],
    decided_on: date,
    *,
    who: str = "",
    progress: Progress = silent,
) -> list[SheetAccount]:
    """Note decisions, see `ledger.decide`; what is ordered is on order from then on.

    Raises
    ------
    ReadOnlyWorkspaceError
        The workspace only reads.
    """
    ledger.decide(store, said, decided_on=decided_on, who=who)
    return _followed(store, progress)


def close(
    store: Store,
    line_ids: Sequence[int],
    reason: str,
    note: str,
    closed_on: date,
    *,
    who: str = "",
    progress: Progress = silent,
) -> list[SheetAccount]:
    """Let nothing more be expected of lines; refusals are those of `ledger.close`."""
    ledger.close(store, line_ids, reason=reason, note=note, closed_on=closed_on, who=who)
    return _followed(store, progress)


def ship(
    store: Store,
    line_ids: Sequence[int],
    shipped_on: date,
    *,
    who: str = "",
    progress: Progress = silent,
) -> list[SheetAccount]:
    """Note that lines were sent; refusals are those of `ledger.ship`."""
    ledger.ship(store, line_ids, shipped_on=shipped_on, who=who)
    return _followed(store, progress)


def receive(
    store: Store,
    quantities: Mapping[int, float],
    received_on: date,
    *,
    who: str = "",
    progress: Progress = silent,
) -> list[SheetAccount]:
    """Note that units of lines came; refusals are those of `ledger.receive`."""
    ledger.receive(store, dict(quantities), received_on=received_on, who=who)
    return _followed(store, progress)


def take_back(
    store: Store, line_ids: Sequence[int], *, who: str = "", progress: Progress = silent
) -> list[SheetAccount]:
    """Let decisions stand no longer; refusals are those of `ledger.take_back`."""
    ledger.take_back(store, line_ids, who=who)
    return _followed(store, progress)


def undo(
    store: Store, act_ids: Sequence[int], *, who: str = "", progress: Progress = silent
) -> list[SheetAccount]:
    """Undo what was noted of lines; refusals are those of `ledger.undo`."""
    ledger.undo(store, act_ids, who=who)
    return _followed(store, progress)


def set_minimum(
    store: Store,
    supplier: str,
    value: float,
    units: float,
    currency: str,
    *,
    who: str = "",
    progress: Progress = silent,
) -> list[SheetAccount]:
    """Note the smallest order that a supplier takes; refusals are those of `minimums.settle`."""
    minimums.settle(store, supplier, value=value, units=units, currency=currency, who=who)
    return _followed(store, progress)


def acts(store: Store) -> pd.DataFrame:
    """Return what was noted of decisions and was not undone, the newest first.

    Returns
    -------
    DataFrame
        ``act_id``, ``line_id``, ``order_id``, ``sku``, ``market``, ``act`` (``ship``, ``receive``,
        ``close``, ``take_back``), ``quantity``, ``acted_on``, ``reason``, ``note``, ``who``,
        ``acted_at`` (UTC).
    """
    noted = store.ledger_acts()
    names = store.ledger()[["line_id", "order_id", "sku", "market"]]
    stands = noted.loc[noted["undone_at"].isna()].drop(columns=["undone_at", "undone_by"])
    return stands.merge(names, on="line_id", how="left", sort=False).reset_index(drop=True)


def _followed(store: Store, progress: Progress) -> list[SheetAccount]:
    workspaces.follow(store, progress)
    return []
