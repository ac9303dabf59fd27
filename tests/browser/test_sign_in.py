"""The door in a real browser, and what a page may load and run once one is inside."""

import re

import pytest
from playwright.sync_api import Page, expect

from analytics.i18n import Translator
from tests.browser import serving
from tests.browser.conftest import Visitor
from tests.browser.serving import go, settle

EN = Translator("en")
SECRET = "correct horse battery staple"
PAGES = ("", "replenish", "delays", "forecast", "safety_stock", "tiers", "clearance", "review",
         "import", "settings", "team")  # fmt: skip
_KEEP = """
    window.__refused = [];
    document.addEventListener('securitypolicyviolation', event => {
        window.__refused.push(`${event.effectiveDirective} ${event.blockedURI}`);
    });
"""
# What a policy could keep from being drawn: charts compile expressions, tables start workers.
DRAWN = {
    "chart": '[data-testid="stVegaLiteChart"] :is(svg, canvas)',
    "table": '[data-testid="stDataFrame"] canvas',
}
# The client's library for numbers asks once whether it may use WebAssembly, and does without.
ASKED = ["script-src wasm-eval"]


def refused(page: Page) -> list[str]:
    """Return what the page was not let do."""
    return [line for line in page.evaluate("window.__refused") if line not in ASKED]


def test_every_page_works_under_the_policy_and_nothing_else_runs(english_visitor, sample_app):
    person = english_visitor
    person.context.add_init_script(script=_KEEP)
    page = person.new_page()
    seen: set[str] = set()
    for name in PAGES:
        go(page, f"{sample_app}/{name}")
        seen |= {part for part in DRAWN if page.locator(DRAWN[part]).count()}
        assert refused(page) == [], name
    assert seen == {*DRAWN}
    go(page, f"{sample_app}/import")
    serving.drop(page, "stock.csv")
    settle(page)
    assert refused(page) == []
    page.evaluate(
        """() => {
            const script = document.createElement('script');
            script.textContent = 'window.__ran = 1';
            const part = document.createElement('div');
            part.innerHTML = '<img src="data:," onerror="window.__ran = 2">';
            document.body.append(script, part);
        }"""
    )
    page.wait_for_function("window.__refused.length >= 3")
    assert page.evaluate("window.__ran") is None
    assert {line.split()[0] for line in refused(page)} == {"script-src-elem", "script-src-attr"}
    person.errors = [line for line in person.errors if "Content Security Policy" not in line]


@pytest.mark.parametrize("base", ["/tools/stock"])
def test_one_signs_in_where_one_was_going_and_out_in_every_tab(
    english_visitor: Visitor, cache, tmp_path, monkeypatch, base
):
    secret = tmp_path / "secret"
    secret.write_text(SECRET)
    monkeypatch.setenv("LEEWAY_ACCESS", "password")
    monkeypatch.setenv("LEEWAY_SECRET_FILE", str(secret))
    person = english_visitor
    with serving.app(tmp_path / "own", cache, base) as address:
        page = person.page
        page.goto(f"{address}/delays?lead_time_delay_days=21")
        expect(page).to_have_url(re.compile(f"{base}/sign-in"))
        page.get_by_label(EN("sign_in.name")).fill("Ann")
        page.get_by_label(EN("sign_in.secret")).fill(SECRET)
        page.get_by_role("button", name=EN("sign_in.enter")).click()
        settle(page)
        assert page.url == f"{address}/delays?lead_time_delay_days=21"
        other = person.new_page()
        other.goto(f"{address}/sign-out")
        other.get_by_role("button", name=EN("sign_in.leave")).click()
        expect(other.get_by_text(EN("sign_in.left"))).to_be_visible()
        expect(page).to_have_url(re.compile(f"{base}/sign-in"), timeout=40_000)
        person.rest()
    person.errors = [line for line in person.errors if "status of 401" not in line]
