"""One item's forecast: its picture, what it stands on, and what people judge better."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from analytics import words
from analytics.charts import forecast as charts
from analytics.i18n import Translator
from analytics.services import planning
from analytics.services.forecasts import LAYERS, ItemForecast
from pages.shared import judging, plain, render, session

FAN = {
    "week": "date", "mean": "decimal", "q05": "number", "q20": "number", "q50": "number",
    "q80": "number", "q95": "number", "cumulative_mean": "number", "cumulative_q95": "number",
}  # fmt: skip
_CORRECTIONS = {
    "week": "date", "layer": "text", "units_before": "number", "units_after": "decimal",
    "certainty": "text", "reason": "wide",
}  # fmt: skip
_UPLIFTS = {
    "event": "text", "scope": "text", "uplift": "percent", "low": "percent", "high": "percent",
    "weeks": "number", "source": "text",
}  # fmt: skip


def layers(t: Translator) -> tuple[str, ...]:
    """Draw the switches of the history's corrections; return those that are on."""
    chosen = st.pills(
        t("forecast.layers"),
        LAYERS,
        selection_mode="multi",
        default=LAYERS,
        format_func=lambda layer: t(f"layer.{layer}"),
        key="layers",
        help=t("forecast.layers_help"),
    )
    return tuple(layer for layer in LAYERS if layer in chosen)


def figures(t: Translator, item: ItemForecast) -> None:
    """Draw the item's four figures."""
    facts = item.facts
    names = {
        "next_13": "mean_13_weeks",
        "last_13": "units_last_13_weeks",
        "demand_13": "demand_last_13_weeks",
        "stockouts": "weeks_stockout",
    }
    render.figures(
        [
            (t(f"forecast.{name}"), t.number(facts[fact]), t(f"forecast.{name}_help"))
            for name, fact in names.items()
        ]
    )
    _whose(t, item)
    _silence(t, item)


def _whose(t: Translator, item: ItemForecast) -> None:
    """Say so if the forecast is somebody's word, and not the numbers'."""
    if item.facts["source"] == "numbers":
        return
    launched = item.launched
    st.badge(
        t(f"source.{item.facts['source']}"),
        icon=":material/edit_note:",
        color="orange",
        help=t("forecast.launched", **_launch_words(t, launched)) if launched else None,
    )


def _silence(t: Translator, item: ItemForecast) -> None:
    """Say what is made of a product that has not sold lately, where no count of stock tells."""
    last = item.history["week"].max() if len(item.history) else None
    told = item.corrections
    now = told.loc[(told["week"] == last) & told["reason"].isin(["silent", "maybe_ended"])]
    for row in now.to_dict("records"):
        st.warning(_reason(t, row), icon=":material/hourglass_empty:")


def _launch_words(t: Translator, launched: Mapping[str, Any]) -> dict[str, str]:
    return {
        "level": t.number(launched["level"], 1),
        "borrowed": t.number(launched["borrowed"], 1),
        "source": t(f"level_source.{launched['source']}"),
        "like_sku": plain.literal(str(launched.get("like_sku") or "–")),
        "own_share": t.percent(launched["own_share"]),
        "units_seen": t.number(launched["units_seen"]),
    }


def picture(t: Translator, item: ItemForecast) -> None:
    """Draw history, corrections, events and the fan."""
    told = item.corrections.loc[item.corrections["layer"] != "returns"]
    label = [_reason(t, row) for row in told.to_dict("records")]
    is_known = item.history["state"] != "unobserved"
    render.chart(
        t,
        charts.fan,
        "fan",
        history=item.history.assign(raw=item.history["units"].where(is_known)),
        fan=item.fan,
        before=item.before,
        events=_named(t, item),
        corrections=told.drop(columns="facts").assign(
            label=pd.Series(label, index=told.index, dtype=object)
        ),
    )
    render.reading(t("forecast.reading"))


def _named(t: Translator, item: ItemForecast) -> pd.DataFrame:
    """Return the events with their names, cut to the weeks that are shown."""
    events = item.events
    label = [
        t(f"event.{row['code']}")
        if t.has(f"event.{row['code']}")
        else " ".join(str(row["name"]).replace(item.sku, "").split())
        for row in events.to_dict("records")
    ]
    weeks = pd.concat([item.history["week"], item.fan["week"]])
    last = weeks.max() + pd.Timedelta(days=6)
    return pd.DataFrame(
        {
            "starts_on": events["starts_on"].clip(weeks.min(), last),
            "ends_on": events["ends_on"].clip(weeks.min(), last),
            "side": events["side"],
            "uplift": events["uplift"],
            "label": pd.Series(label, index=events.index, dtype=object),
        }
    )


def _reason(t: Translator, row: Mapping[Any, Any]) -> str:
    return t(f"correction.{row['reason']}", **words.facts(t, dict(row["facts"])))


def evidence(t: Translator, item: ItemForecast) -> None:
    """Draw what the forecast stands on: season, corrections, events."""
    season, corrections, events = st.tabs(
        [t("forecast.season"), t("forecast.corrections"), t("forecast.events")]
    )
    with season:
        _season(t, item)
    with corrections:
        _corrections(t, item)
    with events:
        _events(t, item)


