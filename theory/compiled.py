"""The one way the loops of this room are compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

from hebbian.code_cache import cached

__all__ = ["compiled", "compiled_sum"]

_Function = TypeVar("_Function", bound=Callable[..., Any])


def compiled(function: _Function) -> _Function:
    """Compile to machine code, cached on disk; division by zero follows IEEE 754."""
    return cast(_Function, cached(numba.njit(nogil=True, error_model="numpy")(function)))


def compiled_sum(function: _Function) -> _Function:
    """As `compiled`, with sums in any order: only so do they run in vector registers."""
    order = {"reassoc", "contract", "nsz"}
    jit = numba.njit(nogil=True, error_model="numpy", fastmath=order)
    return cast(_Function, cached(jit(function)))
