"""What speaks for or against a kind of table beside its headers: names, order numbers, cells."""

from collections.abc import Iterable, Mapping, Sequence

from analytics.ingest import words
from analytics.ingest.formats import PLAIN, Format, format_of
from analytics.ingest.headers import Headers, normalised

# Of a list of products, the columns that a list of orders has as well.
_SHARED = frozenset(("sku", "name", "price", "currency", "market"))
_SPELT = (
    "al ak az ar ca co ct de fl ga hi id il in ia ks ky la me md ma mi mn ms mo mt ne nv nh nj nm "
    "ny nc nd oh ok or pa ri sc sd tn tx ut vt va wa wv wi wy dc"
)
_STATES = frozenset(_SPELT.split())
_VAGUE = "region"
# What came and went is neither what lies there nor surely what was sold.
_MOVED = (
    "发货",
    "出货",
    "入库",
    "调拨",
    "流水",
    "变动",
    "shipment",
    "shipped",
    "movement",
    "receipt",
)
_RANK = "order"  # of a list is its rows' sequence as often as an order's number


def kind_named(file: str, sheet: str) -> str | None:
    """Return whether a sheet's or else its file's name says sales or stock; None if it does not.

    >>> kind_named("销售与库存.xlsx", "库存"), kind_named("6月销量.xlsx", "Sheet1")
    ('stock', 'sales')
    >>> kind_named("仓库出库.csv", ""), kind_named("仓库发货.csv", ""), kind_named("POs.csv", "")
    (None, None, None)
    """
    for name in map(normalised, (sheet, file)):
        said = {kind for kind in ("sales", "stock") if _says(name, kind)}
        if _says(name, "purchase_orders"):
            said.discard("sales")  # they are orders too
        if "stock" in said and any(word in name for word in _MOVED):
            return None
        if said:
            return said.pop() if len(said) == 1 else None
    return None


def _says(name: str, kind: str) -> bool:
    return any(word in name for word in format_of(PLAIN, kind).names)


def has_orders(headers: Headers) -> bool:
    """Return whether a header has an order's number."""
    numbers = (name for name in format_of(PLAIN, "sales").columns["order_id"] if name != _RANK)
    return bool(headers.places(numbers))


def is_no_list(
    form: Format, headers: Headers, columns: Iterable[str], named: str | None = None
) -> bool:
    """Return whether what has the columns of plain products holds sales all the same."""
    if form.family != PLAIN or form.kind != "products":
        return False
    if named == "sales" and _SHARED.issuperset(columns):
        return True
    sales = format_of(PLAIN, "sales").columns
    is_dated = headers.places(sales["date"]) and headers.places(sales["quantity"])
    return bool(is_dated) or has_orders(headers)


def without_states(
    found: Mapping[str, int], headers: Headers, below: Sequence[Sequence[str]]
) -> dict[str, int]:
    """Return ``found`` without a market column that names states of one country.

    CA, DE and IN may be either; under a header that says no more than "region" they are states.
    """
    place = found.get("market")
    if place is None:
        return dict(found)
    cells = {row[place].casefold() for row in below if place < len(row) and row[place]}
    surely = {cell for cell in cells & _STATES if words.country(cell) is None}
    is_vague = normalised(headers.cells[place]) == _VAGUE
    if len(surely) > 1 or (is_vague and len(cells) > 1 and cells <= _STATES):
        return {name: at for name, at in found.items() if name != "market"}
    return dict(found)
