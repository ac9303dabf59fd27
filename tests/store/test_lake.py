"""A workspace that reads its history from Parquet files answers as if it held them itself."""

import json
import os
import shutil
import threading
from contextlib import suppress
from datetime import UTC, date, datetime

import duckdb
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.errors import (
    BadLakeError,
    InLakeError,
    LakeMissingError,
    NewerLakeError,
    NotLinkedError,
    OtherLakeError,
    ReadOnlyWorkspaceError,
    WorkspaceReplacedError,
    WriteFailedError,
)
from analytics.store import Store, lake, lake_writing, private, sql_files

from .sheets import order, sheet

QUESTIONS = (
    "daily_sales", "daily_returns", "coverage", "item_coverage", "items", "stock_history",
    "stock_places", "purchase_orders", "events", "routes", "rates", "imports", "named_aliases",
    "named_bundles", "named_markets", "unbalanced",
)  # fmt: skip
# What stays at home: secrets, links that others hold, kept forecasts, the sales themselves, and
# what is derived from the rest.
AT_HOME = {
    "schema_version", "meta", "sales", "sales_lines", "shares", "share_answers", "share_sessions",
    "forecasts", "forecast_runs", "forecast_places", "aliases", "bundles", "market_map",
}  # fmt: skip
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LINES = (
    order("1", "Red", 2, unit_price=9.5, currency="USD", customer="x1", name="Red mug"),
    order("2", "red", 3, day="2026-01-06", market="DE"),
    order("3", "Blue", 4, day="2025-12-31", status="cancelled"),
    order(None, "Blue", 5, day="2026-01-07", market="a/b 'c' ü%"),
)


def few(store):
    return {name: getattr(store, name)() for name in ("daily_sales", "items", "imports")}


def answers(store):
    found = {name: getattr(store, name)() for name in QUESTIONS}
    found["paid"] = store.prices_paid(date(2000, 1, 1), date(2030, 1, 1))
    return found


def same(found, expected):
    for name, frame in expected.items():
        pd.testing.assert_frame_equal(found[name], frame, obj=name, rtol=1e-12)


