"""A million order lines in: our whole import beside readers that only read.

``python -m benchmarks.import [ROWS]``. Each contender has a process of its own. Ours keeps the
file, reads, recognises, cleans, identifies and loads it, while another visitor asks for a plan
every 200 ms; the others read the same file, and put it into a database file as it is.
"""

import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks import orders

ROWS = 1_000_000
_CAP = 60  # seconds for the slowest reader; the rest of its time is extrapolated
_ASKED_EVERY = 0.2  # seconds between two moves of the other visitor's slider
_BARS = {
    ("csv", "preview"): "at most 3.0 s",
    ("csv", "load"): "at most 4 x DuckDB, faster than pandas and to_sql",
    ("xlsx", "load"): "at most 1.5 x pandas+calamine's reading",
}


def main(rows: int = ROWS) -> None:
    """Print seconds, ratios, memory, and how long the other visitor waits."""
    with tempfile.TemporaryDirectory() as folder:
        for kind in ("csv", "xlsx"):
            started = time.perf_counter()
            path = orders.write(Path(folder, f"orders.{kind}"), rows)
            size, took = path.stat().st_size / 2**20, time.perf_counter() - started
            print(f"{rows:,} order lines as {kind}: {size:.0f} MB (written in {took:.0f} s)")
            found = {name: _measured(name, path, rows) for name in _CONTENDERS[kind]}
            _print(kind, found)


def _print(kind: str, found: dict[str, dict[str, float]]) -> None:
    ours, others = found.pop("ours"), found
    beside = {name: told["read"] for name, told in others.items()}
    if kind == "csv":  # what is read is loaded too
        beside |= {name: told["loaded"] for name, told in others.items() if "loaded" in told}
    for name, told in others.items():
        about = " (extrapolated)" if told.get("extrapolated") else ""
        load = f", with load {told['loaded']:5.1f} s" if "loaded" in told else ""
        print(f"  {name:<28} {told['read']:6.1f} s{about}{load}, peak {told['peak']:5.0f} MB")
    for part in ("first_look", "preview", "load", "total"):
        ratios = "  ".join(f"{ours[part] / took:4.2f} x {n}" for n, took in beside.items())
        bar = f"   [bar: {_BARS[kind, part]}]" if (kind, part) in _BARS else ""
        print(f"  ours: {part:<22} {ours[part]:6.1f} s   {ratios}{bar}")
    print(
        f"  ours: memory of all processes {ours['tree']:.0f} MB, of the server "
        f"{ours['peak']:.0f} MB, of the largest child {ours['child']:.0f} MB   [bar: 1,024 MB]"
    )
    print(
        f"  another visitor's slider meanwhile: median {ours['slider_median']:.0f} ms, "
        f"longest {ours['slider_max']:.0f} ms of {ours['slider_count']:.0f} moves; "
        f"alone {ours['slider_alone']:.0f} ms   [bar: 500 ms]"
    )


def _measured(name: str, path: Path, rows: int) -> dict[str, float]:
    """Return what one contender measured in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.import", "--one", name, str(path), str(rows)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    told: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return told


def _one(name: str, path: Path, rows: int) -> dict[str, float]:
    from benchmarks import memory

    with tempfile.TemporaryDirectory() as folder, memory.watched() as most:
        found = _READERS[name](path, Path(folder), rows)
    return found | {"peak": most["own"], "tree": most["all"], "child": most["child"]}


def _ours(path: Path, folder: Path, _rows: int) -> dict[str, float]:
    from analytics.services import importing, workspaces

    with workspaces.open_sample() as sample, workspaces.open_own(folder / "own") as store:
        with _first_look() as looks, _visitor(sample) as waits:
            started = time.perf_counter()
            staged = importing.stage(store, [importing.Upload(path.name, path)])
            previewed = time.perf_counter()
            accounts = importing.load(store, staged)
            loaded = time.perf_counter()
        alone = [_asked(sample, delay) for delay in range(5)]
    assert sum(account.rows_new for account in accounts) == _rows, accounts
    return {
        "first_look": looks[0] - started if looks else float("nan"),
        "preview": previewed - started,
        "load": loaded - previewed,
        "total": loaded - started,
        "slider_median": sorted(waits)[len(waits) // 2],
        "slider_max": max(waits),
        "slider_count": len(waits),
        "slider_alone": sorted(alone)[2],
    }


@contextmanager
def _first_look() -> Iterator[list[float]]:
    """Yield the moments at which a sheet's first rows were known."""
    from analytics import ingest

    moments: list[float] = []
    read = ingest.read

    def watched(*arguments: Any, **options: Any) -> Any:
        told = options.get("first_look")

        def look(sheet: Any) -> None:
            moments.append(time.perf_counter())
            if told is not None:
                told(sheet)

        return read(*arguments, **options | {"first_look": look})

    ingest.read = watched
    yield moments
    ingest.read = read


