"""The app as a person meets it: a real server on a free port, a real browser in front of it."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

from playwright.sync_api import (
    Browser,
    BrowserContext,
    Locator,
    Page,
    expect,
    sync_playwright,
)
from playwright.sync_api import TimeoutError as Late

from analytics import sample

ROOT = Path(__file__).parents[2]
CHROMIUM = next(
    (
        path
        for name in ("chromium", "chromium-browser", "google-chrome")
        if (path := shutil.which(os.environ.get("CHROMIUM", name)))
    ),
    None,
)
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_LISTEN = Path(__file__).with_name("listen.js").read_text()
_PATIENCE = 90_000  # ms: a cold start beside other work
_QUIET = 300  # ms
_TRY = 4_000  # ms: of one attempt at what a late run may spoil
# Nothing has changed between two looks, and no font is on its way.
_STILL = """() => {
    const now = document.body.innerHTML.length + '/' + document.fonts.status;
    const same = window.__look === now && document.fonts.status === 'loaded';
    window.__look = now;
    return same;
}"""


@contextmanager
def app(
    workspace: Path, cache: Path, base: str = "", more: Mapping[str, str] = MappingProxyType({})
) -> Iterator[str]:
    """Serve the app on ``workspace`` and yield its address; the log is shown if it fails.

    ``base`` is the sub-path to serve it under, with a slash before it; ``more`` are variables of
    its environment.
    """
    with server(workspace, cache, base, more) as (address, _, _):
        yield address


@contextmanager
def server(
    workspace: Path, cache: Path, base: str = "", more: Mapping[str, str] = MappingProxyType({})
) -> Iterator[tuple[str, subprocess.Popen[bytes], Path]]:
    """Do as `app` does, and yield the address, the process and its log."""
    port = free_port()
    environment = os.environ | {"LEEWAY_WORKSPACE": str(workspace), "XDG_CACHE_HOME": str(cache)}
    environment |= {"STREAMLIT_SERVER_BASE_URL_PATH": base} if base else {}
    environment |= more
    log = cache / f"server-{port}.log"
    command = [sys.executable, "-m", "analytics", "serve", "--port", str(port)]
    with log.open("w") as output:
        running = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            _wait_until_up(f"http://127.0.0.1:{port}{base}/healthz", running, log)
            yield f"http://127.0.0.1:{port}{base}", running, log
        finally:
            running.kill()  # a workspace must stand this; how it ends when asked is another test's
            running.wait(20)


def brought_in(files: Iterable[Path | str], workspace: Path, cache: Path) -> Path:
    """Bring files (or the sample's, by name) into ``workspace`` by the other door; return it."""
    known = {path.name: path for path in sample.files()}
    paths = [str(known.get(str(file), file)) for file in files]
    command = [sys.executable, "-m", "analytics", "import", *paths, "--workspace", str(workspace)]
    environment = os.environ | {"XDG_CACHE_HOME": str(cache)}
    subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=300, capture_output=True)
    return workspace


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _wait_until_up(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + _PATIENCE / 1000
    while time.monotonic() < until and server.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=2) as answer:
                if answer.read() == b"ok":
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    message = f"the server did not come up:\n{log.read_text()}"
    raise RuntimeError(message)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Yield the machine's own Chromium, headless."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def context(browser: Browser, **options: object) -> BrowserContext:
    """Open a fresh context whose pages tell `settle` what they wait for."""
    opened = browser.new_context(**options)  # type: ignore[arg-type]
    opened.add_init_script(script=_LISTEN)
    opened.set_default_timeout(30_000)
    return opened


def settle(page: Page) -> None:
    """Wait until every run that was asked for is over, and everything it drew is fresh.

    Fresh means: idle, nothing stale, no run owed, and nothing touched for longer than the client
    holds a moved slider back (200 ms).
    """
    page.wait_for_function(
        """quiet => {
            const app = document.querySelector('[data-testid="stApp"]');
            const { owed, touched } = window.__page ?? { owed: false, touched: 0 };
            return app?.dataset.testScriptState === 'notRunning'
                && app.dataset.testConnectionState === 'CONNECTED'
                && !owed
                && performance.now() - touched > quiet
                && !document.querySelector('[data-stale="true"]');
        }""",
        arg=_QUIET,
        polling=50,
        timeout=_PATIENCE,
    )


def go(page: Page, address: str) -> None:
    """Open an address and wait until its page stands."""
    page.goto(address)
    settle(page)


def visit(page: Page, name: str) -> None:
    """Follow the menu to the page called ``name``."""
    page.get_by_role("link", name=name, exact=True).first.click()
    expect(page.get_by_role("heading", name=name, exact=True).first).to_be_visible()
    settle(page)


def view(page: Page, name: str) -> None:
    """Turn to the view called ``name`` of a page that has several."""
    page.locator(".st-key-view").get_by_text(name, exact=True).first.click()
    settle(page)


