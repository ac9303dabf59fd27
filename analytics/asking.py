"""Commands that read: the forecast, the order board and the tiers, as the pages show them."""

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from analytics import export, upkeep, words
from analytics.errors import AnalyticsError, MissingFileError, SampleLinkError, UnreadableFileError
from analytics.i18n import Translator
from analytics.scenario import Scenario, parameters_of
from analytics.services import forecasts, replenishment, tiering, workspaces
from analytics.store import Store
from analytics.terminal import aligned, records, spelled, tell

Command = Callable[[str, Callable[[Translator, argparse.Namespace], int]], argparse.ArgumentParser]
_SHOWN = 20  # rows of a table on the screen; files hold all
_PLAN_SHOWN = ("sku", "market", "status", "inventory_position", "reorder_point", "order_quantity",
               "order_by", "route")  # fmt: skip
_FORECAST_SHOWN = ("sku", "market", "week", "mean", "q05", "q50", "q95")
_TIERS_SHOWN = ("sku", "market", "tier", "abc", "xyz", "status", "evidence")


def add_commands(command: Command, t: Translator) -> None:
    """Add the commands that read to those of the command line."""
    forecast = command("forecast", _forecast)
    forecast.add_argument("--horizon", type=int, default=forecasts.SHOWN_WEEKS,
                          choices=range(1, 31), metavar="WEEKS", help=t("cli.horizon"))  # fmt: skip
    plan = command("plan", _plan)
    plan.add_argument("--scenario", metavar="FILE-OR-LINK", help=t("cli.scenario"))
    plan.add_argument("--routes", action="store_true", help=t("cli.routes"))
    tiers = command("tiers", _tiers)
    for made in (plan, tiers):
        made.add_argument("--json", action="store_true", help=t("cli.json"))
    for made in (forecast, plan, tiers):
        made.add_argument("--as-of", metavar="DATE", help=t("cli.as_of"))
        made.add_argument("--out", type=Path, metavar="FILE", help=t("cli.out"))


def _forecast(t: Translator, options: argparse.Namespace) -> int:
    with upkeep.reader(t, workspaces.folder(options.workspace)) as store:
        table = forecasts.table(store, _scenario(options), weeks=options.horizon)
    return _deliver(t, options, table, _FORECAST_SHOWN)


def _tiers(t: Translator, options: argparse.Namespace) -> int:
    with upkeep.reader(t, workspaces.folder(options.workspace)) as store:
        table = tiering.table(store, _scenario(options).as_of)
    if options.json:
        print(json.dumps(records(table), ensure_ascii=False, indent=1, default=spelled))
        return 0
    return _deliver(t, options, table, _TIERS_SHOWN)


def _plan(t: Translator, options: argparse.Namespace) -> int:
    with upkeep.reader(t, workspaces.folder(options.workspace)) as store:
        scenario = _scenario(options)
        _compare_version(t, options.scenario, store)
        plan = replenishment.plan(store, scenario, by_route=options.routes)
    lines = words.worded(t, plan.lines, {"reason": "reason"})
    if options.json:
        answer = {"as_of": plan.as_of, "currency": plan.currency, "order_value": plan.order_value,
                  "notes": plan.notes, "lines": records(lines)}  # fmt: skip
        print(json.dumps(answer, ensure_ascii=False, indent=1, default=spelled))
        return 0
    return _deliver(t, options, lines, _PLAN_SHOWN)


def _scenario(options: argparse.Namespace) -> Scenario:
    """Return the assumptions of a link or a file, with the day that the command line names."""
    named = getattr(options, "scenario", None)
    scenario = Scenario()
    if named is not None:
        is_link = "?" in named
        scenario = _scenario_of_link(named) if is_link else _scenario_of_file(Path(named))
    if options.as_of:
        scenario = replace(scenario, as_of=Scenario.from_query({"as_of": options.as_of}).as_of)
    return scenario


def _scenario_of_link(link: str) -> Scenario:
    if parameters_of(link).get("sample") == "true":
        raise SampleLinkError
    return Scenario.from_link(link)


def _compare_version(t: Translator, named: str | None, store: Store) -> None:
    """Say so if a link was made on data that have changed since."""
    version = parameters_of(named or "").get("data_version")
    if version and version != store.version:
        tell(t("cli.data_changed"))


def _scenario_of_file(path: Path) -> Scenario:
    if not path.is_file():
        raise MissingFileError(file=str(path))
    try:
        return Scenario.from_file(path)
    except AnalyticsError:
        raise
    except ValueError as fault:  # not TOML, or not text
        raise UnreadableFileError(file=path.name, reason=str(fault)) from fault


def _deliver(
    t: Translator, options: argparse.Namespace, table: pd.DataFrame, shown: Sequence[str]
) -> int:
    """Write ``table`` to the file that was named, or show its first rows."""
    if options.out is not None:
        export.write(options.out, table)
        print(t("cli.written", rows=t.number(len(table)), path=options.out))
        return 0
    head = table[list(shown)].head(_SHOWN)
    print(aligned([list(shown), *([*row] for row in head.itertuples(index=False))]))
    if len(table) > _SHOWN:
        tell(t("cli.more", rows=t.number(len(table) - _SHOWN)))
    return 0
