"""Share & team: what it shows in each way of letting people in, and what can be done on it."""

import shutil
from datetime import UTC, datetime

import pytest
from streamlit.testing.v1 import AppTest

from analytics import actor
from analytics.i18n import LANGUAGES, Translator, catalog
from analytics.services import hosting, serving
from analytics.web import visits
from pages.shared import acting, auditing, session

from .conftest import APP, secret

EN, ZH = Translator("en"), Translator("zh")
LOCALES = {"en-GB": EN, "zh-CN": ZH}


def now():
    return datetime.now(UTC)


def said(app):
    parts = ("caption", "markdown", "header", "subheader", "info", "warning", "error", "success")
    return "\n".join(str(part.value) for name in parts for part in app.get(name))


@pytest.mark.parametrize("locale", LOCALES)
def test_an_owner_sets_a_secret_and_makes_a_workspace(enter, house, locale):
    register, _ = house
    app = enter("aspen", "owner", locale=locale, view="members")
    app.text_input(key="secret_new").input("short")
    app.button(key=submit(app, "team.set_secret", locale)).click().run()
    assert len(app.error) == 1
    app.selectbox(key="secret_role").select("viewer")
    app.text_input(key="secret_new").input(secret("aspen", f"viewer {locale}"))
    app.button(key=submit(app, "team.set_secret", locale)).click().run()
    assert [one.value for one in app.error] == []
    assert [done.value for done in app.success] == [LOCALES[locale]("team.secret_set")]
    name = f"Cedar {locale}"
    app.session_state["view"] = "rooms"
    app.run()
    app.text_input(key="room_name").input(name)
    app.button(key=submit(app, "team.create", locale)).click().run()
    assert name in [room.name for room in register.rooms(now=now())]
    app.session_state["view"] = "audit"
    app.run()
    told = app.dataframe[0].value
    assert LOCALES[locale]("act.secret_set") in told["deed"].tolist()
    register.set_secret("main", "viewer", secret("aspen", "viewer"), who="lead", now=now())


@pytest.mark.parametrize("locale", LOCALES)
def test_who_has_no_other_workspace_is_told_that_they_cannot_bring_it_back(enter, house, locale):
    """Nobody is let in who may enter nothing; nor does the secret of what was deleted open."""
    t, (register, room_id) = LOCALES[locale], house
    app = enter("birch", "owner", locale=locale, view="rooms")
    name = register.room(room_id).name
    assert t("team.delete_help_only", name=name, days=t.number(30)) in said(app)
    register.delete_room(room_id, who="lead", now=now())
    try:
        assert register.sign_in("Birch", secret("birch", "owner"), "Lin", now=now()) is None
        assert not visits.knows(visits.House(hosting.settings()), {serving.SESSION: app.held})
    finally:
        register.bring_back_room(room_id, who="lead", now=now())


def submit(app, key, locale):
    label = LOCALES[locale](key)
    return next(button.key for button in app.button if button.label == label)


def test_a_room_is_deleted_once_its_name_is_typed_and_can_be_brought_back(enter, house, stocked):
    register, _ = house
    owner = enter("aspen", "owner", view="rooms")
    owner.text_input(key="room_name").input("Doomed")
    owner.button(key=submit(owner, "team.create", "en-GB")).click().run()
    doomed = next(room for room in register.rooms(now=now()) if room.name == "Doomed")
    shutil.copytree(stocked, hosting.settings().home / doomed.folder)
    app = AppTest.from_file(APP, default_timeout=90)
    app.query_params["room"] = doomed.workspace_id
    app.session_state["view"] = "rooms"
    app.switch_page("pages/team.py").run()
    assert app.button(key="delete_room_now").disabled
    assert "You can bring it back until you sign out" in said(app)
    app.text_input(key="room_to_delete").input("Doomed").run()
    app.button(key="delete_room_now").click().run()
    assert doomed.workspace_id not in [room.workspace_id for room in register.rooms(now=now())]
    back = AppTest.from_file(APP, default_timeout=90)
    back.session_state["view"] = "rooms"
    back.switch_page("pages/team.py").run()
    back.button(key=f"bring_back_{doomed.workspace_id}").click().run()
    assert not back.error
    assert doomed.workspace_id in [room.workspace_id for room in register.rooms(now=now())]


