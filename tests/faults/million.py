"""A large workspace, as a seller's own exports make it: two files, two million order lines."""

from pathlib import Path

from analytics.services import importing
from analytics.store import Store
from benchmarks import orders

ROWS = 1_000_000


def files(folder: Path, many: int) -> list[Path]:
    """Write so many files of a million order lines each, no two of them alike."""
    return [orders.write(folder / f"{seed}.csv", ROWS, seed) for seed in range(1, many + 1)]


def bring_in(store: Store, file: Path) -> None:
    """Import a file by its path."""
    importing.load(store, importing.stage(store, [importing.Upload(file.name, file)]))


def fingerprint(store: Store) -> tuple[object, ...]:
    """What stands, in a few numbers: order and place of the lines do not matter, all else does."""
    with store._database.cursor() as cursor:
        told = cursor.execute(
            "SELECT count(*), bit_xor(hash(l.order_id, l.sku_key, l.market, l.shop, l.grain, "
            "l.date, l.quantity, l.unit_price, l.currency, l.status, reversed)), sum(hash("
            "l.order_id, l.quantity) >> 20) FROM sales JOIN sales_lines AS l USING "
            "(import_id, row_no)"
        ).fetchone()
    assert told is not None
    return tuple(told)
