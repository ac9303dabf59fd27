"""Names that try to be more than names, in all that a shop can name, on every page and view.

`make soak` chooses each of them on one of the pages that show one item.
"""

import csv
import io
import os
from collections import defaultdict
from contextlib import suppress
from datetime import UTC, datetime

import pytest

from analytics.errors import AnalyticsError
from analytics.i18n import catalog
from analytics.scenario import Scenario
from analytics.services import hosting, importing, saved, workspaces
from pages.shared import navigation, session
from tests.naughty import CANARY, FAMILIES, MARK, NAMES

from .drawn import LITERAL, MARKDOWN, MARKED, UNSEEN, faults, texts

IS_LONG = "SOAK_CASES" in os.environ
VIEWS = {
    text: key.removeprefix("view.")
    for key, text in catalog("en").items()
    if key.startswith("view.")
}
FEW = [family[0] for family in FAMILIES.values()]


def table(header, rows):
    text = io.StringIO()
    csv.writer(text).writerows([header.split(","), *rows])
    return text.getvalue().encode()


def tables():
    """Return a shop's tables in which everything is called by a naughty name."""
    days = [f"2026-{month:02d}-{day:02d}" for month in (3, 4, 5) for day in (2, 9, 16, 23)]
    other = dict(zip(NAMES, NAMES[1:] + NAMES[:1], strict=True))
    return {
        "sales": table(
            "date,sku,quantity,market,unit_price,currency,order_id",
            (
                (day, name, 1 + (place + turn) % 7, "DE", 10, "EUR", other[name])
                for place, name in enumerate(NAMES)
                for turn, day in enumerate(days)
            ),
        ),
        "products": table(
            "sku,name,category,supplier,unit_cost,price,currency",
            (
                (name, other[name], FEW[place % 7], FEW[7 + place % 7], 2, 10, "EUR")
                for place, name in enumerate(NAMES)
            ),
        ),
        "stock": table(
            "date,sku,market,warehouse,on_hand",
            (
                ("2026-05-20", name, "DE", FEW[place % 5], 40 * (place % 9))
                for place, name in enumerate(NAMES)
            ),
        ),
        "purchase_orders": table(
            "order_id,sku,market,quantity,supplier,ordered_on,expected_on,received_on",
            (
                (
                    other[name],
                    name,
                    "DE",
                    50,
                    FEW[7 + place % 7],
                    "2026-03-01",
                    "2026-04-10",
                    "2026-04-12" if place % 2 else "",
                )
                for place, name in enumerate(NAMES)
            ),
        ),
        "events": table(
            "name,starts_on,ends_on,market,demand_uplift_pct",
            ((name, "2026-06-10", "2026-06-14", "DE", 20) for name in FEW),
        ),
    }


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """A workspace of naughty names; which names stand in it, by their marks."""
    known = defaultdict(set)
    for name in NAMES:
        known[MARKED.search(name)[0]].add(name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEEWAY_WORKSPACE", str(tmp_path_factory.mktemp("naughty") / "own"))
        session.own_store.clear()
        store = session.own_store()
        uploads = [
            importing.Upload(f"{name}.csv", content)
            for name, content in zip(FEW, tables().values(), strict=False)
        ]
        staged = importing.stage(store, uploads)
        assert [sheet.problem for sheet in staged.sheets] == [None] * len(uploads)
        workspaces.load_and_forecast(store, staged)
        for name in NAMES if IS_LONG else FEW:
            if len(name) <= saved.LONGEST_NAME:
                saved.save(store, name, Scenario(lead_time_delay_days=9), author=name, note=name)
        for kept in store.daily_sales()["sku"].unique():
            known[MARKED.search(kept)[0]].add(kept)
        yield store, known
        store.close()
        session.own_store.clear()


def looked_at(app, known, where):
    """Look through everything that a page drew; return the marks of the names in it."""
    assert not app.exception, (where, *app.exception[0].stack_trace)
    marks, wrong = set(), []
    for field, text in texts(app):
        if MARK in text or CANARY in text:
            marks |= {*MARKED.findall(text)}
            wrong += [(where, field, text[:200], fault) for fault in misread(field, text, known)]
    assert wrong == []
    return marks


def misread(field, text, known):
    """Return what is wrong with a text that has names in it."""
    if field in MARKDOWN or field.endswith(".help"):
        return faults(text, known)
    return [] if field in LITERAL or field.endswith(UNSEEN) else ["nobody has said how it is read"]


def opened(app):
    """Run on until what works beside the page is done."""
    for _ in range(100):
        if not any(button.label == "Stop" for button in app.button):
            break
        app.run()
    return app


@pytest.mark.parametrize("page", navigation._PAGES)
def test_every_name_is_a_name_on_every_view(visit, shop, page):
    _, known = shop
    app = opened(visit(page))
    marks = looked_at(app, known, page)
    switches = [group for group in app.button_group if group.key == "view"]
    for label in switches[0].options[1:] if switches else []:
        app.session_state["view"] = VIEWS[label]
        marks |= looked_at(opened(app.run()), known, f"{page}: {label}")
    assert marks or page == "team"


def test_the_workspace_holds_them_all(shop):
    store, _ = shop
    kept = {MARKED.search(sku)[0] for sku in store.daily_sales()["sku"]}
    assert len(kept) == len(NAMES) > 533


# Pages that show one item: the view that does, and its list.
ITEM_PAGES = {
    "forecast": ("", "item"),
    "safety_stock": ("", "item"),
    "delays": ("item", "item"),
    "clearance": ("item", "stuck"),
}


@pytest.mark.soak
@pytest.mark.parametrize("page", ITEM_PAGES)
def test_every_name_is_a_name_where_one_item_is_shown(visit, shop, page):
    _, known = shop
    view, key = ITEM_PAGES[page]
    app = visit(page)
    if view:
        app.session_state["view"] = view
        app.run()
    options = app.selectbox(key=key).options
    marks = set()
    chosen = options[[*ITEM_PAGES].index(page) :: 4 if IS_LONG else len(options) // 2]
    for option in chosen:
        app.selectbox(key=key).select(option)
        marks |= looked_at(opened(app.run()), known, (page, option))
    assert len(marks) >= len(chosen)
    print(f"{page}: {len(chosen)} of {len(options)} names chosen, each shown letter by letter")


def test_people_and_workspaces_are_names_too(visit, shop):
    _, known = shop
    chosen = hosting.settings()
    owner, register = hosting.local_visitor(chosen), hosting.register(chosen)
    for name in NAMES[:: 1 if IS_LONG else 12]:
        with suppress(AnalyticsError):  # what is too long is refused, and named by nobody
            made = hosting.create_room(chosen, owner, name)
            known[MARKED.search(made.name)[0]].add(made.name)
        register.record(name, "sign_in", workspace_id=hosting.MAIN, now=datetime.now(UTC))
    try:
        app = opened(visit("team"))
        marks = looked_at(app, known, "team")
        switch = next(group for group in app.button_group if group.key == "view")
        for label in switch.options[1:]:
            app.session_state["view"] = VIEWS[label]
            marks |= looked_at(opened(app.run()), known, f"team: {label}")
    finally:
        hosting.close(chosen)
    assert len(marks) > 40


@pytest.mark.parametrize("known_columns", [["date", "sku", "quantity"], []])
def test_headers_of_a_table_are_names_too(visit, shop, known_columns):
    _, known = shop
    header = [*known_columns, *NAMES[:: 2 if IS_LONG else 24]]
    row = {"date": "2026-05-01", "sku": "A-1", "quantity": 2}
    text = io.StringIO()
    csv.writer(text).writerows([header, [row.get(column, 7) for column in header]])
    for name in header[len(known_columns) :]:  # a header is one line, without blanks around
        known[MARKED.search(name)[0]].add(" ".join(name.split()))
    app = visit("import")
    file = ("a.csv", text.getvalue().encode(), "text/csv")
    app.get("file_uploader")[0].set_value([file]).run()
    for _ in range(100):
        if app.get("metric") or app.error or app.selectbox:
            break
        app.run()
    assert looked_at(opened(app.run()), known, "import")
