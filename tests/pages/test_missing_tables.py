"""Every page and every view of it, with one optional table missing at a time, and with all."""

import re

import pytest

from analytics.i18n import Translator, catalog
from pages.shared import navigation, session

from .small_shop import SALES, TABLES, bring_in

EN = Translator("en")
CASES = {name: {name} for name in TABLES} | {"all": {*TABLES}, "all of one item": {*TABLES}}
MATTER = {"products", "stock", "purchase_orders"}  # without which whole views have nothing to show
CHOOSERS = {text: key.removeprefix("view.") for key, text in catalog("en").items()
            if key.startswith("view.")}  # fmt: skip
SPOKEN = ("markdown", "caption", "info", "warning", "error", "success", "header", "subheader")
# "None of it" is English, and no number that got out.
NOT_SAID = re.compile(r"(?<![\w*])(nan|NaN|None(?! of )|NaT|inf|<NA>)(?![\w*])")


@pytest.fixture(scope="module", params=CASES)
def lacking(request, workspace, tmp_path_factory):
    """A workspace without some of the tables; which ones it lacks."""
    folder = tmp_path_factory.mktemp("own")
    absent = CASES[request.param]
    sales = "".join(SALES.splitlines(keepends=True)[:2]) if "one" in request.param else SALES
    there = {name: text for name, text in TABLES.items() if name not in absent}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEEWAY_WORKSPACE", str(folder / "workspace"))
        session.own_store.clear()
        store = session.own_store()
        bring_in(store, folder, {"sales": sales} | there)
        yield absent
        store.close()
        session.own_store.clear()


def told(app):
    """Everything that the page says in words, with its figures."""
    words = [str(element.value) for kind in SPOKEN for element in getattr(app, kind)]
    return words + [f"{figure.label}: {figure.value} {figure.delta}" for figure in app.metric]


def over(app):
    """Run on until what works beside the page is done."""
    for _ in range(150):  # each run waits for it for a moment
        if EN("import.stop") not in [button.label for button in app.button]:
            return app
        app.run()
    raise AssertionError("it never ended")


def looked_at(app, where):
    over(app)
    assert not app.exception, (where, app.exception[0].message, *app.exception[0].stack_trace)
    assert not app.error, (where, [error.value for error in app.error])
    assert [words for words in told(app) if NOT_SAID.search(words)] == [], where


@pytest.mark.parametrize("page", navigation._PAGES)
def test_a_page_stands_in_every_view(visit, lacking, page):
    app = visit(page)
    looked_at(app, page)
    assert app.header[0].value == EN(f"page.{page}")
    assert EN("app.sample_banner") not in [text.value for text in app.markdown]
    switches = [group for group in app.button_group if group.key == "view"]
    labels = switches[0].options if switches else []
    for label in labels[1:] if lacking & MATTER else []:
        app.session_state["view"] = CHOOSERS[label]
        app.run()
        assert app.button_group(key="view").value == CHOOSERS[label]
        looked_at(app, f"{page}: {label}")


@pytest.mark.parametrize(
    ("page", "needs"),
    [("overview", MATTER), ("tiers", {"stock"}), ("clearance", {"stock"}), ("review", {"stock"})],
)
def test_a_page_names_what_is_missing(visit, lacking, page, needs):
    words = "\n".join(told(over(visit(page)))).lower()
    if EN("review.too_short").lower() in words:
        return  # of one day nothing is looked back upon, and the page says so
    for name in lacking & needs:
        assert EN(f"kind.{name}").lower() in words