def dump(store):
    """Every row of every table, as a multiset; of the facts those that tell of the data."""
    with store._database.cursor() as cursor:
        names = [name for (name,) in cursor.execute(sql_files.step("tables")).fetchall()]
        return {
            name: cursor.execute(f'SELECT count(*), sum(hash(t)) FROM "{name}" AS t').fetchall()
            for name in names
            if name != "meta"
        }


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A workspace, its lake, and another workspace that reads it; tests copy them."""
    home = tmp_path_factory.mktemp("made")
    with Store.open(home / "own") as store:
        store.load([sheet(*LINES, shop="main")])
        store.load([sheet(order("1", "Red", 1, unit_price=9.5, currency="USD"), shop="main")])
        store.export_lake(home / "lake", now=NOON)
    with Store.open(home / "reader") as store:
        store.link_lake(home / "lake")
    return home


@pytest.fixture
def own(home, tmp_path):
    shutil.copytree(home / "own", tmp_path / "own")
    with Store.open(tmp_path / "own") as store:
        yield store


@pytest.fixture
def written(home, tmp_path):
    return shutil.copytree(home / "lake", tmp_path / "lake")


@pytest.fixture
def reader(home, written, tmp_path):
    shutil.copytree(home / "reader", tmp_path / "reader")
    private.write(tmp_path / "reader", {"lake": str(written)})
    with Store.open(tmp_path / "reader") as store:
        yield store


# Writing


def test_the_list_tells_what_the_files_hold(own, written):
    manifest = lake.read(written)
    tables = {name: written / f"tables/{name}.parquet" for name in lake.TABLES}
    assert all(path.is_file() for path in tables.values())
    sold = pd.concat(
        [pq.ParquetFile(p).read().to_pandas() for p in manifest.paths(written, "sales")]
    )
    assert (manifest.lines, manifest.units) == (4, 13) == (len(sold), sold["quantity"].sum())
    assert sum(file.rows for file in manifest.files if file.part == "replaced") == 1
    assert (manifest.first, manifest.last) == ("2025-12-31", "2026-01-07")
    assert manifest.version == own.version
    assert manifest.taken_at == "2026-11-22T12:00:00+00:00"
    lake.check(written, manifest)


def test_the_same_data_give_the_same_files(own, written, tmp_path):
    again = own.export_lake(tmp_path / "again", now=NOON)
    assert again.files == lake.read(written).files
    assert again.identity == lake.read(written).identity


def test_others_read_the_folders_as_hive_partitions(written):
    with duckdb.connect() as connection:
        found = connection.execute(
            "SELECT market, year, sum(quantity) FROM read_parquet($files, hive_partitioning = TRUE)"
            " GROUP BY ALL ORDER BY ALL",
            {"files": f"{written}/sales/*/*/*.parquet"},
        ).fetchall()
    assert found == [("DE", 2026, 3), ("US", 2025, 4), ("US", 2026, 1), ("a/b 'c' ü%", 2026, 5)]


def test_every_table_is_written_or_stays_at_home(own):
    with own._database.cursor() as cursor:
        names = {name for (name,) in cursor.execute(sql_files.step("tables")).fetchall()}
    assert names == set(lake.TABLES) | AT_HOME
    assert not set(lake.TABLES) & AT_HOME


def test_nothing_secret_is_in_a_lake(own, written):
    salt, version = own.salt.encode(), own.version
    for path in written.rglob("*"):
        if path.is_file():
            assert salt not in path.read_bytes(), path.name
    assert json.loads((written / "manifest.json").read_text())["version"] == version


def test_a_folder_with_something_in_it_is_left_alone(own, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear", "utf-8")
    with pytest.raises(WriteFailedError):
        own.export_lake(tmp_path / "mine")
    assert [path.name for path in tmp_path.joinpath("mine").iterdir()] == ["letter.txt"]


def test_an_export_that_is_broken_off_leaves_nothing(own, tmp_path):
    def stop(done, total, item):
        if done == 3:
            raise KeyboardInterrupt

    before = sorted(tmp_path.iterdir())
    with pytest.raises(KeyboardInterrupt):
        own.export_lake(tmp_path / "lake", progress=stop)
    assert sorted(tmp_path.iterdir()) == before


def test_a_large_year_is_several_files(own, tmp_path, monkeypatch):
    monkeypatch.setattr(lake_writing, "MOST_LINES", 500)
    monkeypatch.setattr(lake_writing, "_BATCH", 400)
    own.load([sheet(*(order(str(n), "S", 1) for n in range(100, 2148)), shop="main")])
    before = answers(own)
    manifest = own.export_lake(tmp_path / "many")
    assert len(manifest.paths(tmp_path / "many", "sales")) > 4
    with Store.open(tmp_path / "reader") as store:
        store.link_lake(tmp_path / "many")
        same(answers(store), before)


# Reading in place


def test_the_workspace_that_wrote_it_lets_go_of_the_lines_and_answers_as_before(own, written):
    before, version = answers(own), own.version
    own.link_lake(written)
    same(answers(own), before)
    assert own.version == version  # nothing that was worked out of the data has to be made anew
    with own._database.cursor() as cursor:
        assert cursor.execute("SELECT count(*) FROM sales").fetchone() == (0,)
        assert cursor.execute("SELECT count(*) FROM sales_lines").fetchone() == (0,)
    assert own.is_settled
    assert own.check() == []


def test_an_empty_workspace_takes_over_the_history(own, reader, written):
    same(answers(reader), answers(own))
    assert reader.is_settled
    assert reader.salt != own.salt
    folder, link = reader.linked_lake()
    assert (folder, link.lines) == (written, 4)


def test_it_is_read_again_after_opening_and_by_readers_of_a_copy(own, reader):
    before, folder = answers(own), reader.folder
    reader.close()
    for store in (
        Store.open(folder),
        Store.open(folder, read_only=True),
        Store.open_snapshot(folder),
    ):
        with store:
            same(answers(store), before)


def test_a_workspace_without_a_lake_asks_nothing_more(own, monkeypatch):
    asked, step = [], sql_files.step
    monkeypatch.setattr(sql_files, "step", lambda name: asked.append(name) or step(name))
    assert (own.is_empty, len(own.version)) == (False, 32)
    assert len(own.daily_sales()) == 3
    assert asked == []


# Beside the lake


def test_an_import_since_goes_before_the_lake(reader):
    reader.load([sheet(order("2", "RED", 7, day="2026-01-06", market="DE"), shop="main")])
    reader.load([sheet(order("9", "Green", 1, day="2026-02-01"), shop="main")])
    found = reader.daily_sales().set_index(["sku", "market"])["units"]
    assert found.to_dict() == {
        ("Blue", "a/b 'c' ü%"): 5, ("Green", "US"): 1, ("Red", "DE"): 7, ("Red", "US"): 1,
    }  # fmt: skip
    assert reader.check() == []
    reader.undo(3)
    assert reader.check() == []
    assert reader.daily_sales()["units"].sum() == 3 + 5 + 1 + 1


def test_what_is_in_the_lake_is_not_taken_back(reader):
    before = few(reader)
    with pytest.raises(InLakeError):
        reader.undo(1)
    same(few(reader), before)


def test_the_file_that_is_in_the_lake_already_adds_nothing(own, written, reader):
    [account] = reader.load([sheet(*LINES, shop="main", sha256=own.imports()["sha256"].iloc[-1])])
    assert account.same_as == 1


def cells(day):
    return st.lists(
        st.builds(
            order,
            st.sampled_from(["1", "2", "3", None]),
            st.sampled_from(["A", "a", "B"]),
            st.sampled_from([-2, -1, 1, 2]),
            day,
            market=st.sampled_from(["US", "US", "DE"]),
            customer=st.sampled_from([None, "x", "y"]),
            status=st.sampled_from(["sold", "sold", "cancelled", "not_product"]),
            grain=st.sampled_from(["line", "line", "week"]),
            shop=st.sampled_from("abcdefgh"),  # each a history of its own
        ),
        min_size=20,
        max_size=60,
    )


EARLY = cells(st.sampled_from(["2026-01-01", "2026-01-04", "2026-01-05"]))
LATE = cells(st.sampled_from(["2026-01-05", "2026-01-08", "2026-01-20"]))


CASES = max(int(os.environ.get("SOAK_CASES", "0")) // 10, 2)


@pytest.mark.soak
@settings(max_examples=CASES, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(early=EARLY, late=LATE)
def test_any_history_split_in_two_is_the_history(tmp_path, early, late):
    """Replaced lines, returns across the lake's end and totals of weeks included."""
    home = tmp_path / str(np.random.default_rng().integers(1 << 60))
    first, second = sheet(*early), sheet(*late)
    with Store.open(home / "own") as own, Store.open(home / "reader") as reader:
        own.load([first])
        own.export_lake(home / "lake")
        reader.link_lake(home / "lake")
        own.load([second])
        reader.load([second])
        assert reader.check() == []
        expected = answers(own)
        for name in ("imports", "unbalanced"):  # rows are told apart from those at hand only
            del expected[name]
        same(answers(reader), expected)
        reader.unlink_lake()
        assert reader.check() == []
        same({"daily_sales": reader.daily_sales()}, {"daily_sales": expected["daily_sales"]})
    shutil.rmtree(home)