def choose(page: Page, name: str | re.Pattern[str], option: str) -> None:
    """Choose from the list called ``name``, however often a late run closes it meanwhile."""
    box = page.get_by_role("combobox", name=name).first
    listed = page.get_by_role("option", name=option, exact=True).first
    until = time.monotonic() + _PATIENCE / 1000
    while True:
        try:
            settle(page)
            box.evaluate("element => element.scrollIntoView({block: 'center'})")  # room for it
            box.click(timeout=_TRY)
            if box.is_editable():
                box.fill(option, timeout=_TRY)  # a long list draws only what is near
            listed.click(timeout=_TRY)
            expect(box).to_have_value(option, timeout=_TRY)
            break
        except (Late, AssertionError):
            if time.monotonic() > until:
                raise
            page.keyboard.press("Escape")
    settle(page)


def tick(page: Page, table: Locator, row: int, shows: Locator | None = None) -> None:
    """Tick a row of a table that is drawn on a canvas, until its own words say so, or ``shows``.

    A canvas has no parts to wait for, and what is drawn above it late moves it under the mouse.
    """
    settle(page)
    if shows is not None and shows.is_visible():
        return  # it was ticked before, and another click would take that back
    line = table.locator(f'[role="row"][aria-rowindex="{row + 2}"]')
    before = line.get_attribute("aria-selected")
    until = time.monotonic() + _PATIENCE / 1000
    while True:
        table.scroll_into_view_if_needed()
        box = table.bounding_box()
        assert box is not None
        page.mouse.click(box["x"] + 17, box["y"] + 35 * (row + 1) + 17)
        try:
            if shows is None:
                expect(line).not_to_have_attribute("aria-selected", before or "", timeout=_TRY)
            else:
                expect(shows).to_be_visible(timeout=_TRY)
            break
        except AssertionError:
            if time.monotonic() > until:
                raise
    settle(page)


def drop(page: Page, *files: Path | str) -> None:
    """Put files (or the sample's, by name) where files are put."""
    known = {path.name: path for path in sample.files()}
    paths = [Path(known.get(str(file), file)) for file in files]
    settle(page)
    box = page.get_by_test_id("stFileUploaderDropzoneInput")
    expect(box).to_have_count(1)  # the old one stands while the page is drawn anew
    box.set_input_files(paths)
    page.get_by_text(paths[0].name).first.wait_for()


def metric(page: Page, label: str) -> Locator:
    """Return the value of the figure called ``label``."""
    found = page.get_by_test_id("stMetric").filter(has_text=label)
    return found.get_by_test_id("stMetricValue").first


def figure(page: Page, label: str) -> str:
    """Return the figure called ``label`` as it is shown, once all is settled."""
    settle(page)
    return metric(page, label).inner_text()


def number(page: Page, label: str) -> float:
    """Return the figure called ``label`` as a number, without its unit and its marks."""
    return float(re.sub(r"[^0-9.-]", "", figure(page, label)))


def slider(page: Page, name: str) -> Locator:
    """Return the slider called ``name``."""
    return page.get_by_role("slider", name=name)


def slide(handle: Locator, value: int) -> None:
    """Press an arrow until a slider stands at a value: a press is lost while it is drawn anew."""
    for _ in range(5 * abs(value) + 5):
        at = handle.evaluate("handle => Number(handle.value ?? handle.ariaValueNow)")
        if at == value:
            return
        handle.press("ArrowRight" if at < value else "ArrowLeft")
    message = f"the slider never came to {value}"
    raise AssertionError(message)


def path_of(page: Page, chart: str) -> str:
    """Return the drawn outline of a chart: it changes when the picture does."""
    page.locator(f".st-key-{chart} svg path").first.wait_for()
    outlines = page.locator(f".st-key-{chart} svg path")
    return "|".join(outlines.evaluate_all("paths => paths.map(path => path.getAttribute('d'))"))


def redrawn(page: Page, chart: str, before: str) -> str:
    """Wait until a chart's outline is another than ``before``, and return it."""
    page.wait_for_function(
        """([chart, before]) => {
            const paths = [...document.querySelectorAll(`.st-key-${chart} svg path`)];
            return paths.length && paths.map(path => path.getAttribute('d')).join('|') !== before;
        }""",
        arg=[chart, before],
    )
    settle(page)
    return path_of(page, chart)


def picture(page: Page, path: Path) -> None:
    """Keep the whole page as a person sees it, for the eye."""
    settle(page)
    size = page.viewport_size
    assert size is not None
    height = page.locator('[data-testid="stMain"]').evaluate("main => main.scrollHeight")
    tall = max(size["height"], min(height + 80, 3000))
    page.set_viewport_size({"width": size["width"], "height": tall})
    settle(page)
    page.wait_for_function(_STILL, polling=100)
    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=path)
    page.set_viewport_size(size)
