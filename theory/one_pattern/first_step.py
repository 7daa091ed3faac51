r"""One parallel step of the dynamics: signal against noise.

All spins of a configuration of overlap :math:`m_0` with an archetype, drawn independently
of everything else, are updated at once.  In the gauge of that archetype a spin feels

.. math:: h = u S + \sqrt V x, \qquad S = \tfrac P2 (c\,m_0)^{P-1}, \qquad x \sim N(0, 1),

u the normalised example mean on its site and :math:`c = E u = 1/\sqrt{1 + \rho}`
(`theory.averages.example_law`): the overlap of the start with the examples is
:math:`\tilde n = c\,m_0`, with a teacher and without one alike.  The classes that are not
retrieved know nothing of the start, whose spins have q = 1 whatever :math:`m_0` is, so that
V is the `crosstalk` at q = 1 and :math:`\chi = 0`: :math:`V = \alpha \kappa P/2` with
distinct indices, larger by (2P-3)!!/(P-1)! with all of them.  Hence

.. math:: m_1 = E \tanh(h/T), \qquad E h = c S, \qquad
          {\rm Var}\,h = (1 - c^2) S^2 + V,

and for a Gaussian u, at T = 0 and :math:`m_0 = 1`, :math:`m_1 = {\rm erf}(1/\sqrt{2x})` with
:math:`x = {\rm Var}\,h/(E h)^2 = \rho + (2\alpha/P)\,\kappa\,(1 + \rho)^P` (P. Baldi,
S. S. Venkatesh, Phys. Rev. Lett. 58, 913 (1987), doi:10.1103/PhysRevLett.58.913;
arXiv:2212.00606; arXiv:2211.14067).  In one step the noise is Gaussian at every order, P = 2
included; from the second step on the spins know the noise.
"""

from __future__ import annotations

import numpy as np

from theory.compiled import compiled
from theory.solution import SignalToNoise

from .crosstalk import noise
from .replica import MeanField, signal, sites

__all__ = ["first_step"]


def first_step(
    field: MeanField, alpha: np.ndarray, T: np.ndarray, start: np.ndarray
) -> SignalToNoise:
    """Take the step from configurations of overlap `start`, on arrays of one shape."""
    columns = _steps(field, alpha.ravel(), T.ravel(), start.ravel()).T
    m, mean, variance = (column.reshape(alpha.shape) for column in columns)
    return SignalToNoise(m=m, field_mean=mean, field_variance=variance)


@compiled
def _steps(field: MeanField, alpha: np.ndarray, T: np.ndarray, start: np.ndarray) -> np.ndarray:
    """Return rows (m, field_mean, field_variance)."""
    out = np.empty((alpha.size, 3))
    law = field.law
    for i in range(alpha.size):
        S = signal(field.order, law.mean * start[i])
        V = alpha[i] * noise(field.crosstalk, 1.0, 0.0, T[i])[0]
        out[i, 0] = sites(field, S, V, T[i])[0]
        out[i, 1] = law.mean * S
        out[i, 2] = (law.spread + law.deviation**2) * S**2 + V
    return out
