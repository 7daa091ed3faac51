"""Studies of trajectories: chains followed from their start on, an axis of time in the tree."""

import csv
import json
import sys

import crashes
import numpy as np
import pytest
import xarray as xr

import hebbian
import montecarlo
import phase_diagrams
import theory
from hebbian import Dense, Exponential, Hopfield, Multitasking, Supervised
from montecarlo import Schedule
from phase_diagrams import cli
from phase_diagrams.grid import Grid
from phase_diagrams.settings import Settings
from phase_diagrams.stores import integrity
from phase_diagrams.stores.store import Store
from phase_diagrams.study import MOST_BYTES, Study

STEPS = 5
GRID = {"alpha": [0.05, 0.12], "T": [0.1, 0.4], "start": [0.3, 0.8]}
STUDY = {
    "n_spins": 40, "n_samples": 3, "seed": 5, "n_steps": STEPS, "dynamics": "parallel",
    "theory": False,
}  # fmt: skip
OF_RUN = {name: STUDY[name] for name in ("n_spins", "n_samples", "seed", "dynamics")}
FROM_START = Schedule(warmup=0, sweeps=STEPS, stride=1)


def sweep(grid=GRID, model=None, **changes):
    return phase_diagrams.sweep(model or Hopfield(), grid, **{**STUDY, **changes})


def simulation(tree):
    return tree["simulation"].to_dataset()


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    out = tmp_path_factory.mktemp("whole") / "study.zarr"
    sweep(out=out)
    return out


def test_every_point_is_a_run_from_its_start_on():
    """By hand: the series of `montecarlo.simulate`, and at t = 0 the spins of a run of no sweep."""
    model = Hopfield(rule=Supervised(quality=0.8, n_examples=5))
    found = simulation(sweep(model=model))
    assert found["t"].values.tolist() == list(range(STEPS + 1))
    for where in np.ndindex(2, 2, 2):
        alpha, T, start = (GRID[name][i] for name, i in zip(GRID, where, strict=True))
        point = found.isel(dict(zip(GRID, where, strict=True)))
        asked = {"alpha": alpha, "T": T, "start": start, **OF_RUN}
        begun = montecarlo.simulate(model, schedule=Schedule(warmup=0, sweeps=0), **asked)
        m, n, energy = np.empty((3, 3, 2))
        for s in range(3):
            data = hebbian.draw(model, n_spins=40, alpha=alpha, seed=5, sample=s)
            spins = begun.last[s].astype(float)
            m[s] = spins @ data.archetypes[0] / 40
            n[s] = spins @ data.sums[0] / 5 / 40 * 0.8 / model.rule.second_moment
            energy[s] = [data.memory.energy(replica) / 40 for replica in begun.last[s]]
        run = montecarlo.simulate(model, schedule=FROM_START, **asked)
        for name, first in (("m", m), ("n", n), ("energy", energy)):
            series = np.concatenate([first[..., None], run.series[name]], axis=-1).mean(axis=1)
            np.testing.assert_allclose(point[name], series.mean(axis=0), atol=1e-14)
            error = series.std(axis=0, ddof=1) / np.sqrt(3)
            np.testing.assert_allclose(point[f"{name}_err"], error, atol=1e-14)
            if name == "m":
                np.testing.assert_allclose(point["m_samples"], series, atol=1e-14)
        assert (point["escaped"], point["switched"]) == (run.escaped, run.switched)
    assert found["m_samples"].dims == (*GRID, "sample", "t")
    assert not {"q", "tau", "n_eff", "acceptance"} & set(found.data_vars)


@pytest.mark.parametrize("dynamics", ["glauber", "metropolis", "zero-temperature", "mean-field"])
def test_every_dynamics_is_followed(dynamics):
    found = simulation(sweep({"alpha": 0.05, "T": 0.2}, dynamics=dynamics, start=0.6))
    run = montecarlo.simulate(
        Hopfield(), alpha=0.05, T=0.2, start=0.6, schedule=FROM_START,
        **{**OF_RUN, "dynamics": dynamics},
    )  # fmt: skip
    np.testing.assert_allclose(found["m"][1:], run.series["m"].mean(axis=(0, 1)), atol=1e-14)
    np.testing.assert_allclose(found["m"][0], run.start_overlaps.mean(), atol=1e-14)


