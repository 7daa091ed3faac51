"""The lines of `Exponential` behind the public doors, its curves, phases and figures."""

import json

import numpy as np
import pytest

import montecarlo
import phase_diagrams
import theory
from hebbian import Exponential
from phase_diagrams.analysis.expectations import Expected
from phase_diagrams.cli import main
from phase_diagrams.figures.curves import between_curves
from phase_diagrams.grid import Grid
from phase_diagrams.phases import Phase
from phase_diagrams.prediction import predict
from theory.exponential import binary

MODEL = Exponential(sharpness=1.0)
SHARPNESSES = (0.25, 1.0, 4.0)


def test_the_values_of_the_lines():
    T = [0.05, 0.5, 1.0, 2.0]
    expected = {
        theory.transition_load: (0.559539, 0.457441, 0.327813, 0.110944),
        theory.spinodal_load: (0.566219, 0.530247, 0.327813, 0.110944),
        theory.critical_load: (0.566219, 0.530247, 0.327813, 0.110944),
    }
    for line, values in expected.items():
        np.testing.assert_allclose(line(MODEL, T), values, atol=5e-7)
    at_zero = {0.25: (0.21907020, 0.37988549), 1.0: (0.56621917, 0.67499725)}
    for sharpness, (softmax, flips) in at_zero.items():
        model = Exponential(sharpness=sharpness)
        for line in (theory.critical_load, theory.single_flip_load):
            value = softmax if line is theory.critical_load else flips
            assert float(line(model)) == pytest.approx(value, abs=5e-9)
        for line in (theory.transition_load, theory.single_transition_load, theory.spinodal_load):
            assert float(line(model, 0.0)) == pytest.approx(softmax, abs=5e-9)
    assert np.isnan(theory.single_flip_load(MODEL, 0.1))


def test_one_pattern_alone_where_all_make_the_floor():
    """l p - zeta(l), p = T zeta(1/T), down to p = tanh l, where the floor condenses."""
    T = np.array([0.05, 0.2, 0.3, 0.4, 1.0, 3.0])
    slope = T * np.log(np.cosh(1 / T))
    found = theory.single_transition_load(MODEL, T)
    free = slope - np.log(np.cosh(1.0))
    assert (slope > np.tanh(1)).tolist() == [True] * 3 + [False] * 3
    np.testing.assert_allclose(found[:3], free[:3], rtol=1e-12)
    np.testing.assert_allclose(found[3:], binary.rate(slope[3:]), rtol=1e-12)
    assert (found[3:] > free[3:]).all()


@pytest.mark.parametrize("sharpness", SHARPNESSES)
def test_curves_are_the_public_lines(sharpness):
    model = Exponential(sharpness=sharpness)
    lines = theory.phase_lines(model, n_points=60)
    public = {
        "spinodal": theory.spinodal_load, "transition": theory.transition_load,
        "single_transition": theory.single_transition_load,
        "condensation": theory.condensation_load,
    }  # fmt: skip
    assert {str(name).rsplit("_", 1)[0] for name in lines} == set(public)
    for name, line in public.items():
        load, T = (lines[f"{name}_{end}"].values for end in ("load", "temperature"))
        np.testing.assert_array_equal(load, line(model, T))
        assert (np.diff(T) > 0).all()
        assert lines[f"{name}_load"].attrs["comment"]
    # Three of them meet at one point, which is a point of each.
    for name in ("spinodal", "transition", "condensation"):
        here = lines[f"{name}_temperature"].values == 1 / sharpness
        assert lines[f"{name}_load"].values[here] == pytest.approx(binary.rate(np.tanh(sharpness)))
    assert lines["condensation_temperature"].values[0] == 1 / sharpness


@pytest.mark.parametrize("sharpness", SHARPNESSES)
def test_phases_are_named_by_the_lowest_free_energy(sharpness):
    """By the states themselves, and the same between the curves of a figure."""
    model = Exponential(sharpness=sharpness)
    alpha, T = np.linspace(0.003, 0.691, 44), np.linspace(0.0, 2.5 / sharpness, 41)
    found = predict(Grid(model, {"alpha": alpha, "T": T}), "pattern", "binomial")
    mesh = {"alpha": alpha[:, None], "T": T}
    retrieval, empty = (theory.solve(model, start=s, **mesh) for s in ("retrieval", "paramagnet"))
    together = retrieval.free_energy - mesh["T"] * mesh["alpha"]
    few = mesh["alpha"] < theory.condensation_load(model)
    expected = np.select(
        [retrieval.converged & (together < empty.free_energy), retrieval.converged, few & (T >= 0)],
        [Phase.RETRIEVAL, Phase.METASTABLE, Phase.CONDENSED],
        Phase.PARAMAGNET,
    )
    phase = found["phase"].transpose("alpha", "T").values
    np.testing.assert_array_equal(phase, expected)
    assert "all of them" in found["single_transition_load"].attrs["comment"]
    drawn = between_curves(theory.phase_lines(model), alpha, T[1:]).values.T
    assert (drawn == phase[:, 1:]).mean() > 0.985  # curves are chords between their points


