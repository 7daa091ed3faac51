"""Results are objects: what was asked for, named numbers, and no class without either."""

import dataclasses
import json

import numpy as np
import pytest
import xarray as xr
from result_examples import EXAMPLES, SMALL, example, run

import hebbian
import montecarlo
import theory
from hebbian import Dense, Hopfield, Multitasking, Result, Supervised

#: What is data and no result: arguments, parts of results, numbers.
NO_RESULTS = {
    "Configurations": "what an observable is given",
    "Cooling": "an argument",
    "Estimate": "a number",
    "Line": "a number of a ramp",
    "Observable": "an argument",
    "Proportion": "a number",
    "Schedule": "an argument",
    "Series": "what an estimator is given",
    "Forgetting": "two numbers",
}
BASES = {"Solution"}

#: Axes of some numbers of every class.
DIMS = {
    "Run": {"m": ("T",), "m_err": ("T",), "tau": ("T",), "escaped": ("T",)},
    "Tempered": {"m": ("T",), "swap_rate": ("swap",), "upward_fraction": ("T",)},
    "TunedLadder": {"measured": ("swap",), "predicted": ("swap",)},
    "Basin": {"final": ("start", "T"), "success_low": ("start", "T"), "critical": ("T",)},
    "Ramp": {"m": ("step",), "energy_err": ("step",)},
    "Recall": {"final": ("T", "layer"), "worst": ("T", "sample", "replica")},
    "Replay": {"m": ("T", "t"), "exact": ("T", "t"), "period": ("T", "sample", "replica")},
    "Spurious": {"kind": ("sample", "replica"), "mixture_high": ()},
    "Disentanglement": {"overlaps": ("T", "sample", "replica", "part", "layer"), "success": ("T",)},
    "Equilibration": {"z_energy": ("T",), "z_m2": ("T",), "agree": ("T",)},
    "Magnetizations": {"magnetizations": ("T", "sample", "replica", "site")},
    "Relaxation": {"integrated": ("T",), "exponential_error": ("T",)},
    "FirstPassage": {"times": ("T", "sample", "replica"), "mean": ("T",)},
    "ReplicaSolution": {"m": ("alpha", "T"), "converged": ("alpha", "T")},
    "BrokenSolution": {"m": ("alpha",), "free_energy": ("alpha",)},
    "MultitaskingSolution": {"m": ("T", "pattern"), "label": ("T",), "q": ("T",)},
    "AssemblySolution": {"m": ("alpha", "layer"), "free_energy": ("alpha",)},
    "ReplaySolution": {"m": ("alpha",), "variance": ("alpha",)},
    "RankSolution": {"m": ("T", "rank"), "cut": ("T",)},
    "SingleExample": {"example_overlap": ("alpha",)},
    "SignalToNoise": {"m": ("alpha",), "field_variance": ("alpha",)},
    "State": {"m": ("pattern",), "q": ()},
    "ExampleState": {"m": ("pattern",), "example_overlaps": ("pattern", "example")},
    "Trajectory": {"m": ("alpha", "t"), "C": ("alpha", "t", "t_before")},
    "BasinBoundary": {"overlap": ("alpha", "t")},
    "Convergence": {"time": ("alpha",)},
    "Recovery": {"leaving_err": ("alpha",)},
    "OuterProduct": {"error": ("d",), "recalled": ("d", "token")},
    "BestWeights": {"q": ("token",), "power": ()},
    "UltraStorage": {"amplitude": ()},
    "UltraDetection": {"exponent": ()},
    "OneStep": {"distance": ("query",), "noise": ("query",)},
    "FittedSharpness": {"error": ("distance",), "beta": ()},
}


def public():
    """Yield (name, class) of what the two rooms return and take."""
    for room in (montecarlo, theory):
        for name in room.__all__:
            found = getattr(room, name)
            if isinstance(found, type):
                yield name, found


def test_every_class_of_results_has_an_example():
    results = {name for name, kind in public() if issubclass(kind, Result)}
    assert results - BASES <= set(EXAMPLES)
    assert set(DIMS) == set(EXAMPLES)


def test_data_that_is_no_result_has_a_reason():
    for name, kind in public():
        if (dataclasses.is_dataclass(kind) or hasattr(kind, "_fields")) and name not in NO_RESULTS:
            assert issubclass(kind, Result), f"{name} is data without labels, files and pictures"


