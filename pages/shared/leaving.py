"""Tabs that were left: what they held goes a moment after nobody can come back to them.

Streamlit keeps a tab that was left for ``server.disconnectedSessionTTL`` seconds, in case it comes
back, and everything that was uploaded in it. It looks at that time only when the next tab is left,
and then waits for Python to collect the tab, which may be hours later.
"""

import asyncio
import gc
import logging
from typing import Any

from streamlit.runtime import Runtime

EVERY = 20.0  # seconds

_log = logging.getLogger(__name__)


async def tidy(every: float = EVERY) -> None:
    """Let go of tabs whose time is over, again and again, until cancelled."""
    left: frozenset[str] = frozenset()
    while True:
        await asyncio.sleep(every)
        try:
            still = _kept(Runtime.instance()) if Runtime.exists() else left
        except Exception:  # noqa: BLE001 - parts of Streamlit's, which may be called otherwise one day
            _log.exception("Tabs that were left are kept until Streamlit forgets them")
            return
        if left - still:
            gc.collect()  # a tab and its parts know each other: nothing else ends them
        left = still


def _kept(runtime: Any) -> frozenset[str]:  # noqa: ANN401 - with parts that are Streamlit's own
    """Forget tabs whose time is over; return those that were left and may still come back."""
    kept = runtime._session_mgr._session_storage._cache
    kept.expire()
    return frozenset(kept)
