"""Commands of the running shop: measures, tiers, alarms, clearance, review and the digest."""

import argparse
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from analytics import reporting, upkeep, words
from analytics.asking import SHOWN, Command, assumed, deliver, save
from analytics.errors import NoAddressError
from analytics.i18n import MISSING, Translator
from analytics.reporting import digest as messages
from analytics.services import alerting, clearing, digest, measuring, reviewing, tiering, workspaces
from analytics.terminal import aligned, records, spelled, tell

_TIERS_SHOWN = ("sku", "market", "tier", "abc", "xyz", "status", "evidence")
_CLEARANCE_SHOWN = ("sku", "market", "status", "on_hand", "option", "discount", "offer_price_local",
                    "price_currency", "clear_units", "act_by", "gain", "cash_released")  # fmt: skip
_CHANGES_SHOWN = ("measure", "unit", "this_period", "last_period", "change")
_GROUPS_SHOWN = (*measuring.ARTICLE, "stock_value")


def add_commands(command: Command, t: Translator) -> None:
    """Add the commands of the running shop to those of the command line."""
    kpis, review = command("kpis", _kpis), command("review", _review)
    kpis.add_argument("--by", choices=[name for name in measuring.BY if name], default="",
                      help=t("cli.by"))  # fmt: skip
    review.add_argument("--span", choices=reviewing.SPANS, default="week", help=t("cli.span"))
    made = (kpis, command("tiers", _tiers), command("alerts", _alerts),
            command("clearance", _clearance), review)  # fmt: skip
    sent = command("digest", _digest)
    sent.add_argument("--send", action="store_true", help=t("cli.send"))
    for parser in (*made, sent):
        parser.add_argument("--as-of", metavar="DATE", help=t("cli.as_of"))
    for parser in made:
        parser.add_argument("--json", action="store_true", help=t("cli.json"))
        out = t("cli.out_review" if parser is review else "cli.out")
        parser.add_argument("--out", type=Path, metavar="FILE", help=out)


def _kpis(t: Translator, options: argparse.Namespace) -> int:
    with upkeep.reader(t, workspaces.folder(options.workspace)) as store:
        found = measuring.measures(store, assumed(options, store).as_of, options.by)
    if options.json:
        return _tell_json(
            as_of=found.as_of, starts_on=found.starts_on, days=found.days, currency=found.currency,
            measures={code: asdict(fact) for code, fact in found.facts.items()},
            missing=found.missing, notes=found.notes, groups=records(found.table),
            trend=records(found.trend),
        )  # fmt: skip
    if options.out is not None:
        return deliver(t, options, found.table, ())
    print(aligned(_groups(t, found) if options.by else _measures(t, found)))
    for code, facts in found.notes:
        tell(t(f"kpi_note.{code}", **words.facts(t, facts)))
    return 0


def _measures(t: Translator, found: measuring.Measures) -> list[list[object]]:
    """Return each measure in words, and what it lacks."""
    return [
        [
            t(f"kpi.{code}"),
            words.measured(t, found.value(code), measuring.UNITS[code], found.currency),
            " ".join(t(f"missing.{table}") for table in found.missing[code]),
        ]
        for code in measuring.MEASURES
    ]


def _groups(t: Translator, found: measuring.Measures) -> list[list[object]]:
    """Return the article's measures of each group in words."""
    head: list[object] = [t(f"column.{found.by}"), *(t(f"kpi.{code}") for code in _GROUPS_SHOWN)]
    rows: list[list[object]] = []
    for row in found.table.to_dict("records"):
        name = t("cli.total") if row["is_all"] else row["group"] or MISSING
        rows.append([name, *(
            words.measured(t, float(row[code]), measuring.UNITS[code], found.currency)
            for code in _GROUPS_SHOWN
        )])  # fmt: skip
    return [head, *rows]


def _tiers(t: Translator, options: argparse.Namespace) -> int:
    with upkeep.reader(t, workspaces.folder(options.workspace)) as store:
        table = tiering.table(store, assumed(options, store).as_of)
    if options.json:
        print(json.dumps(records(table), ensure_ascii=False, indent=1, default=spelled))
        return 0
    return deliver(t, options, table, _TIERS_SHOWN)