def test_a_phase_of_every_kind_is_predicted_and_told_in_words():
    points = {"alpha": [0.1, 0.5, 0.2, 0.6], "T": [0.5, 0.5, 3.0, 3.0]}
    found = predict(Grid(MODEL, {"points": points}), "pattern", "binomial")
    names = [Phase(int(code)) for code in found["phase"]]
    assert names == [Phase.RETRIEVAL, Phase.METASTABLE, Phase.CONDENSED, Phase.PARAMAGNET]
    assert Phase.CONDENSED.text == "condensed paramagnet"
    assert np.isnan(found["m"][2:]).all()
    np.testing.assert_allclose(found["energy"][2:], -binary.floor([0.2, 0.6], 1.0))


def test_a_sweep_over_sharpness_and_load_is_predicted_stored_and_drawn(tmp_path):
    axes = {"sharpness": [0.5, 1.0, 2.0], "alpha": [0.1, 0.3, 0.5, 0.65], "T": 0.4}
    phase_diagrams.sweep(MODEL, axes, simulate=False, out=tmp_path / "study.zarr")
    tree = phase_diagrams.open(tmp_path / "study.zarr")
    for sharpness in axes["sharpness"]:
        kept = tree["theory/critical_load"].sel(sharpness=sharpness)
        assert float(kept) == theory.critical_load(Exponential(sharpness=sharpness), 0.4)
    ax = phase_diagrams.figures.phase_map(tree)
    assert ax.get_xlabel() == r"sharpness $\lambda$"
    assert len(ax.lines) == 2


def test_loads_beyond_all_configurations_are_refused_before_anything_is_written(tmp_path):
    for grid in ({"alpha": [0.1, 0.8], "T": [0.5, 1.0]}, {"points": {"alpha": [0.8], "T": [1.0]}}):
        with pytest.raises(ValueError, match=r"alpha = 0\.8 is outside .*\[0, ln 2\]"):
            phase_diagrams.sweep(MODEL, grid, simulate=False, out=tmp_path / "no.zarr")
    assert not (tmp_path / "no.zarr").exists()


def test_the_command_line_traces_every_line(capsys):
    base = ["theory", "--model", "exponential", "--sharpness", "1", "--json"]
    for quantity, public in (
        ("critical-load", theory.critical_load), ("transition-load", theory.transition_load),
        ("single-transition-load", theory.single_transition_load),
        ("condensation-load", theory.condensation_load),
        ("single-flip-load", theory.single_flip_load),
    ):  # fmt: skip
        assert main([*base, "--T", "0,0.5", "--quantity", quantity]) == 0
        points = json.loads(capsys.readouterr().out)["points"]
        values = [p[quantity.replace("-", "_")] for p in points]
        known = public(MODEL, [0.0, 0.5])
        np.testing.assert_array_equal(np.array(values, float), known)
    assert main([*base, "--alpha", "0.4", "--T", "0.5"]) == 0
    (point,) = json.loads(capsys.readouterr().out)["points"]
    assert point["m"] == pytest.approx(np.tanh(2))
    assert main([*base, "--alpha", "0.8", "--T", "0.5"]) == 2
    error = capsys.readouterr().err.strip()
    assert "[0, ln 2]" in error
    assert "\n" not in error


def test_a_finite_network_is_compared_with_its_own_load_and_by_what_it_can_keep():
    """K is whole; points whose barrier a chain passes, and random starts, are told apart."""
    grid = {"alpha": [0.1, 0.25], "T": [0.1, 0.8]}
    options = {"n_spins": 20, "n_samples": 4, "n_replicas": 1, "backend": "reference"}
    short = montecarlo.Schedule(warmup=2, sweeps=4, stride=1)
    tree = phase_diagrams.sweep(MODEL, grid, schedule=short, **options)
    points = phase_diagrams.compare(tree)
    K = [MODEL.count(a, 20) for a in grid["alpha"]]
    np.testing.assert_array_equal(points["n_patterns"].isel(T=0), K)
    np.testing.assert_allclose(points["alpha_effective"].isel(T=0), np.log(K) / 20)
    near = theory.nucleation_barrier(MODEL, np.log(K)[:, None] / 20, grid["T"])
    passes = 20 * near / np.array(grid["T"]) < np.log(6)
    np.testing.assert_array_equal(points["expected"] == Expected.BOUNDARY, passes)
    assert passes.any()
    assert not passes.all()
    found = phase_diagrams.compare(
        phase_diagrams.sweep(MODEL, grid, schedule=short, start="random", **options)
    )
    assert (found["expected"] == Expected.BOUNDARY).all()
    with pytest.raises(ValueError, match="finite_size needs interactions with distinct indices"):
        phase_diagrams.compare(tree, finite_size=True)
