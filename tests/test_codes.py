"""Every code that the arithmetic may answer has words, and its facts fill them, in both languages.

The codes are collected from the code itself, so that a new one without words is noticed here.
"""

import ast
import inspect
import re
import textwrap

import numpy as np
import pandas as pd
import pytest

from analytics import calendars, demand, words
from analytics.forecasting import (
    backtest,
    contest,
    deep,
    diagnosis,
    evidence,
    likelihood,
    likeness,
    newcomers,
    overrides,
)
from analytics.forecasting.members import roster
from analytics.forecasting.settings import Settings
from analytics.i18n import LANGUAGES, Translator, catalog
from analytics.services import judgements

MONDAY = pd.Timestamp("2024-01-01")
SEASONS = ("none", "group", "half", "own")
FACTS_OF_FINDINGS = {"ignore", "statistic", "p", "skew", "kurtosis"}


def codes_in(*functions):
    """Every word that functions hold as an answer: no docstring, subscript, comparison, keyword."""
    found = set()
    for function in functions:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
        skipped = {
            id(leaf)
            for node in ast.walk(tree)
            for part in _unspoken(node)
            for leaf in ast.walk(part)
        }
        found |= {
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in skipped
        }
    return {text for text in found if re.fullmatch("[a-z][a-z0-9_]*", text)}


def _unspoken(node):
    if isinstance(node, ast.Subscript):
        yield node.slice
    elif isinstance(node, ast.Compare):
        yield from (node.left, *node.comparators)
    elif isinstance(node, ast.Dict):
        yield from (key for key in node.keys if key is not None)
    elif isinstance(node, ast.Expr | ast.keyword):
        yield node.value
    elif isinstance(node, ast.FunctionDef):
        yield node.args


def functions_of(module):
    return [
        found
        for _, found in inspect.getmembers(module, inspect.isfunction)
        if found.__module__ == module.__name__
    ]


def members():
    playing = roster(200, SEASONS, Settings()).names + roster(10, ("none",), Settings()).names
    return {*playing, *likelihood.MEMBERS, contest.INCUMBENT, "last_year"}


CODES = {
    "layer": {*demand.LAYERS, "returns"},
    "correction": set(demand.REASONS),
    "week_state": set(demand.STATES),
    "certainty": {"certain", "likely"},
    "finding": codes_in(*functions_of(diagnosis)) - FACTS_OF_FINDINGS,
    "fit": codes_in(likelihood._unfit, likelihood.fitted, deep._of_rival),
    "champion": codes_in(contest._champion, contest._without),
    "uplift_source": codes_in(evidence._source),
    "level_source": codes_in(newcomers._prior, likeness.Levels.pool),
    "override_kind": set(overrides.KINDS),
    "override_reason": set(judgements.REASONS),
    "benchmark": set(backtest.METHODS),
    "member": members(),
    "event": {*calendars.builtin()["code"], evidence.PRICE},
    "side": {"demand", "supply"},
}


@pytest.mark.parametrize("section", CODES)
def test_every_code_has_words(section):
    assert CODES[section]
    for language in LANGUAGES:
        missing = {code for code in CODES[section] if f"{section}.{code}" not in catalog(language)}
        assert not missing


