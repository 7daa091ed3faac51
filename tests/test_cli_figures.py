"""Figures from the command line: axes, colours, styles, several stores, and what is refused."""

import pytest
from matplotlib import rcParams

from phase_diagrams.cli import main

MAP = ["--alpha", "0.02,0.06,0.1", "--T", "0.1,0.5,0.9"]
CHEAP = ["--n-spins", "50", "--n-samples", "2", "--warmup", "2", "--sweeps", "10", "--stride", "2"]


@pytest.fixture(scope="module")
def stores(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stores")
    for model in (["hopfield"], ["dense", "--order", "4"]):
        name = str(folder / f"{model[0]}.zarr")
        assert main(["sweep", "--model", *model, *MAP, *CHEAP, "--out", name]) == 0
    moving = ["--alpha", "0.05", "--T", "0", "--start", "0.2,0.5,0.8", "--n-steps", "3"]
    words = ["--dynamics", "parallel", "--n-spins", "40", "--n-samples", "2"]
    moving += ["--out", str(folder / "followed.zarr")]
    assert main(["sweep", "--model", "hopfield", *moving, *words]) == 0
    return folder


@pytest.mark.parametrize(
    ("words", "made"),
    [
        (["hopfield.zarr", "--x", "T", "--y", "alpha", "--yscale", "log", "--cmap", "magma"], 1),
        (["hopfield.zarr", "--kind", "curve", "--x", "T", "--hue", "alpha"], 1),
        (["hopfield.zarr", "--hue", "T", "--xscale", "log", "--style", "dark_background"], 1),
        (["hopfield.zarr", "dense.zarr", "--labels", "P = 2,P = 4"], 1),
        (["hopfield.zarr", "dense.zarr", "--select", "T=0.5", "--style", "own.mplstyle"], 1),
        (["hopfield.zarr", "--select", "T=0.5", "--label", "mine"], 1),
        (["followed.zarr", "--hue", "start", "--yscale", "symlog"], 1),
    ],
)
def test_figures_of_a_command(words, made, stores, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.mplstyle").write_text("axes.facecolor: 222222\n")
    before = dict(rcParams)
    first = [str(stores / word) if word.endswith(".zarr") else word for word in words]
    assert main(["figure", *first, "--out", "drawn.svg"]) == 0
    assert capsys.readouterr().out == "drawn.svg\n"
    assert dict(rcParams) == before
    svg = (tmp_path / "drawn.svg").read_text()
    assert svg.startswith("<?xml")
    assert ("#222222" in svg) == ("own.mplstyle" in words)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["hopfield.zarr", "--hue", "mass"], "hue = 'mass' is not one of"),
        (["hopfield.zarr", "--x", "mass"], "x = 'mass' is not one of"),
        (["hopfield.zarr", "--kind", "map", "--hue", "T"], "a map has no hue"),
        (["hopfield.zarr", "--kind", "curve", "--y", "T"], "--y is of --kind map"),
        (["followed.zarr", "--x", "start"], "a figure along time has no x"),
        (["hopfield.zarr", "--xscale", "logg"], "xscale = 'logg' is not one of"),
        (["hopfield.zarr", "--cmap", "magmaa"], "did you mean magma"),
        (["hopfield.zarr", "--style", "none.mplstyle"], "--style 'none.mplstyle' is no style"),
        (["hopfield.zarr", "--style", "https://example.org/x.mplstyle"], "are not fetched"),
        (["hopfield.zarr", "--labels", "A,B"], "give 1"),
        (["hopfield.zarr", "dense.zarr", "--labels", "A,A"], "not all different"),
        (["hopfield.zarr", "dense.zarr", "--html"], "--html is of one store"),
        (["hopfield.zarr", "missing.zarr"], "missing.zarr does not exist"),
        (["hopfield.zarr", "followed.zarr"], "followed is over t, start, not alpha, T"),
    ],
)
def test_figures_that_cannot_be_are_one_line(words, message, stores, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    first = [str(stores / word) if word.endswith(".zarr") else word for word in words]
    assert main(["figure", *first, "--out", "drawn.svg"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert message in said.err
    assert list(tmp_path.iterdir()) == []
