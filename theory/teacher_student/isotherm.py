r"""All states of a student of pairs that knows its teacher.

With the noise amplitude :math:`\sigma = \sqrt\rho` and the ratio :math:`\kappa = h/\sigma` of
signal to noise, the equations of `pair` for h and :math:`\rho` are

.. math:: T(\kappa, \sigma):\quad \sigma (1 - \chi) = \frac qw \frac\kappa m + \kappa m, \qquad
          \alpha = \frac{q}{w^2} \frac{\kappa^2}{m^2} + \frac{\kappa^2}w,

and m, q and :math:`\chi` are averages over a field :math:`\sigma (\kappa + z)`.  At fixed T and
:math:`\kappa` the first has one root :math:`\sigma`, since as an equation for T at fixed
:math:`\sigma/T` its solution falls with :math:`\sigma/T`; the load of the second then rises with
:math:`\kappa`.  So every load from `onset` on has one state, and m grows continuously from 0.
(Both are monotonic at all w from 1e-3 to 1e3 and all temperatures that were tried, and at T = 0
where :math:`\alpha = \kappa^2/w^2\,\mathrm{erf}^2(\kappa/\sqrt2) + \kappa^2/w`.)

The onset has :math:`\kappa = 0` below the teacher's temperature :math:`1 + 1/w`, where the student
leaves the glass, and :math:`\sigma = 0` above, where it leaves the paramagnet at
:math:`T = 1 + \alpha w`.  The numbers are :math:`\kappa^2` and :math:`m/\kappa`, which are
smooth there.
"""

from __future__ import annotations

import math

from theory.averages.gaussian import thermal
from theory.compiled import compiled
from theory.one_pattern.crosstalk import susceptibility_gap
from theory.roots import inside

__all__ = ["crossing", "onset"]

_SMALL = 1e-6  # kappa^2 below which m/kappa is known better from its series
_WEAK = 1e-5  # (field/T)^2 below which tanh is


@compiled
def _weak_site(
    k2: float, b: float, T: float
) -> tuple[float, float, float, float, float, float, float]:
    r"""Return `_site` by the series of tanh at :math:`b = \sigma/T`, the rounding of q included."""
    two, four = 1 + k2, 3 + k2 * (6 + k2)  # moments of kappa + z
    six = 15 + k2 * (45 + k2 * (15 + k2))
    three, five = 3 + k2, 15 + k2 * (10 + k2)  # over kappa
    b2 = b * b
    tilt = b * (1 - b2 * (three / 3 - b2 * 2 * five / 15))
    q = b2 * (two - b2 * (2 * four / 3 - b2 * 17 * six / 45))
    q_k = b2 * (1 - b2 * (4 * (3 + k2) / 3 - b2 * 17 * (45 + k2 * (30 + 3 * k2)) / 45))
    q_b = b * (2 * two - b2 * (8 * four / 3 - b2 * 34 * six / 15))
    tilt_k = -b * b2 * (1 / 3 - b2 * 4 * (5 + k2) / 15)
    tilt_b = 1 - b2 * (three - b2 * 2 * five / 3)
    return tilt, q, (1 - q) / T, tilt_k, -q_k / T, tilt_b / T, -q_b / T**2


@compiled
def _site(
    k2: float, sigma: float, T: float
) -> tuple[float, float, float, float, float, float, float]:
    r"""Return :math:`m/\kappa`, q, chi and the derivatives of the first and the last.

    In :math:`\kappa^2`, then in :math:`\sigma`.
    """
    kappa = math.sqrt(k2)
    if (3 + k2) * sigma**2 < _WEAK * T**2:
        return _weak_site(k2, sigma / T, T)
    m, q, chi, psi, omega = thermal(kappa * sigma, sigma**2, T)
    if k2 < _SMALL:
        bend = sigma**3 * omega / 6
        tilt, loss = sigma * chi - 2 * k2 * bend, -0.5 * sigma * omega
    else:
        tilt, loss = m / kappa, psi / kappa
        bend = 0.5 * (sigma * chi - tilt) / k2
    return (
        tilt, q, chi, bend, -sigma * loss, chi - 2 * sigma * loss, sigma * omega - 2 * k2 * loss
    )  # fmt: skip


@compiled
def _amplitude(w: float, T: float, k2: float, sigma: float) -> tuple[float, float, float]:
    r"""Return :math:`\sigma(\kappa^2)` from a guess, the load there and its derivative."""
    low, high = 0.0, math.inf
    load = slope = 0.0
    for _ in range(200):
        tilt, q, chi, tilt_k, chi_k, tilt_s, chi_s = _site(k2, sigma, T)
        need = q / (w * tilt) + k2 * tilt
        bent = k2 - q / (w * tilt**2)  # d need / d tilt
        value = sigma * susceptibility_gap(1.0, q, chi, T) - need
        value_s = (need + value) / sigma - sigma * chi_s + T * chi_s / (w * tilt) - bent * tilt_s
        value_k = -sigma * chi_k + T * chi_k / (w * tilt) - bent * tilt_k - tilt
        if value < 0:
            low = sigma
        else:
            high = sigma
        step = -value / (value_s - value / sigma)  # of value / sigma, which rises
        load = q / (w * tilt) ** 2 + k2 / w
        turn = -value_k / value_s
        change = tilt_k + tilt_s * turn
        slope = 1 / w - (T * (chi_k + chi_s * turn) + 2 * q / tilt * change) / (w * tilt) ** 2
        new = sigma + step
        if not (low < new < high):
            new = 2 * sigma if high == math.inf else 0.5 * (low + high)
        if abs(step) <= 1e-15 * sigma or (high < math.inf and high - low <= 4e-16 * high):
            break
        sigma = new
    return sigma, load, slope


@compiled
def onset(w: float, T: float) -> tuple[float, float, float]:
    r"""Return :math:`\kappa^2, \sigma` and the load at which the student begins to learn."""
    from_paramagnet = T / (1 + 1 / w) - 1
    if from_paramagnet >= 0:
        return from_paramagnet, 0.0, (T - 1) / w
    sigma, load, _ = _amplitude(w, T, 0.0, math.sqrt(2 / math.pi) + 1 / w)
    return 0.0, sigma, load


@compiled
def crossing(
    w: float, T: float, alpha: float, k2_onset: float, sigma_onset: float, load: float
) -> tuple[float, float, int]:
    r"""Return h, :math:`\rho` and n_iter of the state at a load, NaN up to that of the `onset`."""
    if not alpha > load:
        return math.nan, math.nan, 0
    # q >= m^2 bounds kappa.
    low, high = k2_onset, alpha * w**2 / (1 + w)
    k2 = low + (high - low) * (1 - load / alpha)
    sigma = max(sigma_onset, 0.5 * math.sqrt(k2))
    for iteration in range(1, 100):
        sigma, here, slope = _amplitude(w, T, k2, sigma)
        if here < alpha:
            low = k2
        else:
            high = k2
        step = (alpha - here) / slope
        # Next to the onset the load itself is rounded.
        if abs(step) <= 4e-15 * (k2 + alpha / slope) or high - low <= 2e-16 * high:
            return math.sqrt(k2) * sigma, sigma**2, iteration
        k2 = inside(k2 + step, low, high)
    return math.sqrt(k2) * sigma, sigma**2, 100
