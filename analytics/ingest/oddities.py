"""What is odd about rows that can be loaded: a gap, a jump, a lonely date, repeated lines.

Nothing is changed or left out; each oddity is a note that says what to look at. Every test first
asks something cheap of the whole column, and looks closer only at the few rows left over.
"""

from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from analytics.ingest.columns import Body
from analytics.ingest.reader import Note

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_DAY_ZERO = date(1970, 1, 1)
_SHORTEST_GAP = 7  # days
_UNLIKELY = 1e-3  # that a gap as long is chance, in the whole file
_SPAN, _DAYS = 28, 14  # days that a file must span and name, before a gap means anything
_AROUND = 15  # days with rows, on either side of a gap
_PERIODS = {"line": 1, "day": 1, "week": 7}
_FAR = 180  # days between a lonely date and all others
_LONELY = 3  # rows, or that per mille
_LINES = 10  # of a SKU, before one of them can be out of line
_JUMP = 50.0
_CENTS = (90.0, 110.0)  # a price in cents among prices is 100 times as high
_RARE = 0.01  # share of a SKU's lines; what happens more often is its custom
_MINOR = 0.2  # share of a table; what holds for more is meant so
_SHOWN = 6  # currencies in a note
_SMALL = 50_000  # rows that are compared all with all
_ORDERS, _SKUS = 512, 16  # looked at first in a bigger sheet
_STEPS = ("ready_on", "shipped_on", "arrived_on", "cleared_on", "received_on")


def oddities(body: Body, rows: pa.Table, issues: pa.Table) -> list[Note]:
    """Return notes on what looks odd, most telling first.

    Parameters
    ----------
    body : Body
        The sheet's text, to compare whole lines.
    rows : pa.Table
        Rows that can be loaded.
    issues : pa.Table
        Rows that were rejected.
    """
    found: list[Note | None] = []
    kind = body.recognition.kind
    if kind == "sales":
        found += [_future(issues), *_calendar(rows), _jump(rows), _price_jump(rows, "unit_price")]
        found += [_currencies(rows), _equal_lines(body, rows)]
    elif kind == "purchase_orders":
        found += [_backwards(rows), _over_received(rows), _jump(rows)]
        found += [_price_jump(rows, "unit_cost")]
    elif kind == "products":
        found.append(_cost_above_price(rows))
    elif kind == "stock":
        found.append(_future(issues))
    return [note for note in found if note is not None]


def _future(issues: pa.Table) -> Note | None:
    late = issues.filter(pc.equal(issues["code"], "issue.future_date"))
    if not late.num_rows:
        return None
    return "future_dates", {"count": late.num_rows, "example": late["value"][0].as_py()}


def _calendar(rows: pa.Table) -> Iterator[Note | None]:
    """Yield notes on dates far from all others, and on a gap between those that are left."""
    days, counts = _days_of(rows)
    if not len(days):
        return
    main, lonely = _clusters(days, counts)
    if lonely.any():
        yield (
            "lonely_date",
            {
                "count": int(counts[lonely].sum()),
                "date": _shown(days[lonely][0]),
                "starts_on": _shown(days[main][0]),
                "ends_on": _shown(days[main][-1]),
            },
        )
    grains = pc.unique(rows["grain"]).to_pylist()
    period = _PERIODS.get(grains[0], 0) if len(grains) == 1 else 0
    if period:
        yield _gap(days[main], period)


def _days_of(rows: pa.Table) -> tuple[Ints, Ints]:
    """Return the distinct days, counted from 1970, and how many rows each has."""
    days = rows["date"].cast(pa.int32()).drop_null().to_numpy()
    if not len(days):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    first = int(days.min())
    counts = np.bincount(days - first)
    found = np.flatnonzero(counts)
    return found + first, counts[found]


