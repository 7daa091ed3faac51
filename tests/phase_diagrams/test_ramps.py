"""Ramps over loads and sizes: the same numbers as ramp by ramp, labelled, kept and refused."""

import json
import multiprocessing
import signal

import numpy as np
import pytest
import xarray as xr

import montecarlo
import phase_diagrams
import theory
from hebbian import Dense, Hopfield, Multitasking, SparseDistributed
from phase_diagrams.cli import main
from theory.conventions import finite_size_factor

FAST = montecarlo.Schedule(warmup=5, sweeps=10, stride=2)
T = np.linspace(0.3, 1.1, 9)
SMALL = {"n_samples": 3, "n_replicas": 2, "schedule": FAST, "seed": 3}


def test_every_ramp_has_the_bits_that_it_has_alone():
    """In units of the infinite network, at Pi times its load and temperatures."""
    model, alpha, sizes = Dense(order=3), [0.05, 0.2], [40, 24]
    found = phase_diagrams.ramps(model, alpha=alpha, n_spins=sizes, T=T, **SMALL)
    for load in alpha:
        for n_spins in sizes:
            scale = float(finite_size_factor(n_spins, order=3))
            alone = montecarlo.ramp(
                model, T=scale * T, alpha=scale * load, n_spins=n_spins, **SMALL
            )
            one, line = found.sel(n_spins=n_spins, alpha=load), alone.line()
            np.testing.assert_array_equal(one["lost"], line.samples / scale)
            np.testing.assert_array_equal(one["m"], alone.m.mean)
            np.testing.assert_array_equal(one["m_err"], alone.m.error)
            np.testing.assert_allclose(one["T_M"] * scale, line.value)
            np.testing.assert_allclose(one["T_M_err"] * scale, line.error)
            assert one["fraction"] == line.fraction
            np.testing.assert_array_equal(one["T"], T)
            assert one["n_patterns"] == model.count(scale * load, n_spins)
    for name in ("spinodal_temperature", "transition_temperature"):
        np.testing.assert_array_equal(found[name], getattr(theory, name)(model, alpha))
    assert "T_M_limit" not in found
    assert json.loads(found.attrs["model"]) == model.describe()
    assert all(found[name].attrs["long_name"] for name in found.variables)


def test_heating_in_units_of_the_theory_loses_retrieval_at_its_spinodal():
    """Large networks do, and three sizes tell of the infinite one."""
    sizes = [200, 400, 800]
    found = phase_diagrams.ramps(
        Hopfield(), alpha=[0.03, 0.06], n_spins=sizes, n_samples=12, n_replicas=1, seed=1,
        schedule=montecarlo.Schedule(warmup=20, sweeps=20),
    )  # fmt: skip
    spinodal = theory.spinodal_temperature(Hopfield(), [0.03, 0.06])
    steps = found["T"] / found["spinodal_temperature"]
    np.testing.assert_allclose(steps.isel(step=[0, -1]), [[0.5, 1.3]] * 2)
    ratio = (found["T_M"] / found["spinodal_temperature"]).sel(n_spins=800)
    assert (abs(ratio - 1) < 800 ** (-2 / 3) + 0.06).all()
    assert (found["fraction"] == 1).all()
    for k, alpha in enumerate([0.03, 0.06]):
        one = found.sel(alpha=alpha)
        # Weighted least squares, written down anew.
        x, w = np.array(sizes) ** (-2 / 3), one["T_M_err"].values ** -2
        mean = (w * x).sum() / w.sum()
        slope = (w * (x - mean) * one["T_M"].values).sum() / (w * (x - mean) ** 2).sum()
        limit = (w * one["T_M"].values).sum() / w.sum() - slope * mean
        assert float(one["T_M_limit"]) == pytest.approx(limit)
        assert abs(limit / spinodal[k] - 1) < 0.1