@contextmanager
def _visitor(store: Any) -> Iterator[list[float]]:
    """Yield how many milliseconds each of another visitor's moves took, in a thread of ours."""
    waits = [_asked(store, 0)]
    waits.clear()  # the first answer fills what stays filled
    is_over = threading.Event()

    def moves() -> None:
        while not is_over.wait(_ASKED_EVERY):
            waits.append(_asked(store, len(waits) % 90))

    thread = threading.Thread(target=moves)
    thread.start()
    yield waits
    is_over.set()
    thread.join()


def _asked(store: Any, delay: int) -> float:
    from analytics.scenario import Scenario
    from analytics.services import buffers, replenishment

    started = time.perf_counter()
    scenario = Scenario(lead_time_delay_days=delay)
    replenishment.plan(store, scenario)
    buffers.catalogue(store, scenario)
    return (time.perf_counter() - started) * 1000


def _duckdb(path: Path, folder: Path, _rows: int) -> dict[str, float]:
    import duckdb

    started = time.perf_counter()
    with duckdb.connect(folder / "bare.duckdb") as database:
        database.execute("CREATE TABLE lines AS SELECT * FROM read_csv(?)", [str(path)])
    return {"read": time.perf_counter() - started}


def _pandas(path: Path, folder: Path, _rows: int) -> dict[str, float]:
    import pandas as pd

    return _framed(lambda: pd.read_csv(path, parse_dates=["purchase-date"]), folder)


def _to_sql(path: Path, folder: Path, _rows: int) -> dict[str, float]:
    import sqlite3
    from contextlib import closing

    import pandas as pd

    started = time.perf_counter()
    frame = pd.read_csv(path, parse_dates=["purchase-date"])
    done = time.perf_counter()
    with closing(sqlite3.connect(folder / "bare.sqlite")) as database:
        frame.to_sql("lines", database, index=False)
    return {"read": done - started, "loaded": time.perf_counter() - started}


def _calamine(path: Path, folder: Path, _rows: int) -> dict[str, float]:
    import pandas as pd

    return _framed(lambda: pd.read_excel(path, engine="calamine"), folder)


def _framed(read: Callable[[], Any], folder: Path) -> dict[str, float]:
    """Return how long a frame takes to read, and to read and load."""
    import duckdb

    started = time.perf_counter()
    frame = read()
    done = time.perf_counter()
    with duckdb.connect(folder / "bare.duckdb") as database:
        database.register("frame", frame)
        database.execute("CREATE TABLE lines AS SELECT * FROM frame")
    return {"read": done - started, "loaded": time.perf_counter() - started}


def _openpyxl(path: Path, _folder: Path, rows: int) -> dict[str, float]:
    import openpyxl

    started, read = time.perf_counter(), 0
    book = openpyxl.load_workbook(path, read_only=True)
    opened = time.perf_counter()
    for _ in book.active.iter_rows(values_only=True):
        read += 1
        if read % 1000 == 0 and time.perf_counter() - opened > _CAP:
            break
    took = (time.perf_counter() - opened) * (rows + 1) / read
    return {"read": opened - started + took, "extrapolated": float(read <= rows)}


_READERS = {
    "ours": _ours,
    "DuckDB read_csv": _duckdb,
    "pandas read_csv, to_sql": _to_sql,
    "pandas read_csv, DuckDB": _pandas,
    "pandas+calamine": _calamine,
    "openpyxl read_only": _openpyxl,
}
_CONTENDERS = {
    "csv": ("DuckDB read_csv", "pandas read_csv, to_sql", "pandas read_csv, DuckDB", "ours"),
    "xlsx": ("pandas+calamine", "openpyxl read_only", "ours"),
}


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(_one(sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]))))
    else:
        main(*map(int, sys.argv[1:2]))
