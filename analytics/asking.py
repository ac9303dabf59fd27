"""Commands that read: forecast, order board and delay lab, as the pages show them."""

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from analytics import export, reporting, upkeep, words
from analytics.errors import (
    AnalyticsError,
    MissingFileError,
    SampleLinkError,
    UnknownScenarioError,
    UnreadableFileError,
    WriteFailedError,
)
from analytics.i18n import Translator
from analytics.scenario import Scenario, parameters_of
from analytics.services import (
    comparing,
    delays,
    forecasts,
    replenishment,
    saved,
    workspaces,
)
from analytics.store import Store
from analytics.terminal import aligned, records, spelled, tell

Command = Callable[[str, Callable[[Translator, argparse.Namespace], int]], argparse.ArgumentParser]
SHOWN = 20  # rows of a table on the screen; files hold all
_PLAN_SHOWN = ("sku", "market", "status", "inventory_position", "reorder_point", "order_quantity",
               "order_by", "route")  # fmt: skip
_FORECAST_SHOWN = ("sku", "market", "week", "mean", "q05", "q50", "q95")
_DELAYS_SHOWN = ("sku", "market", "stockout_before", "stockout_on", "units_short_before",
                 "units_short", "units_short_more", "contribution_at_risk", "order_by", "action",
                 "action_earns")  # fmt: skip


def add_commands(command: Command, t: Translator) -> None:
    """Add the commands that read to those of the command line."""
    forecast = command("forecast", _forecast)
    forecast.add_argument("--horizon", type=int, default=forecasts.SHOWN_WEEKS,
                          choices=range(1, 31), metavar="WEEKS", help=t("cli.horizon"))  # fmt: skip
    plan = command("plan", _plan)
    plan.add_argument("--scenario", metavar="FILE-OR-LINK-OR-NAME", help=t("cli.scenario"))
    plan.add_argument("--routes", action="store_true", help=t("cli.routes"))
    late = command("delays", _delays)
    late.add_argument("--scenario", metavar="FILE-OR-LINK-OR-NAME", help=t("cli.scenario"))
    compared = command("compare", _compare)
    compared.add_argument("scenarios", nargs="+", metavar="SCENARIO", help=t("cli.scenarios"))
    for made in (late, compared):
        made.add_argument("--no-money", action="store_true", help=t("cli.no_money"))
    for made in (plan, late, compared):
        made.add_argument("--json", action="store_true", help=t("cli.json"))
    out = {late: "cli.out_delays", compared: "cli.out_compare"}
    for made in (forecast, plan, late, compared):
        made.add_argument("--as-of", metavar="DATE", help=t("cli.as_of"))
        made.add_argument("--out", type=Path, metavar="FILE", help=t(out.get(made, "cli.out")))


def _forecast(t: Translator, options: argparse.Namespace) -> int:
    with upkeep.reader(t, workspaces.folder(options.workspace)) as store:
        table = forecasts.table(store, assumed(options, store), weeks=options.horizon)
    return deliver(t, options, table, _FORECAST_SHOWN)


def _plan(t: Translator, options: argparse.Namespace) -> int:
    with upkeep.reader(t, workspaces.folder(options.workspace)) as store:
        scenario = assumed(options, store)
        _compare_version(t, options.scenario, store)
        plan = replenishment.plan(store, scenario, by_route=options.routes)
    lines = words.worded(t, plan.lines, {"reason": "reason"})
    if options.json:
        answer = {"as_of": plan.as_of, "currency": plan.currency, "order_value": plan.order_value,
                  "notes": plan.notes, "lines": records(lines)}  # fmt: skip
        print(json.dumps(answer, ensure_ascii=False, indent=1, default=spelled))
        return 0
    return deliver(t, options, lines, _PLAN_SHOWN)


def _delays(t: Translator, options: argparse.Namespace) -> int:
    with upkeep.reader(t, workspaces.folder(options.workspace)) as store:
        scenario = assumed(options, store)
        _compare_version(t, options.scenario, store)
        impact = delays.impact(store, scenario, money=not options.no_money)
        kind = options.out.suffix.lower() if options.out is not None else ""
        if kind in (".html", ".xlsx"):
            save(options.out, _report(t, store, impact, kind))
            print(t("cli.report_written", path=options.out))
            return 0
    if options.json:
        print(json.dumps(_told(impact), ensure_ascii=False, indent=1, default=spelled))
        return 0
    if options.out is not None:
        return deliver(t, options, impact.lines, _DELAYS_SHOWN)
    _show_impact(t, impact)
    numbers = impact.lines.select_dtypes("float")
    return deliver(t, options, impact.lines.assign(**numbers.round(1)), _DELAYS_SHOWN)


def _show_impact(t: Translator, impact: delays.Impact) -> None:
    """Print what is assumed and how much it hits, every figure, and what must be known of them."""
    [hit] = impact.needs.loc[impact.needs["case"] == "scenario"].to_dict("records")
    items, orders = int(hit["items_hit"]), int(hit["orders_hit"])
    told = words.impact(
        t, impact.scenario, items=len(impact.lines), items_hit=items, orders_hit=orders
    )
    print(told)
    _show_differences(t, comparing.differences([impact]), [t("report.scenario")], impact.currency)
    for entry in impact.notes:
        tell(reporting.note(t, entry))
    tell(t("cli.checksum", checksum=impact.checksum))


