"""Every notebook runs from top to bottom, and is committed without its outputs."""

import ast
import json
from pathlib import Path

import openpyxl
import pytest

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"


def cells(name: str, kind: str) -> list[dict]:
    notebook = json.loads((NOTEBOOKS / name).read_text(encoding="utf-8"))
    return [cell for cell in notebook["cells"] if cell["cell_type"] == kind]


def run(name: str) -> dict:
    """Run the code cells in order, each as a notebook would, and return what they defined."""
    names: dict = {}
    for cell in cells(name, "code"):
        source = "".join(cell["source"])
        exec(compile(source, f"{name}:{cell['id']}", "exec"), names)
    return names


@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.name)
def test_a_notebook_is_committed_without_outputs(path):
    for cell in cells(path.name, "code"):
        assert cell["outputs"] == []
        assert cell["execution_count"] is None
        ast.parse("".join(cell["source"]))


def test_first_plan(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = run("first_plan.ipynb")
    plan, item = names["plan"], names["item"]
    assert len(item.fan) == 13
    assert (item.fan["q05"] <= item.fan["q95"]).all()
    assert {"order_now", "covered"} <= set(plan.lines["status"])
    assert (names["both"]["extra"] >= 0).all()
    assert set(names["chart"].to_dict()["datasets"]) == {"history", "fan"}
    sheet = openpyxl.load_workbook(tmp_path / "plan.xlsx").active
    assert sheet.max_row == len(plan.lines) + 1


def test_forecast_league(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = run("forecast_league.ipynb")
    weights, covered, methods = names["weights"], names["covered"], names["record"].methods
    assert weights.sum(axis=1).to_numpy() == pytest.approx(1, abs=1e-5)
    assert abs(covered - names["probabilities"]).max() < 0.1
    assert methods["method"].iloc[0] == "ours"
    assert names["put"].mean[0, :4] == pytest.approx(1.25 * names["figures"][0][0, :4])
    assert set(names["look"].contest.table["member"]) >= {"ours", "ets"}
    assert set(names["chart"].to_dict()["datasets"]) >= {"history", "fan", "corrections", "events"}


def test_order_board(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = run("order_board.ipynb")
    assert names["ours"] == pytest.approx(names["reorder_point"], rel=0.008)
    used = names["item"].used
    assert names["by_hand"] == pytest.approx(used.reorder_point, rel=0.01)
    assert names["item"].why.bars["units"].sum() == pytest.approx(used.reorder_point)
    limits = names["shipment"].limits.set_index("limit")
    assert (limits["used"] <= limits["cap"]).all()
    assert limits.loc["cash", "step_earns"] > 0 == limits.loc["volume", "step_earns"]
    assert (names["both"]["more"] >= 0).all()
    assert set(names["chart"].to_dict()["datasets"]) == {"bars"}


def test_delay_lab(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = run("delay_lab.ipynb")
    line, late = names["line"], names["late"]
    assert line["units_short"] == pytest.approx(late.sum(), abs=1e-6)
    assert line["units_short_more"] == pytest.approx(names["by_hand"], abs=1e-6)
    assert names["at_once"].lost == pytest.approx([names["on_time"].sum(), late.sum()], abs=1e-6)
    assert names["expected"] == pytest.approx(names["due"], abs=0.5)
    assert names["told"] == pytest.approx(names["weighed"], abs=1e-6)
    assert names["one"].actions["is_best"].sum() == 1
    assert names["same"]
    assert set(names["met"]) == {"red_sea", "port_strike", "missed_sailing"}


def test_running_the_shop(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = run("running_the_shop.ipynb")
    found = names["found"]
    assert names["by_hand"] == pytest.approx(found.value("inventory_turnover"))
    assert names["slow_share"] == pytest.approx(found.value("slow_share"))
    assert names["slow_value"] == pytest.approx(found.value("slow_share_value"))
    assert names["demand_out"] == pytest.approx(found.value("stockout_demand_share"))
    assert names["first"]["money_per_day"].is_monotonic_decreasing
    assert names["released"] == pytest.approx(names["stuck"].totals["cash_released"])
    assert (names["best"] >= names["stuck"].lines["value_keep"]).all()
    assert len(names["tiers"]) == len(found.items)
    assert set(names["chart"].to_dict()["datasets"]) == {"months"}
