"""Every page in both languages and both themes, for the eye: ``make screenshots``."""

import tempfile
from pathlib import Path

from analytics import sample
from analytics.i18n import Translator
from tests.browser import serving

TARGET = serving.ROOT / "build" / "screenshots"
PAGES = {
    "replenish": "",
    "delays": "delays?lead_time_delay_days=21&only_route=sea",
    "import": "import",
    "forecast": "forecast",
    "safety_stock": "safety_stock",
    "settings": "settings",
}
VIEWS = {
    "replenish": ("suppliers", "shipment", "calendar", "decisions"),
    "delays": ("item", "orders", "compare", "links"),
    "forecast": ("catalogue",),
    "safety_stock": ("catalogue", "replay"),
    "settings": ("items", "routes", "money", "calendars", "workspace"),
}  # of a page, beside the one that it opens on
LOCALES = {"zh": "zh-CN", "en": "en-GB"}
SIZES = {"": (1440, 1000), "-phone": (390, 844)}


def main() -> None:
    """Picture the sample seller, and the import page with a file on it."""
    TARGET.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder, "cache")
        cache.mkdir()
        with (
            serving.app(Path(folder, "workspace"), cache) as address,
            serving.chromium() as browser,
        ):
            for language, locale in LOCALES.items():
                for theme in ("light", "dark"):
                    for size, (width, height) in SIZES.items():
                        if size and theme == "dark":
                            continue
                        context = browser.new_context(
                            locale=locale,
                            color_scheme=theme,  # type: ignore[arg-type]
                            viewport={"width": width, "height": height},
                        )
                        for name, path in PAGES.items():
                            look = f"{language}-{theme}{size}"
                            _pictures(
                                context, f"{address}/{path}", name, Translator(language), look
                            )
                        context.close()


def _pictures(context: object, address: str, name: str, t: Translator, look: str) -> None:
    page = context.new_page()  # type: ignore[attr-defined]
    size = page.viewport_size
    page.goto(address)
    serving.settle(page)
    if name == "import":
        workbook = next(path for path in sample.files() if path.name == "orders_de_id.xlsx")
        page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(workbook)
        page.get_by_test_id("stMetric").first.wait_for(timeout=60_000)
        serving.settle(page)
    _picture(page, f"{name}-{look}")
    for view in VIEWS.get(name, ()):
        page.set_viewport_size(size)
        switch = page.locator(".st-key-view")  # not the one of the languages
        switch.get_by_text(t(f"view.{view}"), exact=True).click()
        serving.settle(page)
        _picture(page, f"{name}-{view}-{look}")
    page.close()


def _picture(page: object, file: str) -> None:
    page.wait_for_timeout(800)  # type: ignore[attr-defined]
    height = page.locator('[data-testid="stMain"]').evaluate("main => main.scrollHeight")  # type: ignore[attr-defined]
    size = page.viewport_size  # type: ignore[attr-defined]
    page.set_viewport_size(  # type: ignore[attr-defined]
        {"width": size["width"], "height": max(size["height"], min(height + 80, 3000))}
    )
    page.wait_for_timeout(700)  # type: ignore[attr-defined]
    page.screenshot(path=TARGET / f"{file}.png")  # type: ignore[attr-defined]


if __name__ == "__main__":
    main()
