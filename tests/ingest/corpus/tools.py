"""How the corpus is kept: files by name, each with the answers that are right."""

import random
import struct
from collections.abc import Callable

from tests.ingest.hostile import FILES as KNOWN
from tests.ingest.making import workbook
from tests.ingest.spreadsheets import archive

Maker = Callable[[], bytes]
ANY = frozenset(
    {
        None, "error.damaged_file", "error.empty_file", "error.not_a_spreadsheet",
        "error.too_much_memory", "error.binary_file", "error.unsupported_format",
        "error.encrypted_file", "error.inflated_file", "error.packed_file",
    }
)  # fmt: skip
DAMAGED, EMPTY, MEMORY = "error.damaged_file", "error.empty_file", "error.too_much_memory"
INFLATED, ENTITIES, FAR = "error.inflated_file", "error.entities_file", "error.far_cell"
LONG, WIDE, TALL = "error.long_cell", "error.too_many_columns", "error.too_many_rows"
FOREIGN, LOCKED = "error.not_a_spreadsheet", "error.encrypted_file"

MAKERS: dict[str, Maker] = {
    name: (lambda content=content: content) for name, (content, _) in KNOWN.items()
}
ANSWERS: dict[str, frozenset] = {name: frozenset({code}) for name, (_, code) in KNOWN.items()}

ROWS = [["date", "sku", "quantity"], ["2024-01-05", "A", 1], ["2024-01-06", "B", 2]]
GOOD = workbook(Orders=ROWS)
XXE = '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>'
LAUGHS = (
    '<!DOCTYPE lolz [<!ENTITY a "lol">'
    + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]>"
)


def add(name, maker, *codes):
    """Add a file; without codes it must be read."""
    assert name not in MAKERS, name
    MAKERS[name] = maker if callable(maker) else lambda: maker
    ANSWERS[name] = (
        codes[0] if codes and isinstance(codes[0], frozenset) else frozenset(codes or {None})
    )


def cut(content, share):
    return content[: int(len(content) * share)]


def flipped(content, seed, count=3):
    data, chance = bytearray(content), random.Random(seed)
    for _ in range(count):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return bytes(data)


def overlapping(count=150):
    """Return an archive whose entries all unpack the same bytes."""
    one = archive({"a.xml": b"0" * 2**20})
    start = one.index(b"PK\x01\x02")
    end = one.index(b"PK\x05\x06")
    entries = one[start:end] * count
    tail = bytearray(one[end:])
    struct.pack_into("<HHI", tail, 8, count, count, len(entries))
    return one[:start] + entries + bytes(tail)


def patched(content, at, layout, *values):
    """Return content with some values packed over it."""
    data = bytearray(content)
    struct.pack_into(layout, data, at, *values)
    return bytes(data)
