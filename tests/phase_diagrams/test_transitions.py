"""First-order transitions located by simulation."""

import inspect
import json
import math
import os

import numpy as np
import pytest
import xarray as xr

import hebbian
import phase_diagrams
import theory
from hebbian import Dense, Hopfield, Multitasking
from montecarlo import Schedule
from phase_diagrams.cli import main
from phase_diagrams.transitions import integration, locating, results
from phase_diagrams.transitions.extrapolation import limit
from phase_diagrams.transitions.networks import network
from phase_diagrams.transitions.patterns import pattern_energies

DENSE = Dense(order=4)
SHORT = Schedule(warmup=100, sweeps=200, stride=4)
SMALL = {"alpha": 0.05, "n_spins": [32, 40], "n_samples": 3, "schedule": SHORT, "seed": 1}


@pytest.fixture(scope="module")
def found():
    schedule = Schedule(warmup=300, sweeps=600, stride=4)
    return phase_diagrams.locate_transition(DENSE, **{**SMALL, "schedule": schedule})


def test_small_dense_networks_have_their_transition_near_that_of_the_finite_theory(found):
    """Well above T_c = 0.701: at N = 40 the entropy of the patterns moves it to 0.94."""
    assert (found["located"] == 3).all()
    assert (abs(found["transition"] / found["expected"] - 1) < 0.06).all()
    assert (found["transition"] > found["theory"] + 0.15).all()
    assert found["n_patterns"].values.tolist() == [[112, 228]]
    np.testing.assert_allclose(found["entropy"], np.log(2 * found["n_patterns"]) / [[32, 40]])
    assert (found["latent_heat"] > 0.3).all()
    assert (found["barrier"] > 0).all()
    np.testing.assert_allclose(found["distribution"].sum("energy"), 1)
    assert bool(found["equilibrium"].all())
    for name in ("start_gap", "drift"):
        assert (abs(found[name]) + found[f"{name}_error"] < 0.1).all()
    assert found.attrs["summary"].startswith("alpha = 0.05: T_c = ")


def test_equilibrium_has_to_be_shown():
    known = xr.Dataset(
        {
            "drift": ("n", [0.02, -0.08, 0.02, 0.02]),
            "drift_error": ("n", [0.03, 0.03, 0.09, np.nan]),
        }
    )
    assert results._agree(known, "drift").values.tolist() == [True, False, False, False]


def test_units_are_those_of_the_infinite_network():
    one = network(DENSE, 0.1, 100)
    assert one.scale == pytest.approx(math.prod(1 - k / 100 for k in range(4)))
    assert one.n_patterns == DENSE.count(0.1 * one.scale, 100)
    own = theory.transition_temperature(DENSE, 12 * one.n_patterns / 100**3, n_spins=100)
    assert one.expected("binomial") == pytest.approx(float(own) / one.scale)
    assert network(Dense(order=3), 0.1, 60).n_states == network(Dense(order=3), 0.1, 60).n_patterns
    assert network(Dense(order=4, indices="all"), 0.1, 60).scale == 1


def test_the_limit_of_the_theory_of_finite_networks_is_that_of_the_infinite_one():
    """Linear in ln(2K)/N for the inverse temperature; 1/N or T itself would be far off."""
    sizes = np.array([60, 80, 100])
    networks = [network(DENSE, 0.1, int(n)) for n in sizes]
    T = np.array([one.expected("binomial") for one in networks])
    x = np.array([one.entropy for one in networks])
    known = float(theory.transition_temperature(DENSE, 0.1))
    fit = limit(x, 1 / T, np.full(3, 0.01))
    assert abs(fit.T / known - 1) < 0.02
    assert abs(np.polyfit(x, T, 1)[1] / known - 1) > 0.06
    assert abs(np.polyfit(1 / sizes, T, 1)[1] / known - 1) > 0.02


def test_weighted_least_squares_against_numpy():
    rng = np.random.default_rng(3)
    x, errors = np.linspace(0.05, 0.2, 6), rng.uniform(0.01, 0.03, 6)
    beta = 1.4 - 2 * x + errors * rng.standard_normal(6)
    (slope, intercept), covariance = np.polyfit(x, beta, 1, w=1 / errors, cov="unscaled")
    without = 1 / np.polyfit(x[:-1], beta[:-1], 1, w=1 / errors[:-1])[1]
    for narrower in (0.5, 1.0, 10.0):
        fit = limit(x, beta, errors / narrower)
        chi2 = (((intercept + slope * x - beta) / errors * narrower) ** 2).sum()
        birge = math.sqrt(max(1.0, chi2 / 4))
        spread = birge * math.sqrt(covariance[1, 1]) / narrower / intercept**2
        assert pytest.approx(1 / intercept) == fit.T
        assert fit.slope == pytest.approx(slope)
        assert fit.error == pytest.approx(math.hypot(spread, without - 1 / intercept))
        assert fit.chi2 == pytest.approx(chi2)
    assert chi2 > 4  # the last of them is a bad fit
    assert np.isnan(limit(x[:1], beta[:1], errors[:1]).T)


