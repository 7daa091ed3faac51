"""Exponential and sparse distributed memories on the command line, from theory to export."""

import csv
import dataclasses
import json

import numpy as np
import pytest

import montecarlo
import phase_diagrams
import theory
from hebbian import Exponential, SparseDistributed
from montecarlo import Schedule
from phase_diagrams.cli import main

SMALL = ["--n-spins", "20", "--warmup", "4", "--sweeps", "20", "--stride", "2", "--n-samples", "2"]
SHORT = {"n_spins": 20, "n_samples": 2, "schedule": Schedule(warmup=4, sweeps=20, stride=2)}
READ = ["--model", "sparsedistributed", "--dynamics", "parallel"]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def printed(arguments, capsys):
    assert main([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)["points"]


def test_theory_along_the_sharpness(capsys):
    command = ["theory", "--model", "exponential", "--sharpness", "0.5,1", "--alpha", "0.2"]
    points = printed([*command, "--T", "0.5"], capsys)
    assert [point["sharpness"] for point in points] == [0.5, 1]
    for point in points:
        solution = theory.solve(Exponential(sharpness=point["sharpness"]), alpha=0.2, T=0.5)
        assert point["m"] == solution.m.item() == pytest.approx(np.tanh(2), abs=1e-12)


@pytest.mark.parametrize(
    ("quantity", "T", "expected"),
    [("critical-load", 0.5, 0.530247), ("transition-load", 0.5, 0.457441),
     ("transition-load", 0, 0.56621917), ("critical-load", 2, 0.110944)],
)  # fmt: skip
def test_lines_of_the_exponential_memory(quantity, T, expected, capsys):
    command = ["theory", "--model", "exponential", "--T", str(T), "--quantity", quantity]
    (point,) = printed(command, capsys)
    assert point[quantity.replace("-", "_")] == pytest.approx(expected, abs=1e-6)


def test_theory_of_reading_asks_for_no_dynamics(capsys):
    (point,) = printed(["theory", *READ[:2], "--alpha", "0.1", "--T", "0"], capsys)
    assert (point["m"], point["energy"]) == (1, None)


@pytest.mark.parametrize("flags", [
    [], ["--dynamics", "metropolis"], ["--dynamics", "zero-temperature"],
    ["--dynamics", "parallel"], ["--cooling", "2"], ["--site-order", "permutation"],
    ["--start", "0.6"], ["--backend", "reference"],
])  # fmt: skip
def test_simulate_prints_what_the_function_returns(flags, capsys):
    command = ["simulate", "--model", "exponential", "--sharpness", "0.7", "--alpha", "0.2"]
    (point,) = printed([*command, "--T", "0.6", *SMALL, *flags], capsys)
    words = {name[2:].replace("-", "_"): x for name, x in zip(flags[::2], flags[1::2], strict=True)}
    schedule = SHORT["schedule"]
    if cooling := words.pop("cooling", None):
        schedule = dataclasses.replace(schedule, cooling=montecarlo.Cooling(T=float(cooling)))
    if "start" in words:
        words["start"] = float(words["start"])
    asked = SHORT | {"schedule": schedule} | words
    run = montecarlo.simulate(Exponential(sharpness=0.7), alpha=0.2, T=0.6, **asked)
    assert point["m"] == run.m.mean
    assert point["energy"] == run.energy.mean


@pytest.mark.parametrize(
    ("flags", "parameters"),
    [
        ([], {}),
        (["--n-neurons", "200"], {"n_neurons": 200}),
        (["--own-site", "excluded"], {"own_site": "excluded"}),
    ],
)
def test_reading_prints_no_energy_where_there_is_none(flags, parameters, capsys):
    command = ["simulate", *READ, "--radius", "0.3", "--alpha", "0.1", "--T", "0", *SMALL, *flags]
    (point,) = printed(command, capsys)
    model = SparseDistributed(radius=0.3, **parameters)
    run = montecarlo.simulate(model, alpha=0.1, T=0.0, dynamics="parallel", **SHORT)
    assert point["m"] == run.m.mean
    assert point["status"] == "done"
    assert (point["energy"] is None) == model.parallel_only


def test_a_ladder(capsys):
    command = ["temper", "--model", "exponential", "--alpha", "0.2", "--T", "0.5,1,1.5", *SMALL]
    points = printed([*command, "--observables", "participation"], capsys)
    assert [point["T"] for point in points] == [0.5, 1, 1.5]
    assert all(point["participation"] >= 1 for point in points)


STUDY = """
[model]
model = "exponential"
[grid]
sharpness = [0.5, 1.0]
alpha = "0.1:0.3:2"
T = [0.4, 1.0]
n_spins = 20
[settings]
n_samples = 3
warmup = 4
sweeps = 40
stride = 2
observables = ["softmax_weight", "largest_overlap"]
"""
SPARSE = STUDY.replace('"exponential"', '"sparsedistributed"').replace("sharpness", "radius")
SPARSE = SPARSE.replace("[0.5, 1.0]", "[0.1, 0.3]").replace("[0.4, 1.0]", "[0.0, 0.5]")
SPARSE = SPARSE.replace('"softmax_weight", ', "") + 'dynamics = "parallel"\n'


@pytest.mark.parametrize(
    ("study", "axis"),
    [(STUDY, "sharpness"), pytest.param(SPARSE, "radius", marks=pytest.mark.heavy)],
)
def test_a_study_from_its_file_to_every_output(study, axis, folder, capsys):
    (folder / "s.toml").write_text(study)
    assert main(["sweep", "s.toml", "--out", "s.zarr"]) == 0
    assert "8 of 8 points done, 0 failed" in capsys.readouterr().out
    assert main(["status", "s.zarr", "--json"]) == 0
    status = json.loads(capsys.readouterr().out)
    networks = {network[axis] for network in status["networks"]}
    tree = phase_diagrams.open("s.zarr")
    found = tree["simulation"].to_dataset()
    assert found["m"].dims == (axis, "alpha", "T")
    assert networks == {*found[axis].values.tolist()}
    assert np.isfinite(found["m"]).all()
    assert (found["status"] == 1).all()
    assert np.isnan(found["energy"]).all() == (axis == "radius")
    assert main(["compare", "s.zarr"]) == 0
    assert "compared at" in capsys.readouterr().out
    assert main(["compare", "s.zarr", "--json"]) == 0
    assert "NaN" not in capsys.readouterr().out
    one = ["--select", f"{axis}={found[axis].values[0]}"]
    for variable in ("m", "energy", "largest_overlap"):
        assert main(["figure", "s.zarr", *one, "--variable", variable, "--out", variable]) == 0
        assert (folder / f"{variable}.pdf").exists()
    assert main(["figure", "s.zarr", *one, "--html", "--out", "page"]) == 0
    assert main(["export", "s.zarr", "s.nc"]) == 0
    assert main(["export", "s.zarr", "s.csv"]) == 0
    rows = [*csv.DictReader((folder / "s.csv").read_text().splitlines())]
    assert len(rows) == 8
    assert {row["energy"] for row in rows} == {"nan"} or axis == "sharpness"
    assert main(["rerun", "s.nc", "--out", "again.zarr"]) == 0
    again = phase_diagrams.open("again.zarr")["simulation"].to_dataset()
    for name in found.data_vars:
        np.testing.assert_array_equal(found[name], again[name])
    more = ["--set", f"grid.{axis}={[*found[axis].values.tolist(), 0.4]}"]
    assert main(["sweep", "s.toml", "--out", "s.zarr", "--resume", *more]) == 0
    assert phase_diagrams.open("s.zarr")["simulation/m"].shape == (3, 2, 2)


def test_workers_compute_the_same():
    command = ["sweep", "--model", "exponential", "--alpha", "0.2", "--T", "0.4,1", *SMALL]
    assert main([*command, "--out", "a.zarr"]) == 0
    assert main([*command, "--out", "b.zarr", "--executor", "process:2"]) == 0
    a, b = (phase_diagrams.open(path)["simulation"].to_dataset() for path in ("a.zarr", "b.zarr"))
    for name in a.data_vars:
        np.testing.assert_array_equal(a[name], b[name])


EXPONENTIAL = ["--model", "exponential", "--alpha", "0.2", "--T", "0.5", *SMALL]
SDM = [*READ, "--alpha", "0.1", "--T", "0", *SMALL]
BAD = [
    (["simulate", *EXPONENTIAL, "--sharpness", "0"], "sharpness = 0.0 is outside"),
    (["simulate", *EXPONENTIAL, "--sharpness", "-1"], "sharpness = -1.0 is outside"),
    (["simulate", *EXPONENTIAL, "--sharpness", "nan"], "sharpness = nan is outside"),
    (["simulate", *EXPONENTIAL, "--sharpness", "1,-1"], "sharpness = -1.0 is outside"),
    (["simulate", *SDM, "--radius", "0.5"], "radius = 0.5 is outside the allowed range (0, 0.5)"),
    (["simulate", *SDM, "--radius", "0"], "radius = 0.0 is outside the allowed range (0, 0.5)"),
    (["simulate", *SDM, "--n-neurons", "0"], "n_neurons = 0 is outside"),
    (["simulate", *SDM, "--n-neurons", "1.5"], "n_neurons = 1.5 is not a whole number"),
    (["simulate", *SDM, "--own-site", "half"], "own_site = 'half' is not one of"),
    (["simulate", *SDM, "--own-site", "excluded", "--n-neurons", "9"], "hard neurons compare"),
    (["simulate", *SDM[:2], *SDM[4:]], "dynamics = 'parallel'"),
    (["temper", *SDM[:2], "--alpha", "0.1", "--T", "0.1,0.5", "--n-spins", "9"], "'parallel'"),
    (["theory", "--model", "exponential", "--alpha", "0.7", "--T", "0.5"], "[0, ln 2]"),
    (
        ["simulate", *EXPONENTIAL, "--rule", "supervised", "--quality", "0.5", "--n-examples",
         "3"],
        "is not derived",
    ),
    (
        ["theory", "--model", "exponential", "--alpha", "0.1", "--T", "1", "--rule",
         "unsupervised", "--quality", "0.5", "--n-examples", "3"],
        "is not derived",
    ),
    (["simulate", *EXPONENTIAL[:2], "--alpha", "0.4", *EXPONENTIAL[4:6], "--n-spins", "100"],
     "it takes n_spins up to 57"),
    (["simulate", *EXPONENTIAL[:2], "--alpha", "1e9", *EXPONENTIAL[4:6], "--n-spins", "100"],
     "exp(alpha N) patterns of 100 spins, 1e+10 at most"),
    (["simulate", *EXPONENTIAL[:2], "--alpha", "-0.4", *EXPONENTIAL[4:]], "alpha = -0.4"),
    (["simulate", *EXPONENTIAL, "--order", "4"], "order is not a parameter of Exponential"),
    (["simulate", *EXPONENTIAL, "--radius", "0.1"], "radius is not a parameter of Exponential"),
    (["simulate", *EXPONENTIAL, "--dynamics", "plefka"], "plefka"),
    (["simulate", *EXPONENTIAL, "--lambda", "2"], "did you mean --sharpness?"),
    (["simulate", "--model", "sdm", *SDM[2:]], "did you mean sparsedistributed?"),
    (["simulate", "--model", "attention", *EXPONENTIAL[2:]], "did you mean exponential?"),
    (["locate", "--model", "exponential", "--alpha", "0.2"], "is located: Hopfield or Dense"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "words"), BAD, ids=[" ".join(a[:9]) for a, _ in BAD])
def test_bad_input_is_one_line_and_nothing_is_written(arguments, words, folder, capsys):
    commands = [arguments]
    if arguments[0] == "simulate":
        commands.append(["sweep", *arguments[1:], "--out", "x.zarr"])
    for command in commands:
        assert main(command) == 2
        output = capsys.readouterr()
        assert output.out == ""
        assert output.err.startswith("hebbian: error: ")
        assert words in output.err
        assert output.err.count("\n") == 1
    assert list(folder.iterdir()) == []
