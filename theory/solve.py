"""The one entry to the self-consistency equations of every model."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from hebbian import Model, domain
from hebbian.calling import checked

from .closure import equations
from .labelled import labelled
from .parameter_grid import over_parameters
from .solution import Solution

__all__ = ["solve"]


@labelled
@checked
def solve(
    model: Model,
    *,
    alpha: Any = None,
    T: Any,
    n_spins: int | None = None,
    start: Any = "retrieval",
    law: str = "binomial",
    rsb: int = 0,
    **parameters: Any,
) -> Solution:
    r"""Solve the equations of state of `model` on one branch.

    Parameters
    ----------
    model : Model
    alpha : float or array_like, optional
        Load in [0, inf), of `Exponential` in [0, ln 2]; absent for `Multitasking`.
    T : float or array_like
        Temperature in [0, inf); at 0 the exact zero-temperature equations are used.
    n_spins : int, optional
        With ``indices="all"`` at even order P >= 4 every configuration of N spins has the energy
        :math:`-\alpha \frac{(P-1)!!}{P!} N^{P/2-1}` per spin of the terms in which sites
        coincide, which has no limit.  Energies are those above it, or, for a given N, of the
        whole Hamiltonian, as a simulation measures them.  Nothing else depends on N.
    start : str or array_like
        ``"retrieval"`` (the solution with the largest overlap), ``"glass"`` or
        ``"paramagnet"``; for `TeacherStudent`, whose retrieval knows the teacher, also
        ``"example"``, which keeps one example; for `Multitasking`
        ``"hierarchical"`` (= ``"retrieval"``), ``"parallel"``, ``"pure"``, ``"symmetric"`` or
        ``"paramagnet"``; or initial order parameters: for networks with a load pairs (n, q) on the
        last axis, whose other axes broadcast against the grid, and from which the equations are
        iterated; for sequences start overlaps, which broadcast against the grid, and whose replay
        is followed.
    law : {"binomial", "gaussian"}
        Law of the example mean.
    rsb : {0, 1}
        Steps of replica-symmetry breaking.  With 0 the result carries ``replicon < 0`` where
        replica symmetry is broken and the numbers are an approximation.  With 1 (networks with a
        load, a named start) it is a `BrokenSolution`, equal to the replica-symmetric
        one where that is stable.  Its glass of P >= 3 is thermodynamic, ``theta < 1``, below the
        static transition, and metastable, ``theta = 1``, from there to the dynamic one: the states
        that trap the dynamics, with the free energy of the paramagnet they add up to.  At P = 2,
        and with ``indices="all"`` at P = 4, the glass freezes continuously and its states overlap,
        ``q1 > 0``; next to that transition (2 and 6 parts in 100 of it) the replica-symmetric
        glass is returned.  NaN where replica symmetry is broken and no state with one step of
        breaking was found.
    **parameters : float or array_like
        Numerical parameters of the model or its rule in place of its own: ``quality``,
        ``n_examples``, ``order``, ``dilution``; broadcast against `alpha` and `T`.

    Returns
    -------
    Solution
        Arrays of the broadcast shape of `alpha`, `T` and `parameters` (and `start`).  NaN with
        ``converged = False`` where the branch does not exist: retrieval beyond its
        spinodal, the glass above its onset (`theory.glass_temperature`, the dynamic one, for
        ``rsb=1``), the paramagnet at T = 0 and at P = 2 below
        T = 1.  The states of `Exponential` have closed forms: its paramagnet is there at T = 0 too,
        but not at alpha = 0, and free energies of retrieval are those of one pattern, without the
        entropy alpha of their number (`theory.transition_load`).  The paramagnet of `Dreaming` is
        continued to every T > 0, without a meaning where ``replicon < 0``.  Of `Sequence` it is the
        stationary replay (`theory.sequence.polynomial.ReplaySolution`), without energies: NaN.

    Raises
    ------
    ValueError
        If a parameter is outside its range.

    Examples
    --------
    >>> from hebbian import Dense, Hopfield
    >>> import theory
    >>> float(theory.solve(Hopfield(), alpha=0.05, T=0.5).m.round(6))
    0.904106
    >>> broken = theory.solve(Dense(order=4), alpha=0.45, T=0.1, rsb=1)
    >>> float(broken.q1.round(6)), float(broken.q.round(6))
    (0.911142, 0.99123)

    How many examples, and how good:

    >>> from hebbian import Supervised
    >>> learnt = Dense(order=4, rule=Supervised(quality=0.8, n_examples=6))
    >>> s = theory.solve(learnt, alpha=0.05, T=0.2, quality=[[0.7], [0.9]], n_examples=[5, 20, 80])
    >>> s.m.shape
    (2, 3)
    """
    if parameters:
        return over_parameters(
            partial(solve, start=start, law=law, rsb=rsb, n_spins=n_spins),
            model,
            alpha=alpha,
            T=T,
            start=start,
            parameters=parameters,
        )
    temperature = domain.real_array("T", T, "[0, inf)")
    found = equations(model, law)
    load, temperature = found.controls(alpha, T=temperature)
    if isinstance(start, str):
        domain.choice("start", start, found.starts)
    else:
        start = domain.real_array("start", start, "[-1, 1]")
    steps = domain.integer("rsb", rsb, "[0, 1]")
    solution = (found.solve_broken if steps else found.solve)(load, temperature, start)
    if n_spins is None:
        return solution
    size = domain.integer("n_spins", n_spins, "[1, 10000000]")
    shift = found.diagonal_energy(np.broadcast_to(load, solution.energy.shape), size)
    return replace(
        solution, energy=solution.energy + shift, free_energy=solution.free_energy + shift
    )
