"""The R-transform against spectra: the law of Marchenko and Pastur, and samples."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import brentq

import hebbian
from hebbian import Dreaming
from theory.dreaming.spectrum import edge_temperature, integral, ratio, ratio_at_trace, slope

POINTS = [(tau, alpha) for tau in (0.0, 0.1, 0.5, 0.95, 1.0) for alpha in (0.1, 0.8, 1.7)]


def trace(function, tau, alpha):
    """Mean of a function of the eigenvalues x/(1 - tau + tau x), x of Marchenko and Pastur."""
    low, high = (1 - np.sqrt(alpha)) ** 2, (1 + np.sqrt(alpha)) ** 2
    # The midpoint rule of a periodic analytic function.
    angle = np.pi * (np.arange(20000) + 0.5) / 20000
    x = 0.5 * (low + high) + 0.5 * (high - low) * np.cos(angle)
    density = (0.5 * (high - low) * np.sin(angle)) ** 2 / (2 * np.pi * x)
    kernel = max(1 - alpha, 0.0) * function(0.0)
    return kernel + np.pi * (density * function(x / (1 - tau + tau * x))).mean()


def largest(tau, alpha):
    edge = (1 + np.sqrt(alpha)) ** 2
    return edge / (1 - tau + tau * edge)


def transform(tau, alpha, chi):
    """Solve E 1/(z - f) = chi for z above the spectrum."""
    top = largest(tau, alpha)
    z = brentq(lambda z: trace(lambda f: 1 / (z - f), tau, alpha) - chi,
               top * (1 + 1e-9), top + 1 / chi, xtol=1e-13)  # fmt: skip
    return z - 1 / chi


def of(tau, alpha, chi):
    """W of this package."""
    x = ratio(tau, alpha, chi)
    return x / (1 + tau * x)


@pytest.mark.parametrize(("tau", "alpha"), POINTS)
def test_transform_of_the_law_of_marchenko_and_pastur(tau, alpha):
    if tau == 1 and alpha >= 1:
        assert ratio(tau, alpha, 0.3) == np.inf
        return
    ends = 1 / edge_temperature(tau, np.array(alpha)) if tau < 1 else 3.0
    for chi in (0.05 * ends, 0.6 * ends):
        assert of(tau, alpha, chi) == pytest.approx(transform(tau, alpha, chi), abs=1e-9)
    assert of(tau, alpha, 0.0) == pytest.approx(trace(lambda f: f, tau, alpha), abs=1e-11)
    variance = trace(lambda f: f * f, tau, alpha) - trace(lambda f: f, tau, alpha) ** 2
    assert slope(tau, ratio_at_trace(tau, alpha), 0.0) == pytest.approx(variance, abs=1e-10)


@pytest.mark.parametrize("t", [0.1, 1.0, 10.0, np.inf])
def test_transform_of_sampled_couplings(t):
    tau, alpha = (t / (1 + t) if t < np.inf else 1.0), 0.4
    couplings = hebbian.draw(Dreaming(sleep=t), n_spins=600, alpha=alpha).memory.couplings
    f = np.linalg.eigvalsh(couplings)
    for chi in (0.2, 0.6):
        z = brentq(lambda z, chi=chi: (1 / (z - f)).mean() - chi, f[-1] + 1e-6, f[-1] + 1 / chi)
        assert of(tau, alpha, chi) == pytest.approx(z - 1 / chi, abs=8e-3)


@pytest.mark.parametrize(("tau", "alpha"), POINTS)
def test_derivative_and_integral(tau, alpha):
    if tau == 1 and alpha >= 1:
        return
    chi, step = 0.4, 1e-5
    x = ratio(tau, alpha, chi)
    rise = (of(tau, alpha, chi + step) - of(tau, alpha, chi - step)) / (2 * step)
    assert slope(tau, x, chi) == pytest.approx(rise, rel=1e-8)
    more, area = integral(tau, alpha, x)
    start = of(tau, alpha, 0.0)
    assert more == pytest.approx(of(tau, alpha, chi) - start, abs=1e-14)
    direct = quad(lambda c: of(tau, alpha, c), 0, chi, epsabs=1e-13)[0]
    assert area + chi * of(tau, alpha, chi) == pytest.approx(direct, abs=1e-12)


def test_edge_is_the_largest_eigenvalue():
    for tau in (0.1, 0.5, 0.95):
        for alpha in (0.1, 0.8, 1.7):
            T = float(edge_temperature(tau, np.array(alpha)))
            z = of(tau, alpha, 1 / T) + T
            assert z == pytest.approx(largest(tau, alpha), abs=1e-12)
            assert slope(tau, ratio(tau, alpha, 1 / T), 1 / T) == pytest.approx(T**2, rel=1e-9)
    assert edge_temperature(1.0, np.array([0.3])) == 0


@pytest.mark.parametrize(("tau", "alpha"), [(0.5, 3.2), (0.5, 6.0), (0.9, 1.5), (0.99, 1.04)])
def test_the_branch_is_followed_without_a_jump_and_ends(tau, alpha):
    # At such loads the cubic has other roots.
    chi = np.linspace(0, 30 / edge_temperature(tau, np.array(alpha)), 20001)
    x = np.array([ratio(tau, alpha, c) for c in chi])
    last = np.flatnonzero(np.isfinite(x))[-1]
    assert np.isfinite(x[: last + 1]).all()
    assert (np.diff(x[: last + 1]) > 0).all()
    # As long as W' is moderate, neighbouring values are close.
    steep = [slope(tau, a, c) for a, c in zip(x[:last], chi[:last], strict=True)]
    W = x / (1 + tau * x)
    assert (np.abs(np.diff(W[:last]) / np.diff(chi[:last])) <= 1.5 * np.array(steep)[1:]).all()


def test_the_hebbian_branch_ends_at_one():
    assert ratio(0.0, 0.3, 0.9) == pytest.approx(3.0, rel=1e-14)
    assert np.isnan(ratio(0.0, 0.3, 1.0))
