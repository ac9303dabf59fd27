"""The morning page's script in process: 1,000 items and 500,000 order lines."""

import csv
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import numpy as np
from streamlit.testing.v1 import AppTest

from analytics.services import overview, planning
from benchmarks import catalogue
from pages.shared import session

ITEMS = 1_000
LINES = 500_000
VIEWS = ("today", "measures", "alerts")
_WEEKS = 104
_RUNS = 9
BAR_MS = 300.0


def main() -> None:
    """Print how long each view takes: ``python -m benchmarks.overview [ITEMS] [LINES]``."""
    asked = [int(text) for text in sys.argv[1:3]]
    items, lines = (*asked, *(ITEMS, LINES)[len(asked) :])
    with tempfile.TemporaryDirectory() as folder:
        os.environ["LEEWAY_WORKSPACE"] = str(Path(folder, "own"))
        os.environ["XDG_CACHE_HOME"] = str(Path(folder, "cache"))
        _fill(Path(folder), items, lines)
        store = session.own_store()
        planning.basis(store)
        spent = _spent(partial(overview.ready, store))
        print(f"overview, {items:,} items: all it shows worked out in {spent:.0f} ms")
        for view, first, again in _timed():
            verdict = "met" if max(first, again) < BAR_MS else "MISSED"
            print(
                f"overview, {view}, {items:,} items, {lines:,} order lines: first {first:.0f} ms, "
                f"then {again:.0f} ms (bar {BAR_MS:.0f} ms, {verdict})"
            )


def _fill(folder: Path, items: int, lines: int) -> None:
    """Import a catalogue whose weeks are spread over as many order lines as asked for."""
    files = catalogue.write(folder, items)
    _spread(files[0], lines)
    command = [sys.executable, "-m", "analytics", "import", *map(str, files)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def _spread(path: Path, lines: int) -> None:
    """Write each week's units as orders of several days, ``lines`` in all."""
    with path.open(encoding="utf-8", newline="") as file:
        heading, *rows = csv.reader(file)
    rng = np.random.default_rng(7)
    each = rng.multinomial(lines, np.full(len(rows), 1 / len(rows)))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(heading)
        for (day, sku, _, market, order, price), count in zip(rows, each.tolist(), strict=True):
            start = date.fromisoformat(day) - timedelta(days=3)
            for part in range(count):
                on = start + timedelta(days=part % 7)
                writer.writerow((on, sku, 1, market, f"{order}-{part}", price))


def _timed() -> list[tuple[str, float, float]]:
    """Return each view's milliseconds: the first time, when the look back starts, and later."""
    app = AppTest.from_file(Path(__file__).parents[1] / "app.py", default_timeout=300)
    app.switch_page("pages/settings.py").run()  # libraries are loaded by a first page of any kind
    found = []
    app.switch_page("pages/overview.py")
    for view in VIEWS:
        if view != VIEWS[0]:
            app.button_group(key="view").set_value(view)
        first = _run(app)
        found.append((view, first, statistics.median(_run(app) for _ in range(_RUNS))))
    return found


def _run(app: AppTest) -> float:
    spent = _spent(app.run)
    if app.exception:
        raise RuntimeError(app.exception[0].value)
    return spent


def _spent(work: Callable[[], object]) -> float:
    """Return how long something takes, in milliseconds."""
    start = time.perf_counter()
    work()
    return 1e3 * (time.perf_counter() - start)


if __name__ == "__main__":
    main()
