"""What one file may ask for, and how the parser child says no."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Upper bounds for one upload; real exports stay far below each of them.

    Real workbooks unpack to at most 19 times their size, bombs to hundreds of times.
    """

    file_bytes: int = 100 * 2**20
    parts: int = 5_000
    part_bytes: int = 10 * 2**20  # from here on the ratio counts
    part_ratio: int = 100
    unpacked_bytes: int = 2 * 2**30
    cell_characters: int = 32_767
    columns: int = 500
    rows: int = 5_000_000
    cells: int = 50_000_000
    memory_bytes: int = 2**30
    output_bytes: int = 4 * 2**30
    cpu_seconds: int = 60
    wall_seconds: int = 30


class RefusedError(Exception):
    """The child's way to say why a file is not read: a code and facts, never a sentence."""

    def __init__(self, code: str, **facts: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts
