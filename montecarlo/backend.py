"""The only dispatch: from the name of a backend to its kernel."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from hebbian import Memory, domain
from montecarlo.forms.costs import FORMS

from . import device
from .dynamics import DYNAMICS, PARALLEL

__all__ = ["BACKENDS", "Backend", "resolve"]

BACKENDS = ("auto", "numba", "reference", "cupy")


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
    on_device : bool
        Whether it may hold chains of several samples (`montecarlo.engine.device_samples`).
    """

    name: str
    lower: Callable[[Memory], Any]
    prepare: Callable[..., Any]
    run: Callable[..., Any]
    period: Callable[..., Any]
    batched: bool = False
    on_device: bool = False


def resolve(
    name: str,
    dynamics: str = "glauber",
    *,
    form: str = "auto",
    T: Any = 1.0,
    work: device.Work | None = None,
    n_threads: int = 1,
) -> Backend:
    """Return the backend `name` for a dynamics.

    ``"auto"`` is the compiled CPU kernel, or the device where `work` is given, large enough
    and a device answers (`montecarlo.device`).

    Parameters
    ----------
    name : {"auto", "numba", "reference", "cupy"}
    dynamics : str
        See `montecarlo.dynamics`.
    form : str
        Form of the networks, or ``"auto"``: the fastest; see `montecarlo.forms.costs`.
    T : array_like
        Temperatures the networks will be run at, for that choice.
    work : Work, optional
        Size of the simulation.
    n_threads : int
        Threads that the CPU kernel would have.

    Raises
    ------
    ValueError
        If there is no such backend, no device where one is asked for, or the form is not
        a choice there.
    """
    rule = DYNAMICS[dynamics].code
    domain.choice("form", form, FORMS)
    if form != "auto" and (name in ("reference", "cupy") or rule == PARALLEL):
        raise ValueError(
            f"form = {form!r} is of the compiled CPU kernel that visits single spins: other "
            "backends and parallel dynamics take form = 'auto'"
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
    if name == "auto" and form == "auto" and work and device.worthwhile(work, n_threads):
        name = "cupy"
    if name == "cupy":
        device.name()
        from .kernels import device_networks, gpu

        return Backend(
            "cupy",
            lambda memory: device_networks.upload([memory], rule),
            gpu.prepare,
            gpu.run,
            partial(gpu.period, rule=rule),
            batched=True,
            on_device=True,
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
    from montecarlo.forms.lowering import lower_as

    from .kernels import cpu

    return Backend("numba", partial(lower_as, form=form, T=T), cpu.prepare, cpu.run, cpu.period)