def test_what_came_since_is_folded_into_a_new_lake(reader, tmp_path):
    reader.load([sheet(order("2", "RED", 7, day="2026-01-06", market="DE"), shop="main")])
    reader.load([sheet(order("9", "Green", 1, day="2026-02-01"), shop="main")])
    before, version = answers(reader), reader.version
    reader.export_lake(tmp_path / "again")
    manifest = reader.link_lake(tmp_path / "again")
    same(answers(reader), before)
    assert (manifest.lines, reader.version) == (5, version)
    assert reader.unlink_lake() == 5
    same(few(reader), {name: before[name] for name in ("daily_sales", "items", "imports")})


# Letting go


def test_letting_go_brings_every_line_back(own, written):
    before, tables = answers(own), dump(own)
    own.link_lake(written)
    assert own.unlink_lake() == 4
    same(answers(own), before)
    assert dump(own) == tables
    own.undo(2)  # which replaced a line of the first
    assert own.daily_sales()["units"].sum() == 2 + 3 + 5
    with pytest.raises(NotLinkedError):
        own.unlink_lake()


def test_a_lake_that_moved_is_found_again(reader, written, tmp_path):
    before, folder = few(reader), reader.folder
    reader.close()
    written.rename(tmp_path / "moved 'away'")
    with Store.open(folder) as store:
        with pytest.raises(LakeMissingError):
            store.daily_sales()
        store.link_lake(tmp_path / "moved 'away'")
        same(few(store), before)


