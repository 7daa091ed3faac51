import itertools
import math

import numpy as np
import pytest
import xarray as xr

import montecarlo
import phase_diagrams
import theory
from hebbian import Dense, Hopfield, Multitasking
from phase_diagrams.analysis.crossings import profiles
from phase_diagrams.phases import Phase
from phase_diagrams.prediction import predict

NAMES = ("m", "n", "q", "energy")


@pytest.fixture(scope="module")
def study():
    """Theory and a simulation that is replaced by numbers known beforehand."""
    grid = {"alpha": [0.02, 0.05, 0.1, 0.2], "T": [0.1, 0.3, 0.5, 1.3, 1.6]}
    tree = phase_diagrams.sweep(
        Hopfield(), grid, n_spins=20, n_samples=6,
        schedule=montecarlo.Schedule(warmup=0, sweeps=1000, stride=500),
    )  # fmt: skip
    predicted = tree["theory"].to_dataset()
    simulated = tree["simulation"].to_dataset()
    for name in NAMES:
        simulated[name] = predicted[name] + 0.01
        simulated[f"{name}_err"] = xr.full_like(simulated[name], 0.01)
    simulated["escaped"] = simulated["switched"] = xr.zeros_like(simulated["escaped"])
    simulated["tau"] = xr.full_like(simulated["tau"], 5.0)
    return xr.DataTree.from_dict({"/theory": predicted, "/simulation": simulated})


def changed(study, **values):
    """Return the study with values of the simulation replaced at alpha = 0.05, T = 0.3."""
    simulated = study["simulation"].to_dataset().copy(deep=True)
    for name, value in values.items():
        simulated[name].loc[{"alpha": 0.05, "T": 0.3}] = value
    return xr.DataTree.from_dict(
        {"/theory": study["theory"].to_dataset(), "/simulation": simulated}
    )


def test_residuals_and_z_scores(study):
    points = phase_diagrams.compare(study)
    for name in NAMES:
        assert np.allclose(points[f"{name}_residual"], 0.01, atol=1e-15)
        assert np.allclose(points[f"{name}_z"], 1, atol=1e-12)
    assert not points["disagrees"].any()
    # 99.73 % of Student's law with 5 degrees of freedom lie below it (published tables: 5.507)
    assert points.attrs["limit"] == pytest.approx(5.507, abs=1e-3)
    assert "compared at 20 of 20 points." in points.attrs["summary"]
    assert "have median |z| 1 of m, 1 of n, 1 of q, 1 of energy" in points.attrs["summary"]
    assert "|m - theory| is at most 0.01." in points.attrs["summary"]
    assert (
        "disagrees (|z| > 5.51: three standard deviations for 6 samples) at 0 points."
        in (points.attrs["summary"])
    )


def test_distance_from_the_boundary_is_relative(study):
    points = phase_diagrams.compare(study)["boundary_distance"]
    spinodal = float(theory.spinodal_temperature(Hopfield(), 0.05))
    capacity = float(theory.critical_load(Hopfield(), 0.3))
    expected = min(abs(1 - 0.3 / spinodal), abs(1 - 0.05 / capacity))
    assert float(points.sel(alpha=0.05, T=0.3)) == pytest.approx(expected, rel=1e-12)
    assert float(points.sel(alpha=0.02, T=0.1)) > 0.8
    # Cold and close to the capacity: the load is what is close to a boundary.
    cold = abs(1 - 0.1 / float(theory.critical_load(Hopfield(), 0.1)))
    assert cold < abs(1 - 0.1 / float(theory.spinodal_temperature(Hopfield(), 0.1))) / 2
    assert float(points.sel(alpha=0.1, T=0.1)) == pytest.approx(cold, rel=1e-12)


@pytest.mark.parametrize("error", [0.0, 1e-17, np.nan])
def test_no_error_bar_is_no_z_score(study, error):
    points = phase_diagrams.compare(changed(study, m_err=error))
    assert np.isnan(points["m_z"].sel(alpha=0.05, T=0.3))
    assert int(np.isfinite(points["m_z"]).sum()) == 19
    assert "19 of 20 points (1 without an error bar)" in points.attrs["summary"]


