"""What a header's cell comes down to when spelling, units and line breaks are set aside."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

_BRACKETS = re.compile(r"[(\[{<【〔《「][^)\]}>】〕》」]*[)\]}>】〕》」]")
_LONG = 6  # letters from which on one of them may be mistyped
_DROPPED = re.compile(r"[\W_]+")


def normalised(text: str) -> str:
    r"""Return ``text`` without case, width, blanks and punctuation.

    >>> normalised("Order-ID "), normalised("采购成本（￥）"), normalised("*SKU\n(必填)")
    ('orderid', '采购成本', 'sku必填')
    """
    return _DROPPED.sub("", unicodedata.normalize("NFKC", text).casefold())


def bare(text: str) -> str:
    r"""Return the same without what stands in brackets: units, remarks, translations.

    >>> bare("*SKU\n(必填)"), bare("Weight (kg)"), bare("(Child) ASIN")
    ('sku', 'weight', 'asin')
    """
    return normalised(_BRACKETS.sub(" ", unicodedata.normalize("NFKC", text)))


def fingerprint(headers: Sequence[str]) -> str:
    """Return a hash that files of the same shape share: the same columns in the same order."""
    shape = "\x1f".join(map(normalised, headers))
    return hashlib.blake2b(shape.encode(), digest_size=12).hexdigest()


@dataclass(frozen=True)
class Headers:
    """A row's cells by normalised name; of two equal ones the first counts."""

    cells: tuple[str, ...]

    @cached_property
    def full(self) -> Mapping[str, int]:
        """Places by the whole header."""
        return {normalised(cell): i for i, cell in self._backwards}

    @cached_property
    def bare(self) -> Mapping[str, int]:
        """Places by the header without what stands in brackets."""
        return {name: i for i, cell in self._backwards if (name := bare(cell))}

    @cached_property
    def names(self) -> frozenset[str]:
        """Every name that a column answers to."""
        return frozenset(self.full) | frozenset(self.bare)

    def place(self, header: str) -> int | None:
        """Return where a normalised header stands."""
        return self.full.get(header, self.bare.get(header))

    def places(self, headers: Iterable[str]) -> tuple[int, ...]:
        """Return where normalised headers stand, as far as they do."""
        found = map(self.place, headers)
        return tuple(place for place in found if place is not None)

    def columns(self, wanted: Mapping[str, tuple[str, ...]]) -> dict[str, int]:
        """Return the column of each canonical name; no column serves two names."""
        found: dict[str, int] = {}
        for known in (self.full, self.bare):
            for name, aliases in wanted.items():
                taken = set(found.values())
                hits = (known[a] for a in aliases if a in known and known[a] not in taken)
                if name not in found and (hit := next(hits, None)) is not None:
                    found[name] = hit
        return found

    def all_of(self, wanted: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[int, ...]]:
        """Return every column of each canonical name."""
        hits = {name: self.places(aliases) for name, aliases in wanted.items()}
        return {name: found for name, found in hits.items() if found}

    def mistyped(
        self, wanted: Mapping[str, tuple[str, ...]], found: Mapping[str, int]
    ) -> dict[str, int]:
        """Return columns of names not ``found`` whose headers are one slip away from known ones.

        Only long headers count, and only if they are near the headers of a single name.
        """
        taken = set(found.values())
        near: dict[str, list[int]] = {}
        for header, place in self.full.items():
            names = _names_near(header, wanted) if place not in taken else []
            if len(names) == 1 and names[0] not in found:
                near.setdefault(names[0], []).append(place)
        return {name: places[0] for name, places in near.items() if len(places) == 1}

    @property
    def _backwards(self) -> Iterator[tuple[int, str]]:
        return ((i, cell) for i, cell in reversed(list(enumerate(self.cells))) if cell)


def _names_near(header: str, wanted: Mapping[str, tuple[str, ...]]) -> list[str]:
    if len(header) < _LONG:
        return []
    return [
        name
        for name, aliases in wanted.items()
        if any(len(alias) >= _LONG and is_near(header, alias) for alias in aliases)
    ]


def is_near(one: str, other: str) -> bool:
    """Return whether one letter was left out, doubled, replaced, or swapped with the next.

    >>> is_near("qunatity", "quantity"), is_near("quantiy", "quantity"), is_near("qnty", "quantity")
    (True, True, False)
    """
    if abs(len(one) - len(other)) > 1 or one == other:
        return False
    start = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
    if start is None:
        return True  # one letter more at the end
    ends = (one[start + 1 :], other[start + 1 :])
    if len(one) != len(other):
        return one[start + (len(one) > len(other)) :] == other[start + (len(other) > len(one)) :]
    is_swapped = one[start : start + 2] == other[start : start + 2][::-1]
    return ends[0] == ends[1] or (is_swapped and one[start + 2 :] == other[start + 2 :])
