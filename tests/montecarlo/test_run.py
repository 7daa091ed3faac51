"""What a run makes of its series, on numbers that can be added up by hand."""

import numpy as np
import pytest

from montecarlo import Run


def made(m, *, stride=1, several=False, start=1.0, elsewhere=None):
    """Return the run of overlaps with axes (sample, replica, measurement[, pattern])."""
    m = np.array(m, float)
    chains = m.shape[:2]
    energy = m[..., 0] if several else m
    return Run(
        series={
            "m": m,
            "n": m,
            "q": energy,
            "energy": energy,
            "acceptance": np.ones(chains),
            "x": energy,
        },
        start_overlaps=np.full(chains, start),
        stride=stride,
        several=several,
        settings={"model": {"model": "hopfield"}, "T": 0.5, "n_spins": 10},
        last=np.ones((*chains, 10), np.int8),
        period=np.zeros(chains, np.int8),
        elsewhere=np.zeros(chains, bool) if elsewhere is None else np.array(elsewhere),
    )


def test_the_error_is_that_of_the_mean_of_the_samples():
    """Samples of means 0.1, 0.3 and 0.8: mean 0.4, variance 0.13 of three, error 0.2082."""
    run = made([[[0.0, 0.2], [0.1, 0.1]], [[0.3, 0.3], [0.2, 0.4]], [[0.9, 0.7], [0.8, 0.8]]])
    assert run.m.mean == pytest.approx(0.4, rel=1e-14)
    assert run.estimate("x").error == pytest.approx((0.13 / 3) ** 0.5, rel=1e-14)
    two = made([[[0.2, 0.4]], [[0.5, 0.5]]])
    assert two.estimate("x").error == pytest.approx(0.1, rel=1e-14)  # half of the distance


@pytest.mark.parametrize(
    ("series", "late"),
    [([9, 9, 1, 3], 2), ([9, 9, 1, 2, 3], 2), ([9, 5], 5), ([7], 7), ([9, 9, 9, 0, 0, 0], 0)],
)
def test_the_last_half_of_a_chain_begins_in_its_middle(series, late):
    assert made([[series]]).late_m == pytest.approx(late)


def test_success_and_escape_are_told_by_the_last_half():
    """Chains that leave a pattern late, early, and not at all."""
    chains = [[[1, 1, 1, 0.3]], [[1, 0.2, 0.1, 0.1]], [[0.9, 0.8, 0.9, 0.9]]]
    run = made(chains, start=1.0)
    np.testing.assert_allclose(run.late_m.ravel(), [0.65, 0.1, 0.9])
    assert run.escaped == pytest.approx(1 / 3)
    assert run.success().mean == pytest.approx(1 / 3)
    assert run.success(0.6).mean == pytest.approx(2 / 3)


def test_a_chain_that_left_is_in_another_pattern_or_in_none():
    """One stays, one is caught by another pattern, two are in none."""
    run = made([[[1, 1]], [[0, 0]], [[0.1, 0.2]], [[0, 0]]], elsewhere=[[0], [1], [0], [0]])
    assert run.escaped == pytest.approx(1 / 2)
    assert run.switched == pytest.approx(1 / 4)
    assert np.isnan(made([[[0, 0]]], start=0.01).switched)
