"""An observable defined once reaches sweep, store, table, comparison, figure and command."""

import csv
import json
import sys
from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

import montecarlo
import phase_diagrams
from hebbian import Hopfield, Multitasking
from montecarlo import Observable, Schedule
from phase_diagrams import cli

SHORT = Schedule(warmup=5, sweeps=40, stride=2)
STUDY = {"n_spins": 50, "n_samples": 3, "schedule": SHORT, "seed": 2}
GRID = {"alpha": [0.04, 0.1], "T": [0.2, 0.6]}

OWN = """
import montecarlo
import numpy as np
from montecarlo import Observable

def largest(state):
    return np.abs(state.overlaps(state.archetypes)).max(axis=1)

def runner_up(state):
    return np.abs(state.overlaps(state.archetypes[1:])).max(axis=1)

def squares(state):
    return state.overlaps(state.data.observed(state.patterns)[0]) ** 2

LARGEST = Observable(
    name="largest", function=largest, symbol="m_x", long_name="largest overlap",
    definition="over all patterns",
)
SQUARES = Observable(name="m2", function=squares, per_pattern=True)
MINUS_F = Observable(name="free_energy", function=lambda state: state.energy)
BORROWED = Observable(name="borrowed", function=montecarlo.example_overlaps)
CUMULANT = montecarlo.OBSERVABLES["binder"].estimator
BINDER_N = Observable(name="binder_n", series="n", estimator=CUMULANT)
RUNNER_UP = Observable(name="runner_up", function=runner_up)
TWO = Observable(name="two", function=lambda state: state.spins[:, :2])
"""


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A module of the user's in the current folder, which workers can import."""
    (tmp_path / "own_observables.py").write_text(OWN)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=":")
    import own_observables

    yield own_observables
    del sys.modules["own_observables"]


def test_a_sweep_stores_what_the_runs_estimate(own, tmp_path):
    asked = [own.LARGEST, "susceptibility", "rhat"]
    tree = phase_diagrams.sweep(
        Hopfield(), GRID, **STUDY, observables=asked, out=tmp_path / "x.zarr"
    )
    found = phase_diagrams.open(tmp_path / "x.zarr")["simulation"]
    for i, alpha in enumerate(GRID["alpha"]):
        for j, T in enumerate(GRID["T"]):
            run = montecarlo.simulate(Hopfield(), alpha=alpha, T=T, **STUDY, observables=asked)
            for name in ("largest", "susceptibility", "rhat"):
                estimate = run.estimate(name)
                np.testing.assert_equal(found[name].values[i, j], estimate.mean.item())
                np.testing.assert_equal(found[f"{name}_err"].values[i, j], estimate.error.item())
    assert found["largest"].attrs["symbol"] == "m_x"
    assert found["largest"].attrs["long_name"] == "largest overlap"
    assert found["largest_err"].attrs["symbol"] == r"\delta m_x"
    assert found["susceptibility"].attrs["symbol"] == r"\chi"
    plain = phase_diagrams.sweep(Hopfield(), GRID, **STUDY)
    for name in plain["simulation"].data_vars:
        np.testing.assert_array_equal(plain["simulation"][name], tree["simulation"][name])


def test_per_pattern_has_an_axis_of_patterns(own):
    model = Multitasking(n_patterns=3, dilution=0.2)
    grid = {"T": [0.1, 0.3], "n_patterns": [2, 3]}
    tree = phase_diagrams.sweep(
        model, grid, n_spins=60, schedule=SHORT, start="hierarchical",
        observables=[own.SQUARES, "susceptibility"],
    )  # fmt: skip
    found = tree["simulation"]
    assert found["m2"].dims == found["susceptibility"].dims == ("T", "n_patterns", "pattern")
    run = montecarlo.simulate(
        model.replace(n_patterns=2), T=0.1, n_spins=60, schedule=SHORT, start="hierarchical",
        observables=[own.SQUARES],
    )  # fmt: skip
    np.testing.assert_array_equal(found["m2"].values[0, 0, :2], run.estimate("m2").mean)
    assert np.isnan(found["m2"].values[0, 0, 2])


def test_workers_resumption_and_identity(own, tmp_path):
    options = {**STUDY, "observables": [own.LARGEST], "theory": False}
    serial = phase_diagrams.sweep(Hopfield(), GRID, **options)
    path = tmp_path / "p.zarr"
    spread = phase_diagrams.sweep(Hopfield(), GRID, **options, out=path, executor="process:2")
    np.testing.assert_array_equal(serial["simulation/largest"], spread["simulation/largest"])
    again = phase_diagrams.sweep(
        Hopfield(), GRID, **{**options, "observables": ["own_observables:LARGEST"]}, out=path
    )
    np.testing.assert_array_equal(again["simulation/largest"], serial["simulation/largest"])
    with pytest.raises(ValueError, match=r"another study.*observables"):
        phase_diagrams.sweep(Hopfield(), GRID, **{**options, "observables": ["rhat"]}, out=path)


