"""The command line: what it prints, what it writes, and what it says with its exit code."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from analytics import cli, sample
from analytics.scenario import Scenario
from analytics.services import replenishment
from analytics.store import Store

from .services.test_workspaces import held

ROOT = Path(__file__).parents[1]
ORDERS = (
    "Order ID,SKU,Quantity,Date,Country\n"
    "1,A-1,2,2026-01-05,US\n"
    "1,POSTAGE,1,2026-01-05,US\n"
    "2,B-2,soon,2026-01-06,DE\n"
    "3,A-1,4,2026-03-07,\n"
)


@pytest.fixture
def run(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("LEEWAY_WORKSPACE", str(tmp_path / "own"))
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")

    def command(*arguments):
        code = cli.main([str(argument) for argument in arguments])
        answer = capsys.readouterr()
        return code, answer.out, answer.err

    return command


@pytest.fixture
def orders(tmp_path):
    path = tmp_path / "orders.csv"
    path.write_text(ORDERS, "utf-8")
    return path


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """A workspace with the sample seller's files, imported at the command line."""
    folder = tmp_path_factory.mktemp("filled") / "own"
    assert cli.main(["import", *map(str, sample.files()), "--workspace", str(folder)]) == 0
    return folder


def test_import_prints_the_account_and_writes_the_rejects(run, orders):
    code, out, err = run("import", orders)
    assert code == 0
    assert out.split("\n")[1].split() == [
        "1", "orders.csv", "orders", "sales", "4", "2", "0", "0", "2", "0",
    ]  # fmt: skip
    [sentence] = [line for line in err.split("\n") if "rejects-" in line]
    rejects = pd.read_csv(sentence.rsplit(" ", 1)[1])
    assert rejects[["file", "row", "value"]].to_numpy().tolist() == [
        ["orders.csv", 3, "POSTAGE"],
        ["orders.csv", 4, "soon"],
    ]
    assert rejects["reason"].str.len().min() > 10


def test_import_as_json_tells_every_row(run, orders):
    code, out, _ = run("import", orders, "--json")
    [entry] = json.loads(out)
    assert code == 0
    assert {name: entry[name] for name in ("file", "kind", *cli.COUNTS)} == {
        "file": "orders.csv", "kind": "sales", "rows_read": 4, "rows_new": 2, "rows_updated": 0,
        "rows_identical": 0, "rows_rejected": 2, "rows_ignored": 0,
    }  # fmt: skip
    assert entry["columns"] == ["date", "sku", "quantity", "market", "order_id"]
    assert [(issue["row"], issue["code"]) for issue in entry["issues"]] == [
        (3, "issue.not_product"),
        (4, "issue.not_a_number"),
    ]
    assert (entry["covers_from"], entry["covers_to"]) == ("2026-01-05", "2026-03-07")


def test_importing_again_writes_nothing_and_says_so(run, orders):
    run("import", orders)
    code, out, err = run("import", orders)
    assert code == 0
    assert out.split("\n")[1].split()[4:] == ["4", "0", "0", "3", "1", "0"]
    assert "import 1" in err


def test_a_file_that_is_not_understood_is_named_and_the_others_go_in(run, orders, tmp_path):
    diary = tmp_path / "diary.csv"
    diary.write_text("dear,diary\nnothing,much\n", "utf-8")
    code, out, err = run("import", diary, orders, tmp_path / "absent.csv")
    assert code == 1
    assert "orders.csv" in out
    assert "diary.csv" in err
    assert "absent.csv" in err
    code, out, _ = run("import", diary, "--json")
    [entry] = json.loads(out)
    assert (code, entry["file"], entry["rows_read"]) == (1, "diary.csv", 0)
    assert entry["problem"]