def test_what_outlives_the_last_step_tells_no_limit():
    """The mean of those samples that lose retrieval earlier is too low."""
    asked = {"alpha": 0.03, "n_spins": [50, 100, 200], "schedule": FAST, "seed": 2}
    for hottest, told in ((0.82, False), (0.9, True)):
        found = phase_diagrams.ramps(Hopfield(), T=np.linspace(0.4, hottest, 9), **asked)
        assert (found["fraction"] == 1).all() == told
        assert found["T_M"].notnull().all()
        assert found["T_M_limit"].notnull().all() == told


def test_cooling_finds_a_pattern():
    found = phase_diagrams.ramps(
        Hopfield(), alpha=0.0, n_spins=100, T=[1.4, 1.0, 0.6, 0.2], start="random",
        finite_size=False, **SMALL,
    )  # fmt: skip
    assert found["lost"].dims == ("n_spins", "alpha", "sample")
    assert (found["fraction"] == 1).all()
    assert ((found["lost"] > 0.2) & (found["lost"] < 1.0)).all()


def test_without_a_load_or_a_line_there_is_none():
    model = Multitasking(n_patterns=2, dilution=0.3)
    found = phase_diagrams.ramps(model, n_spins=[30, 60], T=[0.01, 0.1], start="pattern", **SMALL)
    assert found["m_samples"].dims == ("n_spins", "step", "sample")
    assert not {"alpha", "spinodal_temperature", "n_patterns"} & set(found.variables)
    # Nothing is lost so soon.
    assert found["lost"].isnull().all()
    assert found["T_M"].isnull().all()
    assert (found["fraction"] == 0).all()
    with pytest.raises(ValueError, match="theory knows no spinodal temperature"):
        phase_diagrams.ramps(model, n_spins=30)
    with pytest.raises(ValueError, match=r"alpha = 0\.1: .*T has to be given"):
        phase_diagrams.ramps(SparseDistributed(radius=0.2), alpha=0.1, n_spins=50)


def _ramps(out):
    phase_diagrams.ramps(
        Hopfield(), alpha=[0.02, 0.05], n_spins=[100, 200], T=T, out=out,
        n_samples=3, schedule=montecarlo.Schedule(warmup=0, sweeps=20000, stride=10),
        checkpoint_every=0.001,
    )  # fmt: skip


@pytest.mark.heavy
def test_a_killed_call_goes_on_to_the_same_bits(tmp_path):
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=_ramps, args=(tmp_path / "killed.nc",))
    process.start()
    folder = tmp_path / "killed.nc.ckpt"
    while process.is_alive() and len(list(folder.glob("*.ckpt"))) < 2:
        process.join(0.05)
    process.kill()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    assert not (tmp_path / "killed.nc").exists()
    for name in ("killed.nc", "whole.nc"):
        _ramps(tmp_path / name)
    killed, whole = (
        xr.load_dataset(tmp_path / name, engine="h5netcdf") for name in ("killed.nc", "whole.nc")
    )
    assert killed.drop_attrs().identical(whole.drop_attrs())


def test_the_file_of_a_result_is_read_again_and_another_call_refused(tmp_path):
    asked = {"alpha": [0.02, 0.05], "n_spins": [30], "T": T[:4], "out": tmp_path / "ramps.nc"}
    first = phase_diagrams.ramps(Hopfield(), **asked, **SMALL)
    written = (tmp_path / "ramps.nc").read_bytes()
    assert phase_diagrams.ramps(Hopfield(), **asked, **SMALL).equals(first)
    with pytest.raises(ValueError, match="holds another result"):
        phase_diagrams.ramps(Hopfield(), **(asked | {"T": T[:5]}), **SMALL)
    assert (tmp_path / "ramps.nc").read_bytes() == written
    assert [path.name for path in tmp_path.iterdir()] == ["ramps.nc"]


@pytest.mark.heavy
def test_workers_have_the_same_bits():
    asked = {"alpha": [0.02, 0.05], "n_spins": [30, 40], "T": T[:4], **SMALL}
    here = phase_diagrams.ramps(Hopfield(), **asked)
    there = phase_diagrams.ramps(Hopfield(), **asked, executor="process:2")
    assert here.drop_attrs().identical(there.drop_attrs())


