r"""Gaussian averages of a spin in a random field, at any temperature down to zero.

The field :math:`h = \mu + \sigma x`, :math:`x \sim N(0, 1)`, polarises a spin to
:math:`\tanh(h/T)`.  Two exact representations share the work:

* :math:`\sigma \le 5T`: trapezoid rule in x.  The integrand is analytic up to the pole of
  tanh at distance :math:`d = \pi T / 2\sigma`, where the density is larger by
  :math:`e^{d^2/2}`: a step h with :math:`1/h = 4.5\,\sigma/T + T/8\sigma` leaves an
  error of :math:`e^{-2 \pi d/h + d^2/2} = e^{-4.5 \pi^2}` times the residue.  With
  :math:`e^{-2h/T} = e^{-2\mu/T} e^{-2\sigma x/T}` and the second factor tabulated once for
  all means, no node needs an exponential.
* :math:`\sigma > 5T`: the distribution of fields is smooth on the scale T of a spin, and
  temperature adds derivatives of it to the zero-temperature form (Sommerfeld's expansion),

  .. math:: E \tanh(h/T) = \sum_n c_n T^{2n}\,\partial_\mu^{2n}\,
            \mathrm{erf}\frac{\mu}{\sigma\sqrt2}, \qquad
            \sum_n c_n s^{2n} = \frac{\pi s/2}{\sin(\pi s/2)}.

  The derivatives are Hermite polynomials.  The series is asymptotic, with a smallest term
  below 1e-20 of the first at :math:`\sigma = 5T`.

Both agree with adaptive quadrature to 1e-13, and T = 0 is the limit of the second.
Gauss-Hermite rules fail here: with 200 nodes they are wrong by 1e-3 at T = 0.01.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from theory.compiled import compiled, compiled_sum

__all__ = ["RandomField", "log_cosh", "polarisation", "quartic", "random_field", "thermal"]

_FINEST = 1 / 120
_DENSITY = np.exp(-0.5 * (np.arange(9 * 120 + 1) * _FINEST) ** 2) / math.sqrt(2 * math.pi)

_WIDE = 5.0  # sigma/T from which on the expansion is used
_TERMS = 24


def _expansion() -> np.ndarray:
    """Return the coefficients c_n, from the product of x/sin x and sin x / x."""
    c = np.ones(_TERMS)
    for n in range(1, _TERMS):
        c[n] = -sum(
            (-1) ** k * (math.pi / 2) ** (2 * k) / math.factorial(2 * k + 1) * c[n - k]
            for k in range(1, n + 1)
        )
    return c


_C = _expansion()
_SQRT2 = math.sqrt(2)
_SQRT_2PI = math.sqrt(2 * math.pi)


class RandomField(NamedTuple):
    """A Gaussian random field without its mean: its amplitude and the temperature.

    `decay` and `weight` are exp(-2 sigma x/T) on the nodes x of the trapezoid rule, and their
    weights; empty where the expansion takes its place.
    """

    sigma: float
    T: float
    decay: np.ndarray
    weight: np.ndarray


@compiled
def random_field(variance: float, T: float) -> RandomField:
    """Prepare averages in a random field of one variance for any number of means."""
    sigma = math.sqrt(variance)
    if not (sigma <= _WIDE * T and T > 0):
        return RandomField(sigma, T, np.empty(0), np.empty(0))
    b = sigma / T
    if b == 0:
        return RandomField(sigma, T, np.ones(1), np.ones(1))
    # Weak noise: the density alone, with its error exp(-2 pi^2 / h^2), sets the step.
    stride = int((8 * b / (36 * b * b + 1) if b > 0.25 else 0.6) / _FINEST)
    half = (_DENSITY.size - 1) // stride
    decay, weight = np.empty(2 * half + 1), np.empty(2 * half + 1)
    step = stride * _FINEST
    for j in range(half + 1):
        factor = math.exp(-2 * b * step * j)
        decay[half + j], decay[half - j] = factor, 1 / factor
        weight[half + j] = weight[half - j] = step * _DENSITY[j * stride]
    return RandomField(sigma, T, decay, weight)


@compiled_sum
def _trapezoid(random: RandomField, decay: float) -> tuple[float, float, float, float, float]:
    """Sum tanh, tanh^2, sech^2, tanh sech^2 and sech^2 (4 - 6 sech^2) over the nodes."""
    tanh = tanh2 = sech2 = odd = even = 0.0
    for j in range(random.decay.size):
        e = decay * random.decay[j]
        r = 1 / (1 + e)
        t = (1 - e) * r
        s = 4 * e * r * r
        w = random.weight[j]
        tanh += w * t
        tanh2 += w * t * t
        sech2 += w * s
        odd += w * t * s
        even += w * s * (4 - 6 * s)
    return tanh, tanh2, sech2, odd, even


@compiled
def _saturated(mean: float, random: RandomField) -> bool:
    """Whether nothing is left of temperature and noise: no field near zero."""
    if random.decay.size > 0:
        return abs(mean) - 9 * random.sigma > 20 * random.T
    # The density of zero fields is below the smallest float.
    return random.sigma == 0 or abs(mean) - 19 * random.T > 39 * random.sigma


@compiled
def _expanded(z: float, ratio: float) -> tuple[float, float, float, float, float]:
    r"""Sum the expansion at :math:`z = \mu/\sigma` in powers of `ratio` = (T/sigma)^2.

    Returns
    -------
    soft, shift, chi, psi, omega : float
        :math:`\sum_n c_n (T/\sigma)^{2n} He_{2n+j}(z)` for j = -2, ..., 2, from n = 1 in
        the first two.
    """
    even, odd, before = 1.0, 0.0, 0.0  # of degrees 2n, 2n - 1 and 2n - 2
    soft = shift = chi = psi = omega = 0.0
    for n in range(_TERMS):
        soft += _C[n] * ratio * before
        shift += _C[n] * ratio * odd
        odd = z * even - 2 * n * ratio * odd
        above = z * odd - (2 * n + 1) * even
        chi += _C[n] * even
        psi += _C[n] * odd
        omega += _C[n] * above
        before, even = even, ratio * above
        if abs(even) + (2 * n + 2) * ratio * abs(odd) <= 1e-18:
            break
    return soft, shift, chi, psi, omega


@compiled
def polarisation(mean: float, random: RandomField) -> tuple[float, float, float, float, float]:
    """Return `thermal` at one of many means of a random field."""
    sigma, T = random.sigma, random.T
    sign = float(np.sign(mean))
    if _saturated(mean, random):
        return sign, 1.0, 0.0, 0.0, 0.0
    if random.decay.size > 0:
        t, t2, s, odd, even = _trapezoid(random, math.exp(-2 * abs(mean) / T))
        return sign * t, t2, s / T, sign * odd / T**2, even / T**3
    z = abs(mean) / sigma
    p = math.exp(-0.5 * z * z) / _SQRT_2PI
    _, shift, chi, psi, omega = _expanded(z, (T / sigma) ** 2)
    chi *= 2 * p / sigma
    return (
        sign * (math.erf(z / _SQRT2) - 2 * p * shift),
        1 - T * chi,
        chi,
        sign * p * psi / sigma**2,
        2 * p * omega / sigma**3,
    )


@compiled
def thermal(mean: float, variance: float, T: float) -> tuple[float, float, float, float, float]:
    r"""Average the magnetization of a spin and its derivatives.

    Parameters
    ----------
    mean, variance : float
        Of the Gaussian field.
    T : float
        Temperature, at least 0; where the variance vanishes with it, a spin without field
        has magnetization 0 and its infinite susceptibility is left out.

    Returns
    -------
    magnetization : float
        :math:`t = E \tanh(h/T)`.
    q : float
        :math:`E \tanh^2(h/T) = 1 - T \chi`, also where that difference cancels.
    susceptibility : float
        :math:`\chi = \partial t / \partial\mu = E\,\mathrm{sech}^2(h/T) / T`.
    loss : float
        :math:`\psi = -\partial t / \partial\sigma^2 = -\frac12 \partial\chi/\partial\mu`.
    curvature : float
        :math:`\omega = \partial^2\chi/\partial\mu^2 = 2\,\partial\chi/\partial\sigma^2`.

    Examples
    --------
    Without noise, and at zero temperature:

    >>> round(thermal(0.5, 0.0, 1.0)[0], 12), round(math.tanh(0.5), 12)
    (0.46211715726, 0.46211715726)
    >>> round(thermal(0.5, 1.0, 0.0)[0], 12), round(math.erf(0.5 / math.sqrt(2)), 12)
    (0.382924922548, 0.382924922548)
    """
    return polarisation(mean, random_field(variance, T))


@compiled
def log_cosh(mean: float, random: RandomField) -> float:
    """Average T ln 2 cosh(h/T); the mean of abs(h) at T = 0.

    Examples
    --------
    >>> soft = log_cosh(0.3, random_field(0.0, 2.0))
    >>> round(soft, 12), round(2 * math.log(2 * math.cosh(0.15)), 12)
    (1.408710488937, 1.408710488937)
    """
    sigma, T = random.sigma, random.T
    if random.decay.size > 0:
        decay = math.exp(-2 * abs(mean) / T)
        total = 0.0
        for j in range(random.decay.size):
            total += random.weight[j] * math.log1p(decay * random.decay[j])
        return abs(mean) + T * total
    if _saturated(mean, random):
        return abs(mean)
    z = abs(mean) / sigma
    peak = 2 * math.exp(-0.5 * z * z) / _SQRT_2PI
    soft = _expanded(z, (T / sigma) ** 2)[0]
    return sigma * (z * math.erf(z / _SQRT2) + peak * (1 + soft))


@compiled
def quartic(mean: float, random: RandomField) -> float:
    """Average sech^4(h/T) / T, which stays finite at T = 0.

    Examples
    --------
    >>> round(quartic(0.0, random_field(1.0, 0.0)) * math.sqrt(2 * math.pi), 12)
    1.333333333333
    """
    T = random.T
    if random.decay.size > 0:
        decay = math.exp(-2 * abs(mean) / T)
        total = 0.0
        for j in range(random.decay.size):
            e = decay * random.decay[j]
            total += random.weight[j] * (4 * e / (1 + e) ** 2) ** 2
        return total / T
    if _saturated(mean, random):
        return 0.0
    _, _, chi, _, omega = polarisation(mean, random)
    return (4 * chi - T**2 * omega) / 6  # (sech^2)'' = 4 sech^2 - 6 sech^4
