"""Times of day behind dates: set aside before distinct dates are looked for, and their offsets.

A column of times to the second holds nearly as many texts as rows. Split before the hour, its days
are few and its times of day at most 86,400, whatever the number of rows.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from analytics.errors import UnknownTimeZoneError

Ints = NDArray[np.int64]

ZONE = r"(?:Z|[A-Z]{2,5})?\s*(?:[+\-]\d{1,2}(?::?\d{2})?)?"
TIME = rf"\d{{1,2}}:\d{{2}}(?::\d{{2}}(?:[.,]\d+)?)?\s*(?:[ap]\.?\s?m\.?)?\s*{ZONE}"

_TAIL = rf"(?i)^\D?{TIME}$"
_PARTS = re.compile(
    r"\D?(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?"
    r"\s*(?:(?P<half>[ap])\.?\s?m\.?)?"
    r"\s*(?P<zone>(?:Z|[A-Z]{2,5})?)\s*(?:(?P<sign>[+\-])(?P<hours>\d{1,2}):?(?P<minutes>\d{2})?)?",
    re.IGNORECASE,
)
_AFTERNOON = re.compile(r"(?:下午|晚上|pm)\s*$", re.IGNORECASE)
_LAYOUTS = 12  # so many lengths of "hour to end" are split; a column of dates has one or two
_LONGEST = 48  # characters from the hour to the end
_QUARTER = 900  # seconds; no zone changes its clocks at other moments
_DAY = 86_400
_NEVER = -(2**62)  # stands for "no offset"
_HOURS = {  # names of offsets that exports write; those with two meanings are left out
    name: hours
    for hours, names in (
        (-8.0, "PST"),
        (-7.0, "PDT MST"),
        (-6.0, "MDT"),
        (-5.0, "EST CDT"),
        (-4.0, "EDT"),
        (0.0, "Z UTC GMT"),
        (1.0, "BST CET"),
        (2.0, "CEST EET"),
        (3.0, "EEST"),
        (7.0, "WIB ICT"),
        (8.0, "SGT HKT"),
        (9.0, "JST"),
        (10.0, "AEST"),
        (11.0, "AEDT"),
    )
    for name in names.split()
}


class _Moment(NamedTuple):
    """What one time of day says, in seconds; without an offset it is nobody's but the writer's."""

    seconds: int
    offset: int


@dataclass(frozen=True)
class Split:
    """A column of dates without their times of day, and the times.

    Attributes
    ----------
    distinct : pa.Array
        Texts in which each time of day is set to zero; a text may stand there twice.
    places : ndarray, shape (n_rows,)
        For each row the place of its text.
    tails : pa.Array
        Times of day, row by row of those that were split, layout by layout.
    tail_places : ndarray, shape (n_rows,)
        For each row the place of its time of day, -1 where none was split off.
    offsets : tuple of str
        The distinct offsets that the times carry, as they are written.
    are_late : ndarray of bool, shape (n_texts,)
        Which texts say "afternoon" in front of the hour.
    """

    distinct: pa.Array
    places: Ints
    tails: pa.Array
    tail_places: Ints
    offsets: tuple[str, ...]
    are_late: NDArray[np.bool_]

    def taken(self, rows: pa.Array) -> "Split":
        """Return the texts at the places ``rows``."""
        at = rows.to_numpy()
        return replace(self, places=self.places[at], tail_places=self.tail_places[at])

    def moved(self, days: pa.Array, zone: str) -> pa.Array:
        """Return each row's day (date32) in ``zone``; without an offset it stays as written.

        Raises
        ------
        UnknownTimeZoneError
            There is no such zone.
        """
        there = zone_of(zone)
        known = self.tails.dictionary_encode()
        moments = [_moment(text) for text in known.dictionary.to_pylist()]
        shifts = np.array(
            [one.seconds - one.offset if one else _NEVER for one in moments], np.int64
        )
        of_tails = np.append(shifts[known.indices.to_numpy()], _NEVER)  # the last for those without
        shift = of_tails[self.tail_places]
        rows = np.flatnonzero((shift != _NEVER) & np.asarray(days.is_valid()))
        if not len(rows):
            return days
        found = days.cast(pa.int32()).fill_null(0).to_numpy().astype(np.int64)
        late = self.are_late[self.places[rows]] * (_DAY // 2)
        instants = found[rows] * _DAY + shift[rows] + late
        found[rows] = (instants + _offsets_at(instants, there)) // _DAY
        moved = pa.array(found.astype(np.int32), pa.int32()).cast(pa.date32())
        return pc.if_else(days.is_valid(), moved, days)


def split(texts: pa.Array) -> Split:
    """Return dates apart from their times of day; what is no plain time stays with its date."""
    pieces = [piece for rows, length in _layouts(texts) for piece in _pieces(texts, rows, length)]
    places, tail_places = (np.full(len(texts), -1, np.int64) for _ in range(2))
    texts_before, tails_before = 0, 0
    for piece in pieces:
        places[piece.rows] = piece.places + texts_before
        if len(piece.tails):
            tail_places[piece.rows] = np.arange(len(piece.tails)) + tails_before
        texts_before += len(piece.texts)
        tails_before += len(piece.tails)
    none = pa.array([], texts.type)
    zones = {zone for piece in pieces for zone in piece.zones if _offset_of(zone) is not None}
    return Split(
        distinct=pa.concat_arrays([none, *(one.texts for one in pieces)]),
        places=places,
        tails=pa.concat_arrays([none, *(one.tails for one in pieces)]),
        tail_places=tail_places,
        offsets=tuple(sorted(zones)),
        are_late=np.concatenate([np.zeros(0, np.bool_), *(one.are_late for one in pieces)]),
    )


def zone_of(name: str) -> ZoneInfo:
    """Return the time zone called ``name``, like Europe/Berlin.

    Raises
    ------
    UnknownTimeZoneError
        There is none.
    """
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # of a name that is a path, a folder, or unknown
        raise UnknownTimeZoneError(zone=name) from None


class _Piece(NamedTuple):
    """Some rows: their distinct texts with times at zero, each row's time, and the zones named."""

    rows: Ints
    texts: pa.Array
    places: Ints
    tails: pa.Array
    zones: list[str]
    are_late: NDArray[np.bool_]