def test_integration_returns_the_free_energies_of_the_theory():
    """Energies of the infinite network in, its T_c out."""
    T = np.linspace(0, 0.75, integration.POINTS)
    beta = np.linspace(0, 1 / 0.6, integration.POINTS)
    e_R = theory.solve(DENSE, alpha=0.1, T=T).energy
    e_D = -0.1 * beta / 2
    found, latent = integration._crossing(T, e_R, beta, e_D)
    known = float(theory.transition_temperature(DENSE, 0.1))
    assert 1 / found == pytest.approx(known, rel=2e-4)
    at = [
        theory.solve(DENSE, alpha=0.1, T=known, start=s).energy for s in ("retrieval", "paramagnet")
    ]
    assert latent == pytest.approx(at[1] - at[0], rel=1e-3)


def test_a_branch_ends_where_most_chains_have_left_it():
    energies = np.arange(12.0).reshape(3, 1, 2, 2)
    there = np.array([[[[1, 1], [1, 1]]], [[[0, 0], [1, 1]]], [[[0, 0], [0, 0]]]], bool)
    branch = integration._branch(energies, there, 0.25)
    np.testing.assert_array_equal(branch, [[1.5, 6.5, np.nan]])
    branch = integration._branch(energies, there, 0.9)
    np.testing.assert_array_equal(branch, [[1.5, np.nan, np.nan]])


def test_an_interrupted_call_goes_on_to_the_same_bits(tmp_path, monkeypatch):
    whole = phase_diagrams.locate_transition(DENSE, **SMALL)
    out = tmp_path / "tc.nc"
    measure, calls = locating.METHODS["exchange"], []

    def interrupted(one, **settings):
        calls.append(one.n_spins)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return measure(one, **settings)

    monkeypatch.setitem(locating.METHODS, "exchange", interrupted)
    with pytest.raises(KeyboardInterrupt):
        phase_diagrams.locate_transition(DENSE, **SMALL, out=out)
    assert (tmp_path / "tc.nc.ckpt").exists()
    assert not out.exists()
    again = phase_diagrams.locate_transition(DENSE, **SMALL, out=out, n_threads=1)
    xr.testing.assert_identical(again.drop_attrs(), whole.drop_attrs())
    assert not (tmp_path / "tc.nc.ckpt").exists()
    kept = phase_diagrams.locate_transition(DENSE, **SMALL, out=out)
    xr.testing.assert_equal(kept.drop_attrs(), whole.drop_attrs())
    with pytest.raises(ValueError, match="holds another result"):
        phase_diagrams.locate_transition(DENSE, **{**SMALL, "seed": 2}, out=out)
    content = out.read_bytes()
    sites = range(0, len(content), len(content) // 40)
    flipped = (content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :] for at in sites)
    for wrong in (*flipped, content[:-1], content + b"0", content[:-92], b"", b"x"):
        out.write_bytes(wrong)
        with pytest.raises(ValueError, match=r"^out = .* is damaged, or no result"):
            phase_diagrams.locate_transition(DENSE, **SMALL, out=out)
        assert out.read_bytes() == wrong


def test_a_place_where_nothing_can_be_written_is_said_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for out, words in (
        (tmp_path / "nowhere" / "tc.nc", "there is no folder"),
        (tmp_path, "is damaged, or no result"),
        (tmp_path / "pipe", "is damaged, or no result"),
        ("", "is not the path of a file"),
        (3, "is not the name of a file"),
    ):
        with pytest.raises((ValueError, TypeError), match=f"^out = .*{words}"):
            phase_diagrams.locate_transition(DENSE, **SMALL, out=out)


@pytest.mark.parametrize(
    ("model", "changed", "words"),
    [
        (DENSE, {"alpha": -0.1}, r"alpha = -0.1"),
        (DENSE, {"alpha": [0.1, 0.1]}, "distinct loads"),
        (DENSE, {"n_spins": [40, 40]}, "distinct sizes"),
        (DENSE, {"n_spins": 3}, "n_spins = 3"),
        (DENSE, {"n_samples": 1}, r"n_samples = 1 .*\[2"),
        (DENSE, {"method": "guess"}, "method = 'guess'"),
        (DENSE, {"T": 0.0}, "T = 0"),
        (DENSE, {"schedule": Schedule(warmup=1, sweeps=1, stride=1)}, "two measurements"),
        (Hopfield(), {"alpha": 0.2}, "theory expects no transition"),
        (Multitasking(), {}, "Multitasking"),
    ],
)
def test_bad_input_is_one_line(model, changed, words):
    with pytest.raises(ValueError, match=words) as error:
        phase_diagrams.locate_transition(model, **{**SMALL, **changed})
    assert "\n" not in str(error.value)