def test_the_command_prints_and_keeps_the_same_numbers(tmp_path, capsys):
    out = tmp_path / "ramps.nc"
    command = "ramp --model dense --order 3 --alpha 0.05,0.2 --n-spins 20,24,30 --T 0.5:1.1:4"
    flags = "--relative --n-samples 3 --warmup 5 --sweeps 10 --stride 2 --seed 3 --out"
    assert main([*command.split(), *flags.split(), str(out), "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    found = phase_diagrams.ramps(
        Dense(order=3), alpha=[0.05, 0.2], n_spins=[20, 24, 30], T=[0.5, 0.7, 0.9, 1.1],
        relative=True, out=out, **SMALL,
    )  # fmt: skip
    assert [(row["n_spins"], row["alpha"]) for row in printed["sizes"]] == [
        (n, alpha) for n in (20, 24, 30) for alpha in (0.05, 0.2)
    ]
    for row in printed["sizes"]:
        one = found.sel(n_spins=row["n_spins"], alpha=row["alpha"])
        for name in ("T_M", "T_M_err", "fraction", "spinodal_temperature"):
            assert row[name] == pytest.approx(float(one[name]), nan_ok=True) or np.isnan(one[name])
    assert [row["alpha"] for row in printed["limits"]] == [0.05, 0.2]
    assert main([*command.split(), *flags.split(), str(out)]) == 0
    head = capsys.readouterr().out.splitlines()[0].split()
    assert head == ["n_spins", "alpha", "T_M", "T_M_err", "fraction", "spinodal_temperature",
                    "n_patterns"]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("--alpha 0.1", "n_spins is missing"),
        ("--n-spins 20", "alpha"),
        ("--alpha 0.1 --n-spins 20 --T 0.3", "two steps or more"),
        ("--alpha 0.1 --n-spins 20 --order 3,4 --model dense", "order = [3, 4]: one value"),
    ],
)
def test_the_command_refuses_in_one_line(arguments, words, tmp_path, capsys):
    out = tmp_path / "ramps.nc"
    assert main(["ramp", "--model", "hopfield", "--out", str(out), *arguments.split()]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert words in lines[0]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"alpha": None}, "alpha"),
        ({"alpha": [0.1, 0.1]}, "not a list of distinct loads"),
        ({"alpha": -0.1}, r"alpha = -0\.1"),
        ({"alpha": 0.3, "T": "auto"}, r"alpha = 0\.3: theory knows no spinodal"),
        ({"n_spins": [30, 30]}, "not a list of distinct sizes"),
        ({"T": [0.1, 0.3, 0.2]}, "rise, or fall, throughout"),
        ({"T": 0.3}, "two steps or more"),
        ({"T": "cold"}, "T = 'cold' is not one of auto"),
        ({"overlap": 1.0}, r"overlap = 1\.0"),
        ({"dynamics": "warm"}, "dynamics = 'warm'"),
        ({"relative": 2}, "relative = 2"),
        ({"law": "cubic"}, "law = 'cubic'"),
        ({"start": 1.5}, r"start = 1\.5"),
        ({"executor": "cloud"}, "executor = 'cloud'"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_written(changes, words, tmp_path):
    asked = {"alpha": 0.05, "n_spins": 30, "T": [0.1, 0.3], "out": tmp_path / "ramps.nc"}
    with pytest.raises(ValueError, match=words):
        phase_diagrams.ramps(Hopfield(), **(asked | changes))
    assert list(tmp_path.iterdir()) == []


def test_finite_networks_escape_sooner_where_steps_are_longer():
    """The same networks twice; one that never loses retrieval has lasted beyond the last step."""
    short, long = (
        phase_diagrams.ramps(
            Hopfield(), alpha=0.05, n_spins=200, n_samples=32, n_replicas=1,
            schedule=montecarlo.Schedule(warmup=sweeps, sweeps=sweeps, stride=5),
        )
        for sweeps in (10, 200)
    )  # fmt: skip
    later = np.nan_to_num(short["lost"] - long["lost"], nan=0.0).ravel()
    assert later.mean() > 4 * later.std(ddof=1) / np.sqrt(later.size)
    assert (long["T_M"] < long["spinodal_temperature"]).all()
