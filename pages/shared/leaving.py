"""Tabs that were left: what they held goes a moment after nobody can come back to them.

Streamlit keeps a tab that was left for ``server.disconnectedSessionTTL`` seconds, in case it comes
back, and everything that was uploaded in it. It looks at that time only when the next tab is left,
and then waits for Python to collect the tab, which may be hours later.
"""

import asyncio
import gc
from contextlib import suppress

from streamlit.runtime import Runtime

EVERY = 20.0  # seconds


async def tidy(every: float = EVERY) -> None:
    """Let go of tabs whose time is over, again and again, until cancelled."""
    while True:
        await asyncio.sleep(every)
        _let_go()


def _let_go() -> None:
    if Runtime.exists():
        with suppress(AttributeError):  # Streamlit's own parts, which may be called otherwise later
            Runtime.instance()._session_mgr._session_storage._cache.expire()  # type: ignore[attr-defined]
    gc.collect()  # a tab and its parts know each other: nothing else ends them
