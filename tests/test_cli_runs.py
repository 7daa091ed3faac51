"""What the flags of the simulation do, and replica exchange from the command line."""

import json

import numpy as np
import pytest

import montecarlo
import phase_diagrams
from hebbian import Hopfield, Multitasking
from phase_diagrams.cli import main
from phase_diagrams.settings import Settings
from phase_diagrams.study import Study
from phase_diagrams.sweeps import sweeping

SMALL = ["--n-spins", "40", "--warmup", "6", "--sweeps", "20", "--stride", "2"]
NETWORK = ["--model", "hopfield", "--alpha", "0.1", *SMALL]


def points(capsys, *words):
    assert main([*words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)["points"]


def test_cooling_and_site_order_reach_the_simulation(capsys):
    flags = ["--cooling", "2.0:geometric", "--site-order", "permutation"]
    (point,) = points(capsys, "simulate", *NETWORK, "--T", "0.3", *flags)
    cooling = montecarlo.Cooling(T=2.0, path="geometric")
    run = montecarlo.simulate(
        Hopfield(), alpha=0.1, T=0.3, n_spins=40, site_order="permutation",
        schedule=montecarlo.Schedule(warmup=6, sweeps=20, stride=2, cooling=cooling),
    )  # fmt: skip
    assert point["m"] == run.m.mean
    assert point["energy"] == run.energy.mean
    (plain,) = points(capsys, "simulate", *NETWORK, "--T", "0.3")
    assert plain["energy"] != point["energy"]


def test_a_sweep_does_not_forget_the_cooling(tmp_path):
    schedule = montecarlo.Schedule(warmup=6, sweeps=20, cooling=montecarlo.Cooling(T=2.0))
    arguments = {"n_spins": 40, "theory": False, "site_order": "random"}
    tree = phase_diagrams.sweep(
        Hopfield(), {"alpha": 0.1, "T": [0.3, 0.5]}, schedule=schedule, **arguments,
        out=tmp_path / "a.zarr",
    )  # fmt: skip
    run = montecarlo.simulate(
        Hopfield(), alpha=0.1, T=0.5, n_spins=40, schedule=schedule, site_order="random"
    )
    assert tree["simulation/m"].sel(T=0.5) == run.m.mean
    again = phase_diagrams.rerun(tmp_path / "a.zarr", tmp_path / "b.zarr")
    assert again["simulation/m"].identical(tree["simulation/m"])
    path = montecarlo.Cooling(T=[1.0] * 6)
    listed = montecarlo.Schedule(warmup=6, sweeps=20, cooling=path)
    with pytest.raises(ValueError, match="a sweep cools from one temperature"):
        phase_diagrams.sweep(Hopfield(), {"alpha": 0.1, "T": 0.3}, schedule=listed, **arguments)


@pytest.mark.parametrize("given", [2, 2.0, "2", "2.0:linear"])
def test_cooling_has_one_spelling(given):
    assert Settings(cooling=given).checked().cooling == "2:linear"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("warm", "is not T or T:path"),
        ("-1", "cooling = -1"),
        ("2:steep", "cooling path = 'steep'"),
        ("nan", "cooling = nan"),
        ("2:geometric:3", "cooling path"),
    ],
)
def test_bad_coolings_are_refused(given, words, capsys):
    assert main(["simulate", *NETWORK, "--T", "0.3", "--cooling", given]) == 2
    assert words in capsys.readouterr().err


def test_settings_are_described_whole_and_tell_studies_apart():
    grid = phase_diagrams.grid.Grid(Hopfield(), {"alpha": 0.1, "T": 0.3, "n_spins": 40})
    plain = Study(grid=grid, settings=Settings())
    assert Study.build(plain.describe()).settings == Settings()
    for change in ({"site_order": "random"}, {"cooling": "2:linear"}):
        other = Study(grid=grid, settings=Settings(**change))
        assert Study.build(other.describe()).settings == other.settings
        assert other.fingerprint() != plain.fingerprint()


def test_stratified_patterns_have_a_flag(capsys):
    flags = ["--model", "multitasking", "--T", "0.1", *SMALL, "--sampling", "stratified"]
    (point,) = points(capsys, "simulate", *flags)
    run = montecarlo.simulate(
        Multitasking(sampling="stratified"), T=0.1, n_spins=40,
        schedule=montecarlo.Schedule(warmup=6, sweeps=20, stride=2),
    )  # fmt: skip
    np.testing.assert_array_equal(point["m"], run.m.mean)


