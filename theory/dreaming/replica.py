r"""The replica-symmetric equations of a network that has slept.

The couplings of all patterns but one are rotationally invariant, and the retrieved one is a
vector :math:`\xi` added to the rows of the Gram matrix:

.. math:: s^T (1 + t X)^{-1} s = \min_u \bigl[ (s - u \xi)^T (1 + t X')^{-1} (s - u \xi)
          + N u^2 / t \bigr] .

So the others see the replicas without their part u along the pattern, which is a saddle point
like the overlaps.  A site feels :math:`h = S \xi + \sqrt V x`, x normal, with (`spectrum`)

.. math:: S = \frac m{P E}, \qquad \frac um = \frac \tau E, \qquad
    V = (q - 2 u m + u^2)\,W'(\chi) = \Bigl[q - m^2 + (1 - \tau)^2 \frac{P^2}{E^2} m^2\Bigr]
    W'(\chi),

and :math:`m = E \tanh(h/T), \chi = E\,\mathrm{sech}^2(h/T)/T`.  These are the stationarity
conditions of

.. math:: f = \tfrac12 \Bigl[ S m + V \chi + W(\chi) \chi T - (W(\chi) - W(0))
              - T \int_0^\chi W \Bigr] - T E \ln 2\cosh(h/T),

per spin and without the diagonal of the couplings, whose elements are :math:`W(0)` for large N;
the energy is

.. math:: \frac{\langle H \rangle}N = -\tfrac12 \bigl[ S m + V \chi + W(\chi) - W(0) \bigr],

and replica symmetry is stable while :math:`W'(\chi)\,E\,\mathrm{sech}^4(h/T) < T^2`.  Without
sleep, :math:`P = E = 1`, they are those of Amit, Gutfreund and Sompolinsky
(`theory.one_pattern.replica`).

**In units of S/m** a state looks like one of the Hopfield network, with the field
:math:`m + \hat\sigma x`, the temperature :math:`\theta = T P E`, the susceptibility
:math:`\hat\chi = \chi/(P E)` and

.. math:: \alpha = \Lambda \frac EP (1 - \hat\chi), \qquad
    \hat\sigma^2 = \Lambda \frac{E^2 (q - m^2) + (1 - \tau)^2 P^2 m^2}
    {1 + 2 \tau (1 - \tau) \Lambda + \tau^2 (1 - \tau) \Lambda^2
     - \hat\chi E (1 - \tau \Lambda)} .
"""

from __future__ import annotations

import math

import numpy as np

from theory.averages.gaussian import log_cosh, quartic, random_field, thermal
from theory.compiled import compiled

from .spectrum import integral, ratio, slope

__all__ = ["energies", "fields", "fluctuation", "observables"]


@compiled
def fields(tau: float, alpha: float, m: float, q: float, chi: float) -> tuple[float, float, float]:
    r"""Return S, V and :math:`\Lambda` of order parameters; NaN where W has no branch."""
    x = ratio(tau, alpha, chi)
    if x == np.inf:
        return 0.0, 0.0, x
    P, E = 1 + tau * x, 1 + tau * (1 - tau) * x
    beside = q - m * m + ((1 - tau) * P / E * m) ** 2
    return m / (P * E), max(beside, 0.0) * slope(tau, x, chi), x


@compiled
def energies(
    tau: float, alpha: float, T: float, x: float, m: float, chi: float, S: float, V: float
) -> tuple[float, float]:
    r"""Return the free energy and the energy of a solution with :math:`\Lambda` = `x`."""
    rise, area = integral(tau, alpha, x)
    kept = S * m + V * chi
    soft = log_cosh(S, random_field(V, T))
    return 0.5 * (kept - rise - T * area) - soft, -0.5 * (kept + rise)


@compiled
def fluctuation(tau: float, T: float, x: float, chi: float, S: float, V: float) -> float:
    r"""Return :math:`W' E\,\mathrm{sech}^4(h/T) / T`, which is finite at T = 0.

    The replicon eigenvalue is 1 - this over T.
    """
    return slope(tau, x, chi) * quartic(S, random_field(V, T))


@compiled
def observables(
    tau: float, alpha: float, T: float, S: float, V: float
) -> tuple[float, float, float, float, float, float, float, float]:
    """Return (m, n = m, q, chi, free_energy, energy, replicon, residual) of a solution (S, V).

    The residual is the largest change of m or q when the field is computed from them, and they
    from it once more.
    """
    m, q, chi, _, _ = thermal(S, V, T)
    S_again, V_again, x = fields(tau, alpha, m, q, chi)
    again, q_again, _, _, _ = thermal(S_again, V_again, T)
    residual = max(abs(again - m), abs(q_again - q))
    free_energy, energy = energies(tau, alpha, T, x, m, chi, S, V)
    if T == 0:
        free_energy = energy
    tail = fluctuation(tau, T, x, chi, S, V)
    replicon = 1.0
    if tail > 0:
        replicon = 1 - tail / T if T > 0 else -np.inf
    if not math.isfinite(V_again):
        residual = np.inf
    return m, m, q, chi, free_energy, energy, replicon, residual
