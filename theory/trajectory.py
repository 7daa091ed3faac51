"""The retrieval dynamics of large networks, of any model whose closure knows it."""

from __future__ import annotations

from typing import Any

import numpy as np

from hebbian import Model, domain
from hebbian.calling import checked
from hebbian.threads import checked_threads

from .closure import Closure, equations
from .course import DYNAMICS, METHODS, Course, Trajectory

__all__ = ["checked_course", "start_of", "trajectory"]

#: Numbers of trajectories.
SIZES = "[1000, 1000000000]"


@checked
def trajectory(
    model: Model,
    *,
    alpha: Any = None,
    T: Any = 0.0,
    n_steps: int,
    dynamics: str = "parallel",
    start: Any = "auto",
    method: str = "sampled",
    law: str = "binomial",
    n_trajectories: int = 100_000,
    time_step: float = 0.25,
    seed: int = 0,
    n_threads: int | None = None,
) -> Trajectory:
    r"""Follow the overlap from a start, in the limit of large networks.

    Parameters
    ----------
    model : Model
    alpha : float or array_like, optional
        Load in [0, inf); absent for `Multitasking`.
    T : float or array_like
        Temperature in [0, inf).
    n_steps : int
        Parallel steps, or sweeps, in [1, 100000].
    dynamics : {"parallel", "glauber", "parallel-diagonal"}
        All spins at once; heat bath of single spins at random times, t in sweeps (simulations:
        ``site_order="random"``); all spins at once in fields that hold the diagonal of the
        couplings (`hebbian.Model.self_coupled`).
    start : str or array_like
        Overlap of the start with the archetype in [-1, 1], its other spins reversed at random;
        ``"pattern"`` is 1 and ``"random"`` 0.  For `Multitasking`: ``"hierarchical"``,
        ``"parallel"``, ``"pattern"``, ``"random"``, or the overlaps with all K archetypes on a last
        axis.  ``"auto"`` is the start of simulations (`hebbian.Model.natural_start`).
    method : {"sampled", "neurodynamics"}
        The exact law by trajectories of the effective spin (nothing is sampled without a load);
        or statistical neurodynamics, a closed approximation of parallel dynamics.  For sequences
        that is exact, and nothing is sampled by either.
    law : {"binomial", "gaussian"}
        Law of the example mean.
    n_trajectories : int
        Of the effective spin, in ten populations, in [1000, 1e9].
    time_step : float
        Of the continuous time of ``"glauber"``, in sweeps, in (0, 1]; the nearest whole part of a
        sweep is taken, and steps twice as long to extrapolate from.  What is left of its error is
        not in `m_err`: at a quarter 0.001 in m(1) and 0.002 in m(2) for the Hopfield model at
        alpha = 0.05, T = 0.4 from 0.4, and far less in states that last.
    seed : int
        At least 0; all points share their random numbers.
    n_threads : int, optional
        In [1, 4096], by default what the surroundings allow; results do not depend on it.

    Returns
    -------
    Trajectory
        Over the broadcast shape of `alpha`, `T` and `start`.

    Raises
    ------
    ValueError
        If a parameter is outside its range, if the model has no such theory, or if the
        trajectories exceed the memory of the machine.

    Notes
    -----
    Derivation and sources: `theory.one_pattern.dynamics`, of sequences `theory.sequence.replay`,
    where m is the overlap with the pattern that is due.  Parallel dynamics does not end in the
    Boltzmann state (`montecarlo.dynamics`).

    Examples
    --------
    >>> from hebbian import Hopfield
    >>> found = trajectory(Hopfield(), alpha=0.1, start=[0.1, 0.6], n_steps=20,
    ...                    n_trajectories=10_000)
    >>> found.m[:, -1] > 0.5, bool((found.m_err[1] < 0.01).all())
    (array([False,  True]), True)

    Without a load nothing is sampled:

    >>> from hebbian import Multitasking
    >>> model = Multitasking(n_patterns=2, dilution=0.25)
    >>> trajectory(model, start="parallel", n_steps=2).m.round(4)
    array([[0.4688, 0.4688],
           [0.4688, 0.4688],
           [0.4688, 0.4688]])
    """
    course = checked_course(
        model,
        n_steps=n_steps,
        dynamics=dynamics,
        method=method,
        n_trajectories=n_trajectories,
        time_step=time_step,
        seed=seed,
        n_threads=n_threads,
    )
    found = equations(model, law)
    temperature = domain.real_array("T", T, "[0, inf)")
    first = start_of(found, model, start)
    several = int(model.retrieves_several)
    points = np.arange(first.size // (first.shape[-1] if several else 1))
    places = points.reshape(first.shape[: first.ndim - several])
    load, temperature, place = found.controls(alpha, T=temperature, start=places)
    starts = first.reshape(points.size, *first.shape[first.ndim - several :])
    return found.trajectory(load, temperature, starts[place], course)


def start_of(known: Closure, model: Model, start: Any) -> Any:
    """Return the overlaps of a start, that of simulations for ``"auto"``."""
    named = model.natural_start if isinstance(start, str) and start == "auto" else start
    return known.start_overlaps(named)


def checked_course(model: Model, **asked: Any) -> Course:
    """Return how a trajectory of a model is followed, once every number is in its range.

    Raises
    ------
    ValueError
        Naming the number, what it may be and what it is; or if the dynamics keeps a diagonal that
        the model does not have.
    """
    domain.choice("dynamics", asked["dynamics"], DYNAMICS)
    domain.choice("method", asked["method"], METHODS)
    if asked["method"] == "neurodynamics" and asked["dynamics"] != "parallel":
        raise ValueError(
            f"dynamics = {asked['dynamics']!r}: statistical neurodynamics is of 'parallel'"
        )
    if asked["dynamics"] == "parallel-diagonal":
        model.check_diagonal()
    return Course(
        n_steps=domain.integer("n_steps", asked["n_steps"], "[1, 100000]"),
        dynamics=asked["dynamics"],
        method=asked["method"],
        n_trajectories=domain.integer(
            "n_trajectories", asked["n_trajectories"], "[1000, 1000000000]"
        ),
        seed=domain.integer("seed", asked["seed"], "[0, inf)"),
        time_step=domain.real("time_step", asked["time_step"], "(0, 1]"),
        n_threads=checked_threads(asked["n_threads"]),
    )
