"""Named scenarios and links: kept through whatever happens, and never moving the version."""

import gzip
import inspect
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from analytics.errors import (
    ReadOnlyWorkspaceError,
    TakenNameError,
    UnknownLinkError,
    UnknownScenarioError,
)
from analytics.store import Store

from .sheets import order, sheet

GOLDEN = Path(__file__).parent / "golden"
NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
SHARE = {
    "token_hash": "aa", "kind": "live", "name": "Late ship", "note": "", "author": "Lin",
    "query": "lead_time_delay_days=14", "item": "", "hides_money": True, "is_sample": False,
    "data_version": "v", "fingerprint": "", "checksum": "", "created_at": NOW,
    "expires_at": NOW + timedelta(days=30),
}  # fmt: skip
ACT = {
    "alert_id": "warning_line|A|US|", "act": "snooze", "as_of": date(2026, 1, 5),
    "until": date(2026, 1, 9), "money_per_day": 12.5, "units": 3.0, "reason": "on its way",
    "who": "Lin", "is_sample": False, "acted_at": NOW,
}  # fmt: skip


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "own") as opened:
        opened.load([sheet(order("1", "A", 5))])
        yield opened


def shared(store, **facts):
    return store.save_share(SHARE | facts)


def test_a_name_stands_for_one_scenario_however_it_is_written(store):
    number = store.save_scenario("Port Strike", "x=1", note="June", author="Lin")
    with pytest.raises(TakenNameError):
        store.save_scenario("port strike", "x=2")
    assert store.save_scenario("port strike", "x=2", author="Bo", replaces=True) == number
    [row] = store.scenarios().to_dict("records")
    assert (row["name"], row["query"], row["author"]) == ("port strike", "x=2", "Bo")


def test_a_removed_scenario_gives_its_name_back_and_keeps_its_number(store):
    number = store.save_scenario("A", "x=1")
    store.remove_scenario(number, who="Lin")
    assert store.scenarios().empty
    with pytest.raises(UnknownScenarioError):
        store.remove_scenario(number)
    assert store.save_scenario("a", "x=3") == number + 1


def test_scenarios_links_and_views_leave_the_version_alone(store):
    version = store.version
    store.save_scenario("A", "x=1")
    number = shared(store)
    store.enter_share(number, "s1", now=NOW, until=NOW + timedelta(hours=1))
    store.revoke_share(number, now=NOW)
    assert store.version == version


def test_views_are_counted_and_old_visits_forgotten(store):
    number = shared(store)
    for hour in range(3):
        now = NOW + timedelta(hours=hour)
        store.enter_share(number, f"s{hour}", now=now, until=now + timedelta(minutes=90))
    [row] = store.shares().to_dict("records")
    assert row["views"] == 3
    assert row["last_viewed_at"] == pd.Timestamp("2026-01-05 14:00")
    assert store.share_of_session("s0").empty
    assert store.share_of_session("s2")["share_id"].tolist() == [number]


def test_a_closed_link_forgets_its_guests_and_cannot_be_closed_twice(store):
    number = shared(store)
    store.enter_share(number, "s", now=NOW, until=NOW + timedelta(hours=1))
    store.revoke_share(number, now=NOW, who="Bo")
    assert store.share_of_session("s").empty
    [row] = store.shares().to_dict("records")
    assert (row["revoked_by"], row["revoked_at"]) == ("Bo", pd.Timestamp("2026-01-05 12:00"))
    with pytest.raises(UnknownLinkError):
        store.revoke_share(number, now=NOW)


def test_an_answer_comes_back_byte_by_byte(store):
    content = bytes(range(256)) * 500
    number = store.save_share(SHARE, content, "hash")
    assert store.share_answer(number) == (content, "hash")
    assert store.share_answer(number + 1) is None


def test_a_backup_keeps_scenarios_and_closes_links(store, tmp_path):
    """A link may have been closed since the backup was made: it must not open again."""
    store.save_scenario("Port strike", "x=1", author="Lin")
    number = shared(store)
    store.enter_share(number, "s", now=NOW, until=NOW + timedelta(hours=1))
    made = store.backup(tmp_path / "made.zip")
    store.save_scenario("Later", "x=2")
    store.revoke_share(number, now=NOW)
    store.restore(made)
    assert store.scenarios()["name"].tolist() == ["Port strike"]
    assert store.shares()["revoked_at"].notna().all()
    assert store.check() == []


def test_a_copy_for_readers_holds_the_scenarios(store):
    store.save_scenario("Port strike", "x=1")
    with Store.open_snapshot(store.folder) as copy:
        assert copy.scenarios()["name"].tolist() == ["Port strike"]


