"""Chunks of items, one after the other or side by side; no number depends on which."""

from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from typing import TypeVar

import joblib
import numpy as np
from numpy.typing import NDArray

Backend = str | Executor | None
Part = TypeVar("Part")
_ALONE = 4  # chunks below which starting workers costs more than it saves


def chunks(rows: NDArray[np.int64], size: int) -> list[NDArray[np.int64]]:
    """Return ``rows`` in chunks of at most ``size``.

    >>> [part.tolist() for part in chunks(np.arange(5), 2)]
    [[0, 1], [2, 3], [4]]
    """
    return [rows[low : low + size] for low in range(0, len(rows), size)]


def mapped(
    function: Callable[..., Part],
    arguments: Callable[[NDArray[np.int64]], tuple[object, ...]],
    parts: list[NDArray[np.int64]],
    *,
    backend: Backend = None,
    jobs: int = -1,
) -> Iterator[Part]:
    """Yield ``function(*arguments(part))`` of every part, in order, as they are done.

    Parameters
    ----------
    function : callable
        Pure; a name of a module, so that a worker finds it.
    arguments : callable
        Makes the arguments of a part when its turn comes, so that memory holds only a few.
    parts : list of ndarray of int
        Rows.
    backend : str or Executor, optional
        ``loky`` (processes), ``threading``, ``dask`` (the cluster of the current Dask client), or
        an executor; none = threads, or no workers at all for a few parts.
    jobs : int
        Workers; -1 = one per core.
    """
    if isinstance(backend, Executor):
        futures = [backend.submit(function, *arguments(part)) for part in parts]
        yield from (future.result() for future in futures)
    elif backend is None and len(parts) < _ALONE:
        yield from (function(*arguments(part)) for part in parts)
    else:
        tasks = (joblib.delayed(function)(*arguments(part)) for part in parts)
        with joblib.parallel_config(backend=backend or "threading", n_jobs=jobs):
            lazily = backend != "dask"
            run = joblib.Parallel(
                return_as="generator" if lazily else "list", pre_dispatch="2*n_jobs"
            )
            yield from run(tasks)
