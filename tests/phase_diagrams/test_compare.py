import itertools
import json
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
from phase_diagrams.prediction import ends, predict

NAMES = ("m", "n", "q", "energy")


@pytest.fixture(scope="module")
def study():
    """Theory and a simulation that is replaced by numbers known beforehand."""
    grid = {"alpha": [0.02, 0.05, 0.1, 0.2], "T": [0.1, 0.3, 0.5, 1.3, 1.6]}
    tree = phase_diagrams.sweep(
        Hopfield(), grid, n_spins=100, n_samples=6,
        schedule=montecarlo.Schedule(warmup=0, sweeps=1000, stride=500),
    )  # fmt: skip
    predicted = tree["theory"].to_dataset()
    simulated = tree["simulation"].to_dataset()
    # Samples that are independent of each other, and deviations of one error up or down in turn.
    sign = xr.DataArray((-1.0) ** np.arange(20).reshape(4, 5), dims=("alpha", "T"))
    for name in NAMES:
        simulated[name] = ends(predicted)[name] + 0.01 * sign
        simulated[f"{name}_err"] = xr.full_like(simulated[name], 0.01)
    noise = 0.01 * np.sqrt(6) * np.random.default_rng(1).normal(size=(4, 5, 6))
    noise -= noise.mean(axis=-1, keepdims=True)
    noise *= 0.01 * np.sqrt(6) / noise.std(axis=-1, ddof=1, keepdims=True)
    simulated["m_samples"] = simulated["m"] + xr.DataArray(noise, dims=("alpha", "T", "sample"))
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
        assert np.allclose(abs(points[f"{name}_residual"]), 0.01, atol=1e-15)
        assert np.allclose(abs(points[f"{name}_z"]), 1, atol=1e-12)
    assert not points["disagrees"].any()
    # 99.73 % of Student's law with 5 degrees of freedom lie below it (published tables: 5.507)
    assert points.attrs["limit"] == pytest.approx(5.507, abs=1e-3)
    summary = points.attrs["summary"]
    assert "compared at 20 of 20 points." in summary
    assert "m disagrees at 0 of 20 points" in summary
    assert "|m - theory| is at most 0.01." in summary
    assert "100% are within one deviation" in summary
    assert "disagrees, p" not in summary


def test_a_bias_of_two_errors_everywhere_is_seen(study):
    """No single point could tell; with six samples three deviations are 5.5 errors."""
    shifted = study["simulation"].to_dataset()
    shifted = shifted.assign(m=ends(study["theory"].to_dataset())["m"] - 2 * shifted["m_err"])
    tree = xr.DataTree.from_dict({"/theory": study["theory"].to_dataset(), "/simulation": shifted})
    points = phase_diagrams.compare(tree)
    assert points["disagrees"].all()
    assert "m disagrees at 20 of 20 points" in points.attrs["summary"]
    (whole,) = [
        row for row in json.loads(points.attrs["classes"])
        if (row["kind"], row["quantity"]) == ("all", "m")
    ]  # fmt: skip
    assert whole["biased"]
    assert whole["bias"] == pytest.approx(-0.02)
    assert whole["errors"] == pytest.approx(-2)
    assert whole["bias_err"] == pytest.approx(0.01 / np.sqrt(20), rel=0.6)


@pytest.mark.parametrize("n_samples", [3, 5])
def test_few_samples_are_said_to_tell_nothing_of_single_points(study, n_samples):
    few = study.copy(deep=True)
    few["simulation"].attrs["n_samples"] = n_samples
    few["simulation"] = few["simulation"].to_dataset().isel(sample=slice(n_samples))
    summary = phase_diagrams.compare(few).attrs["summary"]
    assert f"{n_samples} samples are too few to tell of single points" in summary
    assert "disagrees at 0" not in summary


