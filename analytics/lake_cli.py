"""History as a lake on the command line: write one, link it, let go of it, look at it."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from analytics.i18n import Translator
from analytics.services import hosting, lake, workspaces


def add_commands(command: Callable[[str, Any], argparse.ArgumentParser], t: Translator) -> None:
    """Declare what these commands take."""
    export = command("export-lake", _export)
    export.add_argument("folder", type=Path, metavar="FOLDER", help=t("cli.lake_folder_new"))
    read = command("lake", _lake)
    act = read.add_mutually_exclusive_group()
    act.add_argument("folder", type=Path, nargs="?", metavar="FOLDER", help=t("cli.lake_folder"))
    act.add_argument("--unlink", action="store_true", help=t("cli.lake_unlink"))
    act.add_argument("--check", action="store_true", help=t("cli.lake_check"))


def _export(t: Translator, options: argparse.Namespace) -> int:
    folder = options.folder.expanduser().absolute()
    with workspaces.reader(workspaces.folder(options.workspace)) as store:
        manifest = lake.export(store, folder, progress=_meter)
    print(t("cli.lake_written", folder=folder, **_facts(t, manifest)))
    return 0


def _lake(t: Translator, options: argparse.Namespace) -> int:
    workspace = workspaces.folder(options.workspace)
    if options.folder is not None:
        folder = options.folder.expanduser().absolute()
        with hosting.at_the_machine(workspace) as store:
            lake.link(store, folder, _meter)
            found = lake.linked(store)
        print(t("cli.lake_linked", folder=found.folder, **_facts(t, found.manifest)))
        return 0
    if options.unlink:
        with hosting.at_the_machine(workspace) as store:
            lines = lake.unlink(store)
        print(t("cli.lake_unlinked", lines=t.number(lines)))
        return 0
    with workspaces.reader(workspace) as store:
        found = lake.linked(store)
    if options.check:
        lake.check(found, _meter)
    text = "cli.lake_sound" if options.check else "cli.lake_linked"
    print(t(text, folder=found.folder, **_facts(t, found.manifest)))
    return 0


def _facts(t: Translator, manifest: lake.Manifest) -> dict[str, str]:
    return {
        "lines": t.number(manifest.lines),
        "units": t.number(round(manifest.units)),
        "files": t.number(len(manifest.files)),
        "size": t.number(max(manifest.size >> 20, 1)),
        "first": manifest.first or "-",
        "last": manifest.last or "-",
    }


def _meter(done: int, total: int, item: str, /) -> None:
    """Show the progress on one line, if somebody is watching."""
    if sys.stderr.isatty():
        text = f"\r\x1b[K{done}/{total} {item}" if done < total else "\r\x1b[K"
        print(text, end="", file=sys.stderr)
