"""The same answers as sheets of a workbook: numbers as numbers, codes in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields

import pandas as pd

from analytics import export, words
from analytics.i18n import MISSING, Translator
from analytics.reporting import measures
from analytics.scenario import Scenario
from analytics.services import comparing
from analytics.services.comparing import Comparison
from analytics.services.delays import Impact

LEAST_UNITS = 0.5  # short of less, an item is not short
# Columns of codes, and the sections of their words.
_CODES: Mapping[str, str] = {
    "action": "action",
    "air_route": "route",
    "case": "case",
    "plan": "compare_plan",
    "route": "route",
    "stake": "compare_plan",
    "tier": "tier",
}
# Fields of a scenario that hold codes, and how the keys of their words begin.
_FIELD_CODES: Mapping[str, str] = {
    "hits": "scenario.hits_",
    "only_route": "route.",
    "only_stage": "said.stage_",
    "ship_by": "route.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What a report says of its own making.

    Parameters
    ----------
    version : str
        Of the data.
    name : str
        Of the scenario, if it has one.
    is_sample : bool
        Whether the numbers are the sample seller's.
    """

    version: str = ""
    name: str = ""
    is_sample: bool = False


def headings(t: Translator, columns: Iterable[str]) -> dict[str, str]:
    """Return what canonical columns are called where the catalogue has words for them."""
    return {name: words.header(t, name) for name in columns}


def assumptions(t: Translator, scenario: Scenario) -> pd.DataFrame:
    """Return every field of a scenario that is not at its default: ``assumption``, ``value``."""
    rest = Scenario()
    moved = [
        (field.name, value)
        for field in fields(scenario)
        if (value := getattr(scenario, field.name)) != getattr(rest, field.name)
    ]
    return pd.DataFrame(
        {
            "assumption": [_label(t, name) for name, _ in moved],
            "value": [_value(t, name, value) for name, value in moved],
        },
        dtype="str",
    )


def _label(t: Translator, name: str) -> str:
    return t(f"scenario.{name}") if t.has(f"scenario.{name}") else name


def _value(t: Translator, name: str, value: object) -> str:
    key = f"{_FIELD_CODES.get(name, name)}{value}"
    if t.has(key):
        return t(key)
    return f"{value:g}" if isinstance(value, float) else words.fact(t, name, value)


def figures(t: Translator, impact: Impact) -> tuple[pd.DataFrame, dict[str, str]]:
    """Return every measure at rest and under the scenario, and the headings."""
    table = comparing.differences([impact])
    shown = table.assign(
        measure=[t(f"compared.{code}") for code in table["measure"]],
        unit=[_unit(t, code, impact.currency) for code in table["unit"]],
    )
    return shown, measures.headings(t, [t("report.scenario")])


def _unit(t: Translator, code: str, currency: str) -> str:
    return (currency or MISSING) if code == "money" else t(f"compare_unit.{code}")


def delay_sheets(t: Translator, impact: Impact, about: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the sheets of a delay report; their headings are words already."""
    shown, names = figures(t, impact)
    tables = {"items": impact.lines, "orders": impact.orders, "weeks": impact.timeline}
    sheets = {
        t(f"report.sheet_{name}"): words.worded(t, frame, _CODES).rename(
            columns=headings(t, frame.columns)
        )
        for name, frame in tables.items()
    }
    return {
        t("report.sheet_about"): about,
        t("report.sheet_figures"): shown.rename(columns=names),
        **sheets,
    }


def comparison_xlsx(t: Translator, compared: Comparison) -> bytes:
    """Return scenarios side by side as a workbook: differences, items, weeks, what each assumes."""
    names = dict(zip(comparing.CASES, (t("compare.at_rest"), *compared.names), strict=False))
    differences = compared.differences.assign(
        measure=[t(f"compared.{code}") for code in compared.differences["measure"]],
        unit=[_unit(t, code, compared.currency) for code in compared.differences["unit"]],
    )
    assumed = pd.concat(
        [
            assumptions(t, scenario).assign(case=case)
            for case, scenario in zip(comparing.CASES[1:], compared.scenarios, strict=False)
        ]
    )[["case", "assumption", "value"]]
    tables = {"items": compared.lines, "weeks": compared.series, "assumed": assumed}
    sheets = {t(f"report.sheet_{name}"): _named(t, frame, names) for name, frame in tables.items()}
    head = differences.rename(columns=measures.headings(t, compared.names))
    return export.xlsx({t("report.sheet_figures"): head, **sheets})


def _named(t: Translator, frame: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Return rows with their cases called by name, codes and headings in words."""
    told = frame.assign(case=frame["case"].map(names))
    codes = {name: section for name, section in _CODES.items() if name != "case"}
    told = words.worded(t, told, codes)
    own = {"case": t("compare.scenario"), "value": t("compare.value")}
    return told.rename(columns=headings(t, told.columns) | own)
