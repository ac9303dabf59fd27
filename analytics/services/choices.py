"""How a person wants sheets of one shape to be read: kept, spelled as a file, applied."""

import json
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any
from zoneinfo import available_timezones

import pandas as pd
import tomli_w

from analytics import ingest
from analytics.errors import BadMappingError
from analytics.schema import TABLES
from analytics.store import Store

GRAINS = ("line", "day", "week", "month")
MARKS = (".", ",")
CURRENCY = re.compile("[A-Z]{3}")
_NUMBERED = re.compile("#[0-9]{1,4}")
HEADERS, CELLS = "@headers", "@cells"  # of a wide table: what stands across, and below it

_DECISIONS = ("day_first", "decimal_mark", "time_zone", "currency", "grain")
_ABOUT = "# How Leeway reads sheets of these shapes: leeway import FILE --mapping THIS_FILE\n\n"


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person decided about a sheet; None and the empty text leave a part to the sheet.

    Attributes
    ----------
    kind : str or None
        A key of `schema.TABLES`.
    columns : mapping of str to str, or None
        Canonical name to header; ``#7`` is the seventh column, for headers that are empty or there
        twice. All others are unmapped.
    header_row : int or None
        The header's row as a spreadsheet program counts, from 1; 0 = there is none.
    day_first, decimal_mark, time_zone, currency, grain
        As in `ingest.Recognition`.
    market, shop : str
        Of rows that name none.
    """

    kind: str | None = None
    columns: Mapping[str, str] | None = None
    header_row: int | None = None
    day_first: bool | None = None
    decimal_mark: str | None = None
    time_zone: str | None = None
    currency: str | None = None
    grain: str | None = None
    market: str = ""
    shop: str = ""

    @property
    def is_made(self) -> bool:
        """Whether anything was decided."""
        return self != Choice()

    def facts(self) -> dict[str, Any]:
        """Return what was decided, by name."""
        return {name: part for name, part in asdict(self).items() if part not in (None, "")}


def shape_of(recognition: ingest.Recognition) -> str:
    """Return what files of one shape share; months that stand across are no part of it."""
    across = recognition.across.columns if recognition.across else ()
    if not across:
        return recognition.fingerprint
    fixed = [text for place, text in enumerate(recognition.headers) if place not in across]
    return ingest.fingerprint(fixed)


def understood(sheet: ingest.RawSheet, choice: Choice) -> ingest.Recognition:
    """Return how ``sheet`` is read by ``choice``; a column that it does not have is left out."""
    row = choice.header_row
    top = None if row is None or row > len(sheet.head) else row - 1
    found = ingest.recognise(sheet, kind=choice.kind, header_row=top)
    if choice.columns is not None:
        places = {name: place_of(found, text) for name, text in choice.columns.items()}
        columns = {name: place for name, place in places.items() if place is not None}
        if columns != found.columns:
            row = found.header_row
            found = ingest.recognise(sheet, kind=found.kind, columns=columns, header_row=row)
    decided = {name: part for name in _DECISIONS if (part := getattr(choice, name)) is not None}
    return replace(found, **decided, is_grain_told=found.is_grain_told or choice.grain is not None)


def spelled(recognition: ingest.Recognition, columns: Mapping[str, int]) -> dict[str, str]:
    """Return ``columns``, canonical name to place, with headers instead of places."""
    texts = recognition.headers
    names = [ingest.normalised(text) for text in texts]
    times = Counter(names)
    width = len(texts)

    def spelling(place: int) -> str:
        if place >= width:
            return (HEADERS, CELLS)[place - width]
        is_plain = names[place] and times[names[place]] == 1 and texts[place][0] not in "#@"
        return texts[place] if is_plain else f"#{place + 1}"

    return {name: spelling(place) for name, place in columns.items()}


def place_of(recognition: ingest.Recognition, text: str) -> int | None:
    """Return the column that a spelling stands for; None if the sheet has none of it."""
    width = len(recognition.headers)
    if text in (HEADERS, CELLS):
        return width + (HEADERS, CELLS).index(text)
    if _NUMBERED.fullmatch(text):
        place = int(text[1:]) - 1
        return place if 0 <= place < width else None
    known = {ingest.normalised(header): i for i, header in enumerate(recognition.headers)}
    return known.get(ingest.normalised(text) or " ")  # a text of marks alone names no header


# As text: in the workspace, and as a file


def to_json(choice: Choice) -> str:
    """Return a choice as the workspace keeps it."""
    return json.dumps(choice.facts(), ensure_ascii=False, sort_keys=True)


def from_json(text: str) -> Choice:
    """Return a choice that the workspace kept, without what this version cannot use."""
    kept = json.loads(text)
    parts = {name: part for name, part in kept.items() if name in _CHECKS and _CHECKS[name](part)}
    choice = Choice(**parts)
    return replace(choice, columns=None) if _unknown_columns(choice) else choice


def to_toml(choices: Mapping[str, Choice], titles: Mapping[str, str]) -> str:
    """Return choices, shape to choice, as a file for the command line; titles are for readers."""
    entries = [
        {"shape": shape, "title": titles.get(shape, ""), **choice.facts()}
        for shape, choice in choices.items()
    ]
    return _ABOUT + tomli_w.dumps({"mapping": entries})


def from_toml(text: str, file: str) -> dict[str, Choice]:
    """Return the choices of a mapping file, by shape.

    Raises
    ------
    BadMappingError
        It is no TOML, or a part of it is not known or has a value that it cannot have.
    """
    try:
        entries = tomllib.loads(text).get("mapping")
    except tomllib.TOMLDecodeError as fault:
        raise BadMappingError(file=file, part="TOML", value=str(fault)) from fault
    if not isinstance(entries, list) or not entries:
        raise BadMappingError(file=file, part="[[mapping]]", value="")
    return dict(_read(entry, file) for entry in entries)


def _read(entry: object, file: str) -> tuple[str, Choice]:
    if not isinstance(entry, dict) or not isinstance(entry.get("shape"), str):
        raise BadMappingError(file=file, part="shape", value="")
    parts = {name: part for name, part in entry.items() if name not in ("shape", "title")}
    for name, part in parts.items():
        if name not in _CHECKS or not _CHECKS[name](part):
            raise BadMappingError(file=file, part=name, value=str(part))
    choice = Choice(**parts)
    if unknown := _unknown_columns(choice):
        raise BadMappingError(file=file, part="columns", value=", ".join(unknown))
    return str(entry["shape"]), choice


def _unknown_columns(choice: Choice) -> list[str]:
    """Return what a choice calls columns and no table that it may mean has."""
    kinds = [choice.kind] if choice.kind else list(TABLES)
    known = {column.name for kind in kinds for column in TABLES[kind].columns}
    return [name for name in choice.columns or {} if name not in known]


def _is_text(part: object) -> bool:
    return isinstance(part, str)


def _is_among(known: Iterable[object], part: object) -> bool:
    return isinstance(part, str) and part in known


def _is_row(part: object) -> bool:
    return isinstance(part, int) and not isinstance(part, bool) and part >= 0


def _are_texts(part: object) -> bool:
    return isinstance(part, dict) and all(map(_is_text, part.values()))


_CHECKS: Mapping[str, Callable[[object], bool]] = {
    "kind": partial(_is_among, TABLES),
    "columns": _are_texts,
    "header_row": _is_row,
    "day_first": lambda part: isinstance(part, bool),
    "decimal_mark": partial(_is_among, MARKS),
    "time_zone": lambda part: isinstance(part, str) and part in available_timezones(),
    "currency": lambda part: isinstance(part, str) and CURRENCY.fullmatch(part) is not None,
    "grain": partial(_is_among, GRAINS),
    "market": _is_text,
    "shop": _is_text,
}


def fitting(
    recognition: ingest.Recognition, shape: str, known: Mapping[str, Choice]
) -> Choice | None:
    """Return the choice for a sheet: of its shape, else one whose headers it all has."""
    if shape in known:
        return known[shape]
    return next((one for one in known.values() if _fits(recognition, one.columns)), None)


def _fits(recognition: ingest.Recognition, columns: Mapping[str, str] | None) -> bool:
    named: Sequence[str] = [text for text in (columns or {}).values() if text[:1] not in "#@"]
    return bool(named) and all(place_of(recognition, text) is not None for text in named)


def merged(remembered: Choice | None, said: Choice) -> Choice:
    """Return what was said, and of what is remembered all that it leaves open.

    Columns belong to a kind: another kind forgets them.
    """
    if remembered is None:
        return said
    is_other = said.kind is not None and said.kind != remembered.kind
    base = replace(remembered, columns=None) if is_other else remembered
    return replace(base, **{name: getattr(said, name) for name in said.facts()})


def as_read(recognition: ingest.Recognition, choice: Choice) -> Choice:
    """Return ``choice`` with everything spelled out that it left to the sheet."""
    return replace(
        choice,
        kind=recognition.kind,
        columns=spelled(recognition, recognition.columns),
        grain=recognition.grain if _has_grain(recognition) else choice.grain,
    )


def _has_grain(recognition: ingest.Recognition) -> bool:
    """Return whether the sheet's form tells the grain; else its dates may."""
    return recognition.kind == "sales" and recognition.is_grain_told


# What the workspace remembers


def remembered(store: Store) -> pd.DataFrame:
    """Return how sheets of known shapes are read: ``fingerprint, chosen_at, kind, choice``.

    ``choice`` is a `Choice`.
    """
    kept = store.mappings()
    known = [from_json(text) for text in kept["choice"]]
    kinds = [choice.kind or "" for choice in known]
    return kept.assign(choice=pd.Series(known, kept.index, object), kind=kinds)


def remembered_file(store: Store) -> str:
    """Return everything that is remembered as a file for the command line."""
    kept = store.mappings()
    known = {
        shape: from_json(text)
        for shape, text in zip(kept["fingerprint"], kept["choice"], strict=True)
    }
    return to_toml(known, {})