def _season(t: Translator, item: ItemForecast) -> None:
    year = f"{item.as_of:%Y}"
    first = pd.Timestamp(f"{year}-01-01")
    dated = item.season.assign(
        date=first + pd.to_timedelta((item.season["week_of_year"] - 1) * 7, unit="D"),
        is_now=item.season["week_of_year"]
        == min((item.as_of.timetuple().tm_yday - 1) // 7 + 1, 52),
    )
    render.chart(t, charts.season, "season", season=dated)
    shown = words.facts(t, dict(item.facts), {"group_level": "group"})
    key = "season_own" if item.facts["season_source"] == "own" else "season_none"
    render.reading(t(f"forecast.{key}", **{**shown, "group": plain.literal(shown["group"])}))


def _corrections(t: Translator, item: ItemForecast) -> None:
    told = item.corrections
    if told.empty:
        st.caption(t("forecast.no_corrections"))
        return
    reasons = [_reason(t, row) for row in told.to_dict("records")]
    newest_first = told.assign(reason=reasons)[list(_CORRECTIONS)].iloc[::-1]
    render.table(
        t,
        newest_first.reset_index(drop=True),
        _CORRECTIONS,
        f"leeway-corrections-{item.sku}-{item.market}",
        codes={"layer": "layer", "certainty": "certainty"},
    )


def _events(t: Translator, item: ItemForecast) -> None:
    st.caption(t("forecast.events_help"))
    told = [part for part in (_stated(t, item), _estimated(t, item)) if len(part)]
    if told:
        render.table(
            t,
            pd.concat(told, ignore_index=True)[list(_UPLIFTS)],
            _UPLIFTS,
            f"leeway-uplifts-{item.sku}-{item.market}",
            codes={"source": "uplift_source"},
        )
    else:
        st.caption(t("forecast.no_events"))
    _price(t, item)
    judging.event(t, item)


def _estimated(t: Translator, item: ItemForecast) -> pd.DataFrame:
    """Return what the history tells of events, of each in the narrowest scope."""
    known = item.uplifts.loc[~_is_price(item.uplifts) & (item.uplifts["weeks"] > 0)]
    known = known.drop_duplicates("code", keep="last")  # the narrowest scope stands last
    return known.assign(
        event=[_event_name(t, item, code) for code in known["code"]],
        scope=[_scope(t, row) for row in known[["market", "group"]].to_dict("records")],
    )


def _stated(t: Translator, item: ItemForecast) -> pd.DataFrame:
    """Return the events to come of which somebody said what they do: that is what counts."""
    told = item.events.loc[(item.events["source"] == "stated") & (item.events["side"] == "demand")]
    coming = told.loc[told["ends_on"] > pd.Timestamp(item.as_of)].drop_duplicates("code")
    named = [_event_name(t, item, code) for code in coming["code"]]
    columns = ["uplift", "low", "high", "weeks", "source"]
    return coming.reindex(columns=["code", *columns]).assign(
        event=named, scope=f"{item.sku} · {item.market}", weeks=0
    )


def _price(t: Translator, item: ItemForecast) -> None:
    """Draw what a change of price would do, and hand it to the demand slider."""
    known = item.uplifts.loc[_is_price(item.uplifts)]
    if known.empty:
        return
    row = known.iloc[-1]
    facts = {name: t.number(row[name], 1) for name in ("elasticity", "low", "high")}
    is_told = row["source"] == "estimated"
    st.caption(t("forecast.elasticity" if is_told else "forecast.elasticity_prior", **facts))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        change = st.number_input(t("forecast.price_change"), -50, 100, -10, 5, width=200)
        demand = round(100 * ((1 + change / 100) ** float(row["elasticity"]) - 1))
        low, high = session.bounds("demand_change_pct")
        st.button(
            t("forecast.use_price", demand=f"{demand:+d}"),
            on_click=session.keep,
            kwargs={"demand_change_pct": min(max(demand, low), high)},
            icon=":material/tune:",
        )


def _is_price(uplifts: pd.DataFrame) -> "pd.Series[bool]":
    """Return which rows are of the price itself: a seller may call an event so, too."""
    is_elasticity = uplifts["elasticity"].notna() & uplifts["uplift"].isna()
    return is_elasticity & (uplifts["code"] == "price")


def _event_name(t: Translator, item: ItemForecast, code: str) -> str:
    if t.has(f"event.{code}"):
        return t(f"event.{code}")
    own = item.events.loc[item.events["code"] == code, "name"]
    return str(own.iloc[-1]) if len(own) else code


def _scope(t: Translator, row: Mapping[Any, Any]) -> str:
    parts = [str(row[name]) for name in ("group", "market") if row[name]]
    return " · ".join(parts) or t("group.account")


def table(t: Translator, item: ItemForecast) -> None:
    """Draw the fan in numbers."""
    with st.expander(t("forecast.numbers"), icon=":material/table_rows:"):
        render.table(t, item.fan, FAN, f"leeway-forecast-{item.sku}-{item.market}")


def two(t: Translator) -> tuple[DeltaGenerator, DeltaGenerator]:
    """Draw the places of the two forms: another forecast, and a new item's."""
    other, new = st.tabs([t("forecast.override"), t("forecast.launch")])
    return other, new


def others(sku: str, market: str) -> list[str]:
    """Return the other SKUs of a market, what sold most first."""
    pairs = (label.rpartition(planning.ITEM_MARK) for label in session.items())
    return [other for other, _, place in pairs if place == market and other != sku]


def can_judge(t: Translator) -> bool:
    """Return whether this visit may note judgements; say why not on the sample."""
    if not session.may("editor"):  # the frame says who may
        return False
    if session.shows_sample():
        st.caption(t("forecast.sample_reads_only"))
        return False
    return True
