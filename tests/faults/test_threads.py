"""Many at one workspace at once: each gets its own rows, and what two bring at once counts once.

``SOAK_CASES`` is how far this goes: 20,000 questions and 100 races from 100 on.
"""

import os
import re
import threading
from pathlib import Path

import pytest

from analytics.store import Store
from tests.store.sheets import order, sheet

PART = min(1.0, int(os.environ.get("SOAK_CASES", "4")) / 100)
THREADS, QUESTIONS, RACES = 50, max(int(20_000 * PART), 400), max(int(100 * PART), 4)
ROOT = Path(__file__).parents[2]


def at_once(many, work):
    """Call ``work(number)`` in so many threads that start together."""
    start = threading.Barrier(many)

    def begin(number):
        start.wait()
        work(number)

    threads = [threading.Thread(target=begin, args=(number,)) for number in range(many)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.soak
def test_everybody_gets_the_answer_to_their_own_question(tmp_path):
    wrong, asked = [], QUESTIONS // THREADS
    with Store.open(tmp_path / "own") as store:
        for number in range(THREADS):
            store.save_setting(f"canary-{number}", f"of {number}")

        def ask(number):
            for _ in range(asked):
                with store._database.cursor() as cursor:
                    told = cursor.execute(
                        "SELECT value FROM settings WHERE name = ?", [f"canary-{number}"]
                    ).fetchall()
                if told != [(f"of {number}",)]:
                    wrong.append((number, told))

        at_once(THREADS, ask)
    print(f"{THREADS} threads, {THREADS * asked:,} questions: {len(wrong)} wrong answers")
    assert wrong == []


@pytest.mark.soak
def test_what_four_bring_at_once_counts_once(tmp_path):
    faults = []
    with Store.open(tmp_path / "own") as store:
        for race in range(RACES):
            lines = [order(f"{race}-{n}", "A", 1) for n in range(50)]

            def load(_number, lines=lines):
                try:
                    store.load([sheet(*lines)])
                except Exception as fault:  # noqa: BLE001 - whatever it is, it is counted
                    faults.append(fault)

            at_once(4, load)
            assert store.daily_sales()["units"].sum() == 50 * (race + 1)
        assert store.check() == []
    print(f"{RACES} races of four: {len(faults)} faults, every total as it should be")
    assert faults == []


def test_nothing_of_ours_forks():
    """A fork after the database is open loses rows without a word."""
    forks = re.compile(r"os\.fork|import multiprocessing|from multiprocessing|ProcessPoolExecutor")
    source = [path for part in ("analytics", "pages") for path in (ROOT / part).rglob("*.py")]
    assert len(source) > 100
    assert [path.name for path in source if forks.search(path.read_text("utf-8"))] == []
