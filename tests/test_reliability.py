"""The page of bars and measured values names tests that exist, the same in both languages."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "docs" / name for name in ("reliability.md", "reliability.zh.md")]
ROWS = [*(f"A{number}" for number in range(1, 25)), *(f"B{number}" for number in range(1, 28))]
NAMED = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")


def rows_of(page):
    """Every row of the tables by its name, as cells."""
    found = {}
    for line in page.read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if re.fullmatch(r"[AB]\d+", cells[0]):
            assert cells[0] not in found, cells[0]
            found[cells[0]] = cells[1:]
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_bar_has_a_value_and_a_proof_that_exists(page):
    rows = rows_of(page)
    assert [*rows] == ROWS
    for name, cells in rows.items():
        assert len(cells) == 3, name
        assert all(cells), name
        proofs = NAMED.findall(cells[2])
        assert proofs, name
        for file, test in proofs:
            assert (ROOT / file).is_file(), (name, file)
            tests = ast.walk(ast.parse((ROOT / file).read_text("utf-8")))
            known = {node.name for node in tests if isinstance(node, ast.FunctionDef)}
            assert test in {*known, ""}, (name, file, test)


def test_both_languages_point_to_the_same_proofs():
    english, chinese = (
        {name: NAMED.findall(cells[2]) for name, cells in rows_of(page).items()} for page in PAGES
    )
    assert english == chinese


def test_what_is_not_met_is_named_in_both_languages():
    marked = [
        [
            name
            for name, cells in rows_of(page).items()
            if cells[1].endswith(("(not met)", "（未达到）"))
        ]
        for page in PAGES
    ]
    assert marked[0] == marked[1]
    for page, names in zip(PAGES, marked, strict=True):
        reasons = page.read_text("utf-8").rpartition("\n## ")[2]
        assert [name for name in names if f"**{name}**" not in reasons] == []
