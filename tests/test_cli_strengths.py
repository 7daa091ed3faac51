"""Teacher and student, and patterns of unequal strengths: commands, studies, predictions."""

import json

import numpy as np
import pytest

import montecarlo
import phase_diagrams
import theory
from hebbian import Dense, Hopfield, Model, TeacherStudent
from montecarlo import Schedule
from phase_diagrams.cli import main
from phase_diagrams.grid import Grid
from phase_diagrams.phases import Phase
from phase_diagrams.prediction import predict

FLAGS = ["--n-spins", "40", "--warmup", "4", "--sweeps", "20", "--stride", "2", "--n-samples", "2"]
SHORT = {"n_spins": 40, "n_samples": 2, "schedule": Schedule(warmup=4, sweeps=20, stride=2)}
POINT = ["--alpha", "0.1", "--T", "0.3"]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.save("g.npy", [1, 0.5, 0.25, 0.125])
    (tmp_path / "g.txt").write_text("1, .5\n.25 .125\n")
    return tmp_path


@pytest.mark.parametrize(
    ("flags", "model"),
    [
        (["hopfield", "--weights", "zipf:1.5"], Hopfield(weights="zipf:1.5")),
        (["hopfield", "--weights", "1,0.5,0.25,0.125"], Hopfield(weights=[1, 0.5, 0.25, 0.125])),
        (["hopfield", "--weights", "g.npy"], Hopfield(weights=[1, 0.5, 0.25, 0.125])),
        (["hopfield", "--weights", "g.txt"], Hopfield(weights=[1, 0.5, 0.25, 0.125])),
        (
            ["dense", "--order", "3", "--weights", "palimpsest:2", "--start", "pattern:3"],
            Dense(order=3, weights="palimpsest:2"),
        ),
        (["teacherstudent", "--signal", "3"], TeacherStudent(signal=3.0)),
        (
            ["teacherstudent", "--order", "3", "--teacher-temperature", "2"],
            TeacherStudent(order=3, teacher_temperature=2.0),
        ),
    ],
)  # fmt: skip
def test_simulate_prints_what_the_function_returns(flags, model, capsys):
    assert main(["simulate", "--model", *flags, *POINT, *FLAGS, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    start = flags[flags.index("--start") + 1] if "--start" in flags else "auto"
    run = montecarlo.simulate(model, alpha=0.1, T=0.3, start=start, **SHORT)
    assert Model.build(found["study"]["model"]) == model
    assert found["points"][0]["m"] == run.m.mean
    assert found["points"][0]["energy"] == run.energy.mean


BAD = [
    (["hopfield", "--weights", "zipf"], "zipf:X with X in [0, 10], palimpsest:X with X in"),
    (["hopfield", "--weights", "forgetting:1"], "did you mean palimpsest?"),
    (["hopfield", "--weights", "1,x"], "'1,x' is not a list of numbers as in 1,0.5,0.25"),
    (["hopfield", "--weights", "1,0.5"], "2 strengths for 4 patterns: alpha = 0.05 has as many"),
    (["hopfield", "--weights", "no.npy"], "weights = 'no.npy' cannot be read: "),
    (["hopfield", "--weights", "zipf:1", "--start", "pattern:4"], "= 4 is outside the allowed"),
    (["hopfield", "--signal", "3"], "signal is not a parameter of Hopfield"),
    (["student", "--signal", "3"], "did you mean teacherstudent?"),
    (["teacherstudent"], "TeacherStudent needs one of them"),
    (["teacherstudent", "--signal", "0"], "signal = 0.0 is outside the allowed range (0, inf)"),
    (["teacherstudent", "--teacher-temperature", "1"], "is outside the allowed range (1, inf)"),
]


@pytest.mark.parametrize(("flags", "words"), BAD, ids=[" ".join(f) for f, _ in BAD])
def test_bad_input_is_one_line_and_nothing_is_written(flags, words, folder, capsys):
    there = sorted(path.name for path in folder.iterdir())
    for command in (["simulate"], ["sweep", "--out", "x.zarr"]):
        assert main([*command, "--model", *flags, *POINT, *FLAGS]) == 2
        output = capsys.readouterr()
        assert output.out == ""
        assert output.err.startswith("hebbian: error: ")
        assert words in output.err
        assert output.err.count("\n") == 1
    assert sorted(path.name for path in folder.iterdir()) == there


@pytest.mark.parametrize(
    "flags", [["teacherstudent", "--signal", "2"], ["hopfield", "--weights", "zipf:1"]]
)
def test_transitions_of_other_patterns_are_refused(flags, capsys):
    assert main(["locate", "--model", *flags, "--alpha", "0.05"]) == 2
    assert "Hopfield or Dense, of equal patterns" in capsys.readouterr().err


def test_which_patterns_survive(capsys):
    model = ["--model", "hopfield", "--weights", "palimpsest:8", "--alpha", "0.2"]
    asked = [*model, "--quantity", "by-rank", "--ranks", "1,40,60"]
    assert main(["theory", *asked, "--n-spins", "1000", "--json"]) == 0
    points = json.loads(capsys.readouterr().out)["points"]
    found = theory.by_rank(
        Hopfield(weights="palimpsest:8"), alpha=0.2, n_spins=1000, ranks=[1, 40, 60]
    )
    assert [p["rank"] for p in points] == [1, 40, 60]
    assert [p["converged"] for p in points] == found.converged.tolist() == [True, True, False]
    assert points[1]["m"] == found.m[1]
    assert main(["theory", *asked]) == 2
    assert "n_spins is missing: by-rank" in capsys.readouterr().err
    assert main(["theory", *model, "--T", "0.1", "--ranks", "1"]) == 2
    assert "--quantity solution does not take --ranks" in capsys.readouterr().err


@pytest.mark.parametrize("start", ["pattern", "pattern:2"])
def test_strengths_are_those_of_the_networks_of_a_study(start):
    model = Hopfield(weights="zipf:0.5")
    grid = Grid(model, {"alpha": [0.08, 0.1], "T": 0.2, "n_spins": [50, 100]})
    found = predict(grid, start, "binomial")
    assert found["m"].dims == found["phase"].dims == ("alpha", "n_spins")
    assert found["spinodal_temperature"].dims == ("alpha", "n_spins")
    assert "critical_load" not in found
    for at, alpha in enumerate([0.08, 0.1]):
        for size, n_spins in enumerate([50, 100]):
            g = model.strengths(model.count(alpha, n_spins), n_spins).tolist()
            if start == "pattern:2":
                g.insert(0, g.pop(2))
            m = theory.solve(Hopfield(weights=g), alpha=alpha, T=0.2).m
            np.testing.assert_allclose(found["m"].values[at, size], m, rtol=0, atol=1e-12)
    columns = {"alpha": [0.1, 0.08], "n_spins": [50, 100]}
    points = predict(Grid(model, {"points": columns, "T": 0.2}), start, "binomial")
    with pytest.raises(ValueError, match="patterns are 0 to 3"):
        predict(Grid(model, {"alpha": 0.08, "T": 0.2, "n_spins": 50}), "pattern:4", "binomial")
    same = [found["m"].values[1, 0], found["m"].values[0, 1]]
    np.testing.assert_allclose(points["m"].values, same, rtol=0, atol=1e-12)


def test_a_law_of_ranks_needs_a_size(capsys):
    model = ["--model", "hopfield", "--weights", "zipf:1"]
    assert main(["theory", *model, "--alpha", "0.1", "--T", "0.1"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    grid = Grid(Hopfield(weights="palimpsest:2"), {"alpha": 0.1, "T": 0.1})
    with pytest.raises(ValueError, match="n_spins is missing"):
        predict(grid, "pattern:1", "binomial")


def test_phases_of_a_student():
    grid = Grid(TeacherStudent(signal=3.0), {"alpha": [0.1, 0.5, 1.0], "T": [0.3, 1.5, 3.5]})
    learnt = predict(grid, "pattern", "binomial")
    expected = [
        [Phase.GLASS, Phase.PARAMAGNET, Phase.PARAMAGNET],
        [Phase.RETRIEVAL, Phase.RETRIEVAL, Phase.PARAMAGNET],
        [Phase.RETRIEVAL, Phase.RETRIEVAL, Phase.RETRIEVAL],
    ]
    assert learnt["phase"].values.tolist() == expected
    alone = theory.solve(TeacherStudent(signal=3.0), alpha=1.0, T=1.5)
    assert learnt["m"].sel(alpha=1.0, T=1.5) == learnt["n"].sel(alpha=1.0, T=1.5) == alone.m
    shown = predict(grid, "pattern:1", "binomial")
    kept = theory.solve(TeacherStudent(signal=3.0), alpha=0.1, T=0.3, start="example")
    assert shown["m"].sel(alpha=0.1, T=0.3) == kept.n > 0.9
    assert shown["phase"].sel(alpha=0.1, T=0.3) == Phase.METASTABLE
    # An example that is lost leaves the student at its teacher.
    assert shown["phase"].sel(alpha=1.0, T=1.5) == Phase.RETRIEVAL
    assert np.isnan(shown["m"].sel(alpha=1.0, T=1.5))
    np.testing.assert_allclose(shown["q"].sel(alpha=1.0), learnt["q"].sel(alpha=1.0), rtol=1e-9)
    # From anywhere pairs lead to the teacher, with either sign; three bodies do not.
    anywhere = predict(grid, "random", "binomial")
    np.testing.assert_array_equal(anywhere["phase"], learnt["phase"])
    np.testing.assert_allclose(anywhere["energy"], learnt["energy"], rtol=1e-9)
    assert not anywhere[["m", "n"]].to_array().any()
    assert anywhere["q"].sel(alpha=1.0, T=1.5) == 0
    three = Grid(TeacherStudent(order=3, signal=0.5), {"alpha": 16.0, "T": 2.0})
    assert predict(three, "random", "binomial")["phase"] == Phase.GLASS
    assert predict(three, "pattern", "binomial")["phase"] == Phase.RETRIEVAL


def test_couplings_of_few_spins_weaken_the_teacher_too():
    model = TeacherStudent(order=2, teacher_temperature=2.0)
    grid = Grid(model, {"alpha": 4.0, "T": 2.0, "n_spins": 100})
    found = predict(grid, "pattern", "binomial", finite_size=True)
    np.testing.assert_allclose(found["m"], found["q"], rtol=1e-7)  # the Nishimori line stays
    assert model.weakened(0.99) == TeacherStudent(order=2, teacher_temperature=2.0 / 0.99)


STUDY = """
[model]
model = "hopfield"
weights = [1, 0.5, 0.25, 0.125]
[grid]
alpha = 0.1
T = [0.1, 0.4]
n_spins = 40
[settings]
n_samples = 3
warmup = 4
sweeps = 20
stride = 2
start = "pattern:1"
"""


@pytest.mark.heavy
def test_a_study_of_given_strengths_from_its_file_to_every_output(folder, capsys):
    (folder / "s.toml").write_text(STUDY)
    assert main(["sweep", "s.toml", "--out", "s.zarr"]) == 0
    found = phase_diagrams.open("s.zarr")["simulation"].to_dataset()
    model = Hopfield(weights=[1, 0.5, 0.25, 0.125])
    run = montecarlo.simulate(
        model, alpha=0.1, T=0.1, start="pattern:1", **SHORT | {"n_samples": 3}
    )
    assert found["m"].sel(T=0.1) == run.m.mean
    assert "runs start from" in found["m"].attrs["comment"]
    assert phase_diagrams.integrity.check("s.zarr") == []
    assert main(["compare", "s.zarr"]) == 0
    assert main(["export", "s.zarr", "s.nc"]) == 0
    assert main(["rerun", "s.nc", "--out", "t.zarr"]) == 0
    again = phase_diagrams.open("t.zarr")["simulation"].to_dataset()
    np.testing.assert_array_equal(again["m"], found["m"])
    assert main(["sweep", "s.toml", "--out", "x.zarr", "--set", "grid.alpha=[0.1, 0.2]"]) == 2
    assert "4 strengths for 8 patterns" in capsys.readouterr().err
