"""What the server writes down says when, how bad and what; nothing of the data, whoever logs."""

import ast
import io
import json
import logging
import re
import subprocess
import sys
from pathlib import Path

import pytest

from analytics import logs
from analytics.errors import WorkspaceBusyError

ROOT = Path(__file__).parents[1]
CANARY = "SKU-017-canary"


def record(message, *arguments, name="analytics.store", error=None, **more):
    info = (type(error), error, error.__traceback__) if error else None
    made = logging.LogRecord(name, logging.WARNING, "/x/y/z.py", 7, message, arguments, info)
    made.__dict__.update(more)
    return made


def raised(kind, text):
    def fails():
        raise kind(text)

    try:
        fails()
    except kind as error:
        return error


@pytest.mark.parametrize("as_json", [True, False])
@pytest.mark.parametrize(
    "made",
    [
        record("%s is damaged", f"/data/{CANARY}"),
        record("%(sku)s sold %(units)d", {"sku": CANARY, "units": 3}),
        record("A query failed", error=raised(ValueError, CANARY)),
        record("Retry after %s", ValueError(CANARY)),
        record(f"GET /s/{CANARY}", name="uvicorn.access"),
        record("Session %s of %s", CANARY, 3, name="streamlit.runtime"),
        record("Exception", name="uvicorn.error", error=raised(KeyError, CANARY)),
        record("%s rows", {"a": CANARY}),
    ],
)
def test_no_data_reach_the_log(made, as_json):
    line = logs.Event(as_json=as_json).format(made)
    assert CANARY not in line
    assert "\n" not in line


def test_an_event_as_json_says_when_how_bad_what_and_where():
    error = raised(RuntimeError, CANARY)
    made = record("Unexpected error", error=error, name="leeway", reference="0a1b2c3d")
    made.created = 1_700_000_000.25  # 2023-11-14, by any calendar of seconds
    told = json.loads(logs.Event(as_json=True).format(made))
    assert told.pop("at")[0].startswith("tests/test_logs.py:")
    assert told == {
        "time": "2023-11-14T22:13:20.250Z",
        "level": "warning",
        "source": "leeway",
        "event": "Unexpected error",
        "reference": "0a1b2c3d",
        "error": "RuntimeError",
    }


def test_an_error_of_ours_is_told_by_its_code_and_numbers_stay():
    busy = WorkspaceBusyError(folder=CANARY, process="7")
    line = logs.Event(as_json=False).format(record("%d of %d: %s", 2, 3, busy))
    assert line.endswith("2 of 3: error.workspace_busy")
    line = logs.Event(as_json=False).format(record("%s: %s", logs.Plain("No backup"), CANARY))
    assert line.endswith("No backup: …")


# In a process of its own, since what is tried is the process's own logging.
PROGRAM = """
import logging, warnings
from streamlit.logger import get_logger
early = get_logger("streamlit.early")
from analytics import logs
logs.set_up()
late = get_logger("streamlit.late")
for logger in (early, late, logging.getLogger("uvicorn.error"), logging.getLogger()):
    logger.warning("CANARY %s", "CANARY")
    logger.info("CANARY")
logging.getLogger("analytics.x").info("ours: %s and %d", "CANARY", 5)
logging.getLogger("leeway").error("bug", extra={"reference": "12345678"})
warnings.warn("CANARY")
"""


def told(form):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={"LEEWAY_LOG": form, "PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return done.stderr


def test_whatever_is_logged_becomes_one_line_without_data():
    text = told("json")
    assert "CANARY" not in text
    events = [json.loads(line) for line in text.splitlines()]
    sources = [event["source"] for event in events]
    assert sources == ["streamlit.early", "streamlit.late", "uvicorn.error", "root", "analytics.x",
                       "leeway", "py.warnings"]  # fmt: skip
    assert events[4]["event"] == "ours: … and 5"
    assert events[5]["reference"] == "12345678"


def test_all_is_told_where_somebody_asks_for_it():
    assert "CANARY" in told("full")


def test_a_stream_of_ones_own():
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.Event(as_json=False))
    handler.emit(record("Started"))
    assert re.fullmatch(
        r"[\d-]{10}T[\d:.]{12}Z warning analytics.store: Started\n", stream.getvalue()
    )


def test_our_messages_are_constants_so_that_none_can_hold_data():
    paths = [*ROOT.glob("analytics/**/*.py"), *ROOT.glob("pages/**/*.py"), ROOT / "asgi.py"]
    loose = [
        f"{path.name}:{node.lineno}"
        for path in paths
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if _is_log(node) and not isinstance(node.args[0], ast.Constant)
    ]
    assert not loose


def _is_log(node):
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"debug", "info", "warning", "error", "exception", "critical"}
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in {"_log", "logger", "log"}
    )
