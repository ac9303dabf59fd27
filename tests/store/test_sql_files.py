"""Every SQL file is one statement that says what its rows are, and fits what calls it."""

import inspect
import re
from pathlib import Path

import duckdb
import pytest

from analytics.store import Store, proving, sql_files

FOLDER = Path(sql_files.__file__).parent
QUESTIONS = sorted((FOLDER / "sql").glob("*.sql"))
STEPS = sorted((FOLDER / "steps").glob("*.sql"))


@pytest.fixture(scope="module")
def workspace():
    with duckdb.connect() as connection:
        for script in sql_files.migrations():
            connection.execute(script)
        yield connection


def parts(path):
    return re.fullmatch(r"((?:--[^\n]*\n)+)(.*)", path.read_text("utf-8"), re.DOTALL).groups()


@pytest.mark.parametrize("path", [*QUESTIONS, *STEPS], ids=lambda path: path.stem)
def test_a_statement_states_its_grain_and_its_parameters(path):
    header, body = parts(path)
    assert "-- Grain: " in header
    assert "-- Parameters: " in header
    assert set(re.findall(r"\$(\w+)", body)) == set(re.findall(r"\$(\w+)", header))
    assert len(duckdb.extract_statements(body)) == 1


@pytest.mark.parametrize("path", QUESTIONS, ids=lambda path: path.stem)
def test_a_question_fits_its_method_and_the_schema(path, workspace):
    _, body = parts(path)
    method = getattr(Store, path.stem)
    method = method.fget if isinstance(method, property) else method
    parameters = set(re.findall(r"\$(\w+)", body))
    assert parameters == inspect.signature(method).parameters.keys() - {"self"}
    workspace.execute(f"EXPLAIN {body}", dict.fromkeys(parameters) or None)


def test_only_constants_are_executed():
    """No statement is glued from pieces: `execute` is given a file's text and parameters."""
    for path in FOLDER.glob("*.py"):
        calls = re.findall(r"\.(?:execute|sql)\(\s*([^\s(,)]+)", path.read_text("utf-8"))
        known = {"sql_files.step", "sql_files.question", '"CHECKPOINT"', "statement", "script"}
        assert set(calls) <= known, path.name


def test_what_a_file_is_made_with_reads_the_same_once_it_was_opened_again(tmp_path):
    """Else its own backup would be refused: a list of columns to leave out comes back reordered."""
    path = tmp_path / "made.duckdb"
    schema = len(sql_files.migrations())
    with duckdb.connect(path) as made:
        for script in sql_files.migrations():
            made.execute(script)
    with duckdb.connect(path) as again:
        assert proving._shape(again) == proving._fresh(schema)
