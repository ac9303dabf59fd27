"""Countries, currencies, routes, tiers and months, as people write them."""

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from analytics.ingest.headers import bare, normalised

UNSPECIFIED = "unspecified"

_NO_COUNTRY = "XX"
_ACCENTS = re.compile(r"[\u0300-\u036f]")
_MARKETPLACE = re.compile(r"(?:www\.)?(?:amazon|ebay|walmart)\.(?:com?\.)?([a-z]{2,3})")
_BEFORE = re.compile(r"^(?:the|amazon|亚马逊|shopee|lazada|tiktokshop|tiktok|ebay)")
_BEHIND = re.compile(r"(?:站点|站|市场|仓库|海外仓|仓)$")


@cache
def codes(section: str) -> Mapping[str, str]:
    """Return word -> code for ``section``: countries, currencies, routes, tiers or months."""
    text = files(__package__).joinpath(f"{section}.toml").read_text(encoding="utf-8")
    return {
        _spelling(section, word): code
        for code, words in tomllib.loads(text).items()
        for word in (code, *words)
    }


def code_of(section: str, text: str) -> str | None:
    """Return the code that ``text`` stands for; None for an unknown word.

    >>> code_of("routes", "海运"), code_of("tiers", "爆款"), code_of("currencies", "A$")
    ('sea', 'bestseller', 'AUD')
    """
    return codes(section).get(_spelling(section, text))


def _spelling(section: str, text: str) -> str:
    """Return what two spellings share; of a currency the symbols, of all else the letters."""
    if section == "currencies":
        return "".join(unicodedata.normalize("NFKC", text).casefold().split())
    return letters(text)


def letters(text: str) -> str:
    """Return ``text`` without case, accents, blanks and punctuation; "&" is "and".

    >>> letters("Côte d'Ivoire"), letters("Bosnia & Herzegovina")
    ('cotedivoire', 'bosniaandherzegovina')
    """
    spelt = unicodedata.normalize("NFD", text.replace("&", " and "))
    return normalised(_ACCENTS.sub("", spelt))


def country(text: str) -> str | None:
    """Return the ISO code of a country, marketplace or station name; None for an unknown one.

    >>> country("德国"), country("美国站"), country("Amazon.co.uk"), country("EIRE"), country("Oz")
    ('DE', 'US', 'GB', 'IE', None)
    """
    marketplace = _MARKETPLACE.fullmatch(text.strip().casefold())
    if marketplace:
        return "US" if marketplace[1] == "com" else country(marketplace[1])
    word = letters(text)
    stem = _BEHIND.sub("", _BEFORE.sub("", word))
    known = codes("countries")
    code = known.get(word) or known.get(stem) or known.get(letters(bare(text)))
    return UNSPECIFIED if code == _NO_COUNTRY else code
