"""The only dispatch: from the name of a backend to its kernel."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from hebbian import Memory, domain

from .costs import FORMS
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


def resolve(name: str, dynamics: str = "glauber", *, form: str = "auto", T: Any = 1.0) -> Backend:
    """Return the backend `name` for a dynamics; ``"auto"`` is the compiled CPU kernel.

    Parameters
    ----------
    name : {"auto", "numba", "reference"}
    dynamics : str
        See `montecarlo.dynamics`.
    form : str
        Form of the networks, or ``"auto"``: the fastest; see `montecarlo.costs`.
    T : array_like
        Temperatures the networks will be run at, for that choice.

    Raises
    ------
    ValueError
        If there is no such backend, or the form is not a choice there.
    """
    rule = DYNAMICS[dynamics]
    domain.choice("form", form, FORMS)
    if form != "auto" and (name == "reference" or rule == PARALLEL):
        raise ValueError(
            f"form = {form!r} is of the compiled kernel that visits single spins: "
            "the reference and parallel dynamics take form = 'auto'"
        )
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
    from .lowering import lower_as

    return Backend("numba", partial(lower_as, form=form, T=T), cpu.prepare, cpu.run, cpu.period)
