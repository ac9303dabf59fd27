"""Pictures of answers: a translator in, an Altair chart out, drawn on named data.

A chart declares the names of its data sets and their columns; `bind` fills them for a notebook or
a test, the app keeps the specification and sends rows only. No arithmetic beyond what Vega-Lite
does, and no field name that comes from a user.
"""

from analytics.charts.theme import bind

__all__ = ["bind"]