@pytest.mark.parametrize("dynamics", ["plefka", "mean-field", "parallel", "parallel-diagonal"])
def test_every_dynamics_sweeps(dynamics, capsys, tmp_path):
    flags = [*NETWORK, "--T", "0.2,0.5", "--dynamics", dynamics]
    if dynamics == "parallel-diagonal":
        assert main(["simulate", *flags]) == 2
        assert "has no diagonal J_ii" in capsys.readouterr().err
        flags += ["--model", "dense", "--order", "2", "--indices", "all"]
    expected = points(capsys, "simulate", *flags)
    out = tmp_path / "study.zarr"
    assert main(["sweep", *flags, "--set", "settings.theory=false", "--out", str(out)]) == 0
    found = phase_diagrams.open(out)["simulation"].to_dataset()
    np.testing.assert_array_equal(found["m"], np.array([p["m"] for p in expected], float))
    if dynamics in ("plefka", "mean-field"):
        assert main(["simulate", *flags, "--site-order", "random"]) == 2
        assert main(["simulate", *flags, "--cooling", "1"]) == 2


def test_a_checkpointed_run_goes_on(capsys, tmp_path, monkeypatch):
    file = tmp_path / "run.ckpt"
    flags = ["simulate", *NETWORK, "--T", "0.5,0.2"]
    expected = points(capsys, *flags)
    kept = [*flags, "--checkpoint", str(file)]
    assert points(capsys, *kept, "--checkpoint-every", "0.5") == expected
    first = file.read_bytes()
    monkeypatch.setattr(
        montecarlo.engine.chains.Chains, "batch", None
    )  # nothing is left to simulate
    monkeypatch.setattr(phase_diagrams.sweeps.checkpointed.cells, "rehearse", lambda *_: None)
    assert points(capsys, *kept) == expected
    assert file.read_bytes() == first
    monkeypatch.undo()
    for words, complaint in (
        (["--seed", "1"], "another run"),
        (["--alpha", "0.1,0.2"], "only T may be a list"),
        (["--checkpoint-every", "0"], "checkpoint_every = 0"),
    ):
        assert main([*kept, *words]) == 2
        assert complaint in capsys.readouterr().err
    assert main([*flags, "--checkpoint-every", "1"]) == 2
    assert file.read_bytes() == first


def test_an_interrupt_names_the_checkpoint(capsys, tmp_path, monkeypatch):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(phase_diagrams.sweeps.checkpointed.cells, "simulate_row", interrupt)
    file = tmp_path / "run.ckpt"
    assert main(["simulate", *NETWORK, "--T", "0.2", "--checkpoint", str(file)]) == 130
    assert capsys.readouterr().err == f"hebbian: error: interrupted: {file} keeps what is done\n"


def test_replica_exchange(capsys):
    ladder = [0.3, 0.6, 1.0]
    rows = points(capsys, "temper", *NETWORK, "--T", "1.0,0.3,0.6", "--seed", "3")
    run = montecarlo.temper(
        Hopfield(), alpha=0.1, T=ladder, n_spins=40, seed=3,
        schedule=montecarlo.Schedule(warmup=6, sweeps=20, stride=2),
    )  # fmt: skip
    assert [row["T"] for row in rows] == ladder
    for name in ("m", "q", "energy"):
        assert [row[name] for row in rows] == run.estimate(name).mean.tolist()
    assert [row["swap_rate"] for row in rows[:-1]] == run.swap_rates.tolist()
    assert rows[-1]["swap_rate"] is None
    other = ["--site-order", "random", "--dynamics", "metropolis"]
    rows = points(capsys, "temper", *NETWORK, "--T", "0.3,0.6", *other)
    run = montecarlo.temper(
        Hopfield(), alpha=0.1, T=[0.3, 0.6], n_spins=40, site_order="random",
        dynamics="metropolis", schedule=montecarlo.Schedule(warmup=6, sweeps=20, stride=2),
    )  # fmt: skip
    assert [row["energy"] for row in rows] == run.energy.mean.tolist()
    assert main(["temper", *NETWORK, "--T", "0.3,0.6"]) == 0
    assert "round trips between the ends" in capsys.readouterr().out


def test_a_tuned_ladder_keeps_its_ends(capsys):
    flags = ["temper", *NETWORK, "--sweeps", "60", "--T", "0.4,1.2", "--tune"]
    rows = points(capsys, *flags)
    ladder = montecarlo.tune_ladder(
        Hopfield(), alpha=0.1, T=(0.4, 1.2), n_spins=40, target=0.3,
        schedule=montecarlo.Schedule(warmup=6, sweeps=60, stride=2), start="random",
    )  # fmt: skip
    assert [row["T"] for row in rows] == ladder.T.tolist()
    assert [row["energy"] for row in rows] == ladder.run.energy.mean.tolist()


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--T", "0.3"], "two temperatures or more"),
        (["--T", "0.3,0.6", "--alpha", "0.1,0.2"], "all else takes one value"),
        (["--T", "0,0.6"], "T"),
        (["--T", "0.3,0.6", "--tune", "1.5"], "target = 1.5"),
        (["--T", "0.3,0.6", "--cooling", "2"], "do not apply to replica exchange"),
        (["--T", "0.3,0.6", "--dynamics", "parallel"], "dynamics = 'parallel'"),
        (["--T", "0.3,0.6", "--exchange-every", "0"], "exchange_every = 0"),
    ],
)
def test_bad_ladders_are_refused(words, complaint, capsys):
    assert main(["temper", *NETWORK, *words]) == 2
    captured = capsys.readouterr()
    assert complaint in captured.err
    assert captured.out == ""


