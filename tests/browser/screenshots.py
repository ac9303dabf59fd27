"""Every page in both languages and both themes, for the eye: ``make screenshots``."""

import tempfile
from pathlib import Path

from analytics import sample
from tests.browser import serving

TARGET = serving.ROOT / "build" / "screenshots"
PAGES = {
    "replenish": "",
    "import": "import",
    "forecast": "forecast",
    "safety_stock": "safety_stock",
    "settings": "settings",
}
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
                            _picture(
                                context,
                                f"{address}/{path}",
                                f"{name}-{language}-{theme}{size}",
                                name,
                            )
                        context.close()


def _picture(context: object, address: str, file: str, name: str) -> None:
    page = context.new_page()  # type: ignore[attr-defined]
    page.goto(address)
    serving.settle(page)
    if name == "import":
        workbook = next(path for path in sample.files() if path.name == "orders_de_id.xlsx")
        page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(workbook)
        page.get_by_test_id("stMetric").first.wait_for(timeout=60_000)
        serving.settle(page)
    page.wait_for_timeout(800)
    height = page.locator('[data-testid="stMain"]').evaluate("main => main.scrollHeight")
    size = page.viewport_size
    page.set_viewport_size(
        {"width": size["width"], "height": max(size["height"], min(height + 80, 3000))}
    )
    page.wait_for_timeout(700)
    page.screenshot(path=TARGET / f"{file}.png")
    page.close()


if __name__ == "__main__":
    main()
