import numpy as np
import pytest
import xarray as xr
from scipy.special import erf, ndtri

import montecarlo
import phase_diagrams
import theory
from hebbian import Hopfield
from phase_diagrams.analysis.crossings import Profile
from phase_diagrams.analysis.power_fit import extrapolate_sizes
from phase_diagrams.analysis.scaling import crossing

SIZES = np.array([100.0, 200.0, 400.0, 800.0])


def test_exact_laws_are_recovered():
    y = 0.3 + 2 / SIZES - 7 / SIZES ** (2 / 3)
    fit = extrapolate_sizes(SIZES, y, np.full(4, 0.01), powers=(1, 2 / 3))
    assert fit.value == pytest.approx(0.3, abs=1e-10)
    assert fit.dof == 1
    assert fit.chi2 == pytest.approx(0, abs=1e-15)
    assert fit.probability == pytest.approx(1)


def test_value_and_error_are_those_of_the_normal_equations():
    """An independent solution: (A^T W A)^-1 A^T W y and its covariance."""
    rng = np.random.default_rng(3)
    sigma = np.array([0.01, 0.02, 0.005, 0.01])
    y = 0.5 + 1 / SIZES + sigma * rng.normal(size=4)
    fit = extrapolate_sizes(SIZES, y, sigma)
    design = np.stack([np.ones(4), 1 / SIZES], axis=1)
    covariance = np.linalg.inv(design.T @ np.diag(sigma**-2) @ design)
    parameters = covariance @ design.T @ (y / sigma**2)
    assert fit.value == pytest.approx(parameters[0], abs=1e-12)
    assert fit.error == pytest.approx(np.sqrt(covariance[0, 0]), rel=1e-9)
    assert fit.chi2 == pytest.approx(np.sum((y - design @ parameters) ** 2 / sigma**2), rel=1e-9)


def test_errors_cover_the_truth_and_good_fits_are_kept():
    """Means of eight Gaussian samples: z has unit spread, one fit in a hundred is refused."""
    rng = np.random.default_rng(7)
    n_fits, n_samples = 2000, 8
    noise = rng.normal(size=(n_fits, 4, n_samples)) * 0.05
    y = 0.5 + 3 / SIZES + noise.mean(axis=-1)
    errors = noise.std(axis=-1, ddof=1) / np.sqrt(n_samples)
    fits = [extrapolate_sizes(SIZES, y[i], errors[i], n_samples=n_samples) for i in range(n_fits)]
    refused = np.mean([fit.verdict == "bad_fit" for fit in fits])
    assert 0.002 < refused < 0.03
    z = np.array([(fit.value - 0.5) / fit.error for fit in fits if fit.verdict == "accepted"])
    # Student-like: estimated errors widen the law a little
    assert 0.95 < np.quantile(np.abs(z), 0.6827) < 1.25
    assert abs(z.mean()) < 4 / np.sqrt(n_fits)


@pytest.mark.parametrize(
    ("y", "sigma", "verdict"),
    [
        (0.5 + 100 * SIZES**-2, 1e-5, "bad_fit"),
        ([0.5, np.nan, 0.4, np.nan], 0.01, "too_few_sizes"),
        (0.5 + 1 / SIZES, np.nan, "too_few_sizes"),
        (0.5 + 1 / SIZES, 0.01, "accepted"),
    ],
)
def test_fits_are_refused_honestly(y, sigma, verdict):
    fit = extrapolate_sizes(SIZES, np.array(y), np.full(4, sigma), n_samples=8)
    assert fit.verdict == verdict
    assert np.isfinite(fit.value) == np.isfinite(fit.error) == (verdict == "accepted")


@pytest.mark.parametrize("powers", [(), (1, 1), (0,), (-1,), (5,), ("one",)])
def test_exponents_have_a_domain(powers):
    with pytest.raises(ValueError, match="powers = "):
        extrapolate_sizes(SIZES, SIZES, SIZES, powers=powers)


def profile(x, samples, number=0):
    m = samples.mean(axis=1)
    error = samples.std(axis=1, ddof=1) / np.sqrt(samples.shape[1])
    return Profile(x, m, error, samples, np.full(len(x), number))


def test_a_crossing_and_its_error():
    """Samples that jump at Gaussian temperatures: the mean crosses 1/2 at their median."""
    rng = np.random.default_rng(11)
    x = np.linspace(0, 1, 201)
    n_samples, n_tries = 16, 60
    points, errors = [], []
    for _ in range(n_tries):
        where = rng.normal(0.5, 0.05, n_samples)
        # each sample falls over a width like that of the mean: the crossing is smooth
        samples = 0.5 * (1 - erf((x[:, None] - where) / 0.1))
        point, error = crossing(profile(x, samples), 0.5)
        points.append(point)
        errors.append(error)
    spread = np.std(points, ddof=1)
    assert abs(np.mean(points) - 0.5) < 4 * spread / np.sqrt(n_tries)
    # a standard deviation from 60 tries is known to 9 percent
    assert np.mean(errors) == pytest.approx(spread, rel=0.3)


def test_a_jump_between_two_points_may_stand_anywhere():
    x = np.array([0.2, 0.4, 0.6])
    samples = np.repeat([[1.0], [1.0], [0.0]], 8, axis=1)
    point, error = crossing(profile(x, samples), 0.5)
    assert point == pytest.approx(0.5)
    assert error == pytest.approx(0.2 / np.sqrt(12))
    rising, same = crossing(profile(x, samples[::-1]), 0.5)
    assert (rising, same) == (pytest.approx(0.3), pytest.approx(error))