def test_failed_points_and_absent_solutions_are_counted(study):
    failed = phase_diagrams.compare(changed(study, status=2, m=np.nan))
    assert "(1 failed or pending)" in failed.attrs["summary"]
    unsolved = study.copy(deep=True)
    unsolved["theory/m"].loc[{"alpha": 0.05, "T": 0.3}] = np.nan
    points = phase_diagrams.compare(unsolved)
    assert "(1 without a solution of the theory)" in points.attrs["summary"]


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"escaped": 0.5}, "1 where chains left the state"),
        ({"tau": 21.0}, "1 with chains shorter than 50 autocorrelation times"),
        ({}, "1 for other reasons"),
    ],
)
def test_disagreements_have_reasons(study, values, reason):
    points = phase_diagrams.compare(changed(study, m=0.2, **values))
    assert points["disagrees"].sum() == 1
    assert points["disagrees"].sel(alpha=0.05, T=0.3)
    assert f"at 1 points ({reason}" in points.attrs["summary"]


def test_one_sample_has_no_error_bar(schedule):
    tree = phase_diagrams.sweep(
        Hopfield(), {"alpha": 0.05, "T": [0.1, 0.4]}, n_spins=40, n_samples=1, schedule=schedule
    )
    points = phase_diagrams.compare(tree)
    assert points["m_z"].isnull().all()
    assert "compared at 0 of 2 points (2 without an error bar)" in points.attrs["summary"]


def test_finite_size_maps_load_and_temperature(schedule):
    model, n_spins = Dense(order=4), 24
    tree = phase_diagrams.sweep(
        model, {"alpha": [0.05, 0.1], "T": 0.4, "n_spins": [n_spins, 30]},
        n_samples=2, schedule=schedule,
    )  # fmt: skip
    points = phase_diagrams.compare(tree, finite_size=True).sel(alpha=0.1, n_spins=n_spins)
    Pi = math.prod(1 - k / n_spins for k in range(4))
    mapped = theory.solve(model, alpha=0.1 / Pi, T=0.4 / Pi)
    simulated = tree["simulation"].to_dataset().sel(alpha=0.1, n_spins=n_spins)
    assert float(points["m_residual"]) == pytest.approx(float(simulated.m - mapped.m), abs=1e-9)
    energy = float(simulated.energy - Pi * mapped.energy)
    assert float(points["energy_residual"]) == pytest.approx(energy, abs=1e-9)
    assert points.attrs["finite_size"] == 1
    assert "couplings of the finite" in points.attrs["summary"]


@pytest.mark.parametrize(
    ("model", "grid"),
    [(Dense(order=4, indices="all"), {"alpha": 0.02, "T": 0.2}), (Multitasking(), {"T": 0.1})],
)
def test_finite_size_needs_distinct_indices(model, grid, schedule):
    tree = phase_diagrams.sweep(model, grid, n_spins=20, n_samples=2, schedule=schedule)
    with pytest.raises(ValueError, match="distinct indices"):
        phase_diagrams.compare(tree, finite_size=True)


@pytest.mark.parametrize("missing", ["theory", "simulation"])
def test_both_groups_are_needed(study, missing):
    half = study.copy()
    del half[missing]
    with pytest.raises(ValueError, match=f"no {missing}"):
        phase_diagrams.compare(half)


