"""The inbox and the settings of alarms and digest, as the pages draw them."""

from datetime import UTC, datetime

import pytest
from streamlit.testing.v1 import AppTest

from analytics import upkeep
from analytics.errors import NotSentError
from analytics.i18n import Translator
from analytics.services import alerting, digest, workspaces
from analytics.store import Store
from pages.shared import session
from tests.services.shops import products, receipts, sales, stock

EN, ZH = Translator("en"), Translator("zh")
SECRET = "Zq7nevertobetold"


def texts(app):
    return " ".join(part.value for part in [*app.markdown, *app.caption, *app.success, *app.error])


def button(app, label):
    return next(one for one in app.button if one.label == label)


def inbox():
    import streamlit as st

    from analytics.i18n import Translator
    from analytics.services import alerting as alarms
    from pages.shared import alerting, session

    t = Translator(st.session_state["spoken"])
    session.open_workspace(t)
    alerting.inbox(t, alarms.alerts(session.store()), most=st.session_state["most"])
    alerting.history(t)


def settings():
    import streamlit as st

    from analytics.i18n import Translator
    from pages.shared import alert_settings, session

    t = Translator(st.session_state["spoken"])
    session.open_workspace(t)
    alert_settings.rules(t)
    alert_settings.daily(t)


def run(page, language="en", most=8):
    app = AppTest.from_function(page, default_timeout=60)
    app.session_state["spoken"] = language
    app.session_state["most"] = most
    return app.run()


@pytest.fixture
def own(tmp_path, monkeypatch):
    """One's own shop, with a name that looks like markup, about to run out."""
    monkeypatch.setenv("LEEWAY_WORKSPACE", str(tmp_path / "own"))
    session.own_store.clear()
    listed = {"sku": "MUG", "name": "*杯子* [x](y)", "price": 10.0, "unit_cost": 4.0,
              "currency": "USD"}  # fmt: skip
    with Store.open(tmp_path / "own") as store:
        store.load([sales(), stock(("MUG", 40)), receipts(), products(listed)])
        yield store
    session.own_store.clear()


@pytest.mark.parametrize("t", [EN, ZH], ids=["en", "zh"])
def test_an_alarm_says_what_it_is_what_it_costs_and_what_to_do(own, t):
    app = run(inbox, t.language)
    assert not app.exception
    said = texts(app)
    assert t("alert.stockout_ahead") in said
    assert t("alert_action.order") in said
    assert r"\*杯子\* \[x\]\(y\)" in said  # letter by letter
    assert t("alarms.no_history") in said
    assert not any(word in said for word in ("nan", "None", "NaT"))


def test_a_snooze_asks_why_and_then_rests(own):
    app = run(inbox)
    button(app, EN("alarms.snooze")).click()
    app.run()
    assert EN("error.empty_reason") in texts(app)
    assert alerting.history(own).empty
    app.text_input[0].set_value("on its way")
    app.run()
    button(app, EN("alarms.snooze")).click()
    app.run()
    assert not app.error
    assert EN("alarms.none_but", resting="1") in texts(app)
    [act] = alerting.history(own).to_dict("records")
    assert (act["act"], act["reason"]) == ("snooze", "on its way")


@pytest.mark.parametrize("most", [8, None])
@pytest.mark.parametrize("t", [EN, ZH], ids=["en", "zh"])
def test_without_stock_no_all_clear_is_given_and_the_missing_table_is_named(own, t, most):
    [told] = own.imports().loc[lambda made: made["kind"] == "stock", "import_id"]
    own.undo(int(told))
    app = run(inbox, t.language, most)
    assert not app.exception
    assert not app.success
    [said] = [one.value for one in app.warning]
    assert t("alarms.untold") in said
    assert t("note.alerts_without_stock", items="1", all="1") in said


