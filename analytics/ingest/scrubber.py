"""The child process that cleans big sheets; it may be killed at any moment without harm to anyone.

Run as ``python -I scrubber.py FOLDER`` with the task as JSON on its standard input: it writes to
FOLDER the rows and the issues as Arrow files, and last ``summary.json``, which says the rest.
"""

import errno
import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))  # -I leaves even the own folder out

    from analytics.ingest.worker import _WithoutPandas

    sys.meta_path.insert(0, _WithoutPandas())

import pyarrow as pa

from analytics.errors import AnalyticsError
from analytics.ingest import cleaning
from analytics.ingest.reader import RawSheet
from analytics.ingest.recognition import Across, Recognition
from analytics.restraint import restrain

ROWS = "rows.arrow"
ISSUES = "issues.arrow"
SUMMARY = "summary.json"
DISK_FULL = 28  # the process's exit code
_DONE = "done"
_BATCH = 100_000
_MEMORY = 2 << 30  # bytes


def percent_done(folder: Path) -> int:
    """Return how far the child that works in ``folder`` is."""
    try:
        return int((folder / _DONE).read_text(encoding="ascii"))
    except (OSError, ValueError):
        return 0


def main(folder: Path) -> None:
    """Do the task that stands on standard input; on a full disk end with `DISK_FULL`."""
    try:
        summary = _told(json.load(sys.stdin), folder)
        (folder / SUMMARY).write_text(json.dumps(summary), encoding="utf-8")
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        sys.exit(DISK_FULL)


def _told(task: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Return the summary of the task, or of what was wrong with it."""
    try:
        return _answer(task, folder)
    except AnalyticsError as error:
        return {"error": type(error).__name__, "facts": error.params}
    except MemoryError:
        return {"error": "TooMuchMemoryError", "facts": {}}


def _answer(task: dict[str, Any], folder: Path) -> dict[str, Any]:
    _report(folder, 10)
    options = task["options"]
    days = {name: options[name] and _day(options[name]) for name in ("file_date", "today")}
    found = cleaning.parts(_sheet(task), _recognition(task), **{**options, **days})
    _report(folder, 80)
    _write(folder / ROWS, found.rows)
    _write(folder / ISSUES, found.issues)
    _report(folder, 100)
    return {
        "rows_read": found.rows_read,
        "rows_ignored": found.rows_ignored,
        "notes": found.notes,
    }


def _report(folder: Path, percent: int) -> None:
    (folder / _DONE).write_text(f"{percent}", encoding="ascii")


def _sheet(task: dict[str, Any]) -> RawSheet:
    sheet = _frozen(task["sheet"])
    return RawSheet(**{**sheet, "data": Path(sheet["data"])})


def _recognition(task: dict[str, Any]) -> Recognition:
    parts = _frozen(task["recognition"])
    across = parts["across"] and Across(**parts["across"])
    return Recognition(**{**parts, "across": across})


def _frozen(value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    """Return what JSON made a list of as the tuple that it was."""
    if isinstance(value, list):
        return tuple(map(_frozen, value))
    return {key: _frozen(v) for key, v in value.items()} if isinstance(value, dict) else value


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _write(path: Path, table: pa.Table) -> None:
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as out:
        out.write_table(table, max_chunksize=_BATCH)


if __name__ == "__main__":
    restrain(10, data=_MEMORY, core=0)  # whoever waits for a page goes first
    main(Path(sys.argv[1]))
