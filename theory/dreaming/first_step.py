r"""One parallel step of the dynamics: signal against noise.

The spins of a configuration of overlap :math:`m_0` with a pattern, drawn independently of
everything else, are updated at once.  They have answered to nothing: their field is that of
`replica` at q = 1 and :math:`\chi = 0`,

.. math:: S = \frac{m_0}{P_0 E_0}, \qquad
    V = \Bigl[1 - m_0^2 + (1 - \tau)^2 \frac{P_0^2}{E_0^2} m_0^2\Bigr] W'(0),

where :math:`W'(0)` is the variance of the spectrum.  The diagonal of the couplings, which would
only keep spins where they are, does not take part.
"""

from __future__ import annotations

import numpy as np

from theory.averages.gaussian import thermal
from theory.compiled import compiled
from theory.solution import SignalToNoise

from .replica import fields

__all__ = ["first_step"]


def first_step(tau: float, alpha: np.ndarray, T: np.ndarray, start: np.ndarray) -> SignalToNoise:
    """Take the step from configurations of overlap `start`, on arrays of one shape."""
    columns = _steps(tau, alpha.ravel(), T.ravel(), start.ravel()).T
    m, mean, variance = (column.reshape(alpha.shape) for column in columns)
    return SignalToNoise(m=m, field_mean=mean, field_variance=variance)


@compiled
def _steps(tau: float, alpha: np.ndarray, T: np.ndarray, start: np.ndarray) -> np.ndarray:
    out = np.empty((alpha.size, 3))
    for i in range(alpha.size):
        S, V, _ = fields(tau, alpha[i], start[i], 1.0, 0.0)
        out[i] = thermal(S, V, T[i])[0], S, V
    return out
