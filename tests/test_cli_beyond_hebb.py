"""Dreaming, given couplings, assemblies and sequences: the command line, studies and figures."""

import csv
import json

import numpy as np
import pytest
import xarray as xr

import montecarlo
import phase_diagrams
import theory
from hebbian import BAM, TAM, Assembly, Couplings, Dreaming, Model, Sequence
from montecarlo import Schedule
from phase_diagrams.classification import under_load
from phase_diagrams.cli import main
from phase_diagrams.following import ended
from phase_diagrams.layers import worst_layer
from phase_diagrams.phases import Phase

FLAGS = ["--n-spins", "24", "--warmup", "4", "--sweeps", "20", "--stride", "2", "--n-samples", "2"]
SHORT = {"n_spins": 24, "n_samples": 2, "schedule": Schedule(warmup=4, sweeps=20, stride=2)}
REPLAY = ["--dynamics", "parallel", "--backend", "reference"]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def matrix(folder):
    upper = np.triu(np.random.default_rng(0).normal(0, 24**-0.5, (24, 24)), 1)
    np.save("J.npy", upper + upper.T)
    return "J.npy"


@pytest.mark.parametrize(
    ("flags", "model"),
    [
        (["dreaming", "--sleep", "0.5"], Dreaming(sleep=0.5)),
        (["dreaming", "--sleep", "inf"], Dreaming(sleep="inf")),
        (["bam"], BAM()),
        (["tam", "--sizes", "1,2,3"], TAM(sizes=(1, 2, 3))),
        (
            ["assembly", "--couplings", "0,1;1,0", "--sizes", "1,3", "--dynamics", "layers"],
            BAM(sizes=(1, 3)),
        ),
        (
            ["sequence", "--order", "3", "--indices", "all", *REPLAY],
            Sequence(order=3, indices="all"),
        ),
    ],
)  # fmt: skip
def test_simulate_prints_what_the_function_returns(flags, model, capsys):
    command = ["simulate", "--model", *flags, "--alpha", "0.1", "--T", "0.3", *FLAGS, "--json"]
    assert main(command) == 0
    (point,) = json.loads(capsys.readouterr().out)["points"]
    words = dict(zip(flags[1::2], flags[2::2], strict=True))
    asked = {name: words[f"--{name}"] for name in ("dynamics", "backend") if f"--{name}" in words}
    run = montecarlo.simulate(model, alpha=0.1, T=0.3, **asked, **SHORT)
    assert point["m"] == run.m.mean.tolist()
    assert point["q"] == run.q.mean.tolist()
    assert np.ndim(point["m"]) == (model.n_layers > 1)
    assert (point["energy"] is None) == model.replays


def test_couplings_of_a_file(matrix, capsys):
    command = ["--model", "couplings", "--couplings", matrix, "--T", "0.3,0.5", *FLAGS[2:]]
    assert main(["simulate", *command, "--json"]) == 0
    points = json.loads(capsys.readouterr().out)["points"]
    assert [point["n_spins"] for point in points] == [24, 24]
    run = montecarlo.simulate(Couplings(matrix), T=0.3, n_samples=2, schedule=SHORT["schedule"])
    assert points[0]["energy"] == run.energy.mean
    assert main(["sweep", *command, "--set", "settings.theory=false", "--out", "c.zarr"]) == 0
    tree = phase_diagrams.open("c.zarr")
    assert tree["simulation/energy"].values[0] == run.energy.mean
    with pytest.raises(ValueError, match="give the path of the"):
        phase_diagrams.sweep(Couplings(np.ones((9, 9))), {"T": 1.0}, out="x.zarr", theory=False)


STUDY = """
[model]
model = "bam"
sizes = [1, 2]
[grid]
alpha = [0.05, 0.3]
T = [0.2, 0.9]
n_spins = 24
[settings]
n_samples = 3
warmup = 4
sweeps = 20
stride = 2
theory = false
observables = ["susceptibility", "binder_q"]
"""


