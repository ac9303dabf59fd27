"""Colours, spoken codes and the binding of rows; once for all charts.

The colours keep a contrast of at least 3 : 1 on the light and on the dark background, and differ
in lightness as well as in hue, so that they tell apart for the colour-blind.
"""

import json
from collections.abc import Iterable

import altair as alt
import pandas as pd

from analytics.i18n import Translator

ACCENT = "#1c8ca6"
MUTED = "#8195a1"
# An axis's own writing of it says 0k and 0.5k; by itself it says 500m for a half, and 1G.
SHORT = (
    "abs(datum.value) < 1 ? format(datum.value, '~r')"
    " : replace(format(datum.value, '~s'), 'G', 'B')"
)
LABEL = "#738089"  # words within a picture: 4 : 1 on both backgrounds
WARNING = "#c07f12"
DANGER = "#cf5b4f"

STATUS_COLOURS = {"order_now": DANGER, "order_later": ACCENT}
SPAN_COLOURS = {"past_saving": DANGER, "avoidable": WARNING}
ARRIVAL_COLOURS = {"placed": LABEL, "suggested": ACCENT}
PAYMENT_COLOURS = {"deposit": ACCENT, "balance": "#9a6fb8", "placed": MUTED}
METHOD_COLOURS = {"quantile": ACCENT, "normal": "#9a6fb8", "max_average": WARNING}
RULE_COLOURS = {**METHOD_COLOURS, "policy": "#5a8f4c", "proposed": DANGER}
LAYER_COLOURS = {
    "stockouts": WARNING,
    "partial": "#9a6fb8",
    "freak_orders": DANGER,
    "promotions": "#5a8f4c",
}
CASE_COLOURS = {"baseline": MUTED, "scenario": ACCENT, "replanned": "#5a8f4c"}
SIDE_COLOURS = {"demand": "#5a8f4c", "supply": LABEL}


def bind(chart: alt.LayerChart, **frames: pd.DataFrame) -> alt.LayerChart:
    """Return ``chart`` with rows under each of its data sets' names."""
    bound = chart.copy(deep=True)
    bound.datasets = {
        name: json.loads(frame.to_json(orient="records", date_format="iso"))
        for name, frame in frames.items()
    }
    return bound


def picture(*layers: alt.Chart, height: int) -> alt.LayerChart:
    """Return ``layers`` one upon the other, as wide as the place they are put in."""
    drawn = alt.LayerChart(layer=list(layers)).properties(height=height, width="container")
    # The frame's theme would push the outer labels inwards, off their rows.
    return drawn.configure_axisY(labelFlush=False)


def spoken(t: Translator, field: str, section: str, codes: Iterable[str]) -> str:
    """Return the Vega expression that says ``field``'s codes in the reader's words."""
    words = json.dumps({code: t(f"{section}.{code}") for code in codes}, ensure_ascii=False)
    return f"{words}[{field}] || {field}"


def band(label: str = "datum.label") -> str:
    """Return the Vega expression that says a band, such as 91–180, in two lines if it is narrow."""
    dash = f"indexof({label}, '–')"
    halves = f"[slice({label}, 0, {dash} + 1), slice({label}, {dash} + 1)]"
    return f"{dash} > 0 && width < 360 ? {halves} : {label}"


def scale(colours: dict[str, str]) -> alt.Scale:
    """Return the colour scale of codes."""
    return alt.Scale(domain=list(colours), range=list(colours.values()))


def legend(
    t: Translator,
    section: str,
    codes: Iterable[str],
    *,
    symbol: str | None = "circle",
    columns: str = "width < 400 ? 2 : 0",
) -> alt.Legend:
    """Return a legend above the chart that speaks the reader's language.

    Without a ``symbol`` it shows the shapes that the marks have. ``columns`` is a Vega expression;
    0 = one row. A phone has no room for a row of them.
    """
    expression = spoken(t, "datum.label", section, codes)
    return alt.Legend(
        title=None,
        orient="top",
        labelExpr=expression,
        columns={"expr": columns},
        labelLimit=220,
        symbolType=alt.Undefined if symbol is None else symbol,
    )