def test_the_codes_are_really_found_in_the_code():
    assert CODES["champion"] == {"kept", "beaten", "unjudged", "alone"}
    assert CODES["uplift_source"] == {"estimated", "stated", "prior"}
    assert {"too_low_lately", "no_outliers", "season_left"} <= CODES["finding"]
    assert {"failed", "exploded", "too_short", "not_given"} <= CODES["fit"]
    assert {"like", "stated", "nothing"} <= CODES["level_source"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("section", ["fit", "champion", "uplift_source", "level_source"])
def test_no_words_are_kept_for_codes_that_nothing_answers(section, language):
    named = {key for key in catalog(language) if key.startswith(f"{section}.")}
    assert named - {"fit.left_out"} == {f"{section}.{code}" for code in CODES[section]}


def day(number):
    return MONDAY + pd.Timedelta(days=number)


def observed(rows, last, *, stock=(), covered=None, more=()):
    """Days of (sku, day, units, ...) rows; ``more`` names what follows the units."""
    daily = pd.DataFrame(rows, columns=["sku", "day", "units", *more]).assign(market="US")
    daily["date"] = day(0) + pd.to_timedelta(daily.pop("day"), unit="D")
    first = daily.groupby(["sku", "market"], as_index=False).agg(first_sale=("date", "min"))
    spans = covered or [(0, last)]
    coverage = pd.DataFrame(
        {
            "market": "US",
            "starts_on": [day(low) for low, _ in spans],
            "ends_on": [day(high) for _, high in spans],
        }
    )
    counts = pd.DataFrame(list(stock), columns=["sku", "day", "on_hand"]).assign(market="US")
    counts["date"] = day(0) + pd.to_timedelta(counts.pop("day"), unit="D")
    counts = counts.astype({"on_hand": float})
    return demand.observe(daily.astype({"units": float}), coverage, first, counts, day(last).date())


def steady(sku, days, *more):
    return [(sku, number, 10.0, *more) for number in days]


def scenes():
    """Corrections of every kind, as they really come."""
    half = [*range(80), *range(90, 140)]
    yield demand.corrections(observed([*steady("A", range(24)), *steady("B", range(10, 24))], 23))
    yield demand.corrections(observed(steady("A", half), 139, stock=[("A", 80, 0), ("A", 89, 0)]))
    yield demand.corrections(observed(steady("A", half), 139))
    yield demand.corrections(observed(steady("A", range(80)), 139))
    spans = [(0, 79), (83, 139)]
    yield demand.corrections(
        observed(steady("A", [*range(80), *range(83, 140)]), 139, covered=spans)
    )
    yield demand.corrections(observed([*steady("A", range(70)), ("A", 40, 400.0)], 69))
    single = [("A", n, 10.0, 2.0) for n in range(70) if n != 40]
    yield demand.corrections(observed([*single, ("A", 40, 400.0, 390.0)], 69, more=("largest",)))
    back = [*steady("A", range(27), 0.0), ("A", 27, 10.0, 2.0)]
    yield demand.corrections(observed(back, 27, more=("returned",)))
    calm = observed(steady("A", range(28)), 27)
    yield demand.corrections(calm, uplift=np.array([[1.0, 2.0, 1.0, 1.0]]))


@pytest.fixture(scope="module")
def corrected():
    return pd.concat(list(scenes()), ignore_index=True)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_correction_says_its_facts(language, corrected):
    t = Translator(language)
    assert set(corrected["reason"]) == set(demand.REASONS)
    for row in corrected.to_dict("records"):
        said = t(f"correction.{row['reason']}", **words.facts(t, row["facts"]))
        assert "{" not in said
        assert "nan" not in said


def series():
    rng = np.random.default_rng(7)
    count = 120
    noise = rng.normal(size=count)
    drifting = np.convolve(rng.normal(size=count), np.ones(8), mode="same")
    rough = noise * np.repeat([0.2, 3.0, 0.2, 3.0], count // 4)
    yearly = noise * 0.2 + np.tile(rng.normal(size=52), 3)[:count]
    spiked = noise.copy()
    spiked[[5, 60]] = 25.0
    biased = noise * 0.1
    yield from (noise, drifting, rough, yearly, spiked, biased + 5.0, biased - 5.0, noise[:10])


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_finding_says_its_facts(language):
    t, seen = Translator(language), set()
    for errors in series():
        weeks = np.datetime64("2024-01-01") + np.arange(len(errors)) * np.timedelta64(7, "D")
        units = np.full(len(errors), 50.0)
        found = diagnosis.diagnosis(errors, weeks, units=units, fitted=units - errors)
        seen |= {finding.code for finding in found}
        for finding in found:
            said = t(f"finding.{finding.code}", **words.facts(t, dict(finding.facts)))
            assert "{" not in said
            assert "[" not in said
    assert seen == CODES["finding"]


def test_lists_and_tiny_shares_are_said_as_people_do():
    zh, en = Translator("zh"), Translator("en")
    days = (day(0).date(), day(7).date())
    assert words.fact(en, "weeks", days) == "2024-01-01, 2024-01-08"
    assert words.fact(zh, "weeks", days) == "2024-01-01、2024-01-08"
    assert words.fact(en, "weeks", ()) == "–"
    assert words.fact(en, "chance", 0.0001) == "<0.1%"
    assert words.fact(en, "bias", -0.123) == "-12.3%"
