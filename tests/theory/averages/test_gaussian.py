"""Gaussian averages against adaptive quadrature split at the zero of the field."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad

from theory.averages.gaussian import log_cosh, quartic, random_field, thermal


def average(function, mean, sigma, T):
    """E function(h/T) by quad on intervals that end at the zero of h."""
    zero = -mean / sigma
    near = zero + np.array([-20, -5, -1, 0, 1, 5, 20]) * T / sigma
    ends = np.unique(np.clip(np.concatenate([[-11, -4, 0, 4, 11], near]), -11, 11))
    total = 0.0
    for low, high in pairwise(ends):
        total += quad(
            lambda x: np.exp(-x * x / 2) * function((mean + sigma * x) / T),
            low,
            high,
            epsabs=1e-14,
            epsrel=1e-10,
        )[0]
    return total / np.sqrt(2 * np.pi)


def sech2(k):
    return 4 * np.exp(-2 * abs(k)) / (1 + np.exp(-2 * abs(k))) ** 2


@pytest.mark.parametrize("T", [2.0, 0.51, 0.3, 0.05, 1e-3])
@pytest.mark.parametrize("sigma", [0.1, 0.5, 1.0])
@pytest.mark.parametrize("mean", [0.0, 0.2, -1.3])
def test_averages(mean, sigma, T):
    t, q, chi, psi, omega = thermal(mean, sigma**2, T)
    assert t == pytest.approx(average(np.tanh, mean, sigma, T), abs=2e-13)
    assert q == pytest.approx(average(lambda k: np.tanh(k) ** 2, mean, sigma, T), abs=2e-13)
    assert chi * T == pytest.approx(average(sech2, mean, sigma, T), abs=2e-13)
    odd = average(lambda k: np.tanh(k) * sech2(k), mean, sigma, T)
    assert psi * T**2 == pytest.approx(odd, abs=1e-12)
    even = average(lambda k: sech2(k) * (4 - 6 * sech2(k)), mean, sigma, T)
    assert omega * T**3 == pytest.approx(even, abs=1e-11)
    assert quartic(mean, random_field(sigma**2, T)) * T == pytest.approx(
        average(lambda k: sech2(k) ** 2, mean, sigma, T), abs=1e-12
    )
    soft = average(lambda k: np.logaddexp(k, -k), mean, sigma, T)
    assert log_cosh(mean, random_field(sigma**2, T)) == pytest.approx(T * soft, abs=1e-13)


@pytest.mark.parametrize("T", [0.0, 1e-9, 0.01, 0.2, 1.0])
def test_derivatives(T):
    """The returned derivatives are those of the returned averages."""
    mean, variance, step = 0.7, 0.3, 1e-5
    _, _, chi, psi, omega = thermal(mean, variance, T)
    right, left = thermal(mean + step, variance, T), thermal(mean - step, variance, T)
    assert chi == pytest.approx((right[0] - left[0]) / (2 * step), rel=1e-8)
    assert -2 * psi == pytest.approx((right[2] - left[2]) / (2 * step), rel=1e-8)
    assert omega == pytest.approx((left[3] - right[3]) / step, rel=1e-7)
    more, less = thermal(mean, variance + step, T), thermal(mean, variance - step, T)
    assert -psi == pytest.approx((more[0] - less[0]) / (2 * step), rel=1e-7)
    assert omega / 2 == pytest.approx((more[2] - less[2]) / (2 * step), rel=1e-7)


def test_zero_temperature_is_the_limit():
    cold, zero = thermal(0.4, 0.2, 1e-12), thermal(0.4, 0.2, 0.0)
    np.testing.assert_allclose(cold, zero, rtol=1e-11)
    assert quartic(0.4, random_field(0.2, 1e-12)) == pytest.approx(
        quartic(0.4, random_field(0.2, 0.0)), rel=1e-12
    )
    assert log_cosh(0.4, random_field(0.2, 1e-12)) == pytest.approx(
        log_cosh(0.4, random_field(0.2, 0.0)), rel=1e-12
    )


def test_extremes_are_finite():
    for mean in (0.0, 1e-200, 1.0, 1e3):
        for variance in (0.0, 1e-320, 1e-30, 1.0, 1e6):
            for T in (0.0, 1e-300, 1e-8, 1.0, 1e6):
                assert np.isfinite(thermal(mean, variance, T)[:2]).all()
                assert np.isfinite(log_cosh(mean, random_field(variance, T)))
