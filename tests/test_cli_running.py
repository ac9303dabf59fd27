"""The running shop at the command line: the page's numbers, in the terminal's own words."""

import json
import shutil
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from analytics import cli, reporting, sample, words
from analytics.i18n import Translator
from analytics.reporting import digest as messages
from analytics.services import alerting, clearing, digest, measuring, reviewing, tiering
from analytics.store import Store
from pages.shared import session
from tests.test_notebooks import run as run_notebook

APP = Path(__file__).parents[1] / "app.py"
EN, ZH = Translator("en"), Translator("zh")


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """The sample seller's files in a workspace of one's own."""
    folder = tmp_path_factory.mktemp("filled") / "own"
    assert cli.main(["import", *map(str, sample.files()), "--workspace", str(folder)]) == 0
    return folder


@pytest.fixture(scope="module")
def store(filled):
    with Store.open(filled, read_only=True) as opened:
        yield opened


@pytest.fixture
def run(filled, capsys, monkeypatch):
    monkeypatch.setenv("LEEWAY_WORKSPACE", str(filled))
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")

    def command(*arguments):
        code = cli.main([str(argument) for argument in arguments])
        answer = capsys.readouterr()
        return code, answer.out, answer.err

    return command


def shown(t, found, code):
    return words.measured(t, found.value(code), measuring.UNITS[code], found.currency)


def test_every_measure_is_told_with_what_it_lacks(run, store):
    found = measuring.measures(store)
    for t in (EN, ZH):
        code, out, _ = run("kpis", "--language", t.language)
        assert code == 0
        lines = dict(zip(measuring.MEASURES, out.splitlines(), strict=True))
        for measure, line in lines.items():
            assert line.startswith(t(f"kpi.{measure}"))
            assert shown(t, found, measure) in line
            assert all(t(f"missing.{table}") in line for table in found.missing[measure])


def test_measures_as_json_hold_both_sides_of_each_and_every_group(run, store):
    code, out, _ = run("kpis", "--by", "market", "--json")
    found, answer = measuring.measures(store, None, "market"), json.loads(out)
    assert (code, answer["as_of"]) == (0, f"{found.as_of:%Y-%m-%d}")
    turnover = answer["measures"]["inventory_turnover"]
    assert turnover["value"] == pytest.approx(found.value("inventory_turnover"))
    assert turnover["numerator"] / turnover["denominator"] == pytest.approx(turnover["value"])
    assert answer["measures"]["stockout_rate"]["value"] is None
    assert answer["missing"]["stockout_rate"] == ["orders"]
    assert [row["group"] for row in answer["groups"]] == [*found.table["group"]]
    parts = [row["stock_value"] for row in answer["groups"] if not row["is_all"]]
    assert sum(parts) == pytest.approx(found.value("stock_value"))


def test_a_measure_is_the_same_on_the_page_the_command_line_and_in_the_notebook(
    run, store, filled, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    found = measuring.measures(store)
    _, out, _ = run("kpis")
    notebook = run_notebook("running_the_shop.ipynb")["found"]
    monkeypatch.setenv("LEEWAY_WORKSPACE", str(shutil.copytree(filled, tmp_path / "own")))
    session.own_store.clear()
    app = AppTest.from_file(APP, default_timeout=60)
    app.context = {"locale": "en-GB"}
    app.run()
    session.own_store().close()
    session.own_store.clear()
    page = {metric.label: metric.value for metric in app.metric}
    for code in ("inventory_turnover", "days_of_inventory", "slow_share", "stock_value"):
        text = shown(EN, found, code)
        assert page[EN(f"kpi.{code}")] == text
        [line] = [line for line in out.splitlines() if line.startswith(EN(f"kpi.{code}") + "  ")]
        assert text in line
        assert notebook.value(code) == pytest.approx(found.value(code), rel=1e-9)


def test_tiers_are_those_of_the_page(run, store, tmp_path):
    table = tiering.table(store)
    code, out, _ = run("tiers", "--json")
    assert (code, [row["tier"] for row in json.loads(out)]) == (0, [*table["tier"]])
    path = tmp_path / "tiers.csv"
    assert run("tiers", "--out", path)[0] == 0
    assert [*pd.read_csv(path)["tier"]] == [*table["tier"]]


def test_alarms_come_with_their_sentence_and_in_the_same_order(run, store, tmp_path):
    found = alerting.alerts(store)
    said = messages.sentences(EN, found.table)
    code, out, _ = run("alerts")
    assert code == 0
    assert out.startswith(messages.compose(EN, found, most=20)[0])
    assert said[0] in out
    rows = json.loads(run("alerts", "--json")[1])["alerts"]
    assert [row["alert_id"] for row in rows] == [*found.table["alert_id"]]
    assert [row["sentence"] for row in rows] == said
    path = tmp_path / "alerts.parquet"
    assert run("alerts", "--out", path)[0] == 0
    assert [*pd.read_parquet(path)["alert_id"]] == [*found.table["alert_id"]]


def test_what_is_cleared_adds_up(run, store, tmp_path):
    found = clearing.clearance(store)
    answer = json.loads(run("clearance", "--json")[1])
    assert len(answer["lines"]) == len(found.lines)
    assert answer["totals"] == pytest.approx(dict(found.totals))
    code, out, err = run("clearance")
    assert code == 0
    assert EN.money(found.totals["cash_released"], found.currency) in out
    assert all(reporting.note(EN, entry) in err for entry in found.notes)
    path = tmp_path / "clearance.xlsx"
    assert run("clearance", "--out", path)[0] == 0
    assert openpyxl.load_workbook(path).active.max_row == len(found.lines) + 1


def test_a_week_is_looked_back_on(run, store, tmp_path):
    found = reviewing.review(store)
    answer = json.loads(run("review", "--json")[1])
    assert answer["period"]["ends_on"] == f"{found.period.ends_on:%Y-%m-%d}"
    assert [row["measure"] for row in answer["changes"]] == [*found.changes["measure"]]
    code, out, _ = run("review")
    assert (code, EN.date(found.period.starts_on) in out) == (0, True)
    for name in ("review.html", "review.xlsx", "review.csv"):
        code, out, _ = run("review", "--out", tmp_path / name)
        assert (code, str(tmp_path / name) in out) == (0, True)
    assert "<html" in (tmp_path / "review.html").read_text("utf-8")


def test_the_daily_message_is_printed_and_not_sent_to_nowhere(run, store):
    found = alerting.alerts(store)
    title, _ = messages.compose(ZH, found, measuring.measures(store))
    code, out, _ = run("digest", "--language", "zh")
    assert (code, out.splitlines()[0]) == (0, title)
    assert digest.settings(store).addresses == ()
    code, _, err = run("digest", "--send")
    assert code == 1
    assert EN("error.no_address") in err


@pytest.mark.parametrize("name", ["kpis", "tiers", "alerts", "clearance", "review", "digest"])
def test_a_day_that_no_sales_cover_is_refused_with_a_sentence(run, name):
    code, out, err = run(name, "--as-of", "1999-01-01")
    assert (code, out) == (1, "")
    assert "1999-01-01" in err
    assert "Traceback" not in err
