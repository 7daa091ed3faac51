"""The only dispatch: from the name of a backend to its kernel."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from hebbian import Memory, domain

from .costs import FORMS

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


def resolve(name: str, *, form: str = "auto", T: Any = 1.0) -> Backend:
    """Return the backend `name`; ``"auto"`` is the compiled CPU kernel.

    Parameters
    ----------
    name : {"auto", "numba", "reference"}
    form : str
        Form of the networks, or ``"auto"``: the fastest; see `montecarlo.costs`.
    T : array_like
        Temperatures the networks will be run at, for that choice.

    Raises
    ------
    ValueError
        If there is no such backend.
    """
    domain.choice("form", form, FORMS)
    if domain.choice("backend", name, BACKENDS) == "reference":
        from .kernels import reference

        return Backend("reference", lambda memory: memory, reference.prepare, reference.run)
    from .kernels import cpu
    from .lowering import lower_as

    return Backend("numba", partial(lower_as, form=form, T=T), cpu.prepare, cpu.run)
