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
from hebbian import Hopfield, Multitasking, Supervised
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
    ({"n_steps": 10**6, "n_samples": 10**6}, "TiB|GiB is outside.*or n_steps"),
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

ORDER = Observable(name="order", function=lambda state: state.spins[:, 0])
WRONG = Observable(name="wrong", function=lambda state: (state.spins < 0).mean(axis=1))
TWO = Observable(name="two", function=lambda state: state.spins[:, :2])
"""


def test_observables_are_followed(tmp_path, monkeypatch):
    (tmp_path / "own_followed.py").write_text(OWN)
    monkeypatch.syspath_prepend(tmp_path)
    import own_followed

    try:
        with pytest.raises(ValueError, match="'two' has 2 components"):
            sweep(observables=[own_followed.TWO])
        asked = ["largest_overlap", own_followed.WRONG]
        grid, out = {"alpha": 0.1, "T": [0.1, 0.4]}, tmp_path / "x.zarr"
        found = simulation(sweep(grid, start=0.5, observables=asked, out=out))
        run = montecarlo.simulate(
            Hopfield(), alpha=0.1, T=[0.1, 0.4], start=0.5, observables=asked,
            schedule=FROM_START, **OF_RUN,
        )  # fmt: skip
        for name in ("largest_overlap", "wrong"):
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
