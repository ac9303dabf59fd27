"""Texts that identify: SKUs, order numbers, buyers."""

import hashlib
import math
import re
import unicodedata
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

_INVISIBLE = "\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff"
_CONTROLS = rf"[{_INVISIBLE}\x00-\x08\x0e-\x1f\x7f]"
_HIDDEN = re.compile(_CONTROLS)
_POINT_ZERO = r"^([0-9]+)\.0+$"
_FORMULA = r"=+\-@|%＝＋－＠｜％﹦﹢﹣﹫﹪⁼⁺₌₊﬩⩵⩶"
_SKIPPED = " \"'`\u2018\u2019\u201c\u201d\uff02\uff07"  # a program may skip these before a formula
# How sheets keep digits from becoming a number: ="00123" and '00123; exports put ' before formulas.
_GUARD = rf"""^(?:="([^"]*)"|'([{_SKIPPED}]*[{_FORMULA}].*|[0-9].*))$"""
# Whatever the functions below may change holds one of these.
_ODD = r"[^ -~]|^ | $|  |^[=']|\.0+$"
_QUOTES = (0x27, 0x3D)  # ' and =
_BLOCK = 2**18  # bytes
_SCIENTIFIC = r"^[0-9](?:\.[0-9]+)?[eE]\+[0-9]{1,2}$"
_KEPT_DIGITS, _KEPT_BITS = 15, 53
_ASKED = 1_000  # order numbers that are looked at
_MOSTLY = 0.9
_NO_CHANCE = 20.0  # bits: one in a million
_NOTHING = pa.array(
    [
        *(
            "",
            "-",
            "--",
            "---",
            "–",
            "—",
            "/",
            "n/a",
            "#n/a",
            "nan",
            "nat",
            "null",
            "(null)",
            "<na>",
        ),
        *(r"\n", "(blank)", "#ref!", "#value!", "#div/0!", "#name?"),
    ],
    pa.large_string(),
)
LONGEST = int(pc.max(pc.binary_length(_NOTHING)).as_py())  # bytes of such a text


def sku_text(text: str) -> str:
    """Return a SKU as it is shown: NFKC, blanks collapsed, the ".0" of a numeric cell removed.

    >>> sku_text(" ＡＢ  12 "), sku_text("21844.0"), sku_text("007")
    ('AB 12', '21844', '007')
    """
    visible = _HIDDEN.sub("", unicodedata.normalize("NFKC", text))
    return re.sub(_POINT_ZERO, r"\1", " ".join(visible.split()))


def sku_key(text: str) -> str:
    """Return what all spellings of one SKU share.

    >>> sku_key("85014D") == sku_key("85014d "), sku_key("21844.0")
    (True, '21844')
    """
    return sku_text(text).casefold()


def are_blank(texts: pa.Array) -> pa.Array:
    """Return which texts stand for "nothing here": empty, a dash, N/A, an error of Excel's."""
    return pc.is_in(pc.utf8_lower(texts), value_set=_NOTHING)


def tidied(texts: pa.Array) -> pa.Array:
    """Return texts without what cannot be seen: controls, doubled blanks, guards against Excel."""
    return _where_odd(texts, _tidied)


def _tidied(texts: pa.Array) -> pa.Array:
    plain = pc.replace_substring_regex(texts, _CONTROLS, "")
    plain = pc.utf8_trim_whitespace(pc.replace_substring_regex(plain, r"[\s\p{Z}]+", " "))
    return pc.utf8_trim_whitespace(pc.replace_substring_regex(plain, _GUARD, r"\1\2"))


def numbered(texts: pa.Array) -> pa.Array:
    """Return order numbers and the like: in one width, without the ".0" of a numeric cell."""
    return _where_odd(texts, _numbered)


def _numbered(texts: pa.Array) -> pa.Array:
    plain = _tidied(pc.utf8_normalize(texts, form="NFKC"))
    return pc.replace_substring_regex(plain, _POINT_ZERO, r"\1")


def skus(texts: pa.Array) -> pa.Array:
    """Return SKUs as they are shown."""
    return _where_odd(texts, _skus).cast(pa.string())


def _skus(texts: pa.Array) -> pa.Array:
    return pa.array([sku_text(text) for text in _tidied(texts).to_pylist()], texts.type)


