"""Who wants to stop does not wait for the statement at work."""

import time

import pytest

from analytics.errors import Cancelled
from analytics.progress import silent
from analytics.store import Store
from analytics.store.stopping import stoppable

ENDLESS = (
    "SELECT count(*) FROM range(100000000) AS a, range(100000000) AS b WHERE a.range < b.range"
)


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "own") as opened:
        yield opened


def test_a_statement_is_broken_off_and_nothing_of_the_change_stands(store):
    asked = []

    def stop(done, total, item):
        asked.append((time.monotonic(), (done, total, item)))
        if len(asked) > 1:
            raise Cancelled

    def change():
        with store._database.transaction() as cursor, stoppable(cursor, stop) as step:
            cursor.execute("INSERT INTO settings (name, value) VALUES ('half', '1')")
            step(1, 2, "a.csv")
            cursor.execute(ENDLESS)

    with pytest.raises(Cancelled):
        change()
    assert time.monotonic() - asked[1][0] < 2
    assert {what for _, what in asked} == {(1, 2, "a.csv")}, "what was last told is told again"
    assert "half" not in store.settings()
    store.save_setting("after", "1")
    assert store.settings()["after"] == "1"


def test_who_does_not_stop_is_not_hindered(store):
    told = []
    opened = store._database.transaction

    def note(*step):
        told.append(step)

    with opened() as cursor, stoppable(cursor, note) as step:
        step(0, 1, "a.csv")
        assert cursor.execute("SELECT 42").fetchone() == (42,)
    assert told[0] == (0, 1, "a.csv")
    with store._database.cursor() as cursor, stoppable(cursor, silent) as step:
        assert step is silent


def test_between_two_statements_one_can_stop_too(store):
    asked = []

    def stop(*step):
        asked.append(step)
        if len(asked) > 1:
            raise Cancelled

    def ask():
        with store._database.cursor() as cursor, stoppable(cursor, stop) as step:
            step(0, 1, "a.csv")
            time.sleep(1)
            cursor.execute("SELECT 1")

    with pytest.raises(Cancelled):
        ask()


def test_work_between_statements_stops_at_its_next_report(store):
    """Whoever watches hears it first; the work must hear it too, and not go on to its end."""
    started, steps = time.monotonic(), []

    def stop(*_step):
        if time.monotonic() - started > 0.3:
            raise Cancelled

    def work():
        with store._database.cursor() as cursor, stoppable(cursor, stop) as step:
            for turn in range(40):
                step(turn, 40, "a.csv")
                steps.append(turn)
                time.sleep(0.1 if turn else 0.7)  # the watch asks while this sleeps

    with pytest.raises(Cancelled):
        work()
    assert steps == [0]