def test_two_files_of_one_name_do_not_hide_a_failure(run, orders, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    diary = other / orders.name
    diary.write_text("dear,diary\nnothing,much\n", "utf-8")
    code, out, err = run("import", orders, diary)
    assert (code, "orders.csv" in out, "orders.csv" in err) == (1, True, True)


@pytest.mark.parametrize("market", ["Gremany", "Oz"])
def test_an_unknown_market_is_refused_with_a_sentence(run, orders, market):
    code, out, err = run("import", orders, "--market", market)
    assert (code, out) == (1, "")
    assert err.startswith(f"{market} is no market")
    assert run("import", orders, "--market", "德国")[0] == 0


def test_a_file_without_rows_is_told_and_not_imported(run, tmp_path):
    empty = tmp_path / "orders.csv"
    empty.write_text(ORDERS.partition("\n")[0] + "\n", "utf-8")
    code, out, err = run("import", empty)
    assert (code, out, "no rows" in err) == (0, "", True)
    assert run("check")[1].find(" 0 imports") > 0


def test_a_sale_of_the_future_is_rejected(run, orders):
    orders.write_text(ORDERS + "9,A-1,1,2099-05-01,US\n", "utf-8")
    [entry] = json.loads(run("import", orders, "--json")[1])
    assert [issue["code"] for issue in entry["issues"]][-1] == "issue.future_date"
    assert entry["covers_to"] == "2026-03-07"


def test_market_kind_and_shop_can_be_named(run, orders):
    assert run("import", orders, "--market", "fr", "--shop", "east", "--kind", "sales")[0] == 0
    with Store.open(Path(os.environ["LEEWAY_WORKSPACE"])) as store:
        assert store.items()["market"].tolist() == ["FR", "US"]
        assert store.imports()["shop"].tolist() == ["east"]


def test_undo_takes_an_import_back(run, orders):
    run("import", orders)
    code, out, _ = run("undo", 1)
    assert (code, "Import 1" in out) == (0, True)
    code, _, err = run("undo", 1)
    assert (code, err) == (1, "There is no import 1 that could be taken back.\n")
    assert run("plan")[0] == 1


def test_without_data_a_command_says_what_to_do(run):
    for command in ("plan", "forecast", "check"):
        code, out, err = run(command)
        assert (code, out) == (1, "")
        assert err.startswith("No sales have been imported yet.")


@pytest.mark.parametrize(
    ("arguments", "variables", "opening"),
    [
        (["--language", "zh"], {}, "还没有导入"),
        ([], {"LC_ALL": "zh_CN.UTF-8"}, "还没有导入"),
        ([], {"LC_ALL": "", "LANG": "zh_TW.UTF-8"}, "还没有导入"),
        (["--language", "en"], {"LC_ALL": "zh_CN.UTF-8"}, "No sales"),
    ],
)
def test_the_language_is_the_terminals_unless_it_is_named(
    run, monkeypatch, arguments, variables, opening
):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert run("plan", *arguments)[2].startswith(opening)


@pytest.mark.parametrize("arguments", [[], ["fly"], ["import"], ["undo", "x"], ["plan", "--bogus"]])
def test_what_is_no_command_is_usage(run, arguments):
    with pytest.raises(SystemExit) as outcome:
        run(*arguments)
    assert outcome.value.code == 2


def test_the_plan_is_that_of_the_service(run, filled, tmp_path):
    out = tmp_path / "plan.csv"
    assert run("plan", "--workspace", filled, "--out", out)[0] == 0
    written = pd.read_csv(out)
    assert list(written) == list(replenishment.COLUMNS)
    with Store.open(filled, read_only=True) as store:
        expected = replenishment.plan(store).lines
    assert (
        written["order_quantity"].fillna(-1).tolist()
        == expected["order_quantity"].fillna(-1).tolist()
    )


def test_a_link_and_a_file_give_the_same_scenario(run, filled, tmp_path):
    scenario = Scenario(lead_time_delay_days=14, demand_change_pct=20)
    file = tmp_path / "late.toml"
    file.write_text("lead_time_delay_days = 14\ndemand_change_pct = 20\n", "utf-8")
    query = "&".join(f"{name}={value}" for name, value in scenario.to_query().items())
    answers = [
        run("plan", "--workspace", filled, "--json", "--scenario", named)[1]
        for named in (f"http://127.0.0.1:8501/?{query}", file)
    ]
    assert answers[0] == answers[1]
    at_rest = json.loads(run("plan", "--workspace", filled, "--json")[1])
    late = json.loads(answers[0])
    reorder = [sum(line["reorder_point"] for line in plan["lines"]) for plan in (at_rest, late)]
    assert reorder[0] < reorder[1]


def test_a_link_of_the_app_is_taken_as_it_was_copied(run, filled):
    with Store.open(filled, read_only=True) as store:
        version = store.version
    query = f"lead_time_delay_days=14&item=KT101+%C2%B7+DE&lang=zh&data_version={version}"
    answer = run("plan", "--workspace", filled, "--scenario", f"http://127.0.0.1:8501/?{query}")
    assert (answer[0], "changed since" in answer[2]) == (0, False)
    older = query.replace(version, "an-older-one")
    answer = run("plan", "--workspace", filled, "--scenario", f"http://127.0.0.1:8501/?{older}")
    assert (answer[0], "changed since" in answer[2]) == (0, True)


def test_a_link_made_on_the_sample_is_refused(run, filled):
    link = "http://127.0.0.1:8501/?lead_time_delay_days=14&sample=true"
    code, out, err = run("plan", "--workspace", filled, "--scenario", link)
    assert (code, out, "sample" in err) == (1, "", True)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--scenario", "http://x/?lead_time_delay_days=999"], "999"),
        (["--scenario", "absent.toml"], "absent.toml"),
        (["--as-of", "tomorrow"], "tomorrow"),
        (["--as-of", "1999-01-01"], "1999-01-01"),
        (["--out", "plan.docx"], "plan.docx"),
    ],
)
def test_what_cannot_be_used_is_named(run, filled, arguments, sentence):
    code, _, err = run("plan", "--workspace", filled, *arguments)
    assert code == 1
    assert sentence in err