def _clusters(days: Ints, counts: Ints) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which days belong to most rows' stretch of time, and which are few and far from it."""
    cluster = np.cumsum(np.diff(days, prepend=days[0]) > _FAR)
    rows = np.bincount(cluster, weights=counts)
    main = cluster == rows.argmax()
    allowed = max(_LONELY, int(counts.sum()) * _LONELY // 1000)
    is_few = int(counts[~main].sum()) <= allowed < int(counts[main].sum())
    lonely = ~main & is_few
    return ~lonely, lonely


def _gap(days: Ints, period: int) -> Note | None:
    """Return a note on the longest run of periods without any row, if chance does not explain it.

    With a share q of empty periods outside of that run, n starts and chance alone, a run of g
    happens with a probability of at most n q^g. q is the whole file's or that of the weeks around
    the run, whichever is higher: in the low season more days are empty.
    """
    steps = np.diff(days) // period
    if not len(steps) or len(days) * period < _DAYS or int(days[-1] - days[0]) < _SPAN:
        return None
    longest = int(steps.argmax())
    missing = int(steps[longest]) - 1
    others = np.delete(steps, longest) - 1
    around = np.abs(np.arange(len(steps)) - longest)
    near = np.delete(steps, longest)[np.delete(around, longest) <= _AROUND] - 1
    share = max(_empty(others), _empty(near))
    if missing * period < _SHORTEST_GAP or len(days) * share**missing > _UNLIKELY:
        return None
    runs = others[others > 0]
    if len(runs) and missing < 3 * np.quantile(runs, 0.9):
        return None
    starts_on, ends_on = days[longest] + period, days[longest + 1] - 1
    return "gap", {
        "days": int(ends_on - starts_on + 1),
        "starts_on": _shown(starts_on),
        "ends_on": _shown(ends_on),
    }


def _empty(runs: Ints) -> float:
    """Return the share of periods without rows, given the length of the run before each row."""
    return max(int(runs.sum()), 1) / (int(runs.sum()) + len(runs) + 1)


def _shown(day: np.int64) -> str:
    return f"{_DAY_ZERO + timedelta(days=int(day))}"


def _jump(rows: pa.Table) -> Note | None:
    """Return a note on quantities of at least 50 times the SKU's usual one."""
    values = np.abs(_floats(rows, "quantity"))
    return _out_of_line("jump", rows, values, (_JUMP, np.inf))


def _price_jump(rows: pa.Table, column: str) -> Note | None:
    """Return a note on prices of 100 times the SKU's usual one, as when cents are meant."""
    return _out_of_line("price_jump", rows, _floats(rows, column), _CENTS)


def _out_of_line(
    code: str, rows: pa.Table, values: Floats, bounds: tuple[float, float]
) -> Note | None:
    """Return a note on values that are so many times their SKU's usual one, and rare for it."""
    least = np.min(values, where=values > 0, initial=np.inf)
    if not len(values) or values.max() < bounds[0] * least:
        return None
    groups = _groups(rows)
    some = np.flatnonzero(_are_wide(groups, values, bounds[0])[groups] & (values > 0))
    if not len(some):
        return None
    found = [_odd_ones(some[part], values, bounds) for part in _parts(groups[some])]
    odd = [(place, usual) for places, usual in found for place in places]
    if not odd:
        return None
    place, usual = max(odd, key=lambda one: values[one[0]] / one[1])
    return code, {
        "sku": rows["sku"][int(place)].as_py(),
        "row": rows["row_no"][int(place)].as_py(),
        "value": _plain(values[place]),
        "usual": _plain(usual),
        "count": len(odd),
    }


def _odd_ones(places: Ints, values: Floats, bounds: tuple[float, float]) -> tuple[Ints, float]:
    """Return which of one SKU's lines are out of line, and its usual value."""
    usual = float(np.median(values[places]))
    ratios = values[places] / usual
    odd = places[(ratios >= bounds[0]) & (ratios <= bounds[1])]
    is_rare = len(odd) <= max(1, _RARE * len(places))
    return (odd if len(places) >= _LINES and is_rare else odd[:0]), usual


def _groups(rows: pa.Table) -> Ints:
    """Return a number for each row's SKU, market and currency."""
    found = np.zeros(rows.num_rows, np.int64)
    for name in ("sku_key", "market", "currency"):
        known = rows[name].combine_chunks().dictionary_encode()
        codes = known.indices.fill_null(len(known.dictionary)).to_numpy()
        found = found * (len(known.dictionary) + 1) + codes
    numbered: Ints = pa.array(found).dictionary_encode().indices.to_numpy()
    return numbered


def _are_wide(groups: Ints, values: Floats, factor: float) -> NDArray[np.bool_]:
    """Return which groups hold a value of so many times their least one."""
    known = pa.table({"group": groups, "value": pa.array(values, mask=values <= 0)})
    spans = known.group_by("group").aggregate([("value", "min"), ("value", "max")])
    wide = pc.greater_equal(spans["value_max"], pc.multiply(spans["value_min"], factor))
    found = np.zeros(int(groups.max()) + 1, np.bool_)
    found[spans["group"].to_numpy()] = pc.fill_null(wide, fill_value=False).to_numpy()
    return found


def _parts(groups: Ints) -> Iterator[Ints]:
    """Yield the places of each group's members."""
    order = np.argsort(groups, kind="stable")
    yield from np.split(order, np.flatnonzero(np.diff(groups[order])) + 1)


def _currencies(rows: pa.Table) -> Note | None:
    """Return a note if one market's lines name two currencies; two markets may well have two."""
    markets, currencies = (
        rows[name].combine_chunks().dictionary_encode() for name in ("market", "currency")
    )
    width = len(currencies.dictionary) + 1  # the last for lines that name none
    pairs = markets.indices.fill_null(-1).to_numpy().astype(np.int64) * width
    pairs += currencies.indices.fill_null(width - 1).to_numpy()
    seen = pc.value_counts(pa.array(pairs)).to_pylist()
    found = [(*divmod(one["values"], width), one["counts"]) for one in seen]
    told = [(market, code, count) for market, code, count in found if code < width - 1]
    if len({market for market, _, _ in told}) == len(told):
        return None
    counts: dict[str, int] = {}
    for _, code, count in told:
        name = currencies.dictionary[code].as_py()
        counts[name] = counts.get(name, 0) + count
    if len(counts) < 2:
        return None
    named = sorted(counts.items(), key=lambda one: -one[1])[:_SHOWN]
    return "two_currencies", {"currencies": ", ".join(f"{code} ({n})" for code, n in named)}


def _equal_lines(body: Body, rows: pa.Table) -> Note | None:
    """Return a note on lines that say in every column what another one says.

    Without order numbers equal lines are nothing odd, unless the sheet holds most of them twice;
    where one row is one unit they are as it should be. Of a big sheet some orders are looked at
    first; the whole only if there is something to be found.
    """
    if body.recognition.across or "quantity" not in body.recognition.columns or not rows.num_rows:
        return None
    has_orders = rows["order_id"].null_count < rows.num_rows
    least = 0.0 if has_orders else 0.5  # share of lines that must be copies
    if rows.num_rows > _SMALL:
        keys = rows["order_id" if has_orders else "sku_key"]
        looked_at = _ORDERS if has_orders else _SKUS
        asked = keys.take(pa.array(np.linspace(0, rows.num_rows - 1, looked_at, dtype=np.int64)))
        some = rows.filter(pc.is_in(keys, value_set=asked.combine_chunks()))
        if not _alike(some) or _copies(body, some)[0] < max(least * some.num_rows, 1):
            return None
    copies, row = _copies(body, rows)
    if not copies or copies < least * rows.num_rows:
        return None
    return "equal_lines", {"count": copies, "row": row}


def _alike(rows: pa.Table) -> bool:
    """Return whether any two rows agree in all that was read of them."""
    told = rows.drop_columns(["row_no"]).to_pydict().values()
    return bool(len(set(zip(*told, strict=True))) < rows.num_rows)


def _copies(body: Body, rows: pa.Table) -> tuple[int, int]:
    """Return how many of the rows repeat the line of another one, and the first such row."""
    numbers = rows["row_no"].to_numpy()
    names = [f"c{index}" for index in range(body.sheet.width)]
    lines = body.table.select(names)
    if rows.num_rows < body.rows:
        lines = lines.take(pa.array(numbers - body.row_numbers[0].as_py()))
    seen = lines.append_column("row_no", pa.array(numbers)).group_by(names)
    counted = seen.aggregate([([], "count_all"), ("row_no", "max")])
    again = counted.filter(pc.greater(counted["count_all"], 1))
    if not again.num_rows:
        return 0, 0
    copies = pc.sum(again["count_all"]).as_py() - again.num_rows
    return int(copies), int(pc.min(again["row_no_max"]).as_py())


def _backwards(rows: pa.Table) -> Note | None:
    """Return a note on orders of which a later step is dated before an earlier one."""
    early = {
        name: np.asarray(pc.fill_null(pc.less(rows[name], rows["ordered_on"]), fill_value=False))
        for name in _STEPS
    }
    found = np.flatnonzero(np.any([*early.values()], axis=0))
    if not len(found):
        return None
    first = rows.slice(int(found[0]), 1).to_pylist()[0]
    step = next(name for name in _STEPS if early[name][found[0]])
    return "dates_backwards", {
        "count": len(found),
        "row": first["row_no"],
        "step": f"{first[step]}",
        "ordered_on": f"{first['ordered_on']}",
    }


def _over_received(rows: pa.Table) -> Note | None:
    more = pc.greater(rows["quantity_received"], pc.multiply(rows["quantity"], 1.1))
    return _rows_note("over_received", rows, more, "quantity_received", "quantity")


def _cost_above_price(rows: pa.Table) -> Note | None:
    """Return a note on products that cost more than they sell for.

    Where most do, cost and price are in two currencies.
    """
    higher = pc.greater(rows["unit_cost"], rows["price"])
    known = len(higher) - higher.null_count
    if not known or (pc.sum(higher).as_py() or 0) > _MINOR * known:
        return None
    return _rows_note("cost_above_price", rows, higher, "unit_cost", "price")


def _rows_note(code: str, rows: pa.Table, odd: pa.ChunkedArray, *names: str) -> Note | None:
    those = rows.filter(pc.fill_null(odd, fill_value=False))
    if not those.num_rows:
        return None
    facts = {name: _plain(those[name][0].as_py()) for name in names}
    return code, {"count": those.num_rows, "sku": those["sku"][0].as_py(), **facts}


def _floats(rows: pa.Table, column: str) -> Floats:
    found: Floats = rows[column].fill_null(0).to_numpy()
    return found


def _plain(value: float) -> float | int:
    """Return a whole number without its point."""
    return int(value) if float(value).is_integer() else round(float(value), 4)
