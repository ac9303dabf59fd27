"""The workspace and its data; the only module that speaks SQL."""

from analytics.store.loading import SheetAccount, SheetLoad
from analytics.store.workspace import Store

__all__ = ["SheetAccount", "SheetLoad", "Store"]
