"""Texts that identify: SKUs, order numbers, buyers."""

import hashlib
import re
import unicodedata

import pyarrow as pa
import pyarrow.compute as pc

_INVISIBLE = "\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff"
_CONTROLS = rf"[{_INVISIBLE}\x00-\x08\x0e-\x1f\x7f]"
_HIDDEN = re.compile(_CONTROLS)
_POINT_ZERO = r"^([0-9]+)\.0+$"
# How sheets keep digits from becoming a number: ="00123" and '00123; exports put ' before formulas.
_GUARD = r"""^(?:="([^"]*)"|'([=+\-@|%0-9].*))$"""
_SCIENTIFIC = r"^[0-9](?:\.[0-9]+)?[eE]\+[0-9]{1,2}$"
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
    plain = pc.replace_substring_regex(texts, _CONTROLS, "")
    plain = pc.utf8_trim_whitespace(pc.replace_substring_regex(plain, r"[\s\p{Z}]+", " "))
    return pc.replace_substring_regex(plain, _GUARD, r"\1\2")


def numbered(texts: pa.Array) -> pa.Array:
    """Return order numbers and the like: in one width, without the ".0" of a numeric cell."""
    plain = tidied(pc.utf8_normalize(texts, form="NFKC"))
    return pc.replace_substring_regex(plain, _POINT_ZERO, r"\1")


def skus(texts: pa.Array) -> pa.Array:
    """Return distinct SKUs as they are shown."""
    return pa.array([sku_text(text) for text in tidied(texts).to_pylist()], pa.string())


def are_scientific(texts: pa.Array) -> pa.Array:
    """Return which SKUs a program has rounded to something like 1.23E+12."""
    return pc.match_substring_regex(texts, _SCIENTIFIC)


def hashed(texts: pa.Array, salt: str) -> pa.Array:
    """Return buyers as keyed hashes: equal buyers stay equal, and nobody can be named."""
    key = hashlib.blake2b(salt.encode()).digest()

    def mark(text: str) -> str:
        return hashlib.blake2b(text.encode(), digest_size=16, key=key).hexdigest()

    return pa.array([mark(text) for text in numbered(texts).to_pylist()], pa.string())
