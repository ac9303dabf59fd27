"""Reports as files that open offline: one page to read and print, and a workbook to work on.

>>> from analytics.reporting import delay_html, delay_xlsx
"""

from analytics.reporting.delays import delay_html, delay_xlsx, worst
from analytics.reporting.measures import headings, note, spoken, texts, worded
from analytics.reporting.review import review_html, review_xlsx, stock_take_xlsx
from analytics.reporting.tables import Made, comparison_xlsx

__all__ = [
    "Made",
    "comparison_xlsx",
    "delay_html",
    "delay_xlsx",
    "headings",
    "note",
    "review_html",
    "review_xlsx",
    "spoken",
    "stock_take_xlsx",
    "texts",
    "worded",
    "worst",
]
