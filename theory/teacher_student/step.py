r"""One parallel step of a student of pairs.

Spins of overlap :math:`m_0` with the teacher that know nothing else of the examples feel

.. math:: h_i = \sum_a \eta_i^a m_a: \qquad \xi_i E h_i = \alpha w m_0, \qquad
          {\rm Var}\,h_i = \sum_a E m_a^2 = \alpha (1 + w m_0^2),

`theory.teacher_student.pair` at q = 1 and without a response.
"""

from __future__ import annotations

import numpy as np

from theory.averages.gaussian import thermal
from theory.compiled import compiled
from theory.solution import SignalToNoise

__all__ = ["first_pair_step"]


def first_pair_step(w: float, alpha: np.ndarray, T: np.ndarray, start: np.ndarray) -> SignalToNoise:
    """Take the step from configurations of overlap `start`, on arrays of one shape."""
    mean, variance = alpha * w * start, alpha * (1 + w * start**2)
    m = _magnetizations(mean.ravel(), variance.ravel(), T.ravel()).reshape(mean.shape)
    return SignalToNoise(m=m, field_mean=mean, field_variance=variance)


@compiled
def _magnetizations(mean: np.ndarray, variance: np.ndarray, T: np.ndarray) -> np.ndarray:
    out = np.empty(mean.size)
    for i in range(mean.size):
        out[i] = thermal(mean[i], variance[i], T[i])[0]
    return out
