"""Measures and their numbers as a reader sees them, whatever they are counted in."""

from collections.abc import Mapping, Sequence

import pandas as pd

from analytics import words
from analytics.i18n import Translator
from analytics.services.comparing import AT_REST, CASES, Comparison

CODES: Mapping[str, str] = {
    "group_level": "group",
    "lead_time_source": "lead_time_source",
    "member": "member",
    "route": "route",
}  # facts of a note that are codes, and the sections of their words


def spoken(t: Translator, value: float, unit: str, currency: str) -> str:
    """Return a measure's number: money with its currency, days as a sentence has them, else whole.

    >>> t = Translator("en")
    >>> spoken(t, 1234.6, "money", "USD"), spoken(t, 31.0, "items", "")
    ('USD 1,235', '31')
    >>> spoken(t, 16.5, "days", ""), spoken(t, 17.0, "days", "")
    ('16.5', '17')
    """
    if unit == "money":
        return t.money(value, currency)
    return words.fact(t, unit, value) if unit == "days" else t.number(value)


def worded(t: Translator, compared: Comparison) -> pd.DataFrame:
    """Return the table of differences in words: a column per case, named as the reader knows it."""
    return texts(t, compared.differences, compared.names, compared.currency)


def texts(
    t: Translator, differences: pd.DataFrame, names: Sequence[str], currency: str
) -> pd.DataFrame:
    """Return every measure and its numbers in words.

    Parameters
    ----------
    t : Translator
        The reader's words.
    differences : DataFrame
        See `comparing.differences`.
    names : sequence of str
        Of the scenarios, in their order.
    currency : str
        Of every amount.
    """
    units = differences["unit"]
    columns = {
        case: [spoken(t, v, u, currency) for v, u in zip(differences[case], units, strict=True)]
        for case in CASES[: len(names) + 1]
    }
    measures = [t(f"compared.{measure}") for measure in differences["measure"]]
    return pd.DataFrame({"measure": measures, **columns})


def headings(t: Translator, names: Sequence[str]) -> dict[str, str]:
    """Return what the columns of a comparison are called."""
    cases = dict(zip(CASES[1:], names, strict=False))
    return {
        "measure": t("compare.measure"),
        "unit": t("compare.unit"),
        AT_REST: t("compare.at_rest"),
        **cases,
    }


def note(t: Translator, entry: tuple[str, Mapping[str, object]]) -> str:
    """Return in words what was assumed or left out, without any markup."""
    code, facts = entry
    if isinstance(header := facts.get("header"), str):
        facts = {**facts, "header": words.header(t, header)}
    return t(f"note.{code}", **words.facts(t, facts, CODES)).replace("**", "")
