r"""The replay of a sequence: the overlap with the pattern that is due, step after step.

In the gauge of the pattern that is due next every site feels

.. math:: h(t) = \tfrac P2 m(t)^{P-1} + \sqrt{V(t)}\,x, \qquad x \sim N(0, 1), \qquad
          m(t+1) = E \tanh\frac{h(t)}T, \qquad \chi(t+1) = E\,\mathrm{sech}^2\frac{h(t)}T / T .

The crosstalk is :math:`\varphi_i(t) = \frac P2 \sum_\mu \xi_i^{\mu+1} m_\mu(t)^{P-1}` over the
patterns that are not due, whose successors :math:`\xi^{\mu+1}` know nothing of :math:`m_\mu(t)`.

* No spin reacts to its own past.  A field on spin i changes :math:`m_\mu` along :math:`\xi_i^\mu`,
  which comes back along :math:`\xi_i^{\mu+1}`, and after l steps along :math:`\xi_i^{\mu+l}`: the
  signs of the many patterns cancel.  In symmetric couplings it comes back along itself.
* So a spin depends on the last field alone, :math:`G(t, t') = \chi(t)\,\delta_{t', t-1}`, and
  :math:`C(t, t') = \delta_{t t'}` where the fields of different times are not correlated: there
  the mean over the signs of the two patterns, and of the two Gaussians, vanishes.
* P = 2: :math:`m_{\mu+1}(t+1) = z_{\mu+1}(t+1) + \chi(t+1)\,m_\mu(t)`, the z independent Gaussians
  of covariance C/N.  Hence :math:`V(t, t') = \alpha C(t, t') + \chi(t) \chi(t') V(t-1, t'-1)`:
  nothing at different times, from :math:`V(0) = \alpha` on, and

  .. math:: V(t+1) = \alpha + \chi(t+1)^2\,V(t) .

  This is the recursion of statistical neurodynamics, here exact (M. Kawamura, M. Okada, J. Phys. A
  35, 253 (2002), doi:10.1088/0305-4470/35/2/306), and its stationary state
  :math:`V = \alpha/(1 - \chi^2)` that of A. During, A. C. C. Coolen, D. Sherrington,
  arXiv:cond-mat/9805073.
* P >= 3: :math:`m_\mu \sim N^{-1/2}` is that of a configuration which knows nothing of
  :math:`\xi^\mu`, up to :math:`\chi m_{\mu-1}^{P-1}`, which is smaller.  With the weights w of
  `theory.one_pattern.dense`, k = P alone for distinct indices,

  .. math:: V(t, t') = \frac\alpha2 \sum_k k\,w_k\,C(t, t')^{k-1}, \qquad
            V(t) = \alpha \tfrac P2 \;\text{(distinct)}, \quad
            \alpha \tfrac P2 \frac{(2P-3)!!}{(P-1)!} \;\text{(all)}:

  the first step of `hebbian.Dense`, at every step.  With all indices at odd P the term k = 1 is a
  random field that lasts, so that spins of different times are correlated, which the overlap does
  not feel.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from hebbian import Dense
from theory.averages.gaussian import thermal
from theory.closure import closure
from theory.compiled import compiled
from theory.course import Course, Trajectory
from theory.one_pattern.closure import ReplicaSymmetric
from theory.one_pattern.dense import self_term_weights
from theory.one_pattern.replica import MeanField, signal

__all__ = ["Replay", "follow", "overlaps", "replay", "shared"]


class Replay(NamedTuple):
    """What the equations of a replay need to know of a sequence."""

    field: MeanField  # of the dense network of the same order, whose first step it is
    strength: np.ndarray  # k w_k / 2
    rank: np.ndarray  # k - 1


def replay(order: int, indices: str) -> Replay:
    """Return the law of a sequence."""
    dense = closure(Dense(order=order, indices=indices))
    assert isinstance(dense, ReplicaSymmetric)
    weights = {2: 1.0} if order == 2 else self_term_weights(order, indices)
    return Replay(
        dense.field,
        np.array([0.5 * k * w for k, w in weights.items()]),
        np.array([float(k - 1) for k in weights]),
    )


@compiled
def shared(law: Replay, q: float) -> float:
    """Return the covariance of what two overlapping configurations add to the crosstalk, / alpha.

    At q = 1 its variance.
    """
    value = 0.0
    for s, k in zip(law.strength, law.rank):  # noqa: B905 - numba has no strict
        value += s * q**k
    return value


@compiled
def overlaps(
    law: Replay, alpha: np.ndarray, T: np.ndarray, start: np.ndarray, n_steps: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return m of every time, and the susceptibility of every step."""
    m, chi = np.empty((alpha.size, n_steps + 1)), np.empty((alpha.size, n_steps))
    power, order = shared(law, 1.0), law.field.order
    for i in range(alpha.size):
        m[i, 0], V = start[i], alpha[i] * power
        for t in range(n_steps):
            m[i, t + 1], _, chi[i, t], _, _ = thermal(signal(order, m[i, t]), V, T[i])
            if order == 2:
                V = alpha[i] + chi[i, t] ** 2 * V
    return m, chi


def follow(
    law: Replay, alpha: np.ndarray, T: np.ndarray, start: np.ndarray, course: Course
) -> Trajectory:
    """Return the trajectory, at points of one shape; nothing is sampled."""
    n_times = course.n_steps + 1
    m, chi = overlaps(law, alpha.ravel(), T.ravel(), start.ravel(), course.n_steps)
    C, G = np.zeros((2, alpha.size, n_times, n_times))
    if law.rank.min() == 0:
        C[alpha.ravel() > 0] = np.nan
    C[:, range(n_times), range(n_times)] = 1.0
    G[:, range(1, n_times), range(n_times - 1)] = chi
    m = m.reshape(*alpha.shape, n_times)
    C, G = (one.reshape(*alpha.shape, n_times, n_times) for one in (C, G))
    t, exact = np.arange(n_times, dtype=float), np.zeros(m.shape)
    return Trajectory(t=t, m=m, n=m.copy(), m_err=exact, n_err=exact.copy(), C=C, G=G)