def test_patterns_of_several_models_stand_along_one_axis():
    grid = {"T": [0.1, 0.3], "n_patterns": [3, 2]}
    found = simulation(sweep(grid, Multitasking(n_patterns=2, dilution=0.3)))
    assert found["m"].dims == ("T", "n_patterns", "pattern", "t")
    assert found["energy"].dims == ("T", "n_patterns", "t")
    for K in (2, 3):
        model = Multitasking(n_patterns=K, dilution=0.3)
        run = montecarlo.simulate(model, T=0.3, schedule=FROM_START, **OF_RUN)
        point = found.sel(T=0.3, n_patterns=K)
        expected = run.series["m"].mean(axis=(0, 1)).T
        np.testing.assert_allclose(point["m"][:K, 1:], expected, atol=1e-14)
        np.testing.assert_allclose(point["m"][:K, 0], run.first["m"].mean(axis=(0, 1)), atol=1e-14)
        np.testing.assert_allclose(point["m_samples"][:, 1:], run.series["m"][..., 0].mean(axis=1))
        assert point["m"][K:].isnull().all()
    assert "m_sorted" not in simulation(sweep(grid, Multitasking(n_patterns=2), start="random"))


def test_one_sample_has_no_error():
    found = simulation(sweep(n_samples=1))
    assert found["m"].notnull().all()
    assert found["m_err"].isnull().all()


def test_interrupted_extended_and_parallel_studies_are_the_same_bytes(whole, tmp_path):
    out = tmp_path / "grown.zarr"
    sweep({**GRID, "start": [0.8]}, out=out)
    store = Store(out)
    with store.lock(), store.journal as journal:
        journal.write(1, 2, np.nan)  # a point that failed
    grown = sweep(out=out, resume=True)
    assert crashes.rows(out) == crashes.rows(whole)
    sweep(out=tmp_path / "process.zarr", executor="process:1")
    assert crashes.rows(tmp_path / "process.zarr") == crashes.rows(whole)
    found = simulation(phase_diagrams.open(whole))
    assert simulation(grown).drop_attrs().identical(found.drop_attrs())
    assert simulation(sweep()).drop_attrs().identical(found.drop_attrs())


def test_shards_become_the_whole(whole, tmp_path):
    paths = [tmp_path / f"{i}.zarr" for i in (1, 2, 3)]
    for i, path in enumerate(paths, start=1):
        sweep(out=path, shard=(i, 3))
    phase_diagrams.merge(paths, tmp_path / "all.zarr")
    assert crashes.rows(tmp_path / "all.zarr") == crashes.rows(whole)
    assert integrity.check(tmp_path / "all.zarr") == []
    phase_diagrams.rerun(whole, tmp_path / "again.zarr")
    assert crashes.rows(tmp_path / "again.zarr") == crashes.rows(whole)


def test_of_fewer_patterns_shards_become_the_whole(tmp_path):
    """Rows of a store that knows fewer patterns are widened pattern by pattern."""
    model, paths = Multitasking(n_patterns=2), [tmp_path / f"{K}.zarr" for K in (2, 3)]
    for K, path in zip((2, 3), paths, strict=True):
        sweep({"T": [0.1, 0.3], "n_patterns": [K]}, model, out=path)
    phase_diagrams.merge(paths, tmp_path / "all.zarr")
    sweep({"T": [0.1, 0.3], "n_patterns": [2, 3]}, model, out=tmp_path / "whole.zarr")
    assert crashes.rows(tmp_path / "all.zarr") == crashes.rows(tmp_path / "whole.zarr")


def test_a_long_point_goes_on_inside(tmp_path, monkeypatch):
    """Its progress knows the first configurations."""
    from phase_diagrams.sweeps.checkpoints import Checkpoints

    settings = Settings(n_steps=4000, n_samples=1, dynamics="parallel", theory=False).checked()
    cell = next(Grid(Hopfield(), {"alpha": 0.1, "T": 0.5, "n_spins": 60}).cells())
    kept = Checkpoints(str(tmp_path), 1e-9)
    (tmp_path / kept.path(cell).name).parent.mkdir(exist_ok=True)
    advance, stopped = montecarlo.engine.chains.ChainBatch.advance, []

    def interrupted(self):
        if len(stopped) == 2:
            raise KeyboardInterrupt
        stopped.append(1)
        return advance(self)

    monkeypatch.setattr(montecarlo.engine.chains.ChainBatch, "advance", interrupted)
    with pytest.raises(KeyboardInterrupt):
        kept.simulate_row([cell], settings, n_threads=1)
    monkeypatch.undo()
    assert kept.path(cell).exists()
    (again,) = kept.simulate_row([cell], settings, n_threads=1)
    whole = montecarlo.simulate(
        Hopfield(), alpha=0.1, T=0.5, n_spins=60, n_samples=1, dynamics="parallel",
        schedule=Schedule(warmup=0, sweeps=4000, stride=1),
    )  # fmt: skip
    for name in ("m", "n", "energy"):
        np.testing.assert_array_equal(again.first[name], whole.first[name])
        np.testing.assert_array_equal(again.series[name], whole.series[name])


