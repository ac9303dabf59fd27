"""Numbers as people write them; which mark is the decimal one is decided by the whole column."""

import re
from dataclasses import dataclass
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc

from analytics.ingest import digits
from analytics.ingest.words import codes

_UNITS = (
    r"(?:pcs?|pieces?|units?|ea|days?|kgs?|cbm|m3|公斤|立方米?"
    r"|[个個件只台套箱盒双雙条條张張把支瓶包天])\.?"
)
# What only one of the two marks explains; "1,234" and "89.000" are in neither.
_DOT = (
    r"[0-9]{1,3}(?:,[0-9]{2,3})*,[0-9]{3}\.[0-9]*"
    r"|[0-9]{1,3}(?:,[0-9]{2,3})+,[0-9]{3}"
    r"|[0-9]*\.(?:[0-9]{0,2}|[0-9]{4,})"
    r"|(?:0[0-9]*|[0-9]{4,})\.[0-9]+"
    r"|[0-9]+(?:\.[0-9]+)?[eE][+\-]?[0-9]{1,3}"
)
_COMMA = (
    r"[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]*"
    r"|[0-9]{1,3}(?:\.[0-9]{3}){2,}"
    r"|[0-9]*,(?:[0-9]{1,2}|[0-9]{4,})"
    r"|(?:0[0-9]*|[0-9]{4,}),[0-9]+"
)
_DOT_OR_THOUSAND = r"[1-9][0-9]{0,2}\.[0-9]{3}"
_COMMA_OR_THOUSAND = r"[1-9][0-9]{0,2},[0-9]{3}"
_DOT_IS_THOUSAND = r"(?i)^\W*(?:rp|idr|₫|vnd|đ)|(?:₫|vnd|đ)\W*$"
_MYRIADS, _MYRIADS_SQUARED = "[0-9][万萬][+\\-]?$", "[0-9][亿億][+\\-]?$"
_WHOLE = r"[0-9]+"


@dataclass(frozen=True, slots=True)
class Evidence:
    """How many distinct values speak for each decimal mark, and one that leaves it open."""

    dot: int = 0
    comma: int = 0
    open: str = ""

    def __add__(self, other: "Evidence") -> "Evidence":
        """Add up columns of one sheet."""
        return Evidence(self.dot + other.dot, self.comma + other.comma, self.open or other.open)

    @property
    def mark(self) -> str | None:
        """The mark that is better supported; None without any support."""
        if self.dot == self.comma == 0:
            return None
        return "," if self.comma > self.dot else "."


@dataclass(frozen=True, slots=True)
class Figures:
    """Distinct texts of a column, stripped of all that is not figure, sign and mark."""

    core: pa.Array
    is_negative: pa.Array
    is_percent: pa.Array
    factor: pa.Array  # 10,000 of a number in 万
    evidence: Evidence

    def values(self, mark: str, *, percent_is_unit: bool) -> pa.Array:
        """Return numbers (float64), null where a text is none or is not finite.

        Parameters
        ----------
        mark : {".", ","}
            The decimal mark of those values that could be read either way.
        percent_is_unit : bool
            Whether 12% is 12, not 0.12, because the column's unit is per cent.
        """
        loose = _COMMA_OR_THOUSAND if mark == "," else _DOT_OR_THOUSAND
        by_comma = f"{_COMMA}|{loose}" if mark == "," else _COMMA
        by_dot = _DOT if mark == "," else f"{_DOT}|{loose}"
        thousands = _DOT_OR_THOUSAND if mark == "," else _COMMA_OR_THOUSAND
        comma_read = _swapped(_where(self.core, by_comma))
        dot_read = pc.replace_substring(_where(self.core, by_dot), ",", "")
        whole = pc.replace_substring_regex(_where(self.core, f"{_WHOLE}|{thousands}"), "[.,]", "")
        numbers = pc.coalesce(_floats(whole), _floats(dot_read), _floats(comma_read))
        if not percent_is_unit:
            numbers = pc.if_else(self.is_percent, pc.divide(numbers, 100.0), numbers)
        numbers = pc.multiply(numbers, self.factor)
        numbers = pc.if_else(self.is_negative, pc.negate(numbers), numbers)
        return pc.if_else(pc.is_finite(numbers), numbers, None)


def figures(texts: pa.Array) -> Figures:
    """Return what is left of each text without currency, unit, blanks and sign.

    Full-width digits, ``$1,433.66``, ``Rp 89.000``, ``(8.00)``, ``8.00-``, ``12 pcs``, ``1.5万``
    and ``12%`` are understood.
    """
    plain = pc.utf8_normalize(digits.western(texts), form="NFKC")
    plain = pc.replace_substring_regex(plain, '^="([^"]*)"$', r"\1")
    plain = pc.replace_substring_regex(plain, r"[\s\p{Z}'’`]+", "")
    plain = pc.replace_substring_regex(plain, "[−–‐—﹣]", "-")
    plain = pc.replace_substring_regex(plain, "([0-9][.,])-+", r"\10")  # 89.000,- is a round sum
    is_thousand = pc.match_substring_regex(plain, _DOT_IS_THOUSAND)
    plain = pc.replace_substring_regex(plain, r"^\((.*[0-9].*)\)$", r"-\1")
    plain = pc.replace_substring_regex(plain, _currency_before(), r"\1")
    plain = pc.replace_substring_regex(plain, _currency_behind(), r"\1")
    plain = pc.replace_substring_regex(plain, f"(?i)([0-9万萬亿億]){_UNITS}$", r"\1")
    factor = pc.if_else(pc.match_substring_regex(plain, _MYRIADS), 1e4, 1.0)
    factor = pc.if_else(pc.match_substring_regex(plain, _MYRIADS_SQUARED), 1e8, factor)
    plain = pc.replace_substring_regex(plain, "([0-9])[万萬亿億]([+\\-]?)$", r"\1\2")
    is_percent = pc.ends_with(plain, "%")
    is_negative = pc.match_substring_regex(plain, r"^-|[0-9]-$")
    core = pc.replace_substring_regex(plain, r"^[+\-]|-$|%$", "")
    return Figures(core, is_negative, is_percent, factor, _evidence(core, is_thousand))


@cache
def _currency() -> str:
    words = sorted(codes("currencies"), key=len, reverse=True)
    return "(?:" + "|".join(re.escape(word) for word in words if word != "r") + ")"


@cache
def _currency_before() -> str:
    return rf"(?i)^([+\-]?){_currency()}"


@cache
def _currency_behind() -> str:
    return rf"(?i){_currency()}([+\-]?)$"


def _evidence(core: pa.Array, is_thousand: pa.Array) -> Evidence:
    dot = _is(core, _DOT)
    comma = _is(core, _COMMA)
    loose = _is(core, _DOT_OR_THOUSAND)
    rupiah = pc.and_(loose, is_thousand)
    unclear = core.filter(pc.and_not(loose, rupiah))
    return Evidence(
        pc.sum(dot).as_py() or 0,
        (pc.sum(comma).as_py() or 0) + (pc.sum(rupiah).as_py() or 0),
        unclear[0].as_py() if len(unclear) else "",
    )


def _is(texts: pa.Array, pattern: str) -> pa.Array:
    return pc.match_substring_regex(texts, f"^(?:{pattern})$")


def _where(texts: pa.Array, pattern: str) -> pa.Array:
    return pc.if_else(_is(texts, pattern), texts, None)


def _swapped(texts: pa.Array) -> pa.Array:
    return pc.replace_substring(pc.replace_substring(texts, ".", ""), ",", ".")


def _floats(texts: pa.Array) -> pa.Array:
    return pc.cast(texts, pa.float64())