# What changes a workspace, with arguments that would do it.
CHANGES = {
    "act_on": (("ship", {1: None}), {}),
    "act_on_alerts": (([ACT],), {}),
    "backup": ((), {}),
    "decide": ((pd.DataFrame([{"sku": "A", "market": "US", "route": "sea", "quantity": 1.0}]),),
               {"decided_on": date(2026, 1, 5)}),
    "enter_share": ((1, "s"), {"now": NOW, "until": NOW}),
    "export_lake": ((Path("nowhere"),), {}),
    "forget_mapping": (("f",), {}),
    "forget_recovery": ((), {}),
    "judge": (("item", {"{}": "{}"}), {}),
    "keep_raw": ((b"x",), {}),
    "leave_share": (("s",), {}),
    "link_lake": ((Path("nowhere"),), {}),
    "load": (([sheet(order("2", "B", 1))],), {}),
    "redo": ((1,), {}),
    "remove_scenario": ((1,), {}),
    "restore": (("nowhere.zip",), {}),
    "revoke_share": ((1,), {"now": NOW}),
    "save_forecasts": (("run", b"", [], None), {}),
    "save_mapping": (("f", "{}"), {}),
    "save_private": (("digest", lambda _: {}), {}),
    "save_scenario": (("N", "x=1"), {}),
    "save_setting": (("days", "1"), {}),
    "save_share": ((SHARE,), {}),
    "snapshot": ((), {}),
    "sweep_raw": ((date(2026, 1, 5),), {}),
    "undo": ((1,), {}),
    "undo_acts": (([1],), {}),
    "unlink_lake": ((), {}),
    "withdraw": ((1,), {}),
    "withdraw_many": (([1],), {}),
}  # fmt: skip
# What only answers, or ends.
ANSWERS = {
    "acting_for", "acts", "alert_acts", "all_judgements", "as_reader", "check", "close", "coverage",
    "daily_returns", "daily_sales", "events", "forecast_background", "imports", "item_coverage",
    "items", "judgements", "known_forecasts", "ledger", "ledger_acts", "linked_lake", "mapping",
    "mappings",
    "named", "named_aliases", "named_bundles", "named_markets", "prices_paid", "purchase_orders",
    "rates",
    "readings", "rejects", "routes", "run_forecasts", "scenarios", "settings", "share_answer",
    "share_of_session", "share_of_token", "shares", "stock_history", "stock_places", "unbalanced",
}  # fmt: skip


def test_every_method_either_answers_or_changes():
    """Whoever adds a method to the store says here which of the two it does."""
    methods = {
        name
        for name, member in inspect.getmembers(Store, inspect.isfunction)
        if not name.startswith("_")
    }
    assert methods == CHANGES.keys() | ANSWERS


def test_a_guest_can_change_nothing(store):
    shared(store)
    store.save_scenario("A", "x=1")
    version, files = store.version, sorted(store.folder.rglob("*"))
    with store.as_reader() as reader:
        for name, (arguments, named) in CHANGES.items():
            with pytest.raises(ReadOnlyWorkspaceError):
                getattr(reader, name)(*arguments, **named)
    assert (store.version, sorted(store.folder.rglob("*"))) == (version, files)


def test_a_guest_sees_what_stands_now(store):
    with store.as_reader() as reader:
        before = reader.version
        store.load([sheet(order("2", "B", 3))])
        assert reader.version == store.version != before
        assert sorted(reader.daily_sales()["sku"]) == ["A", "B"]
        reader.close()
    assert store.daily_sales()["units"].sum() == 8


def test_a_workspace_of_schema_4_gives_the_same_and_takes_scenarios(tmp_path):
    """The file was written by the version before scenarios were saved."""
    content = gzip.decompress((GOLDEN / "schema_4.duckdb.gz").read_bytes())
    (tmp_path / "leeway.duckdb").write_bytes(content)
    expected = json.loads((GOLDEN / "schema_4.json").read_text("utf-8"))
    with Store.open(tmp_path) as store:
        assert (store.version, store.salt) == (expected["version"], expected["salt"])
        assert store.judgements("pin")["scope"].tolist() == expected["pins"]
        for question in ("daily_sales", "coverage", "items", "purchase_orders", "ledger",
                         "ledger_acts"):  # fmt: skip
            told = json.loads(
                getattr(store, question)().to_json(orient="records", date_format="iso")
            )
            known = pd.DataFrame(expected[question])  # newer answers tell more
            pd.testing.assert_frame_equal(pd.DataFrame(told)[[*known]], known)
        assert store.check() == []
        assert store.scenarios().empty
        assert store.shares().empty
        store.save_scenario("Port strike", "x=1")
    [kept] = (tmp_path / "backup").glob("schema-4-*.duckdb")
    assert kept.read_bytes() == content
