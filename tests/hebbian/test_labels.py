"""Labelled data: axes of every kind of grid, names of studies, the schema of ArviZ."""

import json

import numpy as np
import pytest
from result_examples import MULTITASKING, SHORT, example, run

import montecarlo
import phase_diagrams
import theory
from hebbian import BAM, Dense, Hopfield, Multitasking, Supervised
from hebbian.labels import grid_of


def solved(**controls):
    return theory.solve(Hopfield(), **controls).to_dataset()


def test_an_outer_grid_has_an_axis_for_each():
    data = solved(alpha=np.array([0.02, 0.05])[:, None], T=[0.1, 0.3, 0.5])
    assert data["m"].dims == ("alpha", "T")
    alone = theory.solve(Hopfield(), alpha=0.05, T=0.3)
    assert data["m"].sel(alpha=0.05, T=0.3).item() == pytest.approx(float(alone.m), abs=1e-12)


def test_the_other_order_of_axes():
    data = solved(alpha=[0.02, 0.05], T=np.array([0.1, 0.3, 0.5])[:, None])
    assert data["m"].dims == ("T", "alpha")
    assert data["alpha"].dims == ("alpha",)


def test_pairs_are_points():
    data = solved(alpha=[0.02, 0.05], T=[0.1, 0.3])
    assert data["m"].dims == ("point",)
    assert data["alpha"].dims == data["T"].dims == ("point",)
    assert data["T"].values.tolist() == [0.1, 0.3]


def test_arrays_of_two_axes_that_say_little():
    """Both vary along both axes: names with numbers, coordinates along both."""
    alpha = np.array([[0.02, 0.03], [0.04, 0.05]])
    data = solved(alpha=alpha, T=alpha[::-1])
    assert data["m"].dims == ("point_0", "point_1")
    assert data["alpha"].dims == ("point_0", "point_1")
    np.testing.assert_array_equal(data["alpha"], alpha)


def test_meshgrids_are_outer_grids():
    alpha, T = np.meshgrid([0.02, 0.05], [0.1, 0.3, 0.5], indexing="ij")
    data = solved(alpha=alpha, T=T)
    assert data["m"].dims == ("alpha", "T")
    assert data["T"].values.tolist() == [0.1, 0.3, 0.5]


def test_axes_of_one_value_stay():
    data = solved(alpha=[0.02], T=0.3)
    assert data["m"].dims == ("alpha",)
    assert data["alpha"].dims == ("alpha",)
    data = solved(alpha=[[0.02]], T=[0.1, 0.3])
    assert data["m"].dims == ("alpha", "T")
    assert data.sizes == {"alpha": 1, "T": 2}


def test_one_point_has_no_axes():
    data = solved(alpha=0.02, T=0.3)
    assert data["m"].dims == ()
    assert data["alpha"].item() == 0.02


def test_equal_values_along_an_axis_do_not_name_it():
    assert grid_of({"alpha": np.array([0.1, 0.1]), "T": np.array([0.1, 0.2])})[0] == ("T",)


@pytest.mark.parametrize(("name", "values"), [("quality", [0.6, 0.9]), ("n_examples", [20, 50])])
def test_parameters_of_the_model_are_axes(name, values):
    grid = {"quality": 0.8, "n_examples": 20}
    rule = Supervised(**grid)
    found = theory.solve(Hopfield(rule=rule), alpha=0.02, T=0.1, **{name: values})
    data = found.to_dataset()
    assert data["m"].dims == (name,)
    for k, value in enumerate(values):
        own = Supervised(**grid | {name: value})
        alone = theory.solve(Hopfield(rule=own), alpha=0.02, T=0.1)
        assert data["m"].sel({name: value}).item() == pytest.approx(float(alone.m), abs=1e-10)
        assert float(alone.m) > 0.5
        assert getattr(found, name)[k] == value


def test_starts_are_an_axis_where_they_are_overlaps():
    data = theory.trajectory(
        Hopfield(), alpha=0.05, T=0.1, start=[0.3, 0.6], n_steps=3, n_trajectories=1000
    ).to_dataset()
    assert data["m"].dims == ("start", "t")
    assert data["m"].sel(start=0.6, t=0).item() == pytest.approx(0.6, abs=0.05)


def test_states_to_start_from_are_no_axis():
    states = theory.trajectory(MULTITASKING, T=0.1, start=[0.5, 0.1, 0.1], n_steps=3)
    assert states.to_dataset()["m"].dims == ("t", "pattern")
    several = theory.trajectory(
        MULTITASKING, T=0.1, start=[[0.5, 0.1, 0.1], [0.1, 0.5, 0.1]], n_steps=3
    )
    assert several.to_dataset()["m"].dims == ("start", "t", "pattern")
    found = theory.solve(Hopfield(), alpha=[0.02, 0.05], T=0.1, start=[0.9, 0.9])
    assert found.to_dataset()["m"].dims == ("alpha",)
    spins = np.ones(40, np.int8)
    assert run(start=spins).to_dataset()["m"].dims == ("T",)


