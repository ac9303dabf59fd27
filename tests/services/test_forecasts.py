"""Forecasts as a page, a file and a notebook read them."""

import numpy as np
import pandas as pd
import pytest

from analytics import forecasting, sample
from analytics.errors import OutOfBoundsError, UnknownItemError
from analytics.scenario import Scenario
from analytics.services import forecasts, planning

BANDS = list(forecasts.QUANTILES)


@pytest.fixture(scope="module")
def outlook(sample_store):
    return planning.outlook(sample_store)


def test_progress_is_told_while_a_forecast_is_made(sample_store):
    told = []
    early = planning.period(sample_store)[0] + pd.Timedelta(days=400)
    forecasts.catalogue(sample_store, as_of=early, progress=lambda *step: told.append(step))
    shares = [done / total for done, total, _ in told]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0, 1)
    assert {item for *_, item in told} >= {"season", "forecast"}


def test_the_file_has_a_row_per_item_and_week(sample_store, outlook):
    table = forecasts.table(sample_store)
    assert len(table) == 13 * len(outlook.items)
    expected = ["sku", "market", "week", "mean", *BANDS]
    expected += ["cumulative_mean", *(f"cumulative_{band}" for band in BANDS)]
    assert table.columns.tolist() == expected
    for prefix in ("", "cumulative_"):
        bands = table[[f"{prefix}{band}" for band in BANDS]].to_numpy()
        assert (np.diff(bands, axis=1) >= 0).all()
        assert np.isfinite(bands).all()
    totals = table.groupby(["sku", "market"])["cumulative_q95"]
    assert totals.is_monotonic_increasing.all()


@pytest.mark.parametrize("weeks", [0, 31])
def test_more_weeks_than_are_computed_are_refused(sample_store, weeks):
    with pytest.raises(OutOfBoundsError, match=f"horizon is {weeks}"):
        forecasts.table(sample_store, weeks=weeks)


def test_one_item_reads_like_the_file(sample_store):
    table = forecasts.table(sample_store)
    item = forecasts.item(sample_store, Scenario(), "KT101", "US")
    rows = table.query("sku == 'KT101' and market == 'US'")
    assert item.fan.drop(columns="step").to_numpy().tolist() == rows.iloc[:, 2:].to_numpy().tolist()
    assert item.fan["step"].tolist() == list(range(1, 14))
    assert item.fan["week"].iloc[0] == pd.Timestamp(sample.LAST_DAY) + pd.Timedelta(days=1)


def test_history_shows_what_sold_and_what_was_missing(sample_store):
    item = forecasts.item(sample_store, Scenario(), "KT101", "DE")
    history, facts = item.history, item.facts
    assert facts["weeks_stockout"] == (history["state"] == "stockout").sum() > 0
    assert history.query("state == 'stockout'")["demand"].isna().all()
    assert history["units"].sum() > 0
    assert facts["demand_last_13_weeks"] >= facts["units_last_13_weeks"]
    assert facts["group_level"] in {"category", "market", "account"}
    assert facts["mean_13_weeks"] == pytest.approx(item.fan["mean"].sum())
    assert facts["calibrated_weeks"] == 30
    assert item.season["factor"].mean() == pytest.approx(1.0)


def test_the_demand_slider_moves_the_fan_and_not_the_history(sample_store):
    rest = forecasts.item(sample_store, Scenario(), "KT101", "US")
    more = forecasts.item(sample_store, Scenario(demand_change_pct=20), "KT101", "US")
    numbers = ["mean", *BANDS]
    assert more.fan[numbers].to_numpy() == pytest.approx(1.2 * rest.fan[numbers].to_numpy())
    assert more.history.equals(rest.history)


def test_an_item_that_is_not_there_is_named(sample_store):
    with pytest.raises(UnknownItemError):
        forecasts.item(sample_store, Scenario(), "X-1", "US")


# Against the sample's truth


def test_stockouts_add_hardly_any_bias(outlook):
    """What shoppers wanted before stock-outs is known here; sales alone fall short of it."""
    truth = sample.truth()
    week = truth["date"] - pd.to_timedelta(truth["date"].dt.day_of_week, unit="D")
    wanted = (
        truth.assign(week=week).groupby(["sku", "market", "week"], as_index=False)["demand"].sum()
    )
    panel = outlook.panel.astype({"sku": object, "market": object})
    both = panel.merge(wanted, on=["sku", "market", "week"])
    known = both[both["units"].notna()]
    seen = both[both["state"] != "unobserved"]
    assert seen["sold"].sum() / seen["demand"].sum() - 1 < -0.03
    assert abs(known["units"].sum() / known["demand"].sum() - 1) < 0.015


