"""The deep fit: equal to statsmodels where it says so, honest where it fails, fair as a judge."""

import pickle
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.tsa.arima_process import arma2ma
from statsmodels.tsa.exponential_smoothing.ets import ETSModel

from analytics.errors import InvalidPanelError
from analytics.forecasting.cases import Case, Linear, Outlook, outlook_of
from analytics.forecasting.contest import Rival, contest, origins_of
from analytics.forecasting.decomposition import decomposition
from analytics.forecasting.deep import deep_fit
from analytics.forecasting.diagnosis import diagnosis
from analytics.forecasting.likelihood import MEMBERS, fitted
from tests.forecasting.panels import christmas, weeks

QUANTILES = {"q05": 0.05, "q50": 0.5, "q95": 0.95}


def case(units, horizon=13, **regressors):
    units = np.asarray(units, dtype=float)
    columns = np.column_stack([np.empty((len(units) + horizon, 0)), *regressors.values()])
    known = ("known",) * len(regressors)
    return Case(weeks(len(units)), units, horizon, columns, tuple(regressors), known)


def history(units, **columns):
    week = weeks(len(units)).astype("M8[us]")
    return pd.DataFrame({"week": week, "units": np.asarray(units, dtype=float)} | columns)


def wandering(alpha, count=156, seed=0, sd=5.0):
    """A local level process, of which exponential smoothing with ``alpha`` is the best forecast."""
    shocks = np.random.default_rng(seed).normal(0, sd, count)
    return 100 + np.concatenate([[0], (alpha * shocks).cumsum()[:-1]]) + shocks


def assert_sane(outlook, count):
    for name in ("mean", "sd", "cumulative_mean", "cumulative_sd"):
        values = getattr(outlook, name)
        assert values.shape == (count,)
        assert np.isfinite(values).all()
        assert (values >= 0).all()
    assert (np.diff(outlook.cumulative_sd) >= 0).all()
    assert outlook.cumulative_mean == pytest.approx(outlook.mean.cumsum())


def test_ets_equals_statsmodels_mean_and_variance():
    y = wandering(0.3)
    ours = fitted("ets", case(y))
    trend = {"trend": "add", "damped_trend": True} if ours.facts["trend"] == "damped" else {}
    series = pd.Series(y, index=pd.date_range("2024-01-01", periods=len(y), freq="W-MON"))
    theirs = ETSModel(series, error="add", initialization_method="heuristic", **trend).fit(
        disp=False, maxiter=200
    )
    prediction = theirs.get_prediction(len(y), len(y) + 12)
    assert ours.outlook.mean == pytest.approx(theirs.forecast(13).to_numpy(), rel=1e-6)
    assert ours.outlook.sd == pytest.approx(np.sqrt(prediction.forecast_variance), rel=1e-6)
    assert ours.residuals == pytest.approx(theirs.resid.to_numpy(), abs=1e-6)


def test_a_season_with_a_damped_trend_has_statsmodels_variance():
    count = 24
    y = 100 + 20 * np.sin(np.arange(count * 4) * 2 * np.pi / 12) + wandering(0.4, 96) - 100
    season = pd.Series(y, index=pd.date_range("2018-01-01", periods=len(y), freq="MS"))
    theirs = ETSModel(
        season,
        error="add",
        trend="add",
        damped_trend=True,
        seasonal="add",
        seasonal_periods=12,
        initialization_method="heuristic",
    ).fit(disp=False, maxiter=200)
    from analytics.forecasting.likelihood import response

    names = dict(zip(theirs.param_names, theirs.params, strict=False))
    psi = response(names, 26, 12)
    expected = theirs.get_prediction(len(y), len(y) + 25).forecast_variance
    assert theirs.mse * (psi**2).cumsum() == pytest.approx(expected, rel=1e-9)


def test_ets_finds_the_speed_of_the_process():
    assert fitted("ets", case(wandering(0.4, 600))).facts["parameters"][
        "smoothing_level"
    ] == pytest.approx(0.4, abs=0.1)


def test_cumulative_spread_is_the_closed_form():
    """Random walk with noise 1: cumulative variance is the sum of k² for shocks k weeks old."""
    linear = Linear(np.full(6, 1e3), np.ones(6), 1.0, np.empty(0), {})
    outlook = outlook_of(linear, "units", 1e3)
    squares = np.arange(1, 7) ** 2
    assert outlook.sd**2 == pytest.approx(np.arange(1, 7), rel=1e-9)
    assert outlook.cumulative_sd**2 == pytest.approx(squares.cumsum(), rel=1e-9)


