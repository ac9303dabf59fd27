"""A process that has imported everything and forks a worker per line it reads.

Forking before anything is open is safe, and a worker stands ready at once. Each does one thing
again and again, through the services that the pages use, and notes on the disk what it would have
told the visitor.
"""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from analytics.services import backups, importing, workspaces
from analytics.store import Store

LINES = 60  # of a file
HEADER = "date,sku,quantity,market,order_id,unit_price\n"
Acknowledge = Callable[[str], None]


def file_of(number: int) -> bytes:
    """A file of sales: its lines, days and units follow from its number."""
    lines = (
        f"2026-{1 + line // 20:02d}-{1 + line % 20:02d},S{line % 3},{1 + number % 3},US,"
        f"{number}-{line},9.9\n"
        for line in range(LINES)
    )
    return (HEADER + "".join(lines)).encode()


def units_of(imports: int) -> int:
    """Units of the first so many files together."""
    return sum(LINES * (1 + number % 3) for number in range(imports))


def bring_in(store: Store, number: int) -> None:
    """Import a file as the page does: kept, read, told, loaded."""
    upload = importing.Upload(f"{number}.csv", file_of(number))
    importing.load(store, importing.stage(store, [upload]))


def importer(store: Store, acknowledge: Acknowledge) -> None:
    """Import file after file."""
    number = len(store.imports())
    while True:
        bring_in(store, number)
        number += 1
        acknowledge(f"{number}")


def forecaster(store: Store, acknowledge: Acknowledge) -> None:
    """Import, then make the forecast that every page reads, and the copy of both for readers."""
    number = len(store.imports())
    while True:
        bring_in(store, number)
        number += 1
        workspaces.renew_forecast(store)
        acknowledge(f"{number}")


def keeper(store: Store, acknowledge: Acknowledge) -> None:
    """Take backup after backup."""
    while True:
        acknowledge(backups.take(store).name)


def sleeper(_store: Store, acknowledge: Acknowledge) -> None:
    """Have opened the workspace, and do nothing more."""
    acknowledge("open")
    signal.pause()


WORK = {"open": sleeper, "import": importer, "forecast": forecaster, "backup": keeper}


def work(what: str, folder: str, side: str) -> None:
    """Go on until killed; what is acknowledged is on the disk."""
    noted = os.open(side, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def acknowledge(text: str) -> None:
        os.write(noted, f"{text}\n".encode())
        os.fsync(noted)

    with Store.open(Path(folder)) as store:
        print("open", flush=True)
        WORK[what](store, acknowledge)


def main() -> None:
    """Fork, tell the number of the worker, and how it ended."""
    for line in sys.stdin:
        what, folder, side = line.rstrip("\n").split("\t")
        worker = os.fork()
        if worker == 0:
            work(what, folder, side)
            os._exit(0)
        print(worker, flush=True)
        _, status = os.waitpid(worker, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main()
