"""What a header's cell comes down to when spelling, units and line breaks are set aside."""

import hashlib
import re
import unicodedata
from collections.abc import Sequence

_BRACKETS = re.compile(r"[(\[{<【〔《「][^)\]}>】〕》」]*[)\]}>】〕》」]")
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