def test_compare_takes_what_the_theory_predicts_too(own):
    tree = phase_diagrams.sweep(
        Hopfield(), GRID, **STUDY, observables=[own.MINUS_F, "susceptibility"]
    )
    points = phase_diagrams.compare(tree)
    expected = tree["simulation/free_energy"] - tree["theory/free_energy"]
    np.testing.assert_array_equal(points["free_energy_residual"], expected)
    assert "susceptibility_z" not in points


def test_observables_made_of_functions_from_elsewhere_are_found_where_they_are_defined(own):
    """What computes them belongs to another module."""
    tree = phase_diagrams.sweep(
        Hopfield(), {"alpha": 0.1, "T": 0.3}, **STUDY, observables=[own.BORROWED, own.BINDER_N]
    )
    assert '"own_observables:BINDER_N", "own_observables:BORROWED"' in tree.attrs["study"]
    np.testing.assert_array_equal(tree["simulation/borrowed"], tree["simulation/m"])


def test_the_rehearsal_has_a_few_patterns(own):
    """An observable of the other patterns finds some, as it will at the load of the study."""
    tree = phase_diagrams.sweep(
        Hopfield(), {"alpha": 0.2, "T": 0.3}, **STUDY, observables=[own.RUNNER_UP]
    )
    assert float(tree["simulation/runner_up"]) > 0


def test_ladders_print_it(own, capsys):
    line = "temper --model hopfield --alpha 0.05 --T 0.2,0.4 --n-spins 40 --warmup 2 --sweeps 10"
    asked = ["--stride", "1", "--observables", "own_observables:LARGEST,binder", "--json"]
    assert cli.main([*line.split(), *asked]) == 0
    for point in json.loads(capsys.readouterr().out)["points"]:
        assert 0 < point["largest"] <= 1
        assert np.isfinite(point["binder"])


def test_figures_and_tables_have_it(own, tmp_path):
    tree = phase_diagrams.sweep(Hopfield(), GRID, **STUDY, observables=[own.LARGEST])
    ax = phase_diagrams.figures.phase_map(tree, variable="largest")
    assert [other.get_ylabel() for other in ax.figure.axes[1:]] == ["largest overlap $m_x$"]
    curve = phase_diagrams.figures.overlap_curve(
        phase_diagrams.figures.select(tree, "alpha", 0.04), variable="largest"
    )
    assert curve.get_ylabel() == "largest overlap $m_x$"
    phase_diagrams.export(tree, tmp_path / "x.csv")
    with (tmp_path / "x.csv").open() as file:
        lines = list(csv.DictReader(file))
    np.testing.assert_array_equal(
        [float(line["largest"]) for line in lines], tree["simulation/largest"].values.ravel()
    )


