"""Attention weights fitted to those of a radius."""

import math

import numpy as np
import pytest

from hebbian import Exponential, SparseDistributed
from hebbian.sparse_distributed import shared_share
from theory.sparse_distributed import fitted_sharpness, one_step

NOTED = {5: 32.95, 7: 27.24, 9: 22.88, 11: 19.34, 15: 13.79}


def fit(d, **options):
    return fitted_sharpness(SparseDistributed(radius=d / 64), n_spins=64, **options)


@pytest.mark.parametrize("d", NOTED)
def test_the_line_of_least_squares(d):
    found = fit(d)
    assert found.beta == pytest.approx(NOTED[d], abs=5e-3)
    assert found.sharpness == found.beta / 64
    np.testing.assert_array_equal(found.distances, np.arange(2 * d + 1))
    cosine = 1 - found.distances / 32
    logarithms = np.log(shared_share(64, d)[: 2 * d + 1])
    slope = np.cov(cosine, logarithms)[0, 1] / np.var(cosine, ddof=1)
    assert found.beta == pytest.approx(slope, rel=1e-9)
    np.testing.assert_allclose(found.error, slope * cosine + found.intercept - logarithms)
    # Least squares: no error on average, and none along the line.
    assert abs(found.error.sum()) < 1e-9
    assert abs(found.error @ cosine) < 1e-9


@pytest.mark.parametrize("d", NOTED)
def test_the_published_fit_mixes_denominators(d):
    plain, published = fit(d), fit(d, fit="published")
    n = 2 * d + 1
    cosine = 1 - np.arange(n) / 32
    logarithms = np.log(shared_share(64, d)[:n])
    mixed = np.cov(cosine, logarithms)[0, 1] / np.var(cosine)
    assert published.beta == pytest.approx(mixed, rel=1e-9)
    assert published.beta == pytest.approx(plain.beta * n / (n - 1), rel=1e-9)
    assert abs(published.error.sum()) < 1e-9
    assert np.square(published.error).sum() > np.square(plain.error).sum()


def test_attention_weights_are_those_of_the_exponential_memory():
    found = fit(11)
    memory = Exponential(sharpness=found.sharpness)
    overlaps = 64 - 2 * found.distances
    weights = np.exp(memory.sharpness * overlaps - 64 * memory.sharpness)
    ratio = weights / shared_share(64, 11)[found.distances]
    np.testing.assert_allclose(
        np.log(ratio), found.error + math.log(weights[0]) - found.error[0], atol=1e-9
    )


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: fit(0.01), "radius = 0.00015625: below one of 64 sites"),
        (lambda: fit(5, fit="steep"), "fit = 'steep'"),
        (lambda: fitted_sharpness(SparseDistributed(), n_spins=1), "n_spins = 1 is outside"),
        (lambda: fitted_sharpness(Exponential(), n_spins=64), "not a SparseDistributed"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(call, says):
    with pytest.raises(ValueError, match=says) as raised:
        call()
    assert "\n" not in str(raised.value)


def test_a_fitted_radius_that_is_read_has_the_signal_of_its_weights():
    step = one_step(SparseDistributed(radius=7 / 64), [0, 5, 14], n_spins=64, n_patterns=1)
    np.testing.assert_allclose(step.agreeing, shared_share(64, 7)[[0, 5, 14]], rtol=1e-12)
