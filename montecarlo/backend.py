"""The only dispatch: from the name of a backend to its kernel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from hebbian import Memory, domain

__all__ = ["BACKENDS", "Backend", "resolve"]

BACKENDS = ("auto", "numba", "reference")


class Backend(NamedTuple):
    """A kernel that keeps the contract of `montecarlo.kernels`.

    Parameters
    ----------
    name : str
    lower : callable
        Memory -> network: the arrays shared by the chains of a disorder sample.
    prepare : callable
        (network, spins) -> state of one chain.
    run : callable
        Advances one chain.
    """

    name: str
    lower: Callable[[Memory], Any]
    prepare: Callable[..., Any]
    run: Callable[..., int]


def resolve(name: str) -> Backend:
    """Return the backend `name`; ``"auto"`` is the compiled CPU kernel.

    Raises
    ------
    ValueError
        If there is no such backend.
    """
    if domain.choice("backend", name, BACKENDS) == "reference":
        from .kernels import reference

        return Backend("reference", lambda memory: memory, reference.prepare, reference.run)
    from .kernels import cpu
    from .lowering import lower

    return Backend("numba", lower, cpu.prepare, cpu.run)
