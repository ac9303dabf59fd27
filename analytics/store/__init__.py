"""The workspace and its data; the only module that speaks SQL."""

from analytics.store.recovery import Recovery
from analytics.store.sheets import SheetAccount, SheetLoad
from analytics.store.workspace import Store

__all__ = ["Recovery", "SheetAccount", "SheetLoad", "Store"]