@pytest.fixture
def accounts(shop, monkeypatch):
    """The same shop where people come in with their work accounts; who is in it, by address."""
    monkeypatch.setenv("LEEWAY_WORKSPACE", str(shop))
    monkeypatch.setenv("LEEWAY_HOME", str(shop.with_name("accounts")))
    monkeypatch.setenv("LEEWAY_ACCESS", "oidc")
    monkeypatch.setenv("LEEWAY_ALLOWED", "@example.com")
    session.own_store.clear()
    register = hosting.register(hosting.settings())
    for role in reversed(actor.ROLES):
        register.set_member("main", f"{role}@example.com", role, who="lead", now=now())

    def entered(role, locale):
        held = register.sign_in_as(f"{role}@example.com", role.title(), now=now())
        monkeypatch.setattr(session, "_cookie", lambda name: held * (name == serving.SESSION))
        app = AppTest.from_file(APP, default_timeout=90)
        app.context = {"locale": locale}
        app.session_state["view"] = "members"
        return app.switch_page("pages/team.py").run()

    yield register, entered
    session.own_store.clear()
    hosting.close(hosting.settings())


@pytest.mark.parametrize("locale", LOCALES)
def test_members_are_noted_by_address(accounts, locale):
    register, entered = accounts
    t = LOCALES[locale]
    app = entered("owner", locale)
    assert not app.exception
    assert t("team.mode_oidc") in said(app)
    members, sessions = (table.value for table in app.dataframe)
    assert sorted(members["address"]) == [f"{role}@example.com" for role in sorted(actor.ROLES)]
    assert set(sessions["address"]) == {"owner@example.com"}
    app.text_input(key="member_address").input("New@Example.com")
    app.selectbox(key="member_role").select("viewer")
    app.button(key=submit(app, "team.set_member", locale)).click().run()
    assert [error.value for error in app.error] == []
    assert ("new@example.com", "viewer") in roles(register)
    app.text_input(key="member_address").input("owner@example.com")
    app.selectbox(key="member_role").select("viewer")
    app.button(key=submit(app, "team.set_member", locale)).click().run()
    assert len(app.error) == 1  # somebody has to be left who decides
    assert ("owner@example.com", "owner") in roles(register)
    register.remove_member("main", "new@example.com", who="lead", now=now())


def roles(register):
    return [(member.address, member.role) for member in register.members("main")]


@pytest.mark.parametrize("locale", LOCALES)
def test_who_does_not_own_reads_who_may_say_who_comes_in(accounts, locale):
    _, entered = accounts
    for role in ("editor", "viewer"):
        app = entered(role, locale)
        assert not app.exception
        assert not app.error
        assert not app.dataframe
        assert LOCALES[locale]("team.only_owner_sees") in said(app)
        assert [field.key for field in app.text_input] == []


def test_every_deed_has_words():
    told = {*hosting.ACTS, "counted"}
    for language in LANGUAGES:
        keys = {key.removeprefix("act.") for key in catalog(language) if key.startswith("act.")}
        assert keys == told
        assert {f"role.{role}" for role in actor.ROLES} <= set(catalog(language))


def test_counts_are_told_without_those_of_nothing():
    assert auditing.counted(EN, {"rows_new": 1200, "rows_updated": 0}).endswith("1,200")
    assert auditing.counted(EN, {}) == ""
    assert auditing.thing(ZH, "act_on", "ship") == ZH("ledger_step.ship")
    assert auditing.thing(EN, "load", "ship") == "ship"


@pytest.mark.parametrize("locale", LOCALES)
def test_where_nobody_is_asked_the_page_says_how_to_host(stocked, tmp_path, monkeypatch, locale):
    monkeypatch.setenv("LEEWAY_WORKSPACE", str(shutil.copytree(stocked, tmp_path / "alone")))
    monkeypatch.delenv("LEEWAY_ACCESS", raising=False)
    t = LOCALES[locale]
    for view in acting.VIEWS:
        app = AppTest.from_file(APP, default_timeout=90)
        app.context = {"locale": locale}
        app.session_state["view"] = view
        app.switch_page("pages/team.py").run()
        assert not app.exception
        assert not app.error
        assert app.header[0].value == t("page.team")
        assert t("team.looks_only") not in said(app)
        assert not any(table.value["created_at"].notna().any() for table in app.dataframe)
        if view == "members":
            assert [info.value for info in app.info] == [t("team.modes")]
