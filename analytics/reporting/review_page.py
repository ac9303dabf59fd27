"""The review's page: figures, sentences, pictures and tables, filled into its template."""

import re
from functools import cache
from typing import Any

import jinja2
import pandas as pd
from markupsafe import Markup

from analytics import words
from analytics.charts import review as charts
from analytics.i18n import MISSING, Translator
from analytics.reporting import pictures
from analytics.reporting import review as told
from analytics.reporting.tables import Made
from analytics.services.reviewing import Review

_MARK = re.compile(r"\b(?:clip|gradient_)\d+\b")
_ROWS = 10  # of a table; the workbook holds all
_WIDE, _HIGH = 250, 190  # pixels that a picture draws on
_NUMBER, _MONEY, _SHARE, _DAY = "number", "money", "share", "day"
# Columns of each table, and how their cells are written (text unless said).
_TABLES = {
    "changes": {"figure": "", "this_period": _NUMBER, "last_period": _NUMBER,
                "difference": _NUMBER, "change": _SHARE},
    "unusual": {"name": "", "sku": "", "market": "", "kind": "", "sold": _NUMBER,
                "expected": _NUMBER, "cause": ""},
    "accuracy": {"name": "", "sku": "", "market": "", "forecast": _NUMBER, "actual": _NUMBER,
                 "imputed": _NUMBER, "difference": _NUMBER, "off": _SHARE},
    "service": {"tier": "", "items": _NUMBER, "target": _SHARE, "in_stock": _SHARE,
                "in_stock_before": _SHARE, "units_lost": _NUMBER},
    "decisions": {"decided_on": _DAY, "name": "", "sku": "", "market": "", "act": "",
                  "suggested_quantity": _NUMBER, "quantity": _NUMBER, "reason": "", "state": "",
                  "units_gained": _NUMBER, "worth": _MONEY},
    "slow": {"name": "", "sku": "", "market": "", "moved": "", "status": "", "on_hand": _NUMBER,
             "value_now": _MONEY},
    "moves": {"name": "", "sku": "", "market": "", "tier_was": "", "tier": ""},
}  # fmt: skip
_EMPTY = {"unusual": "no_unusual", "slow": "no_slow", "moves": "no_moves",
          "decisions": "no_decisions", "accuracy": "said_no_forecast"}  # fmt: skip


def html(t: Translator, review: Review, made: Made) -> str:
    """Return the page; see `analytics.reporting.review.review_html`."""
    before = review.before
    return _template().render(
        t=t,
        language={"zh": "zh-CN"}.get(t.language, t.language),
        made=made,
        review=review,
        title=told.title(t, review),
        compared=t(
            "review_report.compared_with",
            starts_on=t.date(before.starts_on),
            ends_on=t.date(before.ends_on),
        ),
        figures=told.figures(t, review),
        said=told.said(t, review),
        pictures=_pictures(t, review),
        tables=[_table(t, review, name, frame) for name, frame in _frames(t, review).items()],
        notes=told.notes(t, review),
    )


@cache
def _template() -> jinja2.Template:
    world = jinja2.Environment(
        loader=jinja2.PackageLoader("analytics", "reporting"),
        autoescape=True,  # names are data: none of them is markup
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return world.get_template("review.html")


def _frames(t: Translator, review: Review) -> dict[str, pd.DataFrame]:
    told_of = review.decisions
    return {
        "changes": told.changes(review),
        "unusual": review.unusual,
        "accuracy": review.accuracy.items,
        "service": told.service(t, review),
        "decisions": told_of.loc[told_of["act"] != "accept"],
        "slow": review.slow,
        "moves": review.moves,
    }


def _pictures(t: Translator, review: Review) -> dict[str, Any]:
    """Return the pictures that there is something to draw in."""
    value = "sales_value" if review.currency else "units_sold"
    asked = {
        "sales": (charts.sales, {"groups": charts.periods(review.groups, "tier", value)}),
        "foreseen": (charts.foreseen, {"items": charts.farthest(review.accuracy.items)}),
        "kept": (charts.kept, {"tiers": charts.tiers(review.service)}),
        "worth": (charts.worth, {"decisions": charts.weighed(review.decisions)}),
    }
    return {
        name: _own(pictures.svg(t, draw, width=_WIDE, height=_HIGH, **rows), name)
        for name, (draw, rows) in asked.items()
        if all(len(frame) for frame in rows.values())
    }


def _own(drawn: Markup, name: str) -> Markup:
    """Return a picture whose parts have names of its own: else one would be cut by another's.

    What draws numbers them through the life of the process, so that no two reports were alike.
    """
    marks = {
        mark: f"{name}-{place}" for place, mark in enumerate(dict.fromkeys(_MARK.findall(drawn)))
    }
    return Markup(_MARK.sub(lambda found: marks[found[0]], drawn))  # noqa: S704 - drawn by us


def _table(t: Translator, review: Review, name: str, frame: pd.DataFrame) -> dict[str, Any]:
    columns = _TABLES[name]
    spoken = words.worded(t, frame.head(_ROWS + 5 if name == "changes" else _ROWS), told.CODES)
    rows = [
        [_cell(t, kind, row[column], review.currency) for column, kind in columns.items()]
        for row in spoken.to_dict("records")
    ]
    more = len(frame) > len(rows)
    shown = {"shown": t.number(len(rows)), "rows": t.number(len(frame))}
    return {
        "title": t(f"review.{name}"),
        "help": _help(t, review, name),
        "heads": [(words.header(t, column), kind) for column, kind in columns.items()],
        "kinds": list(columns.values()),
        "rows": rows,
        "empty": t(f"review.{_EMPTY[name]}") if name in _EMPTY else MISSING,
        "more": t("review_report.first_rows", **shown) if more else "",
    }


def _help(t: Translator, review: Review, name: str) -> str:
    key = f"review.{name}_help"
    return t(key, eve=t.date(review.period.eve)) if t.has(key) else ""


def _cell(t: Translator, kind: str, value: Any, currency: str) -> str:  # noqa: ANN401 - a cell of a table
    if kind == _NUMBER:
        return t.number(value)
    if kind == _MONEY:
        return t.money(value, currency)
    if kind == _SHARE:
        return t.percent(value)
    if kind == _DAY:
        return MISSING if pd.isna(value) else t.date(value)
    return MISSING if value is None or value == "" or pd.isna(value) else str(value)