def test_who_acts_says_so_once_a_visit(own):
    app = run(inbox)
    name = next(one for one in app.text_input if one.label == EN("alarms.who"))
    assert name.value == workspaces.local_user()  # and stands there to be changed
    name.set_value("Lin")
    app.run()
    button(app, EN("alarms.take_on")).click()
    app.run()
    assert alerting.history(own)["who"].tolist() == ["Lin"]
    own.load([stock(("MUG", 5))])  # worse, so it is open again
    alerting.reopen(own, "stockout_ahead|MUG|US|", who="Bo")
    app.run()
    again = next(one for one in app.text_input if one.label == EN("alarms.who"))
    assert again.value == "Lin"


def test_several_are_dealt_with_by_one_act(own, monkeypatch):
    calls = []
    real = alerting.snooze
    monkeypatch.setattr(alerting, "snooze", lambda *a, **m: calls.append(a[1]) or real(*a, **m))
    app = run(inbox)
    app.text_input[0].set_value("on its way")
    app.run()
    button(app, EN("alarms.snooze")).click()
    app.run()
    assert calls == [["stockout_ahead|MUG|US|"]]


@pytest.mark.parametrize("t", [EN, ZH], ids=["en", "zh"])
def test_a_message_that_did_not_go_out_is_not_shown_as_sent(own, t):
    now = datetime(2026, 6, 1, 9, 5, tzinfo=UTC)
    digest.settle(own, is_on=True, hour=8, language="en", addresses=["json://127.0.0.1:9/x"])
    with pytest.raises(NotSentError):
        upkeep.send_if_due(own, now)
    app = run(settings, t.language)
    assert not app.exception
    [said] = [one.value for one in app.warning]
    assert t("digest_failure.not_sent") in said
    assert "09:05" in said
    assert t("digest.sent_on", day="2026-06-01") not in texts(app)


@pytest.mark.parametrize("t", [EN, ZH], ids=["en", "zh"])
def test_every_failure_has_words(t):
    assert all(t.has(f"digest_failure.{code}") for code in digest.FAILURES)


def test_whoever_takes_it_on_needs_no_reason(own):
    app = run(inbox)
    button(app, EN("alarms.take_on")).click()
    app.run()
    assert alerting.alerts(own).table["state"].tolist() == ["acknowledged"]


def test_every_alarm_stands_in_the_table_of_the_whole_inbox(own):
    app = run(inbox, most=None)
    assert not app.exception
    table = app.dataframe[0].value
    assert table["sku"].tolist() == ["MUG"]
    assert table["alert_action"].tolist() == [EN("alert_action.order")]


def test_a_saved_address_is_never_shown_again(own):
    app = run(settings)
    assert not app.exception
    assert EN("digest.none_kept") in texts(app)
    app.text_area(key="digest_addresses").set_value(f"feishu://{SECRET}")
    app.toggle(key="digest_on").set_value(True)
    button(app, EN("digest.save")).click()
    app.run()
    assert not app.exception
    assert EN("digest.saved") in texts(app)
    known = digest.settings(own)
    assert (known.is_on, known.addresses) == (True, (f"feishu://{SECRET}",))
    app.run()
    shown = texts(app) + app.text_area(key="digest_addresses").value
    assert SECRET not in shown
    assert "told" in shown  # the last letters tell one address from another
    button(app, EN("digest.remove")).click()
    app.run()
    assert digest.settings(own) == digest.Settings()


def test_a_wrong_address_is_refused_by_its_line(own):
    app = run(settings)
    app.text_area(key="digest_addresses").set_value(f"feishu://abc\nfile:///etc/{SECRET}")
    button(app, EN("digest.save")).click()
    app.run()
    assert EN("error.bad_address", line="2") in texts(app)
    assert digest.settings(own).addresses == ()


@pytest.mark.parametrize("page", [inbox, settings])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_both_are_drawn_of_the_sample(page, language):
    app = run(page, language)
    assert not app.exception
    assert "{" not in texts(app)
