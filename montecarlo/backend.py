"""The only dispatch: from the name of a backend to its kernel."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from hebbian import Memory, domain

from . import device
from .dynamics import DYNAMICS, MANY_AT_ONCE, PARALLEL_DIAGONAL, SEQUENTIAL

__all__ = ["BACKENDS", "Backend", "resolve"]


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
    form_of : callable
        Network -> what its form is called.
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
    form_of: Callable[[Any], str]
    batched: bool = False
    on_device: bool = False


class Wanted(NamedTuple):
    """What a kernel is to do; parameters are those of `resolve`."""

    move: int
    form: str
    T: Any
    n_chains: int
    n_rows: int
    site_order: int


def _numba(wanted: Wanted) -> Backend:
    move = wanted.move
    if move in MANY_AT_ONCE:
        from .kernels.parallel import steps

        return Backend(
            "numba",
            partial(steps.lower, diagonal=move == PARALLEL_DIAGONAL),
            steps.prepare,
            steps.run,
            partial(steps.period, move=move),
            form_of=steps.name_of,
            batched=True,
        )
    from .kernels import chains
    from .kernels.many.forms import MOST_ROWS, NAME
    from .kernels.single import forms, visits

    form = domain.choice("form", wanted.form, ("auto", NAME, *forms.names()))
    together = wanted.n_chains > 1 and wanted.n_rows <= MOST_ROWS
    if form == NAME or (form == "auto" and together):
        return Backend(
            "numba",
            partial(
                chains.lower,
                form=form,
                T=wanted.T,
                n_chains=wanted.n_chains,
                site_order=wanted.site_order,
            ),
            chains.prepare,
            chains.run,
            chains.period,
            form_of=chains.name_of,
            batched=True,
        )
    return Backend(
        "numba",
        partial(forms.lower, name=form, T=wanted.T),
        visits.prepare,
        visits.run,
        visits.period,
        form_of=forms.name_of,
    )


def _reference(wanted: Wanted) -> Backend:
    from .kernels.shared import reference

    return Backend(
        "reference",
        lambda memory: memory,
        reference.prepare,
        reference.run,
        partial(reference.period, move=wanted.move),
        form_of=lambda network: "definition",
    )


def _cupy(wanted: Wanted) -> Backend:
    device.name()
    from .kernels.device import gpu, networks

    return Backend(
        "cupy",
        lambda memory: networks.upload([memory], wanted.move),
        gpu.prepare,
        gpu.run,
        partial(gpu.period, move=wanted.move),
        form_of=lambda network: "device",
        batched=True,
        on_device=True,
    )


_MAKERS = {"auto": _numba, "numba": _numba, "reference": _reference, "cupy": _cupy}
BACKENDS = tuple(_MAKERS)


def _compiles() -> bool:
    from numba import config

    return not getattr(config, "DISABLE_JIT", False)  # made when numba is imported


def resolve(
    name: str,
    dynamics: str = "glauber",
    *,
    form: str = "auto",
    T: Any = 1.0,
    n_chains: int = 1,
    n_rows: int = 0,
    site_order: int = SEQUENTIAL,
) -> Backend:
    """Return the backend `name` for a dynamics.

    ``"auto"`` is the compiled CPU kernel, or the reference where ``NUMBA_DISABLE_JIT``
    switches compiling off, as debuggers do; ``"cupy"`` is experimental, has never run on a
    device and is taken by its name alone.

    Parameters
    ----------
    name : {"auto", "numba", "reference", "cupy"}
    dynamics : str
        See `montecarlo.dynamics`.
    form : str
        Form of the networks, or ``"auto"``: the fastest; see `montecarlo.kernels.single.forms`.
        ``"lanes"``: chains of a sample together (`montecarlo.kernels.many`).
    T : array_like
        Temperatures the networks will be run at, for that choice.
    n_chains, n_rows, site_order : int
        Chains that may run together on a sample, the rows of its network and the order of the
        visits, likewise.

    Raises
    ------
    ValueError
        If there is no such backend, nothing is compiled for it, there is no device where one
        is asked for, or the form is not a choice there.
    """
    move, make = DYNAMICS[dynamics].move, _MAKERS[domain.choice("backend", name, BACKENDS)]
    if make is _numba and not _compiles():
        if name != "auto" or form != "auto":
            raise ValueError(
                f"backend = {name!r}, form = {form!r}: compiling is switched off by "
                "NUMBA_DISABLE_JIT; unset it or take backend = 'reference'"
            )
        make = _reference
    if form != "auto" and (make is not _numba or move in MANY_AT_ONCE):
        raise ValueError(
            f"form = {form!r} is of the compiled CPU kernel that visits single spins: other "
            "backends and parallel dynamics take form = 'auto'"
        )
    return make(Wanted(move, form, T, n_chains, n_rows, site_order))