def test_a_study_of_layers_from_its_file_to_every_output(folder, capsys):
    (folder / "s.toml").write_text(STUDY)
    assert main(["sweep", "s.toml", "--out", "s.zarr"]) == 0
    tree = phase_diagrams.open("s.zarr")
    found = tree["simulation"].to_dataset()
    for name in ("m", "n_err", "q", "susceptibility", "binder_q"):
        assert found[name].dims == ("alpha", "T", "layer")
    assert found["m_samples"].dims == ("alpha", "T", "layer", "sample")
    assert found["energy"].dims == ("alpha", "T")
    assert "in each layer" in found["m"].attrs["comment"]
    point = {"alpha": 0.3, "T": 0.9}
    run = montecarlo.simulate(BAM(sizes=(1, 2)), **SHORT | {"n_samples": 3}, **point)
    assert found["m"].sel(point).values.tolist() == run.m.mean.tolist()
    samples = run.series["m"].mean(axis=(1, 2)).T
    assert found["m_samples"].sel(point).values.tolist() == samples.tolist()
    assert phase_diagrams.integrity.check("s.zarr") == []
    assert main(["figure", "s.zarr", "--out", "f.png"]) == 0
    assert main(["figure", "s.zarr", "--out", "f.png", "--select", "layer=1"]) == 0
    curves = phase_diagrams.figures.overlap_curve(phase_diagrams.figures.select(tree, "T", 0.9))
    texts = [text.get_text() for text in curves.get_legend().get_texts()]
    assert texts == ["$A = 0$", "$A = 1$"]  # as labelled in the study
    shown = phase_diagrams.figures.phase_map(tree).collections[0].get_array().data
    assert shown.ravel().tolist() == abs(found["m"]).min("layer").T.values.ravel().tolist()
    assert main(["export", "s.zarr", "s.csv"]) == 0
    row = next(csv.DictReader((folder / "s.csv").read_text().splitlines()))
    assert [float(row["m_1"]), float(row["m_2"])] == found["m"].values[0, 0].tolist()


@pytest.mark.heavy
def test_a_study_of_layers_goes_through_files_and_beside_theory(folder, capsys):
    (folder / "s.toml").write_text(STUDY.replace("theory = false", "theory = true"))
    assert main(["sweep", "s.toml", "--out", "s.zarr"]) == 0
    assert main(["export", "s.zarr", "s.nc"]) == 0
    assert main(["rerun", "s.nc", "--out", "again.zarr"]) == 0
    tree, again = (phase_diagrams.open(path) for path in ("s.zarr", "again.zarr"))
    for group in ("theory", "simulation"):
        found = tree[group].to_dataset()
        assert found["m"].dims == found["q"].dims == ("alpha", "T", "layer")
        for name in found.data_vars:
            np.testing.assert_array_equal(found[name], again[group][name])
    solution = theory.solve(BAM(sizes=(1, 2)), alpha=0.05, T=0.2)
    at = tree["theory"].to_dataset().sel(alpha=0.05, T=0.2)
    np.testing.assert_array_equal(at["m"], solution.m)
    assert at["phase"] == phase_diagrams.Phase.RETRIEVAL
    assert main(["compare", "s.zarr"]) == 0
    points = phase_diagrams.open("s.zarr")["comparison/points"].to_dataset()
    assert points["m_z"].dims == ("alpha", "T", "layer")
    assert points["expected"].dims == ("alpha", "T")
    one = phase_diagrams.compare(phase_diagrams.figures.select(tree, "layer", 1))
    np.testing.assert_array_equal(one["m_residual"], points["m_residual"].sel(layer=1))
    assert main(["figure", "s.zarr", "--out", "f.png", "--html"]) == 0
    capsys.readouterr()


class _Lines:
    """A closure that knows of a glass and a transition, both far away."""

    model = BAM()

    @staticmethod
    def knows(name):
        return name in ("glass_temperature", "transition_temperature")


def test_an_assembly_retrieves_where_its_worst_layer_does():
    m = np.array([[0.9, 0.8], [0.9, 0.0], [np.nan, np.nan]])
    found = {"m": m, "free_energy": np.array([-1.0, -1.0, np.nan])}
    T = np.full(3, 0.5)
    lines = {"glass_temperature": np.zeros(3), "transition_temperature": np.ones(3)}
    phases = under_load(_Lines(), found, np.zeros(3), T, lines.__getitem__)
    assert phases.tolist() == [Phase.RETRIEVAL, Phase.PARAMAGNET, Phase.UNKNOWN]


