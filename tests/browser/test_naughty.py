"""Names that try to be more, in a real browser: shown letter by letter, nothing run or fetched."""

import os
import re
import subprocess
import sys
import time

import pytest
from playwright.sync_api import expect

from analytics.services import importing, workspaces
from analytics.store import Store
from pages.shared import navigation
from tests import naughty
from tests.browser import serving
from tests.browser.serving import go, settle
from tests.pages.test_naughty import FEW, tables

_OUT_OF_SIGHT = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\u2060]"
)
# What a name could become.
_MORE = (
    ":is(a, img, script, iframe, svg, em, strong, del, code, table, h1, h2, h3, li li, .katex,"
    " .stMarkdownColoredText)"
)

_FOREIGN = f":is(script, iframe, [src*='{naughty.CANARY}'], [href*='{naughty.CANARY}'])"


def seen(text):
    """Return what a reader sees of a text: nothing of what cannot be seen, and no wide gaps."""
    return " ".join(_OUT_OF_SIGHT.sub("", text).split())


@pytest.fixture(scope="module")
def drawn(cache):
    """A server of the page that draws all names."""
    port = serving.free_port()
    command = [sys.executable, "-m", "streamlit", "run", "tests/browser/shown.py",
               "--server.port", str(port)]  # fmt: skip
    server = subprocess.Popen(
        command, cwd=serving.ROOT, env=os.environ | {"PYTHONPATH": str(serving.ROOT)},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    yield f"http://127.0.0.1:{port}"
    server.kill()
    server.wait(20)


def open_page(page, address):
    until = time.monotonic() + 60
    while True:
        try:
            page.goto(address)
            break
        except Exception:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)
    expect(page.get_by_role("heading", name="over")).to_be_attached(timeout=90_000)


def test_every_name_is_shown_letter_by_letter(english_visitor, drawn):
    page = english_visitor.page
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    open_page(page, drawn)
    shown = page.evaluate(
        """() => [...document.querySelectorAll('[data-testid="stMarkdownContainer"],'
                + '[data-testid="stCaptionContainer"]')].map(part => part.textContent)"""
    )
    lines = {seen(line) for line in shown}
    missed = [name for name in naughty.NAMES if seen(name) not in lines]
    listed = [n for n in naughty.NAMES if f"{seen(n)}: 12:30:45" not in lines]
    assert (missed, listed) == ([], [])
    more = page.locator(f'[data-testid="stMarkdownContainer"] {_MORE}').filter(
        has_text=naughty.MARK
    )
    assert more.all_text_contents() == []
    assert page.evaluate("window.__x") is None
    assert [url for url in asked if not url.startswith((drawn, "data:", "blob:"))] == []
    settle(page)


@pytest.mark.soak
@pytest.mark.skipif("SOAK_CASES" not in os.environ, reason="the long form, by make soak")
def test_no_page_runs_or_fetches_what_a_name_asks_for(english_visitor, cache, tmp_path):
    uploads = [
        importing.Upload(f"{name}.csv", content)
        for name, content in zip(FEW, tables().values(), strict=False)
    ]
    with Store.open(tmp_path / "own") as store:
        workspaces.load_and_forecast(store, importing.stage(store, uploads))
    page, asked = english_visitor.page, []
    page.on("request", lambda request: asked.append(request.url))
    with serving.app(tmp_path / "own", cache) as address:
        for name in navigation._PAGES:
            go(page, f"{address}/{'' if name == 'overview' else name}")
            more = page.locator(f'[data-testid="stMarkdownContainer"] {_FOREIGN}')
            assert more.count() == 0, name
            assert page.evaluate("window.__x") is None, name
        english_visitor.rest()
    assert [url for url in asked if not url.startswith((address, "data:", "blob:", "about:"))] == []
    print(
        f"{len(navigation._PAGES)} pages, {len(asked)} requests, none elsewhere; 0 scripts of names"
    )