def test_the_command_prints_a_table_or_json(capsys, tmp_path):
    command = [
        "locate",
        "--model",
        "dense",
        "--order",
        "4",
        "--alpha",
        "0.05",
        "--n-spins",
        "32,40",
    ]
    command += ["--n-samples", "3", "--warmup", "100", "--sweeps", "200", "--stride", "4"]
    command += ["--seed", "1", "--out", str(tmp_path / "tc.nc")]
    assert main(command) == 0
    table = capsys.readouterr().out
    assert "transition" in table
    assert "alpha = 0.05: T_c = " in table
    assert main([*command, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["method"] == "exchange"
    assert [row["n_spins"] for row in answer["sizes"]] == [32, 40]
    assert answer["limits"][0]["theory"] == pytest.approx(0.701079, abs=1e-6)
    assert main(["locate", "--model", "dense"]) == 2
    assert "alpha is missing" in capsys.readouterr().err


def test_retrieval_is_that_of_the_mean_pattern(monkeypatch):
    """Whichever patterns are followed: their own energies scatter the crossings."""
    monkeypatch.setattr(integration, "STARTS", 1)
    one = network(DENSE, 0.05, 100)
    asked = {"n_samples": 1, "seed": 1, "schedule": Schedule(warmup=20, sweeps=40, stride=2)}
    energies, _ = integration._patterns(one, 1, 0, 1)
    first = integration.pattern_energies
    moved = []
    for shift in (0.0, 0.01):
        monkeypatch.setattr(
            integration, "pattern_energies", lambda data, which, s=shift: (
                first(data, which) - s * one.n_spins * (np.arange(len(which)) > 0)
            ),
        )  # fmt: skip
        moved.append(integration.by_integration(one, 0.7, **asked)["beta"][0])
    share = 1 - 1 / len(energies)
    # A deeper mean pattern by de moves the crossing by d(beta) = -beta de / latent heat.
    assert moved[0] - moved[1] == pytest.approx(0.01 * share * moved[0] / 0.43, rel=0.1)


def test_pattern_energies_are_those_of_the_network():
    for model in (Dense(order=4), Dense(order=3, indices="all"), Hopfield()):
        data = hebbian.draw(model, n_spins=24, alpha=0.05, seed=2)
        which = range(min(5, data.n_patterns))
        known = [data.memory.energy(data.archetypes[k]) for k in which]
        np.testing.assert_allclose(pattern_energies(data, which), known)


def test_defaults_are_those_that_help_names(capsys):
    assert main(["locate", "--help"]) == 0
    words = " ".join(capsys.readouterr().out.split())
    asked = inspect.signature(phase_diagrams.locate_transition).parameters
    assert f"(default {asked['n_samples'].default})" in words
    for name in ("warmup", "sweeps", "stride"):
        values = {method: getattr(locating.SCHEDULES[method], name) for method in locating.METHODS}
        text = (
            f"(default {values['exchange']} for exchange, {values['integration']} for integration)"
        )
        assert text in words
    for sizes in (*locating.SIZES.values(), locating.GLASS_SIZES):
        assert ",".join(map(str, sizes)) in words


def test_no_transition_is_exit_code_three(capsys):
    """A ladder far above the transition sees the paramagnet alone."""
    command = ["locate", "--model", "dense", "--alpha", "0.05", "--n-spins", "32,40", "--T", "3"]
    assert main([*command, "--n-samples", "2", "--warmup", "20", "--sweeps", "40"]) == 3
    assert "no transition was located" in capsys.readouterr().out


def test_a_branch_that_ended_is_continued_a_little():
    beta = np.linspace(0, 2, 25)
    energy = -0.05 * beta - 0.01 * beta**2
    cut = np.where(beta < 1.6, energy, np.nan)
    there, values = integration._continued(beta, cut)
    assert 1.6 < there[-1] <= 7 / 6 * 1.6
    np.testing.assert_allclose(values, energy[: len(there)], atol=1e-12)
    few = np.where(beta < 0.5, energy, np.nan)
    assert integration._continued(beta, few)[0][-1] < 0.5
