"""The app as a person meets it: a real server on a free port, a real browser in front of it."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, sync_playwright
from playwright.sync_api import TimeoutError as Late

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


@contextmanager
def app(workspace: Path, cache: Path, base: str = "") -> Iterator[str]:
    """Serve the app on ``workspace`` and yield its address; the log is shown if it fails.

    ``base`` is the sub-path to serve it under, with a slash before it.
    """
    port = _free_port()
    environment = os.environ | {"LEEWAY_WORKSPACE": str(workspace), "XDG_CACHE_HOME": str(cache)}
    environment |= {"STREAMLIT_SERVER_BASE_URL_PATH": base} if base else {}
    log = cache / f"server-{port}.log"
    command = [sys.executable, "-m", "analytics", "serve", "--port", str(port)]
    with log.open("w") as output:
        server = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            _wait_until_up(f"http://127.0.0.1:{port}{base}/_stcore/health", server, log)
            yield f"http://127.0.0.1:{port}{base}"
        finally:
            server.kill()  # a workspace must stand this, and what it takes to stop is not at issue
            server.wait(20)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _wait_until_up(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(400):
        if server.poll() is not None:
            break
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


def settle(page: Page) -> None:
    """Wait until the script has run and everything it drew is fresh."""
    idle = page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]')
    idle.wait_for(timeout=90_000)  # a cold start beside other work
    page.wait_for_function("() => !document.querySelector('[data-stale=\"true\"]')")


def choose(page: Page, name: str, option: str) -> None:
    """Choose from the list called ``name``, however often a late run closes it meanwhile."""
    listed = page.get_by_role("option", name=option, exact=True).first
    for last in (False, False, False, True):
        settle(page)
        page.get_by_role("combobox", name=name).first.click()
        try:
            listed.click(timeout=10_000)
        except Late:
            if last:
                raise
            page.keyboard.press("Escape")
        else:
            break


def slider(page: Page, name: str) -> Locator:
    """Return the slider called ``name``."""
    return page.get_by_role("slider", name=name)


def path_of(page: Page, chart: str) -> str:
    """Return the drawn outline of a chart: it changes when the picture does."""
    page.locator(f".st-key-{chart} svg path").first.wait_for()
    outlines = page.locator(f".st-key-{chart} svg path")
    return "|".join(outlines.evaluate_all("paths => paths.map(path => path.getAttribute('d'))"))