def test_a_lake_that_goes_away_while_it_is_read_is_said(reader, written, tmp_path):
    before, version = few(reader), reader.version
    written.rename(tmp_path / "moved")
    for _ in range(2):
        with pytest.raises(LakeMissingError):
            reader.daily_sales()
    assert reader.version == version  # what the file says of itself is known all the same
    (tmp_path / "moved").rename(written)
    same(few(reader), before)
    path = some_file(written)
    path.chmod(0o600)
    path.write_bytes(b"PAR1" * 200)
    with pytest.raises(LakeMissingError):
        reader.daily_sales()


def test_a_backup_carries_the_link_and_not_the_lines(reader, written, tmp_path):
    before = few(reader)
    carried = reader.backup(tmp_path / "carried.zip")
    Store.restore_closed(tmp_path / "elsewhere", carried)
    with Store.open(tmp_path / "elsewhere") as store:
        with pytest.raises(LakeMissingError):
            store.daily_sales()
        store.link_lake(written)
        same(few(store), before)


# Whatever happens meanwhile


@pytest.mark.parametrize("step", ["forget_sales", "set_fact"])
def test_a_link_that_fails_leaves_everything_as_it_was(own, written, monkeypatch, step):
    broken(monkeypatch, own, step, lambda: own.link_lake(written))
    assert own.linked_lake() is None


@pytest.mark.parametrize("step", ["bring_lake_back", "forget_fact", "set_version"])
def test_letting_go_that_fails_leaves_everything_as_it_was(reader, written, monkeypatch, step):
    broken(monkeypatch, reader, step, reader.unlink_lake)
    assert reader.linked_lake()[0] == written


def broken(monkeypatch, store, failing, change):
    """Fail before a statement of a change, and look that nothing of it stands."""
    before = few(store), dump(store), private.read(store.folder), store.version
    step = sql_files.step

    def stumbling(name):
        if name == failing:
            raise KeyboardInterrupt
        return step(name)

    monkeypatch.setattr(sql_files, "step", stumbling)
    with pytest.raises(KeyboardInterrupt):
        change()
    monkeypatch.setattr(sql_files, "step", step)
    same(few(store), before[0])
    assert (dump(store), private.read(store.folder), store.version) == before[1:]


def test_who_asks_meanwhile_is_told_all_or_to_ask_again(own, written):
    """Never the half: neither no history, nor one that counts twice."""
    told, ended = [], threading.Event()

    def ask():
        while not ended.is_set():
            with suppress(WorkspaceReplacedError):
                told.append(own.daily_sales()["units"].sum())

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    own.link_lake(written)
    own.unlink_lake()
    ended.set()
    for thread in threads:
        thread.join()
    assert set(told) == {9}


# What is refused


def test_a_workspace_with_data_of_its_own_is_not_linked(own, written, tmp_path):
    own.load([sheet(order("4", "Late", 1), shop="main")])
    before = few(own)
    with pytest.raises(OtherLakeError):
        own.link_lake(written)
    same(few(own), before)


