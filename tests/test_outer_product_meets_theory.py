"""Drawn outer-product memories against the exact average over their embeddings."""

import numpy as np
import pytest

import montecarlo
import theory
from hebbian import zipf

P, CLASSES = zipf(200, 2.0), np.arange(1, 201) % 5


@pytest.mark.parametrize("q", ["uniform", "frequency", "threshold:6"])
@pytest.mark.parametrize("n_samples", [None, 20])
@pytest.mark.parametrize("d", [2, 30])
def test_gaussian_embeddings_at_any_dimension(q, n_samples, d):
    found = montecarlo.outer_product(P, q, CLASSES, d, n_samples, n_draws=300, seed=2, n_threads=1)
    expected = theory.outer_product(P, q, CLASSES, d, n_samples).error
    assert abs(found.mean - expected) < 3.5 * found.error


def test_which_lengths_the_closed_form_is_of():
    """In two dimensions Gaussian embeddings are told from unit ones by the frequencies."""
    found = montecarlo.outer_product(P, "frequency", CLASSES, 2, n_draws=2000, seed=2)
    gaussian, unit = (
        theory.outer_product(P, "frequency", CLASSES, 2, embedding=embedding).error
        for embedding in ("gaussian", "sphere")
    )
    assert abs(found.mean - gaussian) < 3.5 * found.error < abs(found.mean - unit)