def _layouts(texts: pa.Array) -> Iterator[tuple[Ints, int]]:
    """Yield rows with the same number of bytes from the hour to the end; 0 = not to be split."""
    colon = pc.find_substring(texts, ":").to_numpy()
    lengths = pc.binary_length(texts).to_numpy() - colon + 2
    lengths[(colon < 2) | (lengths > _LONGEST)] = 0
    counts = np.bincount(lengths, minlength=1)
    common = np.argsort(-counts, kind="stable")[:_LAYOUTS]
    rare = np.setdiff1d(np.flatnonzero(counts), common)
    if len(rare):
        lengths[np.isin(lengths, rare)] = 0
    for length in np.flatnonzero(np.bincount(lengths)):
        yield np.flatnonzero(lengths == length), int(length)


def _pieces(texts: pa.Array, rows: Ints, length: int) -> Iterator[_Piece]:
    """Yield the rows of one layout, those with a time apart from those with something else."""
    some = texts if len(rows) == len(texts) else texts.take(pa.array(rows))
    if length == 0:
        yield _whole(some, rows)
        return
    heads, tails = _cut(some, length)
    shapes = _levelled(tails).dictionary_encode()
    are_times = np.asarray(pc.match_substring_regex(shapes.dictionary, _TAIL))
    if are_times.all():
        yield _timed(heads, tails, shapes, rows)
        return
    is_time = are_times[shapes.indices.to_numpy()]
    yield _whole(some.filter(pa.array(~is_time)), rows[~is_time])
    if is_time.any():
        timed = pa.array(is_time)
        heads, tails, shapes = (one.filter(timed) for one in (heads, tails, shapes))
        yield _timed(heads, tails, shapes, rows[is_time])


def _whole(texts: pa.Array, rows: Ints) -> _Piece:
    known = texts.dictionary_encode()
    late = np.zeros(len(known.dictionary), np.bool_)
    return _Piece(rows, known.dictionary, known.indices.to_numpy(), texts.slice(0, 0), [], late)


def _timed(heads: pa.Array, tails: pa.Array, shapes: pa.DictionaryArray, rows: Ints) -> _Piece:
    known = heads.dictionary_encode()
    shape_count = len(shapes.dictionary)
    pairs = known.indices.to_numpy().astype(np.int64) * shape_count + shapes.indices.to_numpy()
    found = pa.array(pairs).dictionary_encode()
    head, shape = np.divmod(found.dictionary.to_numpy(), shape_count)
    parts = known.dictionary.take(pa.array(head)), shapes.dictionary.take(pa.array(shape))
    whole = pc.binary_join_element_wise(*parts, pa.scalar("", heads.type))
    late = [bool(_AFTERNOON.search(text)) for text in parts[0].to_pylist()]
    zones = _zones(tails, shapes)
    return _Piece(rows, whole, found.indices.to_numpy(), tails, zones, np.array(late, np.bool_))


