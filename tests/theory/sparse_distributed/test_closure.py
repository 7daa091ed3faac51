"""What the doors of the theory say of sparse distributed memory, and studies with it."""

import numpy as np
import pytest
import xarray as xr

import phase_diagrams
import theory
from hebbian import SparseDistributed

MODEL = SparseDistributed(radius=0.2, own_site="excluded")


def test_the_pattern_is_read_up_to_the_capacity():
    capacity = theory.reading_capacity(MODEL)
    assert theory.critical_load(MODEL) == capacity
    assert theory.spinodal_load(MODEL, 0.0) == capacity
    assert np.isnan(theory.critical_load(MODEL, 0.1))
    s = theory.solve(MODEL, alpha=capacity * np.array([0.5, 0.999, 1.001, 2]), T=0)
    np.testing.assert_array_equal(s.converged, [True, True, False, False])
    for values in (s.m, s.n, s.q):
        np.testing.assert_array_equal(values, [1, 1, np.nan, np.nan])
    assert np.isnan([s.energy, s.free_energy, s.replicon]).all()
    # From a tenth of wrong sites the capacity is that of their overlap.
    start = theory.solve(MODEL, alpha=[0.2, 0.26], T=0, start=[[1.0], [0.8], [0.1]])
    np.testing.assert_array_equal(start.converged, [[True, True], [True, False], [False, False]])


def test_labelled_loads():
    alpha = xr.DataArray([0.1, 0.5], coords={"alpha": [0.1, 0.5]}, dims="alpha")
    assert theory.solve(MODEL, alpha=alpha, T=0.0).m.dims == ("alpha",)
    m0 = xr.DataArray([0.6, 0.8], coords={"m": [0.6, 0.8]}, dims="m")
    assert theory.reading_capacity(MODEL, m0).dims == ("m",)
    assert theory.shannon_bound(m0).dims == ("m",)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: theory.solve(MODEL, alpha=0.1, T=0.2), "T = 0.2: the theory of SparseDistributed"),
        (lambda: theory.solve(MODEL, alpha=0.7, T=0), r"alpha = 0.7 is outside .* \[0, ln 2\]"),
        (lambda: theory.solve(MODEL, alpha=-0.1, T=0), r"alpha = -0.1 is outside"),
        (lambda: theory.solve(MODEL, T=0), "needs a load"),
        (lambda: theory.solve(SparseDistributed(n_neurons=5), alpha=0.1, T=0), "n_neurons = 5"),
        (lambda: theory.solve(MODEL, alpha=0.1, T=0, start="glass"), "start = 'glass'"),
        (lambda: theory.spinodal_temperature(MODEL, 0.1), "have no spinodal temperature"),
        (lambda: theory.transition_load(MODEL, 0.1), "have no transition load"),
        (lambda: theory.signal_to_noise(MODEL, alpha=0.1), "have no signal-to-noise"),
        (lambda: theory.phase_lines(MODEL), "have no diagram of lines"),
    ],
)
def test_what_is_not_derived_is_refused_in_one_line(call, says):
    with pytest.raises(ValueError, match=says) as raised:
        call()
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("own_site", ["included", "excluded"])
def test_a_study_has_both_and_compares_them(own_site, tmp_path):
    """Below the capacity the pattern stays; beyond it, and of its energy, theory says nothing."""
    model = SparseDistributed(radius=0.2, own_site=own_site)
    tree = phase_diagrams.sweep(
        model, {"alpha": [0.05, 0.15, 0.35], "T": 0.0}, n_spins=32, n_samples=3, n_replicas=1,
        dynamics="parallel", out=tmp_path / "s.zarr", seed=3,
    )  # fmt: skip
    predicted = tree["theory"]
    np.testing.assert_array_equal(predicted["m"], [1, 1, np.nan])
    np.testing.assert_array_equal(predicted["converged"], [1, 1, 0])
    assert np.isnan(predicted["energy"]).all()
    assert float(predicted["critical_load"]) == theory.reading_capacity(model)
    found = phase_diagrams.compare(tree)
    np.testing.assert_allclose(found["m_residual"][:2], 0, atol=0.01)
    assert np.isnan(found["m_residual"][2])


def test_a_study_where_nothing_is_derived_has_no_theory(tmp_path):
    """Warm, with neurons, or from anywhere: simulated, and NaN beside."""
    given = {"n_spins": 24, "n_samples": 2, "n_replicas": 1, "dynamics": "parallel"}
    for i, (model, T, start) in enumerate([
        (MODEL, 0.3, "pattern"),
        (SparseDistributed(radius=0.3, n_neurons=200), 0.0, "pattern"),
        (MODEL, 0.0, "random"),
    ]):  # fmt: skip
        tree = phase_diagrams.sweep(
            model, {"alpha": [0.05, 0.1], "T": T}, start=start, out=tmp_path / f"{i}.zarr", **given
        )
        assert np.isnan(tree["theory"]["m"]).all()
        assert np.isfinite(tree["simulation"]["m"]).all()
        assert np.isnan(phase_diagrams.compare(tree)["m_residual"]).all()


def test_a_study_knows_the_capacity_of_its_start():
    given = {"n_spins": 24, "n_samples": 2, "n_replicas": 1, "dynamics": "parallel"}
    for start, converged in ((0.8, [1, 1, 0]), (0.6, [1, 0, 0]), (0.1, [0, 0, 0])):
        tree = phase_diagrams.sweep(
            MODEL, {"alpha": [0.1, 0.2, 0.28], "T": 0.0}, start=start, **given
        )
        np.testing.assert_array_equal(tree["theory"]["converged"], converged)
