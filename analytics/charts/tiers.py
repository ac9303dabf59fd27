"""Pictures of which product gets which treatment."""

import altair as alt

from analytics.charts import theme
from analytics.i18n import Translator

_TIERS = ("bestseller", "regular", "seasonal", "trial")
_SHARES = {"item_share": theme.MUTED, "value_share": theme.ACCENT}
_STATUSES = {
    "none": theme.MUTED,
    "ageing": "#9a6fb8",
    "slow": theme.WARNING,
    "dead": theme.DANGER,
}
# A field whose items earn next to nothing must not read as if they earned nothing.
_SHARE = (
    "!datum.items ? '' : datum.value_share > 0 && datum.value_share < 0.005 ? '<1%'"
    " : format(datum.value_share, '.0%')"
)
_STEP = 84  # pixels a row of the matrix


def matrix(t: Translator) -> alt.LayerChart:
    """Return value classes by steadiness classes: circles by value, with the items in each field.

    Data set ``matrix``: abc, xyz, items, value_share (0 to 1).
    """
    base = (
        alt.Chart(alt.NamedData("matrix"))
        .transform_calculate(
            counted="datum.items ? format(datum.items, ',d') : ''",
            held=_SHARE,
        )
        .encode(
            y=alt.Y("abc:N", scale=alt.Scale(type="band")).title(t("tiers.abc")),
            tooltip=[
                alt.Tooltip("abc:N", title=t("tiers.abc")),
                alt.Tooltip("xyz:N", title=t("tiers.xyz")),
                alt.Tooltip("items:Q", title=t("chart.items"), format=",d"),
                alt.Tooltip("value_share:Q", title=t("tiers.value_share"), format=".1%"),
            ],
        )
    )
    steady = alt.X("xyz:N", scale=alt.Scale(type="band")).title(t("tiers.xyz"))
    fields = base.mark_rect(color=theme.MUTED, opacity=0.1, stroke=theme.MUTED).encode(
        x=steady.axis(labelAngle=0, orient="top")
    )
    circles = base.mark_circle(color=theme.ACCENT, opacity=0.85).encode(
        x=alt.X("xyz:N", bandPosition=0.3),
        size=alt.Size(
            "value_share:Q", scale=alt.Scale(domain=[0, 1], range=[0, 4_200]), legend=None
        ),
    )
    beside = base.encode(x=alt.X("xyz:N", bandPosition=0.62))
    counts = beside.mark_text(
        align="left", color=theme.LABEL, fontSize=17, fontWeight="bold", dy=-8
    ).encode(text="counted:N")
    shares = beside.mark_text(align="left", color=theme.LABEL, fontSize=12, dy=12).encode(
        text="held:N"
    )
    return theme.picture(fields, circles, counts, shares, height=3 * _STEP)


def shares(t: Translator) -> alt.LayerChart:
    """Return each tier's share of the items beside its share of what they earn.

    Data set ``shares``: tier, items, item_share, value_share (0 to 1).
    """
    base = (
        alt.Chart(alt.NamedData("shares"))
        .transform_fold(list(_SHARES), as_=["kind", "share"])
        .transform_calculate(
            spoken=theme.spoken(t, "datum.tier", "tier", _TIERS),
            said=theme.spoken(t, "datum.kind", "tiers", _SHARES),
        )
        .encode(
            y=alt.Y("spoken:N", sort=[t(f"tier.{code}") for code in _TIERS])
            .title(None)
            .axis(labelOverlap=False),
            yOffset=alt.YOffset("kind:N", sort=list(_SHARES)),
            x=alt.X("share:Q", scale=alt.Scale(domainMin=0))
            .title(None)
            .axis(format="%", grid=False, tickCount=5),
        )
    )
    bars = base.mark_bar(cornerRadiusEnd=3).encode(
        color=alt.Color(
            "kind:N", scale=theme.scale(_SHARES), legend=theme.legend(t, "tiers", _SHARES)
        ),
        tooltip=[
            alt.Tooltip("spoken:N", title=t("column.tier")),
            alt.Tooltip("said:N", title=t("chart.share")),
            alt.Tooltip("share:Q", title=t("tiers.share"), format=".1%"),
            alt.Tooltip("items:Q", title=t("chart.items"), format=",d"),
        ],
    )
    labels = base.mark_text(align="left", dx=4, color=theme.LABEL).encode(
        text=alt.Text("share:Q", format=".0%")
    )
    return theme.picture(bars, labels, height=3 * _STEP)


def standing(t: Translator) -> alt.LayerChart:
    """Return how the stock of each tier moves.

    Data set ``standing``: tier, status, items.
    """
    order = {code: place for place, code in enumerate(_STATUSES)}
    bars = (
        alt.Chart(alt.NamedData("standing"))
        .transform_calculate(
            spoken=theme.spoken(t, "datum.tier", "tier", _TIERS),
            said=theme.spoken(t, "datum.status", "stock_status", _STATUSES),
            place=f"{order}[datum.status]",
        )
        .mark_bar(height={"band": 0.6})
        .encode(
            y=alt.Y("spoken:N", sort=[t(f"tier.{code}") for code in _TIERS])
            .title(None)
            .axis(labelOverlap=False),
            x=alt.X("items:Q", stack="zero")
            .title(t("chart.items"))
            .axis(format=",d", grid=False, tickCount=8, tickMinStep=1),
            order=alt.Order("place:Q"),
            color=alt.Color(
                "status:N",
                scale=theme.scale(_STATUSES),
                legend=theme.legend(t, "stock_status", _STATUSES),
            ),
            tooltip=[
                alt.Tooltip("spoken:N", title=t("column.tier")),
                alt.Tooltip("said:N", title=t("chart.status")),
                alt.Tooltip("items:Q", title=t("chart.items"), format=",d"),
            ],
        )
    )
    return theme.picture(bars, height=240)
