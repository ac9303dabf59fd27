"""Items that are sold, held and bought as no textbook has it, and bases drawn at random."""

from dataclasses import replace

import numpy as np
import pandas as pd

from analytics import distributions, inventory
from analytics.inventory import LeadTimes
from analytics.services import masterdata, policies
from tests.services.shops import day, products, rates, receipts, sales, stock
from tests.store.sheets import sheet


def odd(store):
    """Items that are sold, held and bought as no textbook has it."""
    cny = {"currency": "CNY", "price": 20.0, "unit_cost": 5.0}
    sold = ["PLAIN", "LOSS", "FREE", "MOQ", "CAP", "NEGATIVE", "BATCH", "GONE", "MAX", "SEASON"]
    store.load([
        *(sales(sku, days=120) for sku in sold),
        sales("PLAIN", "DE", units=1.0, days=120),
        sales("UNSEEN", days=20),
        sheet({"sku": "ONCE", "quantity": 5.0, "date": day(100)}),
        sheet(*({"sku": "LUMPY", "quantity": units, "date": day(ago)}
                for ago, units in ((119, 50.0), (90, 1.0), (20, 1.0)))),
        stock(*((sku, 60) for sku in sold), ("ONCE", 0), ("LUMPY", 1)),
        sheet({"sku": "NEGATIVE", "on_hand": 5.0, "reserved": 70.0, "date": day(0)},
              kind="stock", market="US"),
        sheet({"sku": "BATCH", "on_hand": 30.0, "date": day(0)}, kind="stock", market=None),
        receipts("PLAIN"), receipts("PLAIN", days=9, route="air", count=3), receipts("LOSS"),
        sheet({"sku": "PLAIN", "order_id": "a", "quantity": 90.0, "ordered_on": day(20)},
              {"sku": "LOSS", "order_id": "b", "quantity": 90.0, "ordered_on": day(300)},
              kind="purchase_orders", market="US"),
        products(
            {"sku": "PLAIN", **cny, "moq": 100.0, "carton_quantity": 48.0},
            {"sku": "LOSS", **cny, "price": 1.0},
            {"sku": "FREE", **cny, "unit_cost": 0.0, "moq": 0.0},
            {"sku": "MOQ", **cny, "moq": 5000.0},
            {"sku": "CAP", **cny, "moq": 500.0, "carton_quantity": 12.0},
            {"sku": "MAX", "unit_cost": 2.0, "currency": "USD", "carton_quantity": 7.0},
            {"sku": "SEASON", **cny, "tier": "seasonal"},
            {"sku": "UNBORN", "launched_on": day(30)},
        ),
        rates(("USD", 5, 7.0)),
    ])  # fmt: skip
    policies.set_item(store, [("CAP", "US")], {"cap_weeks": 1.0})
    policies.set_item(store, [("BATCH", "US")], {"order": "batch"})
    policies.set_item(store, [("LOSS", "US")], {"by_profit": True})
    policies.set_item(
        store, [("MAX", "US")],
        {"method": "max_average", "trigger": "warning_line", "review_days": 60},
    )  # fmt: skip
    masterdata.change(store, {("GONE", "US"): {"discontinued": True}})


def strange(basis, seed):
    """Any demand, lead time, stock, open order and policy, on the rows of a basis."""
    rng = np.random.default_rng(seed)
    n, horizon = basis.demand_by_day.shape
    t = np.arange(horizon)

    def column(low, high):
        return rng.uniform(low, high, n)[:, None]

    peak = np.exp(-0.5 * ((t - column(0, 220)) / column(3, 30)) ** 2)
    per_day = np.exp(column(-4, 4)) * (1 + np.exp(column(-1, 3.5)) * peak)
    per_day[rng.random(n) < 0.1] = 0
    mean = per_day.cumsum(axis=1)
    sd = np.sqrt(mean * np.exp(column(0, 3)) + (column(0.05, 0.5) * mean) ** 2)
    weeks = basis.outlook.forecast.sd.shape[1]
    weekly = np.sqrt(np.diff(sd[:, : 7 * weeks : 7] ** 2, axis=1, prepend=0))
    days, share = rng.uniform(2, 90, n), rng.choice([0, 0.1, 0.3, 0.6], n)
    laws = inventory.lead_time_probabilities(days, days * share)
    slow = inventory.lead_time_probabilities(2 * days, days * share)
    laws = np.where(rng.random(n)[:, None] < 0.3, (laws + slow) / 2, laws)
    means, sds = inventory.moments(laws)
    known = basis.lead_times.lines.assign(lead_time_mean=means, lead_time_sd=sds)
    default = LeadTimes(known, laws, np.arange(n))
    every = basis.by_route.lines
    by_route = LeadTimes(every, laws, every["item"].to_numpy())
    seen = replace(basis.outlook, forecast=replace(basis.outlook.forecast, sd=weekly))
    changed = replace(
        basis, outlook=seen, kernel=distributions.kernel(mean, sd), demand_by_day=mean,
        sd_by_day=sd, lead_times=default, by_route=by_route, central=basis.central * 0,
        policies=mixed(basis.policies, rng), economics=worth(basis.economics, rng),
        elasticity=rng.uniform(0, 3, n),
    )  # fmt: skip
    return stocked(changed, rng)


