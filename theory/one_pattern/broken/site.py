r"""Site averages with one step of replica-symmetry breaking, at any temperature down to zero.

The field of a site is :math:`h = w + s y`: w is common to the states of a cluster,
:math:`w \sim N(u S, V_1)`, and :math:`s y`, :math:`y \sim N(0, 1)`, tells them apart.  The
states are weighted with :math:`(2\cosh h/T)^\theta = e^{\mu g}`,
:math:`g = T \ln 2\cosh(h/T)` and :math:`\mu = \theta/T` finite at T = 0, so that

.. math:: \Phi(w) = \frac1\mu \ln \int Dy\, e^{\mu g(w + s y)}, \qquad
          \langle a \rangle_w = \int Dy\, a\, e^{\mu (g - \Phi)}, \qquad
          \langle \tanh \rangle = \Phi'.

Far from w = 0 nothing is left of the temperature or of the weight:
:math:`\Phi = |w| + \mu s^2/2`, :math:`\langle\tanh\rangle = \mathrm{sign}\,w`.  Averages over w
are those closed forms plus what differs from them, which lives within
:math:`|w| \lesssim 9 s + 19 T` and is integrated there by Gauss-Legendre panels: the split of
`theory.averages.gaussian`, with which narrow and wide distributions are equally accurate.
"""

from __future__ import annotations

import math

import numpy as np

from theory.averages.example_law import ExampleLaw
from theory.compiled import compiled

__all__ = ["cluster_site", "cluster_sites"]

_FINEST = 0.125
_SQRT2 = math.sqrt(2)
_SQRT_2PI = math.sqrt(2 * math.pi)

_PANEL, _PANEL_WEIGHT = np.polynomial.legendre.leggauss(64)
_PANEL, _PANEL_WEIGHT = 0.5 * (_PANEL + 1), 0.5 * _PANEL_WEIGHT

# Half line in units of T; the weight with theta = 1 needs twice the range of `gaussian`.
_K, _K_WEIGHT = np.polynomial.legendre.leggauss(80)
_K, _K_WEIGHT = 19.0 * (_K + 1), 19.0 * _K_WEIGHT
_DECAY = np.exp(-2 * _K)
_TANH = (1 - _DECAY) / (1 + _DECAY)
_ONE_MINUS_TANH = 2 * _DECAY / (1 + _DECAY)
_SECH2 = 4 * _DECAY / (1 + _DECAY) ** 2
_SOFT = np.log1p(_DECAY)


@compiled
def _normal_below(x: float) -> float:
    return 0.5 * math.erfc(-x / _SQRT2)


@compiled
def cluster_site(w: float, s: float, mu: float, T: float) -> tuple[float, float, float, float]:
    r"""Average over the states of a cluster at a site, w >= 0.

    Returns the excess :math:`\Phi - w - \mu s^2/2`, the deficit :math:`1 - \langle\tanh\rangle`,
    the susceptibility :math:`\langle\mathrm{sech}^2\rangle / T` and the field's excess
    :math:`\langle g \rangle - w - \mu s^2`.

    Both sides of :math:`e^{\mu g}` are measured from :math:`e^{\mu w + \mu^2 s^2/2}`.
    Trapezoid in y for s <= 2T; beyond, the zero-temperature form and what temperature
    changes of it near h = 0.
    """
    b = mu * s
    theta = mu * T
    if s <= 2 * T:
        ratio = s / T
        step = _FINEST * (4 if ratio <= 0.4 else (2 if ratio <= 0.9 else 1))
        low = -int((8.75 + 2 * b) / step)
        change = lost = soft = rest = 0.0
        for j in range(low, int(8.75 / step) + 1):
            x = j * step
            # The weight is normal around y = b, times (1 + exp(-2h/T))^theta.
            k = (w + s * b + s * x) / T
            decay = math.exp(-2 * k)
            log = math.log1p(decay)
            base = math.exp(-0.5 * x * x)
            extra = math.expm1(theta * log)
            weight = (1 + extra) * base
            change += extra * base
            lost += weight * 2 * decay / (1 + decay)
            soft += weight * 4 * decay / (1 + decay) ** 2
            # The normal weight alone has no mean x.
            rest += extra * base * s * x + weight * T * log
        scale = step / _SQRT_2PI
        norm = (1 + scale * change) / scale
        return math.log1p(scale * change) / mu, lost / norm, soft / norm / T, rest / norm
    z = w / s
    below = math.exp(-2 * b * z) * _normal_below(b - z)
    peak = math.exp(-0.5 * (z + b) ** 2) / _SQRT_2PI
    change = below - _normal_below(-z - b)
    lost = 2 * below
    rest = 2 * s * peak - 2 * w * below
    soft = 2 * peak / s
    if T > 0:
        soft = 0.0
        for j in range(_K.size):
            h = T * _K[j]
            right = _K_WEIGHT[j] * math.exp(-0.5 * ((h - w) / s - b) ** 2)
            left = _K_WEIGHT[j] * math.exp(-0.5 * ((h + w) / s - b) ** 2 - 2 * b * z)
            right *= T / (s * _SQRT_2PI)
            left *= T / (s * _SQRT_2PI)
            extra = math.expm1(theta * _SOFT[j])
            change += extra * (right + left)
            lost += (1 + extra) * _ONE_MINUS_TANH[j] * right
            lost += ((1 + extra) * (1 + _TANH[j]) - 2) * left
            soft += (1 + extra) * _SECH2[j] / T * (right + left)
            both = (1 + extra) * (h + T * _SOFT[j]) - h - (w + s * b) * extra
            rest += both * (right + left)
    norm = 1 + change
    return math.log1p(change) / mu, lost / norm, soft / norm, rest / norm


