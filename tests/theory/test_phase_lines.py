"""All lines at once are the lines one by one, from axis to axis."""

import sys

import numpy as np
import pytest

import theory
from hebbian import Dense, Hopfield, Multitasking, Supervised

MODELS = [
    Hopfield(),
    Dense(order=3),
    Dense(order=4, indices="all"),
    Dense(order=4, rule=Supervised(quality=0.8, n_examples=6)),
]


def curve(lines, name):
    return lines[f"{name}_load"].values, lines[f"{name}_temperature"].values


@pytest.mark.parametrize("model", MODELS, ids=str)
def test_points_are_those_of_the_public_functions(model):
    lines = theory.phase_lines(model, n_points=40)
    for name, function in (
        ("spinodal", theory.critical_load), ("transition", theory.transition_load)
    ):  # fmt: skip
        load, T = curve(lines, name)
        np.testing.assert_allclose(load[:-1], function(model, T[:-1]), rtol=1e-9)
        assert T[0] == 0
        assert load[-1] == 0
    load, T = curve(lines, "glass")
    np.testing.assert_array_equal(T, theory.glass_temperature(model, load))
    load, T = curve(lines, "broken_spinodal")
    np.testing.assert_allclose(load, theory.critical_load(model, T, rsb=1), rtol=1e-9)
    load, T = curve(lines, "replicon")
    inner = slice(1, -1)
    np.testing.assert_array_equal(T[inner], theory.replicon_temperature(model, load[inner]))


@pytest.mark.parametrize("model", MODELS, ids=str)
def test_the_spinodal_is_stable_from_where_the_replicon_line_ends(model):
    lines = theory.phase_lines(model)
    load, T = curve(lines, "spinodal")
    stable = lines["spinodal_stable"].values
    state = theory.solve(model, alpha=load[1:-1] * (1 - 1e-9), T=T[1:-1])
    np.testing.assert_array_equal(stable[1:-1], state.replicon > 0)
    end = lines["replicon_temperature"].values[-1]
    assert T[~stable].max() <= end <= T[stable].min()
    # The one-step spinodal begins where the other is right.
    broken = lines["broken_spinodal_load"].values[-1]
    assert broken == pytest.approx(float(np.interp(end, T, load)), rel=2e-3)


@pytest.mark.parametrize("model", MODELS, ids=str)
def test_tips_are_closed(model):
    """No step of a line is large in both directions, next to its tip in none."""
    for name in ("spinodal", "transition"):
        load, T = curve(theory.phase_lines(model), name)
        assert np.isfinite(load).all()
        assert (np.abs(np.diff(T)) <= 1.01 * T[-1] / 199).all()
        # Below its tip a line is vertical.
        assert np.abs(np.diff(load)).max() < 0.05 * load.max()


def test_the_transition_of_hopfield_is_that_against_the_broken_glass():
    """An independent solver of the glass with one step of breaking."""
    load, T = curve(theory.phase_lines(Hopfield()), "transition")
    falling = T[np.argmax(load)] < T
    for alpha, expected in ((0.05, 0.2390), (0.0525, 0.1937), (0.055, 0.1285)):
        found = np.interp(-alpha, -load[falling], T[falling])
        assert found == pytest.approx(expected, abs=1e-3)
    symmetric = theory.phase_lines(Hopfield(), rsb=0)
    assert float(symmetric["transition_load"][0]) == pytest.approx(0.0518543, abs=1e-6)
    assert "broken_spinodal_load" not in symmetric


@pytest.mark.heavy
@pytest.mark.parametrize("n_spins", [50, 200])
def test_a_finite_network_has_lines_in_its_own_units(n_spins):
    model = Dense(order=4)
    lines, infinite = theory.phase_lines(model, n_spins=n_spins), theory.phase_lines(model)
    factor = theory.conventions.finite_size_factor(n_spins, order=4)
    for name in ("spinodal", "glass", "replicon", "broken_spinodal"):
        for ours, theirs in zip(curve(lines, name), curve(infinite, name), strict=True):
            np.testing.assert_allclose(ours, factor * theirs, rtol=1e-12)
    load, T = curve(lines, "transition")
    assert load[-1] == T[0] == 0
    some = np.flatnonzero((load > 0.02) & (load < 0.25) & (T > 0.5))
    assert some.size > 5
    expected = theory.transition_temperature(model, load[some], n_spins=n_spins)
    np.testing.assert_allclose(T[some], expected, rtol=1e-6)


def test_retrieval_is_the_ground_state_where_the_glass_is_not_thermodynamic():
    model = Dense(order=4)
    lines = theory.phase_lines(model)
    load, T = curve(lines, "glass")
    first = theory.transition_load(model, T)
    known = np.isfinite(first) & (load > 0)
    np.testing.assert_array_equal(lines["glass_thermodynamic"].values[known], (load > first)[known])
    assert lines["dynamic_temperature"].max() > lines["glass_temperature"].max()
    assert "dynamic_temperature" not in theory.phase_lines(Hopfield())


def test_dilution_has_temperatures_that_close():
    lines = theory.phase_lines(Multitasking(n_patterns=3))
    d = lines["dilution"].values
    np.testing.assert_allclose(lines["critical_temperature"], 1 - d)
    low, high = (lines[f"parallel_temperature_{end}"].values for end in ("low", "high"))
    for exists in (d < 0.5, d >= 0.5):  # the odd mixture, the parallel state
        known = exists & np.isfinite(low)
        tip = np.flatnonzero(known)[-1 if exists[0] else 0]
        assert low[tip] == high[tip]
    learnt = Multitasking(n_patterns=3, rule=Supervised(quality=0.5, n_examples=3))
    assert list(theory.phase_lines(learnt)) == ["critical_temperature", "pure_temperature"]
    with pytest.raises(ValueError, match="n_spins = 50: the lines of Multitasking"):
        theory.phase_lines(Multitasking(n_patterns=3), n_spins=50)


def test_a_second_call_is_another_data_set_of_the_same_numbers():
    first = theory.phase_lines(Dense(order=3))
    kept = first.copy(deep=True)
    first["transition_load"][:] = 0
    assert theory.phase_lines(Dense(order=3)).identical(kept)


def test_variables_say_what_they_are():
    lines = theory.phase_lines(Dense(order=4), n_spins=100)
    assert all(lines[name].attrs["long_name"] for name in lines)
    assert lines.attrs["n_spins"] == 100
    assert lines["transition_load"].attrs["symbol"] == r"\alpha"


def test_bad_parameters_are_refused():
    for options, words in (
        ({"rsb": 2}, r"rsb = 2 is outside the allowed range \[0, 1\]"),
        ({"n_points": 3}, r"n_points = 3 is outside the allowed range \[16, 100000\]"),
        ({"n_spins": 3}, r"n_spins = 3 is outside the allowed range \[4, inf\)"),
        ({"law": "poisson"}, "law"),
    ):
        with pytest.raises(ValueError, match=words):
            theory.phase_lines(Dense(order=4), **options)


def test_theory_needs_no_labels_until_they_are_asked_for(monkeypatch):
    monkeypatch.setitem(sys.modules, "xarray", None)
    with pytest.raises(ModuleNotFoundError, match="xarray"):
        theory.phase_lines(Hopfield())
