"""Run the league: ``python -m benchmarks.forecast``; ``--only accuracy`` while an engine grows."""

import argparse
import warnings
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

import pandas as pd

from benchmarks.forecast import (
    accuracy,
    competitions,
    report,
    rows,
    scaling,
    service,
    small,
    stockouts,
)
from benchmarks.forecast.cells import Cell, cells_of
from benchmarks.forecast.league import Peers
from benchmarks.forecast.rows import Row
from benchmarks.forecast.sets import REAL, Panel
from benchmarks.forecast.synthetic import FAMILIES

YOUNG = {"jewellery": 78, "departments": 104}  # weeks of history of the mature items


class League:
    """What is measured, part by part; every part prints its cells and returns its rows."""

    def __init__(self, asked: argparse.Namespace) -> None:
        self.asked = asked
        self.peers = Peers(asked.peers, asked.cache)
        self.names = asked.sets.split(",") if asked.sets else [*REAL, *FAMILIES]

    @cached_property
    def real(self) -> list[Panel]:
        """The real sets that were asked for."""
        return [REAL[name](self.asked.data) for name in self.names if name in REAL]

    @cached_property
    def made_up(self) -> list[Panel]:
        """The synthetic families that were asked for, and the sample."""
        return [FAMILIES[name]() for name in self.names if name in FAMILIES]

    def accuracy(self) -> list[Row]:
        """Score whole panels of real sets, and items cut short beside mature ones."""
        return self._accuracy(self.real)

    def synthetic(self) -> list[Row]:
        """Score families made up and the sample; for information, so that no set is tuned to."""
        return [row.apart() for row in self._accuracy(self.made_up)]

    def _accuracy(self, panels: list[Panel]) -> list[Row]:
        history = self.asked.history
        whole = [c for p in panels for c in cells_of(p) if history in (None, c.history)]
        if not whole:
            return []
        young = [
            Cell(panel, YOUNG[panel.name], weeks)
            for panel in panels
            for weeks in (13, 26)
            if panel.name in YOUNG and history is None
        ]
        table = rows.accuracy(self._cells(whole))
        return [*table, *(rows.young(self._cells(young)) if young else ())]

    def _cells(self, cells: list[Cell]) -> pd.DataFrame:
        quick = self.asked.quick
        self.peers.prepare(cells, quick=quick)
        scores = pd.concat([accuracy.score(cell, self.peers, quick=quick) for cell in cells])
        found = accuracy.ratios(scores)
        report.show(report.cells(found))
        return found

    def stockouts(self) -> list[Row]:
        """Measure bias added by stock-outs: on the sample, and planted on the real sets."""
        found = {"the sample": stockouts.on_the_sample()}
        for panel in self.real:
            cell = Cell(panel, 52)
            found[f"{panel.name}, by chance"] = stockouts.planted(cell, stockouts.by_chance)
            found[f"{panel.name}, by demand"] = stockouts.planted(cell, stockouts.by_demand)
        return rows.stockouts(found)

    def service(self) -> list[Row]:
        """Measure achieved cycle service of reorder points at 95 %."""
        found = service.measure(self.real, self.asked.data)
        report.show(found.cells.set_index(["set", "lane"]))
        return rows.service(found)

    def cost(self) -> list[Row]:
        """Measure seconds and CPU, alone and beside AutoETS."""
        sizes = scaling.SIZES[:2] if self.asked.quick else scaling.SIZES
        runs = [scaling.fresh(size, mode) for mode in scaling.modes() for size in sizes]
        report.show(pd.DataFrame(runs))
        return rows.cost(runs, scaling.auto_ets(self.peers))

    def competitions(self) -> list[Row]:
        """Score M3 monthly and M4 weekly, trend free."""
        found = []
        for one in (competitions.M3, competitions.M4):
            table = competitions.measure(one, self.asked.data, self.peers)
            report.show(table.assign(competition=one.name))
            found += rows.competition(one.name, table)
        return found

    def small(self) -> list[Row]:
        """Score accounts of 25, 5 and 1 SKU beside optimised SES."""
        cells = [cell for panel in self.real for cell in cells_of(panel)]
        self.peers.prepare(cells, quick=True)
        table = small.measure(cells, self.peers)
        report.show(table)
        return rows.small(table)


PARTS: dict[str, Callable[[League], list[Row]]] = {
    name: getattr(League, name)
    for name in (
        "accuracy",
        "stockouts",
        "service",
        "cost",
        "competitions",
        "small",
        "synthetic",
    )
}


def arguments() -> argparse.Namespace:
    """Return what was asked for on the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.forecast")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="the data folder")
    parser.add_argument("--peers", default="build/peers/bin/python", help="the peers' interpreter")
    parser.add_argument("--cache", type=Path, default=Path("build/forecast-peers"))
    parser.add_argument("--only", help="parts, comma separated: " + ", ".join(PARTS))
    parser.add_argument("--sets", help="comma separated: " + ", ".join([*REAL, *FAMILIES]))
    parser.add_argument("--history", type=int, help="only this length of history")
    parser.add_argument(
        "--quick", action="store_true", help="three origins a cell, no 100,000 series"
    )
    parser.add_argument("--document", type=Path, help="put the tables into this document as well")
    return parser.parse_args()


def main() -> None:
    """Print what every part found, then one table."""
    warnings.filterwarnings("ignore", message="Mean of empty slice")
    asked = arguments()
    league = League(asked)
    parts = asked.only.split(",") if asked.only else list(PARTS)
    if parts == ["accuracy"]:
        parts = ["accuracy", "synthetic"]
    table = [(name, row) for name in parts for row in PARTS[name](league)]
    about = report.versions(asked.peers)
    print(f"\n{report.text(table)}\n\n{about}", flush=True)
    if asked.document:
        text = asked.document.read_text(encoding="utf-8")
        measured = f"{about}.\n\n{report.markdown(table)}"
        asked.document.write_text(report.into(text, measured), encoding="utf-8")


if __name__ == "__main__":
    main()