def test_deviations_are_expected_before_they_are_seen(study):
    """Nothing of the simulation is looked at: its results may be missing altogether."""
    points = phase_diagrams.compare(study)
    blank = study["simulation"].to_dataset()
    for name in blank.data_vars:
        if name not in ("status", "n_patterns", "alpha_effective"):
            blank[name] = xr.full_like(blank[name], np.nan, dtype=float)
    tree = xr.DataTree.from_dict({"/theory": study["theory"].to_dataset(), "/simulation": blank})
    blind = phase_diagrams.compare(tree)
    np.testing.assert_array_equal(blind["expected"], points["expected"])
    words = np.array(points["expected"].attrs["flag_meanings"].split())
    at = lambda **where: words[int(points["expected"].sel(**where))]  # noqa: E731
    assert at(alpha=0.2, T=0.5) == "glass"  # beyond the capacity, below T_g = 1.447
    assert at(alpha=0.02, T=0.1) == "agreement"
    assert at(alpha=0.05, T=0.5) == "boundary"  # T_M = .542
    assert at(alpha=0.1, T=1.3) == "glass"  # T_g = 1.316
    assert at(alpha=0.05, T=1.3) == "slow"  # T_g = 1.224, no warm-up
    kinds = np.array(points["kind"].attrs["flag_meanings"].split())
    assert kinds[int(points["kind"].sel(alpha=0.02, T=0.1))] == "with_overlap"


@pytest.mark.parametrize(
    ("model", "alpha", "T", "n_spins", "word"),
    [
        (Hopfield(), 0.09189, 0.3277, 800, "boundary"),  # 0.07 below T_M: N Delta f/T = 1.7
        (Hopfield(), 0.09189, 0.25, 3000, "agreement"),  # 0.3 below
        (Dense(order=4), 0.1, 0.5, 100, "agreement"),  # 23
        (Dense(order=4), 0.1, 0.5, 16, "boundary"),  # far from T_M, over a barrier of few spins
        (Dense(order=4), 0.55, 0.55, 100, "slow"),  # T_K = .457, T_d = .503
        (Dense(order=4), 0.55, 0.9, 100, "agreement"),
    ],
)
def test_a_state_whose_life_is_shorter_than_the_chain_is_not_expected_to_last(
    model, alpha, T, n_spins, word
):
    """What the theory says of the barrier decides, not the distance from the spinodal alone."""
    tree = phase_diagrams.sweep(
        model, {"alpha": alpha, "T": T}, n_spins=n_spins, n_samples=2, n_replicas=1,
        schedule=montecarlo.Schedule(warmup=50, sweeps=100, stride=50),
    )  # fmt: skip
    expected = phase_diagrams.compare(tree)["expected"]
    assert expected.attrs["flag_meanings"].split()[int(expected)] == word


def test_a_longer_warm_up_forgets_the_start(study):
    tree = study.copy(deep=True)
    schedule = {"warmup": 1000, "sweeps": 1000, "stride": 5}
    tree["simulation"].attrs["schedule"] = json.dumps(schedule)
    points = phase_diagrams.compare(tree)
    words = np.array(points["expected"].attrs["flag_meanings"].split())
    assert words[int(points["expected"].sel(alpha=0.05, T=1.3))] == "agreement"


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
    for name in ("m", "q"):
        unsolved[f"theory/{name}"].loc[{"alpha": 0.05, "T": 0.3}] = np.nan
    points = phase_diagrams.compare(unsolved)
    assert "(1 without a solution of the theory)" in points.attrs["summary"]


@pytest.mark.parametrize("m", [0.2, -0.9])
def test_a_single_point_that_is_far_off_is_found(study, m):
    tree = changed(study, m=m)
    few = tree["simulation"].to_dataset().assign_coords(n_spins=20)  # no barrier holds them
    tree["simulation"] = xr.DataTree(few)
    points = phase_diagrams.compare(tree)
    assert points["disagrees"].sum() == 1
    assert points["disagrees"].sel(alpha=0.05, T=0.3)
    assert (
        "m disagrees at 1 of 20 points (1 of them where that was expected)"
        in (points.attrs["summary"])
    )
    assert "at alpha = 0.05, T = 0.3." in points.attrs["summary"]