def test_multitasking_is_compared_pattern_by_pattern():
    """K = 3, d = 0.3 at T = 0: overlaps (1-d) d^(mu-1), arXiv:2308.04106."""
    model = Multitasking(n_patterns=3, dilution=0.3)
    tree = phase_diagrams.sweep(
        model, {"T": [0.0, 0.05, 0.8], "dilution": [0.3, 0.35]}, n_spins=2000, n_samples=8, seed=2,
        schedule=montecarlo.Schedule(warmup=50, sweeps=300, stride=2), start="hierarchical",
    )  # fmt: skip
    expected = 0.7 * 0.3 ** np.arange(3)
    cold = tree["theory/m"].sel(T=0.0, dilution=0.3)
    np.testing.assert_allclose(cold, expected, atol=1e-12)
    phase = tree["theory/phase"].sel(dilution=0.3)
    assert [Phase(code) for code in phase.values] == [
        Phase.HIERARCHICAL, Phase.HIERARCHICAL, Phase.ERGODIC,
    ]  # fmt: skip
    points = phase_diagrams.compare(tree)
    assert set(points["m_z"].dims) == {"T", "dilution", "pattern"}
    assert not points["disagrees"].any()
    # the nearest other phase is across the row, at T = 0.8 or 0.05
    distance = points["boundary_distance"].sel(dilution=0.3)
    np.testing.assert_allclose(distance, [1, 0.9375, 0.9375])


def test_hopfield_agrees_with_the_replica_theory():
    tree = phase_diagrams.sweep(
        Hopfield(), {"alpha": 0.05, "T": [0.2, 0.3]}, n_spins=1000, n_samples=8, seed=4,
        schedule=montecarlo.Schedule(warmup=100, sweeps=400, stride=4),
    )  # fmt: skip
    points = phase_diagrams.compare(tree)
    assert points["m_z"].notnull().all()
    assert not points["disagrees"].any()
    assert abs(points["m_residual"]).max() < 0.002


def test_phases_of_the_hopfield_model():
    """T_M and T_c at alpha = 0.05: 0.542255 and 0.216383; T_g = 1 + sqrt(alpha)."""
    from phase_diagrams.grid import Grid

    temperatures = [0.216, 0.217, 0.542, 0.543, 1.2236, 1.2237]
    dataset = predict(Grid(Hopfield(), {"alpha": 0.05, "T": temperatures}), "pattern", "binomial")
    names = [Phase(code).name for code in dataset["phase"].values]
    assert names == ["RETRIEVAL", "METASTABLE", "METASTABLE", "GLASS", "GLASS", "PARAMAGNET"]
    assert (abs(dataset["m"].sel(T=[0.543, 1.2236, 1.2237])) < 1e-6).all()


def test_the_boundary_of_success_is_where_chains_leave():
    grid = {"alpha": 0.05, "T": [0.1, 0.3, 0.5, 0.7, 1.2]}
    tree = phase_diagrams.sweep(Hopfield(), grid, n_spins=200, n_samples=6, seed=2)
    stayed = 1 - (tree["simulation/escaped"] + tree["simulation/switched"]).values
    assert stayed[0] == 1
    assert stayed[-1] < 0.5
    found = phase_diagrams.boundary(tree, criterion="success")
    steepest = np.abs(np.diff(stayed)).argmax()
    assert (found["low"].item(), found["high"].item()) in [
        (grid["T"][steepest], grid["T"][steepest + 1]),
        next((a, b) for a, b in itertools.pairwise(grid["T"]) if a <= found["theory"] <= b),
    ]
    ((_, profile),) = profiles(tree, "T", criterion="success").items()
    np.testing.assert_array_equal(profile.m, stayed)
    np.testing.assert_allclose(profile.error, np.sqrt(stayed * (1 - stayed) / 12))
    with pytest.raises(ValueError, match="criterion = 'luck'"):
        phase_diagrams.boundary(tree, criterion="luck")


def test_tau_of_a_point_is_that_of_its_slowest_pattern():
    """K = 3, d = 0.3 at T = 0.1: two patterns at rest, the third comes and goes."""
    model, settings = Multitasking(n_patterns=3, dilution=0.3), {
        "n_spins": 400, "n_samples": 2, "seed": 3, "start": "hierarchical",
        "schedule": montecarlo.Schedule(warmup=20, sweeps=400, stride=2),
    }  # fmt: skip
    run = montecarlo.simulate(model, T=0.1, **settings)
    assert run.m.tau.max() > 1.5 * run.m.tau.min()
    tree = phase_diagrams.sweep(model, {"T": 0.1}, **settings)
    assert float(tree["simulation/tau"].squeeze()) == run.m.tau.max()
