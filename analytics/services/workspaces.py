"""Which data are we looking at? One's own workspace, the sample, or a copy for readers."""

import getpass
import hashlib
import logging
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

import platformdirs

import analytics
from analytics import sample
from analytics.errors import AnalyticsError, Cancelled, NoDataError, WorkspaceBusyError
from analytics.progress import Progress, silent
from analytics.services import followers, forecasts, importing
from analytics.store import SheetAccount, Store

__all__ = [
    "Store",
    "answers",
    "bring_back",
    "default_folder",
    "follow",
    "load_and_forecast",
    "local_user",
    "open_own",
    "open_sample",
    "reader",
    "renew_forecast",
    "take_back",
]

_log = logging.getLogger(__name__)

# What the content of the sample's workspace depends on, beside its files.
_MAKERS = (
    "demand",
    "distributions",
    "forecasting",
    "ingest",
    "inventory",
    "schema.py",
    "services",
    "store",
)


def default_folder() -> Path:
    """Return ``LEEWAY_WORKSPACE``, else a folder among the user's data."""
    named = os.environ.get("LEEWAY_WORKSPACE")
    if named:
        return Path(named).expanduser()
    return Path(platformdirs.user_data_dir("leeway", appauthor=False)) / "workspace"


def folder(named: Path | None) -> Path:
    """Return the folder that is named, else the default one."""
    return named or default_folder()


def open_own(folder: Path | None = None) -> Store:
    """Open one's own workspace for reading and writing; make it if there is none.

    Raises
    ------
    WorkspaceBusyError
        Another process holds it.
    WorkspaceUnusableError
        It cannot be opened; nothing was changed.
    """
    return Store.open(folder or default_folder())


def answers() -> bool:
    """Return whether one's own workspace answers a question: the health of the whole app."""
    try:
        with open_own() as store:
            return bool(store.version)
    except AnalyticsError:
        return False


def reader(folder: Path | None = None) -> Store:
    """Open one's own workspace for reading; while a server holds it, its newest snapshot.

    The store's ``snapshot_time`` says which of the two it is.

    Raises
    ------
    NoDataError
        There is no workspace.
    WorkspaceBusyError
        Another process holds it, and has made no snapshot yet.
    """
    folder = folder or default_folder()
    try:
        return Store.open(folder, read_only=True)
    except WorkspaceBusyError:
        copy = Store.open_snapshot(folder)
        if copy is None:
            raise
        return copy


def open_sample(progress: Progress = silent) -> Store:
    """Open the sample seller's workspace, which nobody can change.

    It is built once per version, from the sample's files and through the same import as anybody's,
    in the user's cache folder.
    """
    home = Path(platformdirs.user_cache_dir("leeway", appauthor=False))
    folder = home / f"sample-{_sample_version()}"
    if not folder.exists():
        _build_sample(home, folder, progress)
    return Store.open(folder, read_only=True)


def local_user() -> str:
    """Return who sits at this machine, as the history of imports names them."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # the system knows no name for this number
        return ""


def load_and_forecast(
    store: Store, staged: importing.Staged, *, who: str = "", progress: Progress = silent
) -> list[SheetAccount]:
    """Load what is staged, and make the forecast that every page then reads; return the accounts.

    The load is done by the time the forecast starts: who stops then keeps what was imported.

    Raises
    ------
    Cancelled
        Stopped before anything was loaded.
    """
    accounts = importing.load(store, staged, who=who, progress=progress)
    follow(store, progress)
    return accounts


def take_back(
    store: Store, import_id: int, *, who: str = "", progress: Progress = silent
) -> list[SheetAccount]:
    """Take an import back, wherever it stands in the history, and renew the forecast.

    Raises
    ------
    UnknownImportError
        There is no such import, or it was taken back already.
    """
    store.undo(import_id, who=who)
    follow(store, progress)
    return []


def bring_back(
    store: Store, import_id: int, *, who: str = "", progress: Progress = silent
) -> list[SheetAccount]:
    """Bring back an import that was taken back, and renew the forecast.

    Raises
    ------
    NotUndoneError
        There is no such import, or it stands.
    """
    store.redo(import_id, who=who)
    follow(store, progress)
    return []


def follow(store: Store, progress: Progress = silent) -> None:
    """Make the forecast of changed data; the change stands whatever becomes of this.

    A page that needs a forecast which is not there makes it, and says what hinders that.
    """
    try:
        renew_forecast(store, progress=progress)
    except (NoDataError, Cancelled):  # products alone; stopped after the deed
        return
    except AnalyticsError as problem:
        _log.warning("No forecast after the change: %s", problem)


def renew_forecast(store: Store, *, progress: Progress = silent) -> None:
    """Make the forecast of the data as they are, and copy both for readers of the workspace.

    Raises
    ------
    NoDataError
        No sales have been imported.
    """
    forecasts.catalogue(store, progress=progress)
    store.snapshot()
    followers.tell(store)


def _sample_version() -> str:
    package = Path(analytics.__file__).parent
    digest = hashlib.sha256(f"{analytics.__version__}:{sample.fingerprint()}".encode())
    for maker in _MAKERS:
        path = package / maker
        sources = [path] if path.is_file() else sorted(path.rglob("*.*"))
        for source in sources:
            if source.suffix in {".py", ".sql", ".toml"}:
                digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


def _build_sample(home: Path, folder: Path, progress: Progress) -> None:
    """Build the workspace aside and move it into place: another process may be doing the same."""
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home, prefix=".sample-") as name:
        made = Path(name) / "workspace"
        with Store.open(made) as store:
            uploads = [importing.Upload(path.name, path) for path in sample.files()]
            staged = importing.stage(store, uploads, progress=progress)
            importing.load(store, staged, progress=progress)
            forecasts.catalogue(store, progress=progress)
        for part in ("raw", "backup"):  # the files are at hand, and nobody writes here
            shutil.rmtree(made / part, ignore_errors=True)
        (made / "reach.json").unlink(missing_ok=True)  # tells of a database that changes
        with suppress(OSError):  # the other process was faster
            made.rename(folder)
    for other in home.glob("sample-*"):
        if other != folder:  # of another version
            shutil.rmtree(other, ignore_errors=True)
