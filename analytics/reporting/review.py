"""A period looked back upon, in words, as figures, and as files."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analytics import export, words
from analytics.i18n import MISSING, Translator
from analytics.reporting import measures
from analytics.reporting.tables import Made
from analytics.services.reviewing import Review
from analytics.services.stock_take import StockTake

# Columns of codes, and the sections of their words.
CODES: Mapping[str, str] = {
    "act": "ledger_act",
    "by": "review_by",
    "cause": "sales_cause",
    "event": "review_event",
    "group": "tier",
    "kind": "alert",
    "figure": "review_measure",
    "moved": "review_moved",
    "reason": "ledger_reason",
    "route": "route",
    "state": "review_state",
    "status": "standstill",
    "status_before": "standstill",
    "tier": "tier",
    "tier_was": "tier",
    "unit": "review_unit",
}


_UNUSUAL = ("sku", "market", "name", "tier", "kind", "since_on", "sold", "expected", "change",
            "money_per_day", "cause")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of the head.

    Attributes
    ----------
    label, value, how : str
        What it is, in words; how it is worked out.
    before : str
        The same of the period before; empty = not compared.
    change : str
        Signed, against the period before; empty = not known.
    is_good : bool or None
        Whether more of it is good; None = neither.
    """

    label: str
    value: str
    how: str
    before: str = ""
    change: str = ""
    is_good: bool | None = None


def title(t: Translator, review: Review) -> str:
    """Return which period it is."""
    return t(f"review.{review.span}_title", **_span(t, review))


def _span(t: Translator, review: Review) -> dict[str, str]:
    period = review.period
    return {"starts_on": t.date(period.starts_on), "ends_on": t.date(period.ends_on)}


def figures(t: Translator, review: Review) -> list[Figure]:
    """Return the figures of the head: sales, stock, service, bias, and the worth of decisions."""
    rows = _rows(review)
    sold = "sales_value" if np.isfinite(rows["sales_value"]["this_period"]) else "units_sold"
    found = [
        _changed(t, review, rows, sold, is_good=True),
        _changed(t, review, rows, "stock_value", is_good=None),
        _in_stock(t, review),
        _bias(t, review),
    ]
    worth = review.worth["worth"]
    label, how = t("review_figure.worth"), t("review_figure.worth_help")
    return [*found, Figure(label, t.money(worth, review.currency), how)]


def _rows(review: Review) -> dict[Hashable, dict[Hashable, Any]]:
    """Return what changed, by measure."""
    return review.changes.set_index("measure").to_dict("index")


def _changed(
    t: Translator,
    review: Review,
    rows: Mapping[Hashable, Mapping[Hashable, Any]],
    code: str,
    *,
    is_good: bool | None,
) -> Figure:
    now, before, change = (rows[code][name] for name in ("this_period", "last_period", "change"))

    def told(value: float) -> str:
        return t.number(value) if code == "units_sold" else t.money(value, review.currency)

    return Figure(
        t(f"review_figure.{code}"),
        told(now),
        t(f"review_figure.{code}_help"),
        told(before) if np.isfinite(before) else "",
        signed(t, change),
        is_good,
    )


def _in_stock(t: Translator, review: Review) -> Figure:
    row = review.service.iloc[0]
    now, before = row["in_stock"], row["in_stock_before"]
    how = t("review_figure.in_stock_help", target=t.percent(row["target"]))
    told = t.percent(before) if np.isfinite(before) else ""
    return Figure(
        t("review_figure.in_stock"), t.percent(now), how, told, points(t, now - before), True
    )


def _bias(t: Translator, review: Review) -> Figure:
    groups = review.accuracy.groups
    bias, off = (groups[name].iloc[0] if len(groups) else np.nan for name in ("bias", "off"))
    how = t("review_figure.bias_help", off=t.percent(off))
    return Figure(t("review_figure.bias"), signed(t, bias) or MISSING, how)


def signed(t: Translator, share: float) -> str:
    """Return a share with its sign; nothing if it is not known.

    >>> signed(Translator("en"), 0.042), signed(Translator("en"), -0.1)
    ('+4.2%', '-10.0%')
    """
    if not np.isfinite(share):
        return ""
    text = t.percent(share)
    return f"+{text}" if share > 0 and not text.startswith("0.0%") else text


def points(t: Translator, share: float) -> str:
    """Return a difference of shares with its sign; nothing if it is not known.

    >>> points(Translator("en"), 0.0064), points(Translator("en"), -0.012)
    ('+0.6 points', '-1.2 points')
    """
    if not np.isfinite(share):
        return ""
    text = t.number(100 * share, 1)
    return t("review.points", points=f"+{text}" if share > 0 and text != "0.0" else text)


def said(t: Translator, review: Review) -> list[str]:
    """Return in sentences what happened, what was foreseen, kept and decided."""
    return [
        _sales(t, review), _foreseen(t, review), _kept(t, review), _decided(t, review),
        *_stood(t, review), _unusual(t, review),
    ]  # fmt: skip


def _sales(t: Translator, review: Review) -> str:
    rows = _rows(review)
    units, value = rows["units_sold"], rows["sales_value"]["this_period"]
    facts = {"units": t.number(units["this_period"])}
    if not np.isfinite(units["last_period"]):
        return t("review.said_sales_first", **facts)
    facts |= {
        "units_before": t.number(units["last_period"]),
        "change": signed(t, units["change"]) or MISSING,
    }
    if not np.isfinite(value):
        return t("review.said_sales_units", **facts)
    return t("review.said_sales", **facts, value=t.money(value, review.currency))


