"""What a guest sees: the page of the link, and nothing else at any address."""

from datetime import UTC, datetime, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from analytics.i18n import Translator
from analytics.scenario import Scenario
from analytics.services import sharing, workspaces
from pages.shared import navigation, session, visiting

from .conftest import APP

LATE = Scenario(lead_time_delay_days=21)
EN = Translator("en")


@pytest.fixture(scope="module")
def shown():
    with workspaces.open_sample() as store:
        yield store


@pytest.fixture
def guest(shown, monkeypatch):
    """Open the app as a guest of a new link would."""

    def opened(locale="en-GB", **more):
        said = {"kind": "live", "hides_money": True, "name": "Late ship"} | more
        own = workspaces.open_own()
        made = sharing.create(own, shown, LATE, author="Lin", **said)
        secret = sharing.enter(own, made.token)
        own.close()
        carry(monkeypatch, secret)
        app = AppTest.from_file(APP, default_timeout=90)
        app.context = {"locale": locale}
        app.run()
        app.share = made.share
        return app

    yield opened
    session.own_store.clear()


def carry(monkeypatch, cookie):
    """Let the browser carry a guest's cookie."""
    held = {sharing.COOKIE: cookie}
    monkeypatch.setattr(session, "_cookie", lambda name: held.get(name, ""))


def texts(app):
    parts = ("caption", "markdown", "header", "subheader", "info", "warning", "error", "title")
    return "\n".join(str(part.value) for name in parts for part in app.get(name))


@pytest.mark.parametrize("kind", sharing.KINDS)
@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
def test_a_guest_sees_what_the_link_shows(guest, kind, locale):
    app = guest(kind=kind, locale=locale, note="Look at *mugs*")
    assert not app.exception
    assert not app.error
    assert app.header[0].value == "Late ship"
    assert "Lin" in texts(app)
    assert "Look at \\*mugs\\*" in texts(app)
    assert bool(app.slider) == (kind == "live")
    if kind == "live":
        assert app.slider(key="lead_time_delay_days").value == 21
    else:
        assert app.share.checksum in texts(app)


def test_a_live_link_answers_to_its_sliders(guest):
    app = guest()
    before = texts(app)
    app.slider(key="lead_time_delay_days").set_value(60).run()
    assert not app.exception
    assert texts(app) != before


def test_a_guest_cannot_write_even_if_a_page_tried(guest):
    guest()
    assert session.own_store().read_only
    assert session.own_store().is_lent


def test_no_other_page_exists_for_a_guest(guest):
    app = guest()
    for page in navigation._PAGES:
        with pytest.raises(ValueError, match="Could not find a navigation page"):
            app.switch_page(f"pages/{page}.py")
    assert not app.get("file_uploader")
    assert not app.get("page_link")


@pytest.mark.parametrize("view", ["overview", "orders"])
@pytest.mark.parametrize("kind", sharing.KINDS)
def test_without_money_no_column_of_it_is_drawn(guest, kind, view):
    app = guest(kind=kind)
    app.session_state["view"] = view
    app.run()
    assert not app.exception
    for table in app.dataframe:
        for name in ("contribution_at_risk", "order_value", "extra_cash", "currency"):
            assert name not in table.value
    for name in ("contribution_at_risk", "revenue_at_risk", "safety_stock_cash"):
        assert EN(f"delays.{name}") not in {metric.label for metric in app.metric}


def test_a_closed_link_shows_the_refusal_at_the_next_look(guest):
    app = guest()
    own = workspaces.open_own()
    sharing.revoke(own, app.share.share_id)
    own.close()
    app.run()
    assert [info.value for info in app.info] == [EN("visit.refused")]
    assert not app.header
    assert not app.dataframe


def test_an_ended_link_shows_the_same(guest):
    long_ago = datetime.now(UTC) - timedelta(hours=30)
    own = workspaces.open_own()
    app = guest()
    with own:
        share_id = app.share.share_id
        with own._database.transaction() as cursor:
            cursor.execute(
                "UPDATE shares SET expires_at = ? WHERE share_id = ?", [long_ago, share_id]
            )
    app.run()
    assert [info.value for info in app.info] == [EN("visit.refused")]


