"""A lake as the app sees it: the plan made from it, and what is said where there is none."""

import pandas as pd
import pytest

from analytics.errors import BadLakeError, LakeMissingError, NotLinkedError
from analytics.services import lake, replenishment, workspaces
from analytics.store import private


@pytest.fixture(scope="module")
def linked(tmp_path_factory):
    """The sample, and a workspace that reads the sample's history from a lake."""
    home = tmp_path_factory.mktemp("lake")
    with workspaces.open_sample() as sample:
        lake.export(sample, home / "lake")
        with workspaces.open_own(home / "reader") as store:
            lake.link(store, home / "lake")
            yield sample, store


def test_the_plan_of_the_sample_is_the_same_to_the_unit(linked):
    sample, store = linked
    expected = replenishment.plan(sample).lines
    found = replenishment.plan(store).lines
    pd.testing.assert_frame_equal(found, expected, rtol=1e-9)
    quantities = [name for name in expected if "quantity" in name]
    assert quantities
    pd.testing.assert_frame_equal(found[quantities], expected[quantities], check_exact=True)
    assert store.daily_sales()["units"].sum() == sample.daily_sales()["units"].sum() > 10_000


def test_the_lake_that_is_read_is_named_and_whole(linked):
    sample, store = linked
    found = lake.linked(store)
    assert found.folder == store.folder.parent / "lake"
    with sample._database.cursor() as cursor:
        lines = cursor.execute("SELECT count(*), sum(quantity) FROM sales").fetchone()
    assert (found.manifest.lines, found.manifest.units) == lines
    lake.check(found)


def test_where_there_is_none_is_said(linked):
    sample, store = linked
    with pytest.raises(NotLinkedError):
        lake.linked(sample)
    told = private.read(store.folder)
    for folder, refusal in ((None, LakeMissingError), ("/nowhere", BadLakeError)):
        private.write(store.folder, {} if folder is None else {"lake": folder})
        with pytest.raises(refusal):
            lake.linked(store)
    private.write(store.folder, told)
