"""Papers that leave the house: purchase orders as workbooks, in the supplier's language."""

import pandas as pd

from analytics import export
from analytics.i18n import Translator
from analytics.services import ledger
from analytics.store import Store


def purchase_order_xlsx(store: Store, order_id: str, language: str) -> bytes:
    """Return an order of the ledger as an xlsx file, for the supplier.

    Its number stands on every line: when a file of the seller's names both, import knows that it
    tells of this order. What was noted for oneself is not in it.

    Parameters
    ----------
    store : Store
        The workspace.
    order_id : str
        The order's number.
    language : str
        ``zh`` or ``en``.

    Raises
    ------
    UnknownJudgementError
        There is no such order, or all of it was taken back.
    """
    t = Translator(language)
    order = ledger.purchase_order(store, order_id)
    worded = order.lines.assign(route=[_route(t, code) for code in order.lines["route"]])
    total = pd.DataFrame([{"order_id": t("ledger.total"), **order.totals}])
    table = pd.concat([worded, total.reindex(columns=worded.columns).astype(worded.dtypes)])
    labels = {name: t(f"column.{name}") for name in table.columns}
    labels["name"] = t("column.product_name")  # a bare name is as often the buyer's
    return export.xlsx({t("kind.purchase_orders"): table}, labels=labels)


def _route(t: Translator, code: str) -> str:
    return t(f"route.{code}") if t.has(f"route.{code}") else code
