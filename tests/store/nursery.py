"""A process that has imported everything and forks a worker per line it reads.

Forking before anything is open is safe, and a worker stands ready at once: so many can be killed.
Run as a program; each worker imports, takes back and brings back, and acknowledges to a side file.
"""

import os
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa

sys.path.insert(0, str(Path(__file__).parents[2]))

from analytics.store import SheetLoad, Store
from tests.store.sheets import sheet

SIZES = (1, 40, 3_000, 400, 12_000)


def expected(import_id):
    """Rows and units of an import, by its number."""
    rows = SIZES[import_id % len(SIZES)]
    return rows, rows * (1 + import_id % 3)


def lines_of(import_id):
    rows, units = expected(import_id)
    numbers = np.arange(rows)
    return pa.table(
        {
            "row_no": pa.array(numbers + 2, pa.int32()),
            "order_id": pa.array([f"{import_id}-{n}" for n in numbers]),
            "sku": pa.array([f"S{n % 50}" for n in numbers]),
            "sku_key": pa.array([f"s{n % 50}" for n in numbers]),
            "date": pa.array(np.datetime64("2026-01-05") + numbers % 90, pa.date32()),
            "quantity": pa.array(np.full(rows, units / rows)),
        }
    )


def upload(first):
    """Two sheets of one file: both are imported, or none."""
    for import_id in (first, first + 1):
        rows = lines_of(import_id)
        made = sheet(kind="stock", sha256=f"{import_id:064d}")
        yield SheetLoad(
            file="f.csv", sheet="", sha256=f"{import_id:064d}", kind="sales", family="plain",
            shop="s", rows=rows, issues=made.issues, rows_read=rows.num_rows, rows_ignored=0,
        )  # fmt: skip


def work(folder, side):
    """Go on until killed; what is acknowledged is on the disk."""
    acknowledged = os.open(side, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def acknowledge(what):
        os.write(acknowledged, f"{what}\n".encode())
        os.fsync(acknowledged)

    with Store.open(Path(folder)) as store:
        print("open", flush=True)
        standing = store.imports()
        number = len(standing) + 1
        undone = set(standing.loc[standing["undone_at"].notna(), "import_id"].tolist())
        while True:
            store.load(list(upload(number)))
            acknowledge(f"load {number}")
            if number % 6 == 3:
                store.undo(number)
                undone.add(number)
                acknowledge(f"undo {number}")
            elif number % 6 == 5 and undone:
                back = min(undone)
                store.redo(back)
                undone.remove(back)
                acknowledge(f"redo {back}")
            number += 2


def main():
    for line in sys.stdin:
        folder, side = line.rstrip("\n").split("\t")
        worker = os.fork()
        if worker == 0:
            work(folder, side)
            os._exit(0)
        print(worker, flush=True)
        _, status = os.waitpid(worker, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main()
