"""What one file may ask for, and how the parser child says no."""

from dataclasses import dataclass

_MEGABYTE = 2**20


@dataclass(frozen=True, slots=True)
class Limits:
    """Upper bounds for one upload; real exports stay far below each of them.

    Real workbooks unpack to at most 19 times their size, bombs to hundreds of times. Time is given
    by size: a small file that takes long is no honest one, a million rows on a busy core may be.
    """

    file_bytes: int = 100 * _MEGABYTE
    parts: int = 5_000
    part_bytes: int = 10 * _MEGABYTE  # from here on the ratio counts
    part_ratio: int = 100
    unpacked_bytes: int = 2 * 2**30
    archive_files: int = 200
    archive_bytes: int = 400 * _MEGABYTE
    cell_characters: int = 32_767
    columns: int = 500
    rows: int = 5_000_000
    cells: int = 50_000_000
    memory_bytes: int = 2**30
    output_bytes: int = 4 * 2**30
    seconds: float = 8
    seconds_per_megabyte: float = 3
    seconds_at_most: float = 120  # of any file, by the clock too
    patience: float = 2.5  # others may keep the processors busy

    def seconds_for(self, size: int) -> float:
        """Return how long the child may work.

        >>> Limits().seconds_for(5_000), Limits().seconds_for(30 * 2**20)
        (8, 98)
        """
        allowed = self.seconds + self.seconds_per_megabyte * (size // _MEGABYTE)
        return min(allowed, self.seconds_at_most)

    def clock_for(self, size: int) -> float:
        """Return how long the child may take by the clock: `patience` times as much.

        >>> Limits().clock_for(5_000), Limits().clock_for(30 * 2**20)
        (20.0, 120)
        """
        return min(self.patience * self.seconds_for(size), self.seconds_at_most)


class RefusedError(Exception):
    """The child's way to say why a file is not read: a code and facts, never a sentence."""

    def __init__(self, code: str, **facts: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts
