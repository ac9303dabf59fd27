"""Zip archives, without believing what their directory says of them."""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from analytics.ingest.limits import Limits, RefusedError

_CHUNK = 2**20
_DIRECTORY = 2**22  # bytes: thousands of parts with long names, listed in half a second at most
_LOCAL_HEADER = struct.Struct("<4s22xHH")
_MADE_ON_UNIX = 3
_KIND_OF_FILE, _SYMLINK = 0o170000, 0o120000
_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class _Listed(io.FileIO):
    """An archive that is only listed: a directory that is a bomb by itself is not read."""

    def read(self, size: int | None = -1) -> bytes:
        if size is not None and size > _DIRECTORY:
            raise RefusedError("inflated")
        return super().read(-1 if size is None else size)


def parts_of(path: Path) -> list[zipfile.ZipInfo]:
    """Return the directory of an archive.

    Raises
    ------
    RefusedError
        ``damaged`` where there is none: the file is cut off, or broken. ``inflated`` where it would
        take seconds to read.
    """
    try:
        with _Listed(path) as file, zipfile.ZipFile(file) as archive:
            return archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, struct.error):
        raise RefusedError("damaged") from None


def check_directory(
    path: Path, parts: list[zipfile.ZipInfo], limits: Limits, unpacked: int
) -> None:
    """Refuse an archive whose directory says that it is too much; it may say less than is true.

    What it says of the packed bytes is held against the file: parts that claim more than there is
    share their bytes, or hide how far they unpack.

    Raises
    ------
    RefusedError
        ``encrypted``, ``inflated`` or ``damaged``.
    """
    if len(parts) > limits.parts:
        raise RefusedError("inflated")
    if any(part.flag_bits & 0x1 for part in parts):
        raise RefusedError("encrypted")
    whole, packed = sum(part.file_size for part in parts), sum(part.compress_size for part in parts)
    if whole > unpacked:
        raise RefusedError("inflated")
    starts = {part.header_offset for part in parts}
    if len(starts) < len(parts) or packed > path.stat().st_size:
        raise RefusedError("damaged")
    check_ratio(whole, packed, limits)  # of many parts each may stay below it
    for part in parts:
        check_ratio(part.file_size, part.compress_size, limits)


def check_ratio(unpacked: int, packed: int, limits: Limits) -> None:
    """Refuse what unpacks to far more than it is.

    Raises
    ------
    RefusedError
        ``inflated``.
    """
    if unpacked > limits.part_bytes and unpacked > limits.part_ratio * max(packed, 1):
        raise RefusedError("inflated")


def is_link(part: zipfile.ZipInfo) -> bool:
    """Return whether a part is a symbolic link: a path, not a file."""
    mode = part.external_attr >> 16
    return part.create_system == _MADE_ON_UNIX and mode & _KIND_OF_FILE == _SYMLINK


def unpacked(path: Path, part: zipfile.ZipInfo, limits: Limits) -> Iterator[bytes]:
    """Yield a part's bytes; its size and checksum are counted, not believed.

    Raises
    ------
    RefusedError
        ``inflated``, or ``damaged`` where the part is not what the directory says.
    """
    if part.compress_type not in _PACKINGS:
        raise RefusedError("damaged")
    size, checksum = 0, 0
    for chunk in _chunks(path, part):
        size += len(chunk)
        checksum = zlib.crc32(chunk, checksum)
        check_ratio(size, part.compress_size, limits)
        if size > part.file_size:
            raise RefusedError("inflated")
        yield chunk
    if size != part.file_size or checksum != part.CRC:
        raise RefusedError("damaged")


def _chunks(path: Path, part: zipfile.ZipInfo) -> Iterator[bytes]:
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
        while not inflater.eof:
            chunk = inflater.decompress(packed, _CHUNK)
            yield chunk
            packed = inflater.unconsumed_tail
            if not packed and len(chunk) < _CHUNK:  # a full chunk may leave some more behind
                break
    except zlib.error:
        raise RefusedError("damaged") from None
