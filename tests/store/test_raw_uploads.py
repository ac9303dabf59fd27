"""Uploads are kept as they came for some days, and then no longer."""

import os
from datetime import UTC, date, datetime, timedelta

import pytest

from analytics.store import Store

TODAY = date(2026, 6, 1)


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "own") as opened:
        yield opened


def kept(store, content, days):
    """Keep an upload as if it had come ``days`` before `TODAY`."""
    _, path = store.keep_raw(content)
    came = datetime(TODAY.year, TODAY.month, TODAY.day, 12).astimezone() - timedelta(days=days)
    os.utime(path, (came.timestamp(), came.timestamp()))
    return path


@pytest.mark.parametrize(
    ("setting", "gone"),
    [(None, 30), ("7", 7), ("365", 365), ("soon", 30), ("-1", 30), ("", 30), ("9" * 30, None)],
)
def test_uploads_are_deleted_after_the_days_that_were_set(store, setting, gone):
    if setting is not None:
        store.save_setting("raw_days", setting)
    days = gone if gone is not None else 3_000
    young, old = kept(store, b"young", days), kept(store, b"old", days + 1)
    store.sweep_raw(TODAY)
    assert old.exists()  # it takes a second look
    store.sweep_raw(TODAY + timedelta(days=2))
    assert young.exists()
    assert old.exists() == (gone is None)


def test_an_upload_that_comes_again_is_young_again(store):
    old = kept(store, b"the same", 100)
    today = datetime.now(UTC).astimezone().date()
    store.sweep_raw(today - timedelta(days=2))
    store.keep_raw(b"the same")
    store.sweep_raw(today)
    assert old.exists()


def test_a_workspace_without_uploads_has_nothing_to_sweep(store):
    store.sweep_raw(TODAY)
    assert not (store.folder / "raw").exists()