def test_a_sequence_without_replay_is_a_paramagnet_of_no_overlap():
    known = _Lines()
    known.model = Sequence()
    m, q = np.array([0.9, np.nan, np.nan]), np.array([0.8, 0.1, np.nan])
    found = {"m": m, "q": q, "free_energy": np.full(3, np.nan)}
    phases = under_load(known, found, np.zeros(3), np.full(3, 0.5), {}.__getitem__)
    assert phases.tolist() == [Phase.RETRIEVAL, Phase.PARAMAGNET, Phase.UNKNOWN]
    compared = ended(xr.DataArray(m), xr.DataArray(q)).values
    np.testing.assert_array_equal(compared, [0.9, 0.0, np.nan])


@pytest.mark.heavy
def test_the_fall_of_an_assembly_is_that_of_its_worst_layer(folder):
    (folder / "s.toml").write_text(STUDY.replace("[0.2, 0.9]", "[0.2, 0.6, 1.4]"))
    assert main(["sweep", "s.toml", "--out", "s.zarr"]) == 0
    tree = phase_diagrams.open("s.zarr")
    found = phase_diagrams.boundary(tree, along="T")
    worst = worst_layer(tree["simulation"].to_dataset())
    alone = tree.copy()
    alone["simulation"] = tree["simulation"].copy()
    alone = type(tree).from_dict({"/": tree.to_dataset(), "simulation": worst})
    np.testing.assert_array_equal(found["simulation"], phase_diagrams.boundary(alone)["simulation"])
    sizes = phase_diagrams.sweep(
        BAM(), {"alpha": 0.1, "T": [0.2, 0.4], "n_spins": [16, 24, 40]}, n_samples=4,
        schedule=SHORT["schedule"], theory=False,
    )  # fmt: skip
    rows = phase_diagrams.extrapolate(sizes)["m"]
    assert rows["layer"].values.tolist() == [0, 1, 0, 1]


GROWING = [
    ["dreaming", "--sleep", "inf"],
    ["assembly", "--couplings", "0,0.5;0.5,1"],
    ["sequence", *REPLAY],
    ["hopfield", "--weights", "zipf:1", "--start", "pattern:1"],
    ["teacherstudent", "--signal", "2"],
]


@pytest.mark.heavy
@pytest.mark.parametrize("flags", GROWING, ids=[flags[0] for flags in GROWING])
def test_a_study_that_grows_has_the_bits_of_one(flags):
    command = ["sweep", "--model", *flags, "--alpha", "0.1", *FLAGS, "--set"]
    command += ["settings.theory=false", "--out"]
    assert main([*command, "parts.zarr", "--T", "0.3"]) == 0
    assert main([*command, "parts.zarr", "--T", "0.3,0.6", "--resume"]) == 0
    assert main([*command, "whole.zarr", "--T", "0.3,0.6"]) == 0
    parts, whole = (
        phase_diagrams.open(path)["simulation"].to_dataset()
        for path in ("parts.zarr", "whole.zarr")
    )
    assert (whole["status"] == 1).all()
    for name in whole.data_vars:
        np.testing.assert_array_equal(parts[name], whole[name])
    assert Model.build(json.loads(whole.attrs["model"])).describe()["model"] == flags[0]


@pytest.mark.heavy
def test_sleep_is_an_axis_with_an_end_at_infinity(caplog):
    command = ["sweep", "--model", "dreaming", "--alpha", "0.3", "--T", "0.1", *FLAGS]
    command += ["--set", "settings.theory=false", "--out", "d.zarr"]
    assert main([*command, "--set", "grid.sleep=0,1"]) == 0
    assert main([*command, "--set", "grid.sleep=0,1,inf", "--resume"]) == 0
    found = phase_diagrams.open("d.zarr")["simulation"].to_dataset()
    assert found["sleep"].values.tolist() == [0, 1, np.inf]
    run = montecarlo.simulate(Dreaming(sleep=np.inf), alpha=0.3, T=0.1, **SHORT)
    assert found["m"].sel(sleep=np.inf) == run.m.mean
    assert phase_diagrams.integrity.check("d.zarr") == []
    assert main(["export", "d.zarr", "d.nc"]) == 0
    assert main(["rerun", "d.nc", "--out", "e.zarr"]) == 0
    assert main(["figure", "d.zarr", "--out", "f.png"]) == 0
    assert "sleep = inf has no place on an axis" in caplog.text