def test_rows_in_memory_are_the_same_study(capsys):
    grid = phase_diagrams.grid.Grid(Hopfield(), {"alpha": 0.1, "T": [0.2, 0.5], "n_spins": 40})
    asked = Study(grid=grid, settings=Settings(warmup=6, sweeps=20, stride=2, theory=False))
    tree = sweeping.run_in_memory(asked)
    expected = points(capsys, "simulate", *NETWORK, "--T", "0.2,0.5")
    assert tree["simulation/m"].values.tolist() == [point["m"] for point in expected]


@pytest.mark.parametrize("words", [[], ["--tune", "0.4"], ["--dynamics", "metropolis"]])
def test_a_checkpointed_ladder_goes_on(words, capsys, tmp_path, monkeypatch):
    file = tmp_path / "ladder.ckpt"
    flags = ["temper", *NETWORK, "--T", "0.5,0.9", *words]
    expected = points(capsys, *flags)
    kept = [*flags, "--checkpoint", str(file)]
    assert points(capsys, *kept, "--checkpoint-every", "0.5") == expected
    first = file.read_bytes()
    monkeypatch.setattr(montecarlo.tempering.ladders.Ladders, "batch", None)  # nothing is left
    assert points(capsys, *kept) == expected
    monkeypatch.undo()
    for more, complaint in (
        (["--seed", "1"], "another run"),
        (["--exchange-every", "3"], "exchange_every = 1 there, 3 here"),
        (["--checkpoint-every", "0"], "checkpoint_every = 0"),
    ):
        assert main([*kept, *more]) == 2
        assert complaint in capsys.readouterr().err
    assert main([*flags, "--checkpoint-every", "1"]) == 2
    assert "needs --checkpoint" in capsys.readouterr().err
    assert file.read_bytes() == first


def test_an_interrupted_ladder_names_its_checkpoint(capsys, tmp_path, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(montecarlo.tempering.ladders.Ladders, "batch", interrupt)
    flags = ["temper", *NETWORK, "--T", "0.5,0.9"]
    assert main([*flags, "--checkpoint", str(tmp_path / "ladder.ckpt")]) == 130
    complaint = capsys.readouterr().err
    assert complaint.endswith(f"interrupted: {tmp_path}/ladder.ckpt keeps what is done\n")
    assert main(flags) == 130
    assert capsys.readouterr().err.endswith("hebbian: error: interrupted\n")


@pytest.mark.parametrize("dynamics", ["plefka", "mean-field"])
def test_mean_field_dynamics_have_checkpoints(dynamics, capsys, tmp_path):
    flags = ["simulate", *NETWORK, "--T", "0.5,0.2", "--dynamics", dynamics]
    expected = points(capsys, *flags)
    kept = [*flags, "--checkpoint", str(tmp_path / "run.ckpt")]
    assert points(capsys, *kept) == points(capsys, *kept) == expected


def test_compare_tabulates_every_class_and_says_where_nothing_falls(tmp_path, capsys):
    store = str(tmp_path / "cold.zarr")
    small = ["--n-spins", "200", "--n-samples", "6", "--warmup", "20", "--sweeps", "40"]
    sweep = ["sweep", "--model", "hopfield", "--alpha", "0.02,0.03", "--T", "0.1,0.2", *small]
    assert main([*sweep, "--out", store]) == 0
    capsys.readouterr()
    assert main(["compare", store]) == 0
    text, table, ending = capsys.readouterr().out.strip().split("\n\n")
    header, *rows = [line.split() for line in table.splitlines()]
    tree = phase_diagrams.open(store)
    classes = json.loads(phase_diagrams.compare(tree).attrs["classes"])
    assert [row[:3] for row in rows] == [
        [one["kind"], one["quantity"], str(one["points"])] for one in classes
    ]
    for row, one in zip(rows, classes, strict=True):
        assert float(row[header.index("bias")]) == pytest.approx(one["bias"], rel=0.06)
        assert float(row[header.index("p")]) == pytest.approx(one["p"], rel=0.06)
    for one in classes:  # words and table say the same
        assert one["biased"] or f"{one['quantity']} disagrees, by" not in text
    assert ending == "m falls in no column along T."
