"""kill -9 at any moment: nothing acknowledged is lost, nothing is half, the workspace opens.

``SOAK_KILLS`` is how many processes are killed: 50 in the check, 500 by `make soak`.
"""

import os
import random

import pytest

from analytics.store import Store
from tests.faults import kills

from . import nursery

KILLS = int(os.environ.get("SOAK_KILLS", "50"))
PER_WORKSPACE = 25  # so that many are killed over an empty one, and many over a grown one

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(os.name != "posix", reason="kill -9 is POSIX"),
]


@pytest.fixture(scope="module")
def workers():
    with kills.nursery(nursery.__file__) as running:
        yield running


def kill_one(workers, folder, side, rng):
    """Kill a worker at any moment of its imports, or, one in five, while it opens the workspace."""
    once_open = rng.random() < 0.8
    workers.killed(folder, side, seconds=rng.uniform(0.0, 0.3), once_open=once_open)


def standing(side):
    """The numbers of the imports that were acknowledged, and of those taken back."""
    loads, undone = [], set()
    for line in kills.acknowledged(side):
        act, number = line.split()
        if act == "load":
            loads.append(int(number))
        else:
            (undone.add if act == "undo" else undone.discard)(int(number))
    return loads, undone


def look(folder, side):
    """Compare what stands with what was acknowledged; return how many imports there are."""
    loads, undone = standing(side)
    with Store.open(folder) as store:
        imports = store.imports().sort_values("import_id")
        numbers = imports["import_id"].tolist()
        assert numbers == list(range(1, len(numbers) + 1))
        assert len(numbers) % 2 == 0, "half an upload"
        assert len(numbers) >= max(loads, default=-1) + 1, "an acknowledged import is lost"
        assert len(numbers) <= max(loads, default=-1) + 3, "more than was being done"
        assert imports["rows_new"].tolist() == [nursery.expected(n)[0] for n in numbers]
        taken_back = set(imports.loc[imports["undone_at"].notna(), "import_id"])
        assert len(taken_back ^ undone) <= 1, "an acknowledged undo is lost"
        units = sum(nursery.expected(n)[1] for n in numbers if n not in taken_back)
        assert store.daily_sales()["units"].sum() == units
        assert store.unbalanced().empty
        assert store.is_settled
        assert store.recovery is None
        if taken_back ^ undone:  # it was done, and the process killed before it could say so
            [number] = taken_back ^ undone
            act = "undo" if number in taken_back else "redo"
            with side.open("a", encoding="utf-8") as file:
                file.write(f"{act} {number}\n")
    if numbers and numbers[-1] - 1 not in loads:
        with side.open("a", encoding="utf-8") as file:
            file.write(f"load {numbers[-1] - 1}\n")
    return len(numbers)


@pytest.mark.parametrize("first", range(0, KILLS, PER_WORKSPACE))
def test_a_killed_process_loses_nothing_and_leaves_nothing_half(
    workers, tmp_path, first, record_property
):
    rng = random.Random(first)
    side = tmp_path / "acknowledged"
    imports = done = 0
    for _ in range(first, min(first + PER_WORKSPACE, KILLS)):
        kill_one(workers, tmp_path / "own", side, rng)
        done += 1
        now = look(tmp_path / "own", side)
        assert now >= imports
        imports = now
    record_property("kills", done)
    assert imports > 0
