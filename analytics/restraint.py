"""What a child process may use at most, and that it ends before the server does."""

import os
from contextlib import suppress
from pathlib import Path

_FIRST = "1000"  # of 1000: the system ends this process before any that says less


def restrain(nice: int, **most: int | tuple[int, int]) -> None:
    """Lower what this process may use, as far as the system knows such bounds.

    When memory runs out, also that of a container, the system ends one process of its choice. It
    takes this one, of whose end somebody is told, and not the server with everybody's pages.

    Parameters
    ----------
    nice : int
        How far it steps back for whoever waits for a page.
    **most : int or (int, int)
        Bounds by their names in `resource`: ``data=2**30``; two where a warning comes before the
        end.
    """
    with suppress(OSError):  # Linux only
        Path("/proc/self/oom_score_adj").write_text(_FIRST, encoding="ascii")
    with suppress(AttributeError, OSError):
        os.nice(nice)
    try:
        import resource  # noqa: PLC0415 - POSIX only: elsewhere the parent's clock has to do
    except ImportError:
        return
    for name, bound in most.items():
        soft, hard = bound if isinstance(bound, tuple) else (bound, bound)
        with suppress(AttributeError, ValueError, OSError):  # a system may not know all of them
            what = getattr(resource, f"RLIMIT_{name.upper()}")
            _, allowed = resource.getrlimit(what)
            hard = hard if allowed == resource.RLIM_INFINITY else min(hard, allowed)
            resource.setrlimit(what, (min(soft, hard), hard))
