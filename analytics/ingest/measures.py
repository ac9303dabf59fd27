"""What a header, a cell or a name says that the figures are: pieces, money, stock, something else.

The words stand under ``[wide]`` among the plain formats.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache

from analytics.ingest.formats import wide_words
from analytics.ingest.headers import normalised
from analytics.ingest.words import code_of

AMOUNTS, COUNTS, SOLD, STOCK, OTHERS = "amounts", "counts", "sold", "stock", "others"
HOUSES, PLACES = "houses", "places"
Measures = frozenset[str]

_WHERE = frozenset((HOUSES, PLACES))
_METRICS = "metrics"  # headers, no words of a text
_FIGURE = re.compile(r"[\d\s.,'’+\-()（）]+")
_MOSTLY = 0.5
# What a value of a kind of table must not be beside units, sold ones or stock.
_NO_VALUE = {
    "quantity": frozenset((AMOUNTS, OTHERS, STOCK)),
    "on_hand": frozenset((AMOUNTS, OTHERS, SOLD)),
}


@lru_cache(maxsize=4096)
def measures(text: str) -> Measures:
    """Return all that a text says of what it measures; nothing where it says nothing.

    >>> sorted(measures("1月销售额")), sorted(measures("Units Sold Jan")), measures("Mug")
    (['amounts'], ['counts'], frozenset())
    """
    return frozenset(_measure(match[0]) for match in _words().finditer(_plain(text)))


@lru_cache(maxsize=4096)
def without_measures(text: str) -> str:
    """Return ``text`` without the words that measure something.

    >>> without_measures("Units Sold Jan 2026").strip(), without_measures("2月 销售额").strip()
    ('Jan 2026', '2月')
    """
    return _words().sub(
        lambda match: match[0] if _measure(match[0]) in _WHERE else " ", _plain(text)
    )


def is_all_measure(text: str) -> bool:
    """Return whether a text names a measure and nothing else.

    >>> is_all_measure("Sales Amount ($)"), is_all_measure("FBA"), is_all_measure("A-1 units")
    (True, False, False)
    """
    return bool(measures(text) - _WHERE) and not normalised(without_measures(text))


def can_be(value: str, told: Measures) -> bool:
    """Return whether figures that measure ``told`` can be ``quantity`` or ``on_hand``."""
    return not told & _NO_VALUE[value]


def names_metric(header: str) -> bool:
    """Return whether a column's header says that its cells name what each row measures."""
    return normalised(header) in {normalised(word) for word in wide_words()[_METRICS]}


def are_money(cells: Iterable[str]) -> bool:
    """Return whether most of the cells that hold anything name a currency.

    >>> are_money(["$99.50", "", "¥5"]), are_money(["99.50", "5 pcs"]), are_money([])
    (True, False, False)
    """
    signs = [_FIGURE.sub("", cell) for cell in cells if any(map(str.isdigit, cell))]
    named = sum(bool(sign) and code_of("currencies", sign) is not None for sign in signs)
    return bool(signs) and named >= len(signs) * _MOSTLY


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


@cache
def _by_word() -> dict[str, str]:
    return {
        normalised(word) or word: measure
        for measure, words in wide_words().items()
        for word in words
        if measure != _METRICS
    }


def _measure(found: str) -> str:
    word = normalised(found) or found
    known = _by_word()
    return known.get(word) or known[word.removesuffix("s")]


@cache
def _words() -> re.Pattern[str]:
    words = [
        word for measure, words in wide_words().items() if measure != _METRICS for word in words
    ]
    patterns = map(_pattern, sorted(words, key=len, reverse=True))
    return re.compile("|".join(patterns), re.IGNORECASE)


def _pattern(word: str) -> str:
    """Return how a word is looked for: a Latin one as a whole, also if it is several."""
    if not word.isascii() or not word[-1].isalnum():
        return re.escape(word)
    parts = r"[\s_-]*".join(map(re.escape, word.split()))
    return rf"(?<![a-z]){parts}s?(?![a-z])"
