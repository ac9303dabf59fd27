"""What stands and what sold, worked out line by line: slow, short, and without the store's SQL."""

from collections import Counter, defaultdict
from datetime import date, timedelta
from typing import NamedTuple

import pandas as pd

FINENESS = ("line", "day", "week", "month")
PLAIN = {"shop": "plain", "grain": "line", "market": "US", "status": "sold", "unit_price": None}


class Import(NamedTuple):
    """One sheet of sales that was loaded."""

    number: int
    lines: list
    adds: bool = False


def filled(line):
    return {**PLAIN, **line}


def key_of(line):
    line = filled(line)
    shared = (line["shop"], line["sku"].casefold())
    if line["order_id"] is not None:
        return (*shared, line["order_id"])
    return (*shared, line["market"], line["grain"], line["date"])


def value_of(line):
    line = filled(line)
    names = ("market", "date", "quantity", "status", "unit_price", "grain")
    return tuple(line[name] for name in names)


def is_cell(key):
    return len(key) > 3


def _by_key(lines):
    found = defaultdict(list)
    for line in lines:
        found[key_of(line)].append(filled(line))
    return found


def _is_copy(held, fresh):
    """Whether one import gave a cell exactly these lines."""
    values = Counter(map(value_of, fresh))
    by_import = defaultdict(list)
    for number, line in held:
        by_import[number].append(line)
    return any(Counter(map(value_of, lines)) == values for lines in by_import.values())


def standing(imports):
    """Return what stands after these imports: key -> list of (import, line)."""
    held = {}
    for number, lines, adds in imports:
        for key, fresh in _by_key(lines).items():
            numbered = [(number, line) for line in fresh]
            if adds and is_cell(key):
                old = held.get(key, [])
                held[key] = old if _is_copy(old, fresh) else [*old, *numbered]
            else:
                held[key] = numbered
    return held


def standing_lines(imports):
    """Return the lines that stand, counted."""
    return Counter(
        (number, key, value_of(line))
        for key, lines in standing(imports).items()
        for number, line in lines
    )


def account(lines, adds, before):
    """Return new, updated, identical, rejected rows of a sheet, and values of cells that go."""
    new = updated = identical = rejected = cells = 0
    for key, fresh_lines in _by_key(lines).items():
        fresh = Counter(map(value_of, fresh_lines))
        held = Counter(value_of(line) for _, line in before.get(key, []))
        if adds and is_cell(key):
            held = fresh if _is_copy(before.get(key, []), fresh_lines) else Counter()
        same = fresh & held
        rest, left = fresh - same, held - same
        odd = sum(number for value, number in rest.items() if value[3] == "not_product")
        gone = sum(number for value, number in left.items() if value[3] != "not_product")
        changed = min(rest.total() - odd, gone)
        identical += same.total()
        rejected += odd
        updated += changed
        cells += gone if is_cell(key) else 0
        new += rest.total() - odd - changed
    return new, updated, identical, rejected, cells


def days_of(line):
    """Return the days that a line tells of."""
    first = date.fromisoformat(line["date"])
    if line["grain"] == "month":
        first = first.replace(day=1)
        last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    else:
        last = first + timedelta(days=6 if line["grain"] == "week" else 0)
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _ranges(imports):
    """Return the first and last day that each import tells of, by grain."""
    found = {}
    for number, lines, _ in imports:
        for line in map(filled, lines):
            if line["status"] != "not_product":
                found.setdefault((number, line["grain"]), []).extend(days_of(line))
    return {key: (min(days), max(days)) for key, days in found.items()}


def daily(imports):
    """Return units by sku, market and day: the finer file wins the days that it tells of."""
    ranges = _ranges(imports)
    lines = [pair for pairs in standing(imports).values() for pair in pairs]
    finer = defaultdict(list)
    for number, line in lines:
        if line["status"] != "not_product":
            name = (line["shop"], line["market"], line["sku"].casefold())
            finer[name].append((FINENESS.index(line["grain"]), ranges[number, line["grain"]]))
    rows = []
    for _, line in lines:
        if line["status"] not in ("sold", "returned") or line["quantity"] <= 0:
            continue
        name = (line["shop"], line["market"], line["sku"].casefold())
        days = days_of(line)
        rank = FINENESS.index(line["grain"])
        rows += [
            (line["sku"].casefold(), line["market"], day, line["quantity"] / len(days))
            for day in days
            if not any(r < rank and low <= day <= high for r, (low, high) in finer[name])
        ]
    frame = pd.DataFrame(rows, columns=["sku", "market", "date", "units"])
    total = frame.groupby(["sku", "market", "date"])["units"].sum()
    return {key: round(units, 6) for key, units in total.items()}
