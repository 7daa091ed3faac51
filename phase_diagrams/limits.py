"""Limits and variables under which no command can work, named before anything hangs of them."""

from __future__ import annotations

import math
import os

__all__ = ["address_space", "check", "soft_limit"]

_GIB = 2**30

#: Commands that compute nothing.
_LIGHT = ("completion", "doctor")


def check(command: str) -> None:
    """Refuse to start where libraries would hang, crash or say what nobody understands.

    Raises
    ------
    ValueError
        For a number of threads that is none.
    MemoryError
        If the address space is too small: OpenBLAS waits for ever for what it does not get.
    """
    threads = os.environ.get("NUMBA_NUM_THREADS", "1").strip()
    if not (threads.isascii() and threads.isdigit() and int(threads) > 0):
        raise ValueError(f"NUMBA_NUM_THREADS = {threads!r} is not a number of threads: unset it")
    allowed, needed = address_space()
    if command not in _LIGHT and allowed < needed:
        raise MemoryError(
            f"{allowed / _GIB:.2g} GiB of address space are allowed, {needed / _GIB:.2g} needed"
        )


def address_space() -> tuple[float, int]:
    """Return the bytes that this process may map, and what the libraries map to start."""
    n_processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2
    needed = int((1.4 + 0.1 * max(n_processors - 2, 0)) * _GIB)
    return soft_limit("AS"), needed


def soft_limit(kind: str) -> float:
    """Return the limit that the shell puts on a resource, ``"AS"`` that of `RLIMIT_AS`.

    Infinity where there is none, as on systems without such limits (Windows).
    """
    try:
        import resource
    except ImportError:
        return math.inf
    soft, _ = resource.getrlimit(getattr(resource, f"RLIMIT_{kind}"))
    return math.inf if soft == resource.RLIM_INFINITY else soft
