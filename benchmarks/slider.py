"""From a key press on the lead-time slider to the redrawn chart, in a real browser."""

import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks import catalogue
from tests.browser import serving

# Page, its chart, and milliseconds by items. In the delay lab the list below the chart has to be
# painted as well.
BARS_MS = {
    1_000: (("safety_stock", "exceedance", 200), ("", "calendar", 200), ("delays", "tornado", 300)),
    5_000: (("safety_stock", "exceedance", 250), ("", "calendar", 250), ("delays", "tornado", 300)),
}
WHOLE = {"delays": "?lead_time_delay_days=5"}  # at rest nothing is lost more, nothing moves
PRESSES = 40
_REDRAWN = """
() => Promise.race([
  window.redrawn,
  new Promise((_, fail) => setTimeout(() => fail(new Error("nothing was redrawn")), 20_000)),
])
"""

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

# The same, and until nothing on the page is stale any more.
_WATCH_ALL = """
(chart) => {
  const started = performance.now();
  let drawn = false, ran = false;
  const app = document.querySelector('[data-testid="stApp"]');
  const target = document.querySelector(`.st-key-${chart}`);
  window.redrawn = new Promise((resolve) => {
    const look = () => {
      const state = app.getAttribute("data-test-script-state");
      ran = ran || state === "running";
      const stale = document.querySelector('[data-stale="true"]');
      if (!drawn || !ran || state !== "notRunning" || stale) return;
      all.disconnect();
      paths.disconnect();
      requestAnimationFrame(() => resolve(performance.now() - started));
    };
    const all = new MutationObserver(look);
    const paths = new MutationObserver(() => { drawn = true; look(); });
    paths.observe(target, {
      subtree: true, childList: true, attributes: true, attributeFilter: ["d", "transform"],
    });
    all.observe(document.body, { subtree: true, attributes: true, childList: true });
  });
}
"""


def main() -> None:
    """Print the median and the 90th percentile over the key presses, by size of the catalogue.

    ``python -m benchmarks.slider [PAGE ...]`` asks some pages alone, such as ``delays``.
    """
    for items, pages in BARS_MS.items():
        asked = [page for page in pages if not sys.argv[1:] or page[0] in sys.argv[1:]]
        with tempfile.TemporaryDirectory() as folder:
            _sized(Path(folder), items, asked)


def _sized(folder: Path, items: int, pages: Sequence[tuple[str, str, int]]) -> None:
    workspace, cache = folder / "workspace", folder / "cache"
    cache.mkdir()
    files = map(str, catalogue.write(folder, items))
    command = [sys.executable, "-m", "analytics", "import", *files, "--workspace", str(workspace)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    with serving.app(workspace, cache) as address, serving.chromium() as browser:
        for page, chart, bar in pages:
            watch = _WATCH_ALL if page in WHOLE else _WATCH
            times = _measure(browser, f"{address}/{page}{WHOLE.get(page, '')}", chart, watch)
            median, worst = statistics.median(times), sorted(times)[int(0.9 * len(times))]
            verdict = "met" if median < bar else "MISSED"
            print(
                f"{page or 'replenish'}: slider to redrawn chart, {items:,} items: median "
                f"{median:.0f} ms, 90 % {worst:.0f} ms (bar: median < {bar} ms, {verdict})"
            )


def _measure(browser: serving.Browser, address: str, chart: str, watch: str) -> list[float]:
    page = browser.new_page(viewport={"width": 1440, "height": 1000}, locale="en-GB")
    page.goto(address)
    serving.path_of(page, chart)
    serving.settle(page)
    handle = serving.slider(page, "Lead-time delay (days)")
    times = []
    for press in range(PRESSES):
        page.evaluate(watch, chart)
        handle.press("ArrowRight" if press % 2 == 0 or press < 20 else "ArrowLeft")
        times.append(float(page.evaluate(_REDRAWN)))
        serving.settle(page)
    page.close()
    return times[5:]  # the first presses warm caches that stay warm


if __name__ == "__main__":
    main()