def _zones(tails: pa.Array, shapes: pa.DictionaryArray) -> list[str]:
    """Return what the times of each shape say behind the time itself."""
    found: list[str] = []
    for place, shape in enumerate(shapes.dictionary.to_pylist()):
        zone = re.sub(_BEFORE_ZONE, "", shape)
        if zone:
            is_only = len(shapes.dictionary) == 1
            those = tails if is_only else tails.filter(pc.equal(shapes.indices, place))
            _, zones = _cut(those, len(zone))
            found += zones.dictionary_encode().dictionary.to_pylist()
    return found


def _cut(texts: pa.Array, length: int) -> tuple[pa.Array, pa.Array]:
    """Return what stands before the last ``length`` characters, and these."""
    if pc.all(pc.string_is_ascii(texts)).as_py():  # bytes are characters, and quicker
        plain = texts.view(_BYTES[texts.type])
        parts = pc.binary_slice(plain, 0, -length), pc.binary_slice(plain, -length)
        return parts[0].view(texts.type), parts[1].view(texts.type)
    return pc.utf8_slice_codeunits(texts, 0, -length), pc.utf8_slice_codeunits(texts, -length)


def _levelled(texts: pa.Array) -> pa.Array:
    """Return texts with every figure 0: what is left is their shape."""
    is_known, offsets, data = texts.buffers()
    if data is None:
        return texts
    held = np.frombuffer(data, np.uint8)
    shape = np.empty(len(held), np.uint8)
    for at in range(0, len(held), _BLOCK):
        np.take(_LEVEL, held[at : at + _BLOCK], out=shape[at : at + _BLOCK], mode="clip")
    parts = [is_known, offsets, pa.py_buffer(shape)]
    return pa.Array.from_buffers(texts.type, len(texts), parts, offset=texts.offset)


_BYTES = {pa.string(): pa.binary(), pa.large_string(): pa.large_binary()}
_BLOCK = 2**18  # bytes, so that they fit the processor's cache
_LEVEL = np.arange(256, dtype=np.uint8)
_LEVEL[ord("0") : ord("9") + 1] = ord("0")
_BEFORE_ZONE = r"(?i)^\D?\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?\s*(?:[ap]\.?\s?m\.?(?![a-z]))?\s*"


def _offset_of(zone: str) -> int | None:
    """Return the seconds that a written offset is ahead of UTC; None if it is none."""
    moment = _moment(f"0:00 {zone}") if zone else None
    return None if moment is None else moment.offset


def _moment(text: str) -> _Moment | None:
    """Return a time of day with its offset; None where it has none that is known."""
    found = _PARTS.fullmatch(text)
    if not found or not (found["zone"] or found["sign"]):
        return None
    named = _HOURS.get(found["zone"].upper(), None if found["zone"] else 0.0)
    if named is None:
        return None
    ahead = int(found["hours"] or 0) * 3600 + int(found["minutes"] or 0) * 60
    hour = int(found["hour"])
    if found["half"]:
        hour = hour % 12 + 12 * (found["half"] in "pP")
    seconds = hour * 3600 + int(found["minute"]) * 60 + int(found["second"] or 0)
    return _Moment(seconds, int(named * 3600) + (-ahead if found["sign"] == "-" else ahead))


def _offsets_at(instants: Ints, zone: ZoneInfo) -> Ints:
    """Return how far ``zone`` is ahead of UTC at each instant, both in seconds."""
    quarters = instants // _QUARTER
    first = int(quarters.min())
    is_asked = np.zeros(int(quarters.max()) - first + 1, np.bool_)
    is_asked[quarters - first] = True
    asked = np.flatnonzero(is_asked)
    ahead = np.zeros(len(is_asked), np.int64)
    ahead[asked] = [_ahead(int(quarter) + first, zone) for quarter in asked]
    return ahead[quarters - first]


def _ahead(quarter: int, zone: ZoneInfo) -> int:
    instant = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=quarter * _QUARTER)
    offset = instant.astimezone(zone).utcoffset()
    return 0 if offset is None else int(offset.total_seconds())
