"""The delay lab at the command line: the page's numbers, by whatever name a scenario has."""

import json

import openpyxl
import pandas as pd
import pytest

from analytics import cli, reporting, sample, words
from analytics.i18n import Translator
from analytics.scenario import Scenario
from analytics.services import comparing, delays, saved
from analytics.services.delays import MONEY_COLUMNS
from analytics.store import Store

LATE = Scenario(lead_time_delay_days=21, only_route="sea")
LINK = "http://127.0.0.1:8501/delays?" + "&".join(f"{k}={v}" for k, v in LATE.to_query().items())


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """The sample seller's files in a workspace of one's own, and a scenario saved there."""
    folder = tmp_path_factory.mktemp("filled") / "own"
    assert cli.main(["import", *map(str, sample.files()), "--workspace", str(folder)]) == 0
    with Store.open(folder) as store:
        saved.save(store, "What if? 改道", LATE, author="Ann", note="until June")
    return folder


@pytest.fixture
def run(filled, capsys, monkeypatch):
    monkeypatch.setenv("LEEWAY_WORKSPACE", str(filled))
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")

    def command(*arguments):
        code = cli.main([str(argument) for argument in arguments])
        answer = capsys.readouterr()
        return code, answer.out, answer.err

    return command


@pytest.fixture(scope="module")
def impact(filled):
    with Store.open(filled, read_only=True) as store:
        return delays.impact(store, LATE)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "detour.toml"
    path.write_text(LATE.to_toml(), "utf-8")
    return path


def test_a_file_a_link_and_a_name_give_the_numbers_of_the_page(run, impact, file):
    for given in (file, LINK, "What if? 改道", "what  IF? 改道"):
        code, out, _ = run("delays", "--scenario", given, "--json")
        answer = json.loads(out)
        assert (code, answer["checksum"]) == (0, impact.checksum)
        assert answer["scenario"] == LATE.to_query()
        found = {(row["plan"], row["case"]): row["units_short"] for row in answer["totals"]}
        totals = impact.totals.set_index(["plan", "case"])["units_short"]
        assert found == pytest.approx(totals.to_dict())
        assert len(answer["lines"]) == len(impact.lines)


def test_the_screen_tells_the_scenario_both_cases_and_the_first_items(run, impact, file):
    code, out, err = run("delays", "--scenario", file)
    assert code == 0
    hit = impact.needs.set_index("case").loc["scenario", ["items_hit", "orders_hit"]].astype(int)
    t = Translator("en")
    assert out.startswith(words.impact(t, LATE, items=len(impact.lines), **hit) + "\n")
    assert all(reporting.note(t, entry) in err for entry in impact.notes)
    [row] = [line for line in out.split("\n") if line.startswith("Units short  ")]
    totals = impact.totals.set_index(["plan", "case"])["units_short"]
    expected = [totals["current", case] for case in ("baseline", "scenario")]
    assert row.split()[-2:] == [f"{units:,.0f}" for units in expected]
    assert impact.checksum in err
    assert str(impact.lines["sku"].iloc[0]) in out


def test_the_screen_holds_what_the_list_is_ordered_by(run, impact, file):
    shown = {}
    for arguments in ([], ["--no-money"]):
        rows = run("delays", "--scenario", file, *arguments)[1].split("\n")
        [head] = [place for place, row in enumerate(rows) if row.startswith("sku  ")]
        names = rows[head].split()
        shown[len(arguments)] = [
            dict(zip(names, row.split(), strict=True)) for row in rows[head + 1 :] if row
        ]
    at_risk = [float(row["contribution_at_risk"]) for row in shown[0]]
    assert at_risk == pytest.approx(impact.lines["contribution_at_risk"].head(20), abs=0.051)
    assert at_risk == sorted(at_risk, reverse=True)
    assert "action_earns" in shown[0][0]
    more = [float(row["units_short_more"]) for row in shown[1]]
    assert more == sorted(more, reverse=True)
    assert more[0] > 0


