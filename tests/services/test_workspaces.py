"""Which data: one's own, the sample's, or a copy while a server holds one's own."""

import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from analytics import sample
from analytics.errors import NoDataError, ReadOnlyWorkspaceError, WorkspaceBusyError
from analytics.services import forecasts, importing, workspaces

ROOT = Path(__file__).parents[2]
HOLDER = """
import sys
from pathlib import Path
from analytics.store import Store
with Store.open(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def held(folder):
    """Another process holds the workspace, as a server does."""
    command = [sys.executable, "-c", HOLDER, str(folder)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, cwd=ROOT, text=True, **pipes) as process:
        assert process.stdout.readline() == "held\n"
        yield process.pid
        process.stdin.close()


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "own"


def fill(folder):
    sales = importing.Upload("sales.csv", b"order id,sku,quantity,date\n1,A,2,2026-01-05\n")
    with workspaces.open_own(folder) as store:
        importing.load(store, importing.stage(store, [sales]))
        return store.version


def test_the_folder_is_named_or_among_the_users_data(monkeypatch, tmp_path):
    monkeypatch.setenv("LEEWAY_WORKSPACE", str(tmp_path))
    assert workspaces.default_folder() == tmp_path
    monkeypatch.delenv("LEEWAY_WORKSPACE")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert workspaces.default_folder().parts[-2:] == ("leeway", "workspace")


def test_a_reader_reads_what_nobody_holds(folder):
    version = fill(folder)
    with workspaces.reader(folder) as store:
        assert (store.version, store.snapshot_time, store.read_only) == (version, None, True)


def test_a_reader_reads_the_newest_copy_of_what_a_server_holds(folder):
    version = fill(folder)
    with held(folder) as process:
        with workspaces.reader(folder) as store:
            assert store.version == version
            assert store.snapshot_time is not None
        with pytest.raises(WorkspaceBusyError) as refusal:
            workspaces.open_own(folder)
        assert refusal.value.params["process"] == str(process)


def test_a_reader_of_a_workspace_without_a_copy_is_told_who_holds_it(folder):
    workspaces.open_own(folder).close()
    with held(folder), pytest.raises(WorkspaceBusyError):
        workspaces.reader(folder)


def test_what_a_page_loads_can_be_read_beside_it_forecast_included(folder, monkeypatch):
    lines = "".join(f"{n},A,2,2026-{1 + n // 28:02}-{1 + n % 28:02}\n" for n in range(300))
    sales = importing.Upload("sales.csv", f"order id,sku,quantity,date\n{lines}".encode())
    with workspaces.open_own(folder) as store:
        staged = importing.stage(store, [sales])
        [account] = workspaces.load_and_forecast(store, staged)
        assert account.rows_new == 300
        made = forecasts.table(store)
    monkeypatch.setattr("analytics.forecasting.forecast", None)  # nobody may make it again
    with held(folder), workspaces.reader(folder) as copy:
        assert forecasts.table(copy).equals(made)


def test_health_is_whether_the_workspace_answers(folder, monkeypatch):
    monkeypatch.setenv("LEEWAY_WORKSPACE", str(folder))
    assert workspaces.answers()
    (folder / "leeway.duckdb").write_bytes(b"torn")
    assert not workspaces.answers()


def test_a_reader_makes_no_workspace(folder):
    with pytest.raises(NoDataError):
        workspaces.reader(folder)
    assert not folder.exists()


def test_the_sample_is_built_once_and_cannot_be_changed(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    old = tmp_path / "leeway" / "sample-of-an-older-version"
    old.mkdir(parents=True)
    with workspaces.open_sample() as store:
        version, folder = store.version, store.folder
        assert len(store.imports()) == len(sample.files())
        with pytest.raises(ReadOnlyWorkspaceError):
            store.undo(1)
    assert [path.name for path in folder.iterdir()] == ["leeway.duckdb"]
    assert [path.name for path in (tmp_path / "leeway").iterdir()] == [folder.name]
    written = (folder / "leeway.duckdb").stat().st_mtime_ns
    with workspaces.open_sample() as again:
        assert again.version == version
    assert (folder / "leeway.duckdb").stat().st_mtime_ns == written
