"""Reads parquet files into text."""

import json
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from analytics.ingest import cells
from analytics.ingest.batches import BATCH, Sheet, Writer
from analytics.ingest.limits import Limits, RefusedError
from analytics.ingest.telling import Teller

_NAMES_AT_MOST = 2**20  # characters and entries that the file's footer may hold
_MICROSECONDS = "us"


def read(path: Path, folder: Path, limits: Limits, teller: Teller) -> Sheet:
    """Write the file's rows below its column names.

    Raises
    ------
    RefusedError
        The file is damaged or beyond a limit.
    """
    try:
        return _read(path, folder, limits, teller)
    except MemoryError:
        raise
    except (pa.ArrowException, OSError, ValueError):
        raise RefusedError("damaged") from None


def _read(path: Path, folder: Path, limits: Limits, teller: Teller) -> Sheet:
    with pq.ParquetFile(
        str(path),
        thrift_string_size_limit=16 * _NAMES_AT_MOST,
        thrift_container_size_limit=_NAMES_AT_MOST,
    ) as file:
        names = file.schema_arrow.names
        _check(file.metadata, len(names), limits)
        teller.expect(file.metadata.num_rows)
        writer = Writer(Sheet("", "sheet-0.arrow"), folder, limits, teller)
        writer.add(1, [[name] for name in names])
        for batch in file.iter_batches(BATCH, use_threads=False):
            writer.add(batch.num_rows, [_texts(column) for column in batch.columns])
            teller.did(batch.num_rows)
        return writer.close()


def _check(about: pq.FileMetaData, width: int, limits: Limits) -> None:
    if width > limits.columns:
        raise RefusedError("too_many_columns", value=width, limit=limits.columns)
    if about.num_rows > limits.rows:
        raise RefusedError("too_many_rows", limit=limits.rows)
    sizes = (about.row_group(index).total_byte_size for index in range(about.num_row_groups))
    if sum(sizes) > limits.unpacked_bytes:
        raise RefusedError("inflated")


def _texts(column: pa.Array) -> pa.Array:
    """Return a column's values as text, as a spreadsheet would show them; null is blank."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _texts(column.dictionary_decode())
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_integer(kind):
        return column.cast(pa.large_string()).fill_null("")
    if pa.types.is_timestamp(kind):
        column = column.cast(pa.timestamp(_MICROSECONDS, kind.tz), safe=False)
    if pa.types.is_nested(kind):
        return pa.array(map(_text, column.to_pylist()), pa.large_string())
    encoded = column.dictionary_encode()
    distinct = pa.array(_said(encoded.dictionary), pa.large_string())
    return distinct.take(encoded.indices).fill_null("")


def _said(values: pa.Array) -> Iterator[str]:
    if pa.types.is_floating(values.type):
        values = pc.if_else(pc.is_nan(values), None, values)
    return map(_text, values.to_pylist())


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, default=cells.text)
    if isinstance(value, datetime) and value.tzinfo:
        return value.isoformat(" ", "seconds")
    return cells.text(value)
