"""Trajectories from the command line: theory, the simulation beside it, and their figures."""

import json

import numpy as np
import pytest

import montecarlo
import phase_diagrams
import phase_diagrams.sweeps.cells
import theory
from hebbian import Dense, Hopfield, Multitasking, Supervised
from montecarlo import Schedule
from phase_diagrams.cli import main

COURSE = ["--n-steps", "3", "--n-trajectories", "2000"]
HOPFIELD = ["trajectory", "--model", "hopfield", "--alpha", "0.1", *COURSE]
FOLLOWED = {"n_steps": 3, "n_trajectories": 2000}
FROM_START = Schedule(warmup=0, sweeps=3, stride=1)


def said(capsys, *words):
    assert main([*words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def column(rows, name, **where):
    return [row[name] for row in rows if all(row[key] == x for key, x in where.items())]


def test_the_theory_is_that_of_the_function(capsys):
    found = said(capsys, *HOPFIELD, "--T", "0,0.2", "--start", "0.3,0.6", "--seed", "5")["theory"]
    T, start = np.meshgrid([0.0, 0.2], [0.3, 0.6], indexing="ij")
    known = theory.trajectory(Hopfield(), alpha=0.1, T=T, start=start, seed=5, **FOLLOWED)
    for place in np.ndindex(2, 2):
        for name in ("m", "m_err", "n", "n_err"):
            rows = column(found, name, T=T[place], start=start[place])
            assert rows == getattr(known, name)[place].tolist()
    assert column(found, "t", T=0.2, start=0.6) == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("words", "model", "arguments"),
    [
        (["--method", "neurodynamics"], Hopfield(), {"method": "neurodynamics"}),
        (["--dynamics", "glauber", "--time-step", "0.5"], Hopfield(),
            {"dynamics": "glauber", "time_step": 0.5}),
        (["--model", "dense", "--order", "2", "--indices", "all", "--dynamics",
            "parallel-diagonal"], Dense(order=2, indices="all"),
            {"dynamics": "parallel-diagonal"}),
        (["--rule", "supervised", "--quality", "0.5", "--n-examples", "3", "--law", "gaussian"],
            Hopfield(rule=Supervised(quality=0.5, n_examples=3)), {"law": "gaussian"}),
        (["--n-threads", "1"], Hopfield(), {"n_threads": 1}),
    ],
)  # fmt: skip
def test_every_flag_reaches_the_theory(words, model, arguments, capsys):
    found = said(capsys, *HOPFIELD, "--start", "0.7", *words)["theory"]
    usual = theory.trajectory(model, alpha=0.1, start=0.7, **FOLLOWED)
    known = theory.trajectory(model, alpha=0.1, start=0.7, **FOLLOWED, **arguments)
    assert column(found, "m") == known.m.tolist()
    assert column(found, "n") == known.n.tolist()
    if {*arguments} & {"method", "law"} or arguments.get("dynamics") == "glauber":
        assert not np.array_equal(known.m, usual.m)


@pytest.mark.parametrize("dynamics", ["parallel", "glauber"])
def test_the_simulation_is_that_of_the_function(dynamics, capsys):
    words = ["--T", "0.2", "--start", "0.6", "--dynamics", dynamics, "--seed", "5"]
    words += ["--n-spins", "40,60", "--n-samples", "3", "--n-replicas", "1"]
    found = said(capsys, *HOPFIELD, *words)["simulation"]
    for n_spins in (40, 60):
        run = montecarlo.simulate(
            Hopfield(), alpha=0.1, T=0.2, start=0.6, seed=5, n_spins=n_spins, n_samples=3,
            n_replicas=1, schedule=FROM_START, dynamics=dynamics,
            site_order="random" if dynamics == "glauber" else "sequential",
        )  # fmt: skip
        series = run.series["m"][:, 0]
        np.testing.assert_allclose(
            column(found, "m", n_spins=n_spins)[1:], series.mean(axis=0), atol=1e-14
        )
        error = series.std(axis=0, ddof=1) / np.sqrt(3)
        np.testing.assert_allclose(column(found, "m_err", n_spins=n_spins)[1:], error, atol=1e-14)
        np.testing.assert_allclose(
            column(found, "m", n_spins=n_spins)[0], run.start_overlaps.mean(), atol=1e-14
        )


def rows_of(text):
    """Return the names of the columns of a table, and its rows by them."""
    names, *lines = (line.split() for line in text.splitlines())
    return names, [dict(zip(names, map(float, line), strict=True)) for line in lines]


def test_the_table_has_theory_and_every_size_side_by_side(capsys):
    words = [*HOPFIELD, "--start", "0.6", "--n-spins", "45,50", "--n-samples", "2"]
    found = said(capsys, *words)
    assert main(words) == 0
    names, rows = rows_of(capsys.readouterr().out)
    assert names[:5] == ["t", "alpha", "T", "m", "m_err"]
    expected = [f"{name}_N{size}" for size in (45, 50) for name in ("m", "alpha")]
    assert {*names[5:]} == {*expected, "m_N45_err", "m_N50_err"}
    for size in (45, 50):
        shown = [row[f"m_N{size}"] for row in rows]
        np.testing.assert_allclose(shown, column(found["simulation"], "m", n_spins=size), rtol=1e-7)
    assert {row["alpha_N45"] for row in rows} == {0.11111111}  # 5 patterns
    np.testing.assert_allclose([row["m"] for row in rows], column(found["theory"], "m"), rtol=1e-7)


def test_what_is_learnt_and_every_pattern_have_columns(capsys):
    learner = ["--rule", "supervised", "--quality", "0.6", "--n-examples", "3"]
    assert main([*HOPFIELD, *learner, "--start", "0.6"]) == 0
    names, rows = rows_of(capsys.readouterr().out)
    assert names[3:] == ["m", "m_err", "n", "n_err"]
    assert rows[3]["m"] != rows[3]["n"]
    words = ["--model", "multitasking", "--n-patterns", "2", "--T", "0.1", "--start", "parallel"]
    assert main(["trajectory", *words, "--n-steps", "2", "--n-spins", "30"]) == 0
    names, rows = rows_of(capsys.readouterr().out)
    assert {"m_1", "m_2", "m_N30_1", "m_N30_2", "m_N30_err_2"} <= {*names}
    model = Multitasking(n_patterns=2, dilution=0.3)
    known = theory.trajectory(model, T=0.1, start="parallel", n_steps=2)
    np.testing.assert_allclose([[r["m_1"], r["m_2"]] for r in rows], known.m, rtol=1e-7)


def test_the_curves_are_drawn(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = [*HOPFIELD, "--start", "0.3,0.6", "--n-spins", "30", "--n-samples", "2"]
    assert main([*words, "--figure", "one.svg"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "one.svg"
    assert said(capsys, *words, "--figure", "two")["figure"] == ["two.pdf", "two.png"]
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["one.svg", "two.pdf", "two.png"]


@pytest.mark.parametrize(
    ("quantity", "words", "function", "arguments"),
    [
        ("recovery", ["--start", "0.3,0.8", "--threshold", "0.6"], theory.recovery,
            {"start": [0.3, 0.8], "threshold": 0.6}),
        ("convergence-time", ["--start", "0.3,0.8", "--tolerance", "0.2"],
            theory.convergence_time, {"start": [0.3, 0.8], "tolerance": 0.2}),
        ("convergence-time", ["--T", "0.2,0.4", "--dynamics", "glauber", "--time-step", "1"],
            theory.convergence_time, {"T": [0.2, 0.4], "dynamics": "glauber", "time_step": 1.0,
            "start": "pattern"}),
    ],
)  # fmt: skip
def test_what_trajectories_come_to(quantity, words, function, arguments, capsys):
    found = said(capsys, *HOPFIELD, "--quantity", quantity, *words)["points"]
    known = function(Hopfield(), alpha=0.1, **FOLLOWED, **arguments)
    names = [name for name in known.fields() if name != "threshold"]
    assert {*found[0]} == {"alpha", "T", *names} | ({"start"} if "," in words[1] else set()) - (
        {"start"} if "--T" in words else set()
    )
    for name in names:
        values = [value if np.isfinite(value) else None for value in getattr(known, name).tolist()]
        assert column(found, name) == values


def test_basins_at_several_times(capsys):
    words = ["--alpha", "0.05,0.1,0.2", "--T", "0,0.1", "--n-steps", "2,4", "--threshold", "0.6"]
    found = said(capsys, *HOPFIELD, "--quantity", "basin", *words)["points"]
    alpha, T = np.meshgrid([0.05, 0.1, 0.2], [0.0, 0.1], indexing="ij")
    known = theory.basin(
        Hopfield(), alpha=alpha, T=T, n_steps=[2, 4], threshold=0.6, n_trajectories=2000
    )
    assert len(found) == 12
    for place in np.ndindex(3, 2):
        rows = [row for row in found if (row["alpha"], row["T"]) == (alpha[place], T[place])]
        assert [row["t"] for row in rows] == [2, 4]
        assert column(rows, "overlap") == known.overlap[place].tolist()
        assert column(rows, "error") == known.error[place].tolist()


def test_what_comes_of_several_patterns(capsys):
    assert main(["trajectory", "--model", "multitasking", "--quantity", "basin"]) == 2
    assert "Multitasking" in capsys.readouterr().err
    model = ["--model", "multitasking", "--start", "0.4", "--T", "0.1", "--n-steps", "3"]
    (point,) = said(capsys, "trajectory", *model, "--quantity", "recovery")["points"]
    first = [0.4 * 0.7, 0, 0]
    known = theory.recovery(Multitasking(n_patterns=3, dilution=0.3), T=0.1, start=first, n_steps=3)
    assert point["overlap"] == known.overlap.tolist()


REFUSED = {
    "dynamics = 'metropolis' is not one of": ["--dynamics", "metropolis"],
    "--n-samples needs --n-spins": ["--n-samples", "3"],
    "n_steps = 0 is outside the allowed range": ["--n-steps", "0"],
    "start = 1.5 is outside the allowed range": ["--start", "1.5"],
    "statistical neurodynamics is of 'parallel'": [
        "--dynamics", "glauber", "--method", "neurodynamics",
    ],
    "time_step = 2.0 is outside the allowed range (0, 1]": [
        "--dynamics", "glauber", "--time-step", "2",
    ],
    "--figure shows one axis of several values, not T, start": [
        "--T", "0.1,0.2", "--start", "0.1,0.2", "--figure", "x",
    ],
    ".txt is not one of the formats": ["--figure", "x.txt"],
    "there is no folder missing": ["--figure", "missing/x"],
    "n_trajectories = 10 is outside the allowed range [1000": ["--n-trajectories", "10"],
    "quantity = 'speed' is not one of trajectory, basin": ["--quantity", "speed"],
    "--quantity basin does not take --start": ["--quantity", "basin"],
    "--quantity recovery does not take --n-spins": ["--quantity", "recovery", "--n-spins", "50"],
    "--quantity recovery does not take --tolerance": [
        "--quantity", "recovery", "--tolerance", "0.1",
    ],
    "--quantity trajectory does not take --threshold": ["--threshold", "0.5"],
    "n_steps = [2, 3]: several are of --quantity basin": ["--n-steps", "2,3"],
    "unrecognized arguments: --sweeps": ["--sweeps", "4"],
}  # fmt: skip


@pytest.mark.parametrize(("message", "words"), REFUSED.items(), ids=REFUSED)
def test_bad_words_are_one_line_and_nothing_is_computed(
    message, words, capsys, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(phase_diagrams.sweeps.cells, "arguments", None)
    assert main([*HOPFIELD, "--start", "0.5", *words]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.startswith("hebbian: error: ")
    assert output.err.count("\n") == 1
    assert message in output.err
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    out = tmp_path_factory.mktemp("followed") / "study.zarr"
    grid = {"alpha": [0.05, 0.1], "start": [0.2, 0.8], "T": 0.1, "n_spins": 40}
    phase_diagrams.sweep(
        Hopfield(), grid, dynamics="parallel", n_samples=2, n_steps=3, theory=False, out=out
    )
    return str(out)


def test_a_store_of_trajectories_is_drawn(store, tmp_path, capsys):
    out = str(tmp_path / "x.svg")
    for words in (
        ["--select", "alpha=0.1"],
        ["--select", "alpha=0.1", "--samples", "band"],
        ["--select", "alpha=0.1", "--kind", "map", "--html"],
        ["--select", "t=2"],
        ["--select", "t=2", "--select", "alpha=0.1"],
        ["--kind", "basin", "--times", "1,3", "--threshold", "0.6"],
        ["--variable", "status"],
    ):
        assert main(["figure", store, "--out", out, *words]) == 0, words
        assert capsys.readouterr().out.splitlines()[0] == out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "select the others"),
        (["--kind", "basin", "--times", "9"], "times = 9: the study has t = 0 ... 3"),
        (["--times", "1"], "--times is of --kind basin"),
        (["--kind", "basin", "--samples", "band"], "--samples is of --kind trajectory"),
        (["--kind", "curve", "--finite-size"], "--finite-size is of --kind map"),
        (["--kind", "basin", "--variable", "n"], "a basin is of m"),
        (["--kind", "cloud"], "kind = 'cloud' is not one of"),
        (["--select", "t=1", "--kind", "trajectory"], "trajectory needs an axis t"),
    ],
)
def test_figures_that_a_store_has_not_are_refused(words, message, store, tmp_path, capsys):
    assert main(["figure", store, "--out", str(tmp_path / "x"), *words]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert list(tmp_path.iterdir()) == []