def study(**settings):
    grid = Grid(Hopfield(), {"alpha": 0.1, "T": 0.2, "n_spins": 50})
    return Study.asked(grid, Settings(theory=False, **settings))


def test_studies_of_means_are_known_by_what_they_were_known_by():
    assert json.loads(json.dumps(study().identity())) == {
        "version": hebbian.__version__, "model.model": "hopfield", "model.rule": "storing",
        "n_samples": 8, "n_replicas": 2, "warmup": 200, "sweeps": 1000, "stride": 5,
        "dynamics": "glauber", "site_order": "sequential", "cooling": None, "start": "pattern",
        "seed": 0, "observables": [],
    }  # fmt: skip
    assert "n_steps" not in study().describe()
    assert Study.build(study().describe()) is not None


def test_the_number_of_steps_belongs_to_the_identity(whole):
    three, same, four = (study(n_steps=n) for n in (3, 3, 4))
    means = study(warmup=0, sweeps=3, stride=1)
    assert three.fingerprint() == same.fingerprint()
    assert len({three.fingerprint(), four.fingerprint(), means.fingerprint()}) == 3
    assert Study.build(json.dumps(three.describe())).fingerprint() == three.fingerprint()
    assert "n_steps is None there, 3 here" in three.difference(means.describe())
    with pytest.raises(ValueError, match=r"another study \(n_steps is 5 there, 6 here; sweeps is"):
        sweep(out=whole, n_steps=6)
    assert three.row_bytes - study(n_steps=2).row_bytes == 8 * (6 + 8)
    assert three.row_bytes < MOST_BYTES


REFUSED = [
    ({"n_steps": 0}, r"n_steps = 0 is outside the allowed range \[1, "),
    ({"n_steps": 2.5}, "n_steps = 2.5"),
    ({"n_steps": "x"}, "n_steps = 'x'"),
    ({"n_steps": True}, "n_steps = True"),
    ({"n_steps": 10**5, "n_samples": 10**6}, "TiB|GiB is outside.*or n_steps"),
    ({"schedule": FROM_START}, "schedule and n_steps = 5 are both given"),
    ({"observables": ["binder"]}, "'binder' is an estimate over time: with n_steps, only"),
    ({"observables": ["m_sorted"]}, "'m_sorted' is an estimate over time"),
]


@pytest.mark.parametrize(("changes", "words"), REFUSED)
def test_bad_numbers_are_refused_in_one_line(changes, words, tmp_path):
    with pytest.raises(ValueError, match=words) as refusal:
        sweep(out=tmp_path / "x.zarr", **changes)
    assert "\n" not in str(refusal.value)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "given", [{"warmup": 5}, {"sweeps": 7}, {"stride": 2}, {"cooling": "2:linear"}]
)
def test_settings_have_one_schedule(given):
    ((name, value),) = given.items()
    with pytest.raises(ValueError, match=f"{name} = {value!r} has no effect with n_steps = 3"):
        Settings(n_steps=3, **given).checked()
    found = Settings(n_steps=3).checked()
    assert (found.warmup, found.sweeps, found.stride, found.cooling) == (0, 3, 1, None)


OWN = """
from montecarlo import Observable

HEAT = Observable(name="heat", function=lambda state: state.energy / state.T)
TWO = Observable(name="two", function=lambda state: state.spins[:, :2])
"""


