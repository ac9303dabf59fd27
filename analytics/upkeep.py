"""What keeps a workspace whole and its team told: check, backup, restore, the daily message."""

import argparse
import logging
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from analytics import logs
from analytics.actor import LOCAL
from analytics.errors import AnalyticsError, NotSentError, WorkspaceBusyError
from analytics.i18n import Translator
from analytics.reporting import digest as messages
from analytics.services import (
    alerting,
    backups,
    digest,
    followers,
    hosting,
    measuring,
    overview,
    watching,
    workspaces,
)
from analytics.store import Store
from analytics.terminal import tell

_EVERY = 600.0  # seconds between two looks whether the daily message is due
_TICK = 1.0  # seconds between two looks whether the server ends
_HOUR = 3600.0  # seconds between two looks at what was deleted

_log = logging.getLogger(__name__)
_YES = frozenset({"y", "yes", "是"})


def add_commands(command: Callable[[str, Any], argparse.ArgumentParser], t: Translator) -> None:
    """Declare what these commands take."""
    command("check", _check)
    backup = command("backup", _backup)
    backup.add_argument("--out", type=Path, metavar="FILE", help=t("cli.backup_out"))
    backup.add_argument("--raw", action="store_true", help=t("cli.backup_raw"))
    restore = command("restore", _restore)
    restore.add_argument("file", metavar="FILE|latest", help=t("cli.restore_file"))
    restore.add_argument("--yes", action="store_true", help=t("cli.restore_yes"))


def reader(t: Translator, folder: Path) -> Store:
    """Open a workspace for reading, and say so if it is a copy."""
    store = workspaces.reader(folder)
    if store.snapshot_time is not None:
        tell(t("cli.snapshot", time=f"{store.snapshot_time:%Y-%m-%d %H:%M} UTC"))
    return store


def _check(t: Translator, options: argparse.Namespace) -> int:
    """Look through the workspace; opening it for writing mends what can be mended."""
    folder = workspaces.folder(options.workspace)
    with _own_or_copy(t, folder) as store:
        findings = store.check()
        imports = len(store.imports())
        recovery = store.recovery
        copied_at = store.snapshot_time
    if recovery is not None:
        tell(t(recovery.code, **recovery.facts))
    for code, facts in findings:
        tell(t(code, **facts))
    if findings or (recovery is not None and recovery.is_loss):
        return 1
    facts = {"folder": folder.expanduser().absolute(), "imports": t.number(imports)}
    if copied_at is None:
        print(t("cli.sound", **facts))
    else:
        print(t("cli.sound_copy", time=f"{copied_at:%Y-%m-%d %H:%M} UTC", **facts))
    return 0


def _own_or_copy(t: Translator, folder: Path) -> Store:
    if not backups.has_workspace(folder):
        return reader(t, folder)  # which says that there is none
    try:
        return workspaces.open_own(folder)
    except WorkspaceBusyError:
        return reader(t, folder)


def _backup(t: Translator, options: argparse.Namespace) -> int:
    with reader(t, workspaces.folder(options.workspace)) as store:
        path = backups.take(store, options.out, raw=options.raw)
    made = backups.described(path)
    size = t.number(max(path.stat().st_size >> 20, 1))
    facts = {"imports": t.number(made.imports), "lines": t.number(made.lines), "size": size}
    print(t("cli.backup_written", path=path, **facts))
    return 0


def _restore(t: Translator, options: argparse.Namespace) -> int:
    folder = workspaces.folder(options.workspace).expanduser().absolute()
    source = backups.latest(folder) if options.file == "latest" else Path(options.file)
    held = backups.outline(source)
    facts = {"folder": folder, "time": held.taken_at, "imports": t.number(held.imports)}
    if not options.yes and not _agrees(t("cli.restore_ask", file=source, **facts)):
        tell(t("cli.restore_unsure"))
        return 1
    kept = backups.restore(source, folder)
    print(t("cli.restored", **facts))
    if kept is not None:
        print(t("cli.restored_aside", path=kept))
    return 0


def _agrees(question: str) -> bool:
    """Return whether somebody at the terminal says yes."""
    try:
        return sys.stdin.isatty() and input(question).strip().lower() in _YES
    except EOFError:  # nothing was typed
        return False


