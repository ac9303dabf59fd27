"""From files to a plan: import, forecast and plan of catalogues of growing size."""

import tempfile
import time
from pathlib import Path

from analytics.scenario import Scenario
from analytics.services import forecasts, importing, replenishment, workspaces
from benchmarks import catalogue

SIZES = (100, 1_000, 5_000)


def main() -> None:
    """Print seconds per stage, and milliseconds for a moved slider and for one item's forecast."""
    for items in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            files = catalogue.write(Path(folder), items)
            with workspaces.open_own(Path(folder, "workspace")) as store:
                started = time.perf_counter()
                uploads = [importing.Upload(path.name, path) for path in files]
                importing.load(store, importing.stage(store, uploads))
                imported = time.perf_counter()
                made = forecasts.catalogue(store)
                forecast = time.perf_counter()
                replenishment.plan(store)
                planned = time.perf_counter()
                for delay in range(1, 11):
                    replenishment.plan(store, Scenario(lead_time_delay_days=delay))
                moved = time.perf_counter()
                for row in range(10):
                    sku, market = made.items.loc[row, ["sku", "market"]]
                    forecasts.item(store, Scenario(), sku, market)
                seen = time.perf_counter()
        print(
            f"{items:>6,} items: import {imported - started:5.1f} s, "
            f"forecast {forecast - imported:5.1f} s, plan {planned - forecast:5.1f} s, "
            f"slider {(moved - planned) * 100:5.0f} ms, one item {(seen - moved) * 100:5.0f} ms"
        )


if __name__ == "__main__":
    main()
