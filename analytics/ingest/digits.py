"""Figures of other scripts: Arabic, Persian, Indian, Thai, Burmese, Khmer."""

import pyarrow as pa
import pyarrow.compute as pc

_ZEROS = "٠۰०০๐၀០"
_WESTERN = {ord(zero) + figure: str(figure) for zero in _ZEROS for figure in range(10)} | {
    ord("٫"): ".",
    ord("٬"): ",",
    **dict.fromkeys(
        map(ord, "\u061c\u200e\u200f\u202a\u202b\u202c\ufeff"), ""
    ),  # writing direction
}
_OTHER = "[" + "".join(map(chr, _WESTERN)) + "]"


def western(texts: pa.Array) -> pa.Array:
    """Return ``texts`` with all figures as 0 to 9, and without marks of the writing direction.

    >>> western(pa.array(["٨٩٫٥", "๒๕๖๗-๐๑-๐๕", "１2"])).to_pylist()
    ['89.5', '2567-01-05', '１2']
    """
    if pc.all(pc.string_is_ascii(texts)).as_py() is not False:
        return texts
    is_other = pc.match_substring_regex(texts, _OTHER)
    plain = [text.translate(_WESTERN) for text in texts.filter(is_other).to_pylist()]
    return pc.replace_with_mask(texts, is_other, pa.array(plain, texts.type))
