"""Amounts in one currency, by the seller's dated rates."""

from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd


def base_currency(settings: Mapping[str, str], items: pd.DataFrame) -> str:
    """Return the base currency: as set, else the commonest of the costs, else of the prices."""
    if chosen := settings.get("base_currency"):
        return chosen
    for amount, currency in (("unit_cost", "currency"), ("price", "price_currency")):
        stated = items.loc[items[amount].notna(), currency].dropna()
        known = stated[stated.str.strip() != ""]
        if len(known):
            return str(known.mode().min())
    return ""


def rates_to(base: str, rates: pd.DataFrame, as_of: date) -> dict[str, float]:
    """Return how many units of ``base`` one unit of each currency is worth on the plan's day.

    A rate is the price of one unit of its currency in the base currency; the latest one up to the
    day counts, else the first one after it.
    """
    known = known_rates(rates, as_of)
    found = dict(zip(known["currency"].astype(str), known["rate"].astype(float), strict=True))
    return {**found, base: 1.0} if base else found


def known_rates(rates: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """Return the line of ``rates`` that counts on the plan's day, one per currency.

    The latest one up to the day, else the first one after it.
    """
    ordered = rates.sort_values("date", kind="stable")
    later = ordered["date"] > pd.Timestamp(as_of)
    first = ordered[later].drop_duplicates("currency", keep="first")
    last = ordered[~later].drop_duplicates("currency", keep="last")
    known = pd.concat([last, first]).drop_duplicates("currency")
    return known.sort_values("currency", ignore_index=True)


def in_base(amounts: pd.Series, currencies: pd.Series, rates: Mapping[str, float]) -> pd.Series:
    """Return ``amounts`` in the base currency; NaN where there is no amount or no rate."""
    rate = currencies.astype(object).map(lambda code: rates.get(str(code), np.nan))
    return amounts * rate.astype(np.float64)
