"""From a key press on the lead-time slider to the redrawn chart, in a real browser."""

import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks import catalogue
from tests.browser import serving

BARS_MS = {1_000: 200, 5_000: 250}  # by items
PRESSES = 40

# The time from the key press to the first change of the chart's picture, as the page sees it.
_WATCH = """
(chart) => {
  window.redrawn = new Promise((resolve) => {
    const started = performance.now();
    const watcher = new MutationObserver(() => {
      watcher.disconnect();
      requestAnimationFrame(() => resolve(performance.now() - started));
    });
    const target = document.querySelector(`.st-key-${chart}`);
    watcher.observe(target, {
      subtree: true, childList: true, attributes: true, attributeFilter: ["d", "transform"],
    });
  });
}
"""


def main() -> None:
    """Print the median and the 90th percentile over the key presses, by size of the catalogue."""
    for items, bar in BARS_MS.items():
        with tempfile.TemporaryDirectory() as folder:
            _sized(Path(folder), items, bar)


def _sized(folder: Path, items: int, bar: int) -> None:
    workspace, cache = folder / "workspace", folder / "cache"
    cache.mkdir()
    files = map(str, catalogue.write(folder, items))
    command = [sys.executable, "-m", "analytics", "import", *files, "--workspace", str(workspace)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    with serving.app(workspace, cache) as address, serving.chromium() as browser:
        for page, chart in (("safety_stock", "exceedance"), ("", "calendar")):
            times = _measure(browser, f"{address}/{page}", chart)
            median, worst = statistics.median(times), sorted(times)[int(0.9 * len(times))]
            verdict = "met" if median < bar else "MISSED"
            print(
                f"{page or 'replenish'}: slider to redrawn chart, {items:,} items: median "
                f"{median:.0f} ms, 90 % {worst:.0f} ms (bar: median < {bar} ms, {verdict})"
            )


def _measure(browser: serving.Browser, address: str, chart: str) -> list[float]:
    page = browser.new_page(viewport={"width": 1440, "height": 1000}, locale="en-GB")
    page.goto(address)
    serving.path_of(page, chart)
    serving.settle(page)
    handle = serving.slider(page, "Lead-time delay (days)")
    times = []
    for press in range(PRESSES):
        page.evaluate(_WATCH, chart)
        handle.press("ArrowRight" if press % 2 == 0 or press < 20 else "ArrowLeft")
        times.append(float(page.evaluate("() => window.redrawn")))
        serving.settle(page)
    page.close()
    return times[5:]  # the first presses warm caches that stay warm


if __name__ == "__main__":
    main()