def test_who_only_reads_links_nothing(own, written):
    with own.as_reader() as lent:
        for act in (lambda: lent.link_lake(written), lent.unlink_lake,
                    lambda: lent.export_lake(written.parent / "taken")):  # fmt: skip
            with pytest.raises(ReadOnlyWorkspaceError):
                act()
    assert not (written.parent / "taken").exists()


def some_file(folder):
    return next(folder.glob("sales/*/*/*.parquet"))


def flipped(path, facts):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


def linked_outside(path, facts):
    outside = path.parents[4] / "outside.parquet"
    shutil.copyfile(path, outside)
    path.unlink()
    path.symlink_to(outside)


HARMS = {
    "bit": flipped,
    "cut": lambda path, facts: path.write_bytes(path.read_bytes()[:-1]),
    "gone": lambda path, facts: path.unlink(),
    "link": linked_outside,
    "path": lambda path, facts: facts["files"][0].update(name="../own/leeway.duckdb"),
    "newer": lambda path, facts: facts.update(format="leeway-lake-2"),
    "number": lambda path, facts: facts.update(imports="1e9"),
    "list": lambda path, facts: facts.clear(),
}


def harmed(folder, how):
    path, listed = some_file(folder), folder / "manifest.json"
    path.chmod(0o600)
    listed.chmod(0o600)
    facts = json.loads(listed.read_text("utf-8"))
    HARMS[how](path, facts)
    listed.write_text(json.dumps(facts), "utf-8")


def test_a_lake_that_is_not_whole_is_not_linked(home, tmp_path):
    with Store.open(tmp_path / "reader") as store:
        for how in HARMS:
            written = shutil.copytree(home / "lake", tmp_path / how / "lake")
            harmed(written, how)
            with pytest.raises(NewerLakeError if how == "newer" else BadLakeError):
                store.link_lake(written)
            assert store.is_empty
        assert private.read(store.folder) == {}


def test_a_lake_that_is_harmed_later_is_said_and_nothing_is_counted_without_it(
    home, reader, written
):
    folder = reader.folder
    reader.close()
    for how in HARMS.keys() - {"bit"}:
        shutil.rmtree(written)
        shutil.copytree(home / "lake", written)
        harmed(written, how)
        with Store.open(folder, read_only=True) as store, pytest.raises(LakeMissingError):
            store.daily_sales()


PROBES = (
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM glob('/etc/*')",
    "SELECT * FROM glob('{lake}/*')",
    "SELECT * FROM read_csv('{lake}/manifest.json')",
    "SELECT * FROM read_parquet('{lake}/sales/*/*/*.parquet')",
    "SELECT * FROM read_parquet('{lake}/tables/imports.parquet')",
    "SELECT * FROM read_parquet('{lake}/../other.parquet')",
    "COPY sales TO 'stolen.csv'",
    "COPY sales TO '{lake}/stolen.csv'",
    "COPY (SELECT 1) TO '{file}'",
    "COPY (SELECT 1) TO '{file}.new' (USE_TMP_FILE FALSE)",
    "ATTACH 'other.duckdb'",
    "ATTACH '{lake}/other.duckdb'",
    "EXPORT DATABASE 'stolen'",
    "EXPORT DATABASE '{lake}/stolen'",
    "INSTALL httpfs",
    "LOAD httpfs",
    "SET threads = 1",
    "SET TimeZone = 'Asia/Shanghai'",
    "SET enable_external_access = true",
    "SET allowed_paths = ['/etc/passwd']",
    "SET allowed_directories = ['/']",
)


def test_the_lake_opens_no_door(reader, written):
    """Its files may be read, by name; nothing else in reach, and nothing new beside them."""
    open_doors = []
    for probe in PROBES:
        statement = probe.format(lake=written, file=some_file(written))
        with reader._database.asking() as cursor, suppress(duckdb.Error):
            cursor.execute(statement)
            open_doors.append(probe)
    assert not open_doors


@pytest.mark.skipif(os.name != "posix", reason="files have no modes")
def test_nobody_may_write_into_its_files(written):
    files = [path for path in written.rglob("*") if path.is_file()]
    assert {path.stat().st_mode & 0o777 for path in files} == {0o440}
