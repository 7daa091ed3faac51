"""The only dispatch: from the name of a backend to its kernel."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from hebbian import Memory, domain

from .dynamics import DYNAMICS, PARALLEL

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
        (network, spins) -> state of one chain, or of many where `batched`.
    run : callable
        Advances the chain or chains.
    period : callable
        (network, state) -> period of the zero-temperature dynamics from there.
    batched : bool
        Whether a state holds many chains of one sample.
    """

    name: str
    lower: Callable[[Memory], Any]
    prepare: Callable[..., Any]
    run: Callable[..., Any]
    period: Callable[..., Any]
    batched: bool = False


def resolve(name: str, dynamics: str = "glauber") -> Backend:
    """Return the backend `name` for a dynamics; ``"auto"`` is the compiled CPU kernel.

    Raises
    ------
    ValueError
        If there is no such backend.
    """
    rule = DYNAMICS[dynamics]
    if domain.choice("backend", name, BACKENDS) == "reference":
        from .kernels import reference

        return Backend(
            "reference",
            lambda memory: memory,
            reference.prepare,
            reference.run,
            partial(reference.period, rule=rule),
        )
    if rule == PARALLEL:
        from .kernels import parallel

        return Backend(
            "numba",
            parallel.lower,
            parallel.prepare,
            parallel.run,
            parallel.period,
            batched=True,
        )
    from .kernels import cpu
    from .lowering import lower

    return Backend("numba", lower, cpu.prepare, cpu.run, cpu.period)