def mixed(rules, rng):
    n = len(rules.method)

    def codes(*values):
        return rng.choice(np.array(values, dtype=object), n)

    return replace(
        rules, method=codes("quantile", "normal", "max_average"), measure=codes("cycle", "fill"),
        service_level=rng.uniform(0.5, 0.999, n), by_profit=rng.random(n) < 0.4,
        review_days=rng.choice([1, 7, 30, 60], n), order=codes("cover", "batch", "season"),
        cover_days=rng.choice([1, 30, 180], n), trigger=codes("reorder_point", "warning_line"),
        cap_weeks=rng.choice([np.nan, 1.0, 26.0], n),
    )  # fmt: skip


def worth(money, rng):
    n = len(money.price)
    price = rng.uniform(1, 50, n)
    cost = price * rng.choice([0, 0.3, 0.8, 1.5, np.nan], n)
    margin = 0.8 * price - cost
    return replace(
        money, landed_cost=cost, price=price, net_price=0.8 * price, contribution=margin,
        holding_cost=0.2 * cost, stockout_cost=np.maximum(margin, 0) + 0.05 * price,
        salvage=0.1 * price,
    )  # fmt: skip


def stocked(basis, rng):
    n, laws = len(basis.row_of_item), basis.lead_times.probabilities
    item, age = rng.integers(0, n, 2 * n), rng.integers(0, 150, 2 * n)
    units = np.round(np.exp(rng.uniform(0, 8, 2 * n)))
    left, _ = inventory.moments(inventory.remaining(laws[item], age))
    orders = coming(basis, item, age, rng).assign(
        units=units, eta=np.maximum(np.round(left), 1).astype(np.int64)
    )
    on_hand = np.round(np.exp(rng.uniform(0, 9, n)) * (rng.random(n) < 0.8))
    reserved = np.round(rng.uniform(0, 20, n) * (rng.random(n) < 0.2))
    ordered = np.bincount(item, weights=units, minlength=n)
    stock = basis.positions.assign(
        on_hand=on_hand, at_marketplace=on_hand, at_overseas=0.0, at_local=0.0, inbound=0.0,
        in_transit=0.0, on_order=ordered, at_supplier=ordered, reserved=reserved,
        inventory_position=on_hand + ordered - reserved,
    )  # fmt: skip
    share = rng.dirichlet(np.ones(6), 2 * n)
    days, _ = inventory.moments(laws)
    return replace(
        basis, positions=stock, arrivals=orders, order_stages=share * days[item][:, None]
    )


def coming(basis, item, age, rng):
    """Open orders of some items and ages, in any stage that their age allows."""
    lines = basis.lead_times.lines
    today = pd.Timestamp(basis.outlook.as_of)
    ordered = today - pd.to_timedelta(age, unit="D")
    sent = (rng.random(len(item)) < 0.5) & (age > 3)
    shipped = pd.Series(today - pd.to_timedelta(age // 2, unit="D")).where(sent)
    stage = rng.choice(np.array(["transit", "customs", "check_in"], dtype=object), len(item))
    early = rng.choice(np.array(["production", "quality_check"], dtype=object), len(item))
    return pd.DataFrame(
        {
            "item": item, "line": item, "law": item, "age": age, "ordered_on": ordered,
            "order_id": [f"PO-{number}" for number in range(len(item))],
            "is_shipped": sent, "shipped_on": shipped, "stage": np.where(sent, stage, early),
            **{name: lines[name].to_numpy(dtype=object)[item]
               for name in ("supplier", "market", "route")},
        }
    )  # fmt: skip
