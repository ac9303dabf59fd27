"""Which SKU is meant: chains of aliases followed to their end, bundles taken apart."""

from collections.abc import Iterable, Mapping

MOST_PARTS = 500  # of one bundle, all its inner bundles taken apart; a slip of a file has more

Parts = Mapping[str, float]


def followed(stated: Mapping[str, str]) -> dict[str, str]:
    """Return for each alias the SKU at the end of its chain.

    What leads round in a circle stands for itself: it has no end.

    >>> followed({"a": "b", "b": "c", "x": "y", "y": "x", "s": "s"})
    {'a': 'c', 'b': 'c'}
    """
    ends: dict[str, str] = {}
    for alias in stated:
        seen: dict[str, None] = {}
        at = alias
        while at in stated and at not in seen:
            seen[at] = None
            at = stated[at]
        if at not in seen:
            ends[alias] = at
    return ends


def circular(stated: Mapping[str, str]) -> list[str]:
    """Return the aliases that lead round in a circle; one that names itself says nothing wrong.

    >>> circular({"a": "b", "x": "y", "y": "x", "s": "s"})
    ['x', 'y']
    """
    ends = followed(stated)
    return [alias for alias, sku in stated.items() if alias not in ends and alias != sku]


def taken_apart(stated: Mapping[str, Parts]) -> dict[str, dict[str, float]]:
    """Return each bundle's parts, bundles within it taken apart, quantities multiplied.

    A bundle that holds itself, at whatever depth, or more than `MOST_PARTS` parts, stands for
    itself.

    >>> taken_apart({"set": {"a": 2, "pair": 1}, "pair": {"b": 2}, "odd": {"odd": 1, "a": 1}})
    {'pair': {'b': 2.0}, 'set': {'a': 2.0, 'b': 2.0}}
    """
    whole: dict[str, dict[str, float]] = {}
    waiting = {name: parts for name, parts in stated.items() if len(parts) <= MOST_PARTS}
    while True:
        ready = [name for name, parts in waiting.items() if not waiting.keys() & parts.keys()]
        if not ready:
            return whole
        for name in ready:
            whole[name] = _summed(waiting[name], whole)
        for name in ready:
            del waiting[name]
        whole = {name: parts for name, parts in whole.items() if len(parts) <= MOST_PARTS}


def _summed(parts: Parts, whole: Mapping[str, Parts]) -> dict[str, float]:
    found: dict[str, float] = {}
    for sku, quantity in parts.items():
        for inner, number in whole.get(sku, {sku: 1.0}).items():
            found[inner] = found.get(inner, 0.0) + quantity * number
    return found


def bundles_of(
    rows: Iterable[tuple[str, str, float]], ends: Mapping[str, str]
) -> dict[str, dict[str, float]]:
    """Return what bundles hold, aliases on either side replaced by what they stand for.

    ``rows`` are (bundle, sku, quantity), oldest import first: where two names of one bundle were
    stated, the later one holds. What holds only itself is no bundle.

    >>> bundles_of([("old", "a", 1), ("new", "b2", 2)], {"old": "new", "b2": "b"})
    {'new': {'b': 2.0}}
    """
    found: dict[str, tuple[str, dict[str, float]]] = {}
    for bundle, sku, quantity in rows:
        name, part = ends.get(bundle, bundle), ends.get(sku, sku)
        stated_as, parts = found.get(name, ("", {}))
        if stated_as != bundle:
            parts = {}
        parts[part] = parts.get(part, 0.0) + float(quantity)
        found[name] = (bundle, parts)
    return {name: parts for name, (_, parts) in found.items() if {*parts} != {name}}