def test_logarithms_are_taken_back_without_bias():
    linear = Linear(np.full(4, 3.0), np.array([1.0, 0, 0, 0]), 0.04, np.empty(0), {})
    outlook = outlook_of(linear, "log", 100.0)
    assert outlook.mean == pytest.approx(np.full(4, np.exp(3.02) - 1), rel=5e-3)
    assert outlook.sd == pytest.approx(
        np.full(4, np.exp(3.02) * np.sqrt(np.exp(0.04) - 1)), rel=0.03
    )


def test_an_interval_beyond_belief_is_never_shown():
    wild = Linear(np.full(8, 3.0), np.ones(8), 4.0, np.empty(0), {})
    assert outlook_of(wild, "log", 30.0) is None
    assert (
        outlook_of(Linear(np.full(3, np.nan), np.ones(3), 1.0, np.empty(0), {}), "units", 9) is None
    )


def test_sarimax_recovers_a_planted_event_and_its_future():
    rng = np.random.default_rng(4)
    count, horizon = 130, 13
    sale = ((np.arange(count + horizon) % 13) == 6).astype(float)
    y = rng.normal(50 + 30 * sale[:count], 3)
    y[[10, 50]] = np.nan
    member = fitted("sarimax", case(y, horizon, sale=sale))
    effect = member.facts["effects"]["sale"]
    assert member.facts["scale"] == "log"  # peaks make the history skewed: the effect is a share
    assert effect["low"] < 0.6 < effect["high"]
    assert effect["effect"] == pytest.approx(0.6, abs=0.05)
    assert member.outlook.mean[sale[count:] == 1] == pytest.approx(80, abs=5)
    assert member.outlook.mean[sale[count:] == 0] == pytest.approx(50, abs=5)


def test_sarimax_spread_is_that_of_the_process():
    rng = np.random.default_rng(7)
    y = np.zeros(900)
    for t in range(1, 900):
        y[t] = 0.7 * y[t - 1] + rng.normal(0, 4)
    member = fitted("sarimax", case(200 + y))
    psi = arma2ma([1, -0.7], [1], 13)
    assert member.outlook.sd == pytest.approx(4 * np.sqrt((psi**2).cumsum()), rel=0.1)
    total = np.sqrt((psi.cumsum() ** 2).cumsum())
    assert member.outlook.cumulative_sd == pytest.approx(4 * total, rel=0.12)


def test_an_elasticity_comes_back():
    rng = np.random.default_rng(6)
    price = rng.choice([8.0, 9.0, 10.0, 12.0], 120)
    units = rng.poisson(40 * (price / 10) ** -2.0).astype(float)
    result = deep_fit(history(units, price=price), horizon=8)
    effect = result.member("sarimax").facts["effects"]["price"]
    if result.member("sarimax").facts["scale"] == "log":
        assert effect["effect"] == pytest.approx(-2.0, abs=0.4)
    else:
        assert effect["effect"] == pytest.approx(-80, abs=20)  # units per log price at the mean


def test_a_price_is_not_known_ahead_but_a_calendar_is():
    regressors = np.column_stack([np.arange(20.0), np.arange(20.0), np.arange(20.0)])
    whole = Case(
        weeks(15), np.ones(15), 5, regressors, ("event", "price", "discount"),
        ("known", "stays", "ends"),
    )  # fmt: skip
    then = whole.until(9, 3).regressors
    assert then[:, 0].tolist() == list(range(13))
    assert then[10:, 1].tolist() == [9.0] * 3
    assert then[10:, 2].tolist() == [0.0] * 3


@pytest.mark.parametrize(
    ("units", "codes"),
    [
        ([3.0] * 5, {"too_short"}),
        ([0.0] * 60, {"no_sales"}),
        ([np.nan] * 60, {"too_short"}),
        ([5.0, np.nan, np.nan] * 20, {"too_many_gaps", "no_two_cycles", ""}),
    ],
    ids=["short", "zeros", "unknown", "holes"],
)
def test_what_cannot_be_fitted_is_a_code(units, codes):
    result = deep_fit(history(units), horizon=8)
    assert {member.code for member in result.members} <= codes
    assert len(result.decomposition) == len(units)


def test_an_empty_history_is_a_result_too():
    result = deep_fit(history([]), horizon=4)
    assert {member.code for member in result.members} == {"too_short"}
    assert result.contest.champion == ""


def test_a_wrong_history_is_refused():
    with pytest.raises(InvalidPanelError):
        deep_fit(history([1.0, -2.0]), horizon=4)