def _foreseen(t: Translator, review: Review) -> str:
    groups = review.accuracy.groups
    if groups.empty or not np.isfinite(groups["bias"].iloc[0]):
        return t("review.said_no_forecast")
    row = groups.iloc[0]
    return t(
        "review.said_too_high" if row["bias"] > 0 else "review.said_too_low",
        eve=t.date(review.period.eve),
        forecast=t.number(row["forecast"]),
        actual=t.number(row["actual"]),
        bias=t.percent(abs(row["bias"])),
        off=t.percent(row["off"]),
    )


def _kept(t: Translator, review: Review) -> str:
    row = review.service.iloc[0]
    if not np.isfinite(row["in_stock"]):
        return t("review.said_no_stock")
    facts = {"in_stock": t.percent(row["in_stock"]), "target": t.percent(row["target"])}
    if round(row["units_lost"]) < 1:
        return t("review.said_kept_all", **facts)
    return t("review.said_kept", **facts, units=t.number(row["units_lost"]))


def _decided(t: Translator, review: Review) -> str:
    worth = review.worth
    facts = {"against": t.number(worth["against"])}
    if not worth["against"]:
        return t("review.said_no_decisions")
    if not np.isfinite(worth["worth"]):
        return t("review.said_early", **facts)
    money = t.money(worth["worth"], review.currency)
    return t("review.said_worth", **facts, judged=t.number(worth["judged"]), worth=money)


def _stood(t: Translator, review: Review) -> list[str]:
    if not np.isfinite(review.service["in_stock"].iloc[0]):
        return []  # without stock nobody knows
    moved = review.slow["moved"]
    stand, came, left = (moved != "left").sum(), (moved == "came").sum(), (moved == "left").sum()
    numbers = {"stand": int(stand), "came": int(came), "left": int(left)}
    return [t("review.said_slow", **{name: t.number(n) for name, n in numbers.items()})]


def _unusual(t: Translator, review: Review) -> str:
    if review.unusual.empty:
        return t("review.said_calm")
    return t("review.said_unusual", items=t.number(len(review.unusual)))


def notes(t: Translator, review: Review) -> list[str]:
    """Return in words what was missing or left out."""
    return [measures.note(t, entry) for entry in review.notes]


def review_html(t: Translator, review: Review, made: Made) -> str:
    """Return a report as one HTML page that needs no script, no network and no other file."""
    from analytics.reporting import review_page  # noqa: PLC0415 - what draws takes most of a second

    return review_page.html(t, review, made)


def review_xlsx(t: Translator, review: Review, made: Made) -> bytes:
    """Return a report as a workbook: in short, then every row behind it."""
    about = [
        (t("review_report.period"), title(t, review)),
        (t("report.as_of"), t.date(review.as_of)),
        (t("report.currency"), review.currency),
        (t("report.version"), made.version),
        *((t("review_report.said"), text) for text in said(t, review)),
        *((t("report.note"), text) for text in notes(t, review)),
        *([(t("report.note"), t("report.sample"))] if made.is_sample else []),
    ]
    known = [(part, text) for part, text in about if text]
    frames = {
        "changes": changes(review),
        "groups": review.groups,
        "unusual": review.unusual[list(_UNUSUAL)],
        "accuracy": review.accuracy.items,
        "accuracy_by": review.accuracy.groups,
        "service": service(t, review),
        "decisions": review.decisions.drop(columns=["line_id"]),
        "slow": review.slow.drop(columns=["slow_days"]),
        "moves": review.moves,
        "orders": review.orders,
    }
    sheets = {t(f"review_report.sheet_{name}"): sheet(t, rows) for name, rows in frames.items()}
    head = pd.DataFrame(known, columns=[t("report.part"), t("report.says")])
    return export.xlsx({t("review_report.sheet_about"): head, **sheets})


def changes(review: Review) -> pd.DataFrame:
    """Return what changed, under the name of a column that fits more than service."""
    return review.changes.rename(columns={"measure": "figure"})


def service(t: Translator, review: Review) -> pd.DataFrame:
    """Return service by tier, with a name for all of them."""
    tier = review.service["tier"]
    return review.service.assign(tier=tier.where(tier != "", t("review_by.all")))


def sheet(t: Translator, frame: pd.DataFrame) -> pd.DataFrame:
    """Return rows with codes in words, under headings that a reader knows."""
    told = words.worded(t, _all_named(frame), CODES)
    return told.rename(columns={name: words.header(t, name) for name in told.columns})


def _all_named(frame: pd.DataFrame) -> pd.DataFrame:
    """Return groups with a name for that of everything."""
    if "by" in frame:
        return frame.assign(by=frame["by"].where(frame["by"] != "", "all"))
    return frame


def stock_take_xlsx(t: Translator, found: StockTake) -> bytes:
    """Return a stock-take sheet as a workbook, with an empty column to write counts in."""
    blank = found.items.drop(columns=["currency"])
    blank.insert(list(blank.columns).index("expected_closing") + 1, "count_by_hand", None)
    return export.xlsx(
        {
            t("review_report.sheet_stock_take"): sheet(t, blank),
            t("review_report.sheet_places"): sheet(t, found.places.assign(count_by_hand=None)),
        }
    )