def test_patterns_and_layers():
    data = theory.solve(MULTITASKING, T=[0.1, 0.2]).to_dataset()
    assert data["pattern"].values.tolist() == [0, 1, 2]
    observed = montecarlo.simulate(
        Hopfield(), alpha=0.2, T=0.1, n_spins=40, patterns=[0, 3], schedule=SHORT, seed=1
    ).to_dataset()
    assert observed["m"].dims == ("pattern",)
    assert observed["pattern"].values.tolist() == [0, 3]
    layers = montecarlo.simulate(BAM(), alpha=0.1, T=0.1, n_spins=40, schedule=SHORT, seed=1)
    assert layers.to_dataset()["q"].dims == ("layer",)


def test_the_order_of_an_expansion_is_no_order_of_the_model():
    assert "order" not in example("Magnetizations").to_dataset().coords


def test_trees_have_raw_series():
    found = run()
    tree = found.to_datatree()
    series = tree["series"].to_dataset()
    assert series["m"].dims == ("T", "sample", "replica", "t")
    np.testing.assert_array_equal(series["m"], found.series["m"])
    assert series["t"].values.tolist() == [6, 8, 10, 12, 14, 16]
    np.testing.assert_array_equal(tree["last"]["spins"], found.last)
    assert series["m"].attrs["symbol"] == "m"


@pytest.mark.parametrize("model", [Hopfield(), Multitasking(n_patterns=2, dilution=0.2)])
def test_names_and_numbers_are_those_of_a_study(model):
    grid = {"T": [0.3]} | ({} if isinstance(model, Multitasking) else {"alpha": [0.1]})
    tree = phase_diagrams.sweep(
        model, grid, n_spins=40, n_samples=3, n_replicas=2, schedule=SHORT, seed=3
    )
    study = {group: tree[group].to_dataset().squeeze() for group in ("simulation", "theory")}
    controls = {k: v[0] for k, v in grid.items()}
    solution = theory.solve(model, start="retrieval", **controls).to_dataset()
    shared = solution.data_vars.keys() & study["theory"].data_vars.keys()
    assert {"m", "n", "q", "free_energy", "energy"} <= shared
    for name in ("m", "n", "q", "free_energy", "energy"):
        np.testing.assert_allclose(solution[name], study["theory"][name], rtol=1e-9)
    found = montecarlo.simulate(
        model, n_spins=40, n_samples=3, n_replicas=2, schedule=SHORT, seed=3, **controls
    ).to_dataset()
    shared = found.data_vars.keys() & study["simulation"].data_vars.keys()
    assert {"m", "m_err", "n", "q", "energy", "tau", "n_eff", "acceptance", "escaped"} <= shared
    for name in shared:
        values = study["simulation"][name]
        np.testing.assert_array_equal(found[name], values, name)
        assert found[name].dims == values.dims, name
        assert found[name].attrs["long_name"] == values.attrs["long_name"], name


def test_chains_for_arviz():
    base = pytest.importorskip("arviz_stats.base").array_stats
    found = run(T=0.6, schedule=montecarlo.Schedule(warmup=20, sweeps=200, stride=1))
    tree = found.to_inferencedata()
    posterior = tree["posterior"]
    assert posterior["m"].dims == ("chain", "draw", "sample")
    own = found.effective_size().ravel()
    for sample in range(3):
        values = posterior["m"].isel(sample=sample).values
        ours = base.ess(values, chain_axis=0, draw_axis=1, method="mean")
        assert ours == pytest.approx(own[sample])
        np.testing.assert_array_equal(values, found.series["m"][sample])
    for name in ("posterior", "sample_stats"):
        attrs = tree[name].attrs
        for key in ("created_at", "creation_library", "creation_library_version"):
            assert attrs[key], key
        assert attrs["creation_library_language"] == "Python"
    assert posterior["draw"].values.tolist() == list(range(200))
    rate = tree["sample_stats"]["acceptance_rate"]
    assert rate.dims == ("chain", "sample")
    assert rate.shape == (2, 3)


def test_chains_of_several_temperatures_and_patterns():
    found = montecarlo.simulate(
        Hopfield(), alpha=0.2, T=[0.1, 0.5], n_spins=40, patterns=[0, 3], schedule=SHORT, seed=1
    )
    m = found.to_inferencedata()["posterior"]["m"]
    assert m.dims == ("chain", "draw", "T", "sample", "pattern")
    np.testing.assert_array_equal(
        m.transpose("T", "sample", "chain", "draw", "pattern"), found.series["m"]
    )


def test_attributes_name_the_model():
    attrs = theory.solve(Dense(order=4), alpha=0.1, T=0.2).to_dataset().attrs
    assert json.loads(attrs["model"]) == Dense(order=4).describe()
    assert attrs["title"] == f"ReplicaSolution of {Dense(order=4)!r}"
