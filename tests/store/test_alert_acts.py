"""What people do about alarms: kept through whatever happens, and never moving the version."""

import gzip
import json
import stat
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from analytics.errors import ReadOnlyWorkspaceError
from analytics.store import Store, private

from .sheets import order, sheet

GOLDEN = Path(__file__).parent / "golden"
NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
ACT = {
    "alert_id": "stockout_ahead|MUG|US|", "act": "snooze", "as_of": date(2026, 1, 5),
    "until": date(2026, 1, 9), "money_per_day": 12.5, "units": 3.0, "reason": "on its way",
    "who": "Lin", "is_sample": False, "acted_at": NOW,
}  # fmt: skip


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "own") as opened:
        opened.load([sheet(order("1", "A", 5))])
        yield opened


def test_an_act_comes_back_as_it_was_noted_and_leaves_the_version_alone(store):
    version = store.version
    assert store.act_on_alerts([ACT]) == [1]
    assert store.act_on_alerts([ACT | {"act": "reopen", "until": None, "money_per_day": None}]) == [
        2
    ]
    assert store.version == version
    newest, oldest = store.alert_acts().to_dict("records")
    assert (newest["act"], newest["act_id"]) == ("reopen", 2)
    assert pd.isna(newest["until"])
    assert pd.isna(newest["money_per_day"])
    assert oldest["acted_at"] == pd.Timestamp("2026-01-05 12:00")
    assert (oldest["until"], oldest["money_per_day"]) == (pd.Timestamp("2026-01-09"), 12.5)
    assert (oldest["reason"], oldest["who"], oldest["is_sample"]) == ("on its way", "Lin", False)


def test_many_acts_are_one_change_with_one_copy_and_all_or_nothing(store):
    def copies():
        return {path.name for path in (store.folder / "backup").glob("snapshot-*")}

    before = copies()
    many = [ACT | {"alert_id": f"stockout_ahead|MUG {n}|US|"} for n in range(64)]
    assert store.act_on_alerts(many, who="Lin") == [*range(1, 65)]
    assert len(copies() - before) == 1
    with pytest.raises(duckdb.Error):
        store.act_on_alerts([ACT, ACT | {"act": None}])
    assert len(store.alert_acts()) == 64
    after = copies()
    assert store.act_on_alerts([]) == []
    assert copies() == after


def test_a_backup_and_a_copy_for_readers_hold_the_acts(store, tmp_path):
    store.act_on_alerts([ACT])
    made = store.backup(tmp_path / "made.zip")
    with Store.open_snapshot(store.folder) as copy:
        assert copy.alert_acts()["alert_id"].tolist() == [ACT["alert_id"]]
    store.act_on_alerts([ACT | {"act": "reopen"}])
    store.restore(made)
    assert store.alert_acts()["act"].tolist() == ["snooze"]
    assert store.check() == []


def test_who_may_only_look_notes_nothing(store):
    with store.as_reader() as reader, pytest.raises(ReadOnlyWorkspaceError):
        reader.act_on_alerts([ACT])
    assert store.alert_acts().empty


def test_a_workspace_of_schema_5_gives_the_same_and_takes_acts(tmp_path):
    """The file was written by the version before alarms could be snoozed."""
    content = gzip.decompress((GOLDEN / "schema_5.duckdb.gz").read_bytes())
    (tmp_path / "leeway.duckdb").write_bytes(content)
    expected = json.loads((GOLDEN / "schema_5.json").read_text("utf-8"))
    with Store.open(tmp_path) as store:
        assert (store.version, store.salt) == (expected["version"], expected["salt"])
        assert store.judgements("pin")["scope"].tolist() == expected["pins"]
        for question in ("daily_sales", "coverage", "items", "purchase_orders", "ledger",
                         "ledger_acts", "scenarios", "shares"):  # fmt: skip
            told = json.loads(
                getattr(store, question)().to_json(orient="records", date_format="iso")
            )
            known = pd.DataFrame(expected[question])  # newer answers tell more
            pd.testing.assert_frame_equal(pd.DataFrame(told)[[*known]], known)
        assert store.share_answer(1) == (b"answer", "hash")
        assert store.check() == []
        assert store.alert_acts().empty
        store.act_on_alerts([ACT])
    [kept] = (tmp_path / "backup").glob("schema-5-*.duckdb")
    assert kept.read_bytes() == content


def test_what_is_private_is_the_owners_and_stays_out_of_every_backup(store, tmp_path):
    secret = "https://hooks.example/Q7x-not-to-be-seen"
    private.write(store.folder, {"digest": {"addresses": [secret]}})
    path = store.folder / private.FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert private.read(store.folder) == {"digest": {"addresses": [secret]}}
    made = store.backup(tmp_path / "made.zip", raw=True)
    store.snapshot()
    mark = b"Q7x-not-to-be-seen"
    others = [made, *(each for each in store.folder.rglob("*") if each.is_file() and each != path)]
    assert not [each for each in others if mark in each.read_bytes()]
    store.restore(made)
    assert private.read(store.folder)["digest"]["addresses"] == [secret]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b"[" * 60_000, b" " * 70_000])
def test_a_file_that_is_none_of_ours_tells_nothing(store, content):
    (store.folder / private.FILE).write_bytes(content)
    assert private.read(store.folder) == {}
    private.write(store.folder, {"a": 1})
    assert private.read(store.folder) == {"a": 1}
