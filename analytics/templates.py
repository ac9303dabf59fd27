"""Empty workbooks to begin from: the headers of a table, and a line on what each column takes."""

import pandas as pd

from analytics import export
from analytics.i18n import Translator
from analytics.schema import TABLES


def workbook(t: Translator, kind: str) -> bytes:
    """Return an xlsx file with the headers of ``kind`` in the reader's language.

    Below each header stands whether it is needed; that line is passed over when the file comes
    back.
    """
    columns = TABLES[kind].columns
    words = {True: t("import.required"), False: t("import.optional")}
    row = pd.DataFrame([{column.name: words[column.required] for column in columns}])
    labels = {column.name: t(f"column.{column.name}") for column in columns}
    if kind in ("sales", "products"):
        labels["name"] = t("column.product_name")  # a bare name is as often the buyer's
    return export.xlsx({t(f"kind.{kind}"): row}, labels=labels)
