"""The command-line door, over the same services as the pages.

Exit codes: 0 done; 1 refused, with a sentence; 2 not a command; 3 another process holds the
workspace.
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

import analytics
from analytics import access_cli, asking, doctoring, export, lake_cli, running, upkeep
from analytics.errors import (
    AnalyticsError,
    MissingFileError,
    NotACheckoutError,
    UnfitMappingError,
    WorkspaceBusyError,
)
from analytics.i18n import LANGUAGES, Translator, language_of
from analytics.schema import TABLES
from analytics.services import choices, hosting, importing, serving, workspaces
from analytics.store import SheetAccount, Store
from analytics.terminal import aligned, records, spelled, tell

COUNTS = (
    "rows_read",
    "rows_new",
    "rows_updated",
    "rows_identical",
    "rows_rejected",
    "rows_ignored",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    t = Translator(_language(given))
    options = _parser(t).parse_args(given)
    try:
        return int(options.command(t, options))
    except AnalyticsError as error:
        tell(t.error(error))
        return 3 if isinstance(error, WorkspaceBusyError) else 1
    except BrokenPipeError:  # whoever read our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return 130


def _language(arguments: Sequence[str]) -> str:
    """Return the language asked for, else the terminal's."""
    early = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    early.add_argument("--language", choices=LANGUAGES)
    chosen, _ = early.parse_known_args(arguments)
    locale = next(
        (os.environ[n] for n in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(n)), ""
    )
    return chosen.language or language_of(locale)


def _parser(t: Translator) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="leeway", description=t("cli.about"), allow_abbrev=False)
    parser.add_argument("--version", action="version", version=f"leeway {analytics.__version__}")
    shared = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    shared.add_argument("--workspace", type=Path, metavar="PATH", help=t("cli.workspace"))
    shared.add_argument("--language", choices=LANGUAGES, help=t("cli.language"))
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, work: Any) -> argparse.ArgumentParser:  # noqa: ANN401 - a function
        text = t(f"cli.{name}")
        made = commands.add_parser(name, help=text, description=text, parents=[shared])
        made.set_defaults(command=work)
        return made

    serve = command("serve", _serve)
    serve.add_argument("--host", default="127.0.0.1", help=t("cli.host"))
    serve.add_argument("--port", type=int, default=8501, help=t("cli.port"))
    serve.add_argument("--access", choices=hosting.MODES, help=t("cli.access_mode"))
    serve.add_argument("--public-url", metavar="URL", help=t("cli.public_url"))
    _add_import(command("import", _import), t)
    command("undo", _undo).add_argument("import_id", type=int, metavar="IMPORT_ID")
    command("redo", _redo).add_argument("import_id", type=int, metavar="IMPORT_ID")
    asking.add_commands(command, t)
    running.add_commands(command, t)
    upkeep.add_commands(command, t)
    lake_cli.add_commands(command, t)
    doctoring.add_commands(command, t)
    access_cli.add_commands(command, t)
    return parser


def _add_import(parser: argparse.ArgumentParser, t: Translator) -> None:
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help=t("cli.files"))
    parser.add_argument("--kind", choices=["auto", *TABLES], default="auto", help=t("cli.kind"))
    parser.add_argument("--market", default="auto", metavar="MARKET", help=t("cli.market"))
    parser.add_argument("--shop", default="", help=t("cli.shop"))
    parser.add_argument("--mapping", type=Path, metavar="FILE", help=t("cli.mapping"))
    parser.add_argument("--json", action="store_true", help=t("cli.json"))


# Serving


def _serve(t: Translator, options: argparse.Namespace) -> int:
    """Become the server, once it is sure that it may listen and that the workspace opens."""
    checkout = Path(analytics.__file__).parents[1]
    if not (checkout / "asgi.py").exists():
        raise NotACheckoutError(folder=str(checkout))
    asked = _said_here(options)
    chosen = hosting.settings({**os.environ, **asked})
    hosting.checked(chosen, options.host)
    folder = workspaces.folder(options.workspace).absolute()
    workspaces.open_own(folder).close()
    environment = asked | {"LEEWAY_WORKSPACE": str(folder), "LEEWAY_HOME": str(chosen.home)}
    settings = serving.server_settings(chosen.public_url, chosen.trusted_proxies, os.environ)
    shown = f"[{options.host}]" if ":" in options.host else options.host
    base = serving.base_path(settings.get(serving.BASE, os.environ.get(serving.BASE)))
    url = chosen.public_url or f"http://{shown}:{options.port}{base}"
    print(t("cli.serving", url=url, folder=folder), flush=True)
    command = [sys.executable, "-m", "streamlit", "run", "asgi.py",
               f"--server.address={options.host}", f"--server.port={options.port}"]  # fmt: skip
    os.chdir(checkout)  # where the app's settings are
    os.execve(sys.executable, command, {**os.environ, **environment, **settings})  # noqa: S606 - our own interpreter


def _said_here(options: argparse.Namespace) -> dict[str, str]:
    """Return what the command's options say, as the environment would."""
    said = {
        "LEEWAY_ACCESS": options.access,
        "LEEWAY_PUBLIC_URL": options.public_url,
        "LEEWAY_WORKSPACE": options.workspace and str(options.workspace.absolute()),
    }
    return {name: value for name, value in said.items() if value}


# Changing


