"""The only dispatch: from the name of a backend to its kernel."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from hebbian import Memory, domain

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
        Whether it may hold chains of several samples (`montecarlo.launch`).
    """

    name: str
    lower: Callable[[Memory], Any]
    prepare: Callable[..., Any]
    run: Callable[..., Any]
    period: Callable[..., Any]
    batched: bool = False
    on_device: bool = False


def resolve(
    name: str, dynamics: str = "glauber", work: device.Work | None = None, n_threads: int = 1
) -> Backend:
    """Return the backend `name` for a dynamics.

    ``"auto"`` is the compiled CPU kernel, or the device where `work` is given, large enough
    and a device answers (`montecarlo.device`).

    Raises
    ------
    ValueError
        If there is no such backend, or no device where one is asked for.
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
    wanted = name == "auto" and work is not None and device.worthwhile(work, n_threads)
    if name == "cupy" or wanted:
        device.name()
        from .kernels import device_rows, gpu

        return Backend(
            "cupy",
            lambda memory: device_rows.upload([memory], rule),
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
    from .kernels import cpu
    from .lowering import lower

    return Backend("numba", lower, cpu.prepare, cpu.run, cpu.period)
