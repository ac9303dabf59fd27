"""Planning for cross-border sellers: sales in, order dates out.

Read `analytics.services` for the questions that can be asked; everything below it is arithmetic
and storage. Nothing here knows of a user interface.
"""

__version__ = "0.1.0"
