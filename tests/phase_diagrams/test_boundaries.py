"""The boundary of a simulation: every column, with an error, beside the line of its own size."""

import numpy as np
import pytest
import xarray as xr

import montecarlo
import phase_diagrams
import theory
from hebbian import Dense, Hopfield
from phase_diagrams.analysis.brackets import bracket
from phase_diagrams.analysis.crossings import Profile, sample_crossings

T = np.linspace(0.1, 1.0, 10)
SHORT = montecarlo.Schedule(warmup=2, sweeps=4, stride=2)


@pytest.fixture(scope="module")
def blank():
    """A study of three loads whose numbers are replaced."""
    grid = {"alpha": [0.02, 0.05, 0.08], "T": T}
    return phase_diagrams.sweep(Hopfield(), grid, n_spins=100, n_samples=6, schedule=SHORT)


def filled(tree, curves, done=None):
    """Return the study with samples of given overlaps: axes (alpha, T, sample)."""
    simulation = tree["simulation"].to_dataset()
    simulation["m_samples"] = (("alpha", "T", "sample"), curves)
    simulation["m"] = (("alpha", "T"), curves.mean(axis=-1))
    error = curves.std(axis=-1, ddof=1) / np.sqrt(curves.shape[-1])
    simulation["m_err"] = (("alpha", "T"), np.maximum(error, 1e-3))
    if done is not None:
        simulation["status"] = (("alpha", "T"), done.astype(np.int8))
    return xr.DataTree.from_dict(
        {"/theory": tree["theory"].to_dataset(), "/simulation": simulation}
    )


def test_every_column_has_a_row_and_says_why_it_is_empty(blank):
    """One that falls between two points, one that does not fall, one that is not done."""
    curves = np.full((3, 10, 6), 0.9)
    curves[0, 6:] = 0.1
    done = np.ones((3, 10))
    done[2, 1:] = 0
    found = phase_diagrams.boundary(filled(blank, curves, done))
    assert found["alpha"].values.tolist() == [0.02, 0.05, 0.08]
    words = np.array(found["reason"].attrs["flag_meanings"].split())[found["reason"]]
    assert words.tolist() == ["found", "no_fall", "too_few_points"]
    assert found["low"].values[0] == pytest.approx(T[5])
    assert found["high"].values[0] == pytest.approx(T[6])
    for name in ("low", "high", "simulation", "error", "distance", "crossed"):
        assert np.isnan(found[name].values[1:]).all()
    assert not found["inside"].values[1:].any()
    assert np.isfinite(found["theory"]).all()


def test_a_fall_that_no_two_neighbours_show_is_found(blank):
    """From .95 to .05 in nine steps of .1, each of which is less than two of its errors."""
    level = np.linspace(0.95, 0.05, 10)[:, None]
    curves = np.clip(level + np.linspace(-0.3, 0.3, 6), 0, 1) * np.ones((3, 1, 1))
    found = phase_diagrams.boundary(filled(blank, curves))
    assert (found["reason"] == 0).all()
    np.testing.assert_allclose(found["simulation"], 0.55, atol=0.01)
    assert (found["high"] - found["low"] > 0.15).all()
    assert (abs(found["error"] - 0.6 / np.sqrt(12) / np.sqrt(6)) < 0.04).all()


def test_noise_is_no_fall(blank):
    rng = np.random.default_rng(3)
    curves = 0.5 + 0.05 * rng.normal(size=(3, 10, 6))
    assert (phase_diagrams.boundary(filled(blank, curves))["reason"] == 2).all()


def test_the_error_is_that_of_the_crossings_of_the_samples(blank):
    """Lines of slope -1 that pass the middle of the fall at known temperatures."""
    shift = np.array([-0.05, -0.03, -0.01, 0.01, 0.03, 0.05])
    curves = np.clip(0.5 - 4 * (T[:, None] - 0.55 - shift), 0, 1) * np.ones((3, 1, 1))
    tree = filled(blank, curves)
    found = phase_diagrams.boundary(tree).isel(column=0)
    assert float(found["simulation"]) == pytest.approx(0.55, abs=1e-9)
    resolution = 0.1 * 0.4 / np.sqrt(12)  # two fifths of the height fall inside a step
    spread = shift.std(ddof=1) / np.sqrt(6)
    assert float(found["error"]) == pytest.approx(np.hypot(spread, resolution), rel=0.02)
    assert float(found["crossed"]) == 1


def test_the_interval_of_the_crossings_covers_their_mean():
    """Jumps at Gaussian temperatures, seen on a fine grid: 95 % of the intervals hold it."""
    rng = np.random.default_rng(4)
    x = np.linspace(0, 1, 201)
    inside = []
    for _ in range(300):
        at = 0.5 + 0.05 * rng.normal(size=8)
        curves = (x[:, None] < at).astype(float)
        m, error = curves.mean(axis=1), curves.std(axis=1, ddof=1) / np.sqrt(8)
        profile = Profile(x, m, error, curves, np.zeros(201, int))
        here = bracket(profile)
        found = sample_crossings(profile, here.level)
        spread = found.std(ddof=1) / np.sqrt(8)
        inside.append(abs(found.mean() - 0.5) < 2.365 * spread)
    assert 0.91 < np.mean(inside) < 0.985


def test_finite_networks_have_their_own_line():
    """Dense P = 4, N = 60: T_M at alpha/Pi, in units of Pi."""
    alphas, n_spins = [0.02, 0.1], 60
    tree = phase_diagrams.sweep(
        Dense(order=4), {"alpha": alphas, "T": [0.5, 0.7, 0.9]}, n_spins=n_spins, n_samples=2,
        schedule=SHORT,
    )  # fmt: skip
    Pi = np.prod([1 - k / n_spins for k in range(4)])
    # K = 360 and 1800 whole patterns: the loads are those of the grid
    infinite = phase_diagrams.boundary(tree)["theory"]
    np.testing.assert_allclose(infinite, theory.spinodal_temperature(Dense(order=4), alphas))
    finite = phase_diagrams.boundary(tree, finite_size=True)
    expected = Pi * theory.spinodal_temperature(Dense(order=4), np.array(alphas) / Pi)
    np.testing.assert_allclose(finite["theory"], expected, rtol=1e-9)
    assert finite.attrs["finite_size"] == 1


def test_every_size_has_its_own_line():
    tree = phase_diagrams.sweep(
        Dense(order=4), {"alpha": [0.02, 0.1], "T": [0.5, 0.9], "n_spins": [40, 60]}, n_samples=2,
        schedule=SHORT,
    )  # fmt: skip
    found = phase_diagrams.boundary(tree, finite_size=True)
    assert found.sizes["column"] == 4
    for row in range(4):
        here = found.isel(column=row)
        Pi = np.prod(1 - np.arange(4) / float(here["n_spins"]))
        load = 12 * Dense(order=4).count(here["alpha"].item(), int(here["n_spins"]))
        load /= float(here["n_spins"]) ** 3
        assert float(here["alpha_effective"]) == pytest.approx(load, rel=1e-11)
        line = Pi * theory.spinodal_temperature(Dense(order=4), load / Pi)
        assert float(here["theory"]) == pytest.approx(float(line), rel=1e-9)