@pytest.mark.heavy
def test_a_sequence_beside_its_theory():
    asked = SHORT | {"n_spins": 20, "dynamics": "parallel", "backend": "reference"}
    tree = phase_diagrams.sweep(Sequence(), {"alpha": [0.05, 0.5], "T": 0.2}, **asked)
    phase, m = (tree[f"theory/{name}"].values for name in ("phase", "m"))
    assert phase.tolist() == [phase_diagrams.Phase.RETRIEVAL, phase_diagrams.Phase.PARAMAGNET]
    assert np.isnan(m).tolist() == [False, True]
    assert "there is no energy" in tree["simulation/energy"].attrs["comment"]
    points = phase_diagrams.compare(tree)
    gap = tree["simulation/m"] - [m[0], 0.0]
    np.testing.assert_allclose(points["m_residual"], gap, atol=1e-15)
    tree = phase_diagrams.sweep(
        Sequence(), {"alpha": 0.05, "T": 0.2, "start": [0.3, 1.0]}, dynamics="parallel", n_steps=3,
        n_spins=24, n_samples=2, backend="reference",
    )  # fmt: skip
    assert tree["theory/m"].dims == tree["simulation/m"].dims == ("start", "t")
    assert tree["simulation/m"].sel(start=1.0, t=0) == 1


DREAM = ["--model", "dreaming", "--alpha", "0.1", "--T", "0.3", *FLAGS]
LAYERS = ["--alpha", "0.1", "--T", "0.3", *FLAGS]
BAD = [
    ([*DREAM, "--sleep", "-1"], "sleep = -1.0 is outside the allowed range [0, inf]"),
    ([*DREAM, "--sleep", "nan"], "sleep = nan is outside"),
    ([*DREAM, "--sleep", "x"], "'x' is not a number"),
    ([*DREAM, "--dynamics", "layers"], "dynamics = 'layers'"),
    ([*DREAM, "--sizes", "1,2"], "sizes is not a parameter of Dreaming"),
    (["--model", "bam", *LAYERS, "--couplings", "1"], "couplings is not a parameter of BAM"),
    (["--model", "tam", *LAYERS, "--sizes", "1,2"], "not one of each of 3 layers"),
    (["--model", "tam", *LAYERS, "--sizes", "1,x"], "'x' is not a number"),
    (["--model", "assembly", *LAYERS, "--couplings", "0,1;2,0"], "not symmetric"),
    (["--model", "assembly", *LAYERS, "--couplings", "0,1;1"], "couplings = "),
    (["--model", "assembly", *LAYERS, "--couplings", "0,x;1,0"], "rows of numbers as in 0,1;1,0"),
    (["--model", "bidirectional", *LAYERS], "did you mean bam?"),
    (["--model", "couplings", *LAYERS[2:], "--couplings", "no.npy"], "cannot be read"),
    (["--model", "couplings", *LAYERS[2:], "--couplings", "x"], "sherrington-kirkpatrick, the"),
    (["--model", "couplings", *LAYERS], "alpha = 0.1 is not a parameter of Couplings"),
    (["--model", "sequence", *LAYERS], "dynamics = 'parallel'"),
    (["--model", "sequence", *LAYERS, *REPLAY, "--order", "9"], "order = 9 is outside"),
    (["--model", "hopfield", *LAYERS, "--layers", "1"], "did you mean --sizes?"),
]  # fmt: skip


@pytest.mark.parametrize(("flags", "words"), BAD, ids=[" ".join(f[:1] + f[-2:]) for f, _ in BAD])
def test_bad_input_is_one_line_and_nothing_is_written(flags, words, folder, capsys):
    for command in (["simulate"], ["sweep", "--out", "x.zarr"]):
        assert main([*command, *flags]) == 2
        output = capsys.readouterr()
        assert output.out == ""
        assert output.err.startswith("hebbian: error: ")
        assert words in output.err
        assert output.err.count("\n") == 1
    assert list(folder.iterdir()) == []


def test_an_assembly_is_the_same_by_every_name():
    described = {"model": "bam", "sizes": [1, 2]}
    assert Model.build(described) == BAM(sizes=(1, 2))
    assert Model.build(json.loads(json.dumps(BAM(sizes=(1, 2)).describe()))) == BAM(sizes=(1, 2))
    assert Model.build({"model": "assembly", "couplings": [[1]]}) == Assembly(couplings=[[1]])
