"""Health is told of every workspace that is open, and of the disk, whatever else goes on."""

import os
import threading
import time
from datetime import UTC, datetime

import pytest

from analytics.access import MAIN, Visitor
from analytics.services import doors, hosting, wellbeing
from analytics.services.hosting import Hosting
from analytics.store.database import MOST_AWAKE
from tests.faults import nursery
from tests.faults.test_room import on_a_small_disk

NOW = datetime(2026, 7, 1, tzinfo=UTC)
FILLED = """
import os, sys
from pathlib import Path
from analytics.services import wellbeing, workspaces
from analytics.services.hosting import Hosting

home = Path(sys.argv[1])
os.environ["LEEWAY_WORKSPACE"] = str(home / "own")
with workspaces.open_own():
    told = [wellbeing.ailment(Hosting(home=Path("/")), least=20 << 20)]
    ballast = home / "ballast"
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, 110 << 20)
    told.append(wellbeing.ailment(Hosting(home=Path("/")), least=20 << 20))
    ballast.unlink()
    told.append(wellbeing.ailment(Hosting(home=Path("/")), least=20 << 20))
print(",".join(told))
"""


@pytest.fixture
def host(tmp_path, monkeypatch):
    monkeypatch.setenv("LEEWAY_WORKSPACE", str(tmp_path / "own"))
    served = Hosting(home=tmp_path / "host")
    yield served
    hosting.close(served)


def rooms_of(host, count):
    """Make rooms, open them one after the other, and return their stores."""
    owner = Visitor("", "Ann", "", {MAIN: "owner"}, datetime.max.replace(tzinfo=UTC), {})
    made = [hosting.create_room(host, owner, f"Team {n}", now=NOW) for n in range(count)]
    return [doors.open_room(host, room.workspace_id) for room in made]


def test_a_room_that_does_not_answer_is_told(host):
    first, second = rooms_of(host, 2)
    assert wellbeing.ailment(host, least=0) == ""
    second._database._connection.close()  # as DuckDB does once it has given up
    assert wellbeing.ailment(host, least=0) == "store"
    assert first.version


def test_rooms_that_rest_are_let_rest_and_nobody_is_kept_awake(host):
    stores = rooms_of(host, MOST_AWAKE + 2)

    def awake():
        return [(store._database.is_awake, store._database._used_at) for store in stores]

    before = awake()
    assert sum(is_awake for is_awake, _ in before) == MOST_AWAKE
    assert wellbeing.ailment(host, least=0) == ""
    assert awake() == before
    assert all(store.version for store in stores)


def test_it_is_told_at_once_while_an_import_runs(host):
    [store] = rooms_of(host, 1)
    ended = threading.Event()

    def bring_in():
        for number in range(3):
            nursery.bring_in(store, number)
        ended.set()

    work = threading.Thread(target=bring_in)
    work.start()
    waits = []
    while not ended.is_set():
        began = time.monotonic()
        assert wellbeing.ailment(host, least=0) == ""
        waits.append(time.monotonic() - began)
        time.sleep(0.01)
    work.join()
    print(f"asked {len(waits)} times during imports: answered within {max(waits):.2f} s")
    assert len(waits) > 10
    assert max(waits) < 8  # which the endpoint waits


@pytest.mark.skipif(os.name != "posix", reason="disks in memory are Linux")
def test_a_disk_without_room_is_told_and_forgotten_once_there_is_some(tmp_path):
    answer = on_a_small_disk(FILLED, tmp_path, megabytes=120)
    assert answer.returncode == 0, answer.stderr[-2000:]
    assert answer.stdout.strip() == ",disk,"
