"""Observables as objects: found by name, reduced by their estimator, refused in one line."""

import numpy as np
import pytest

import montecarlo
from hebbian import Hopfield, Multitasking
from montecarlo import OBSERVABLES, Observable, Schedule
from montecarlo.quantities import checked_observables, reference
from montecarlo.statistics.estimators import estimate

SHORT = Schedule(warmup=5, sweeps=60, stride=3)
SETTINGS = {"alpha": 0.1, "T": [0.0, 0.4, 0.9], "n_spins": 50, "n_samples": 3, "schedule": SHORT}


def largest(state):
    return np.abs(state.overlaps(state.archetypes)).max(axis=1)


def squares(state):
    return state.overlaps(state.data.observed(state.patterns)[0]) ** 2


LARGEST = Observable(
    name="largest", function=largest, symbol="m_{max}", long_name="largest overlap"
)
SQUARES = Observable(name="m2", function=squares, per_pattern=True)
TWICE = Observable(
    name="twice_largest",
    series="largest",
    estimator=lambda series: estimate(2 * series.values, series.stride),
)


@pytest.fixture(scope="module")
def run():
    asked = [LARGEST, TWICE, "susceptibility", "binder", "rhat", "tau_m", "specific_heat"]
    return montecarlo.simulate(Hopfield(), **SETTINGS, observables=asked)


def test_one_object_reaches_the_run(run):
    assert run.observables["largest"] is LARGEST
    np.testing.assert_array_equal(
        run.estimate("largest").mean, run.series["largest"].mean(axis=(-1, -2)).mean(axis=-1)
    )
    np.testing.assert_allclose(run.estimate("twice_largest").mean, 2 * run.estimate("largest").mean)
    assert "twice_largest" not in run.series  # it has no series of its own
    assert "susceptibility" in repr(run)
    assert "largest" in repr(run)


def test_named_quantities_are_those_of_the_run(run):
    """By hand from the series, temperature by temperature."""
    m, e = run.series["m"], run.series["energy"]
    for at, T in enumerate(SETTINGS["T"]):
        for name, series, power in (("susceptibility", m, 1), ("specific_heat", e, 2)):
            within = series[at].var(axis=-1).mean(axis=-1)
            between = series[at].mean(axis=-1).var(axis=-1, ddof=1)
            expected = 50 / T**power * (within + between).mean() if T else np.nan
            np.testing.assert_allclose(run.estimate(name).mean[at], expected, rtol=1e-12)
    np.testing.assert_array_equal(run.estimate("binder").mean, run.binder().mean)
    np.testing.assert_array_equal(run.estimate("susceptibility").error, run.susceptibility.error)
    np.testing.assert_array_equal(run.estimate("tau_m").mean, run.relaxation().integrated)
    np.testing.assert_array_equal(run.estimate("tau_m").error, run.relaxation().integrated_error)


def test_rhat_is_that_of_the_worst_sample(run):
    worst, each = run.estimate("rhat").mean, run.rhat()
    for at in range(3):
        known = each[at][~np.isnan(each[at])]
        np.testing.assert_equal(worst[at], known.max() if known.size else np.nan)
    assert np.isnan(run.estimate("rhat").error).all()


def test_per_pattern_follows_the_patterns_that_are_observed():
    model = Multitasking(n_patterns=4, dilution=0.3)
    run = montecarlo.simulate(
        model, T=0.1, n_spins=60, schedule=SHORT, patterns=[2, 0], start="hierarchical",
        observables=[SQUARES, "susceptibility", "tau_m", "rhat", "binder"],
    )  # fmt: skip
    np.testing.assert_allclose(run.series["m2"], run.series["m"] ** 2)
    for name in ("m2", "susceptibility", "tau_m", "rhat", "binder"):
        assert run.estimate(name).mean.shape == (2,)


def test_every_name_is_a_quantity_with_words_and_an_estimate(run):
    for name, observable in OBSERVABLES.items():
        assert observable.name == name
        assert observable.symbol
        assert observable.definition
        if observable.series:
            assert run.estimate(name).mean.shape == (3,)


def test_references_are_found_again():
    for observable in (LARGEST, SQUARES, OBSERVABLES["binder"]):
        assert checked_observables([reference(observable)])[observable.name] is observable
    with pytest.raises(ValueError, match="not defined at the top level of a module"):
        reference(Observable(name="x", function=largest))


def test_entry_points_of_other_packages(tmp_path, monkeypatch):
    (tmp_path / "their_package.py").write_text(
        "from montecarlo import Observable\n"
        "theirs = Observable(name='theirs', function=lambda state: state.energy)\n"
    )
    info = tmp_path / "theirs-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: theirs\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[hebbian.observables]\ntheirs = their_package:theirs\nlost = no_such_module:x\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    run = montecarlo.simulate(Hopfield(), **SETTINGS, observables=["theirs"])
    np.testing.assert_array_equal(run.series["theirs"], run.series["energy"])
    with pytest.raises(ValueError, match="'lost' cannot be imported: No module named"):
        checked_observables(["lost"])


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("raise SystemExit('gone')", "SystemExit: gone"),
        ("raise KeyError('a\\nb')", "KeyError: "),
        ("def", "invalid syntax"),
        ("nothing = 3", "has no attribute 'x'"),
        ("x = 3", "'MODULE:x' is 3, not an Observable"),
    ],
)
def test_a_module_that_fails_is_one_line(line, words, tmp_path, monkeypatch):
    name = f"failing_{abs(hash(line))}"
    (tmp_path / f"{name}.py").write_text(line)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ValueError, match="observables: ") as caught:
        checked_observables([f"{name}:x"])
    assert words.replace("MODULE", name) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ("susceptibility", "observables = 'susceptibility' is not a sequence"),
        (["suseptibility"], "'suseptibility' is not one of m, n, q"),
        (["no_module:x"], "'no_module:x' cannot be imported: No module named 'no_module'"),
        ([".x:y"], "'.x:y' cannot be imported: TypeError: "),
        (["montecarlo:nothing"], "'montecarlo:nothing' cannot be imported"),
        (["montecarlo:Run"], "'montecarlo:Run' is <class .*>, not an Observable"),
        ([LARGEST, LARGEST], "'largest' is not a new name"),
        ([Observable(name="binder", function=largest)], "'binder' is not a new name"),
        ([Observable(name="escaped", function=largest)], "'escaped' is not a new name"),
        ([TWICE], "series of 'twice_largest' = 'largest' is not one of m, n, q"),
        ({"other": LARGEST}, "'other' is 'largest' by its own name"),
    ],
)
def test_what_is_no_observable_is_one_clear_line(asked, message):
    with pytest.raises(ValueError, match=message) as caught:
        checked_observables(asked)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"name": ""}, "'' is not a name"),
        ({"name": "x"}, "'x' needs either a function or a series"),
        ({"name": "x", "series": "m", "function": largest}, "'x' needs either"),
        ({"name": "x", "function": 3}, "'x' is 3, not a function"),
        ({"name": "x", "series": "m", "estimator": "mean"}, "the estimator of 'x' is 'mean'"),
    ],
)
def test_fields_of_an_observable_are_checked(fields, message):
    with pytest.raises(ValueError, match=message):
        Observable(**fields)