@settings(deadline=None, max_examples=12)
@given(
    st.lists(st.one_of(st.just(np.nan), st.just(0.0), st.floats(0, 1e5)), min_size=12, max_size=40)
)
def test_any_history_gives_members_that_are_sane_or_say_why_not(units):
    for name in MEMBERS:
        member = fitted(name, case(units, 6))
        if member.code:
            assert member.outlook is None
        else:
            assert_sane(member.outlook, 6)
            assert member.outlook.mean.max() <= 4 * np.nanmax(units)


def test_the_deep_fit_as_a_whole():
    rng = np.random.default_rng(1)
    units = rng.poisson(30 * christmas(140)).astype(float)
    units[5] = np.nan
    exposure = pd.DataFrame(
        {"week": weeks(153).astype("M8[us]"), "sale": (np.arange(153) % 20 == 3) * 1.0}
    )
    past = {}
    for origin in origins_of(140):
        truth = units[origin + 1 : origin + 9]
        monday = weeks(140)[origin].astype("M8[D]").item()
        past[monday] = Outlook(truth, np.sqrt(truth), truth.cumsum(), np.sqrt(truth.cumsum()))
    flat = Outlook(*(np.full(13, 30.0),) * 2, *(np.arange(1, 14) * 30.0,) * 2)
    steps = []
    result = deep_fit(
        history(units),
        horizon=13,
        events=exposure,
        rivals={"ours": Rival(flat, past)},
        progress=lambda *step: steps.append(step),
    )
    assert [member.name for member in result.members] == [*MEMBERS, "ours"]
    assert (result.contest.champion, result.contest.reason) == ("ours", "kept")
    assert result.contest.table["member"].iloc[0] == "ours"
    assert result.contest.table["origins"].tolist() == [4] * 4
    assert result.diagnosed in MEMBERS
    assert steps[-1] == (4, 4, "origin")
    assert result.weeks[0] == weeks(141)[-1]
    for member in result.members:
        assert_sane(member.outlook, 13)
        fan = result.fan(member.name, QUANTILES)
        assert (fan["q05"] <= fan["q50"]).all()
        assert (fan["cumulative_q50"] <= fan["cumulative_q95"]).all()
    again = pickle.loads(pickle.dumps(result))
    assert again.contest.table.equals(result.contest.table)


