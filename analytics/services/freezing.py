"""An answer as bytes, and back: the same tables, numbers and dates on any day.

A zip of one JSON text and a Parquet file per table. Nothing in it can be executed when it is read,
for it may come out of somebody's backup.
"""

import io
import json
import math
import zipfile
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, cast

import numpy as np
import pandas as pd

from analytics.errors import BrokenLinkError
from analytics.scenario import Scenario

_TEXT = "answer.json"
_FORMAT = 1  # another number means that this cannot read it
_THEN = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can tell: equal answers, equal bytes
_BROKEN = (zipfile.BadZipFile, KeyError, TypeError, AttributeError, ValueError, OSError, EOFError)
_MARK = "$"  # of what JSON has no form for


def pack(parts: Mapping[str, object]) -> bytes:
    """Return the parts of an answer as bytes; equal parts give equal bytes.

    Parameters
    ----------
    parts : mapping
        Of tables, scenarios, texts, numbers, dates, and tuples, lists and mappings of these.

    Raises
    ------
    TypeError
        One of them is something else.
    """
    tables: list[pd.DataFrame] = []
    told = {"format": _FORMAT, "parts": _told(parts, tables)}
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        text = json.dumps(told, ensure_ascii=False, allow_nan=False)
        archive.writestr(zipfile.ZipInfo(_TEXT, _THEN), text)
        for number, table in enumerate(tables):
            content = table.to_parquet(None, compression="zstd")
            archive.writestr(zipfile.ZipInfo(f"{number}.parquet", _THEN), content)
    return made.getvalue()


def unpack(content: bytes) -> dict[str, Any]:
    """Return what `pack` was given.

    Raises
    ------
    BrokenLinkError
        It is cut, of another format, or none of ours.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            told = json.loads(archive.read(_TEXT))
            if told["format"] != _FORMAT:
                raise BrokenLinkError
            return cast("dict[str, Any]", _heard(told["parts"], archive))
    except _BROKEN as fault:
        raise BrokenLinkError from fault


def _told(value: object, tables: list[pd.DataFrame]) -> object:
    """Return a value as JSON holds it; tables are put aside."""
    if isinstance(value, pd.DataFrame):
        tables.append(value)
        return {_MARK: "table", "number": len(tables) - 1}
    if isinstance(value, Scenario):
        return {_MARK: "scenario", "query": value.to_query()}
    if isinstance(value, tuple):
        return {_MARK: "tuple", "parts": [_told(part, tables) for part in value]}
    if isinstance(value, list):
        return [_told(part, tables) for part in value]
    if isinstance(value, Mapping):
        pairs = [[_told(key, tables), _told(part, tables)] for key, part in value.items()]
        return {_MARK: "dict", "pairs": pairs}
    return _told_cell(value)


def _told_cell(value: object) -> object:
    if isinstance(value, np.generic):
        value = value.item()
    if value is pd.NaT:
        return {_MARK: "no_time"}
    if isinstance(value, datetime):
        return {_MARK: "time", "text": value.isoformat()}
    if isinstance(value, date):
        return {_MARK: "date", "text": value.isoformat()}
    if isinstance(value, float) and not math.isfinite(value):
        return {_MARK: "float", "text": repr(value)}
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise TypeError(type(value).__name__)


def _heard(value: Any, archive: zipfile.ZipFile) -> object:  # noqa: ANN401 - whatever JSON holds
    if isinstance(value, list):
        return [_heard(part, archive) for part in value]
    if not isinstance(value, dict):
        return value
    hear: dict[str, Callable[[], object]] = {
        "table": lambda: pd.read_parquet(io.BytesIO(archive.read(f"{value['number']:d}.parquet"))),
        "scenario": lambda: Scenario.salvage(value["query"])[0],
        "tuple": lambda: tuple(_heard(part, archive) for part in value["parts"]),
        "dict": lambda: {_heard(k, archive): _heard(v, archive) for k, v in value["pairs"]},
        "no_time": lambda: pd.NaT,
        "time": lambda: pd.Timestamp(value["text"]),
        "date": lambda: date.fromisoformat(value["text"]),
        "float": lambda: float(value["text"]),
    }
    return hear[value[_MARK]]()
