"""A lake beside the plain table: writing it, linking it, and asking it the same questions.

``python -m benchmarks.lake [LINES ...]``; without a number 1 and 10 million lines; 10 million take
some minutes.
"""

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from analytics.services import lake
from analytics.store import SheetLoad, Store
from benchmarks.memory import watched

_IMPORTED = 500_000  # lines that go through the import; the others are made after their pattern
_SKUS = 2_000
_FIRST = np.datetime64("2023-01-01", "D")
_DAYS = 3 * 365
_MARKETS = ("US", "DE", "GB", "FR")
_QUESTIONS = ("daily_sales", "items", "item_coverage", "daily_returns")
_AGAIN = 2


def main() -> None:
    """Measure each number of lines that was named."""
    for lines in [int(number) for number in sys.argv[1:]] or [1_000_000, 10_000_000]:
        with tempfile.TemporaryDirectory() as home:
            measure(Path(home), lines)


def measure(home: Path, lines: int) -> None:
    """Print what the lake of so many lines takes beside the workspace that it was written from."""
    with watched() as memory:
        with Store.open(home / "own") as store:
            with timed(f"{lines:,} lines made, {min(lines, _IMPORTED):,} of them imported"):
                store.load([_sheet(np.random.default_rng(11), 0, min(lines, _IMPORTED))])
                _multiply(store, lines // _IMPORTED)
            plain = {name: best(getattr(store, name)) for name in _QUESTIONS}
            with timed("lake written"):
                manifest = lake.export(store, home / "lake", now=datetime(2026, 1, 1, tzinfo=UTC))
        table = (home / "own" / "leeway.duckdb").stat().st_size
        print(
            f"  table {table >> 20} MB, lake {manifest.size >> 20} MB, {len(manifest.files)} files"
        )
        with (
            timed("a new workspace linked (every file proved)"),
            Store.open(home / "reader") as store,
        ):
            lake.link(store, home / "lake")
        with timed("opened again"):
            store = Store.open(home / "reader")
        with store:
            for name, (seconds, answer) in plain.items():
                taken, found = best(getattr(store, name))
                pd.testing.assert_frame_equal(found, answer)
                print(
                    f"  {name}: table {seconds:.3f} s, lake {taken:.3f} s, {taken / seconds:.2f} x"
                )
            with timed("1,000 lines imported beside the lake"):
                store.load([_sheet(np.random.default_rng(3), lines, 1_000)])
        reader = (home / "reader" / "leeway.duckdb").stat().st_size
        print(f"  workspace that reads the lake: {reader / 2**20:.1f} MB")
    print(f"  most memory of this process {memory['own']:.0f} MB")


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Print how long it took."""
    started = time.perf_counter()
    yield
    print(f"  {what}: {time.perf_counter() - started:.2f} s", flush=True)


def best(question: Callable[[], pd.DataFrame]) -> tuple[float, pd.DataFrame]:
    """Return the shorter of two answers, in seconds, and the answer."""
    taken = []
    for _ in range(_AGAIN):
        started = time.perf_counter()
        answer = question()
        taken.append(time.perf_counter() - started)
    return min(taken), answer


def _multiply(store: Store, times: int) -> None:
    """Let every line stand so many times, each time under another order number."""
    for table in ("sales_lines", "sales"):
        order = ", order_id || '-' || copy AS order_id" if table == "sales_lines" else ""
        number = f"(row_no + copy * {_IMPORTED})::INTEGER AS row_no"
        lines = f"(SELECT * FROM {table}), range(1, {times}) AS t(copy)"
        statement = (
            f"INSERT INTO {table} SELECT * EXCLUDE (copy) REPLACE ({number}{order}) FROM {lines}"
        )
        with store._database.transaction() as cursor:
            cursor.execute(statement)


def _sheet(rng: np.random.Generator, first: int, lines: int) -> SheetLoad:
    """Return order lines, every order number its own; one in fifty cancelled, one returned."""
    skus = [f"KT-{number:05d}" for number in range(_SKUS)]
    picked = pa.array((rng.zipf(1.3, lines) % _SKUS).astype("int32"))
    sku = pa.DictionaryArray.from_arrays(picked, pa.array(skus)).cast(pa.string())
    state = rng.choice(["sold"] * 48 + ["cancelled", "returned"], lines)
    rows = pa.table(
        {
            "row_no": pa.array(np.arange(lines, dtype="int32")),
            "order_id": pa.array(np.arange(first, first + lines)).cast(pa.string()),
            "sku": sku,
            "sku_key": pa.compute.utf8_lower(sku),
            "date": pa.array(_FIRST + rng.integers(0, _DAYS, lines)),
            "market": pa.array(rng.choice(_MARKETS, lines)),
            "quantity": pa.array(rng.choice([1.0, 1.0, 1.0, 2.0, 3.0], lines)),
            "unit_price": pa.array(9.99 + rng.integers(0, 90, lines)),
            "currency": pa.array(["USD"] * lines),
            "status": pa.array(state),
            "grain": pa.array(["line"] * lines),
        }
    )
    none = pd.DataFrame(columns=["row", "column", "value", "code", "facts"])
    return SheetLoad(
        file=f"lines-{first}.csv", sheet="", sha256=f"{first:064d}", kind="sales", family="plain",
        shop="main", rows=rows, issues=none, rows_read=lines, rows_ignored=0, mapping={}, place=0,
        who="", existing="replace",
    )  # fmt: skip


if __name__ == "__main__":
    main()
