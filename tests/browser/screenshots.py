"""Every page in both languages and both themes, for the eye: ``make screenshots``."""

import tempfile
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, expect

from analytics.i18n import Translator
from tests.browser import serving

TARGET = serving.ROOT / "build" / "screenshots"
PAGES = {
    "overview": "",
    "replenish": "replenish",
    "delays": "delays?lead_time_delay_days=21&only_route=sea",
    "import": "import",
    "forecast": "forecast",
    "safety_stock": "safety_stock",
    "tiers": "tiers",
    "clearance": "clearance",
    "review": "review",
    "settings": "settings",
    "team": "team",
}
VIEWS = {
    "overview": ("measures", "alerts"),
    "tiers": ("by_hand", "thresholds", "policies"),
    "clearance": ("item", "assumptions"),
    "review": ("month", "replay", "stock_take"),
    "replenish": ("suppliers", "shipment", "calendar", "decisions"),
    "delays": ("item", "orders", "compare", "links"),
    "forecast": ("catalogue",),
    "safety_stock": ("catalogue", "replay"),
    "settings": ("items", "routes", "money", "calendars", "alarm_rules", "workspace"),
    "team": ("members", "rooms", "audit"),
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
                        context = serving.context(
                            browser,
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


def _pictures(context: BrowserContext, address: str, name: str, t: Translator, look: str) -> None:
    page = context.new_page()
    serving.go(page, address)
    if name == "import":
        serving.drop(page, "orders_de_id.xlsx")
        page.get_by_test_id("stMetric").first.wait_for(timeout=60_000)
    _done(page)
    serving.picture(page, TARGET / f"{name}-{look}.png")
    for view in VIEWS.get(name, ()):
        serving.view(page, t(f"view.{view}"))
        _done(page)
        serving.picture(page, TARGET / f"{name}-{view}-{look}.png")
    page.close()


def _done(page: Page) -> None:
    """Wait until nothing is worked out beside the page, and nothing has yet to be drawn."""
    for unfinished in ("stProgress", "stSkeleton"):
        expect(page.get_by_test_id(unfinished)).to_have_count(0, timeout=120_000)


if __name__ == "__main__":
    main()