@compiled
def cluster_sites(
    law: ExampleLaw, S: float, V: float, s: float, mu: float, T: float
) -> tuple[float, float, float, float, float, float, float, float]:
    r"""Average over the sites.

    V is the variance :math:`V_1 > 0` of the noise common to the cluster, s the amplitude of that
    inside it.  Returns

    * :math:`m = E\langle\tanh\rangle`, :math:`n = E\,u\langle\tanh\rangle`,
      :math:`1 - q_1 = 1 - E\langle\tanh\rangle^2`;
    * :math:`q_2 - q_1`, not a difference of averages, which loses it where it is small;
    * :math:`(1 - q_2)/T = E\langle\mathrm{sech}^2\rangle/T` and :math:`E |w|`;
    * the averages of the excess of `cluster_site` and of it minus the field's.
    """
    variance = V + law.spread * S**2
    sigma = math.sqrt(variance)
    peak = 1 / (_SQRT_2PI * sigma)
    m = n = common = 0.0
    top = 0.0
    for u, weight in zip(law.u, law.weight):  # noqa: B905 - numba has no strict
        t = math.erf(u * S / (_SQRT2 * sigma))
        m += weight * t
        n += weight * u * t
        common += weight * (u * S * t + 2 * variance * peak * math.exp(-0.5 * (u * S / sigma) ** 2))
        top = max(top, abs(u) * S)
    reach = min(9 * s + 19 * T, top + 9 * sigma)
    panels = math.ceil(reach / (8 * sigma))
    width = reach / panels
    gap_1 = step = chi = slope = excess = complexity = 0.0
    for i in range(panels):
        for j in range(_PANEL.size):
            w = (i + _PANEL[j]) * width
            even = odd = odd_u = 0.0
            for u, weight in zip(law.u, law.weight):  # noqa: B905 - numba has no strict
                right = weight * math.exp(-0.5 * ((w - u * S) / sigma) ** 2)
                left = weight * math.exp(-0.5 * ((w + u * S) / sigma) ** 2)
                even += right + left
                odd += right - left
                odd_u += u * (right - left)
            if even < 1e-22:
                continue
            scale = peak * width * _PANEL_WEIGHT[j]
            density = scale * even
            phi, lost, soft, rest = cluster_site(w, s, mu, T)
            m -= scale * odd * lost
            n -= scale * odd_u * lost
            free = lost * (2 - lost)
            gap_1 += density * free
            step += density * (free - T * soft)
            chi += density * soft
            slope += density * (soft + mu * (free - T * soft))
            excess += density * phi
            complexity += density * (phi - rest)
    # Integration by parts over a Gaussian u.
    n += law.spread * S * slope
    return m, n, gap_1, step, chi, common, excess, complexity
