"""One server and one browser for all journeys; a fresh context and an ear for errors for each."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser import serving

# On a deep link Streamlit's client asks below the page's own path first, then at the root.
_NOT_OURS = ("/_stcore/health", "/_stcore/host-config")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = str(Path(__file__).parent)
    for item in items:
        if str(item.path).startswith(here):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the sample workspace is built, once for all servers."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="session")
def sample_app(
    browser: Browser, cache: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The app over an empty workspace, so that it shows the sample."""
    with serving.app(tmp_path_factory.mktemp("empty"), cache) as address:
        yield address


class Visitor:
    """A person at a browser; leaving checks that nothing went wrong behind the page."""

    def __init__(self, browser: Browser, locale: str) -> None:
        self.context: BrowserContext = serving.context(
            browser,
            locale=locale,
            viewport={"width": 1440, "height": 1000},
            accept_downloads=True,
        )
        self.errors: list[str] = []
        self.exceptions = 0
        self.page: Page = self.new_page()

    def new_page(self) -> Page:
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.errors.append(f"pageerror: {error}"))
        page.on("console", self._listen)
        return page

    def _listen(self, message: object) -> None:
        text = f"{message.text} {message.location}"  # type: ignore[attr-defined]
        if message.type == "error" and not any(word in text for word in _NOT_OURS):  # type: ignore[attr-defined]
            self.errors.append(text)

    def rest(self) -> None:
        """Turn away from all pages, so that a server may go before its visitor does."""
        for page in self.context.pages:
            self.exceptions += page.locator('[data-testid="stException"]').count()
            page.goto("about:blank")

    def leave(self) -> None:
        self.rest()
        self.context.close()
        assert self.exceptions == 0
        assert self.errors == []


@pytest.fixture
def visitor(browser: Browser) -> Iterator[Visitor]:
    person = Visitor(browser, "zh-CN")
    yield person
    person.leave()


@pytest.fixture
def english_visitor(browser: Browser) -> Iterator[Visitor]:
    person = Visitor(browser, "en-GB")
    yield person
    person.leave()
