"""What a guest sees: the page of the link, and nothing else at any address."""

from datetime import UTC, datetime, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from analytics.i18n import Translator
from analytics.scenario import Scenario
from analytics.services import sharing, workspaces
from pages.shared import navigation, session

from .conftest import APP

LATE = Scenario(lead_time_delay_days=21)
EN = Translator("en")
PAGES = [name for name, _ in navigation._PAGES]


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
        monkeypatch.setattr(session, "guest", lambda: secret)
        app = AppTest.from_file(APP, default_timeout=90)
        app.context = {"locale": locale}
        app.run()
        app.share = made.share
        return app

    return opened


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
    for page in PAGES:
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
    monkeypatch.setattr(session, "guest", lambda: "made up")
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