def _alerts(t: Translator, options: argparse.Namespace) -> int:
    with upkeep.reader(t, workspaces.folder(options.workspace)) as store:
        found = alerting.alerts(store, assumed(options, store).as_of)
    table = found.table.assign(sentence=messages.sentences(t, found.table))
    if options.json:
        rows = [row | {"facts": _plain(row["facts"])} for row in records(table)]
        return _tell_json(
            as_of=found.as_of, currency=found.currency, notes=found.notes, alerts=rows
        )
    if options.out is not None:
        return deliver(t, options, table.drop(columns="facts"), ())
    title, body = messages.compose(t, found, most=SHOWN)
    print(f"{title}\n{body}")
    _tell_notes(t, found.notes)
    return 0


def _clearance(t: Translator, options: argparse.Namespace) -> int:
    with upkeep.reader(t, workspaces.folder(options.workspace)) as store:
        found = clearing.clearance(store, assumed(options, store).as_of)
    lines = words.worded(t, found.lines, {"reason": "clearance_reason"})
    if options.json:
        return _tell_json(
            as_of=found.as_of, currency=found.currency, rate=asdict(found.rate),
            totals=found.totals, notes=found.notes, lines=records(lines),
            options=records(found.options),
        )  # fmt: skip
    if options.out is None:
        totals = {name: t.money(found.totals[name], found.currency)
                  for name in ("gain", "cash_soon", "cash_released")}  # fmt: skip
        print(t("cli.clearance_totals", items=t.number(len(found.lines)), **totals))
        _tell_notes(t, found.notes)
    return deliver(t, options, lines, _CLEARANCE_SHOWN)


def _review(t: Translator, options: argparse.Namespace) -> int:
    with upkeep.reader(t, workspaces.folder(options.workspace)) as store:
        found = reviewing.review(store, assumed(options, store).as_of, span=options.span)
        kind = options.out.suffix.lower() if options.out is not None else ""
        if kind in (".html", ".xlsx"):
            made = reporting.Made(version=store.version)
            if kind == ".xlsx":
                save(options.out, reporting.review_xlsx(t, found, made))
            else:
                save(options.out, reporting.review_html(t, found, made).encode())
            print(t("cli.report_written", path=options.out))
            return 0
    if options.json:
        return _tell_json(**_reviewed(found))
    if options.out is None:
        first, last = (t.date(day) for day in (found.period.starts_on, found.period.ends_on))
        print(t("cli.reviewed", first=first, last=last))
        _tell_notes(t, found.notes)
    return deliver(t, options, found.changes, _CHANGES_SHOWN)


def _reviewed(found: reviewing.Review) -> dict[str, object]:
    """Return a review as JSON tells it."""
    frames = ("changes", "groups", "moves", "slow", "orders", "service", "decisions")
    unusual = [row | {"facts": _plain(row.get("facts"))} for row in records(found.unusual)]
    accuracy = {name: records(getattr(found.accuracy, name)) for name in ("items", "groups")}
    return {
        "as_of": found.as_of,
        "span": found.span,
        "period": asdict(found.period),
        "before": asdict(found.before),
        "currency": found.currency,
        "worth": found.worth,
        "notes": found.notes,
        "unusual": unusual,
        "accuracy": accuracy | {"left_out": found.accuracy.left_out},
        **{name: records(getattr(found, name)) for name in frames},
    }


def _digest(t: Translator, options: argparse.Namespace) -> int:
    """Print the daily message; send it to the addresses that are settled if asked to."""
    with upkeep.reader(t, workspaces.folder(options.workspace)) as store:
        known = digest.settings(store)
        spoken = Translator(known.language) if options.send and not options.language else t
        day = assumed(options, store).as_of
        alarms, found = alerting.alerts(store, day), measuring.measures(store, day)
    title, body = messages.compose(spoken, alarms, found)
    print(f"{title}\n\n{body}")
    if options.send:
        if not known.addresses:
            raise NoAddressError
        took = digest.send(known.addresses, title, body)
        tell(t("digest.sent", addresses=t.number(took)))
    return 0


def _tell_json(**answer: object) -> int:
    print(json.dumps(_plain(answer), ensure_ascii=False, indent=1, default=spelled))
    return 0


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever an answer holds
    """Return what JSON knows: mappings as they are, missing numbers as null."""
    if isinstance(value, Mapping):
        return {str(name): _plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if value is pd.NaT or (isinstance(value, float) and not math.isfinite(value)):
        return None
    return value


def _tell_notes(t: Translator, notes: Iterable[tuple[str, Mapping[str, object]]]) -> None:
    for entry in notes:
        tell(reporting.note(t, entry))
