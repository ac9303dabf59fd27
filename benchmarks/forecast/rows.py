"""The rows of the final table: what was reached, what must be, what may be hoped for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from benchmarks.forecast.measures import TARGETS
from benchmarks.forecast.scaling import Cost
from benchmarks.forecast.service import Service
from benchmarks.forecast.stockouts import Added


@dataclass(frozen=True, slots=True)
class Row:
    """One figure.

    Attributes
    ----------
    figure : str
    values, bars, aims : tuple of float
        Every value must be at most its bar; no bar = for information.
    form : str
        How numbers are printed.
    """

    figure: str
    values: tuple[float, ...]
    bars: tuple[float, ...] = ()
    aims: tuple[float, ...] = ()
    form: str = "{:.3f}"

    @property
    def verdict(self) -> str:
        """Return ``aim``, ``yes`` (the bar), ``NO``, or nothing where there is neither.

        Values beyond the bars are for information.
        """
        if self.aims and self._within(self.aims):
            return "aim"
        if not self.bars:
            return "no" if self.aims else ""
        return "yes" if self._within(self.bars) else "NO"

    def _within(self, limits: tuple[float, ...]) -> bool:
        return all(value <= limit for value, limit in zip(self.values, limits, strict=False))

    def apart(self) -> "Row":
        """Return the row without bars and aims."""
        return replace(self, bars=(), aims=())

    def cells(self) -> list[str]:
        """Return figure, value, bar, aim and verdict as text."""
        parts = [self._text(part) for part in (self.values, self.bars, self.aims)]
        return [self.figure, *parts, self.verdict]

    def _text(self, numbers: tuple[float, ...]) -> str:
        return " / ".join("-" if np.isnan(n) else self.form.format(n) for n in numbers)


def _geometric(values: pd.Series) -> float:
    return float(np.exp(np.log(values).mean()))


def gaps(cells: pd.DataFrame, kind: str) -> tuple[float, ...]:
    """Return the mean absolute gap of the coverages called ``kind``, points, by target."""
    names = [f"{kind}_{round(100 * target)}" for target in TARGETS]
    return tuple(
        float((cells[name] - target).abs().mean() * 100)
        for name, target in zip(names, TARGETS, strict=True)
    )


def accuracy(cells: pd.DataFrame) -> list[Row]:
    """Return the rows that follow from the cells of real sets, whole panels."""
    best = (cells["weekly_best"], cells["total_best"])
    points = "{:.1f}"
    limits = (6.0, 4.0, 2.5), (3.0, 2.0, 1.0)
    return [
        Row(
            "8-week total WAPE / AutoETS, geometric mean",
            (_geometric(cells["total"]),),
            (0.75,),
            (0.66,),
        ),
        Row("weekly WAPE / AutoETS", (_geometric(cells["weekly"]),), (0.83,), (0.77,)),
        Row("RMSSE / AutoETS", (_geometric(cells["rmsse"]),), (0.85,), (0.79,)),
        Row("worst cell, weekly WAPE / AutoETS", (float(cells["weekly"].max()),), (1.05,), (1.0,)),
        Row(
            "over the best peer of each cell: weekly WAPE, mean / worst",
            (float(best[0].mean()), float(best[0].max())),
            (1.02, 1.15),
            (0.97, 1.05),
        ),
        Row(
            "over the best peer of each cell: 8-week total, mean / worst",
            (float(best[1].mean()), float(best[1].max())),
            (1.02, 1.15),
            (0.97, 1.05),
        ),
        Row(
            "scaled pinball / AutoETS, median cell",
            (float(cells["pinball"].median()),),
            (0.82,),
            (0.72,),
        ),
        Row("coverage gap 80 / 95 / 99, weekly, ties shared", gaps(cells, "fair"), *limits, points),
        Row(
            "coverage gap 80 / 95 / 99, 8-week total, ties shared",
            gaps(cells, "fair_total"),
            *limits,
            points,
        ),
        Row("  the same, weekly, at or below the quantile", gaps(cells, "plain"), form=points),
        Row("  the same, 8-week total, at or below", gaps(cells, "plain_total"), form=points),
        Row("  AutoETS, weekly, at or below", gaps(cells, "ets_plain"), form=points),
    ]


def young(cells: pd.DataFrame) -> list[Row]:
    """Return the row of items that were cut short beside mature ones."""
    text = "young SKU beside mature ones, 8-week total / AutoETS"
    return [Row(text, (_geometric(cells["total"]),), (0.60,), (0.45,))]


def stockouts(found: Mapping[str, Added]) -> list[Row]:
    """Return the sample's row, and what was planted, whose second kind has no bar."""
    rows = []
    for name, added in found.items():
        limits = ((), ()) if name.endswith("by demand") else ((1.5,), (1.0,))
        title = f"bias added by stock-outs, points: {name} ({added.lost:.0%} lost)"
        rows.append(Row(title, (added.added,), *limits, "{:.1f}"))
        rows.append(Row("  counted as no demand", (added.uncleaned,), form="{:.1f}"))
    return rows