def sku_keys(skus: pa.Array) -> pa.Array:
    """Return what all spellings of each SKU share (`sku_key`); null stays null."""
    if pc.all(pc.string_is_ascii(skus)).as_py() is not False:
        return pc.ascii_lower(_where_odd(skus, _skus))
    return pa.array([None if s is None else sku_key(s) for s in skus.to_pylist()], pa.string())


def _where_odd(texts: pa.Array, clean: Callable[[pa.Array], pa.Array]) -> pa.Array:
    """Return ``clean`` of those texts that it can change, and the others as they are."""
    if _are_all_plain(texts):
        return texts
    is_odd = pc.match_substring_regex(texts, _ODD)
    return pc.replace_with_mask(texts, is_odd, clean(texts.filter(is_odd)))


def _are_all_plain(texts: pa.Array) -> bool:
    """Return whether all bytes of a column are visible ASCII, and nothing looks like a guard.

    One look at the column's memory; what it cannot rule out goes to the regular expression.
    """
    _, offsets, data = texts.buffers()
    if data is None or texts.null_count:
        return False
    width = np.int64 if pa.types.is_large_string(texts.type) else np.int32
    ends = np.frombuffer(offsets, width)[texts.offset : texts.offset + len(texts) + 1]
    held = np.frombuffer(data, np.uint8)[ends[0] : ends[-1]]
    if not len(held) or held.min() <= 0x20 or held.max() >= 0x7F:
        return False
    blocks = (held[at : at + _BLOCK + 1] for at in range(0, len(held), _BLOCK))
    return not any(map(_may_be_odd, blocks))


def _may_be_odd(block: NDArray[np.uint8]) -> bool:
    """Return whether there is a guard's mark, or ".0"; blocks fit the processor's cache."""
    if any(bool((block == mark).any()) for mark in _QUOTES):
        return True
    points = block[:-1] == 0x2E
    return bool(points.any() and (points & (block[1:] == 0x30)).any())


def are_scientific(texts: pa.Array) -> pa.Array:
    """Return which SKUs a program has rounded to something like 1.23E+12."""
    return pc.match_substring_regex(texts, _SCIENTIFIC)


def rounded_numbers(texts: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Return the distinct order numbers whose last digits a program has lost; none if in doubt.

    A spreadsheet program keeps 15 digits of a number and writes zeros for the rest; other programs
    keep 53 bits. It is no chance only where nearly all long numbers are such. Numbers that end in
    many more zero bits than that were made so, from a time and a count.
    """
    long = pc.drop_null(pc.unique(texts))
    scientific = long.filter(are_scientific(long))
    if len(scientific):
        return scientific
    long = long.filter(pc.match_substring_regex(long, r"^[1-9][0-9]{15,20}$"))
    numbers = [int(text) for text in long.slice(0, _ASKED).to_pylist()]
    zeros = [len(str(number)) - _KEPT_DIGITS for number in numbers]
    bits = [max(number.bit_length() - _KEPT_BITS, 0) for number in numbers]
    is_decimal = _are_cut(numbers, [10**lost for lost in zeros])
    is_binary = _are_cut(numbers, [2**lost for lost in bits])
    made_so = _are_cut(numbers, [2 ** (lost + 1) if lost else 1 for lost in bits])
    return long if is_decimal or (is_binary and not made_so) else long.slice(0, 0)


def _are_cut(numbers: list[int], units: list[int]) -> bool:
    """Return whether nearly all numbers are multiples of their units, and chance cannot do that."""
    telling = [(number, unit) for number, unit in zip(numbers, units, strict=True) if unit > 1]
    cut = [unit for number, unit in telling if number % unit == 0]
    return len(cut) >= _MOSTLY * len(telling) and sum(map(math.log2, cut)) > _NO_CHANCE


def hashed(texts: pa.Array, salt: str) -> pa.Array:
    """Return buyers as keyed hashes: equal buyers stay equal, and nobody can be named."""
    key = hashlib.blake2b(salt.encode()).digest()
    keyed = hashlib.blake2b(digest_size=16, key=key)

    def mark(text: str) -> str:
        one = keyed.copy()
        one.update(text.encode())
        return one.hexdigest()

    return pa.array([mark(text) for text in numbered(texts).to_pylist()], pa.string())
