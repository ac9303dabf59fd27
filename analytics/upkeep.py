"""The commands that keep a workspace whole: check, backup, restore."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from analytics.errors import WorkspaceBusyError
from analytics.i18n import Translator
from analytics.services import backups, workspaces
from analytics.store import Store
from analytics.terminal import tell

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