def test_an_unknown_cookie_opens_nothing(guest, monkeypatch):
    guest()
    carry(monkeypatch, "made up")
    app = AppTest.from_file(APP, default_timeout=60)
    app.context = {"locale": "zh-CN"}
    app.run()
    assert [info.value for info in app.info] == [Translator("zh")("visit.refused")]


def test_changed_data_are_said(guest, monkeypatch):
    app = guest()
    own = workspaces.open_own()
    with own._database.transaction() as cursor:
        cursor.execute("UPDATE shares SET data_version = 'before'")
    own.close()
    app.run()
    assert any("changed" in warning.value for warning in app.warning)


def test_a_refusal_offers_no_way_to_the_team(guest):
    app = guest()
    assert "/s/leave" in links(app)
    own = workspaces.open_own()
    sharing.revoke(own, app.share.share_id)
    own.close()
    app.run()
    assert "/s/leave" not in links(app)


def links(app):
    return "".join(str(button.proto) for button in app.get("link_button"))


def test_a_visit_that_ran_out_says_that_the_link_opens_again(guest):
    app = guest()
    own = workspaces.open_own()
    with own, own._database.transaction() as cursor:
        cursor.execute("UPDATE share_sessions SET expires_at = now() - INTERVAL 1 MINUTE")
    app.run()
    assert [info.value for info in app.info] == [EN("visit.run_out")]


@pytest.fixture
def broken(guest, tmp_path, monkeypatch):
    """A workspace that cannot be asked, once a guest is there."""
    app = guest()
    (tmp_path / "leeway.duckdb").write_bytes(b"x" * 50_000)
    with monkeypatch.context() as patch:
        patch.setenv("LEEWAY_WORKSPACE", str(tmp_path))
        session.own_store.clear()
        yield app
    session.own_store.clear()


def test_a_workspace_that_cannot_be_asked_is_one_sentence(broken):
    broken.run()
    assert not broken.exception
    assert [error.value for error in broken.error] == [EN("visit.unavailable")]
    assert not broken.dataframe


def test_also_to_whoever_leaves_the_page_open(broken):
    app = AppTest.from_function(look, default_timeout=60).run()
    assert not app.exception
    assert [error.value for error in app.error] == [EN("visit.unavailable")]


def look():
    from analytics.i18n import Translator
    from pages.shared import visiting

    visiting._look_again(Translator("en"))


SHOWN = visiting._impact
MOVED = {"freight_change_pct": 200, "currency_change_pct": 30, "price_change_pct": 20,
         "service_level_pct": 99.5}  # fmt: skip


def test_without_money_prices_stay_as_the_link_has_them(guest, monkeypatch):
    """Moved, they would tell where flying stops to pay, and so what a unit earns."""
    asked = []
    monkeypatch.setattr(visiting, "_impact", lambda *given: asked.append(given[2]) or SHOWN(*given))
    app = guest()
    for name, value in MOVED.items():
        app.session_state[name] = value
    app.session_state["own_target"] = True
    app.run()
    assert not app.exception
    assert asked[-1] == asked[0]
    assert asked[-1].lead_time_delay_days == 21


@pytest.mark.parametrize("hides_money", [True, False])
def test_what_a_guest_cannot_turn_is_not_drawn(guest, hides_money):
    app = guest(hides_money=hides_money)
    drawn = {slider.key for slider in app.slider}
    assert {"lead_time_delay_days", "demand_window_pct"} <= drawn
    assert ("own_target" in {switch.key for switch in app.toggle}) == (not hides_money)
    pinned = set(MOVED) - {"service_level_pct"}  # drawn once its switch is turned
    assert pinned & drawn == (set() if hides_money else pinned)
    assert not app.warning


def test_with_money_they_move(guest):
    app = guest(hides_money=False)
    before = texts(app)
    app.session_state["freight_change_pct"] = 200
    app.run()
    assert not app.exception
    assert texts(app) != before


def test_without_money_an_item_gives_no_reasons(guest):
    for hides_money in (True, False):
        app = guest(hides_money=hides_money)
        app.session_state["view"] = "item"
        app.run()
        assert not app.exception
        columns = {name for table in app.dataframe for name in table.value}
        assert "saved_units" in columns
        assert ("reason" in columns) == (not hides_money)
