"""The Clearance page: what is stuck, one item in full, and what is reckoned with."""

import shutil
import time

import pytest
from streamlit.testing.v1 import AppTest

from analytics.i18n import Translator
from analytics.services import clearance_fees, clearing
from analytics.store import Store
from pages.shared import session, settling
from tests.services import stuck_shop
from tests.services.shops import sales

EN, ZH = Translator("en"), Translator("zh")
PARTS = ("one", "fees", "ageing", "elasticity", "in_force")


def texts(app):
    shown = (*app.markdown, *app.caption, *app.info, *app.metric)
    return " ".join(str(element.value) for element in shown)


@pytest.fixture
def sample_answer(visit):
    """What the sample seller's stock is worth; the page opens the sample first."""
    visit("clearance")
    return clearing.clearance(session._sample_store())


@pytest.mark.parametrize(("locale", "t"), [("en-GB", EN), ("zh-CN", ZH)], ids=["en", "zh"])
def test_the_page_says_what_is_stuck_and_what_clearing_gains(visit, sample_answer, locale, t):
    app = visit("clearance", locale)
    assert not app.exception
    shown = {metric.label: metric.value for metric in app.metric}
    headline = next(text.value for text in app.markdown if text.value.startswith("#####"))
    assert t.number(len(sample_answer.lines)) in headline
    total = t.money(sample_answer.totals["cash_released"], sample_answer.currency)
    assert shown[t("clearance.cash_released")] == total
    assert "nan" not in texts(app).lower()


def test_an_item_opens_with_its_reason_and_every_way(visit, sample_answer):
    app = visit("clearance")
    first = sample_answer.lines.iloc[1]
    name = f"{first['sku']} · {first['market']}"
    app.session_state["asked_stuck"] = name
    app.run()
    assert not app.exception
    assert app.selectbox(key="stuck").value == name
    assert EN("clearance.ways") in [head.value for head in app.subheader]
    assert "nan" not in texts(app).lower()
    app.selectbox(key="stuck").select_index(3).run()
    assert not app.exception


def test_the_assumptions_say_what_holds_and_whose_word_it_is(visit):
    app = visit("clearance")
    app.session_state["view"] = "assumptions"
    app.run()
    assert not app.exception
    wanted = [EN(f"clearance_fee.{part}") for part in PARTS]
    assert [head.value for head in app.subheader] == wanted


def parts():
    from analytics.i18n import Translator
    from pages.shared import assuming, clearing, clearing_terms, session, working

    t = Translator("en")
    if not working.changing(t):
        if session.get("view") == "overview":
            clearing.overview(t, session.clearance())
            clearing.item(t, session.clearance())
        for name in ("fees", "ageing", "elasticities", "in_force"):
            getattr(clearing_terms, name)(t)
        assuming.said(t, *clearing_terms.HEADS)


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stuck") / "own"
    with Store.open(folder) as made:
        made.load(stuck_shop.sheets())
        clearing.clearance(made)
    return folder


@pytest.fixture
def own(shop, tmp_path, monkeypatch):
    shutil.copytree(shop, tmp_path / "own")
    with Store.open(tmp_path / "own") as opened:
        yield from _visited(opened, monkeypatch)


def _visited(store, monkeypatch):
    for name in ("store", "own_store"):
        monkeypatch.setattr(session, name, lambda: store)
    monkeypatch.setattr(session, "version", lambda: store.version)
    monkeypatch.setattr(session, "shows_sample", lambda: False)
    monkeypatch.setattr(settling.settling.workspaces, "follow", lambda *_: None)
    yield store


def opened(view="overview"):
    app = AppTest.from_function(parts, default_timeout=60)
    app.session_state["view"] = view
    return app.run()


def edit(app, monkeypatch, key, change):
    """Edit a table as a browser would: AppTest cannot type into one."""
    drawn = settling.st.data_editor

    def typed(present, **options):
        drawn(present, **options)
        return change(present.copy()) if options["key"].startswith(f"{key}_") else present

    monkeypatch.setattr(settling.st, "data_editor", typed)
    app.run()
    app.button(key=f"save_{key}").click().run()


def until(app, is_so):
    end = time.monotonic() + 20
    while not is_so() and time.monotonic() < end:
        time.sleep(0.1)
        app.run()
    assert not app.exception
    assert is_so()


def test_a_fee_is_saved_and_moves_the_advice(own, monkeypatch):
    app = opened()
    assert not app.exception
    before = clearing.clearance(own).totals["gain"]

    def add(table):
        table.loc[0] = {"market": "US", "starts_on": "2026-01-01", "scrap_fee": 0.0,
                        "liquidation_fee": 50.0}  # fmt: skip
        return table

    edit(app, monkeypatch, "clearance_fees", add)
    until(app, lambda: len(clearance_fees.settled(own).fees) == 1)
    assert clearing.clearance(own).totals["gain"] != before
    app.run()
    assert not app.exception


def test_steps_and_elasticities_are_saved(own, monkeypatch):
    app = opened("")

    def step(table):
        table.loc[0] = {"market": "", "starts_on": "2026-01-01", "over_days": 90, "fee_unit": 1.0}
        return table

    edit(app, monkeypatch, "clearance_ageing", step)
    until(app, lambda: len(clearance_fees.settled(own).ageing) == 1)

    def steep(table):
        return table.assign(elasticity=table["elasticity"].mask(table["category"] == "Light", 3.0))

    edit(app, monkeypatch, "clearance_elasticity", steep)
    until(app, lambda: clearance_fees.settled(own).elasticity == {"Light": 3.0})


def test_a_wrong_cell_is_said_and_nothing_is_saved(own, monkeypatch):
    app = opened("")

    def wrong(table):
        table.loc[0] = {"market": "Atlantis", "starts_on": "2026-01-01", "scrap_fee": 1.0}
        return table

    edit(app, monkeypatch, "clearance_fees", wrong)
    assert len(app.error) == 1
    assert clearance_fees.settled(own).fees.empty


def test_sales_alone_say_what_is_missing(tmp_path, monkeypatch):
    with Store.open(tmp_path / "own") as store:
        store.load([sales(days=60)])
        for _ in _visited(store, monkeypatch):
            app = opened()
    assert not app.exception
    assert EN("clearance.nothing_stuck") in [info.value for info in app.info]