def test_observables_are_followed(tmp_path, monkeypatch):
    (tmp_path / "own_followed.py").write_text(OWN)
    monkeypatch.syspath_prepend(tmp_path)
    import own_followed

    try:
        with pytest.raises(ValueError, match="'two' has 2 components"):
            sweep(observables=[own_followed.TWO])
        T = [0.1, 0.2, 0.3, 0.4]  # some of them are computed together
        asked = ["largest_overlap", own_followed.HEAT]
        grid, out = {"alpha": 0.1, "T": T}, tmp_path / "x.zarr"
        found = simulation(sweep(grid, start=0.5, observables=asked, out=out))
        run = montecarlo.simulate(
            Hopfield(), alpha=0.1, T=T, start=0.5, observables=asked,
            schedule=FROM_START, **OF_RUN,
        )  # fmt: skip
        for name in ("largest_overlap", "heat"):
            assert found[name].dims == ("T", "t")
            expected = run.series[name].mean(axis=(1, 2))
            np.testing.assert_allclose(found[name][:, 1:], expected, atol=1e-14)
            expected = run.first[name].mean(axis=(1, 2))
            np.testing.assert_allclose(found[name][:, 0], expected, atol=1e-14)
        assert integrity.check(out) == []
    finally:
        del sys.modules["own_followed"]


def test_stores_describe_themselves_and_are_mended(whole, tmp_path):
    sweep(out=tmp_path / "x.zarr")
    found = simulation(phase_diagrams.open(tmp_path / "x.zarr"))
    assert found["t"].attrs["long_name"] == "time"
    for variable in found.variables.values():
        assert {"long_name", "symbol", "units"} <= set(variable.attrs)
    folders = [path.name for path in (tmp_path / "x.zarr/simulation").iterdir()]
    assert len({name.lower() for name in folders}) == len(folders)
    with xr.open_datatree(tmp_path / "x.zarr", engine="zarr", consolidated=False) as plain:
        np.testing.assert_array_equal(plain["simulation/m"], found["m"])
    (chunk,) = (path for path in (tmp_path / "x.zarr/simulation/m/c").rglob("*") if path.is_file())
    chunk.write_bytes(bytes(len(chunk.read_bytes())))
    assert len(integrity.check(tmp_path / "x.zarr")) == 1
    sweep(out=tmp_path / "x.zarr", resume=True)
    assert integrity.check(tmp_path / "x.zarr") == []
    assert crashes.rows(tmp_path / "x.zarr") == crashes.rows(whole)


