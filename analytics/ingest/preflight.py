"""Is a workbook's archive safe to open? Asked before any spreadsheet code sees it."""

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from analytics.ingest.limits import Limits, RefusedError
from analytics.ingest.signatures import parts_of

_CHUNK = 2**20
_LOCAL_HEADER = struct.Struct("<4s22xHH")
_XML = (".xml", ".rels", ".vml")
# One cell far to the right makes the reader ask for 16,384 columns times every row.
_BEYOND_COLUMN_500 = re.compile(rb'\br="((?:[A-Z]{3}|[T-Z][A-Z]|S[G-Z])\d{1,7})"')


def check_workbook(path: Path, limits: Limits) -> None:
    """Refuse an archive that unpacks to more than a workbook does, or that defines entities.

    The directory is checked first; then every XML part is unpacked and counted, because the sizes
    in the directory can lie.

    Raises
    ------
    RefusedError
        ``encrypted``, ``inflated``, ``entities``, ``far_cell`` or ``damaged``.
    """
    parts = parts_of(path)
    _check_directory(parts, limits)
    budget = limits.unpacked_bytes
    for part in parts:
        if part.filename.lower().endswith(_XML):
            budget -= _check_part(path, part, limits, budget)


def _check_directory(parts: list[zipfile.ZipInfo], limits: Limits) -> None:
    if len(parts) > limits.parts:
        raise RefusedError("inflated")
    if any(part.flag_bits & 0x1 for part in parts):
        raise RefusedError("encrypted")
    if sum(part.file_size for part in parts) > limits.unpacked_bytes:
        raise RefusedError("inflated")
    for part in parts:
        _check_ratio(part.file_size, part.compress_size, limits)


def _check_ratio(unpacked: int, packed: int, limits: Limits) -> None:
    if unpacked > limits.part_bytes and unpacked > limits.part_ratio * max(packed, 1):
        raise RefusedError("inflated")


def _check_part(path: Path, part: zipfile.ZipInfo, limits: Limits, budget: int) -> int:
    """Return how many bytes ``part`` really unpacks to, having looked at each of them."""
    size, tail = 0, b""
    is_sheet = part.filename.lower().startswith("xl/worksheets/")
    for chunk in _unpacked(path, part):
        size += len(chunk)
        if size > budget:
            raise RefusedError("inflated")
        _check_ratio(size, part.compress_size, limits)
        _check_chunk(tail + chunk, is_sheet=is_sheet)
        tail = chunk[-64:]
    if size != part.file_size:
        raise RefusedError("damaged")
    return size


def _check_chunk(content: bytes, *, is_sheet: bool) -> None:
    if b"\0" in content[:64]:  # UTF-16 would hide the words
        content = content.replace(b"\0", b"")
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise RefusedError("entities")
    if is_sheet and (cell := _BEYOND_COLUMN_500.search(content)):
        raise RefusedError("far_cell", value=cell[1].decode())


def _unpacked(path: Path, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield the part's bytes, without believing the directory's size of them."""
    with path.open("rb") as file:
        _seek_content(file, part.header_offset)
        left = part.compress_size
        inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        while left > 0 and (packed := file.read(min(_CHUNK, left))):
            left -= len(packed)
            if part.compress_type == zipfile.ZIP_STORED:
                yield packed
            else:
                yield from _inflated(inflater, packed)
    if left > 0:
        raise RefusedError("damaged")


def _seek_content(file: BinaryIO, offset: int) -> None:
    file.seek(offset)
    header = file.read(_LOCAL_HEADER.size)
    if len(header) < _LOCAL_HEADER.size:
        raise RefusedError("damaged")
    magic, name_size, extra_size = _LOCAL_HEADER.unpack(header)
    if magic != b"PK\x03\x04":
        raise RefusedError("damaged")
    file.seek(name_size + extra_size, 1)


def _inflated(inflater: "zlib._Decompress", packed: bytes) -> Iterator[bytes]:
    try:
        while packed:
            yield inflater.decompress(packed, _CHUNK)
            packed = inflater.unconsumed_tail
    except zlib.error:
        raise RefusedError("damaged") from None