def _report(t: Translator, store: Store, impact: delays.Impact, kind: str) -> bytes:
    """Return the report as a page or as a workbook."""
    made = reporting.Made(version=store.version)
    if kind == ".xlsx":
        return reporting.delay_xlsx(t, impact, made)
    found = reporting.worst(impact.lines)
    item = None
    if found is not None:
        money = "currency" in impact.lines
        item = delays.item(store, impact.scenario, *found, money=money)
    return reporting.delay_html(t, impact, made, item).encode()


def _told(impact: delays.Impact) -> dict[str, object]:
    """Return the answer as JSON tells it."""
    frames = ("totals", "needs", "lines", "orders", "timeline")
    return {
        "as_of": impact.as_of,
        "currency": impact.currency if "currency" in impact.lines else None,
        "horizon": impact.horizon,
        "scenario": impact.scenario.to_query(),
        "checksum": impact.checksum,
        "notes": impact.notes,
        **{name: records(getattr(impact, name)) for name in frames},
    }


def _compare(t: Translator, options: argparse.Namespace) -> int:
    with upkeep.reader(t, workspaces.folder(options.workspace)) as store:
        scenarios = [
            (_name_of(t, given, place), _scenario_of(given, store))
            for place, given in enumerate(options.scenarios, start=1)
        ]
        for given in options.scenarios:
            _compare_version(t, given, store)
        day = Scenario.from_query({"as_of": options.as_of or ""}).as_of
        money = not options.no_money
        compared = comparing.compare(store, scenarios, as_of=day, money=money)
    for entry in compared.notes:
        tell(reporting.note(t, entry))
    named = compared.differences.rename(
        columns=dict(zip(comparing.CASES[1:], compared.names, strict=False))
    )
    if options.json:
        assumed = dict(zip(compared.names, (s.to_query() for s in compared.scenarios), strict=True))
        answer = {"as_of": compared.as_of, "currency": compared.currency, "scenarios": assumed,
                  "differences": records(named)}  # fmt: skip
        print(json.dumps(answer, ensure_ascii=False, indent=1, default=spelled))
    elif options.out is None:
        _show_differences(t, compared.differences, compared.names, compared.currency)
    elif options.out.suffix.lower() == ".xlsx":
        save(options.out, reporting.comparison_xlsx(t, compared))
        print(t("cli.report_written", path=options.out))
    else:
        return deliver(t, options, named, ())
    return 0


def _show_differences(
    t: Translator, differences: pd.DataFrame, names: Sequence[str], currency: str
) -> None:
    """Print what is measured, at rest and under each scenario."""
    shown = reporting.texts(t, differences, names, currency)
    head = reporting.headings(t, names)
    rows = ([*row] for row in shown.itertuples(index=False))
    print(aligned([[head[str(name)] for name in shown], *rows]))


def save(path: Path, content: bytes) -> None:
    """Write a file; `WriteFailedError` if that cannot be done."""
    try:
        path.write_bytes(content)
    except OSError as error:
        raise WriteFailedError(path=path, reason=error.strerror or error) from error


def assumed(options: argparse.Namespace, store: Store) -> Scenario:
    """Return the assumptions that are named, with the day that the command line names."""
    named = getattr(options, "scenario", None)
    scenario = Scenario() if named is None else _scenario_of(named, store)
    if options.as_of:
        scenario = replace(scenario, as_of=Scenario.from_query({"as_of": options.as_of}).as_of)
    return scenario


def _scenario_of(given: str, store: Store) -> Scenario:
    """Return the assumptions of a link, of a file, or of a saved scenario of that name."""
    if _is_link(given):
        return _scenario_of_link(given)
    if _is_file(given):
        return _scenario_of_file(Path(given))
    try:
        return saved.named(store, given)
    except UnknownScenarioError:
        if Path(given).suffix:  # a file is meant
            raise MissingFileError(file=given) from None
        raise


def _name_of(t: Translator, given: str, place: int) -> str:
    """Return what a scenario is called beside others."""
    if _is_link(given):
        return t("cli.link", place=place)
    return Path(given).stem if _is_file(given) else given


def _is_link(given: str) -> bool:
    """Return whether an address is meant; a name may hold a question mark, but sets nothing."""
    return "://" in given or "=" in given.partition("?")[2]


def _is_file(given: str) -> bool:
    try:
        return Path(given).is_file()
    except OSError:  # longer than any file's name
        return False


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
    try:
        return Scenario.from_file(path)
    except AnalyticsError:
        raise
    except ValueError as fault:  # not TOML, or not text
        raise UnreadableFileError(file=path.name, reason=str(fault)) from fault


def deliver(
    t: Translator, options: argparse.Namespace, table: pd.DataFrame, shown: Sequence[str]
) -> int:
    """Write ``table`` to the file that was named, or show its first rows."""
    if options.out is not None:
        export.write(options.out, table)
        print(t("cli.written", rows=t.number(len(table)), path=options.out))
        return 0
    head = table[[name for name in shown if name in table]].head(SHOWN)
    print(aligned([list(head), *([*row] for row in head.itertuples(index=False))]))
    if len(table) > SHOWN:
        tell(t("cli.more", rows=t.number(len(table) - SHOWN)))
    return 0
