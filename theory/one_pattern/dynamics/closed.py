r"""Statistical neurodynamics: Gaussian noise that knows its last step alone.

S. Amari, K. Maginu, Neural Networks 1, 63 (1988), doi:10.1016/0893-6080(88)90022-6: the noise at
time t is an independent Gaussian of variance V(t), and a site does not feel its own past,

.. math:: m(t+1) = E \tanh\frac{uS(t) + \sqrt{V(t)}\,x}{T}, \qquad V = \alpha \sum_g g v W_v.

At P = 2 the overlap with a mode of eigenvalue v is carried on by the susceptibility
:math:`\chi = E\,\mathrm{sech}^2/T` of one step,

.. math:: W_v(t+1) = v + (v \chi)^2 W_v(t) + 2 v^2 \chi\,m(t+1) m(t),

where :math:`m(t+1) m(t)` stands for the correlation of successive spins; C and G over longer
times are left out.  With P >= 3 V is that of the first step.  Exact for that step, closed and
smooth; it misses that spins which have settled keep their noise.
"""

from __future__ import annotations

import numpy as np

from theory.compiled import compiled
from theory.course import Course, Trajectory
from theory.one_pattern.crosstalk import noise
from theory.one_pattern.replica import MeanField, signal, sites

__all__ = ["closed", "overlaps"]


def closed(
    field: MeanField, alpha: np.ndarray, T: np.ndarray, start: np.ndarray, course: Course
) -> Trajectory:
    """Close the equations, at points of one shape; C is known at equal times alone."""
    n_times = course.n_steps + 1
    m, n, chi = overlaps(field, alpha.ravel(), T.ravel(), start.ravel(), course.n_steps)
    C = np.full((alpha.size, n_times, n_times), np.nan)
    G = np.zeros(C.shape)
    C[:, range(n_times), range(n_times)] = 1.0
    G[:, range(1, n_times), range(n_times - 1)] = chi
    m, n = (one.reshape(*alpha.shape, n_times) for one in (m, field.law.mean * n))
    C, G = (one.reshape(*alpha.shape, n_times, n_times) for one in (C, G))
    t, exact = np.arange(n_times, dtype=float), np.zeros(m.shape)
    return Trajectory(t=t, m=m, n=n, m_err=exact, n_err=exact.copy(), C=C, G=G)


@compiled
def overlaps(
    field: MeanField, alpha: np.ndarray, T: np.ndarray, start: np.ndarray, n_steps: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return m and n of every time, and the susceptibility of every step."""
    crosstalk = field.crosstalk
    m, n = np.empty((alpha.size, n_steps + 1)), np.empty((alpha.size, n_steps + 1))
    chi = np.empty((alpha.size, n_steps))
    for i in range(alpha.size):
        carried = crosstalk.rank.copy()  # W, at P = 2
        V = alpha[i] * noise(crosstalk, 1.0, 0.0, T[i])[0]
        m[i, 0], n[i, 0] = start[i], field.law.mean * start[i]
        for t in range(n_steps):
            found = sites(field, signal(field.order, n[i, t]), V, T[i])
            m[i, t + 1], n[i, t + 1], chi[i, t] = found[0], found[1], found[3]
            if crosstalk.resummed:
                V = 0.0
                for g in range(carried.size):
                    v, grown = crosstalk.rank[g], crosstalk.rank[g] * chi[i, t]
                    new = v + grown**2 * carried[g] + 2 * v * grown * m[i, t + 1] * m[i, t]
                    carried[g] = new
                    V += alpha[i] * crosstalk.strength[g] * v * max(new, 0.0)
    return m, n, chi