def test_a_scenario_file_that_is_no_toml_is_named(run, filled, tmp_path):
    file = tmp_path / "late.toml"
    file.write_text("late = = yes", "utf-8")
    code, _, err = run("plan", "--workspace", filled, "--scenario", file)
    assert (code, "late.toml" in err) == (1, True)


def test_a_forecast_has_as_many_weeks_as_asked_for(run, filled, tmp_path):
    out = tmp_path / "forecast.parquet"
    assert run("forecast", "--workspace", filled, "--horizon", 5, "--out", out)[0] == 0
    table = pd.read_parquet(out)
    assert table.groupby(["sku", "market"]).size().unique().tolist() == [5]
    figures = ["mean", "q05", "q10", "q20", "q50", "q80", "q90", "q95", "q975", "q99"]
    cumulative = [f"cumulative_{name}" for name in figures]
    assert list(table) == ["sku", "market", "week", *figures, *cumulative]


def test_the_screen_shows_the_first_rows_and_says_how_many_more(run, filled):
    code, out, err = run("forecast", "--workspace", filled)
    assert code == 0
    assert len(out.strip().split("\n")) == 21
    assert "--out" in err


def test_a_sound_workspace_is_called_whole(run, filled):
    code, out, _ = run("check", "--workspace", filled)
    assert (code, "whole" in out) == (0, True)


def test_a_server_that_holds_the_workspace_is_named_to_writers_only(run, orders):
    run("import", orders)
    folder = Path(os.environ["LEEWAY_WORKSPACE"])
    with held(folder) as process:
        for arguments in (("import", orders), ("undo", 1), ("serve",)):
            code, _, err = run(*arguments)
            assert (code, f"process {process}" in err) == (3, True)
        code, out, err = run("check")
        assert (code, "whole" in out, "A server holds" in err) == (0, True, True)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.7", "example.com", "::", ""])
def test_nothing_is_served_where_anybody_could_reach_it(run, host):
    code, out, err = run("serve", "--host", host)
    assert (code, out) == (1, "")
    assert err


def test_the_module_is_the_command():
    command = [sys.executable, "-m", "analytics", "--version"]
    answer = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    assert answer.stdout.startswith("leeway ")