def test_exports_have_the_axis(whole, tmp_path):
    tree = phase_diagrams.open(whole)
    phase_diagrams.export(tree, tmp_path / "x.nc")
    again = phase_diagrams.open(tmp_path / "x.nc")
    xr.testing.assert_identical(simulation(again), simulation(tree))
    phase_diagrams.export(tree, tmp_path / "x.csv")
    with (tmp_path / "x.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 8 * (STEPS + 1)
    where = dict(zip(GRID, (float(rows[4][name]) for name in GRID), strict=True))
    expected = tree["simulation/m"].sel(where).sel(t=int(rows[4]["t"]))
    assert float(rows[4]["m"]) == float(expected)


SMALL = ["--model", "hopfield", "--n-spins", "40", "--n-samples", "2", "--seed", "5"]


def command(words, capsys):
    code = cli.main(words)
    printed = capsys.readouterr()
    assert "Traceback" not in printed.err
    return code, printed


def test_the_command_line_follows_chains(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "study.toml").write_text(
        'model = {model = "hopfield"}\ngrid = {alpha = [0.05, 0.12], T = [0.1, 0.4], n_spins = 40, '
        'start = [0.3, 0.8]}\nsettings = {n_samples = 3, seed = 5, dynamics = "parallel", '
        "n_steps = 5, theory = false}\n"
    )
    asked = ["sweep", "study.toml", "--out", "a.zarr"]
    assert command([*asked, "--dry-run"], capsys)[0] == 0
    assert command(asked, capsys)[0] == 0
    sweep(out="b.zarr")
    assert crashes.rows(tmp_path / "a.zarr") == crashes.rows(tmp_path / "b.zarr")
    assert command(["status", "a.zarr"], capsys)[0] == 0
    assert command([*asked, "--resume"], capsys)[0] == 0
    for words, line in (
        ([*asked, "--n-steps", "6"], "another study"),
        ([*asked, "--warmup", "3"], "warmup = 3 has no effect with n_steps"),
        ([*asked, "--set", "settings.stride=1"], "stride = 1 has no effect with n_steps"),
        ([*asked, "--n-steps", "0"], "n_steps = 0 is outside"),
        (["compare", "a.zarr"], "the study has no theory"),
        (["refine", "a.zarr", "--budget", "2"], "keeps trajectories: there is no transition"),
    ):
        code, printed = command(words, capsys)
        assert code == 2
        assert printed.err.count("\n") == 1
        assert line in printed.err


ELSEWHERE = [
    ({"dynamics": "metropolis"}, "dynamics = 'metropolis' has no theory along n_steps: choose"),
    ({"dynamics": "plefka"}, "dynamics = 'plefka' has no theory along n_steps"),
    ({"dynamics": "glauber"}, "site_order = 'sequential': the theory along n_steps is of sites in"),
    ({"dynamics": "zero-temperature", "site_order": "random"}, "at T = 0 alone"),
    ({"dynamics": "x"}, "dynamics = 'x' is not one of"),
]


@pytest.mark.parametrize(("changes", "words"), ELSEWHERE)
def test_what_has_no_theory_goes_without_it(changes, words, tmp_path):
    with pytest.raises(ValueError, match=words) as refusal:
        sweep(out=tmp_path / "x.zarr", theory=True, **changes)
    assert "theory=False" in str(refusal.value) or "not one of" in words
    assert "\n" not in str(refusal.value)
    assert not list(tmp_path.iterdir())


def test_free_spins_are_many_without_a_load():
    with pytest.raises(ValueError, match=r"leaves spins without a field alone.*theory=False"):
        sweep(
            {"T": 0.0}, Multitasking(), theory=True, dynamics="zero-temperature",
            site_order="random",
        )  # fmt: skip


THEORY = {**STUDY, "theory": True, "n_steps": 3, "n_samples": 4}


@pytest.fixture(scope="module")
def both():
    """Loads of which 40 spins have others, 2 and 5 patterns."""
    return phase_diagrams.sweep(Hopfield(), {**GRID, "alpha": [0.05, 0.12]}, **THEORY)


def test_the_theory_stands_on_the_same_coordinates(both):
    found = both["theory"].to_dataset()
    assert set(found.data_vars) == {"m", "m_err", "n", "n_err"}
    for name in found.data_vars:
        assert found[name].dims == both["simulation/m"].dims == (*GRID, "t")
    assert "n_spins" not in found.coords
    for alpha, T, start in ((0.05, 0.4, 0.8), (0.12, 0.1, 0.3)):
        alone = theory.trajectory(Hopfield(), alpha=alpha, T=T, start=start, n_steps=3, seed=5)
        for name in found.data_vars:
            here = found[name].sel(alpha=alpha, T=T, start=start)
            np.testing.assert_array_equal(here, getattr(alone, name))
    assert found["m_err"].attrs["long_name"] == "sampling error of the Mattis magnetization"
    assert found["t"].attrs == both["simulation/t"].attrs


def test_scattered_points_have_the_theory_of_a_grid(both):
    points = {"alpha": [0.12, 0.05, 0.12], "T": [0.1, 0.4, 0.4], "start": [0.3, 0.8, 0.3]}
    tree = phase_diagrams.sweep(Hopfield(), {"points": points}, **THEORY)
    for i, where in enumerate(zip(*points.values(), strict=True)):
        at = dict(zip(points, where, strict=True))
        for group, name in (("theory", "m"), ("theory", "n_err"), ("simulation", "m")):
            here = tree[f"{group}/{name}"].isel(point=i)
            np.testing.assert_array_equal(here, both[f"{group}/{name}"].sel(at))
    found, whole = (phase_diagrams.compare(one)["m_residual"] for one in (tree, both))
    for i, where in enumerate(zip(*points.values(), strict=True)):
        at = dict(zip(points, where, strict=True))
        np.testing.assert_array_equal(found.isel(point=i), whole.sel(at))


def test_laws_and_continuous_time_are_those_of_the_settings():
    model = Hopfield(rule=Supervised(quality=0.4, n_examples=3))
    grid, asked = {"alpha": 0.1, "T": 0.2}, {**THEORY, "simulate": False}
    for law in ("binomial", "gaussian"):
        for dynamics in ("parallel", "glauber"):
            tree = phase_diagrams.sweep(model, grid, **{**asked, "dynamics": dynamics}, law=law)
            alone = theory.trajectory(
                model, alpha=0.1, T=0.2, n_steps=3, seed=5, law=law, dynamics=dynamics
            )
            np.testing.assert_array_equal(tree["theory/n"], alone.n)
    frozen = phase_diagrams.sweep(
        model, {"alpha": 0.1, "T": 0.0},
        **{**THEORY, "dynamics": "zero-temperature"}, site_order="random",
    )  # fmt: skip
    alone = theory.trajectory(model, alpha=0.1, T=0, n_steps=3, seed=5, dynamics="glauber")
    np.testing.assert_array_equal(frozen["theory/m"], alone.m)


def test_a_diagonal_is_in_both():
    """It keeps chains where they are, and the theory knows by how much."""
    model, asked = Dense(order=2, indices="all"), {**THEORY, "n_spins": 2000, "n_steps": 2}
    found = {
        dynamics: phase_diagrams.sweep(
            model, {"alpha": 0.4, "T": 0.1}, **{**asked, "dynamics": dynamics}, start=0.7
        )
        for dynamics in ("parallel", "parallel-diagonal")
    }
    m = {name: tree["simulation/m"][-1] for name, tree in found.items()}
    assert abs(m["parallel"] - m["parallel-diagonal"]) > 0.1
    for tree in found.values():
        assert abs(tree["theory/m"] - tree["simulation/m"]).max() < 0.03
    with pytest.raises(ValueError, match="parallel-diagonal"):
        sweep(model=Hopfield(), theory=True, dynamics="parallel-diagonal")


def test_several_patterns_start_as_chains_do():
    """The theory is exact, chains of 2000 spins close to it, at every start there is."""
    grid = {"T": 0.1, "n_patterns": [3, 2], "start": [0.4, 0.9]}
    large = {**THEORY, "n_spins": 2000, "n_steps": 2}
    tree = phase_diagrams.sweep(Multitasking(n_patterns=2, dilution=0.3), grid, **large)
    assert tree["theory/m"].dims == ("n_patterns", "start", "pattern", "t")
    assert tree["theory/m"].sel(n_patterns=2, pattern=2).isnull().all()
    assert (tree["theory/m_err"].fillna(0.0) == 0).all()
    assert float(abs(tree["theory/m"] - tree["simulation/m"]).max()) < 0.05
    for start in ("hierarchical", "parallel", "pattern"):
        model = Multitasking(n_patterns=3, dilution=0.3)
        tree = phase_diagrams.sweep(model, {"T": 0.1}, **large, start=start)
        assert float(abs(tree["theory/m"] - tree["simulation/m"]).max()) < 0.05


def test_models_without_such_a_theory_say_so(tmp_path):
    with pytest.raises(ValueError, match="no theory of retrieval dynamics"):
        phase_diagrams.sweep(Exponential(), {"alpha": 0.1, "T": 0.1}, **THEORY, out=tmp_path / "x")
    assert not list(tmp_path.iterdir())


def test_comparisons_run_along_time(both):
    """By hand; the theory at the load of the whole number of patterns, 2 and 5 of 40 spins."""
    found = phase_diagrams.compare(both)
    at = {"T": 0.4, "start": 0.8}
    for alpha, K in ((0.05, 2), (0.12, 5)):
        simulated = both["simulation"].to_dataset().sel(alpha=alpha, **at)
        assert int(simulated["n_patterns"]) == K
        alone = theory.trajectory(
            Hopfield(), alpha=K / 40, T=0.4, start=0.8, n_steps=3, seed=5
        )  # fmt: skip
        residual = simulated["m"] - alone.m
        np.testing.assert_allclose(found["m_residual"].sel(alpha=alpha, **at), residual)
        z = residual[1:] / np.hypot(simulated["m_err"][1:], alone.m_err[1:])
        np.testing.assert_allclose(found["m_z"].sel(alpha=alpha, **at)[1:], z)
    assert found["m_z"].sel(t=0).isnull().all()  # starts have no error
    assert found["disagrees"].dims == (*GRID, "t")
    assert "along trajectories" in found.attrs["summary"]
    (row, _) = json.loads(found.attrs["classes"])
    assert (row["kind"], row["quantity"]) == ("trajectory", "m")
    part = phase_diagrams.compare(both.sel(t=[1, 3]))
    xr.testing.assert_equal(part["m_z"], found["m_z"].sel(t=[1, 3]))
    one = phase_diagrams.compare(both.sel(t=2))
    np.testing.assert_array_equal(one["m_z"], found["m_z"].sel(t=2))


def test_couplings_of_finite_networks_are_those_of_other_loads_and_temperatures():
    model, grid = Dense(order=3), {"alpha": 0.1, "T": 0.2, "start": 0.8}
    tree = phase_diagrams.sweep(model, grid, **{**THEORY, "n_spins": 24})
    found = phase_diagrams.compare(tree, finite_size=True)
    weak = (1 - 1 / 24) * (1 - 2 / 24)
    load = float(tree["simulation/alpha_effective"])
    alone = theory.trajectory(
        model, alpha=load / weak, T=0.2 / weak, start=0.8, n_steps=3, seed=5
    )  # fmt: skip
    np.testing.assert_allclose(found["m_residual"], tree["simulation/m"] - alone.m, atol=1e-12)


def test_wrong_curves_are_found():
    """Chains of another dynamics beside the theory of this one."""
    tree = phase_diagrams.sweep(
        Hopfield(), {"alpha": 0.1, "T": 0.0, "start": 0.4}, **{**THEORY, "n_spins": 1000}
    )
    other = phase_diagrams.sweep(
        Hopfield(), {"alpha": 0.1, "T": 0.0, "start": 0.4},
        **{**THEORY, "n_spins": 1000, "theory": False, "dynamics": "glauber"},
    )  # fmt: skip
    assert not phase_diagrams.compare(tree)["disagrees"].any()
    mixed = xr.DataTree.from_dict(
        {"simulation": other["simulation"].to_dataset(), "theory": tree["theory"].to_dataset()}
    )
    assert phase_diagrams.compare(mixed)["disagrees"].any()


def test_one_time_is_a_study_like_any_other(both, tmp_path):
    for ask in (
        lambda: phase_diagrams.boundary(both),
        lambda: phase_diagrams.extrapolate(both),
    ):
        with pytest.raises(ValueError, match=r"is of one time, and .* tree.sel\(t=\.\.\.\)"):
            ask()
    grid = {"alpha": 0.05, "T": 0.1, "start": [0.02, 0.4, 0.9], "n_spins": [100, 200]}
    tree = phase_diagrams.sweep(Hopfield(), grid, n_steps=8, dynamics="parallel", theory=False)
    late = tree.sel(t=8)
    found = phase_diagrams.boundary(late, "start")
    assert (found["low"] == 0.02).all()
    assert (found["high"] == 0.4).all()
    assert phase_diagrams.boundary(late, "start", criterion="success").sizes["column"] == 2
    assert phase_diagrams.extrapolate(late, along="start")["m"].sizes["column"] == 3


def test_commands_know_the_axis(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    asked = [*SMALL, "--alpha", "0.1", "--T", "0.1", "--start", "0.2,0.9", "--n-steps", "2"]
    code, _ = command(["sweep", *asked, "--dynamics", "parallel", "--out", "x.zarr"], capsys)
    assert code == 0
    code, printed = command(["compare", "x.zarr"], capsys)
    assert code == 0
    assert "along trajectories" in printed.out
    assert "comparison/points" in phase_diagrams.open("x.zarr").groups[-1]
    assert integrity.check("x.zarr") == []
    code, printed = command(["compare", "x.zarr", "--json"], capsys)
    assert len(json.loads(printed.out)["points"]) == 2 * 3
    for words in (["--along", "start"], ["--extrapolate"]):
        code, printed = command(["compare", "x.zarr", *words], capsys)
        assert (code, printed.err.count("\n")) == (2, 1)
    for name in ("x.nc", "x.csv"):
        assert command(["export", "x.zarr", name], capsys)[0] == 0
    assert command(["rerun", "x.zarr", "--out", "y.zarr"], capsys)[0] == 0
    assert crashes.rows(tmp_path / "x.zarr") == crashes.rows(tmp_path / "y.zarr")
    code, _ = command(["merge", "x.zarr", "y.zarr", "--out", "z.zarr"], capsys)
    assert code == 0
    first, second = (
        phase_diagrams.open(name)["theory"].to_dataset() for name in ("x.zarr", "z.zarr")
    )
    assert first.drop_attrs().identical(second.drop_attrs())
