"""The child process that opens uploads; it may be killed at any moment without harm to anyone.

Run as ``python -I worker.py SOURCE FOLDER LIMITS``: it reads SOURCE and writes to FOLDER one Arrow
file per sheet and ``summary.json``, which says what was found or, with a code, why nothing was.
"""

import contextlib
import json
import os
import sys
from dataclasses import asdict
from importlib.abc import MetaPathFinder
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))  # -I leaves even the own folder out

from analytics.ingest.limits import Limits, RefusedError

SUMMARY = "summary.json"


class _WithoutPandas(MetaPathFinder):
    """Keeps pyarrow from loading pandas at its first array, which takes longer than most files."""

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> None:  # noqa: ARG002
        if fullname == "pandas":
            raise ModuleNotFoundError(fullname)


def restrain(limits: Limits) -> None:
    """Lower what this process may use; without ``resource`` the parent's clock has to do."""
    try:
        import resource  # noqa: PLC0415 - POSIX only
    except ImportError:
        return
    for what, most, grace in (
        (resource.RLIMIT_DATA, limits.memory_bytes, 0),
        (resource.RLIMIT_CPU, limits.cpu_seconds, 5),  # a warning first, then the end
        (resource.RLIMIT_FSIZE, limits.output_bytes, 0),
        (resource.RLIMIT_CORE, 0, 0),
    ):
        _, hard = resource.getrlimit(what)
        bound = most + grace if hard == resource.RLIM_INFINITY else min(most + grace, hard)
        with contextlib.suppress(ValueError, OSError):  # a system may not know all of them
            resource.setrlimit(what, (min(most, bound), bound))
    os.nice(10)


def answer(source: Path, folder: Path, limits: Limits) -> dict[str, Any]:
    """Return the sheets of ``source`` and notes on how they were read, or the refusal."""
    try:
        return _found(source, folder, limits)
    except RefusedError as refused:
        return {"refused": refused.code, "facts": refused.facts}
    except MemoryError:
        return {"refused": "too_much_memory", "facts": {}}


def _found(source: Path, folder: Path, limits: Limits) -> dict[str, Any]:
    # Imported late: the limits hold from here on, and each kind of file pays for its own reader.
    from analytics.ingest import signatures  # noqa: PLC0415

    if signatures.kind_of(source) == "workbook":
        return _workbook(source, folder, limits)
    return _text(source, folder, limits)


def _workbook(source: Path, folder: Path, limits: Limits) -> dict[str, Any]:
    from analytics.ingest import preflight, workbooks  # noqa: PLC0415

    preflight.check_workbook(source, limits)
    sheets, skipped = workbooks.read(source, folder, limits)
    if not sheets:
        raise RefusedError("empty")
    notes = [["skipped_sheets", {"sheets": ", ".join(skipped)}]] if skipped else []
    return {"sheets": [sheet.summary() for sheet in sheets], "notes": notes}


def _text(source: Path, folder: Path, limits: Limits) -> dict[str, Any]:
    from analytics.ingest import charsets, delimited  # noqa: PLC0415

    charset = charsets.charset_of(source)
    sheet, repairs = delimited.read(source, charset, folder, limits)
    if not sheet.width:
        raise RefusedError("empty")
    notes: list[list[Any]] = []
    if charset.is_guess:
        notes.append(["encoding", {"encoding": charset.name}])
    if repairs.count:
        notes.append(["unclosed_quotes", {"count": repairs.count}])
    return {"sheets": [sheet.summary()], "notes": notes}


def main(source: str, folder: str, limits: str) -> None:
    """Restrain this process, read ``source`` and write the summary."""
    sys.meta_path.insert(0, _WithoutPandas())
    bounds = Limits(**json.loads(limits))
    restrain(bounds)
    found = answer(Path(source), Path(folder), bounds)
    Path(folder, SUMMARY).write_text(json.dumps(found), encoding="utf-8")


def arguments(source: Path, folder: Path, limits: Limits) -> list[str]:
    """Return the command line that starts this module as a process of its own."""
    words = [str(source), str(folder), json.dumps(asdict(limits))]
    return [sys.executable, "-I", __file__, *words]


if __name__ == "__main__":
    main(*sys.argv[1:])
