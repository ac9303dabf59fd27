"""What the server writes down of itself: when, how bad, what; never anything of the data.

One line per event, as text or as JSON. A message of ours is a constant sentence whose blanks are
filled with numbers and with the codes of errors only; the rest of what was passed is left out, and
so is the text of every exception, because a value, a path or a statement may stand in it. What
others write is told by its place in their source alone. The full text never leaves the process,
unless somebody asks for it with ``LEEWAY_LOG=full`` on a machine of one's own.
"""

import json
import logging
import os
import sys
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

VARIABLE = "LEEWAY_LOG"
FORMS = ("text", "json", "full")
_OURS = ("analytics", "leeway", "pages")
_LEFT_OUT = "…"
_FRAMES = 12  # innermost calls of a bug that are told


class Plain(str):
    """A text of ours that holds no data, so that it may stand in the log as it is."""

    __slots__ = ()


class Event(logging.Formatter):
    """One line per event, without anything of the data.

    Parameters
    ----------
    as_json : bool
        JSON with the keys time, level, event, source and, where there are any, reference, error and
        at; else the same as text.

    Examples
    --------
    >>> record = logging.LogRecord("analytics.x", logging.WARNING, "x.py", 1,
    ...     "%d rows of %s are late", (3, "SKU-017"), None)
    >>> record.created = 0.0
    >>> Event(as_json=False).format(record)
    '1970-01-01T00:00:00.000Z warning analytics.x: 3 rows of … are late'
    """

    def __init__(self, *, as_json: bool) -> None:
        super().__init__()
        self._as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record."""
        facts = _facts(record)
        if self._as_json:
            return json.dumps(facts, ensure_ascii=False)
        line = f"{facts['time']} {facts['level']} {facts['source']}: {facts['event']}"
        if "reference" in facts:
            line += f" [{facts['reference']}]"
        if "error" in facts:
            line += f" ({facts['error']} at {', '.join(facts['at'])})"
        return line


def set_up(form: str = "", stream: TextIO | None = None) -> None:
    """Send every record of this process, ours and others', to one stream as events.

    Parameters
    ----------
    form : str, optional
        ``text``, ``json`` or ``full``; else the variable ``LEEWAY_LOG``, else text. ``full`` leaves
        all as it is, data included.
    stream : text file, optional
        Else the standard error.
    """
    form = form or os.environ.get(VARIABLE, "")
    if form == "full":
        return
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(Event(as_json=form == "json"))
    handler.addFilter(_is_told)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    logging.captureWarnings(capture=True)
    for name in list(logging.root.manager.loggerDict):
        logger = logging.getLogger(name)
        logger.handlers.clear()  # the libraries' own, which write messages out in full
        logger.propagate = True
    logging.setLoggerClass(_Frugal)


class _Frugal(logging.Logger):
    """A logger with no say in where its records go: a library that is loaded late brings one."""

    def callHandlers(self, record: logging.LogRecord) -> None:  # noqa: N802 - as the library names it
        """Hand the record to the root's handler, whatever handlers were added here."""
        logging.getLogger().callHandlers(record)


def _is_told(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.WARNING or _is_ours(record.name)


def _is_ours(name: str) -> bool:
    return name.partition(".")[0] in _OURS


def _facts(record: logging.LogRecord) -> dict[str, str | list[str]]:
    """Return what may be told of a record."""
    at = datetime.fromtimestamp(record.created, UTC)
    facts: dict[str, str | list[str]] = {
        "time": f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z",
        "level": record.levelname.lower(),
        "source": record.name,
        "event": _event(record),
    }
    reference = getattr(record, "reference", None)
    if isinstance(reference, str):
        facts["reference"] = reference
    if record.exc_info and record.exc_info[1] is not None:
        error = record.exc_info[1]
        facts["error"] = _code(error)
        facts["at"] = _calls(error)
    return facts


def _event(record: logging.LogRecord) -> str:
    """Return the sentence with its harmless blanks filled; of others' records, where it stands."""
    if not _is_ours(record.name):
        return f"said at {_place(record.pathname)}:{record.lineno}"
    message = str(record.msg)
    if not record.args:
        return message
    if isinstance(record.args, Mapping):
        return message % {name: _harmless(value) for name, value in record.args.items()}
    return message % tuple(map(_harmless, record.args))


def _harmless(value: object) -> object:
    if isinstance(value, (bool, int, float, Plain)):
        return value
    return _code(value) if isinstance(value, BaseException) else _LEFT_OUT


def _code(error: BaseException) -> str:
    """Return the code of an error of ours, else its kind."""
    code = getattr(error, "code", None) if _is_ours(type(error).__module__) else None
    return code if isinstance(code, str) else type(error).__name__


def _calls(error: BaseException) -> list[str]:
    """Return where an exception comes from, innermost call first."""
    calls = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    return [f"{_place(call.filename)}:{call.lineno} {call.name}" for call in reversed(calls)]


def _place(path: str) -> str:
    """Return the last parts of a source file's path, which say nothing of the machine."""
    return "/".join(Path(path).parts[-2:])
