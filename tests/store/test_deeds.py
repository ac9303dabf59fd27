"""Deeds: who may change a workspace, under whose name, and what the audit hears of it."""

import gc
import inspect
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pandas as pd
import pytest

from analytics.actor import LOCAL, ROLES, Actor
from analytics.errors import (
    AnalyticsError,
    NotAllowedError,
    ReadOnlyWorkspaceError,
    UnknownRoomError,
    WriteFailedError,
)
from analytics.store import Store, database, deeds

from .sheets import order, sheet
from .test_shares import ACT, ANSWERS, CHANGES, NOW, SHARE

SKU, BUYER = "CANARY-77", "MALLORY"


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "own") as opened:
        opened.load([sheet(order("1", SKU, 5))])
        opened.save_share(SHARE)
        opened.save_scenario("A", "x=1")
        yield opened


def dump(store):
    """Every row of every table, as text."""
    with store._database.cursor() as cursor:
        names = sorted(row[0] for row in cursor.execute("SHOW TABLES").fetchall())
        return {
            name: sorted(map(repr, cursor.sql(f'FROM "{name}"').to_arrow_table().to_pylist()))
            for name in names
        }


def files(store):
    return sorted(
        (str(path), path.stat().st_size) for path in store.folder.rglob("*") if path.is_file()
    )


def call(store, name):
    arguments, named = CHANGES[name]
    return getattr(store, name)(*arguments, **named)


def test_whatever_changes_a_workspace_is_a_deed_and_nothing_else_is():
    public = {name for name, _ in inspect.getmembers(Store, inspect.isfunction) if name[0] != "_"}
    assert public - deeds.ALL.keys() == ANSWERS
    assert deeds.ALL.keys() == CHANGES.keys()
    assert {each.by for each in deeds.ALL.values()} == {"editor", "owner"}
    assert {each.act for each in deeds.ALL.values() if each.by == "owner"} == {
        "link_lake", "restore", "save_private", "unlink_lake",
    }  # fmt: skip


@pytest.mark.parametrize("role", ["viewer", "", "root"])
def test_who_may_only_look_changes_nothing(store, role):
    heard = []
    before = dump(store), files(store)
    looking = store.acting_for(Actor("Vi", role, lambda *told: heard.append(told)))
    for name in CHANGES:
        with pytest.raises(NotAllowedError) as refused:
            call(looking, name)
        assert refused.value.params["role"] == deeds.ALL[name].by
    assert looking.daily_sales()["sku"].tolist() == [SKU]
    assert (looking.read_only, looking.is_lent, heard) == (True, True, [])
    assert (dump(store), files(store)) == before


def test_a_guest_of_whatever_actor_changes_nothing(store):
    before = dump(store), files(store)
    for role in ROLES:
        guest = store.acting_for(Actor("Ann", role)).as_reader()
        for name in CHANGES:
            with pytest.raises((ReadOnlyWorkspaceError, NotAllowedError)):
                call(guest, name)
        again = guest.acting_for(LOCAL)  # there is no way back
        with pytest.raises(ReadOnlyWorkspaceError):
            again.save_setting("days", "1")
        guest.close()
    assert (dump(store), files(store)) == before


def test_an_editor_does_all_but_what_owners_do(store, tmp_path):
    editor = store.acting_for(Actor("Ed", "editor"))
    editor.save_setting("days", "1")
    made = editor.backup(tmp_path / "made.zip")
    before = dump(store), files(store)
    for name in ("raw_days", "backup_days"):
        with pytest.raises(NotAllowedError, match="owner"):
            editor.save_setting(name, "1")
    with pytest.raises(NotAllowedError, match="owner"):
        editor.restore(made)
    with pytest.raises(NotAllowedError, match="owner"):
        editor.save_private("digest", lambda _: {})
    assert (dump(store), files(store)) == before
    owner = store.acting_for(Actor("Olga", "owner"))
    owner.save_setting("raw_days", "9")
    owner.restore(made)
    assert "raw_days" not in store.settings()


def test_a_name_cannot_be_forged(store):
    """Whatever name is handed in, the history has the actor's."""
    ann = store.acting_for(Actor("Ann", "owner"))
    line = pd.DataFrame([{"sku": SKU, "market": "US", "route": "sea", "quantity": 1.0}])
    ann.load([sheet(order("2", "B", 1), who=BUYER)])
    ann.undo(2, who=BUYER)
    ann.redo(2, who=BUYER)
    [decided] = ann.decide(line, decided_on=date(2026, 1, 5), who=BUYER)
    [acted] = ann.act_on("ship", {decided: None}, who=BUYER)
    ann.undo_acts([acted], who=BUYER)
    [said] = ann.judge("item", {"{}": "{}"}, who=BUYER)
    ann.withdraw(said, who=BUYER)
    ann.act_on_alerts([ACT | {"who": BUYER}], who=BUYER)
    ann.remove_scenario(1, who=BUYER)
    ann.revoke_share(1, now=NOW, who=BUYER)
    written = dump(store)
    assert not [table for table, rows in written.items() if BUYER in "".join(rows)]
    signed = {table for table, rows in written.items() if "'Ann'" in "".join(rows)}
    assert len(signed) >= 6
    assert store.imports().set_index("import_id")["who"].to_dict() == {1: "Ann", 2: "Ann"}
    assert ACT["who"] == "Lin"  # what was handed in is as it was


def test_who_has_no_name_is_believed(store):
    store.load([sheet(order("2", "B", 1), who="Bo")])
    assert store.imports()["who"].tolist() == ["Bo", "Ann"]


