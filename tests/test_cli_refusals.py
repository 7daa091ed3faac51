"""What the command line refuses: one line, nothing written."""

import pytest
from command_lines import STUDY

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
