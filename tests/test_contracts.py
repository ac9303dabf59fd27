"""Promises that hold across modules; each was seen to fail when it was broken on purpose."""

import ast
import re
import string
import subprocess
import sys
from pathlib import Path

import pytest

from analytics.errors import AnalyticsError
from analytics.i18n import LANGUAGES, catalog
from analytics.scenario import Scenario
from analytics.schema import TABLES

ROOT = Path(__file__).parents[1]
PAGES = sorted(path for path in (ROOT / "pages").glob("*.py") if path.name != "__init__.py")
SOURCES = [
    ROOT / "app.py",
    ROOT / "asgi.py",
    *ROOT.glob("pages/**/*.py"),
    *ROOT.glob("analytics/**/*.py"),
]


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def literal_keys() -> set[str]:
    """Every key that the code names outright, whichever translator says it."""
    calls = (
        node
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("t", "translate")
    )
    return {
        call.args[0].value
        for call in calls
        if call.args
        and isinstance(call.args[0], ast.Constant)
        and isinstance(call.args[0].value, str)
    }


def test_languages_have_the_same_keys_and_placeholders():
    zh, en = catalog("zh"), catalog("en")
    assert {k: placeholders(v) for k, v in zh.items()} == {
        k: placeholders(v) for k, v in en.items()
    }


def test_no_text_is_empty_and_no_chinese_text_is_left_in_english():
    for language in LANGUAGES:
        assert all(text.strip() for text in catalog(language).values())
    # Codes, units and proper names are the same in both; whole sentences are not.
    english = {key: text for key, text in catalog("en").items() if text == catalog("zh")[key]}
    assert not {key: text for key, text in english.items() if len(text.split()) > 3}
    assert not [key for key, text in catalog("en").items() if re.search(r"[一-鿿]", text)]


def test_every_literal_key_is_in_the_catalog():
    assert literal_keys() <= catalog("en").keys()


def test_every_assumption_has_a_name_and_a_help():
    for name in Scenario().to_query():
        assert {f"scenario.{name}", f"scenario.{name}_help"} <= catalog("en").keys()


def test_every_canonical_column_has_a_heading():
    columns = {column.name for table in TABLES.values() for column in table.columns}
    assert {f"column.{name}" for name in columns} <= catalog("en").keys()


@pytest.mark.parametrize("error", AnalyticsError.family(), ids=lambda error: error.__name__)
def test_every_error_is_translated(error):
    for language in LANGUAGES:
        assert placeholders(catalog(language)[error.code]) == placeholders(error.template)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_a_page_is_a_table_of_contents(page):
    text = page.read_text("utf-8")
    tree = ast.parse(text)
    assert text.count("\n") <= 60
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Try | ast.ClassDef)]
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    assert all("fragment" in ast.unparse(node.decorator_list[0]) for node in functions)
    imported = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    assert not imported & {"pandas", "duckdb", "numpy"}
    first = next(node for node in tree.body if isinstance(node, ast.Assign))
    assert ast.unparse(first) == "t = session.page()" or "COLUMNS" in ast.unparse(first.targets[0])
    assert "t = session.page()" in text


def test_the_package_knows_no_user_interface_and_loads_no_slow_library():
    """Importing statsmodels costs 1.5 s; only the deep fit and a cross-check need it."""
    code = (
        "import sys, analytics.cli, analytics.services.replenishment, analytics.charts.forecast;"
        "print([name for name in ('streamlit', 'statsmodels') if name in sys.modules])"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert answer.stdout.strip() == "[]"


def test_the_locks_name_no_host():
    for name in (
        "requirements.txt",
        "requirements-dev.txt",
        "benchmarks/forecast/requirements.txt",
    ):
        text = (ROOT / name).read_text("utf-8")
        assert "://" not in text
        assert "--index" not in text
        assert text.count("--hash=sha256:") > 100


def test_every_program_that_works_beside_the_server_ends_before_it():
    """When memory runs out; see `analytics.restraint`."""
    programs = [
        path
        for path in ROOT.glob("analytics/**/*.py")
        if path.name not in ("__main__.py", "copying.py")  # which holds a megabyte
        and '__name__ == "__main__"' in path.read_text("utf-8")
    ]
    assert len(programs) >= 4
    assert [path.name for path in programs if "restrain(" not in path.read_text("utf-8")] == []
