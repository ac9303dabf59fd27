"""The canonical tables: what can be uploaded, column by column.

Ingest recognises these columns, the store keeps them, templates and documentation list them.
"""

from dataclasses import dataclass
from enum import StrEnum


class Tier(StrEnum):
    """Which treatment a product gets."""

    BESTSELLER = "bestseller"
    REGULAR = "regular"
    SEASONAL = "seasonal"
    TRIAL = "trial"


class Kind(StrEnum):
    """What a column's values are."""

    TEXT = "text"
    SKU = "sku"
    NUMBER = "number"
    INTEGER = "integer"
    DATE = "date"
    COUNTRY = "country"
    CODE = "code"


class Status(StrEnum):
    """What became of a sales line; only ``SOLD`` is demand."""

    SOLD = "sold"
    CANCELLED = "cancelled"
    RETURNED = "returned"
    NOT_PRODUCT = "not_product"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a canonical table."""

    name: str
    kind: Kind
    required: bool = False
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """One canonical table; ``key`` says what two rows of it cannot share."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]

    @property
    def required(self) -> tuple[str, ...]:
        """Names of the columns without which nothing can be read."""
        return tuple(column.name for column in self.columns if column.required)

    def column(self, name: str) -> Column:
        """Return the column called ``name``."""
        return next(column for column in self.columns if column.name == name)


def _columns(required: str, optional: str) -> tuple[Column, ...]:
    """Read ``name:kind[:unit]`` words; a bare name is text."""
    return tuple(
        _column(word, required=is_required)
        for words, is_required in ((required, True), (optional, False))
        for word in words.split()
    )


def _column(word: str, *, required: bool) -> Column:
    name, kind, unit = (*word.split(":"), "", "")[:3]
    return Column(name, Kind(kind or "text"), required, unit)


TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        Table(
            "sales",
            _columns(
                "date:date sku:sku quantity:number:units",
                "market:country shop channel order_id line_id name customer unit_price:number "
                "currency:code status:code discount:number",
            ),
            ("shop", "order_id", "sku"),
        ),
        Table(
            "products",
            _columns(
                "sku:sku",
                "market:country name category supplier unit_cost:number price:number currency:code "
                "moq:integer:units carton_quantity:integer:units carton_volume_m3:number:m3 "
                "carton_weight_kg:number:kg launched_on:date storage_fee:number "
                "salvage_value:number tier:code predecessor:sku",
            ),
            ("sku", "market"),
        ),
        Table(
            "stock",
            _columns(
                "sku:sku on_hand:number:units",
                "date:date market:country warehouse inbound:number:units reserved:number:units",
            ),
            ("date", "market", "warehouse", "sku"),
        ),
        Table(
            "purchase_orders",
            _columns(
                "sku:sku quantity:number:units ordered_on:date",
                "order_id market:country supplier route:code ready_on:date shipped_on:date "
                "arrived_on:date cleared_on:date received_on:date expected_on:date "
                "quantity_received:number:units unit_cost:number currency:code",
            ),
            ("order_id", "sku", "market"),
        ),
        Table(
            "events",
            _columns(
                "name starts_on:date ends_on:date",
                "market:country category sku:sku demand_uplift_pct:number:% "
                "delay_days:number:days route:code",
            ),
            ("name", "starts_on", "market"),
        ),
        Table(
            "rates",
            _columns("currency:code date:date rate:number", ""),
            ("currency", "date"),
        ),
        Table(
            "routes",
            _columns(
                "market:country route:code",
                "production_days:number:days production_days_worst:number:days "
                "quality_check_days:number:days quality_check_days_worst:number:days "
                "booking_days:number:days booking_days_worst:number:days "
                "transit_days:number:days transit_days_worst:number:days "
                "customs_days:number:days customs_days_worst:number:days "
                "check_in_days:number:days check_in_days_worst:number:days "
                "cost_per_kg:number cost_per_m3:number currency:code",
            ),
            ("market", "route"),
        ),
        Table("aliases", _columns("alias:sku sku:sku", ""), ("alias",)),
        Table(
            "bundles", _columns("bundle:sku sku:sku quantity:number:units", ""), ("bundle", "sku")
        ),
        Table("markets", _columns("country:country market", ""), ("country",)),
    )
}
