"""From a key press on the lead-time slider to the redrawn chart, 1,000 items, in a real browser."""

import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks import catalogue
from tests.browser import serving

ITEMS = 1_000
PRESSES = 40
BAR_MS = 200

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
    """Print the median and the 90th percentile over the key presses."""
    with tempfile.TemporaryDirectory() as folder:
        workspace, cache = Path(folder, "workspace"), Path(folder, "cache")
        cache.mkdir()
        files = catalogue.write(Path(folder), ITEMS)
        subprocess.run(
            [
                sys.executable,
                "-m",
                "analytics",
                "import",
                *map(str, files),
                "--workspace",
                str(workspace),
            ],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        with serving.app(workspace, cache) as address, serving.chromium() as browser:
            for page, chart in (("safety_stock", "exceedance"), ("replenish", "calendar")):
                times = _measure(
                    browser, f"{address}/{page if chart == 'exceedance' else ''}", chart
                )
                median, worst = statistics.median(times), sorted(times)[int(0.9 * len(times))]
                verdict = "met" if median < BAR_MS else "MISSED"
                print(
                    f"{page}: slider to redrawn chart, {ITEMS:,} items: median {median:.0f} ms, "
                    f"90 % {worst:.0f} ms (bar: median < {BAR_MS} ms, {verdict})"
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