def test_what_has_no_crossing_or_no_error():
    x = np.array([0.2, 0.4])
    assert np.isnan(crossing(profile(x, np.ones((2, 8))), 0.5)).all()
    point, error = crossing(profile(x, np.repeat([[1.0], [0.0]], 3, axis=1)), 0.5)
    assert point == pytest.approx(0.3)
    assert np.isnan(error)


@pytest.fixture(scope="module")
def sizes():
    """A study whose simulation is replaced by known laws of the size."""
    T = np.linspace(0.2, 0.8, 25)
    grid = {"alpha": [0.02, 0.05], "T": T, "n_spins": [100, 200, 400, 800]}
    tree = phase_diagrams.sweep(
        Hopfield(), grid, n_samples=8, n_replicas=1,
        schedule=montecarlo.Schedule(warmup=0, sweeps=1, stride=1),
    )  # fmt: skip
    data = tree["simulation"].to_dataset()
    quantiles = ndtri((np.arange(8) + 0.5) / 8)
    line = xr.DataArray([0.6, 0.5], dims="alpha", coords={"alpha": [0.02, 0.05]})
    where = line - 2 * data["n_spins"] ** (-2 / 3)
    where = where + 0.02 * xr.DataArray(quantiles, dims="sample")
    samples = 0.45 * (1 - np.tanh((data["T"] - where) / 0.02))
    data["m_samples"] = samples.transpose(*data["m_samples"].dims)
    data["m"] = data["m_samples"].mean("sample") * (1 + 1 / data["n_spins"])
    data["m_err"] = xr.full_like(data["m"], 0.001)
    data["escaped"] = data["switched"] = xr.zeros_like(data["escaped"])
    return xr.DataTree.from_dict({"/theory": tree["theory"].to_dataset(), "/simulation": data})


def test_the_transition_at_infinite_size(sizes):
    found = phase_diagrams.extrapolate(sizes)
    table = found["transition"].to_dataset()
    np.testing.assert_allclose(table["value"], [0.6, 0.5], atol=0.004)
    assert (table["error"] < 0.02).all()
    for i, T in enumerate([0.6, 0.5]):
        np.testing.assert_allclose(table["point"][i], T - 2 * SIZES ** (-2 / 3), atol=0.004)
    line = theory.spinodal_temperature(Hopfield(), np.array([0.02, 0.05]))
    np.testing.assert_allclose(table["theory"], line, atol=1e-9)
    np.testing.assert_allclose(table["z"], (table["value"] - line) / table["error"])
    assert "2 of 2 fits accepted" in found.attrs["summary"]
    # the wrong law of the size is seen, or at least moves the limit
    wrong = phase_diagrams.extrapolate(sizes, line_powers=[2.0])["transition"].to_dataset()
    assert not (np.abs(wrong["value"] - [0.6, 0.5]) < 0.004).any()


def test_the_error_of_a_crossing_is_that_of_the_mean_of_the_samples():
    """Lines 1 - x + d_s cross 1/2 at 1/2 + d_s: the error is that of the mean of d_s."""
    x, d = np.linspace(0, 1, 101), np.array([0.04, -0.04, 0.02, -0.02])
    samples = 1 - x[:, None] + d
    mean, error = samples.mean(axis=1), samples.std(axis=1, ddof=1) / 2
    point, found = crossing(Profile(x, mean, error, samples, np.zeros(101, int)), 0.5)
    assert point == pytest.approx(0.5, abs=1e-12)
    # Without the factor n/(n - 1) of the variance it would be smaller by 13 %.
    assert found == pytest.approx(d.std(ddof=1) / 2, rel=0.06)


def test_mixed_states_are_not_extrapolated(sizes):
    mixed = sizes.copy(deep=True)
    mixed["simulation/escaped"].loc[{"alpha": 0.05, "n_spins": 100}] = 0.5
    table = phase_diagrams.extrapolate(mixed)["m"].to_dataset()
    words = np.array(table["verdict"].attrs["flag_meanings"].split())[table["verdict"]]
    assert (words[table["alpha"] == 0.05] == "mixed_states").all()
    assert "mixed_states" not in words[table["alpha"] == 0.02]
    assert table["value"].where(table["alpha"] == 0.05, drop=True).isnull().all()


def test_a_study_of_one_size_is_refused(tree):
    with pytest.raises(ValueError, match="n_spins has one value"):
        phase_diagrams.extrapolate(tree)


def test_hopfield_at_infinite_size():
    """Loads are whole at every size; the replica theory is reached within the errors."""
    tree = phase_diagrams.sweep(
        Hopfield(), {"alpha": 0.04, "T": [0.3, 0.4], "n_spins": [200, 400, 800]},
        n_samples=24, n_replicas=1, seed=5,
        schedule=montecarlo.Schedule(warmup=50, sweeps=200, stride=4),
    )  # fmt: skip
    table = phase_diagrams.extrapolate(tree)["m"].to_dataset()
    assert (table["verdict"] == 0).all()
    assert (np.abs(table["z"]) < 4).all()
    assert (table["error"] < 0.002).all()
