"""The pages run in this process, on the sample seller, in a workspace that nobody uses."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from analytics.services import hosting, serving
from analytics.store import Store
from pages.shared import session

from .small_shop import SALES, TABLES, bring_in

APP = Path(__file__).parents[2] / "app.py"


@pytest.fixture(scope="module", autouse=True)
def workspace(tmp_path_factory):
    """An empty workspace of one's own, so that the sample is shown."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEEWAY_WORKSPACE", str(tmp_path_factory.mktemp("workspace")))
        session.own_store.clear()
        yield
        session.own_store().close()
        session.own_store.clear()


@pytest.fixture
def visit():
    """Open the app as a browser with this locale and this address would."""

    def opened(page="replenish", locale="en-GB", **query):
        app = AppTest.from_file(APP, default_timeout=60)
        app.context = {"locale": locale}
        app.query_params.update(query)
        return (app if page == "overview" else app.switch_page(f"pages/{page}.py")).run()

    return opened


def secret(team, role):
    return f"{team} {role} harbour lamp 42"


@pytest.fixture(scope="session")
def stocked(tmp_path_factory):
    """The folder of a small shop's workspace, which nobody changes."""
    folder = tmp_path_factory.mktemp("stocked")
    with Store.open(folder / "shop") as store:
        bring_in(store, folder, {"sales": SALES} | TABLES)
    return folder / "shop"


@pytest.fixture(scope="module")
def shop(stocked, tmp_path_factory):
    """The folder of a small shop's workspace."""
    return shutil.copytree(stocked, tmp_path_factory.mktemp("house") / "shop")


@pytest.fixture(scope="module")
def house(shop, stocked):
    """Two workspaces with a team each, and the small shop's data in both."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEEWAY_WORKSPACE", str(shop))
        patch.setenv("LEEWAY_ACCESS", "password")
        patch.delenv("LEEWAY_HOME", raising=False)
        session.own_store.clear()
        register, now = hosting.register(hosting.settings()), datetime.now(UTC)
        room = register.create_room("Birch", who="lead", now=now)
        for room_id, team in (("main", "aspen"), (room.workspace_id, "birch")):
            for role in ("owner", "editor", "viewer"):
                register.set_secret(room_id, role, secret(team, role), who="lead", now=now)
        shutil.copytree(stocked, hosting.settings().home / room.folder)
        yield register, room.workspace_id
        session.own_store.clear()
        hosting.close(hosting.settings())


@pytest.fixture
def enter(house, monkeypatch):
    """Open a page as somebody who has signed in with a team's secret."""
    register, _ = house

    def entered(team, role, page="team", locale="en-GB", view="", held="", **query):
        name, now = "main" if team == "aspen" else "Birch", datetime.now(UTC)
        held = register.sign_in(name, secret(team, role), "Lin", now=now, held=held)
        cookies = {serving.SESSION: held}
        monkeypatch.setattr(session, "_cookie", lambda name: cookies.get(name, ""))
        app = AppTest.from_file(APP, default_timeout=90)
        app.context = {"locale": locale}
        app.query_params.update(query)
        if view:
            app.session_state["view"] = view
        app.held = held
        return (app if page == "overview" else app.switch_page(f"pages/{page}.py")).run()

    return entered
