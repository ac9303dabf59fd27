"""A damaged workspace is recognised when it is opened, and brought back as far as can be.

In this order: the file as it is; its log cut where it breaks off, or left out; the newest copy that
is whole. A file that is gone makes no new workspace while something beside it tells of data.
Originals are set aside, never deleted. Links that show a scenario are closed, as after a restore by
hand: what is lost may be that somebody closed one.
"""

import json
import logging
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from analytics.errors import (
    BadBackupError,
    DamagedWorkspaceError,
    LostWorkspaceError,
    WorkspaceUnusableError,
)
from analytics.store import backups, opening, scratch, snapshots, sql_files
from analytics.store.aside import alone, place, set_aside
from analytics.store.cursors import one
from analytics.store.durable import force_folder, refused_by_disk, replaced

_BROKEN_AT = re.compile(r"at byte position (\d+)")
_CODE = re.compile(r"recovery\.(?:repaired|restored|regained)(?:_missing|_unsure)?")
_FACTS = {"detail": str, "folder": str, "taken_at": str, "missing": int}
_REACH = "reach.json"
_SINCE = "since.json"
_GONE = "the file is gone"
_CUTS = 5  # at most; each is shorter than the one before
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Recovery:
    """What was wrong with the file of a workspace, and what was done about it.

    Attributes
    ----------
    code : str
        Names the sentence: ``recovery.repaired``, ``recovery.restored`` or, where there was no file
        any more, ``recovery.regained``; with ``_missing`` if imports are missing, with ``_unsure``
        if nobody knows.
    facts : dict
        ``detail`` (what was wrong), ``folder`` (where the damaged files are; empty if there were
        none), ``taken_at`` (when the copy was taken, UTC; empty if repaired), ``missing`` (imports,
        undos and decisions; -1 = unknown).
    recovered_at : str
        UTC, ISO 8601.
    """

    code: str
    facts: dict[str, Any]
    recovered_at: str

    @property
    def is_loss(self) -> bool:
        """Whether imports or decisions are missing, or may be."""
        return self.code.endswith(("_missing", "_unsure"))

    def to_json(self) -> str:
        """Return it as it is kept in the workspace."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> "Recovery | None":
        """Return what `to_json` wrote; None of anything else."""
        try:
            told = cls(**json.loads(text))
        except (ValueError, TypeError, RecursionError):
            return None
        return told if _is_typed(told) else None


def _is_typed(told: Recovery) -> bool:
    if not (isinstance(told.code, str) and _CODE.fullmatch(told.code)):
        return False
    facts = told.facts if isinstance(told.facts, dict) else {}
    types = {name: type(fact) for name, fact in facts.items()}
    return types == _FACTS and isinstance(told.recovered_at, str)


class Reach(NamedTuple):
    """How far a history goes."""

    imports: int
    acts: int


_NOTHING = Reach(0, 0)


class _Candidate(NamedTuple):
    path: Path
    reach: Reach
    verb: str
    taken_at: datetime | None


def connect(path: Path, *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """Open the file at ``path`` for writing; repair or restore it if it is damaged or lost.

    It is made where nothing tells that there ever was one.

    Raises
    ------
    LostWorkspaceError
        It is gone, and nothing whole was found beside it; nothing was changed.
    DamagedWorkspaceError
        Nothing whole was found beside it; nothing was changed.
    """
    connection = _whole(path, read_only=read_only)
    scratch.sweep(path.parent)  # under the lock that comes with the connection
    return connection


def _whole(path: Path, *, read_only: bool) -> duckdb.DuckDBPyConnection:
    if not opening.exists(path) and not is_lost(path):
        opening.create(path)
        return opening.connect(path, read_only=read_only)
    with _kept_log(path) as log:
        try:
            return _sound(path)
        except DamagedWorkspaceError as damage:
            with alone(path.parent):
                return _recovered(path, log, damage)


def is_lost(path: Path) -> bool:
    """Return whether there is no file at ``path``, though something beside it tells of data.

    Its reach, a copy, or a log tells. Who wants to start afresh moves the whole folder away.
    """
    if opening.exists(path):
        return False
    noted, log = _noted(path.parent), opening.log_of(path)
    had_history = noted > _NOTHING if noted is not None else (path.parent / _REACH).exists()
    had_log = log.exists() and log.stat().st_size > 0
    return had_history or had_log or bool(backups.copies(path.parent / "backup"))


def note_reach(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Note beside the workspace how far its history goes, so that a loss is noticed."""
    reach = _reach(connection)
    replaced(folder / _REACH, json.dumps(reach._asdict()).encode())