def test_one_sample_has_no_error_bar(schedule):
    tree = phase_diagrams.sweep(
        Hopfield(), {"alpha": 0.05, "T": [0.1, 0.4]}, n_spins=40, n_samples=1, schedule=schedule
    )
    points = phase_diagrams.compare(tree)
    assert points["m_z"].isnull().all()
    assert not points["disagrees"].any()
    assert "nothing can be said of agreement" in points.attrs["summary"]
    assert "compared at 0 of 2 points (2 without an error bar)" in points.attrs["summary"]


def test_finite_size_maps_load_and_temperature(schedule):
    model, n_spins = Dense(order=4), 24
    tree = phase_diagrams.sweep(
        model, {"alpha": [0.05, 0.1], "T": 0.4, "n_spins": [n_spins, 30]},
        n_samples=2, schedule=schedule,
    )  # fmt: skip
    points = phase_diagrams.compare(tree, finite_size=True).sel(alpha=0.1, n_spins=n_spins)
    Pi = math.prod(1 - k / n_spins for k in range(4))
    simulated = tree["simulation"].to_dataset().sel(alpha=0.1, n_spins=n_spins)
    K = round(0.1 * n_spins**3 / 12)
    assert int(simulated["n_patterns"]) == K
    mapped = theory.solve(model, alpha=12 * K / n_spins**3 / Pi, T=0.4 / Pi)
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


def test_reordered_overlaps_are_what_is_compared_where_patterns_are_anonymous(schedule):
    """Signed means of patterns that chains choose at will are near 0; sorted ones are predicted."""
    tree = phase_diagrams.sweep(
        Multitasking(n_patterns=2, dilution=0.3), {"T": [0.05, 0.1]}, n_spins=300,
        start="hierarchical", schedule=schedule,
    )  # fmt: skip
    simulation = tree["simulation"].to_dataset()
    for name in ("m", "n"):
        simulation[f"{name}_sorted"] = simulation[name]
        simulation[f"{name}_sorted_err"] = simulation[f"{name}_err"]
        simulation[name] = 0 * simulation[name]
    anonymous = xr.DataTree.from_dict(
        {"/theory": tree["theory"].to_dataset(), "/simulation": simulation}
    )
    plain, sorted_ = (phase_diagrams.compare(one) for one in (tree, anonymous))
    xr.testing.assert_equal(plain["m_residual"], sorted_["m_residual"])
    xr.testing.assert_equal(plain["n_z"], sorted_["n_z"])
    assert "q_residual" in plain
    assert "q_residual" not in sorted_


def test_networks_without_a_load_have_no_word_of_crosstalk(schedule):
    tree = phase_diagrams.sweep(
        Multitasking(), {"dilution": [0.2, 0.4], "T": [0.1, 0.9]}, n_spins=200, schedule=schedule
    )
    assert "crosstalk" not in phase_diagrams.compare(tree).attrs["summary"]


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
    """T_M and T_c at alpha = 0.05: 0.542255 and 0.2390 (one step); T_g = 1 + sqrt(alpha)."""
    from phase_diagrams.grid import Grid

    temperatures = [0.2385, 0.2395, 0.542, 0.543, 1.2236, 1.2237]
    dataset = predict(Grid(Hopfield(), {"alpha": 0.05, "T": temperatures}), "pattern", "binomial")
    names = [Phase(code).name for code in dataset["phase"].values]
    assert names == ["RETRIEVAL", "METASTABLE", "METASTABLE", "GLASS", "GLASS", "PARAMAGNET"]
    assert dataset["m"].sel(T=[0.543, 1.2236, 1.2237]).isnull().all()


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


def test_large_deviations_that_errors_hide_are_named(study):
    wide = changed(study, m=0.5, m_err=0.6)
    summary = phase_diagrams.compare(wide).attrs["summary"]
    assert "At 1 points |m - theory| is above 0.1 and the errors are too large" in summary
    assert "At 1 points" not in phase_diagrams.compare(study).attrs["summary"]