@pytest.mark.parametrize("name", EXAMPLES)
def test_labels(name):
    result = example(name)
    assert type(result).__name__ == name
    data = result.to_dataset()
    for variable, dims in DIMS[name].items():
        assert data[variable].dims == dims, variable
    assert data.attrs["title"].startswith(name)
    versions = json.loads(data.attrs["versions"])
    assert versions["hebbian-toolkit"]
    assert versions["numpy"] == np.__version__
    assert data.attrs["git_commit"]
    settings = json.loads(data.attrs["settings"])
    assert settings
    if isinstance(settings.get("seed"), int):
        assert data.attrs["seed"] == settings["seed"]
    for variable in data.variables.values():
        assert variable.attrs["long_name"]
        assert variable.attrs["units"] == "1"


@pytest.mark.parametrize("name", EXAMPLES)
def test_numbers_are_those_of_the_fields(name):
    result = example(name)
    data = result.to_dataset()
    compared = 0
    for field in dataclasses.fields(result):
        if field.name in data.data_vars:
            value = getattr(result, field.name)
            value = getattr(value, "mean", value) if hasattr(value, "parts") else value
            np.testing.assert_array_equal(data[field.name].values, value)
            compared += 1
    if name in ("Run", "Tempered", "Ramp"):
        for quantity in ("m", "n", "energy"):
            estimate = getattr(result, quantity)
            np.testing.assert_array_equal(data[quantity], estimate.mean)
            np.testing.assert_array_equal(data[f"{quantity}_err"], estimate.error)
            compared += 1
    if name == "Equilibration":
        np.testing.assert_array_equal(data["z_energy"], result.z["energy"])
    assert compared or name == "Equilibration"


def test_a_solution_says_what_was_asked_for():
    model = Dense(order=4, rule=Supervised(quality=0.3, n_examples=50))
    found = theory.solve(model, alpha=[0.1, 0.2], T=0.3, law="gaussian")
    assert found.alpha.tolist() == [0.1, 0.2]
    assert (found.T, found.law, found.model) == (0.3, "gaussian", model)
    assert found.settings["function"] == "theory.solve"
    with pytest.raises(AttributeError, match="ReplicaSolution has no 'beta'"):
        _ = found.beta
    assert "alpha" in dir(found)


def test_a_run_says_what_was_asked_for():
    found = run()
    assert found.T.tolist() == [0.2, 0.6]
    assert (found.seed, found.n_spins, found.model) == (3, 40, Hopfield())
    assert found.alpha == 0.1


@pytest.mark.parametrize("name", ["Basin", "Recall", "Disentanglement", "Equilibration", "Replay"])
def test_protocols_say_what_was_asked_for(name):
    found = example(name)
    assert isinstance(found.model, hebbian.Model)
    assert found.seed == 3
    assert 0 < found.alpha < 1


def test_what_is_made_of_a_run_has_its_settings():
    found = run()
    assert found.relaxation().seed == found.first_passage().seed == 3
    assert found.relaxation().settings == found.settings


def test_every_state_of_a_list_has_the_settings():
    states = theory.stable_states(Multitasking(n_patterns=3, dilution=0.1), T=0.05)
    assert len(states) > 1
    assert {state.T for state in states} == {0.05}


def test_labelled_input_is_kept_as_labels():
    T = xr.DataArray([0.1, 0.5], coords={"T": [0.1, 0.5]}, dims="T")
    found = theory.solve(Hopfield(), alpha=0.05, T=T)
    assert found.m.dims == ("T",)
    assert found.to_dataset()["m"].sel(T=0.5).item() == found.m.values[1]
    assert np.asarray(found.T).tolist() == [0.1, 0.5]
    assert found.model == Hopfield()


def test_settings_are_data():
    found = theory.solve(Hopfield(), alpha=0.05, T=range(1, 3))
    assert isinstance(found.settings["T"], np.ndarray)
    assert found.settings["model"] == Hopfield().describe()
    assert json.loads(found.to_dataset().attrs["settings"])["T"] == [1, 2]


def test_runs_with_and_without_names_are_one():
    """The settings of the call are not part of the numbers."""
    assert "model" not in run().fields()
    first, again = (montecarlo.simulate(Hopfield(), alpha=0.1, T=0.2, **SMALL) for _ in range(2))
    assert first.settings.keys() == again.settings.keys()
