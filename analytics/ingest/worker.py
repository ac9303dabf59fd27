"""The child process that opens uploads; it may be killed at any moment without harm to anyone.

Run as ``python -I worker.py TASK SOURCE FOLDER LIMITS``. To ``read`` it writes to FOLDER one Arrow
file per sheet, to ``unpack`` one file per member; ``summary.json`` says what was found or, with a
code, why nothing was.
"""

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))  # -I leaves even the own folder out

from analytics.ingest.limits import Limits, RefusedError
from analytics.ingest.telling import Teller
from analytics.restraint import restrain

SUMMARY = "summary.json"

Answer = dict[str, Any]


class _WithoutPandas:
    """Keeps pyarrow from loading pandas at its first array, which takes longer than most files."""

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> None:  # noqa: ARG002
        if fullname == "pandas":
            raise ModuleNotFoundError(fullname)


def hold_down(limits: Limits, size: int) -> None:
    """Lower what this process may use to read a file of ``size`` bytes."""
    seconds = int(limits.seconds_for(size)) + 1
    restrain(
        10,
        data=limits.memory_bytes,
        cpu=(seconds, seconds + 5),  # a warning, then the end
        fsize=limits.output_bytes,
        core=0,
    )


def answer(task: str, source: Path, folder: Path, limits: Limits) -> Answer:
    """Return what ``source`` holds and notes on how it was read, or the refusal."""
    teller = Teller(folder)
    try:
        return _TASKS[task](source, folder, limits, teller)
    except RefusedError as refused:
        return {"refused": refused.code, "facts": refused.facts}
    except MemoryError:
        return {"refused": "too_much_memory", "facts": {}}


def _unpack(source: Path, folder: Path, limits: Limits, teller: Teller) -> Answer:
    from analytics.ingest import unpacking  # noqa: PLC0415

    return {"members": unpacking.unpack(source, folder, limits, teller)}


def _read(source: Path, folder: Path, limits: Limits, teller: Teller) -> Answer:
    # Imported late: the limits hold from here on, and each kind of file pays for its own reader.
    from analytics.ingest import signatures  # noqa: PLC0415

    kind = signatures.kind_of(source)
    if kind == "zip":
        raise RefusedError("foreign", found="ZIP")
    readers = {"text": _text, "parquet": _parquet}
    if kind in readers:
        return readers[kind](source, folder, limits, teller)
    found = _workbook(kind, source, folder, limits, teller)
    if signatures.has_macros(source, kind):
        found["notes"].append(["has_macros", {}])
    return found


def _workbook(kind: str, source: Path, folder: Path, limits: Limits, teller: Teller) -> Answer:
    from analytics.ingest import archives, preflight, workbooks  # noqa: PLC0415

    if kind == "xlsx":
        sheets, skipped = workbooks.read_sliced(source, folder, limits, teller)
    else:
        if kind != "xls":
            preflight.check_workbook(source, archives.parts_of(source), limits)
        sheets, skipped = workbooks.read(source, kind, folder, limits, teller)
    if not sheets:
        raise RefusedError("empty")
    notes = [["skipped_sheets", {"sheets": ", ".join(skipped)}]] if skipped else []
    return {"sheets": [sheet.summary() for sheet in sheets], "notes": notes}


def _text(source: Path, folder: Path, limits: Limits, teller: Teller) -> Answer:
    from analytics.ingest import charsets, delimited  # noqa: PLC0415

    charset = charsets.charset_of(source)
    sheet, repairs = delimited.read(source, charset, folder, limits, teller)
    if not sheet.width:
        raise RefusedError("empty")
    notes: list[list[Any]] = []
    if charset.is_guess:
        notes.append(["encoding", {"encoding": charset.name}])
    if repairs.count:
        notes.append(["unclosed_quotes", {"count": repairs.count}])
    return {"sheets": [sheet.summary()], "notes": notes}


def _parquet(source: Path, folder: Path, limits: Limits, teller: Teller) -> Answer:
    from analytics.ingest import columnar  # noqa: PLC0415

    return {"sheets": [columnar.read(source, folder, limits, teller).summary()], "notes": []}


_TASKS: Mapping[str, Callable[[Path, Path, Limits, Teller], Answer]] = {
    "read": _read,
    "unpack": _unpack,
}


def main(task: str, source: str, folder: str, limits: str) -> None:
    """Restrain this process, do the task and write the summary; exit with the disk's refusal."""
    sys.meta_path.insert(0, _WithoutPandas())
    bounds = Limits(**json.loads(limits))
    hold_down(bounds, Path(source).stat().st_size)
    try:
        found = answer(task, Path(source), Path(folder), bounds)
        Path(folder, SUMMARY).write_text(json.dumps(found), encoding="utf-8")
    except OSError as error:
        sys.exit(error.errno)


def arguments(task: str, source: Path, folder: Path, limits: Limits) -> list[str]:
    """Return the command line that starts this module as a process of its own."""
    words = [task, str(source), str(folder), json.dumps(asdict(limits))]
    return [sys.executable, "-I", __file__, *words]


if __name__ == "__main__":
    main(*sys.argv[1:])
