"""The law of the example mean, exact for any number of examples."""

import numpy as np
import pytest
from scipy.stats import binom

from hebbian import Dense, Storing, Supervised
from theory.averages.example_law import example_law
from theory.closure import closure
from theory.one_pattern.replica import sites


@pytest.mark.parametrize("n_examples", [1, 2, 7, 100, 10**6])
@pytest.mark.parametrize("quality", [0.001, 0.2, 0.8, 0.999999])
def test_binomial_law(quality, n_examples):
    law = example_law(Supervised(quality=quality, n_examples=n_examples), "binomial")
    k = np.rint((law.u / law.spacing * 2 + n_examples) / 2)
    expected = binom.pmf(k, n_examples, (1 + quality) / 2)
    # The weights are relative to their sum, scipy's carry the rounding of log-gamma.
    np.testing.assert_allclose(law.weight, expected, rtol=1e-8, atol=1e-22)
    assert law.weight.sum() == pytest.approx(1, abs=1e-14)
    assert law.u @ law.weight == pytest.approx(law.mean, abs=1e-12)
    assert law.u**2 @ law.weight == pytest.approx(1, abs=1e-12)


def test_a_billion_examples():
    law = example_law(Supervised(quality=0.1, n_examples=10**9), "binomial")
    assert law.u**2 @ law.weight == pytest.approx(1, abs=1e-12)
    assert np.sqrt(law.u**2 @ law.weight - law.mean**2) == pytest.approx(law.deviation, rel=1e-6)


@pytest.mark.parametrize("law", ["binomial", "gaussian"])
def test_perfect_data_is_storing(law):
    exact = example_law(Storing(), law)
    for n_examples in (1, 10):
        other = example_law(Supervised(quality=1, n_examples=n_examples), law)
        assert (other.u, other.weight, other.mean, other.spread) == (exact.u, 1, 1, 0)


@pytest.mark.parametrize(("quality", "n_examples"), [(0.1, 1000), (0.9, 400), (0.02, 10**5)])
@pytest.mark.parametrize("T", [0.0, 0.01, 0.3, 1.0])
def test_the_sum_over_sites_leaves_nothing_out(quality, n_examples, T):
    """Stepping over points of a fine lattice changes no average."""
    field = closure(Dense(order=3, rule=Supervised(quality=quality, n_examples=n_examples))).field
    every = field._replace(law=field.law._replace(spacing=0.0, deviation=0.0))
    for S in (0.3, 1.4):
        for V in (1e-6, 1e-3, 0.1, 1.0):
            np.testing.assert_allclose(
                sites(field, S, V, T), sites(every, S, V, T), rtol=1e-10, atol=1e-13
            )