def service(found: Service) -> list[Row]:
    """Return the gap from 95 % cycle service, alone and beside the normal formula."""
    return [
        Row("cycle service at 95 %, gap, points", (found.ours,), (3.0,), (2.0,), "{:.1f}"),
        Row(
            "  over the normal formula with our mean and sd",
            (found.ours / found.normal_ours,),
            (0.6,),
            form="{:.2f}",
        ),
        Row(
            "  gap of that formula / with 26 weeks' mean and sd / of our quantile at the mean "
            "lead time",
            (found.normal_ours, found.normal, found.fixed),
            form="{:.1f}",
        ),
    ]


def cost(runs: Sequence[Cost], auto_ets: float) -> list[Row]:
    """Return seconds by size, cost per series beside AutoETS, and how it grows."""
    seconds = {mode: tuple(r.wall for r in runs if r.mode == mode) for mode in modes(runs)}
    alone = [run for run in runs if run.mode == "one core"]
    per_series = [run.cpu / run.series for run in alone]
    return [
        Row("CPU / AutoETS, 104 weeks, quantiles included, at 1,000 series",
            (per_series[0] / auto_ets,), (1 / 12,), (1 / 40,), "{:.4f}"),
        Row("  the same with ten and a hundred times as many",
            tuple(cost / auto_ets for cost in per_series[1:]), form="{:.4f}"),
        Row("  AutoETS, milliseconds per series", (auto_ets * 1e3,), form="{:.2f}"),
        Row("1k / 10k / 100k series, two cores, seconds", seconds.pop("two cores"),
            (1.0, 8.0, 80.0), (0.2, 2.0, 20.0), "{:.2f}"),
        *(Row(f"  {mode}, seconds", walls, form="{:.2f}") for mode, walls in seconds.items()),
        Row(f"cost per series at {alone[-1].series:,} over that at 1,000",
            (per_series[-1] / per_series[0],), (1.1,), (1.0,), "{:.2f}"),
        Row("  largest memory, GiB", (alone[-1].peak,), form="{:.1f}"),
    ]  # fmt: skip


def modes(runs: Sequence[Cost]) -> list[str]:
    """Return the ways of working that were tried, in order."""
    return list(dict.fromkeys(run.mode for run in runs))


def competition(name: str, table: pd.DataFrame) -> list[Row]:
    """Return sMAPE and MASE of every method; ours should be at most the published Theta's."""
    theta = table[table["method"].str.startswith("Theta")].iloc[0]["smape"]
    return [
        Row(f"{name}, sMAPE / MASE: {row['method']}", (row["smape"], row["mase"]),
            *(((), (theta,)) if row["method"] == "ours" else ((), ())), form="{:.2f}")
        for _, row in table.iterrows()
    ]  # fmt: skip


def small(table: pd.DataFrame) -> list[Row]:
    """Return the 8-week total over SES for accounts of few SKUs."""
    middle = np.exp(np.log(table).mean())
    return [
        Row(f"account of {size} SKU, 8-week total / optimised SES, geometric mean / worst cell",
            (float(middle[size]), float(table[size].max())), (1.03,), (1.0,))
        for size in table.columns
    ]  # fmt: skip