def test_study_file_and_commands(own, tmp_path, capsys):
    (tmp_path / "study.toml").write_text(
        '[model]\nmodel = "hopfield"\n[grid]\nalpha = 0.05\nT = [0.2, 0.4]\nn_spins = 40\n'
        "[settings]\nwarmup = 2\nsweeps = 10\nstride = 1\n"
        'observables = ["own_observables:LARGEST", "binder"]\n'
    )
    assert cli.main(["sweep", "study.toml", "--out", "s.zarr"]) == 0
    assert cli.main(["figure", "s.zarr", "--variable", "largest", "--out", "largest"]) == 0
    assert (tmp_path / "largest.pdf").exists()
    capsys.readouterr()
    line = (
        "simulate --model hopfield --alpha 0.05 --T 0.2 --n-spins 40 --warmup 2 --sweeps 10 --json"
    )
    asked = ["--observables", "own_observables:LARGEST,binder"]
    assert cli.main([*line.split(), "--stride", "1", *asked]) == 0
    (point,) = json.loads(capsys.readouterr().out)["points"]
    stored = phase_diagrams.open("s.zarr")["simulation"]
    assert point["largest"] == stored["largest"].values[0]
    assert point["binder"] == stored["binder"].values[0]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ("nothing", "observables: 'nothing' is not one of m, n, q"),
        ("m", "observables: 'm' is not a new name"),
        ("own_observables:TWO", "'two' has 2 components, a study keeps one number of it"),
        ("no_module:x", "observables: 'no_module:x' cannot be imported"),
    ],
)
@pytest.mark.parametrize("executor", ["serial", "process:2"])
def test_what_cannot_be_stored_is_one_line_and_nothing_written(
    own, asked, message, executor, capsys, tmp_path
):
    line = "sweep --model hopfield --alpha 0.05 --T 0.2 --n-spins 40 --sweeps 10 --stride 1"
    options = ["--executor", executor, "--observables", asked, "--out", "s.zarr"]
    assert cli.main([*line.split(), *options]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert len(error.splitlines()) == 1
    assert not (tmp_path / "s.zarr").exists()


@pytest.fixture
def orphan(own, tmp_path, monkeypatch):
    """A store whose observables are defined nowhere any more, and what it was."""
    path = tmp_path / "s.zarr"
    asked = [own.LARGEST, own.SQUARES]
    tree = phase_diagrams.sweep(Hopfield(), GRID, **STUDY, observables=asked, out=path)
    with monkeypatch.context() as patch:
        (tmp_path / "own_observables.py").rename(tmp_path / "gone")
        patch.delitem(sys.modules, "own_observables")
        yield path, tree
        (tmp_path / "gone").rename(tmp_path / "own_observables.py")


def test_a_store_is_read_without_the_definitions(orphan, tmp_path, capsys):
    path, tree = orphan
    again = phase_diagrams.open(path)
    for group in ("theory", "simulation"):
        xr.testing.assert_identical(again[group].to_dataset(), tree[group].to_dataset())
    assert again["simulation/largest_err"].attrs["long_name"].endswith("of the largest overlap")
    assert phase_diagrams.integrity.check(path) == []
    for line in (
        "figure s.zarr --variable largest --out largest", "export s.zarr s.nc",
        "export s.zarr s.csv", "status s.zarr", "compare s.zarr",
    ):  # fmt: skip
        assert cli.main(line.split()) == 0, capsys.readouterr().err
    merged = phase_diagrams.merge([path], tmp_path / "m.zarr")
    xr.testing.assert_identical(merged["simulation/m2"], tree["simulation/m2"])
    assert "own_observables" not in sys.modules


@pytest.mark.parametrize(
    "line",
    [
        "sweep --model hopfield --alpha 0.04 --T 0.9 --n-spins 50 --out s.zarr --resume "
        "--observables own_observables:LARGEST",
        "refine s.zarr --budget 2",
        "rerun s.zarr --out again.zarr",
    ],
)
def test_whoever_computes_needs_the_definitions(orphan, line, capsys, tmp_path):
    before = phase_diagrams.open(orphan[0])
    assert cli.main(line.split()) == 2
    error = capsys.readouterr().err
    assert "own_observables:LARGEST' cannot be imported: No module named" in error
    assert len(error.splitlines()) == 1
    assert not (tmp_path / "again.zarr").exists()
    assert phase_diagrams.open(orphan[0]).identical(before)


def test_an_observable_that_is_defined_otherwise_is_refused(own, tmp_path, monkeypatch):
    path = tmp_path / "s.zarr"
    options = {**STUDY, "out": path, "theory": False}
    model, grid = Multitasking(n_patterns=2), {"T": [0.2, 0.6]}
    tree = phase_diagrams.sweep(model, grid, observables=[own.SQUARES], **options)
    other = replace(own.SQUARES, function=lambda state: state.energy, per_pattern=False)
    monkeypatch.setattr(own, "SQUARES", other)
    asked = ["own_observables:SQUARES"]
    finished = phase_diagrams.sweep(model, grid, observables=asked, **options)
    xr.testing.assert_identical(finished["simulation/m2"], tree["simulation/m2"])
    with pytest.raises(ValueError, match=r"observables = \['m2'\] are defined otherwise"):
        phase_diagrams.sweep(
            model, {"T": [0.2, 0.6, 0.9]}, observables=asked, resume=True, **options
        )
    assert phase_diagrams.open(path).identical(tree)


@pytest.mark.parametrize("name", ["my observable", "M", "T", "x_err", "status", "Alpha"])
def test_names_that_would_shadow_a_variable_are_refused(name):
    observable = Observable(name=name, function=lambda state: state.energy)
    with pytest.raises(ValueError, match="cannot name a variable of a study"):
        phase_diagrams.results.of_observables([observable])


def test_an_observable_of_a_function_body_is_refused_by_a_sweep():
    inner = Observable(name="inner", function=lambda state: state.energy)
    with pytest.raises(ValueError, match="not defined at the top level of a module"):
        phase_diagrams.sweep(Hopfield(), GRID, **STUDY, observables=[inner])