def test_days_out_of_stock_are_found_and_none_is_invented(outlook):
    days = outlook.days
    found = pd.DataFrame(
        {
            "sku": days.items["sku"].to_numpy()[days.out.item],
            "market": days.items["market"].to_numpy()[days.out.item],
            "date": (days.first + days.out.day).astype("M8[us]"),
            "found": 1,
        }
    )
    both = sample.truth().merge(found, on=["sku", "market", "date"], how="left")
    out, hit = both["stocked_out"], both["found"].notna()
    assert (hit & out).sum() / out.sum() > 0.9
    assert (hit & ~out).sum() <= 0.01 * out.sum()


def test_the_season_agrees_with_statsmodels_on_the_groups_totals(outlook):
    check = forecasting.cross_check(outlook.panel).set_index("group")
    assert check.loc["account", "correlation"] > 0.9
    assert (check["correlation"] > 0.6).all()


def test_the_bulk_order_does_not_lift_the_forecast(sample_store):
    item = forecasts.item(sample_store, Scenario(), "KT103", "DE")
    usual = item.history["demand"].median()
    assert item.history["units"].max() > 4 * usual
    assert item.fan["mean"].iloc[1:].max() < 3 * usual


# The picture of one item


@pytest.fixture(scope="module")
def stocked_out(sample_store):
    """An item with weeks out of stock, seen with every correction."""
    return forecasts.item(sample_store, Scenario(), "KT101", "DE")


def test_every_correction_is_a_layer_that_goes_when_it_is_switched_off(sample_store, stocked_out):
    layers = set(stocked_out.corrections["layer"]) - {"returns"}
    assert "stockouts" in layers
    assert layers <= set(forecasts.LAYERS)
    for layer in layers:
        rest = tuple(name for name in forecasts.LAYERS if name != layer)
        without = forecasts.item(sample_store, Scenario(), "KT101", "DE", rest)
        assert layer not in set(without.corrections["layer"])
        assert not without.history["demand"].equals(stocked_out.history["demand"])
        assert without.fan.equals(stocked_out.fan)  # the forecast has them all the same


def test_without_any_correction_demand_is_what_sold(sample_store):
    item = forecasts.item(sample_store, Scenario(), "KT101", "DE", ())
    known = item.history["demand"].notna()
    whole = known & (item.history["availability"] == 1)
    assert whole.any()
    sold = item.history.loc[whole, "units"].to_numpy()
    assert item.history.loc[whole, "demand"].to_numpy() == pytest.approx(sold)
    assert set(item.corrections["layer"]) <= {"returns"}


def test_events_that_touch_the_item_are_shown_with_what_they_do(stocked_out):
    events, fan = stocked_out.events, stocked_out.fan
    assert "black_friday" in events["code"].tolist()
    assert set(events["side"]) <= {"demand", "supply"}
    assert (events["ends_on"] >= stocked_out.history["week"].min()).all()
    assert (events["starts_on"] <= fan["week"].max() + pd.Timedelta(days=6)).all()
    known = events.loc[events["code"].isin(stocked_out.uplifts["code"]), "uplift"]
    assert known.notna().any()
    assert stocked_out.uplifts["market"].isin(["", "DE"]).all()


@pytest.mark.parametrize(("sku", "market", "kept"), [("MF503", "ID", True), ("KT101", "US", False)])
def test_a_feast_is_listed_where_it_is_kept(sample_store, sku, market, kept):
    uplifts = forecasts.item(sample_store, Scenario(), sku, market).uplifts
    assert ("ramadan" in set(uplifts["code"])) == kept
    assert len(uplifts) > 0


def test_the_numbers_word_is_theirs_and_nobody_elses(stocked_out):
    facts = stocked_out.facts
    assert (facts["source"], facts["pinned"]) == ("numbers", "")
    assert stocked_out.before.empty
    assert stocked_out.launched == {}
    assert stocked_out.overrides.empty
