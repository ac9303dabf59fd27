"""kill -9 while a workspace is brought to a newer shape: each step was made, or was not.

The files were written by older versions. ``SOAK_KILLS`` is how many processes are killed, at most
50; 3 in the check.
"""

import gzip
import os
import random
import shutil
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from analytics.store import Store, opening, proving, sql_files
from tests.faults import kills, nursery

KILLS = min(50, int(os.environ.get("SOAK_KILLS", "3")))
GOLDEN = Path(__file__).parents[1] / "store" / "golden"
OLD = (1, 3, 4, 5)  # schemas of which a file was kept
QUESTIONS = ("daily_sales", "coverage", "items", "purchase_orders", "stock_history", "imports")
NOW = len(sql_files.migrations())

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(os.name != "posix", reason="kill -9 is POSIX"),
]


@pytest.fixture(scope="module")
def workers():
    with kills.nursery(nursery.__file__) as running:
        yield running


def old_content(schema):
    return gzip.decompress((GOLDEN / f"schema_{schema}.duckdb.gz").read_bytes())


def laid_out(folder, schema):
    folder.mkdir()
    (folder / "leeway.duckdb").write_bytes(old_content(schema))
    return folder


def answers(store):
    return {name: getattr(store, name)() for name in QUESTIONS}


def opened(workers, folder, seconds=None):
    """Let a worker open the workspace, killed after so long; return how long it took."""
    told = ("open", folder, folder / "told")
    return workers.killed(*told, seconds=seconds or 0.0, once_open=seconds is None)


def schema_left(folder, elsewhere):
    """Return the schema of what was left; refuse one whose tables are of another schema."""
    elsewhere.mkdir()
    for path in folder.glob("leeway.duckdb*"):
        shutil.copyfile(path, elsewhere / path.name)
    connection = opening.bare(elsewhere / "leeway.duckdb")
    try:
        schema = opening.schema_version(connection, elsewhere / "leeway.duckdb")
        assert proving._shape(connection) == proving._fresh(schema), "between two shapes"
    finally:
        connection.close()
    return schema


def test_a_process_that_is_killed_meanwhile_leaves_the_old_or_the_new(workers, tmp_path):
    rng, left, whole, expected = random.Random(KILLS), Counter(), {}, {}
    for number in range(KILLS):
        schema, folder = OLD[number % len(OLD)], tmp_path / f"{number}"
        if schema not in whole:
            calm = laid_out(tmp_path / f"calm-{schema}", schema)
            whole[schema] = opened(workers, calm)
            with Store.open(calm) as store:
                expected[schema] = answers(store)
        laid_out(folder, schema)
        opened(workers, folder, rng.uniform(0, whole[schema]))
        found = schema_left(folder, tmp_path / f"left-{number}")
        assert schema <= found <= NOW
        left["old" if found == schema else "new" if found == NOW else "a step on the way"] += 1
        with Store.open(folder) as store:
            assert store.recovery is None
            for name, frame in answers(store).items():
                pd.testing.assert_frame_equal(frame, expected[schema][name])
            assert store.check() == []
        kept = [path.read_bytes() for path in (folder / "backup").glob(f"schema-{schema}-*")]
        assert old_content(schema) in kept
        assert list((folder / "backup").glob(".new*")) == []
        shutil.rmtree(folder)
    print(f"{KILLS} kills while a workspace is brought up to date: {dict(left)}")
    assert left.total() == KILLS
