"""The delay lab as files: what was assumed, what it does, what to do about it."""

import pandas as pd

from analytics import export, words
from analytics.i18n import Translator
from analytics.reporting import measures, tables
from analytics.reporting.tables import LEAST_UNITS, Made
from analytics.services.delays import Impact, ItemImpact


def delay_html(t: Translator, impact: Impact, made: Made, item: ItemImpact | None = None) -> str:
    """Return a report as one HTML page that needs no script, no network and no other file.

    Parameters
    ----------
    t : Translator
        The reader's words.
    impact : Impact
        What the scenario does; without its columns of money no amount is in the page.
    made : Made
        What the numbers stand on.
    item : ItemImpact, optional
        An item whose days are drawn.
    """
    from analytics.reporting import page  # noqa: PLC0415 - what draws takes most of a second to load

    return page.html(t, impact, made, item)


def delay_xlsx(t: Translator, impact: Impact, made: Made) -> bytes:
    """Return a report as a workbook: what was assumed, the figures, and every row behind them."""
    about = [
        (t("report.question"), words.scenario(t, impact.scenario)),
        (t("report.name"), made.name),
        (t("report.as_of"), t.date(impact.as_of)),
        (t("report.horizon"), t("report.days", days=impact.horizon)),
        (t("report.currency"), impact.currency if "currency" in impact.lines else ""),
        (t("report.version"), made.version),
        (t("report.checksum"), impact.checksum),
        *tables.assumptions(t, impact.scenario).itertuples(index=False, name=None),
        *((t("report.note"), measures.note(t, entry)) for entry in impact.notes),
    ]
    if made.is_sample:
        about.append((t("report.note"), t("report.sample")))
    known = [(part, text) for part, text in about if text]
    frame = pd.DataFrame(known, columns=[t("report.part"), t("report.says")])
    return export.xlsx(tables.delay_sheets(t, impact, frame))


def worst(lines: pd.DataFrame) -> tuple[str, str] | None:
    """Return the SKU and market of the item that loses most by the scenario, if any does."""
    lost = lines.loc[lines["units_short_more"] >= LEAST_UNITS]
    return None if lost.empty else (str(lost["sku"].iloc[0]), str(lost["market"].iloc[0]))