def message(store: Store, language: str) -> tuple[str, str]:
    """Return title and body of the day's message in a language.

    Raises
    ------
    NoDataError
        No sales have been imported.
    """
    return messages.compose(Translator(language), alerting.alerts(store), _measures(store))


def _measures(store: Store) -> measuring.Measures | None:
    """Return the figures, or none where they cannot be had: the alarms are told all the same."""
    try:
        return measuring.measures(store)
    except AnalyticsError:
        return None


def send_if_due(store: Store, now: datetime) -> bool:
    """Send the day's message unless it was; return whether every address has it by now.

    Who took it is noted at once: whatever goes wrong after, nobody gets it twice a day. Who did not
    is tried again an hour later, at most five times a day.

    Parameters
    ----------
    store : Store
        One's own workspace, open for writing.
    now : datetime
        With a time zone, whose hours count.

    Raises
    ------
    NotSentError, NoSenderError, BadAddressError
        It was not sent, or not to all; the settings keep why.
    """
    known = digest.settings(store)
    if store.is_empty or not digest.is_due(known, now):
        return False
    digest.note_try(store, now)
    waiting = digest.waiting(known, now)
    try:
        title, body = message(store, known.language)
        took = digest.attempt(waiting, title, body, told=partial(digest.note_taken, store))
        if len(took) < len(waiting):
            raise NotSentError(failed=len(waiting) - len(took), addresses=len(known.addresses))
    except AnalyticsError as problem:
        failure = problem.code.removeprefix("error.")
        digest.note_end(store, now, failure if failure in digest.FAILURES else "unknown")
        raise
    digest.note_end(store, now)
    return True


class Daily(watching.Rounds):
    """Looks every ten minutes, while the server runs, whether a day's message is due.

    Each workspace has a message of its own. A log never holds an address.

    Parameters
    ----------
    open_store : callable
        Opens the first workspace; it is closed again after every look.
    others : callable
        Returns how to open each of the others on this host.
    clock : callable
        Returns the time, with a time zone.
    every : float
        Seconds between two looks.
    """

    def __init__(
        self,
        open_store: watching.Opener = workspaces.open_own,
        *,
        others: Callable[[], Iterable[watching.Opener]] = tuple,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC).astimezone(),
        every: float = _EVERY,
    ) -> None:
        super().__init__(
            "daily",
            every,
            first=open_store,
            others=others,
            visit=lambda store: send_if_due(store, clock()),
            what="No daily message",
            hides=True,
        )


class Sweeper(watching.Watch):
    """Looks every hour, while the server runs, which deleted workspaces are to be closed or go."""

    def __init__(self, hosted: hosting.Hosting, *, every: float = _HOUR) -> None:
        super().__init__("sweeper", self._sweep, every)
        self._hosted = hosted

    def _sweep(self) -> None:
        try:
            for room in hosting.purge(self._hosted):
                _log.info("Removed the deleted workspace %s", logs.Plain(room.workspace_id))
        except (AnalyticsError, OSError) as problem:
            _log.warning("Deleted workspaces stay for now: %s", problem)


class Readier(watching.Watch):
    """Makes the morning page ready after each change, so that who opens it next does not wait.

    Parameters
    ----------
    make_ready : callable
        What is done for a workspace that changed.
    """

    def __init__(self, make_ready: Callable[[Store], object] = overview.ready) -> None:
        super().__init__("readier", self._take_one, every=0.0)
        self._make_ready = make_ready
        self._changed: SimpleQueue[Store] = SimpleQueue()

    def start(self) -> None:
        """Begin to listen to changes."""
        followers.add(self._note)
        super().start()

    def stop(self, patience: float = watching.PATIENCE) -> None:
        """End; wait some seconds for the page that is being made ready."""
        followers.remove(self._note)
        super().stop(patience)

    def _note(self, store: Store) -> None:
        self._changed.put(store.acting_for(LOCAL))

    def _take_one(self) -> None:
        with suppress(Empty):
            store = self._changed.get(timeout=_TICK)
            with store, suppress(AnalyticsError):  # who opens the page is told
                self._make_ready(store)


def watches(hosted: hosting.Hosting) -> tuple[watching.Watch, ...]:
    """Return what a server does by the clock, for every workspace of its host; not yet started."""

    def others() -> tuple[watching.Opener, ...]:
        return hosting.other_rooms(hosted)

    return backups.Nightly(others=others), Daily(others=others), Sweeper(hosted), Readier()
