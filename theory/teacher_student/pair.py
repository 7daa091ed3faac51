r"""The replica-symmetric equations of a student of pairs.

Given the teacher :math:`\xi` an example has independent spins of polarisation
:math:`\xi_i \sqrt{\beta^*/N}\,y`, y normal of variance :math:`1/(1 - \beta^*)`.  Its overlaps
:math:`x_a = \eta \cdot s^a/\sqrt N` with replicas are normal, of covariance
:math:`C_{ab} = q_{ab} + w m_a m_b` with :math:`w = \beta^*/(1 - \beta^*)`, m the overlap with the
teacher: nothing else of the examples counts, and examples of a fixed quality r, independent flips,
have the same C with :math:`w = r^2 N`.  The average over them,
:math:`\det(1 - C/T)^{-\alpha N/2}`, is for symmetric replicas

.. math:: f = \frac\alpha2 \Bigl[ T \ln(1 - \chi) - \frac{q + w m^2}{1 - \chi} + 1 \Bigr]
          + h m + \frac{\rho \chi}2 - T E \ln 2\cosh\frac{h + \sqrt\rho z}T, \qquad
          \chi = \frac{1 - q}T,

1 the self-interaction that is left out.  It is stationary where

.. math:: h = \frac{\alpha w m}{1 - \chi}, \quad
          \rho = \frac{\alpha (q + w m^2)}{(1 - \chi)^2}, \quad
          m = E \tanh\frac{h + \sqrt\rho z}T, \quad q = E \tanh^2\frac{h + \sqrt\rho z}T,

z normal.  So the examples are the crosstalk of a Hopfield network
(`theory.one_pattern.crosstalk`), and to its free energy and energy the teacher adds
:math:`\pm \alpha w m^2/2(1 - \chi)^2`; the replicon eigenvalue is the same function of
:math:`\chi`, since perturbations that sum up to zero do not see a C of rank one.

At the teacher's temperature :math:`1 + 1/w` a solution has m = q and :math:`h = \rho/T`
(F. Alemanno, L. Camanzi, G. Manzan, D. Tantari, arXiv:2304.13710).
"""

from __future__ import annotations

import numpy as np

from theory.averages.gaussian import log_cosh, quartic, random_field, thermal
from theory.compiled import compiled
from theory.one_pattern.crosstalk import (
    Crosstalk,
    crosstalk_energy,
    crosstalk_free_energy,
    instability,
    noise,
    susceptibility_gap,
)

__all__ = ["fields", "observables"]


@compiled
def fields(
    examples: Crosstalk, w: float, alpha: float, T: float, m: float, q: float, chi: float
) -> tuple[float, float]:
    r"""Return h and :math:`\rho` of order parameters."""
    gap = susceptibility_gap(1.0, q, chi, T)
    return alpha * w * m / gap, alpha * (noise(examples, q, chi, T)[0] + w * (m / gap) ** 2)


@compiled
def observables(
    examples: Crosstalk, w: float, alpha: float, T: float, h: float, rho: float
) -> tuple[float, float, float, float, float, float, float, float]:
    r"""Return (m, m, q, chi, free_energy, energy, replicon, residual) of a solution (h, rho).

    The residual is the largest change of m or q when the fields are computed from them, and they
    from the fields once more.
    """
    m, q, chi, _, _ = thermal(h, rho, T)
    again, q_again, _, _, _ = thermal(*fields(examples, w, alpha, T, m, q, chi), T)
    random = random_field(rho, T)
    gap = susceptibility_gap(1.0, q, chi, T)
    learnt = 0.5 * w * (m / gap) ** 2
    energy = alpha * (crosstalk_energy(examples, q, chi, T) - learnt)
    free_energy = alpha * (crosstalk_free_energy(examples, q, chi, T) + learnt)
    free_energy -= log_cosh(h, random)
    replicon = -np.inf
    if T > 0:
        replicon = 1 - alpha * instability(examples, q, chi, T) * quartic(h, random) / T
    else:
        free_energy = energy
    residual = max(abs(again - m), abs(q_again - q))
    return m, m, q, chi, free_energy, energy, replicon, residual
