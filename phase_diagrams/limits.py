"""Limits and variables under which no command can work, named before anything hangs of them."""

from __future__ import annotations

import os
import resource

__all__ = ["address_space", "check"]

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
    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    n_processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2
    needed = int((1.4 + 0.1 * max(n_processors - 2, 0)) * _GIB)
    return float("inf") if soft == resource.RLIM_INFINITY else soft, needed
