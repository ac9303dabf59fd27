"""Two teams on one host: the same items, each with marks of its own in everything that is told."""

import io
from datetime import UTC, datetime

import pandas as pd

from analytics.access import Register
from analytics.services import importing, workspaces
from analytics.services.serving import SESSION
from analytics.store import Store
from tests.pages.small_shop import SALES, TABLES

ASPEN, BIRCH = "ASPENMARK", "BIRCHMARK"
HOSTED = {"LEEWAY_ACCESS": "password"}
# What names things in words is each team's own; what is asked for by name is alike in both.
_OWN = ("Mug", "Lamp", "kitchen", "light", "Acme", "Bright", "Fair", "main", "P1", "P2", "P3")


def secret(team, role):
    return f"{team.lower()} {role} harbour lamp 42"


def tables(mark):
    """Return the small shop's tables as they would be a team's."""
    told = {"sales": SALES} | TABLES
    for word in _OWN:
        told = {name: text.replace(word, f"{mark}{word}") for name, text in told.items()}
    return told


def bring_in(store, path, told):
    """Bring tables into a workspace as one workbook: it is read in one go."""
    with pd.ExcelWriter(path) as book:
        for name, text in told.items():
            pd.read_csv(io.StringIO(text), dtype=str).to_excel(book, sheet_name=name, index=False)
    staged = importing.stage(store, [importing.Upload(path.name, path)])
    assert [sheet.problem for sheet in staged.sheets] == [None] * len(told)
    workspaces.load_and_forecast(store, staged)


def house(folder, only=()):
    """Make a first workspace and another one; return the first one's folder, home and the other.

    They hold all tables, or those alone that are named.
    """
    workspace, home, now = folder / "shop", folder / "shop.host", datetime.now(UTC)
    with Register.open(home) as register:
        room = register.create_room(f"Team {BIRCH}", who="lead", now=now)
        register.rename_room("main", f"Team {ASPEN}", who="lead", now=now)
        for room_id, team in (("main", ASPEN), (room.workspace_id, BIRCH)):
            for role in ("owner", "editor", "viewer"):
                register.set_secret(room_id, role, secret(team, role), who="lead", now=now)
    for place, mark in ((workspace, ASPEN), (home / room.folder, BIRCH)):
        with Store.open(place) as store:
            told = tables(mark)
            bring_in(store, folder / f"{mark}.xlsx", {name: told[name] for name in only or told})
    return workspace, home, room


def furnish(home, team, roles):
    """Name the first workspace of a home after a team, and set its secrets."""
    now = datetime.now(UTC)
    with Register.open(home) as register:
        register.rename_room("main", f"Team {team}", who="lead", now=now)
        for role in roles:
            register.set_secret("main", role, secret(team, role), who="lead", now=now)


def cookie(home, team, role, name="Lin"):
    """Return what the browser of one of a team carries, once they have signed in."""
    with Register.open(home) as register:
        now = datetime.now(UTC)
        held = register.sign_in(f"Team {team}", secret(team, role), name, now=now)
    return f"{SESSION}={held}"