def test_statsmodels_is_loaded_only_when_something_is_fitted():
    code = (
        "import sys; import analytics.forecasting.backtest, analytics.forecasting.deep; "
        "import analytics.forecasting.newcomers; sys.exit('statsmodels' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_deep_fit_is_deterministic():
    units = np.random.default_rng(2).poisson(8, 60).astype(float)
    first, second = (deep_fit(history(units), horizon=5) for _ in range(2))
    for one, other in zip(first.members, second.members, strict=True):
        if one.outlook is not None:
            assert np.array_equal(one.outlook.cumulative_sd, other.outlook.cumulative_sd)


def rival_off_by(units, share, horizon=8):
    """A rival that has always been off by a share of the truth."""
    past = {}
    for origin in origins_of(len(units)):
        mean = units[origin + 1 : origin + 1 + horizon] * (1 + share)
        monday = weeks(len(units))[origin].astype("M8[D]").item()
        past[monday] = Outlook(mean, np.sqrt(mean), mean.cumsum(), np.sqrt(mean.cumsum()))
    return Rival(None, past)


def test_the_incumbent_stays_unless_clearly_beaten():
    units = np.random.default_rng(3).poisson(50, 100).astype(float)
    known = {"ours": rival_off_by(units, 0.1), "last_year": rival_off_by(units, -0.097)}
    assert contest(case(units), [], rivals=known).champion == "ours"
    known["last_year"] = rival_off_by(units, -0.05)
    result = contest(case(units), [], rivals=known)
    assert (result.champion, result.reason) == ("last_year", "beaten")
    row = result.table.set_index("member").loc["last_year"]
    assert row["wape_weekly"] == pytest.approx(0.05)
    assert row["wape_total_8"] == pytest.approx(0.05)
    assert row["bias"] == pytest.approx(-0.05)


def test_contestants_meet_only_where_both_stood():
    """The challenger is better where it stood; that the incumbent shone elsewhere is no matter."""
    units = np.random.default_rng(3).poisson(50, 100).astype(float)
    ours, other = rival_off_by(units, 0.2), rival_off_by(units, 0.1)
    perfect = rival_off_by(units, 0.0)
    first, *rest = ours.past
    mixed = Rival(None, {first: perfect.past[first]} | {day: ours.past[day] for day in rest})
    late = Rival(None, {day: other.past[day] for day in rest})
    result = contest(case(units), [], rivals={"ours": mixed, "last_year": late})
    assert (result.champion, result.reason) == ("last_year", "beaten")
    once = Rival(None, {first: perfect.past[first]})
    assert contest(case(units), [], rivals={"ours": ours, "once": once}).reason == "kept"


def test_a_season_that_was_never_tried_cannot_win():
    """With exactly two cycles no past origin had two: nothing is known of the season's worth."""
    rng = np.random.default_rng(9)
    units = rng.poisson(40 * christmas(106)).astype(float)
    whole = case(units)
    members = [fitted(name, whole) for name in MEMBERS]
    result = contest(whole, members, rivals={"ours": rival_off_by(units, 3.0)})
    seasonal = {m.name for m in members if m.facts.get("is_seasonal")}
    assert seasonal
    assert result.champion not in seasonal
    assert (result.table.set_index("member").loc[list(seasonal), "seasonal_origins"] == 0).all()


def test_a_history_without_an_origin_keeps_the_incumbent():
    result = contest(case(np.ones(20)), [], rivals={"ours": Rival(None)})
    assert (result.champion, result.reason) == ("ours", "unjudged")


def test_overconfidence_is_widened():
    units = np.random.default_rng(3).poisson(50, 100).astype(float)
    known = {"ours": rival_off_by(units, 0.3)}
    row = contest(case(units), [], rivals=known).table.iloc[0]
    assert 2.0 < row["widening"] <= 3.0


def test_trend_season_and_rest_add_up():
    units = 20 * christmas(130) + np.arange(130) * 0.1
    units[7] = np.nan
    parts = decomposition(case(units))
    assert parts["source"].iloc[0] == "own"
    total = (parts["trend"] + parts["season"] + parts["rest"]).to_numpy()
    assert total == pytest.approx(units, nan_ok=True)
    assert parts["rest"].isna().sum() == 1
    whole = ~np.isnan(units)
    assert np.corrcoef(parts["season"][whole], christmas(130)[whole])[0, 1] > 0.98


def test_a_young_item_takes_its_groups_season():
    day = weeks(400) + np.timedelta64(3, "D")
    place = np.minimum((day - day.astype("M8[Y]").astype("M8[D]")).astype(int) // 7, 51)
    profile = np.array([christmas(400)[place == week].mean() for week in range(52)])
    units = 20 * profile[place[:60]]
    own = decomposition(case(units), profile)
    assert own["source"].iloc[0] == "group"
    assert own["trend"].to_numpy() == pytest.approx(20.0)
    assert own["rest"].to_numpy() == pytest.approx(0, abs=1e-9)
    assert decomposition(case(units))["source"].iloc[0] == "none"


def looked(residuals, units=None):
    residuals = np.asarray(residuals, dtype=float)
    units = np.full(len(residuals), 100.0) if units is None else units
    found = diagnosis(residuals, weeks(len(residuals)), units=units, fitted=units - residuals)
    return {finding.code: finding for finding in found}


def test_clean_errors_are_clean():
    codes = looked(np.random.default_rng(0).normal(0, 5, 130))
    assert set(codes) == {
        "residuals_uncorrelated",
        "no_season_left",
        "residuals_normal",
        "variance_steady",
        "unbiased_lately",
        "no_outliers",
    }
    assert not any(finding.is_notable for finding in codes.values())


def test_each_fault_is_found():
    rng = np.random.default_rng(1)
    white = rng.normal(0, 5, 130)
    correlated = np.convolve(white, [1, 0.9, 0.8], "same")
    assert looked(correlated)["residuals_correlated"].facts["first"] > 0.4
    assert "season_left" in looked(white + 15 * np.sin(np.arange(130) * 2 * np.pi / 52))
    assert looked(np.exp(white / 5))["residuals_skewed"].facts["skew"] > 1
    bursts = white * np.repeat(np.where(np.arange(13) % 4 == 0, 6.0, 0.5), 10)
    assert looked(bursts)["variance_changes"].is_notable
    late = white.copy()
    late[-13:] += 15
    assert looked(late)["too_low_lately"].facts["bias"] < -0.1
    late[-13:] -= 30
    assert looked(late)["too_high_lately"].facts["bias"] > 0.1
    freak = white.copy()
    freak[[30, 70]] = [90.0, -60.0]
    outliers = looked(freak)["outliers"].facts
    assert outliers["weeks"] == tuple(weeks(130)[[30, 70]].astype("M8[D]").tolist())


def test_few_errors_say_nothing():
    assert set(looked(np.arange(10.0))) == {"too_few_residuals"}
    assert set(looked(np.zeros(60))) == {"too_few_residuals"}
    holes = np.random.default_rng(0).normal(0, 5, 130)
    holes[::7] = np.nan
    holes[:5] = np.nan
    assert "residuals_uncorrelated" in looked(holes)
