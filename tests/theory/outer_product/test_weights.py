"""The best weights of outer-product memories."""

import numpy as np
import pytest

import theory
from hebbian import zipf

P, CLASSES = zipf(80, 2.0), np.arange(1, 81) % 4


def error(q):
    return float(theory.outer_product(P, q, CLASSES, 24).error)


@pytest.fixture(scope="module")
def best():
    return theory.best_outer_weights(P, CLASSES, 24, n_knots=4)


def test_none_of_both_families_is_better(best):
    thresholds = [
        theory.outer_product(P, f"threshold:{m}", CLASSES, 24).error for m in range(1, 81)
    ]
    assert best.threshold == 1 + np.argmin(thresholds)
    assert best.threshold_error == min(thresholds)
    powers = [
        theory.outer_product(P, f"power:{r}", CLASSES, 24).error for r in np.linspace(0, 1, 41)
    ]
    assert best.power_error <= min(powers) * (1 + 1e-4)
    assert best.error <= min(best.threshold_error, best.power_error)


def test_the_error_is_that_of_the_weights(best):
    found = theory.outer_product(P, best.q, CLASSES, 24).error
    assert found == pytest.approx(best.error, rel=1e-6)
    assert best.q.max() == 1


def test_weights_tell_more_than_thresholds(best):
    """In few dimensions graded weights are better by more than a tenth."""
    assert best.error < 0.9 * best.threshold_error


def test_bad_input_is_one_line():
    with pytest.raises(ValueError, match=r"n_knots = 1 is outside the allowed range \[2, 40\]"):
        theory.best_outer_weights(P, CLASSES, 24, n_knots=1)
    with pytest.raises(ValueError, match=r"d = 0 is outside the allowed range"):
        theory.best_outer_weights(P, CLASSES, 0)
