"""What status words mean, and which columns of a plain sheet say what moved its goods."""

import re
import unicodedata
from typing import NamedTuple

from analytics.ingest.columns import Body, Texts
from analytics.ingest.formats import PLAIN, Words
from analytics.ingest.headers import normalised
from analytics.schema import Status

_ENOUGH = 0.5  # share of a type column's words that must be known; a product's types are not
_APART = re.compile(r"[\W_]+")
_UNDONE = r"(?:cancel(?:l?ed|l?ations?|able)?|(?:return|refund)(?:ed|s|able)?|void(?:ed)?)"
_REFUSED = r"(?:rejected|refused|declined|denied|failed|revoked|withdrawn)"
_DONE_ZH = r"(?:取消|退款|退货|退貨|退件|退回|退|作废)"
_REFUSED_ZH = r"(?:失败|失敗|被拒|拒绝|拒絕|驳回|撤销|关闭|不通过|未通过)"
# Words that say that something was not taken back.
_NEGATED = re.compile(
    rf"\b(?:not|non|never|un|no) ?(?:yet |been |being )*{_UNDONE}\b"
    rf"|\b(?:cancel|cancell?ation|return|refund) ?(?:request )?(?:was |is |has been )*{_REFUSED}\b"
    rf"|[未无無没沒不非](?:申请|申請|被|有|发生)?{_DONE_ZH}"
    rf"|(?:拒绝|拒絕|驳回){_DONE_ZH}"
    rf"|{_DONE_ZH}(?:申请|申請|请求)?(?:已|被)?{_REFUSED_ZH}"
)


class Meaning(NamedTuple):
    """What a word means, and whether only a part of it is known."""

    status: Status
    is_by_part: bool


def meaning(text: str, words: Words, *, moves: bool = False) -> Meaning | None:
    """Return what a status word means: itself, else the first part of it that is known.

    A part that is negated says the opposite: what was not cancelled is sold.

    Parameters
    ----------
    text : str
        The cell.
    words : Words
        The family's words.
    moves : bool
        Whether the column says what moved the goods: only there a purchase or a transfer is meant.
    """
    found = _meaning(text, words)
    return None if found and found.status is Status.NOT_PRODUCT and not moves else found


def _meaning(text: str, words: Words) -> Meaning | None:
    word = normalised(text)
    if word in words.statuses:
        return Meaning(Status(words.statuses[word]), is_by_part=False)
    plain = _APART.sub(" ", unicodedata.normalize("NFKC", text).casefold())
    rest = _NEGATED.sub(" ", plain)
    left = normalised(rest)
    parts = (Status(status) for part, status in words.statuses_with if part in left)
    status = next(parts, Status.SOLD if rest != plain else None)
    return None if status is None else Meaning(status, is_by_part=True)


def moved_at(body: Body) -> list[int]:
    """Return which columns of plain sales say what moved the goods: sale, return, purchase."""
    if body.recognition.kind != "sales" or body.recognition.family != PLAIN:
        return []
    further = body.recognition.also.get("status", ())
    found = [index for index in further if _are_known(body.at(index), body.form.words)]
    own = body.recognition.columns.get("status")
    return [own, *found] if own is not None and says_what_moved(body) else found


def movements(body: Body) -> list[Texts]:
    """Return the cells of these columns."""
    return [body.at(index) for index in moved_at(body)]


def says_what_moved(body: Body) -> bool:
    """Return whether the column taken for the status is named like one of movements."""
    is_plain = body.recognition.family == PLAIN
    return is_plain and normalised(body.header("status")) in body.form.also.get("status", ())


def _are_known(texts: Texts, words: Words) -> bool:
    said = [text for text in texts.distinct.to_pylist() if text]
    known = sum(meaning(text, words, moves=True) is not None for text in said)
    return bool(said) and known >= _ENOUGH * len(said)
