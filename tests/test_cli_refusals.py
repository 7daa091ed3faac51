"""What the command line refuses: one line, nothing written."""

import os

import numpy as np
import pytest
from command_lines import STUDY

import phase_diagrams
from phase_diagrams.cli import main


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("order = 3", "order = 9"), "order = 9 is outside the allowed range [2, 8]"),
        (("order = 3", "ordre = 3"), "ordre is not a parameter of Dense with rule Storing"),
        (("[0.1, 0.3]", '[0.1, "hot"]'), "T = [0.1, 'hot'] is not a real number"),
        (("[0.1, 0.3]", '"0.1:0.3"'), "grid.T: '0.1:0.3' is not a number, a comma list"),
        (("n_samples = 2", 'n_samples = "two"'), "got `str` - at `$.settings.n_samples`"),
        (("n_samples", "n_sample"), "settings: n_sample is not one of n_samples, n_replicas"),
        (("n_samples", "n_sample"), "did you mean n_samples?"),
        (("[settings]", "[setings]"), "setings is not one of model, grid, settings; did you mean"),
        (("[model]", "[model"), "study.toml: "),
        (("[model]", "seed = 3\n[model]"), "study.toml: seed = 3 stands outside a table"),
        (("stride = 2", "stride = 20"), "stride = 20 is outside the allowed range [1, 10]"),
        (("n_samples = 2", "n_samples = 1e9"), "n_samples = 1000000000 is outside the allowed"),
        (("n_samples = 2", "n_samples = true"), "got `bool` - at `$.settings.n_samples`"),
        (("n_samples = 2", "n_samples = 1000000\nn_replicas = 1000000"), "memory = "),
        (("sweeps = 10", "sweeps = 1000000000000"), "memory = "),
        (("[0.1, 0.3]", "[" * 5000), "study.toml is nested deeper than 64 levels"),
        (("[0.1, 0.3]", "{a=" * 5000), "study.toml is nested deeper than 64 levels"),
        (("order", "a." * 5000 + "order"), "study.toml is nested deeper than 64 levels"),
        (("[0.1, 0.3]", '"0:1:99999999"'), "range lo:hi:n of finite numbers with n in [1, 100000]"),
        (("[0.1, 0.3]", '"0:inf:3"'), "range lo:hi:n of finite numbers"),
        (("[0.1, 0.3]", '"-1e308:1e308:3"'), "range lo:hi:n of finite numbers"),
        (("[0.1, 0.3]", f'"0:{"9" * 400}:3"'), "range lo:hi:n of finite numbers"),
        (('"dense"', '["dense"]'), "model = ['dense'] is not one of"),
    ],
)  # fmt: skip
def test_bad_studies_are_one_line_and_nothing_is_written(
    change, words, study_file, tmp_path, capsys
):
    study_file.write_text(STUDY.replace(*change))
    assert main(["sweep", str(study_file), "--out", str(tmp_path / "x.zarr")]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.startswith("hebbian: error: ")
    assert output.err.count("\n") == 1
    assert words in output.err
    assert [path.name for path in tmp_path.iterdir()] == ["study.toml"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--alpha", "0.1", "0.2"], "no study file '0.2'; several values are one word, as in"),
        (["study.toml"], "no study file 'study.toml'\n"),
    ],
)
def test_a_study_file_that_is_not_there(words, said, tmp_path, capsys):
    assert main(["sweep", *words, "--T", "0.1", "--out", str(tmp_path / "x.zarr")]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("content", ["zeros", "UTF-16", "folder", "pipe", "/dev/zero", "/dev/null"])
def test_what_is_no_study_file_is_one_line(content, tmp_path, capsys):
    path = tmp_path / "study.toml"
    if content == "zeros":
        with path.open("wb") as file:
            file.truncate(1 << 30)
    elif content == "UTF-16":
        path.write_bytes(STUDY.encode("utf-16"))
    elif content == "folder":
        path.mkdir()
    elif content == "pipe":
        os.mkfifo(path)
    path = content if content.startswith("/dev") else path
    assert main(["sweep", str(path), "--out", str(tmp_path / "x.zarr")]) == 2
    error = capsys.readouterr().err
    assert error.startswith("hebbian: error: ")
    assert error.count("\n") == 1
    assert len(error) < 300


def test_ranges_name_the_numbers_that_people_mean(study_file, tmp_path):
    """0.06 where the steps added up give 0.060000000000000005, from flags, --set and files."""
    study_file.write_text(STUDY.replace("0.05:0.1:2", "0.02:0.1:3"))
    out = [str(tmp_path / name) for name in ("file", "set", "flag")]
    loads = "0.02:0.1:3"
    assert main(["sweep", str(study_file), "--out", out[0]]) == 0
    assert main(["sweep", str(study_file), "--set", f"grid.alpha={loads}", "--out", out[1]]) == 0
    assert main(["sweep", str(study_file), "--alpha", loads, "--out", out[2]]) == 0
    for path in out:
        simulation = phase_diagrams.open(path)["simulation"].to_dataset()
        assert simulation["alpha"].values.tolist() == [0.02, 0.06, 0.1]
        assert np.isfinite(simulation.sel(alpha=0.06)["m"]).all()


@pytest.mark.parametrize(
    "change",
    [
        "grid.T.x.y=1", "model=3", "=", "", "grid.T", "grid.=1", ".T=1", "grid.T=0:1:99999999",
        f"grid.T={'[' * 5000}", f"grid.T={'{a=' * 5000}", f"grid.{'a.' * 5000}=1",
        "settings.n_samples=1e9", "settings.seed=" + "9" * 5000, "settings.cooling=true",
        'settings.observables=["no_module:x"]', "grid.T=1979-05-27", "grid.points=3",
    ],
)  # fmt: skip
def test_changes_that_mean_nothing_are_one_line(change, study_file, tmp_path, capsys):
    study_file.write_text(STUDY)
    assert main(["sweep", str(study_file), "--set", change, "--out", str(tmp_path / "x")]) == 2
    error = capsys.readouterr().err
    assert error.startswith("hebbian: error: ")
    assert error.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["study.toml"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "the following arguments are required: COMMAND"),
        (["sweeep"], "invalid choice: 'sweeep'"),
        (["sweeep"], "did you mean sweep?"),
        (
            ["theory", "--model", "hopfield", "--alhpa", "0.1"],
            "unrecognized arguments: --alhpa 0.1; did you mean --alpha?",
        ),
        (["theory", "--model", "hopfeild", "--T", "1"], "did you mean hopfield?"),
        (
            ["theory", "--model", "dense", "--T", "1", "--parameter", "ordr=3", "--alpha", "0"],
            "ordr is not a parameter of Dense with rule Storing; did you mean order?",
        ),
        (["sweep", "--out", "x.zarr", "--executor", "proces:2"], "executor = 'proces:2' is not"),
        (["sweep", "--out", "x.zarr", "--shard", "3/2"], "shard = '3/2' is outside"),
        (["rerun", "missing.zarr", "--out", "x.zarr"], "missing.zarr does not exist"),
        (["merge", "missing.zarr", "--out", "x.zarr"], "missing.zarr does not exist"),
        (["refine", "missing.zarr", "--budget", "3"], "missing.zarr does not exist"),
        (["completion", "fish"], "invalid choice: 'fish'"),
        (["theory"], "the following arguments are required: --model"),
        (["theory", "--model", "ising", "--T", "1"], "model = 'ising' is not one of"),
        (["theory", "--model", "hopfield", "--T", "1"], "alpha is missing"),
        (["theory", "--model", "hopfield", "--alpha", "0.1"], "T is missing"),
        (["theory", "--alpha", "0:1"], "argument --alpha: '0:1' is not a number, a comma list"),
        (["simulate", "--stride", "1.5"], "argument --stride: '1.5' is not a whole number"),
        (["sweep", "--out", "x.zarr", "--T", "1"], "model is missing"),
        (["theory", "--alpha", "0:1:0"], "n in [1, 100000]"),
        (["theory", "--alpha", "0.1,x"], "argument --alpha: 'x' is not a number"),
        (
            ["theory", "--model", "multitasking", "--dilution", "1.5", "--T", "0.1"],
            "dilution = 1.5 is outside the allowed range [0, 1)",
        ),
        (
            ["theory", "--model", "dense", "--rule", "supervised", "--alpha", "0.1", "--T", "0.1"],
            "rule Supervised needs quality and n_examples",
        ),
        (["theory", "--model", "hopfield", "--parameter", "x", "--T", "1"], "is not NAME=VALUE"),
        (["sweep", "--out", "x.zarr", "--set", "seed=1"], "is not TABLE.NAME=VALUE"),
        (["sweep", "missing.toml", "--out", "x.zarr"], "missing.toml"),
        (["status", "missing.zarr"], "missing.zarr does not exist"),
        (["figure", "missing.zarr"], "missing.zarr does not exist"),
        (["compare", "missing.zarr"], "missing.zarr does not exist"),
        (["export", "missing.zarr", "x.nc"], "missing.zarr does not exist"),
    ],
)
def test_bad_arguments_are_one_line(arguments, words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.startswith("hebbian: error: ")
    assert output.err.count("\n") == 1
    assert words in output.err
    assert list(tmp_path.iterdir()) == []
