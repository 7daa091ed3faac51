"""Predictions on a grid are the public functions at its points, in the law that is asked for."""

import numpy as np
import pytest

import montecarlo
import theory
from hebbian import Dense, Hopfield, Multitasking, Supervised, Unsupervised
from montecarlo import Schedule
from phase_diagrams.grid import Grid
from phase_diagrams.phases import Phase
from phase_diagrams.prediction import ends, predict
from theory.lines import UNDER_LOAD
from theory.one_pattern.closure import ReplicaSymmetric

MODEL = Dense(order=4, rule=Supervised(quality=0.5, n_examples=8))
ALPHA, T = [0.02, 0.05, 0.2], [0.1, 0.4, 0.9]


@pytest.mark.parametrize("law", ["binomial", "gaussian"])
def test_lines_are_those_of_the_law(law):
    found = predict(Grid(MODEL, {"alpha": ALPHA, "T": T}), "pattern", law)
    axes = {"alpha": ALPHA, "T": T}
    for line in UNDER_LOAD:
        assert (line.name in found) == line.predicted
        if line.predicted:
            public = getattr(theory, line.name)(MODEL, axes[line.along], law=law)
            np.testing.assert_array_equal(found[line.name], public)
            assert found[line.name].dims == (line.along,)
            assert found[line.name].attrs["comment"] == line.definition
    s = theory.solve(MODEL, alpha=np.array(ALPHA)[:, None], T=T, law=law)
    kept = s.converged
    np.testing.assert_array_equal(found["m"].values[kept], s.m[kept])


def test_a_line_of_one_value_is_a_number():
    found = predict(Grid(MODEL, {"alpha": 0.02, "T": T}), "pattern", "binomial")
    assert found["spinodal_temperature"].dims == ()
    assert found["spinodal_temperature"] == theory.spinodal_temperature(MODEL, 0.02)
    assert found["critical_load"].dims == ("T",)


def test_without_the_lines_that_tell_them_apart_phases_are_unknown(monkeypatch):
    monkeypatch.setattr(ReplicaSymmetric, "lines", ())
    found = predict(Grid(MODEL, {"alpha": ALPHA, "T": T}), "pattern", "binomial")
    assert (found["phase"] == Phase.UNKNOWN).all()
    assert not {line.name for line in UNDER_LOAD} & set(found)


def test_lines_of_dilution_are_for_the_asking():
    found = predict(Grid(Multitasking(n_patterns=2), {"T": T}), "hierarchical", "binomial")
    assert not [name for name in found if str(name).endswith("_temperature")]


def sweep_of(model, grid, start="pattern"):
    return predict(Grid(model, grid), start, "binomial")


@pytest.mark.parametrize(
    ("model", "alpha"), [(Dense(order=4), 0.46), (Dense(order=3), 0.5), (Hopfield(), 0.2)]
)
def test_the_glass_of_a_study_has_one_step_of_breaking(model, alpha):
    T = [0.1, 0.18, 0.26, 0.34]
    found = sweep_of(model, {"alpha": alpha, "T": T})
    right = theory.solve(model, alpha=alpha, T=T, start="glass", rsb=1)
    assert (found["phase"] == Phase.GLASS).all()
    assert (found["rsb"] == 1).all()
    for name in ("q", "energy", "free_energy"):
        np.testing.assert_array_equal(found[name], getattr(right, name))
    if model == Dense(order=4):
        assert float(found["energy"].sel(T=0.26)) == pytest.approx(-0.5575, abs=1e-4)
    # Glassy states that only trap the dynamics are no phase.
    warm = 1.001 * theory.glass_temperature(model, alpha)
    above = sweep_of(model, {"alpha": alpha, "T": [warm]})
    assert above["phase"].item() == Phase.PARAMAGNET
    assert above["q"].item() == above["rsb"].item() == 0


def test_there_is_no_reentrance():
    """Nishimori's line T = alpha forbids it; the replica-symmetric equations have one."""
    loads = [0.39, 0.41, 0.42]
    found = sweep_of(Dense(order=3), {"alpha": loads, "T": [0.02, 0.05, 0.1, 0.2]})
    assert (found["phase"] == Phase.RETRIEVAL).all()
    cold = theory.solve(Dense(order=3), alpha=loads, T=0.05, rsb=1)
    np.testing.assert_allclose(found["m"].sel(T=0.05), cold.m, rtol=1e-12)
    assert (found["rsb"].sel(T=0.05) == 1).all()