def _import(t: Translator, options: argparse.Namespace) -> int:
    missing = [path for path in options.files if not (path.is_file() and os.access(path, os.R_OK))]
    uploads = [importing.Upload(path.name, path) for path in options.files if path not in missing]
    known = _mapping(options.mapping)
    with hosting.at_the_machine(workspaces.folder(options.workspace)) as store:
        staged = importing.stage(
            store,
            uploads,
            said=importing.Choice(
                kind=None if options.kind == "auto" else options.kind,
                market="" if options.market == "auto" else options.market,
                shop=options.shop,
            ),
            known=known,
            today=datetime.now().astimezone().date(),
            progress=_meter,
        )
        if known and not any(sheet.is_remembered for sheet in staged.sheets):
            raise UnfitMappingError(file=options.mapping.name)
        accounts = importing.load(store, staged, who=workspaces.local_user(), progress=_meter)
        problems: list[AnalyticsError] = [MissingFileError(file=str(path)) for path in missing]
        problems += [problem for _, problem in staged.problems]
        problems += [sheet.problem for sheet in staged.sheets if sheet.problem is not None]
        _report(t, store, accounts, problems, as_json=options.json)
        for sheet in staged.sheets:
            if sheet.problem is None and not sheet.has_rows:
                tell(t("cli.no_rows", file=sheet.file, sheet=sheet.sheet))
        if any(account.same_as is None for account in accounts):
            _renew_forecast(t, store)
    understood = {sheet.upload for sheet in staged.sheets if sheet.problem is None}
    return 0 if len(understood) == len(options.files) else 1


def _mapping(path: Path | None) -> dict[str, importing.Choice]:
    """Return how sheets of known shapes are to be read."""
    if path is None:
        return {}
    try:
        return choices.from_toml(path.read_text("utf-8-sig"), path.name)
    except (OSError, UnicodeDecodeError) as fault:
        raise MissingFileError(file=str(path)) from fault


def _report(
    t: Translator,
    store: Store,
    accounts: Sequence[SheetAccount],
    problems: Sequence[AnalyticsError],
    *,
    as_json: bool,
) -> None:
    """Say what became of every row; write those that were rejected to a file."""
    if as_json:
        entries = [_entry(t, account) for account in accounts]
        entries += [_refusal(t, problem) for problem in problems]
        print(json.dumps(entries, ensure_ascii=False, indent=1, default=spelled))
    elif accounts:
        print(aligned(_account_table(t, accounts)))
    for account in accounts:
        if account.same_as is not None:
            tell(
                t("cli.same_as", file=account.file, sheet=account.sheet, import_id=account.same_as)
            )
    rejects = _rejects(t, accounts)
    if len(rejects):
        tell(t("cli.rejects", count=t.number(len(rejects)), path=_write_rejects(store, rejects)))
    for problem in problems:
        tell(t.error(problem))


def _account_table(t: Translator, accounts: Sequence[SheetAccount]) -> list[list[object]]:
    names = ("import_id", "file", "sheet", "kind", *COUNTS)
    lines: list[list[object]] = [[getattr(account, name) for name in names] for account in accounts]
    if len(accounts) > 1:
        sums = [sum(getattr(account, name) for account in accounts) for name in COUNTS]
        lines.append(["", t("cli.total"), "", "", *sums])
    return [list(names), *lines]


def _entry(t: Translator, account: SheetAccount) -> dict[str, object]:
    names = ("import_id", "same_as", "file", "sheet", "kind", "columns", *COUNTS, "covers_from",
             "covers_to")  # fmt: skip
    issues = importing.worded_issues(t, account.rejects).assign(code=account.rejects["code"])
    return {name: getattr(account, name) for name in names} | {"issues": records(issues)}


def _refusal(t: Translator, problem: AnalyticsError) -> dict[str, object]:
    """Return the entry of a file or sheet of which nothing was loaded."""
    where = {"file": problem.params.get("file", ""), "sheet": problem.params.get("sheet", "")}
    nothing: dict[str, object] = {
        "import_id": None,
        "same_as": None,
        "kind": None,
        "columns": [],
        "issues": [],
    }
    return where | nothing | dict.fromkeys(COUNTS, 0) | {"problem": t.error(problem)}


def _rejects(t: Translator, accounts: Sequence[SheetAccount]) -> pd.DataFrame:
    parts = [
        importing.worded_issues(t, account.rejects).assign(file=account.file, sheet=account.sheet)
        for account in accounts
        if len(account.rejects)
    ]
    columns = ["file", "sheet", "row", "column", "value", "reason"]
    return pd.concat(parts)[columns] if parts else pd.DataFrame(columns=columns)


def _write_rejects(store: Store, rejects: pd.DataFrame) -> Path:
    folder = store.folder / "rejects"
    folder.mkdir(exist_ok=True, mode=0o700)
    path = folder / f"rejects-{datetime.now(UTC):%Y%m%dT%H%M%S.%f}.csv"
    export.write(path, rejects)
    return path


def _renew_forecast(t: Translator, store: Store) -> None:
    """Make the forecast now, so that every reader of the workspace finds it there."""
    if not store.is_empty:
        tell(t("cli.forecasting"))
        workspaces.renew_forecast(store, progress=_meter)


def _undo(t: Translator, options: argparse.Namespace) -> int:
    with hosting.at_the_machine(workspaces.folder(options.workspace)) as store:
        store.undo(options.import_id, who=workspaces.local_user())
        print(t("cli.undone", import_id=options.import_id))
        _renew_forecast(t, store)
    return 0


def _redo(t: Translator, options: argparse.Namespace) -> int:
    with hosting.at_the_machine(workspaces.folder(options.workspace)) as store:
        store.redo(options.import_id, who=workspaces.local_user())
        print(t("cli.redone", import_id=options.import_id))
        _renew_forecast(t, store)
    return 0


# The terminal


def _meter(done: int, total: int, item: str, /) -> None:
    """Show the progress on one line, if somebody is watching."""
    if sys.stderr.isatty():
        print(
            f"\r\x1b[K{done}/{total} {item}" if done < total else "\r\x1b[K",
            end="",
            file=sys.stderr,
        )