def forget_history(folder: Path) -> None:
    """Forget how far the history went, before one that may be shorter takes its place.

    Which copies are of the one that is replaced is noted.
    """
    number = snapshots.next_number(folder / "backup")
    if folder.exists():
        replaced(folder / _SINCE, json.dumps(number).encode())
    with refused_by_disk(folder):
        (folder / _REACH).unlink(missing_ok=True)
        if folder.exists():
            force_folder(folder)


def _noted(folder: Path) -> Reach | None:
    try:
        return Reach(**json.loads((folder / _REACH).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None  # never noted, or damaged like the rest


def _since(folder: Path) -> int:
    """Return the number of the first copy of the present history; 0 if it was the only one."""
    try:
        return int(json.loads((folder / _SINCE).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return 0


def _reach(connection: duckdb.DuckDBPyConnection) -> Reach:
    _, imports, acts = one(connection, "progress_made", {})
    return Reach(int(imports), int(acts))


@contextmanager
def _kept_log(path: Path) -> Iterator[Path | None]:
    """Lend a copy of the log as it was before anybody opened it; None if there is nothing in it."""
    log = opening.log_of(path)
    if not (log.exists() and log.stat().st_size):
        yield None
        return
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=scratch.prefix("log")) as name:
        copy = Path(name) / log.name
        shutil.copyfile(log, copy)
        yield copy


def _sound(path: Path) -> duckdb.DuckDBPyConnection:
    """Open the file; refuse it if a block is damaged, or its log was silently cut short or lost."""
    connection = opening.connect(path, read_only=False)
    try:
        opening.verify(connection, path)
        noted = _noted(path.parent)
        with opening.as_damage(path):
            reach = _reach(connection)
        _compare(reach, noted, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _compare(reach: Reach, noted: Reach | None, path: Path) -> None:
    if noted is not None and reach < noted:
        raise DamagedWorkspaceError(folder=str(path.parent), detail="its log breaks off")


def _recovered(
    path: Path, log: Path | None, damage: DamagedWorkspaceError
) -> duckdb.DuckDBPyConnection:
    try:  # another process may have been faster
        return _sound(path)
    except DamagedWorkspaceError as still:
        damage = still
    is_gone = isinstance(damage, LostWorkspaceError)
    detail = _GONE if is_gone else str(damage.params["detail"])
    _log.warning("The workspace %s is damaged: %s", path.parent, detail)
    noted = _noted(path.parent)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=scratch.prefix("recovering")) as name:
        best = _best(_candidates(path, log, Path(name), detail), noted)
        if best is None:
            raise damage
        folder = set_aside(path, log) if log is not None or not is_gone else None
        if is_gone:
            best = best._replace(verb="regained")
        place(best.path, path)
    connection = opening.connect(path, read_only=False)
    _keep(connection, _told(best, noted, detail, folder))
    connection.execute(sql_files.step("revoke_shares"))  # one may have been closed since
    note_reach(connection, path.parent)
    return connection


def _best(candidates: Iterator[_Candidate], noted: Reach | None) -> _Candidate | None:
    """Return the first that misses nothing, else the one that misses least."""
    best: _Candidate | None = None
    for candidate in candidates:
        if best is None or candidate.reach > best.reach:
            best = candidate
        if noted is None or candidate.reach >= noted:
            return candidate
    return best


def _candidates(path: Path, log: Path | None, folder: Path, detail: str) -> Iterator[_Candidate]:
    """Return the file itself, then copies of its history, newest first, as far as they are whole.

    A copy of a history that was replaced comes only if there is nothing else: however far that one
    goes, it is not what somebody put in its place.
    """
    tries, since = _Tries(folder), _since(path.parent)
    is_found = False
    for found in _of_file(tries, path, log, detail):
        is_found = True
        yield found
    copies = backups.copies(path.parent / "backup")
    for copy, taken_at in sorted(copies, key=lambda one: snapshots.number_of(one[0]) < since):
        if is_found and snapshots.number_of(copy) < since:
            return
        restored = _of_copy(tries, copy, taken_at)
        if restored is not None:
            is_found = True
            yield restored


def _of_file(tries: "_Tries", path: Path, log: Path | None, detail: str) -> Iterator[_Candidate]:
    if not path.exists():
        return
    found = _with_log(tries, path, log, detail) if log is not None else None
    if found is not None:
        yield found
    found = tries.sound(path, None, "repaired", None)
    if found is not None:
        yield found


def _with_log(tries: "_Tries", path: Path, log: Path, detail: str) -> _Candidate | None:
    """Return the file with as much of its log as is whole."""
    content = log.read_bytes()
    for _ in range(_CUTS):
        found = tries.sound(path, content, "repaired", None)
        if found is not None:
            return found
        broken_at = _BROKEN_AT.search(tries.complaint or detail)
        if broken_at is None or not 0 < int(broken_at[1]) < len(content):
            return None
        content = content[: int(broken_at[1])]
    return None


def _of_copy(tries: "_Tries", copy: Path, taken_at: datetime) -> _Candidate | None:
    if copy.suffix != ".zip":
        log = snapshots.log_of(copy)
        content = log.read_bytes() if log.exists() else None
        return tries.sound(copy, content, "restored", taken_at)
    try:
        unpacked = backups.unpack(copy, tries.folder)
    except BadBackupError as problem:
        _log.warning("%s", problem)
        return None
    return tries.sound(unpacked.database, None, "restored", taken_at)


class _Tries:
    """Copies of a database, each opened to see whether it is whole."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.complaint = ""
        self._number = 0

    def sound(
        self, source: Path, log: bytes | None, verb: str, taken_at: datetime | None
    ) -> _Candidate | None:
        """Return a copy of ``source`` with ``log`` replayed, if it is whole."""
        self._number += 1
        home = self.folder / f"{self._number}"
        home.mkdir()
        copy = home / source.name
        shutil.copyfile(source, copy)
        if log is not None:
            opening.log_of(copy).write_bytes(log)
        try:
            return _Candidate(copy, settled(copy), verb, taken_at)
        except WorkspaceUnusableError as problem:
            self.complaint = str(problem.params.get("detail", ""))
            _log.warning("%s is not whole: %s", source.name, self.complaint)
            shutil.rmtree(home)
            return None


def settled(copy: Path) -> Reach:
    """Open a copy that nobody else uses, bring it up to date, and empty its log.

    Raises
    ------
    WorkspaceUnusableError
        It is damaged, none of ours, or of a newer version.
    """
    connection = opening.connect(copy, read_only=False)
    try:
        opening.verify(connection, copy)
        with opening.as_damage(copy):
            reach = _reach(connection)
            connection.execute("CHECKPOINT")
    finally:
        connection.close()
    return reach


def _told(best: _Candidate, noted: Reach | None, detail: str, folder: Path | None) -> Recovery:
    missing = -1
    if noted is not None:
        missing = max(noted.imports - best.reach.imports, 0) + max(noted.acts - best.reach.acts, 0)
    ending = {-1: "_unsure", 0: ""}.get(missing, "_missing")
    taken_at = "" if best.taken_at is None else f"{best.taken_at:%Y-%m-%d %H:%M} UTC"
    kept = "" if folder is None else str(folder)
    facts = {"detail": detail, "folder": kept, "taken_at": taken_at, "missing": missing}
    told = Recovery(f"recovery.{best.verb}{ending}", facts, datetime.now(UTC).isoformat())
    _log.warning("The workspace was %s: %s", best.verb, facts)
    return told


def _keep(connection: duckdb.DuckDBPyConnection, recovery: Recovery) -> None:
    facts = {"name": "recovery", "value": recovery.to_json()}
    connection.execute(sql_files.step("set_fact"), facts)
