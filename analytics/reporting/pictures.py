"""Charts as pictures that stand inside a page: no script, no font, no file beside it."""

from collections.abc import Callable, Mapping
from typing import Any

import altair as alt
import pandas as pd
import vl_convert
from markupsafe import Markup

from analytics.charts import bind
from analytics.i18n import Translator

# A font that every system has, and beside it those that hold Chinese.
FONT = "system-ui, 'Segoe UI', 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif"
_INK, _FAINT = "#33434d", "#e3e8eb"
_VEGA_LITE = "6.4"
_LOOKS: Mapping[str, Any] = {
    "font": FONT,
    "background": "transparent",
    "view": {"stroke": None},
    "axis": {
        "labelColor": _INK,
        "titleColor": _INK,
        "titleFontWeight": "normal",
        "gridColor": _FAINT,
        "domainColor": _FAINT,
        "tickColor": _FAINT,
    },
    "legend": {"labelColor": _INK, "titleColor": _INK},
}


def svg(
    t: Translator,
    draw: Callable[[Translator], alt.LayerChart],
    *,
    width: int,
    height: int | None = None,
    **frames: pd.DataFrame,
) -> Markup:
    """Return a chart of this package as an inline SVG picture.

    Parameters
    ----------
    t : Translator
        The reader's words.
    draw : callable
        A chart; its words and fields are ours, and only its rows are data.
    width, height : int
        Of the drawing area in pixels; the height is the chart's own if none is given.
    frames : DataFrame
        Rows by the name of the chart's data sets.

    Returns
    -------
    Markup
        Text out of the data stands in it as text: the renderer escapes it.
    """
    spec = bind(draw(t), **frames).to_dict() | {"width": width}
    if height is not None:
        spec["height"] = height
    drawn = vl_convert.vegalite_to_svg(
        spec, vl_version=_VEGA_LITE, config=dict(_LOOKS), allowed_base_urls=[]
    )
    return Markup(drawn)  # noqa: S704 - drawn by us, its data escaped by the renderer
