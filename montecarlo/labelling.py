"""A run as labelled variables: its estimates, its raw series, its draws.

Axes that a run has several of along the control parameters are "..."; see `hebbian.labels`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from hebbian import labels
from hebbian.result import Result, Variable

if TYPE_CHECKING:
    from xarray import DataTree

__all__ = ["Labelled"]

#: Estimates that every run has, in the order of studies.
_ALWAYS = ("m", "n", "q", "energy", "acceptance")
#: Times of an estimate.  Studies have the worst of m alone, and no error of the rate of flips.
_TIMES = ("tau", "n_eff")
_LEFT_OUT = (*_TIMES, "acceptance_err")
#: What there is one of every observed pattern for, beside the user's observables.
_OVERLAPS = ("m", "n")


class Labelled(Result):
    """Base of runs: what they are as labelled data."""

    several: bool

    def grid(self) -> tuple[tuple[str, ...], dict[str, Variable]]:
        """Return the axes of temperatures, and which patterns are observed."""
        dims, coordinates = super().grid()
        if self.several:
            coordinates["pattern"] = Variable(("pattern",), self.settings["patterns"])
        return dims, coordinates

    def variables(self) -> Iterator[tuple[str, Variable]]:
        """Yield the estimates, named as in studies."""
        return estimates(self)

    def groups(self) -> dict[str, dict[str, Variable]]:
        """Return raw series, first and last configurations."""
        return raw(self)

    def to_inferencedata(self) -> DataTree:
        """Return the chains as ArviZ takes them.

        Returns
        -------
        xarray.DataTree
            Groups ``posterior`` (series with the axes ``chain``, the replicas, ``draw``, the
            measurements, then temperatures, ``sample`` and pattern) and ``sample_stats``.

        Raises
        ------
        ModuleNotFoundError
            Without xarray.

        Examples
        --------
        >>> import montecarlo
        >>> from hebbian import Hopfield
        >>> run = montecarlo.simulate(Hopfield(), alpha=0.05, T=0.3, n_spins=100, seed=1)
        >>> tree = run.to_inferencedata()
        >>> tree["posterior"]["m"].dims, tree["posterior"]["m"].shape
        (('chain', 'draw', 'sample'), (2, 200, 8))
        """
        return labels.inference(self, draws(self))


def times(run: Any) -> np.ndarray:
    """Return the sweep of every measurement, counted from the start of the run."""
    schedule, first = run.settings["schedule"], run.settings.get("first_sweep", 0)
    n = run.series["energy"].shape[-1]
    return np.asarray(first + schedule["warmup"] + run.stride * np.arange(1, n + 1))


def estimates(run: Any) -> Iterator[tuple[str, Variable]]:
    """Yield means and standard errors as studies name them, times, and where chains ended."""
    own = ["m_sorted"] * run.anonymous + list(run.observables)
    for name in dict.fromkeys((*_ALWAYS, *own)):
        found = estimated(run, name)
        yield from ((k, x) for k, x in found.items() if k not in _LEFT_OUT)
    components = tuple(range(_n_grid(run), np.ndim(run.m.mean)))
    yield "tau", Variable(("...",), run.m.tau.max(axis=components))
    yield "n_eff", Variable(("...",), run.m.n_eff.min(axis=components))
    if run.alpha_effective is not None:
        yield "alpha_effective", Variable((), run.alpha_effective)
    for name in ("escaped", "switched"):
        yield name, Variable(("...",), getattr(run, name))


def estimated(run: Any, name: str) -> dict[str, Variable]:
    """Return a quantity by its name, its standard error, its time and effective number."""
    found = run.estimate(name)
    kinds = _kinds(run, name, np.ndim(found.mean) - _n_grid(run))
    numbers = {name + suffix: values for suffix, values in found.parts().items()}
    numbers |= {word: getattr(found, word) for word in _TIMES if hasattr(found, word)}
    return {word: _shaped(run, values, kinds, -1) for word, values in numbers.items()}


def raw(run: Any) -> dict[str, dict[str, Variable]]:
    """Return the groups of a tree: series, first and last configurations."""
    chains = ("...", "sample", "replica")
    series = {
        name: _of_chains(run, name, values, measured=name != "acceptance")
        for name, values in run.series.items()
    }
    series["t"] = Variable(("t",), times(run))
    first = {name: _of_chains(run, name, x, measured=False) for name, x in run.first.items()}
    ends = {
        "spins": Variable((*chains, "site"), run.last),
        "period": Variable(chains, run.period),
        "elsewhere": Variable(chains, run.elsewhere),
    }
    groups = {"series": series, "first": first, "last": ends}
    if run.spins is not None:
        groups["configurations"] = {
            "spins": Variable((*chains, "t", "site"), run.spins),
            "t": series["t"],
        }
    return groups


def draws(run: Any) -> dict[str, dict[str, Variable]]:
    """Return the groups of an inference data set: chains are replicas, draws measurements."""
    posterior, grid = {}, _n_grid(run)
    for name, values in run.series.items():
        if name not in ("q", "acceptance"):  # of pairs of replicas, of no measurement
            found = _of_chains(run, name, values, measured=True)
            moved = np.moveaxis(found.values, (grid + 1, grid + 2), (0, 1))
            posterior[name] = Variable(("chain", "draw", "...", "sample", *found.dims[4:]), moved)
    rate = np.moveaxis(run.series["acceptance"], -1, 0)
    stats = {"acceptance_rate": Variable(("chain", "...", "sample"), rate)}
    return {"posterior": posterior, "sample_stats": stats}


def _n_grid(run: Any) -> int:
    return run.start_overlaps.ndim - 2


def _layered(run: Any) -> bool:
    return run.series["q"].ndim > run.series["energy"].ndim


def _kinds(run: Any, name: str, n_axes: int) -> tuple[str, ...]:
    """Return what the components of a quantity are, given how many axes they span."""
    if n_axes == 0:
        return ()
    known = run.observables.get(name)
    if name in ("m_sorted", "n_sorted"):
        return ("rank",)
    if name == "q" or (known is not None and known.source == "q"):
        return ("layer",)
    if name in _OVERLAPS or (known is not None and known.per_pattern):
        return ("pattern", "layer") if _layered(run) else ("pattern",)
    return ("component",)


def _shaped(run: Any, values: Any, kinds: tuple[str, ...], axis: int) -> Variable:
    """Return components at an axis with their names: of layers those of each pattern in turn."""
    values = np.asarray(values)
    if kinds == ("pattern", "layer"):
        n_layers = run.series["q"].shape[-1]
        shape = (*values.shape[:axis], values.shape[axis] // n_layers, n_layers)
        values = values.reshape(shape)
    return Variable(("...", *kinds), values)


def _of_chains(run: Any, name: str, values: np.ndarray, *, measured: bool) -> Variable:
    """Return a series, or what is one number of a chain, with the names of its axes."""
    pair = "pair" if name == "q" else "replica"
    dims = ("...", "sample", pair, *["t"] * measured)
    extra = values.ndim - _n_grid(run) - len(dims) + 1
    kinds = _kinds(run, name, extra)
    return Variable(dims + kinds, _shaped(run, values, kinds, -1).values)
