r"""Retrieval dynamics of a multitasking network: finitely many overlaps, exact at any K.

There is no load, hence no noise and no memory: the overlaps follow the image of the static
equations (`equations`), :math:`n(t+1) = E\,v \tanh(v \cdot n(t)/T)`, and the archetypes are read
off with it.  The spins of a start know the archetypes and not the noise of the examples, so
that n(0) = m(0).  Correlations with the start are known where its overlaps are those of a start
with a name and the archetypes are stored.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from hebbian import domain
from theory.course import Course, Trajectory
from theory.unloaded import Sites, course

from .columns.choice import Columns
from .columns.enumeration import half_columns
from .columns.law import Ternary
from .equations import COLDEST, MultitaskingEquations

__all__ = ["STARTS", "start_overlaps", "trajectories"]

#: Starts with a name, as in `montecarlo.simulate`.
STARTS = ("hierarchical", "parallel", "pattern", "random")
#: Columns that are listed for correlations: more are left out.
MOST_COLUMNS = 2.0**17


def start_overlaps(equations: MultitaskingEquations, start: Any) -> np.ndarray:
    """Return the overlaps with all archetypes: of a name, a number (that with the first), an array.

    Raises
    ------
    ValueError
        If there is no such start.
    """
    d, K = equations.model.dilution, equations.model.n_patterns
    if isinstance(start, str):
        name = domain.choice("start", start, STARTS)
        if name == "hierarchical":
            return (1 - d) * d ** np.arange(K)
        if name == "parallel":
            equal = Columns(Ternary(d), K).responses(np.ones((1, K)), np.zeros(1)).m[0]
            return np.asarray(equal)
        start = 1.0 if name == "pattern" else 0.0
    found = domain.real_array("start", start, "[-1, 1]")
    if found.ndim == 0:
        return np.where(np.arange(K) == 0, found * (1 - d), 0.0)
    if found.shape[-1] != K:
        raise ValueError(
            f"start of shape {found.shape} has not the n_patterns = {K} overlaps on its last axis"
        )
    return found


def trajectories(
    equations: MultitaskingEquations, T: np.ndarray, start: np.ndarray, asked: Course
) -> Trajectory:
    """Follow the overlaps, (*S, K), at temperatures of shape S."""
    cold = np.where(T < COLDEST, 0.0, T)
    K, n_times = equations.model.n_patterns, asked.n_steps + 1
    shape, blocks = T.shape, []
    for temperature, first in zip(cold.ravel(), start.reshape(-1, K), strict=True):
        sites = _sites(equations, float(temperature))
        means = _start_means(equations, first, sites)
        blocks.append(course(sites, first, first, means, asked.n_steps, asked.continuous))
    m, n, C, G = (np.array(one) for one in zip(*blocks, strict=True))
    m, n = (one.reshape(*shape, n_times, K) for one in (m, n))
    C, G = (one.reshape(*shape, n_times, n_times) for one in (C, G))
    zero = np.zeros(m.shape)
    t = np.arange(n_times, dtype=float)
    return Trajectory(t=t, m=m, n=n, m_err=zero, n_err=zero.copy(), C=C, G=G)


def _start_means(equations: MultitaskingEquations, first: np.ndarray, sites: Sites) -> Any:
    """Return the mean spin of every column where the overlaps are those of a start with a name."""
    atoms, K = equations.columns.entry.atoms(), equations.model.n_patterns
    if not first.any():
        return np.zeros(sites.weight.shape)
    if sites.polarise is None or atoms is None or not isinstance(equations.columns.entry, Ternary):
        return None
    xi = atoms.v[half_columns(atoms, K)[0]]
    if not first[1:].any():
        return xi[:, 0] * first[0] / (1 - equations.model.dilution)
    if np.allclose(first, start_overlaps(equations, "hierarchical"), rtol=1e-12):
        return xi[np.arange(len(xi)), np.argmax(xi != 0, axis=1)]
    if np.allclose(first, start_overlaps(equations, "parallel"), rtol=1e-12):
        return np.sign(xi.sum(axis=1))
    return None


def _sites(equations: MultitaskingEquations, T: float) -> Sites:
    columns, at = equations.columns, np.array([T])

    def respond(n: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
        image = columns.averages(n[None], at, curvature=False).image[0]
        found = columns.responses(n[None], at)
        return found.m[0], image, (1 - float(found.q[0])) / T if T > 0 else 0.0

    atoms = columns.entry.atoms()
    if atoms is None or atoms.v.size**columns.n_patterns > MOST_COLUMNS:
        return Sites(respond, None, np.zeros(0))
    indices, weight = half_columns(atoms, columns.n_patterns)
    v = atoms.v[indices]

    def polarise(n: np.ndarray) -> np.ndarray:
        h = v @ n
        return np.asarray(np.tanh(h / T) if T > 0 else np.sign(h.round(12)))

    return Sites(respond, polarise, weight)