@pytest.mark.parametrize("ending", ["html", "xlsx", "csv", "json"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_kind_of_file_is_written(run, tmp_path, file, ending, language):
    out = tmp_path / f"late.{ending}"
    assert run("delays", "--scenario", file, "--out", out, "--language", language)[0] == 0
    assert out.stat().st_size > 5_000
    if ending == "html":
        text = out.read_text("utf-8")
        assert f'lang="{language}' in text
        assert "<svg" in text
    elif ending == "csv":
        assert pd.read_csv(out)["units_short_more"].max() > 0


def test_without_money_no_amount_is_written(run, tmp_path, file):
    for ending in ("csv", "json"):
        out = tmp_path / f"bare.{ending}"
        assert run("delays", "--scenario", file, "--no-money", "--out", out)[0] == 0
        rows = pd.read_csv(out) if ending == "csv" else pd.read_json(out)
        assert not set(MONEY_COLUMNS) & set(rows)
    _, out, _ = run("delays", "--scenario", file, "--no-money")
    assert "CNY" not in out
    assert "CNY" not in run("delays", "--scenario", file, "--no-money", "--json")[1]
    assert "CNY" not in run("compare", file, "--no-money")[1]


def test_scenarios_stand_side_by_side(run, filled, tmp_path, file):
    other = tmp_path / "more.toml"
    other.write_text("demand_change_pct = 20\n", "utf-8")
    code, out, _ = run("compare", "What if? 改道", other, LINK, "--json")
    answer = json.loads(out)
    assert code == 0
    assert list(answer["scenarios"]) == ["What if? 改道", "more", "Link 3"]
    with Store.open(filled, read_only=True) as store:
        scenarios = [("a", LATE), ("b", Scenario(demand_change_pct=20)), ("c", LATE)]
        table = comparing.compare(store, scenarios).differences
    told = pd.DataFrame(answer["differences"])
    assert told["more"].to_list() == pytest.approx(table["c1"].to_list(), nan_ok=True)
    assert told["Link 3"].to_list() == told["What if? 改道"].to_list()
    code, out, _ = run("compare", file, other)
    assert (code, out.split("\n")[0].split()) == (
        0,
        ["Measure", "As", "it", "was", "detour", "more"],
    )


def test_a_comparison_is_written_whole(run, tmp_path, file):
    for ending in ("xlsx", "csv", "parquet"):
        out = tmp_path / f"compared.{ending}"
        assert run("compare", file, "--out", out)[0] == 0
    assert list(pd.read_csv(tmp_path / "compared.csv")) == ["measure", "unit", "at_rest", "detour"]
    assert len(openpyxl.load_workbook(tmp_path / "compared.xlsx").sheetnames) == 4


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["delays", "--scenario", "no such name"], "no such name"),
        (["delays", "--scenario", "absent.toml"], "absent.toml"),
        (["delays", "--scenario", "x" * 5000], "x" * 5000),
        (["delays", "--scenario", "http://x/?lead_time_delay_days=999"], "999"),
        (["delays", "--scenario", "http://x/?sample=true"], "sample"),
        (["delays", "--as-of", "soon"], "soon"),
        (["delays", "--as-of", "1999-01-01"], "1999-01-01"),
        (["delays", "--out", "late.pdf"], "late.pdf"),
        (["delays", "--out", "/no/such/folder/late.html"], "late.html"),
        (["compare", *["What if? 改道"] * 6], "5"),
        (["compare", "no such name"], "no such name"),
    ],
)
def test_what_cannot_be_used_is_said_in_a_sentence(run, arguments, named):
    code, _, err = run(*arguments)
    assert code == 1
    assert named in err
    assert "Traceback" not in err


def test_at_rest_the_plan_is_told_and_nothing_changes(run):
    code, out, _ = run("delays", "--json")
    answer = json.loads(out)
    assert code == 0
    assert all(row["units_short_more"] == 0 for row in answer["lines"])
    assert {row["action"] for row in answer["lines"]} == {"none"}


def test_the_plan_takes_the_name_of_a_saved_scenario_too(run, file):
    by_name = run("plan", "--scenario", "What if? 改道", "--json")
    assert by_name[0] == 0
    assert by_name[1] == run("plan", "--scenario", file, "--json")[1]
