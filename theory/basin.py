"""How near to a pattern a configuration has to be for the dynamics to retrieve it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from hebbian import Model, domain
from hebbian.calling import checked
from hebbian.result import Result

from .closure import equations
from .trajectory import checked_course

__all__ = ["BasinBoundary", "basin"]


@dataclass(frozen=True, kw_only=True)
class BasinBoundary(Result):
    r"""Boundary of the basin of attraction of a pattern in the limit of large networks.

    Parameters
    ----------
    t : numpy.ndarray
        Shape of `n_steps`: parallel steps, or sweeps, after which the overlap is judged.
    overlap : numpy.ndarray
        Shape (\*S, \*t.shape), S the broadcast shape of the control parameters: smallest overlap
        of a start in [0, 1] with :math:`m(t) \ge` `threshold`; NaN where not even a start from the
        pattern retrieves, 0 where every positive overlap does.
    error : numpy.ndarray
        Of the same shape: its standard error, that of the places where starts are tried included;
        0 where nothing is sampled.
    threshold : float
    """

    axes: ClassVar[dict[str, str]] = {"t": "t", "overlap": "... t", "error": "... t"}

    t: np.ndarray
    overlap: np.ndarray
    error: np.ndarray
    threshold: float

    def __repr__(self) -> str:
        times = ", ".join(f"{t}" for t in np.atleast_1d(self.t))
        shape = self.overlap.shape[: self.overlap.ndim - self.t.ndim]
        return f"BasinBoundary after {times} steps over grid of shape {shape}"


@checked
def basin(
    model: Model,
    *,
    alpha: Any,
    T: Any = 0.0,
    n_steps: Any,
    threshold: float = 0.7,
    dynamics: str = "parallel",
    method: str = "sampled",
    law: str = "binomial",
    n_trajectories: int = 20_000,
    time_step: float = 0.25,
    seed: int = 0,
    n_threads: int | None = None,
) -> BasinBoundary:
    r"""Find the boundary of the basin of attraction, in the limit of large networks.

    Parameters
    ----------
    model : Model
        With a load: what the basin of a `Multitasking` state is, one overlap does not say.
    alpha, T : float or array_like
        Load and temperature in [0, inf).
    n_steps : int or array_like
        Parallel steps, or sweeps, in [1, 100000], after which the overlap is judged; an ascending
        sequence of them adds a last axis, for little more than the price of the last.
    threshold : float
        Overlap with the archetype that counts as retrieved, in (0, 1].
    dynamics, method, law, n_trajectories, time_step, seed, n_threads
        As for `trajectory`; the trajectories are those of every start that is tried.

    Returns
    -------
    BasinBoundary

    Raises
    ------
    ValueError
        If a parameter is outside its range, if the model has no such theory, or if the
        trajectories exceed the memory of the machine.

    Notes
    -----
    Each of the ten populations of trajectories has a boundary of its own, by bisection over starts
    that are multiples of 1/512, with the same random numbers at all of them and at all points;
    the error is that of their mean.  A population in which no start retrieves counts with
    a boundary of 1, and more than five of them make the boundary NaN.  A start of exactly 0 never
    retrieves, by symmetry: an overlap of 0 says that the start 1/512 does (in every population),
    and :math:`10^{-12}` where nothing is sampled.  Bisection takes it that a larger start overlap
    is never worse.  Small populations are biased: at order 2 and T = 0 the default finds a boundary
    too low by one to two errors near alpha = 0.1, which ten times as many trajectories remove.  In
    large networks near the boundary single samples decide either way.

    Examples
    --------
    >>> import numpy as np
    >>> from hebbian import Hopfield
    >>> found = basin(Hopfield(), alpha=[0.05, 0.1, 0.3], n_steps=[10, 20])
    >>> found.overlap.round(1), bool(np.nanmax(found.error) < 0.01)
    (array([[0.2, 0.2],
           [0.3, 0.3],
           [nan, nan]]), True)
    """
    times = _times(n_steps)
    course = checked_course(
        model,
        n_steps=int(times.max()),
        dynamics=dynamics,
        method=method,
        n_trajectories=n_trajectories,
        time_step=time_step,
        seed=seed,
        n_threads=n_threads,
    )
    known = equations(model, law)
    temperature = domain.real_array("T", T, "[0, inf)")
    threshold = domain.real("threshold", threshold, "(0, 1]")
    load, temperature = known.controls(alpha, T=temperature)
    found = known.basin(load.ravel(), temperature.ravel(), times.ravel(), threshold, course)
    overlap, error = (one.reshape(load.shape + times.shape)[()] for one in found)
    return BasinBoundary(t=times, overlap=overlap, error=error, threshold=threshold)


def _times(n_steps: Any) -> np.ndarray:
    """Return numbers of steps, of the shape that they were given in.

    Raises
    ------
    ValueError
        If they are not whole numbers that ascend.
    """
    given = domain.real_array("n_steps", n_steps, "[1, 100000]")
    if given.ndim > 1 or given.size == 0 or (np.diff(given.ravel()) <= 0).any():
        words = "a whole number or an ascending sequence of them"
        raise ValueError(f"n_steps = {domain.shown(n_steps)} is not {words} in [1, 100000]")
    return np.reshape(
        [domain.integer("n_steps", t, "[1, 100000]") for t in given.ravel().tolist()], given.shape
    )