def test_the_audit_hears_what_was_done_and_no_cell_of_it(store, tmp_path):
    heard = []
    ann = store.acting_for(Actor("Ann", "owner", lambda *told: heard.append(told)))
    many = sheet(order("2", SKU, 1), order("3", SKU, 2), order("1", SKU, 5))
    ann.load([many], dry_run=True)
    assert heard == []
    ann.load([many])
    ann.undo(2)
    ann.save_setting("carry", "12.5")
    scope = f'{{"sku": "{SKU}"}}'
    ann.judge("item", {scope: '{"unit_cost": 12.5}'})
    ann.withdraw(1)
    ann.save_share(SHARE)
    ann.enter_share(2, "secret", now=NOW, until=NOW)
    ann.act_on_alerts([ACT])
    ann.backup(tmp_path / "made.zip")
    ann.snapshot()
    assert heard == [
        ("load", many.file, {"sheets": 1, "rows_read": 3, "rows_new": 2, "rows_updated": 0,
                             "rows_identical": 1, "rows_rejected": 0}),
        ("undo", "#2", {}),
        ("save_setting", "carry", {}),
        ("judge", "item", {"lines": 1}),
        ("withdraw_many", "", {"lines": 1}),
        ("save_share", "#2", {}),
        ("enter_share", "#2", {}),
        ("act_on_alerts", "snooze", {"lines": 1}),
        ("backup", "made.zip", {}),
    ]  # fmt: skip
    assert not [told for told in heard if SKU in repr(told) or "12.5" in repr(told)]


def test_what_fails_is_not_told_and_what_cannot_be_told_is_done(store, caplog):
    heard = []
    ann = store.acting_for(Actor("Ann", "owner", lambda *told: heard.append(told)))
    with pytest.raises(KeyError):
        ann.undo(99)
    assert heard == []

    def full(*told):
        raise WriteFailedError(path="access.sqlite3", reason="no space left")

    store.acting_for(Actor("Ann", "owner", full)).save_setting("days", "3")
    assert store.settings()["days"] == "3"
    assert "not recorded" in caplog.text


# How long a file stays open


def is_open(store):
    return (store.folder / "leeway.duckdb").resolve() in database._opened


def test_a_store_in_somebodys_hands_keeps_the_file_until_it_is_let_go(tmp_path):
    with Store.open(tmp_path / "own") as store:
        ann = store.acting_for(Actor("Ann"))
    assert ann.is_empty  # the first was closed
    ann.close()
    ann.close()  # once more is fine
    assert not is_open(store)


def test_a_store_that_is_forgotten_counts_no_more(tmp_path):
    with Store.open(tmp_path / "own") as store:
        for _ in range(50):
            store.acting_for(Actor("Ann"))
    gc.collect()
    Store.open(tmp_path / "other").close()  # whoever comes or goes next counts them off
    assert not is_open(store)


def awake():
    return sum(one.rests and one.is_awake for one in list(database._opened.values()))


def test_of_many_workspaces_only_the_last_used_are_open_and_all_answer(tmp_path, monkeypatch):
    assert database.MOST_AWAKE == 15
    monkeypatch.setattr(database, "MOST_AWAKE", 4)
    number = 7
    stores = [Store.open(tmp_path / f"{n}", rests=True) for n in range(number)]
    try:
        for n, store in enumerate(stores):
            store.save_setting("mark", f"room {n}")
            assert awake() <= database.MOST_AWAKE

        def look(turn):
            n = (turn * 7) % number
            return stores[n].settings()["mark"] == f"room {n}"

        with ThreadPoolExecutor(8) as pool:
            assert all(pool.map(look, range(4 * number)))
        assert stores[0].settings()["mark"] == "room 0"
        assert awake() <= database.MOST_AWAKE
    finally:
        for store in stores:
            store.close()


def test_a_retired_workspace_answers_nothing_until_it_is_opened_anew(tmp_path):
    store = Store.open(tmp_path / "own", rests=True)
    ann = store.acting_for(Actor("Ann"))
    ann.save_setting("mark", "kept")
    Store.retire(store.folder)
    assert store.is_retired
    for refused in (store, ann):
        with pytest.raises(UnknownRoomError):
            refused.settings()
        with pytest.raises(UnknownRoomError):
            refused.save_setting("mark", "lost")
    with Store.open(tmp_path / "own", rests=True) as again:
        store.close()
        ann.close()
        assert again.settings()["mark"] == "kept"
        assert is_open(again)
    assert not is_open(again)


def test_a_question_that_is_being_answered_does_not_keep_a_workspace_open(tmp_path):
    store = Store.open(tmp_path / "own")
    ended = threading.Event()

    def ask():
        try:
            with store._database.cursor() as cursor:
                cursor.execute(
                    "SELECT sum(a.range + b.range) FROM range(1000000000) a, range(99) b"
                )
                cursor.fetchall()
        except AnalyticsError:
            ended.set()

    thread = threading.Thread(target=ask)
    thread.start()
    patience = time.monotonic() + 10
    while not store._database._gate._guests and time.monotonic() < patience:
        time.sleep(0.01)
    Store.retire(store.folder)
    assert ended.wait(10)
    thread.join()
    store.close()


def test_any_number_of_forgotten_stores_is_counted_off_at_once(store):
    """Two thousand visitors of a day were once two thousand calls within each other."""
    before = store._database.users
    for _ in range(2_000):
        store.acting_for(Actor("ana", "owner"))
    gc.collect()
    with Store.open(store.folder):
        assert store._database.users == before + 1