@pytest.mark.parametrize(
    ("model", "alpha"), [(Dense(order=4), 0.385), (Dense(order=4), 0.37), (Dense(order=3), 0.43)]
)
def test_phases_are_those_of_the_lowest_free_energy(model, alpha):
    T = np.array([0.05, 0.12, 0.2, 0.3, 0.38])
    found = sweep_of(model, {"alpha": alpha, "T": T})
    retrieval = theory.solve(model, alpha=alpha, T=T, rsb=1)
    glass = theory.solve(model, alpha=alpha, T=T, start="glass", rsb=1)
    lowest = retrieval.free_energy < glass.free_energy
    expected = np.where(lowest, Phase.RETRIEVAL, Phase.METASTABLE)
    np.testing.assert_array_equal(found["phase"], expected)


@pytest.mark.heavy
@pytest.mark.parametrize("start", ["pattern", 0.9])
def test_where_there_is_no_retrieval_overlaps_are_nan_like_those_of_solve(start):
    model = Dense(order=4, rule=Unsupervised(quality=0.5, n_examples=2))
    counts = [2, 5, 10, 20, 50]
    found = sweep_of(model, {"n_examples": counts, "alpha": 0.05, "T": 0.2}, start)
    lost = np.isnan(theory.solve(model, alpha=0.05, T=0.2, n_examples=counts).m)
    assert 0 < lost.sum() < len(counts)
    for name in ("m", "n"):
        np.testing.assert_array_equal(np.isnan(found[name]), lost)
    np.testing.assert_array_equal(~found["converged"], lost)
    # Chains end somewhere all the same.
    for name in ("q", "energy", "free_energy"):
        assert np.isfinite(found[name]).all()
    assert set(found["phase"].values[lost].tolist()) <= {Phase.GLASS, Phase.PARAMAGNET}
    assert (ends(found)["m"].values[lost] == 0).all()
    np.testing.assert_array_equal(ends(found)["m"].values[~lost], found["m"].values[~lost])


def test_chains_from_a_random_start_have_no_overlap_to_lose():
    found = sweep_of(Dense(order=4), {"alpha": [0.1, 0.46], "T": [0.1, 0.9]}, "random")
    assert (found["m"] == 0).all()
    assert found["converged"].all()
    assert set(np.unique(found["phase"])) == {Phase.GLASS, Phase.PARAMAGNET}


@pytest.mark.parametrize(
    ("grid", "dims"),
    [
        ({"n_spins": 60, "T": [0.2, 0.4]}, ("T",)),
        ({"n_spins": [40, 60], "T": [0.2, 0.4]}, ("n_spins", "T")),
        ({"n_spins": [40, 60], "T": 0.4}, ("n_spins",)),
    ],
)
def test_energies_with_all_indices_are_those_of_the_size(grid, dims):
    model = Dense(order=4, indices="all")
    found = sweep_of(model, {"alpha": 0.05, **grid})
    assert found["energy"].dims == dims
    for n_spins in np.atleast_1d(grid["n_spins"]).tolist():
        for T in np.atleast_1d(grid["T"]).tolist():
            exact = theory.solve(model, alpha=0.05, T=T, n_spins=n_spins)
            here = {"n_spins": n_spins, "T": T}
            there = {name: here[name] for name in dims}
            assert found["energy"].sel(there) == pytest.approx(float(exact.energy), rel=1e-12)
            free = float(exact.free_energy)
            assert found["free_energy"].sel(there) == pytest.approx(free, rel=1e-12)
    distinct = sweep_of(Dense(order=4), {"alpha": 0.05, **grid})
    assert "n_spins" not in distinct["energy"].dims


def test_energies_of_scattered_points_are_those_of_their_size():
    model = Dense(order=4, indices="all")
    points = {"alpha": [0.05, 0.05, 0.02], "T": [0.3, 0.3, 0.2], "n_spins": [40, 60, 60]}
    found = sweep_of(model, {"points": points})
    for i in range(3):
        here = {name: column[i] for name, column in points.items()}
        assert found["energy"].values[i] == pytest.approx(float(theory.solve(model, **here).energy))


def test_simulated_energies_with_all_indices_are_the_predicted_ones():
    """Literal powers: H/N of a chain in the retrieval state, constant included."""
    model, point = Dense(order=4, indices="all"), {"alpha": 0.05, "T": 0.3, "n_spins": 60}
    schedule = Schedule(warmup=50, sweeps=100, stride=5)
    run = montecarlo.simulate(model, **point, n_samples=8, seed=2, schedule=schedule)
    predicted = theory.solve(model, **point).energy
    plain = theory.solve(model, alpha=0.05, T=0.3).energy
    error = float(run.energy.error)
    assert abs(float(run.energy.mean) - predicted) < 4 * error
    assert abs(float(run.energy.mean) - plain) > 10 * error
