r"""Multitasking networks: hierarchical, parallel and mixed retrieval of K patterns.

Every spin sees a column :math:`v` of K independent entries (`columns`).  With finite K there
is no noise of uncondensed patterns and the free energy is exact,

.. math::
    f(n) = \frac{|n|^2}{2} - T\, E_v \ln 2\cosh\frac{v \cdot n}{T}, \qquad
    n_\mu = E[v^\mu \tanh(v \cdot n/T)], \qquad
    m_\mu = E[\xi^\mu \tanh(v \cdot n/T)],

with :math:`v = \xi` and n = m for stored archetypes (arXiv:1111.5191, arXiv:1304.4488) and
v the mean of noisy examples otherwise (arXiv:2308.04106).  A state is locally stable where
the Hessian :math:`1 - E[v v^{\rm t}(1 - \tanh^2)]/T` is positive.

Without a teacher there are KM overlaps :math:`n_{\mu a}`, one for each example.  Where those
of one archetype are equal, :math:`n_{\mu a} = r n_\mu`, the equations and f are those above,
at every M, r, d and T.  What differs is the stability: M - 1 modes per archetype that
tell its examples apart,

.. math::
    \lambda^{\rm ex}_\mu = 1 - \frac{1}{r^2 M T} E\Big[(\xi^\mu)^2
    \frac{M^2 - S_\mu^2}{M (M-1)} (1 - \tanh^2)\Big],

S the sum of the signs of its M examples (Gaussian law: :math:`1 - \rho
E[(\xi^\mu)^2 (1 - \tanh^2)]/T`).  Where one is negative the network without a teacher
leaves these equations; in one of N spins its single examples also make field noise of
variance :math:`K/(r^4 M N)`.

At T = 0 the tanh is a sign, averaged exactly: an erf for the Gaussian law.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from hebbian import Multitasking, domain
from theory.many_patterns.columns.choice import Columns
from theory.many_patterns.columns.law import entry_law
from theory.solution import Solution

from .descent import Descent, descend, symmetry_projector
from .labels import label, without_rounding

__all__ = ["MultitaskingEquations", "MultitaskingSolution", "check_model", "rearranged"]

#: Symmetry breaking of the starts, in units of their overlaps.
NUDGE = 1e-4
#: Temperatures below this one are zero to every digit of every answer.
COLDEST = 1e-250


@dataclass(frozen=True, kw_only=True, repr=False)
class MultitaskingSolution(Solution):
    """States of a multitasking network; `m` and `n` have a last axis of length K.

    Parameters
    ----------
    min_eigenvalue : numpy.ndarray
        Smallest eigenvalue of the Hessian of f: locally stable where positive; -inf where
        at T = 0 a spin that is not blank has no field.
    example_eigenvalues : numpy.ndarray
        Last axis of length K: the modes that tell the examples of an archetype apart, for
        `Unsupervised` with more than one example; NaN otherwise.
    label : numpy.ndarray of str
        See `theory.many_patterns.labels`; empty where not converged.
    """

    min_eigenvalue: np.ndarray
    example_eigenvalues: np.ndarray
    label: np.ndarray


class MultitaskingEquations:
    r"""The equations of state of a multitasking network.

    ``hierarchical`` (= ``retrieval``), ``parallel`` and ``pure`` name initial conditions:
    the overlaps :math:`(1-d) d^{\mu-1}` of T = 0, equal ones, and a single one, each with
    a small fixed asymmetry, from which f is descended to a stable state.  ``symmetric``
    and ``paramagnet`` name the states themselves, stable or not: all overlaps equal, or zero.
    An array is an initial condition without asymmetry: overlaps given as equal, or as
    zero, stay so.  The model has at most 200 patterns.
    """

    #: Names of initial conditions.
    starts: ClassVar[tuple[str, ...]] = (
        "retrieval", "hierarchical", "parallel", "pure", "symmetric", "paramagnet",
    )  # fmt: skip

    def __init__(self, model: Multitasking, law: str) -> None:
        self.model = check_model(model)
        self.columns = Columns(entry_law(model, law), model.n_patterns)
        self.law = law

    def initial(self, start: str) -> np.ndarray:
        """Return the overlaps n that a name stands for, shape (K,), descending."""
        domain.choice("start", start, self.starts)
        mu = np.arange(self.model.n_patterns)
        size = (1 - self.model.dilution) * np.sqrt(1 + self.columns.entry.variance)
        # a ratio below 1/2: the ladder breaks every tie of the patterns after the first
        ladder = 0.4**mu
        shape = {
            "hierarchical": np.maximum(self.model.dilution**mu, NUDGE**2 * ladder),
            "parallel": 1 + NUDGE / (mu + np.sqrt(2)),
            "pure": np.where(mu == 0, 1.0, NUDGE * ladder),
            "symmetric": np.ones(mu.size),
            "paramagnet": np.zeros(mu.size),
        }
        return np.asarray(size * shape["hierarchical" if start == "retrieval" else start])

    def states(self, T: np.ndarray, start: str | np.ndarray) -> MultitaskingSolution:
        """Solve the equations of state from one of `starts`, or from overlaps.

        A ValueError names a temperature out of reach: T = 0 for more than 22 different
        overlaps that do not form a hierarchy, or, for K > 10 or many examples, a positive T
        below about 1e-6 of the fields.
        """
        flat = np.where(T < COLDEST, 0.0, T).ravel()
        if isinstance(start, str) or start.ndim == 1:
            overlaps = self.initial(start) if isinstance(start, str) else start
            self._check_shape(overlaps.shape, (self.model.n_patterns,))
            temperatures, where = np.unique(flat, return_inverse=True)
            n = np.tile(overlaps, (temperatures.size, 1))
        else:
            self._check_shape(start.shape, (*T.shape, self.model.n_patterns))
            temperatures, where = flat, np.arange(flat.size)
            n = start.reshape(flat.size, -1)
        nudged = isinstance(start, str) and start not in ("symmetric", "paramagnet")
        projector = None if nudged else symmetry_projector(n)
        solution = self.descend(n, temperatures, projector)
        return rearranged(solution, where.reshape(T.shape))

    def descend(
        self, n: np.ndarray, T: np.ndarray, projector: np.ndarray | None = None
    ) -> MultitaskingSolution:
        """Descend f from overlaps `n` of shape (B, K) at temperatures `T` of shape (B,)."""
        return self._measure(descend(self.columns, n, T, projector), T)

    def _check_shape(self, shape: tuple[int, ...], expected: tuple[int, ...]) -> None:
        if shape != expected:
            raise ValueError(
                f"start of shape {shape} is not of shape {expected}: one overlap for each of "
                f"the n_patterns = {self.model.n_patterns}, for all T or for each"
            )

    def _measure(self, end: Descent, T: np.ndarray) -> MultitaskingSolution:
        """Measure everything where a descent has ended."""
        order = np.argsort(-np.abs(end.n), axis=1, kind="stable")
        n = np.take_along_axis(end.n, order, axis=1)
        n = without_rounding(n, T, self.model.dilution, self.columns.entry.variance)
        m, q, flexible = self.columns.responses(n, T)
        m = np.where(n == 0, 0.0, m)
        sign = np.where(m[:, :1] < 0, -1.0, 1.0)
        hessian = np.eye(n.shape[1]) - end.averages.curvature
        stiffness = np.linalg.eigvalsh(hessian)[:, 0]
        stiffness[end.averages.singular] = -np.inf
        square = 0.5 * (end.n**2).sum(axis=1)
        ok = end.converged

        def valid(values: np.ndarray) -> np.ndarray:
            return np.where(ok.reshape(-1, *[1] * (values.ndim - 1)), values, np.nan)

        return MultitaskingSolution(
            m=valid(sign * m) + 0.0,  # no negative zeros
            n=valid(sign * n) + 0.0,
            q=valid(q),
            free_energy=valid(square - end.averages.potential),
            energy=valid(-square),
            replicon=valid(np.ones(T.size)),
            converged=ok,
            residual=end.residual,
            n_iter=end.n_iter,
            min_eigenvalue=valid(stiffness),
            example_eigenvalues=valid(self._example_eigenvalues(flexible)),
            label=np.where(ok, label(n, T), ""),
        )

    def _example_eigenvalues(self, flexible: np.ndarray) -> np.ndarray:
        rule = self.model.rule
        if rule.rows_per_pattern == 1:
            return np.full_like(flexible, np.nan)
        if rule.quality == 1:
            return np.ones_like(flexible)
        return 1 - rule.dataset_entropy * flexible


def check_model(model: Multitasking, most: int = 200) -> Multitasking:
    """Return `model`, a multitasking network with at most `most` patterns."""
    if not isinstance(model, Multitasking):
        kind = type(model).__name__
        raise ValueError(f"model of type {kind} is not a network of diluted patterns: Multitasking")
    domain.integer("n_patterns", model.n_patterns, f"[1, {most}]")
    return model


def rearranged(solution: MultitaskingSolution, where: np.ndarray) -> MultitaskingSolution:
    """Return the points `where` of a solution."""
    return MultitaskingSolution(**{k: np.asarray(v[where]) for k, v in solution.fields().items()})
